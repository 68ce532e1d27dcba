//! What a policy component is made of: the world of `wit/policy.wit`, the engine's answer to each
//! of its questions, and a place for [`Pacing`] of one's own.
//!
//! A policy is a crate for wasm of a few lines; `examples/` has four that are ready. The limit of
//! the catalog comes first: pacing is asked only about what may go.
//!
//! ```
//! use tierwise_guest::{Catalog, ClaimAnswer, ClaimQuestion, Pacing};
//!
//! /// A second between two messages of an account.
//! struct Unhurried;
//!
//! impl Pacing for Unhurried {
//!     fn pace(_: &ClaimQuestion, _: &Catalog) -> ClaimAnswer {
//!         ClaimAnswer::send(1000, 0)
//!     }
//! }
//!
//! tierwise_guest::policy!(Unhurried);
//! # fn main() {}
//! ```
//!
//! Typed questions go straight to the core, JSON to the table of operations. Made to be small: on
//! wasm there is no `std`, and a panic, which the engine does not have, would end the instance.
#![no_std]

extern crate alloc;

mod bills;
mod engine;
mod pacing;
mod policy;
mod read;

use bindings::exports::tierwise::policy::engine as wit;

pub use engine::Engine;
pub use pacing::{NoPacing, Pacing, period_start};
pub use tierwise::Catalog;
pub use wit::{ClaimAnswer, ClaimGaps, ClaimHold, ClaimQuestion};

#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub use talc;

#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, unsafe_code, reason = "written by wit-bindgen")]
pub mod bindings {
    //! What `wit/policy.wit` says, in Rust; its documentation stands there.
    wit_bindgen::generate!({
        path: "wit",
        world: "policy",
        pub_export_macro: true,
        default_bindings_module: "tierwise_guest::bindings",
    });
}

/// Makes the crate a component: exports the [`Engine`] with a pacing, and brings what `std` would,
/// memory and what to do at a panic. On anything but wasm it does nothing.
///
/// The crate is a `cdylib`, and begins with `#![cfg_attr(target_arch = "wasm32", no_std)]`.
#[macro_export]
macro_rules! policy {
    ($pacing:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Component = $crate::Engine<$pacing>;
    $crate::bindings::export!(Component with_types_in $crate::bindings);

            #[global_allocator]
            static MEMORY: $crate::talc::wasm::WasmDynamicTalc =
                $crate::talc::wasm::new_wasm_dynamic_allocator();

            #[panic_handler]
            fn stop(_: &::core::panic::PanicInfo<'_>) -> ! {
                ::core::arch::wasm32::unreachable()
            }
        };

        // Elsewhere it is only checked.
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn(&$crate::ClaimQuestion, &$crate::Catalog) -> $crate::ClaimAnswer =
            <$pacing as $crate::Pacing>::pace;
    };
}
