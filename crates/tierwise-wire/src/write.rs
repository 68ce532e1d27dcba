//! Canonical JSON, written straight from typed answers: no tree, no float, keys in order.

use alloc::{string::String, vec::Vec};
use core::fmt::{Display, Write as _};

use tierwise::{Amount, ById, Day, FixedAmount, Fraction, Period, Quantity, UnitPrice, Word};

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
    let mut out = Out { text: String::with_capacity(1024) };
    answer.write(&mut out);
    out.text
}

/// The text being written. Its functions stay calls: written out in each of the hundred places that
/// write, they would be a tenth of the module.
pub(crate) struct Out {
    text: String,
}

impl Out {
    /// Text as it is.
    #[inline(never)]
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A string without characters that need an escape.
    #[inline(never)]
    fn push_quoted(&mut self, text: &str) {
        self.text.push('"');
        self.text.push_str(text);
        self.text.push('"');
    }

    /// What prints without characters that need an escape, as a string.
    #[inline(never)]
    fn push_printed(&mut self, value: &dyn Display) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "\"{value}\"");
    }

    #[inline(never)]
    fn push_number(&mut self, value: i64) {
        let _ = write!(self.text, "{value}");
    }

    #[inline(never)]
    fn push_string(&mut self, text: &str) {
        write_string(&mut self.text, text);
    }
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
        if !value.is_left_out() {
            self.key(key);
            value.write(self.out);
        }
    }

    #[inline(never)]
    fn key(&mut self, key: &'static str) {
        if self.is_empty {
            self.is_empty = false;
            self.out.text.push('{');
            self.out.text.push_str(key.get(1..).unwrap_or_default());
        } else {
            self.out.text.push_str(key);
        }
    }

    #[inline(never)]
    pub(crate) fn end(self) {
        self.out.text.push_str(if self.is_empty { "{}" } else { "}" });
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
        out.push(if *self { "true" } else { "false" });
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
        out.push_quoted(self.0);
    }
}

impl<T: Word> Write for OneOf<T> {
    fn write(&self, out: &mut Out) {
        out.push_quoted(self.0.as_str());
    }
}

macro_rules! decimals {
    ($($type:ty),*) => {
        $(impl Write for $type {
            fn write(&self, out: &mut Out) {
                out.push_quoted(self.text().as_str());
            }
        })*
    };
}

decimals!(UnitPrice, Quantity, Amount, FixedAmount);

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
        out.push_printed(&self.0);
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
            Some(value) => value.write(out),
            None => out.push("null"),
        }
    }
}

impl<T: Write, E: Write> Write for core::result::Result<T, E> {
    fn write(&self, out: &mut Out) {
        match self {
            Ok(answer) => answer.write(out),
            Err(refusal) => refusal.write(out),
        }
    }
}

fn write_list<T: Write>(out: &mut Out, values: &[T]) {
    let mut before = "[";
    for value in values {
        out.push(before);
        value.write(out);
        before = ",";
    }
    out.push(if values.is_empty() { "[]" } else { "]" });
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
        write_names(out, self.0.iter());
    }
}

impl<T: Write> Write for ByFeature<&ById<T>> {
    fn write(&self, out: &mut Out) {
        write_names(out, self.0.iter());
    }
}

fn write_names<'a, T: Write + 'a>(out: &mut Out, values: impl Iterator<Item = (&'a str, T)>) {
    out.push("{");
    let mut before = "";
    for (name, value) in values {
        out.push(before);
        out.push_string(name);
        out.push(":");
        value.write(out);
        before = ",";
    }
    out.push("}");
}

impl<T: Write + Copy> Write for ByTier<&[(&str, T)]> {
    fn write(&self, out: &mut Out) {
        write_names(out, self.0.iter().copied());
    }
}

/// A JSON string, escaped only where JSON demands it.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
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
