//! A document: JSON as a bounded tree, whatever format or host it came from.

mod canonical;
mod json;
mod read;

pub use canonical::canonical;
pub use json::document_text;

use alloc::{collections::BinaryHeap, string::String, vec::Vec};

use tierwise::{Code, Error, Result, limits::MAX_DEPTH};

/// A JSON value. Keys of a map are unique and keep the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; one beyond 128 bits is its end.
    Integer(i128),
    /// A number that is not whole. No question takes one, so its digits are not kept.
    Fraction,
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Document>),
    /// An object.
    Map(Vec<(String, Document)>),
}

impl Document {
    /// A whole number, of whatever kind it came in. The ends of 128 bits stand for all numbers
    /// beyond them, the lower one also for its neighbour: every host tells the same ones apart.
    pub fn integer(value: i128) -> Self {
        Document::Integer(if value > -i128::MAX { value } else { i128::MIN })
    }

    /// Reads JSON text. Errors: `too_large`, `invalid_utf8`, `bad_json`, `too_deep`,
    /// `duplicate_key`.
    ///
    /// ```
    /// use tierwise_wire::{Code, Document};
    /// let error = Document::from_json(br#"{"a":{"b":1,"b":2}}"#).unwrap_err();
    /// assert_eq!((error.code(), error.path()), (Code::DuplicateKey, "/a/b"));
    /// ```
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        json::read(bytes)
    }

    /// Reads what another format's deserializer brings. Errors: `too_deep`, `duplicate_key`; and
    /// `bad_json` with the deserializer's own words.
    pub fn from_deserializer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self> {
        read::from_deserializer(deserializer)
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Document> {
        match self {
            Document::Map(entries) => {
                entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Document::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Document::Null => "`null`",
            Document::Bool(_) => "a boolean",
            Document::Integer(_) => "a number",
            Document::Fraction => "a fraction",
            Document::Text(_) => "a string",
            Document::List(_) => "a list",
            Document::Map(_) => "an object",
        }
    }
}

/// The error of what is nested too deep.
fn too_deep() -> Error {
    Error::new(Code::TooDeep, format_args!("nested deeper than {MAX_DEPTH}"))
}

type Entries = [(String, Document)];

/// The keys in order, each with its place. By a heap: its code is a third of that of other ways.
fn sorted_keys(entries: &Entries) -> Vec<(&str, usize)> {
    let places = entries.iter().enumerate();
    places
        .map(|(place, (key, _))| (key.as_str(), place))
        .collect::<BinaryHeap<_>>()
        .into_sorted_vec()
}

/// Whether every key stands once. Errors: `duplicate_key`, of the first that stands again.
fn double_key(entries: &Entries) -> Result<()> {
    let sorted = sorted_keys(entries);
    let again = sorted.windows(2).filter_map(|pair| match pair {
        [(key, _), (next, place)] if key == next => Some(*place),
        _ => None,
    });
    match again.min().and_then(|place| entries.get(place)) {
        None => Ok(()),
        Some((key, _)) => {
            Err(Error::new(Code::DuplicateKey, format_args!("`{key}` stands twice")).under(key))
        }
    }
}
