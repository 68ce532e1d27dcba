//! Canonical JSON.

use alloc::string::String;
use core::fmt::{self, Display, Write as _};

use tierwise::{DecimalParts, QuoteRow};

use super::{Sink, Write, room::Room};

/// An answer in canonical JSON, being written.
#[derive(Default)]
pub(crate) struct Json(Room);

impl Json {
    /// What was written.
    pub(crate) fn into_text(self) -> String {
        // INVARIANT: only text was put there.
        String::from_utf8(self.0.into_text()).unwrap_or_default()
    }
}

/// An answer as canonical JSON.
pub(crate) fn written(answer: &impl Write) -> String {
    let mut out = Json::default();
    answer.write(&mut out);
    out.into_text()
}

impl Sink for Json {
    fn mark(&mut self, _: usize) {}

    fn json(&mut self, text: &'static str) {
        self.0.push(text);
    }

    #[inline(never)]
    fn key(&mut self, key: &'static str, is_first: bool) {
        if is_first {
            self.0.push("{");
            self.0.push(key.get(1..).unwrap_or_default());
        } else {
            self.0.push(key);
        }
    }

    #[inline(never)]
    fn name(&mut self, text: &str) {
        self.0.push_quoted(text);
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        // Writing here does not fail.
        let _ = write_string(&mut self.0, text);
    }

    #[inline(never)]
    fn decimal(&mut self, decimal: DecimalParts) {
        self.0.push_quoted_decimal(decimal);
    }

    #[inline(never)]
    fn printed(&mut self, value: &dyn Display) {
        // Writing here does not fail.
        let _ = write!(self.0, "\"{value}\"");
    }

    fn kept(&mut self, text: &str) {
        self.string(text);
    }

    #[inline(never)]
    fn equation(&mut self, row: &QuoteRow<'_>) {
        self.0.push("\"");
        for (before, number) in row.equation() {
            self.0.push(before);
            self.0.push_decimal(number);
        }
        self.0.push("\"");
    }

    fn number(&mut self, value: i64) {
        self.0.push_decimal(DecimalParts::whole(value.into()));
    }
}

/// A JSON string, escaped only where JSON demands it.
pub(crate) fn write_string(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        // `get` instead of slicing: slicing would bring the text of its panic into the module.
        out.write_str(rest.get(..at).unwrap_or_default())?;
        let mut chars = rest.get(at..).unwrap_or_default().chars();
        match chars.next() {
            Some('"') => out.write_str("\\\"")?,
            Some('\\') => out.write_str("\\\\")?,
            Some('\u{8}') => out.write_str("\\b")?,
            Some('\t') => out.write_str("\\t")?,
            Some('\n') => out.write_str("\\n")?,
            Some('\u{c}') => out.write_str("\\f")?,
            Some('\r') => out.write_str("\\r")?,
            other => write!(out, "\\u{:04x}", other.map_or(0, u32::from))?,
        }
        rest = chars.as_str();
    }
    out.write_str(rest)?;
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_only_where_json_demands_it() {
        let mut out = String::new();
        write_string(&mut out, "a\"b\\c\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}é/€").unwrap();
        assert_eq!(out, "\"a\\\"b\\\\c\\b\\t\\n\\f\\r\\u0001\\u001f\u{7f}é/€\"");
        assert_eq!(serde_json::from_str::<String>(&out).unwrap().chars().count(), 16);
    }
}
