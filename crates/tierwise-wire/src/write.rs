//! Canonical JSON, written straight from typed answers: no tree, no float, keys in order.

use alloc::{string::String, vec::Vec};
use core::fmt::{self, Display, Write as _};

use tierwise::{
    Amount, ById, Day, DecimalDigits, FixedAmount, Fraction, Period, Quantity, UnitPrice, Word,
};

use crate::{
    kinds::{ByFeature, ByMeter, ByTier, OneOf, OrNull, TierId},
    shape::{Described, Shape},
};

/// A part of an answer, or all of it.
pub(crate) trait Write: Described {
    /// Writes it.
    fn write(&self, out: &mut Out);

    /// Whether its key is left out.
    fn is_left_out(&self) -> bool {
        false
    }
}

/// An answer as canonical JSON.
pub(crate) fn written(answer: &impl Write) -> String {
    let mut out = Out::json();
    answer.write(&mut out);
    out.into_text()
}

/// The answer being written: as canonical JSON, or marked.
///
/// A marked answer is for hosts that build objects of their own from it, without reading JSON: the
/// texts of all its values, one after the other, and marks that say where each begins and what
/// there is, in the order of its shape. A text has one mark: its length in UTF-16 units. A whole
/// number has two: its lower and its upper 32 bits. `true`, what may be null and is not, and what
/// may be left out and is not, have the mark 1 (before their value); otherwise 0. A list, and an
/// object of names, begins with its length; the one or the other of two shapes with 0 or 1.
///
/// Its functions stay calls: written out in each of the hundred places that write, they would be a
/// tenth of the module.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "marks"), expect(unreachable_pub, reason = "for hosts that mark"))]
pub struct Out {
    /// INVARIANT: UTF-8 up to `end`, as everything that is put here. Beyond it there is room.
    text: Vec<u8>,
    end: usize,
    marks: Vec<u32>,
    is_marked: bool,
}

/// How much room an answer has to begin with, in bytes.
const FIRST_ROOM: usize = 1024;

/// Whether anything is ever marked.
const MARKS: bool = cfg!(feature = "marks");

#[cfg(feature = "marks")]
impl Out {
    /// A place for marked answers.
    pub fn marked() -> Self {
        Out { is_marked: true, ..Out::default() }
    }

    /// The texts of the values, one after the other, in UTF-8.
    pub fn text(&self) -> &[u8] {
        self.text.get(..self.end).unwrap_or_default()
    }

    /// The marks.
    pub fn marks(&self) -> &[u32] {
        &self.marks
    }

    /// Makes it empty again, its memory kept.
    pub fn clear(&mut self) {
        self.end = 0;
        self.marks.clear();
    }
}

impl Out {
    /// A place for one answer in canonical JSON.
    pub(crate) fn json() -> Self {
        Out::default()
    }

    /// What was written.
    pub(crate) fn into_text(mut self) -> String {
        self.text.truncate(self.end);
        String::from_utf8(self.text).unwrap_or_default()
    }

    /// Room for so many more bytes.
    fn room(&mut self, bytes: usize) -> &mut [u8] {
        let begin = self.end;
        let end = begin.saturating_add(bytes);
        if end > self.text.len() {
            self.text.resize(end.max(self.text.len().saturating_mul(2)).max(FIRST_ROOM), 0);
        }
        self.end = end;
        self.text.get_mut(begin..end).unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    #[inline(never)]
    fn push_bytes(&mut self, bytes: &[u8]) {
        // Not `copy_from_slice`, which would bring the text of its panic into the module.
        for (place, byte) in self.room(bytes.len()).iter_mut().zip(bytes) {
            *place = *byte;
        }
    }

    fn push_byte(&mut self, byte: u8) {
        self.push_bytes(&[byte]);
    }

    fn is_marked(&self) -> bool {
        MARKS && self.is_marked
    }

    /// A mark, where the answer is marked; else this part of the JSON.
    #[inline(never)]
    fn put(&mut self, mark: usize, json: &str) {
        if self.is_marked() {
            self.mark(mark);
        } else {
            self.push(json);
        }
    }

    fn mark(&mut self, mark: usize) {
        // INVARIANT: an answer is far below 4 GiB.
        self.marks.push(u32::try_from(mark).unwrap_or(u32::MAX));
    }

    /// A part of the JSON that a marked answer does without.
    #[inline(never)]
    fn push_json(&mut self, json: &str) {
        if !self.is_marked() {
            self.push(json);
        }
    }

    /// A string of ASCII without characters that need an escape.
    #[inline(never)]
    fn push_plain(&mut self, text: &str) {
        if self.is_marked() {
            self.mark(text.len());
            self.push(text);
        } else {
            self.push_byte(b'"');
            self.push(text);
            self.push_byte(b'"');
        }
    }

    /// A decimal as a string.
    #[inline(never)]
    fn push_decimal(&mut self, digits: DecimalDigits) {
        let length = digits.length();
        if self.is_marked() {
            self.mark(length);
            digits.fill(self.room(length));
        } else {
            self.push_byte(b'"');
            digits.fill(self.room(length));
            self.push_byte(b'"');
        }
    }

    /// What prints without characters that need an escape, as a string.
    #[inline(never)]
    fn push_printed(&mut self, value: &dyn Display) {
        let before = self.end;
        self.push_json("\"");
        // Writing here does not fail.
        let _ = write!(self, "{value}");
        self.push_json("\"");
        if self.is_marked() {
            self.mark(utf16_length(self.text.get(before..self.end).unwrap_or_default()));
        }
    }

    #[inline(never)]
    fn push_number(&mut self, value: i64) {
        if self.is_marked() {
            let [low, high] = halves(value);
            self.marks.push(low);
            self.marks.push(high);
        } else {
            let digits = DecimalDigits::whole(value.into());
            digits.fill(self.room(digits.length()));
        }
    }

    #[inline(never)]
    fn push_string(&mut self, text: &str) {
        if self.is_marked() {
            self.mark(utf16_length(text.as_bytes()));
            self.push(text);
        } else {
            // Writing here does not fail.
            let _ = write_string(self, text);
        }
    }
}

impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// The lower and the upper 32 bits.
fn halves(value: i64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

/// How long a text is in UTF-16: a unit for each character, two for those of four bytes.
fn utf16_length(text: &[u8]) -> usize {
    let units = |byte: &u8| usize::from(byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0);
    text.iter().map(units).sum()
}

/// An object being written, its keys rising.
pub(crate) struct Object<'a> {
    out: &'a mut Out,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(out: &'a mut Out) -> Self {
        Object { out, is_empty: true }
    }

    /// Writes a field; its key comes with its quotes and colon, and a comma before it.
    pub(crate) fn field<T: Write>(&mut self, key: &'static str, value: &T) {
        if value.is_left_out() {
            self.out.put(0, "");
        } else {
            self.key(key);
            value.write(self.out);
        }
    }

    #[inline(never)]
    fn key(&mut self, key: &'static str) {
        if self.out.is_marked() {
            return;
        }
        if self.is_empty {
            self.is_empty = false;
            self.out.push_byte(b'{');
            self.out.push(key.get(1..).unwrap_or_default());
        } else {
            self.out.push(key);
        }
    }

    #[inline(never)]
    pub(crate) fn end(self) {
        self.out.push_json(if self.is_empty { "{}" } else { "}" });
    }
}

/// What an answer looks like and how it is written, in one table: keys rise.
macro_rules! answer {
    (
        $(#[doc = $about:literal])*
        $type:ty = $word:literal, |$this:ident| {
            $($(#[doc = $doc:literal])* $key:literal: $kind:ty = $value:expr,)*
        }
    ) => {
        impl $crate::shape::Described for $type {
            const SHAPE: $crate::shape::Shape = $crate::shape::Shape::Object(
                &$crate::shape::ObjectShape::new(
                    $word,
                    concat!($($about, "\n",)*),
                    &[$($crate::shape::Field::of::<$kind>($key, concat!($($doc, "\n",)*)),)*],
                ),
            );
        }

        $crate::write::as_written! { $type, |$this| { $($key: $kind = $value,)* } }
    };
}
pub(crate) use answer;

/// How a described type is written: keys rise, or it does not compile.
macro_rules! as_written {
    ($type:ty, |$this:ident| { $($key:literal: $kind:ty = $value:expr,)* }) => {
        impl $crate::write::Write for $type {
            fn write(&self, out: &mut $crate::write::Out) {
                const { assert!($crate::shape::are_rising(&[$($key),*]), "the keys must rise") };
                let $this = self;
                let mut object = $crate::write::Object::begin(out);
                $({
                    let value: $kind = $value;
                    object.field(concat!(",\"", $key, "\":"), &value);
                })*
                object.end();
            }
        }
    };
}
pub(crate) use as_written;

impl Write for bool {
    fn write(&self, out: &mut Out) {
        out.put(usize::from(*self), if *self { "true" } else { "false" });
    }
}

impl Write for u64 {
    fn write(&self, out: &mut Out) {
        out.push_number(i64::try_from(*self).unwrap_or(i64::MAX));
    }
}

impl Write for i64 {
    fn write(&self, out: &mut Out) {
        out.push_number(*self);
    }
}

impl Write for &str {
    fn write(&self, out: &mut Out) {
        out.push_string(self);
    }
}

impl Write for String {
    fn write(&self, out: &mut Out) {
        out.push_string(self);
    }
}

impl Write for TierId<'_> {
    fn write(&self, out: &mut Out) {
        out.push_plain(self.0);
    }
}

impl<T: Word> Write for OneOf<T> {
    fn write(&self, out: &mut Out) {
        out.push_plain(self.0.as_str());
    }
}

macro_rules! decimals {
    ($($type:ty),*) => {
        $(impl Write for $type {
            fn write(&self, out: &mut Out) {
                out.push_decimal(self.digits());
            }
        })*
    };
}

decimals!(UnitPrice, Quantity, Amount, FixedAmount);

/// A string of ASCII without characters that need an escape, such as an id.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a>(pub(crate) &'a str);

impl Described for Plain<'_> {
    const SHAPE: Shape = Shape::Text;
}

impl Write for Plain<'_> {
    fn write(&self, out: &mut Out) {
        out.push_plain(self.0);
    }
}

/// What prints without characters that need an escape.
pub(crate) struct Printed<T>(pub(crate) T);

impl<T> Described for Printed<T> {
    const SHAPE: Shape = Shape::Text;
}

impl<T: Display> Write for Printed<T> {
    fn write(&self, out: &mut Out) {
        out.push_printed(&self.0);
    }
}

/// A whole number that stands as a decimal string.
pub(crate) struct Digits(pub(crate) u64);

impl Described for Digits {
    const SHAPE: Shape = Shape::Quantity;
}

impl Write for Digits {
    fn write(&self, out: &mut Out) {
        out.push_decimal(DecimalDigits::whole(self.0.into()));
    }
}

/// A quotient as it prints.
pub(crate) struct Quotient(pub(crate) Fraction);

impl Described for Quotient {
    const SHAPE: Shape = Shape::Quotient;
}

impl Write for Quotient {
    fn write(&self, out: &mut Out) {
        out.push_printed(&self.0);
    }
}

impl Write for Day {
    fn write(&self, out: &mut Out) {
        out.push_printed(self);
    }
}

impl Write for Period {
    fn write(&self, out: &mut Out) {
        out.push_printed(self);
    }
}

impl<T: Write> Write for &T {
    fn write(&self, out: &mut Out) {
        (*self).write(out);
    }

    fn is_left_out(&self) -> bool {
        (*self).is_left_out()
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut Out) {
        if let Some(value) = self {
            out.put(1, "");
            value.write(out);
        }
    }

    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T: Write> Write for OrNull<T> {
    fn write(&self, out: &mut Out) {
        match &self.0 {
            Some(value) => {
                out.put(1, "");
                value.write(out);
            }
            None => out.put(0, "null"),
        }
    }
}

impl<T: Write, E: Write> Write for core::result::Result<T, E> {
    fn write(&self, out: &mut Out) {
        match self {
            Ok(answer) => {
                out.put(0, "");
                answer.write(out);
            }
            Err(refusal) => {
                out.put(1, "");
                refusal.write(out);
            }
        }
    }
}

fn write_list<T: Write>(out: &mut Out, values: &[T]) {
    out.put(values.len(), "[");
    let mut before = "";
    for value in values {
        out.push_json(before);
        value.write(out);
        before = ",";
    }
    out.push_json("]");
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut Out) {
        write_list(out, self);
    }
}

impl<T: Write> Write for &[T] {
    fn write(&self, out: &mut Out) {
        write_list(out, self);
    }
}

impl<T: Write> Write for ByMeter<&ById<T>> {
    fn write(&self, out: &mut Out) {
        write_names(out, self.0.len(), self.0.iter());
    }
}

impl<T: Write> Write for ByFeature<&ById<T>> {
    fn write(&self, out: &mut Out) {
        write_names(out, self.0.len(), self.0.iter());
    }
}

fn write_names<'a, T: Write + 'a>(
    out: &mut Out,
    count: usize,
    values: impl Iterator<Item = (&'a str, T)>,
) {
    out.put(count, "{");
    let mut before = "";
    for (name, value) in values {
        out.push_json(before);
        out.push_string(name);
        out.push_json(":");
        value.write(out);
        before = ",";
    }
    out.push_json("}");
}

impl<T: Write + Copy> Write for ByTier<&[(&str, T)]> {
    fn write(&self, out: &mut Out) {
        write_names(out, self.0.len(), self.0.iter().copied());
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
