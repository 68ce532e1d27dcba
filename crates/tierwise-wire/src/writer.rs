//! Canonical JSON, written straight from typed answers: no tree, no float, keys in order.

use alloc::string::String;
use core::fmt::{Display, Write};

/// An answer, or a part of one: an object.
pub trait Answer {
    /// Writes its fields, keys rising.
    fn write(&self, to: &mut ObjectWriter<'_>);
}

/// An answer as canonical JSON.
pub fn written(answer: &dyn Answer) -> String {
    let mut out = String::with_capacity(256);
    write_object(&mut out, answer);
    out
}

fn write_object(out: &mut String, answer: &dyn Answer) {
    out.push('{');
    answer.write(&mut ObjectWriter { out, last: "" });
    out.push('}');
}

/// Writes the fields of one object.
pub struct ObjectWriter<'a> {
    out: &'a mut String,
    last: &'static str,
}

impl ObjectWriter<'_> {
    /// INVARIANT: keys rise, so that the text is canonical; a debug build checks it.
    fn key(&mut self, key: &'static str) -> &mut String {
        debug_assert!(self.last < key, "`{key}` is written after `{}`", self.last);
        if !self.last.is_empty() {
            self.out.push(',');
        }
        self.last = key;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    /// A string.
    pub fn text(&mut self, key: &'static str, value: &str) {
        write_string(self.key(key), value);
    }

    /// What prints without characters that need escaping: money, days, words.
    pub fn plain(&mut self, key: &'static str, value: &dyn Display) {
        write_plain(self.key(key), value);
    }

    /// The same, or null.
    pub fn plain_or_null(&mut self, key: &'static str, value: Option<&dyn Display>) {
        match value {
            Some(value) => self.plain(key, value),
            None => self.null(key),
        }
    }

    /// A whole number.
    pub fn number(&mut self, key: &'static str, value: u64) {
        write_number(self.key(key), value.into());
    }

    /// A whole number or null.
    pub fn number_or_null(&mut self, key: &'static str, value: Option<u64>) {
        match value {
            Some(value) => self.number(key, value),
            None => self.null(key),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str, value: bool) {
        self.key(key).push_str(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self, key: &'static str) {
        self.key(key).push_str("null");
    }

    /// An object.
    pub fn object(&mut self, key: &'static str, value: &dyn Answer) {
        write_object(self.key(key), value);
    }

    /// An object or null.
    pub fn object_or_null(&mut self, key: &'static str, value: Option<&dyn Answer>) {
        match value {
            Some(value) => self.object(key, value),
            None => self.null(key),
        }
    }

    /// Numbers by name.
    pub fn numbers(&mut self, key: &'static str, values: &[(&str, u64)]) {
        let out = self.key(key);
        out.push('{');
        for (i, (name, value)) in values.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_string(out, name);
            out.push(':');
            write_number(out, (*value).into());
        }
        out.push('}');
    }

    /// A list of strings.
    pub fn words(&mut self, key: &'static str, values: &[String]) {
        let out = self.key(key);
        out.push('[');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_string(out, value);
        }
        out.push(']');
    }

    /// A list of objects.
    pub fn list<T: Answer>(&mut self, key: &'static str, values: &[T]) {
        let out = self.key(key);
        out.push('[');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_object(out, value);
        }
        out.push(']');
    }
}

pub(crate) fn write_number(out: &mut String, value: i128) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

fn write_plain(out: &mut String, value: &dyn Display) {
    out.push('"');
    let _ = write!(out, "{value}");
    out.push('"');
}

/// A JSON string, escaped only where JSON demands it.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        // `get` instead of slicing: slicing would bring the text of its panic into the module.
        out.push_str(rest.get(..at).unwrap_or_default());
        let mut chars = rest.get(at..).unwrap_or_default().chars();
        match chars.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            other => {
                let _ = write!(out, "\\u{:04x}", other.map_or(0, u32::from));
            }
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_only_where_json_demands_it() {
        let mut out = String::new();
        write_string(&mut out, "a\"b\\c\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}é/€");
        assert_eq!(out, "\"a\\\"b\\\\c\\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}é/€\"");
        assert_eq!(serde_json::from_str::<String>(&out).unwrap().chars().count(), 16);
    }
}
