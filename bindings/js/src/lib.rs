//! The engine for JavaScript: JSON text in, canonical JSON text out, errors as `Error` objects with
//! `code`, `path` and `help`.
//!
//! Made to be small: on wasm there is no `std`, and a panic, which the engine does not have, would
//! end the instance without a message.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::{borrow::ToOwned, string::String};

use tierwise_wire::{Error, LoadedCatalog};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

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

#[wasm_bindgen]
extern "C" {
    /// JavaScript's own `Error`, with the fields of an engine's error.
    #[wasm_bindgen(js_name = Error)]
    type TierwiseError;
    #[wasm_bindgen(constructor, js_class = "Error")]
    fn new(message: &str) -> TierwiseError;
    #[wasm_bindgen(method, setter, js_class = "Error")]
    fn set_name(this: &TierwiseError, name: &str);
    #[wasm_bindgen(method, setter, js_class = "Error")]
    fn set_code(this: &TierwiseError, code: &str);
    #[wasm_bindgen(method, setter, js_class = "Error")]
    fn set_path(this: &TierwiseError, path: &str);
    #[wasm_bindgen(method, setter, js_class = "Error")]
    fn set_help(this: &TierwiseError, help: &str);
}

fn thrown(error: &Error) -> JsValue {
    let thrown = TierwiseError::new(error.message());
    thrown.set_name("TierwiseError");
    thrown.set_code(error.code().as_str());
    thrown.set_path(error.path());
    thrown.set_help(error.help());
    thrown.into()
}

/// A catalog, ready to be asked.
#[wasm_bindgen]
pub struct Catalog(LoadedCatalog);

#[wasm_bindgen]
impl Catalog {
    /// Loads a catalog from JSON text. Throws an error with `code`, `path`, `message`, `help`.
    pub fn load(text: &str) -> Result<Catalog, JsValue> {
        LoadedCatalog::load(text.as_bytes()).map(Catalog).map_err(|error| thrown(&error))
    }

    /// The built-in catalog of the messaging service.
    pub fn messaging() -> Catalog {
        Catalog(LoadedCatalog::messaging())
    }

    /// Answers an operation: JSON text in, canonical JSON text out. Throws as `load` does.
    pub fn ask(&self, operation: &str, request: &str) -> Result<String, JsValue> {
        self.0.ask(operation, request).map_err(|error| thrown(&error))
    }

    /// SHA-256 of the canonical JSON of the catalog, in hex (F4).
    #[wasm_bindgen(getter)]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_owned()
    }
}
