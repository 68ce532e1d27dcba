//! Answers, written straight from typed values: no tree, no float, keys in order.

mod json;
#[cfg(feature = "marks")]
mod marks;
mod room;

use alloc::{string::String, vec::Vec};
use core::fmt::Display;

pub(crate) use json::{Json, write_string, written};
#[cfg(feature = "marks")]
pub use marks::Marks;
use tierwise::{
    Amount, ById, Day, DecimalParts, FixedAmount, Fraction, Period, Quantity, QuoteRow, UnitPrice,
    Word,
};

use crate::{
    kinds::{ByFeature, ByMeter, ByTier, OneOf, OrNull, TierId},
    shape::{Described, Shape},
};

/// A part of an answer, or all of it.
pub(crate) trait Write: Described {
    /// Writes it.
    fn write<S: Sink>(&self, out: &mut S);

    /// Whether its key is left out.
    fn is_left_out(&self) -> bool {
        false
    }
}

/// What an answer is written to: canonical JSON, or marks. Each of the two takes what it needs and
/// drops the rest, so that an answer says both.
pub(crate) trait Sink {
    /// What is there: the length of a list, whether something is there, which of two shapes.
    fn mark(&mut self, mark: usize);
    /// Punctuation and words of JSON.
    fn json(&mut self, text: &'static str);
    /// A key of an object, with its quotes, its colon, and the comma before it.
    fn key(&mut self, key: &'static str, is_first: bool);
    /// A string of ASCII without characters that need an escape, which lives as long as the
    /// catalog and never changes: an id, a word.
    fn name(&mut self, text: &str);
    /// Any string that lives as long as the catalog and never changes.
    fn kept(&mut self, text: &str);
    /// Any string.
    fn string(&mut self, text: &str);
    /// A decimal as a string.
    fn decimal(&mut self, decimal: DecimalParts);
    /// What prints without characters that need an escape, as a string.
    fn printed(&mut self, value: &dyn Display);
    /// The calculation of a row, which the fields around it are enough to write.
    fn equation(&mut self, row: &QuoteRow<'_>);
    /// A whole number.
    fn number(&mut self, value: i64);
}

/// An object being written, its keys rising.
pub(crate) struct Object<'a, S> {
    out: &'a mut S,
    is_empty: bool,
}

impl<'a, S: Sink> Object<'a, S> {
    pub(crate) fn begin(out: &'a mut S) -> Self {
        Object { out, is_empty: true }
    }

    /// Writes a field.
    pub(crate) fn field<T: Write>(&mut self, key: &'static str, value: &T) {
        if value.is_left_out() {
            self.out.mark(0);
        } else {
            self.out.key(key, self.is_empty);
            self.is_empty = false;
            value.write(self.out);
        }
    }

    pub(crate) fn end(self) {
        self.out.json(if self.is_empty { "{}" } else { "}" });
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
            fn write<S: $crate::write::Sink>(&self, out: &mut S) {
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
    fn write<S: Sink>(&self, out: &mut S) {
        out.mark(usize::from(*self));
        out.json(if *self { "true" } else { "false" });
    }
}

impl Write for u64 {
    fn write<S: Sink>(&self, out: &mut S) {
        out.number(i64::try_from(*self).unwrap_or(i64::MAX));
    }
}

impl Write for i64 {
    fn write<S: Sink>(&self, out: &mut S) {
        out.number(*self);
    }
}

impl Write for &str {
    fn write<S: Sink>(&self, out: &mut S) {
        out.string(self);
    }
}

impl Write for String {
    fn write<S: Sink>(&self, out: &mut S) {
        out.string(self);
    }
}

impl Write for TierId<'_> {
    fn write<S: Sink>(&self, out: &mut S) {
        out.name(self.0);
    }
}

impl<T: Word> Write for OneOf<T> {
    fn write<S: Sink>(&self, out: &mut S) {
        out.name(self.0.as_str());
    }
}

macro_rules! decimals {
    ($($type:ty),*) => {
        $(impl Write for $type {
            fn write<S: Sink>(&self, out: &mut S) {
                out.decimal(self.decimal_parts());
            }
        })*
    };
}

decimals!(UnitPrice, Quantity, Amount, FixedAmount);

/// A string of ASCII without characters that need an escape, such as an id: the catalog's own, or a
/// fixed word.
#[derive(Clone, Copy)]
pub(crate) struct Name<'c>(pub(crate) &'c str);

impl Described for Name<'_> {
    const SHAPE: Shape = Shape::Name;
}

impl Write for Name<'_> {
    fn write<S: Sink>(&self, out: &mut S) {
        out.name(self.0);
    }
}

/// Any string that is the catalog's own.
pub(crate) struct KeptText<'c>(pub(crate) &'c str);

impl Described for KeptText<'_> {
    const SHAPE: Shape = Shape::Name;
}

impl Write for KeptText<'_> {
    fn write<S: Sink>(&self, out: &mut S) {
        out.kept(self.0);
    }
}

/// The equation of a row of a quote.
pub(crate) struct Equation<'a, 'c>(pub(crate) &'a QuoteRow<'c>);

impl Described for Equation<'_, '_> {
    const SHAPE: Shape = Shape::Equation;
}

impl Write for Equation<'_, '_> {
    fn write<S: Sink>(&self, out: &mut S) {
        out.equation(self.0);
    }
}

/// A whole number that stands as a decimal string.
pub(crate) struct Digits(pub(crate) u64);

impl Described for Digits {
    const SHAPE: Shape = Shape::Quantity;
}

impl Write for Digits {
    fn write<S: Sink>(&self, out: &mut S) {
        out.decimal(DecimalParts::whole(self.0.into()));
    }
}

/// A quotient as it prints.
pub(crate) struct Quotient(pub(crate) Fraction);

impl Described for Quotient {
    const SHAPE: Shape = Shape::Quotient;
}

impl Write for Quotient {
    fn write<S: Sink>(&self, out: &mut S) {
        out.printed(&self.0);
    }
}

impl Write for Day {
    fn write<S: Sink>(&self, out: &mut S) {
        out.printed(self);
    }
}

impl Write for Period {
    fn write<S: Sink>(&self, out: &mut S) {
        out.printed(self);
    }
}

impl<T: Write> Write for &T {
    fn write<S: Sink>(&self, out: &mut S) {
        (*self).write(out);
    }

    fn is_left_out(&self) -> bool {
        (*self).is_left_out()
    }
}

impl<T: Write> Write for Option<T> {
    fn write<S: Sink>(&self, out: &mut S) {
        if let Some(value) = self {
            out.mark(1);
            value.write(out);
        }
    }

    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T: Write> Write for OrNull<T> {
    fn write<S: Sink>(&self, out: &mut S) {
        match &self.0 {
            Some(value) => {
                out.mark(1);
                value.write(out);
            }
            None => {
                out.mark(0);
                out.json("null");
            }
        }
    }
}

impl<T: Write, E: Write> Write for core::result::Result<T, E> {
    fn write<S: Sink>(&self, out: &mut S) {
        match self {
            Ok(answer) => {
                out.mark(0);
                answer.write(out);
            }
            Err(refusal) => {
                out.mark(1);
                refusal.write(out);
            }
        }
    }
}

fn write_list<T: Write, S: Sink>(out: &mut S, values: &[T]) {
    out.mark(values.len());
    out.json("[");
    let mut before = "";
    for value in values {
        out.json(before);
        value.write(out);
        before = ",";
    }
    out.json("]");
}

impl<T: Write> Write for Vec<T> {
    fn write<S: Sink>(&self, out: &mut S) {
        write_list(out, self);
    }
}

impl<T: Write> Write for &[T] {
    fn write<S: Sink>(&self, out: &mut S) {
        write_list(out, self);
    }
}

impl<T: Write> Write for ByMeter<&ById<T>> {
    fn write<S: Sink>(&self, out: &mut S) {
        write_names(out, self.0.len(), self.0.iter());
    }
}

impl<T: Write> Write for ByFeature<&ById<T>> {
    fn write<S: Sink>(&self, out: &mut S) {
        write_names(out, self.0.len(), self.0.iter());
    }
}

fn write_names<'a, T: Write + 'a, S: Sink>(
    out: &mut S,
    count: usize,
    values: impl Iterator<Item = (&'a str, T)>,
) {
    out.mark(count);
    out.json("{");
    let mut before = "";
    for (name, value) in values {
        out.json(before);
        out.string(name);
        out.json(":");
        value.write(out);
        before = ",";
    }
    out.json("}");
}

impl<T: Write + Copy> Write for ByTier<&[(&str, T)]> {
    fn write<S: Sink>(&self, out: &mut S) {
        write_names(out, self.0.len(), self.0.iter().copied());
    }
}
