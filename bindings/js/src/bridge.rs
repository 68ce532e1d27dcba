//! The bridge: where JavaScript lays what it asks, and takes what is answered.
//!
//! A call that can fail gives a number that says so, and keeps the error here: an error has four
//! texts, and no call should pay for what it does not have.

use alloc::{string::String, vec::Vec};
use core::ptr;

use tierwise::Tier;
use tierwise_wire::{Code, Document, Error, MarkedOperation, Marks, Result};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{CatalogHandle, column::Columns};

/// What a call gives that has no answer: the error is kept.
pub(crate) const FAILED: i32 = -1;

/// One for each instance of the module.
#[wasm_bindgen]
pub struct Bridge {
    question: Vec<u8>,
    answer: String,
    marked: Marks,
    error: Option<Error>,
    pub(crate) columns: Columns,
}

#[wasm_bindgen]
impl Bridge {
    /// An empty bridge.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::new_without_default, reason = "made by JavaScript alone")]
    pub fn new() -> Bridge {
        let (question, answer) = (Vec::new(), String::new());
        let (marked, columns) = (Marks::default(), Columns::default());
        Bridge { question, answer, marked, error: None, columns }
    }

    /// Makes room for a question of so many bytes and says where. What lies there stays.
    pub fn room(&mut self, bytes: usize) -> *const u8 {
        if bytes > self.question.len() {
            self.question.resize(bytes, 0);
        }
        self.question.as_ptr()
    }

    /// Makes the room as small as this again and says where it is: a large question is seldom
    /// followed by another.
    #[wasm_bindgen(js_name = shrinkRoom)]
    pub fn shrink_room(&mut self, bytes: usize) -> *const u8 {
        self.question.truncate(bytes);
        self.question.shrink_to_fit();
        self.question.as_ptr()
    }

    /// Loads the catalog whose JSON text lies in the room, from one byte up to another. None: the
    /// error is kept.
    pub fn load(&mut self, from: usize, to: usize) -> Option<CatalogHandle> {
        let loaded = tierwise_wire::LoadedCatalog::load(self.laid(from, to));
        self.settle(loaded).map(CatalogHandle)
    }

    /// Answers the operation `catalog` in JSON: its request lies in the room. Gives the length of
    /// the answer; below 0 the error is kept.
    pub fn describe(&mut self, catalog: &CatalogHandle, request: usize, to: usize) -> i32 {
        let request = Document::from_json(self.laid(request, to));
        let answer = request.and_then(|request| catalog.0.describe(&request));
        self.give(answer)
    }

    /// Answers an operation, marked: its name, then the request, lie in the room. Gives the place
    /// of the marks; none: the error is kept.
    pub fn mark(
        &mut self,
        catalog: &CatalogHandle,
        from: usize,
        request: usize,
        to: usize,
    ) -> *const u32 {
        let Bridge { question, marked, .. } = self;
        marked.clear();
        // A name that is not UTF-8 is none that the engine knows.
        let name = core::str::from_utf8(laid(question, from, request)).unwrap_or("\u{fffd}");
        let outcome = MarkedOperation::find(name).and_then(|operation| {
            let request = Document::from_json(laid(question, request, to))?;
            operation.mark(&catalog.0, &request, marked)
        });
        self.settle(outcome).map_or(ptr::null(), |()| self.marked.place())
    }

    /// A quote of items that lie as numbers where quantities of columns do: for each the place of
    /// its tier, accounts, days, creations. As `mark`, but with none no error is kept: the same
    /// question as JSON says what is wrong.
    #[wasm_bindgen(js_name = markQuote)]
    pub fn mark_quote(&mut self, catalog: &CatalogHandle, items: usize) -> *const u32 {
        self.marked.clear();
        let items = self.columns.items(catalog.0.catalog(), items);
        match items.map(|items| catalog.0.mark_quote(&items, &mut self.marked)) {
            Some(Ok(())) => self.marked.place(),
            _ => ptr::null(),
        }
    }

    /// One of the texts about a catalog: gives its length.
    pub fn about(&mut self, catalog: &CatalogHandle, which: u32) -> i32 {
        let text = match which {
            0 => catalog.0.fingerprint(),
            1 => catalog.0.catalog().id(),
            2 => catalog.0.catalog().version(),
            3 => catalog.0.canonical_json(),
            _ => return self.tiers(catalog),
        };
        self.give(Ok(text.into()))
    }

    /// Where the answer begins.
    pub fn answer(&self) -> *const u8 {
        self.answer.as_ptr()
    }

    /// Makes one of the texts of the error that was kept the answer: code, path, message, help.
    /// Gives its length.
    pub fn error(&mut self, which: u32) -> i32 {
        let Some(error) = &self.error else { return FAILED };
        let text = match which {
            0 => error.code().as_str(),
            1 => error.path(),
            2 => error.message(),
            _ => error.help(),
        };
        let text = text.into();
        self.give(Ok(text))
    }

    /// Forgets the error and the answer, which may be large.
    pub fn clear(&mut self) {
        self.error = None;
        self.answer = String::new();
    }
}

impl Bridge {
    /// The ids of all tiers by their places, a line each.
    fn tiers(&mut self, catalog: &CatalogHandle) -> i32 {
        let ids: Vec<&str> = catalog.0.catalog().tiers().iter().map(Tier::id).collect();
        self.give(Ok(ids.join("\n")))
    }

    /// What lies in the room, from one byte up to another.
    pub(crate) fn laid(&self, from: usize, to: usize) -> &[u8] {
        laid(&self.question, from, to)
    }

    /// The same as text. Errors: `invalid_utf8`.
    pub(crate) fn laid_text(&self, from: usize, to: usize) -> Result<&str> {
        core::str::from_utf8(self.laid(from, to)).map_err(|_| {
            Error::new(Code::InvalidUtf8, "a string holds half of a character (a lone surrogate)")
                .with_help("was it cut in two?")
        })
    }

    /// Keeps what an outcome holds: an answer, whose length is given, or an error.
    pub(crate) fn give(&mut self, outcome: Result<String>) -> i32 {
        let Some(answer) = self.settle(outcome) else { return FAILED };
        self.answer = answer;
        // INVARIANT: an answer is far smaller than memory, which is at most 4 GiB in the address
        // space, of which a text can have half.
        i32::try_from(self.answer.len()).unwrap_or(FAILED)
    }

    /// Keeps the error of an outcome, and gives what else it holds.
    pub(crate) fn settle<T>(&mut self, outcome: Result<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }
}

fn laid(question: &[u8], from: usize, to: usize) -> &[u8] {
    question.get(from..to).unwrap_or_default()
}
