//! Catalogs as documents: loaded, fingerprinted, asked.

mod document;
mod form;
mod price;

use alloc::{format, string::String};

use sha2::{Digest, Sha256};
use tierwise::{Catalog, Result};

use crate::{document::Document, write::written};
pub(crate) use form::Canonical;

/// The catalog of the messaging service, built in.
const MESSAGING: &str = include_str!("../../../../catalogs/messaging.json");

/// What a catalog file looks like.
#[cfg(feature = "notes")]
pub const CATALOG: crate::shape::Shape =
    <document::CatalogDocument as crate::shape::Described>::SHAPE;

/// A catalog made from a document, ready to be asked: what every host's handle holds.
#[derive(Clone, Debug)]
pub struct LoadedCatalog {
    catalog: Catalog,
    canonical: String,
    fingerprint: String,
}

impl LoadedCatalog {
    /// Loads JSON text. Errors: those of reading a [`Document`] and of `docs/catalog.md`.
    ///
    /// ```
    /// use tierwise_wire::{Code, LoadedCatalog};
    /// let error = LoadedCatalog::load(br#"{"tierwise":1,"currancy":"USD"}"#).unwrap_err();
    /// assert_eq!((error.code(), error.path()), (Code::UnknownKey, "/currancy"));
    /// assert_eq!(error.help(), "did you mean `currency`?");
    /// ```
    pub fn load(json: &[u8]) -> Result<Self> {
        Self::load_document(&Document::from_json(json)?)
    }

    /// Loads a document of whatever host or format. Errors: those of `docs/catalog.md`.
    pub fn load_document(document: &Document) -> Result<Self> {
        Ok(Self::of(Catalog::compile(document::read(document)?)?))
    }

    /// Loads the catalog of the messaging service, which is built in.
    pub fn messaging() -> Self {
        // INVARIANT: a test loads the file, and holds the example of the core to it.
        Self::load(MESSAGING.as_bytes()).unwrap_or_else(|error| unloadable(&error))
    }

    fn of(catalog: Catalog) -> Self {
        let canonical = written(&Canonical(&catalog));
        let digest = Sha256::digest(canonical.as_bytes());
        let mut fingerprint = String::new();
        for byte in digest {
            fingerprint.push_str(&format!("{byte:02x}"));
        }
        LoadedCatalog { catalog, canonical, fingerprint }
    }

    /// The catalog itself.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// SHA-256 of the canonical JSON, in lower-case hex (F4).
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The catalog file in its canonical form: defaults written out, one form of bands and money.
    pub fn canonical_json(&self) -> &str {
        &self.canonical
    }
}

#[expect(clippy::panic, reason = "the built-in catalog is part of the program, and tested")]
fn unloadable(error: &tierwise::Error) -> LoadedCatalog {
    panic!("the built-in catalog does not load: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_core_is_the_built_in_catalog() {
        let example = Catalog::compile(tierwise::example::messaging()).unwrap();
        assert_eq!(LoadedCatalog::of(example).canonical, LoadedCatalog::messaging().canonical);
    }

    #[test]
    fn f4_the_canonical_form_loads_to_the_same_fingerprint() {
        let first = LoadedCatalog::messaging();
        let second = LoadedCatalog::load(first.canonical_json().as_bytes()).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
    }
}
