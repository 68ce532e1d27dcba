//! Fields of requests and catalogs: numbers, money, words and times, each with its own errors.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serializer,
    de::{Unexpected, Visitor},
};
use tierwise::{
    Amount, Code, Day, Error, Instant, Quantity, Result, UnitPrice, Word, limits::MAX_QUANTITY,
};

use crate::document::coded;

/// A whole number from 0 to [`MAX_QUANTITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) u64);

/// A whole number that may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signed(pub(crate) i64);

/// A value that stands in JSON as a decimal string, a time or another text that is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parsed<T>(pub(crate) T);

/// A string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// A fixed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordField<T>(pub(crate) T);

/// A quantity: a whole number or a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuantityField(pub(crate) Quantity);

/// What a text can be parsed to.
pub(crate) trait FromText: Sized {
    const EXPECTED: &'static str;
    /// Whether a number in its place is money without quotes (F2).
    const IS_DECIMAL: bool;
    fn from_text(text: &str) -> Result<Self>;
}

macro_rules! from_text {
    ($($type:ty: $expected:literal, decimal: $decimal:literal;)*) => {$(
        impl FromText for $type {
            const EXPECTED: &'static str = $expected;
            const IS_DECIMAL: bool = $decimal;
            fn from_text(text: &str) -> Result<Self> {
                <$type>::parse(text)
            }
        }
    )*};
}

from_text! {
    UnitPrice: "a decimal string", decimal: true;
    Amount: "a decimal string", decimal: true;
    Quantity: "a decimal string", decimal: true;
    Day: "a day as a string", decimal: false;
    Instant: "a time as a string", decimal: false;
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).and_then(|value| {
            let whole = u64::try_from(value).ok().filter(|value| *value <= MAX_QUANTITY);
            whole.map(Whole).ok_or_else(|| coded(&beyond(value)))
        })
    }
}

impl<'de> Deserialize<'de> for Signed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = deserializer.deserialize_any(NumberVisitor)?;
        i64::try_from(value).map(Signed).map_err(|_| coded(&beyond(value.saturating_abs())))
    }
}

fn beyond(value: i128) -> Error {
    if value < 0 {
        return Error::new(Code::Negative, format!("{value} is below zero"));
    }
    let message = format!("{value} is too much, at most {MAX_QUANTITY} is allowed");
    Error::new(Code::OutOfRange, message)
}

/// Takes whole numbers only.
struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<i128, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<i128, E> {
        Ok(value.into())
    }

    fn visit_i128<E>(self, value: i128) -> std::result::Result<i128, E> {
        Ok(value)
    }
}

impl<'de, T: FromText> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { accepts_whole: false, of: PhantomData })
    }
}

impl<'de> Deserialize<'de> for QuantityField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let visitor = TextVisitor::<Quantity> { accepts_whole: true, of: PhantomData };
        deserializer.deserialize_any(visitor).map(|parsed| QuantityField(parsed.0))
    }
}

struct TextVisitor<T> {
    /// Whether a whole number stands for its own text.
    accepts_whole: bool,
    of: PhantomData<T>,
}

impl<T: FromText> TextVisitor<T> {
    fn number<E: serde::de::Error>(
        &self,
        found: Unexpected<'_>,
        whole: Option<i128>,
    ) -> std::result::Result<Parsed<T>, E> {
        match whole {
            Some(value) if self.accepts_whole => {
                T::from_text(&value.to_string()).map(Parsed).map_err(|error| coded(&error))
            }
            _ if T::IS_DECIMAL => {
                let message = "a JSON number stands where a decimal string is expected";
                Err(coded(
                    &Error::new(Code::ExpectedDecimalString, message)
                        .with_help("put it in quotes, like \"0.4\": numbers are not exact"),
                ))
            }
            _ => Err(E::invalid_type(found, self)),
        }
    }
}

impl<T: FromText> Visitor<'_> for TextVisitor<T> {
    type Value = Parsed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<Parsed<T>, E> {
        T::from_text(text).map(Parsed).map_err(|error| coded(&error))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> std::result::Result<Parsed<T>, E> {
        self.number(Unexpected::Unsigned(value), Some(value.into()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> std::result::Result<Parsed<T>, E> {
        self.number(Unexpected::Signed(value), Some(value.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> std::result::Result<Parsed<T>, E> {
        self.number(Unexpected::Other("a huge number"), Some(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<Parsed<T>, E> {
        self.number(Unexpected::Float(value), None)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer).map(Text)
    }
}

impl<'de, T: Word> Deserialize<'de> for WordField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?.0;
        T::from_word(&word).map(WordField).map_err(|error| coded(&error))
    }
}

/// Distinguishes a key that is `null` from one that is absent: `Some(None)` and `None`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A key that may be absent, but is not `null`.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Writes a value as the string that it prints as: money, days, fingerprints.
pub(crate) fn as_text<T: fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes a fixed word.
pub(crate) fn as_word<T: Word, S: Serializer>(
    value: &T,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(value.as_str())
}
