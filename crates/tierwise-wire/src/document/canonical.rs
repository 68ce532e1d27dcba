//! Canonical JSON: one text for one document, to compare and to hash.

use alloc::string::String;
use core::fmt::Write;

use super::{Document, sorted_keys};
use crate::write::write_string;

/// The canonical text of a document: no white space, keys sorted by their bytes, strings escaped
/// only where JSON demands it. A number that is not whole stands as `0.5`: none is canonical.
///
/// ```
/// use tierwise_wire::{Document, canonical};
/// let document = Document::from_json(br#"{ "b": [1, "\u00e9"], "a": null }"#)?;
/// assert_eq!(canonical(&document), r#"{"a":null,"b":[1,"é"]}"#);
/// # Ok::<(), tierwise_wire::Error>(())
/// ```
pub fn canonical(document: &Document) -> String {
    let mut text = String::new();
    write_value(&mut text, document);
    text
}

fn write_value(out: &mut String, document: &Document) {
    match document {
        Document::Null => out.push_str("null"),
        Document::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Document::Integer(value) => {
            // Writing to a string does not fail.
            let _ = write!(out, "{value}");
        }
        Document::Fraction => out.push_str("0.5"),
        Document::Text(text) => write_text(out, text),
        Document::List(list) => {
            out.push('[');
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push(']');
        }
        Document::Map(entries) => {
            out.push('{');
            for (i, (key, place)) in sorted_keys(entries).into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                if let Some((_, value)) = entries.get(place) {
                    write_value(out, value);
                }
            }
            out.push('}');
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = write_string(out, text);
}
