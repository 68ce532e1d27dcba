//! The engine called directly, as the host of cases.

use std::collections::HashMap;

use tierwise_wire::{Error, LoadedCatalog};

use crate::{Answer, Case, CatalogChoice, Host};

/// How many catalogs are kept loaded.
const MAX_KEPT: usize = 256;

/// The engine in this process. Keeps catalogs loaded from case to case.
pub struct Native {
    messaging: LoadedCatalog,
    loaded: HashMap<String, Result<LoadedCatalog, Error>>,
}

impl Default for Native {
    fn default() -> Self {
        Native { messaging: LoadedCatalog::messaging(), loaded: HashMap::new() }
    }
}

impl Host for Native {
    fn answer(&mut self, case: &Case) -> Answer {
        let catalog = match &case.catalog {
            CatalogChoice::Messaging => Ok(&self.messaging),
            CatalogChoice::Written(text) => self.load(text).as_ref(),
        };
        let answer = match catalog {
            Ok(catalog) => catalog.ask_document(&case.operation, &case.request),
            Err(error) => Err(error.clone()),
        };
        answer.map_err(|error| (error.code().as_str().to_owned(), error.path().to_owned()))
    }
}

impl Native {
    fn load(&mut self, text: &str) -> &Result<LoadedCatalog, Error> {
        if self.loaded.len() >= MAX_KEPT && !self.loaded.contains_key(text) {
            self.loaded.clear();
        }
        self.loaded.entry(text.to_owned()).or_insert_with(|| LoadedCatalog::load(text.as_bytes()))
    }
}
