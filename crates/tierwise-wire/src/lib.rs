//! The engine in JSON: documents in, canonical JSON out, one table of operations for every host.
//!
//! ```
//! use tierwise_wire::LoadedCatalog;
//! let catalog = LoadedCatalog::messaging();
//! let answer = catalog.ask("price_of", r#"{"tier":"unlimited_msg_chat_history","n":3001}"#)?;
//! assert_eq!(answer, r#"{"price":"0.33"}"#);
//! # Ok::<(), tierwise::Error>(())
//! ```
//!
//! A host turns whatever it has (JSON text, JS or Python objects, YAML, TOML) into a [`Document`];
//! from there on there is one path, so that every host reports the same error for the same input.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod catalog;
mod document;
mod kinds;
mod operations;
mod read;
pub mod shape;
mod write;

#[cfg(feature = "notes")]
pub use catalog::CATALOG;
pub use catalog::LoadedCatalog;
pub use document::{Document, canonical, document_text};
pub use operations::{BillAnswer, OPERATIONS, Operation};
#[cfg(feature = "marks")]
pub use operations::{MARKED, MarkedOperation};
pub use tierwise::{Code, Error, Result};
#[cfg(feature = "marks")]
pub use write::Marks;

/// The examples of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
