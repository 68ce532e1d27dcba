//! JSON text to a document, strictly by RFC 8259, without a float on the way.
//!
//! Its own reader, because it must say more than a general one (paths of double keys and of what
//! is nested too deep) and weigh less: it is 3 kB of the module for browsers. A test holds it
//! against `serde_json`.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use tierwise::{
    Code, Error, Result,
    limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES},
};

use super::{Document, double_key, too_deep};

/// The text of a document's bytes, without a byte-order mark. Errors: `too_large`,
/// `invalid_utf8`.
pub fn document_text(bytes: &[u8]) -> Result<&str> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let message = format_args!("the document is larger than {MAX_DOCUMENT_BYTES} bytes");
        return Err(Error::new(Code::TooLarge, message)
            .with_help("a catalog or a request is a few kilobytes: is this the right file?"));
    }
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let message = format_args!("byte {} is not UTF-8", error.valid_up_to() + 1);
        Error::new(Code::InvalidUtf8, message).with_help("save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

pub(super) fn read(bytes: &[u8]) -> Result<Document> {
    let mut json = Json { text: document_text(bytes)?, at: 0 };
    let document = json.value(0)?;
    json.skip_space();
    if json.at < json.text.len() {
        return Err(json.bad("expected the end"));
    }
    Ok(document)
}

struct Json<'a> {
    text: &'a str,
    /// How many bytes are read.
    at: usize,
}

impl<'a> Json<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes one byte if it is the one expected.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn bad(&self, what: &str) -> Error {
        let read = self.text.get(..self.at).unwrap_or_default();
        let line = 1 + read.bytes().filter(|byte| *byte == b'\n').count();
        let column = 1 + read.chars().rev().take_while(|c| *c != '\n').count();
        let message =
            format_args!("the JSON cannot be read: {what} at line {line} column {column}");
        Error::new(Code::BadJson, message)
    }

    fn value(&mut self, depth: usize) -> Result<Document> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Document::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let words = [
                    ("null", Document::Null),
                    ("true", Document::Bool(true)),
                    ("false", Document::Bool(false)),
                ];
                for (word, value) in words {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.bad("expected a value"))
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Document> {
        self.open(depth)?;
        let mut list = Vec::new();
        if self.closes(b']') {
            return Ok(Document::List(list));
        }
        loop {
            match self.value(depth + 1) {
                Ok(value) => list.push(value),
                Err(error) => return Err(in_element(error, &list.len())),
            }
            if !self.goes_on(b']')? {
                return Ok(Document::List(list));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Document> {
        self.open(depth)?;
        let mut entries = Vec::new();
        if self.closes(b'}') {
            return Ok(Document::Map(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.bad("expected a key in quotes"));
            }
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.bad("expected `:`"));
            }
            match self.value(depth + 1) {
                Ok(value) => entries.push((key, value)),
                Err(error) => return Err(in_element(error, &key)),
            }
            if !self.goes_on(b'}')? {
                double_key(&entries)?;
                return Ok(Document::Map(entries));
            }
        }
    }

    /// Takes the bracket that opens a list or an object.
    fn open(&mut self, depth: usize) -> Result<()> {
        self.at += 1;
        if depth < MAX_DEPTH { Ok(()) } else { Err(too_deep()) }
    }

    /// Whether the bracket that closes follows.
    fn closes(&mut self, close: u8) -> bool {
        self.skip_space();
        self.take(close)
    }

    /// Whether another element follows, or the bracket that closes.
    fn goes_on(&mut self, close: u8) -> Result<bool> {
        if self.closes(close) {
            return Ok(false);
        }
        if self.take(b',') {
            Ok(true)
        } else {
            Err(self.bad("expected `,` or the end of the list"))
        }
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..b' '));
            let plain = plain.count();
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.take(b'"') {
                return Ok(text);
            }
            if !self.take(b'\\') {
                let control = self.peek().is_some();
                let what =
                    if control { "a control character in a string" } else { "an open string" };
                return Err(self.bad(what));
            }
            let escaped = self.escaped()?;
            text.push(escaped);
        }
    }

    /// The character that the part after a backslash stands for.
    fn escaped(&mut self) -> Result<char> {
        let byte = self.peek().unwrap_or_default();
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = self.hex()?;
                // A pair of surrogates is one character; one alone is none.
                if (0xd800..0xdc00).contains(&unit) && self.take(b'\\') && self.take(b'u') {
                    let low = self.hex()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(self.bad("a lone surrogate"));
                    }
                    unit = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(unit).ok_or_else(|| self.bad("a lone surrogate"))?
            }
            _ => return Err(self.bad("an unknown escape")),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.rest().get(..4).filter(|digits| !digits.starts_with('+'));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        unit.ok_or_else(|| self.bad("expected four hexadecimal digits"))
    }

    /// Digits up to the first byte that is none.
    fn digits(&mut self) -> &'a str {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let digits = self.rest().get(..count).unwrap_or_default();
        self.at += count;
        digits
    }

    fn number(&mut self) -> Result<Document> {
        let negative = self.take(b'-');
        let whole = self.digits();
        let mut decimals = "";
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(self.bad("a wrong number"));
        }
        if self.take(b'.') {
            decimals = self.digits();
            if decimals.is_empty() {
                return Err(self.bad("expected decimals"));
            }
        }
        let mut exponent = 0_i64;
        if self.take(b'e') || self.take(b'E') {
            let negative = self.take(b'-');
            if !negative {
                self.take(b'+');
            }
            let digits = self.digits();
            if digits.is_empty() {
                return Err(self.bad("expected an exponent"));
            }
            // One beyond 64 bits is as good as the largest: the value is 0, endless or a fraction.
            exponent = digits.parse().unwrap_or(i64::MAX / 2);
            exponent = if negative { -exponent } else { exponent };
        }
        Ok(number(negative, whole, decimals, exponent))
    }
}

/// A number by its parts: whole or not, by its digits, without rounding.
fn number(negative: bool, whole: &str, decimals: &str, exponent: i64) -> Document {
    let digits = format!("{whole}{decimals}");
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Document::Integer(0);
    }
    let dropped = digits.len() - significant.len();
    let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX / 4);
    // How many zeros follow the significant digits; below 0, some of these are decimals.
    let zeros = exponent + length(dropped) - length(decimals.len());
    if zeros < 0 {
        return Document::Fraction;
    }
    let mut value = 0_i128;
    for digit in significant.bytes() {
        value = value.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
    }
    // 10^39 is beyond 128 bits.
    for _ in 0..zeros.min(39) {
        value = value.saturating_mul(10);
    }
    Document::integer(if negative { -value } else { value })
}

/// An error of an element, seen from its list or object. One of the text itself has no path: it
/// names line and column.
fn in_element(error: Error, key: &dyn fmt::Display) -> Error {
    if error.code() == Code::BadJson { error } else { error.under(key) }
}
