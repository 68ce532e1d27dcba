//! Canonical JSON: one text for one document, to compare and to hash.

use std::fmt::Write;

use super::Document;

/// The canonical text of a document: no white space, keys sorted by their bytes, strings escaped
/// only where JSON demands it.
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
        Document::Bool(value) => push(out, value),
        Document::Integer(value) => push(out, value),
        Document::Fraction(value) => push(out, value),
        Document::Text(text) => write_string(out, text),
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
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|(left, _), (right, _)| left.cmp(right));
            out.push('{');
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => push(out, &format_args!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn push(out: &mut String, value: &dyn std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}
