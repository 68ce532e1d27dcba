//! The engine for JavaScript: what crosses between the two are numbers and places in memory, so
//! that a call costs next to nothing. The TypeScript beside this file makes an API of it.
//!
//! Made to be small: on wasm there is no `std`, and a panic, which the engine does not have, would
//! end the instance without a message.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod bridge;
mod column;
mod lines;
mod price;

pub use bridge::Bridge;
pub use price::PriceHandle;

use tierwise_wire::LoadedCatalog;
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_arch = "wasm32")]
mod runtime {
    //! What `std` would bring: memory, and what to do at a panic.

    #[global_allocator]
    static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

    #[panic_handler]
    fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}

/// A catalog, ready to be asked.
#[wasm_bindgen]
pub struct CatalogHandle(LoadedCatalog);

#[wasm_bindgen]
impl CatalogHandle {
    /// The built-in catalog of the messaging service.
    pub fn messaging() -> CatalogHandle {
        CatalogHandle(LoadedCatalog::messaging())
    }
}
