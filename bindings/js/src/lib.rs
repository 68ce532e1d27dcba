//! The engine for JavaScript: JSON text in, canonical JSON text out, errors as `Error` objects with
//! `code`, `path` and `help`.

use js_sys::{Error as JsError, Reflect};
use tierwise_wire::{Error, LoadedCatalog};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

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
        Catalog(LoadedCatalog::messaging().clone())
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

fn thrown(error: &Error) -> JsValue {
    let thrown = JsError::new(error.message());
    thrown.set_name("TierwiseError");
    for (key, value) in
        [("code", error.code().as_str()), ("path", error.path()), ("help", error.help())]
    {
        // An error object takes any property: this does not fail.
        let _ = Reflect::set(&thrown, &key.into(), &value.into());
    }
    thrown.into()
}
