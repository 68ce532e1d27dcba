//! Typed values out of documents: objects with known keys, numbers, money, words and times.
//!
//! Errors name the path of what does not fit. An object is read key by key: first whether each of
//! its keys is known, then each value.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use tierwise::{
    Amount, ById, Code, Day, Error, Instant, Quantity, Result, UnitPrice, Word,
    limits::{MAX_FEATURES, MAX_METERS, MAX_QUANTITY},
};

use crate::document::Document;

/// What can be read out of a document.
pub(crate) trait Read: Sized {
    /// Reads it. Errors: `wrong_type`, and those of the type.
    fn read(document: &Document) -> Result<Self>;
}

/// The keys of one object. Reading goes on after an error, with defaults, and
/// [`done`](Self::done) tells the first: so there is one way out, not one a key.
pub(crate) struct Fields<'a> {
    entries: &'a [(String, Document)],
    error: Option<Error>,
}

impl<'a> Fields<'a> {
    /// The fields of an object that may have the keys `known`. Errors: `wrong_type`,
    /// `unknown_key`.
    pub(crate) fn of(document: &'a Document, known: &[&'static str]) -> Self {
        let Document::Map(entries) = document else {
            return Fields { entries: &[], error: Some(wrong_type("an object", document)) };
        };
        let unknown = entries.iter().find(|(key, _)| !known.contains(&key.as_str()));
        let error = unknown.map(|(key, _)| {
            Error::new(Code::UnknownKey, format_args!("`{key}` is not a key here"))
                .with_nearest(key, known.iter().copied())
                .under(key)
        });
        Fields { entries, error }
    }

    /// The first error so far, if there is one.
    pub(crate) fn done(self) -> Result<()> {
        self.error.map_or(Ok(()), Err)
    }

    /// The same, else the value that was made of the fields.
    pub(crate) fn made<T>(self, value: T) -> Result<T> {
        self.done().map(|()| value)
    }

    /// Notes an error, if it is the first.
    pub(crate) fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// The value under a key, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Document> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The same for a key that must be there. Errors: `missing_key`.
    fn get_required(&mut self, key: &'static str) -> Option<&'a Document> {
        let value = self.get(key);
        if value.is_none() {
            self.refuse(missing_key(key));
        }
        value
    }

    /// The value of a result, or nothing and its error noted.
    fn noted<T>(&mut self, key: &'static str, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.refuse(error.under(key))).ok()
    }

    /// The part under a key that may be left out, read by a function.
    pub(crate) fn part<T>(
        &mut self,
        key: &'static str,
        read: fn(&Document) -> Result<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        self.noted(key, read(value))
    }

    /// The part under a key that must be there. Errors: `missing_key`.
    pub(crate) fn required_part<T: Default>(
        &mut self,
        key: &'static str,
        read: fn(&Document) -> Result<T>,
    ) -> T {
        match self.get_required(key) {
            Some(value) => self.noted(key, read(value)).unwrap_or_default(),
            None => T::default(),
        }
    }

    /// The value under a key that may be left out. It is not null.
    pub(crate) fn optional<T: Read>(&mut self, key: &'static str) -> Option<T> {
        self.part(key, T::read)
    }

    /// The value under a key that must be there. Errors: `missing_key`.
    pub(crate) fn required<T: Read + Default>(&mut self, key: &'static str) -> T {
        self.required_part(key, T::read)
    }

    /// The value under a key that must be there and may be null.
    pub(crate) fn nullable<T: Read>(&mut self, key: &'static str) -> Option<T> {
        match self.get_required(key)? {
            Document::Null => None,
            value => self.noted(key, T::read(value)),
        }
    }

    /// A fixed word that may be left out.
    pub(crate) fn word<T: Word + Default>(&mut self, key: &'static str) -> T {
        self.part(key, read_word).unwrap_or_default()
    }

    /// A fixed word that must be there. Errors: `missing_key`.
    pub(crate) fn required_word<T: Word + Default>(&mut self, key: &'static str) -> T {
        self.required_part(key, read_word)
    }

    /// Refuses keys that the format knows and this version does not support.
    pub(crate) fn none_of(&mut self, later: &[&'static str]) {
        if let Some(key) = later.iter().find(|key| self.get(key).is_some()) {
            self.refuse(not_supported(&"this key").under(key));
        }
    }
}

pub(crate) fn wrong_type(expected: &str, found: &Document) -> Error {
    let message = format_args!("expected {expected}, found {}", found.kind());
    Error::new(Code::WrongType, message)
}

pub(crate) fn missing_key(key: &str) -> Error {
    Error::new(Code::MissingKey, format_args!("the key `{key}` is missing")).under(key)
}

pub(crate) fn misplaced_key(key: &str, place: &dyn fmt::Display) -> Error {
    Error::new(Code::UnknownKey, format_args!("`{key}` is not a key of {place}")).under(key)
}

pub(crate) fn not_supported(what: &dyn fmt::Display) -> Error {
    let message = format_args!("{what} is known to the format, not yet to this version");
    Error::new(Code::NotSupported, message)
}

/// Reads each value of a list. Errors say which does not fit.
pub(crate) fn read_list<T>(
    document: &Document,
    read: fn(&Document) -> Result<T>,
) -> Result<Vec<T>> {
    let Document::List(list) = document else { return Err(wrong_type("a list", document)) };
    let mut values = Vec::with_capacity(list.len());
    for (i, value) in list.iter().enumerate() {
        values.push(read(value).map_err(|error| error.under(i))?);
    }
    Ok(values)
}

/// Reads each value of an object whose keys are names. Errors say which does not fit.
pub(crate) fn read_names<T>(
    document: &Document,
    read: fn(&Document) -> Result<T>,
) -> Result<ById<T>> {
    let Document::Map(entries) = document else { return Err(wrong_type("an object", document)) };
    // As many as a catalog has meters, or features.
    if entries.len() > MAX_METERS.max(MAX_FEATURES) {
        let message =
            format_args!("there are {} names, at most {MAX_METERS} are allowed", entries.len());
        return Err(Error::new(Code::OutOfRange, message));
    }
    let mut values = ById::default();
    for (key, value) in entries {
        values.insert(key.clone(), read(value).map_err(|error| error.under(key))?);
    }
    Ok(values)
}

impl<T: Read> Read for Vec<T> {
    fn read(document: &Document) -> Result<Self> {
        read_list(document, T::read)
    }
}

impl<T: Read> Read for ById<T> {
    fn read(document: &Document) -> Result<Self> {
        read_names(document, T::read)
    }
}

impl Read for String {
    fn read(document: &Document) -> Result<Self> {
        document.as_str().map(str::to_owned).ok_or_else(|| wrong_type("a string", document))
    }
}

impl Read for bool {
    fn read(document: &Document) -> Result<Self> {
        match document {
            Document::Bool(value) => Ok(*value),
            _ => Err(wrong_type("a boolean", document)),
        }
    }
}

/// A whole number from 0 to [`MAX_QUANTITY`].
impl Read for u64 {
    fn read(document: &Document) -> Result<Self> {
        let value = integer(document)?;
        let whole = u64::try_from(value).ok().filter(|value| *value <= MAX_QUANTITY);
        whole.ok_or_else(|| beyond(value))
    }
}

/// A whole number that may be negative.
impl Read for i64 {
    fn read(document: &Document) -> Result<Self> {
        let value = integer(document)?;
        i64::try_from(value).map_err(|_| beyond(value.saturating_abs()))
    }
}

fn integer(document: &Document) -> Result<i128> {
    match document {
        Document::Integer(value) => Ok(*value),
        _ => Err(wrong_type("a whole number", document)),
    }
}

fn beyond(value: i128) -> Error {
    let (code, what) = if value < 0 {
        (Code::Negative, format_args!("is below zero"))
    } else {
        (Code::OutOfRange, format_args!("is too much, at most {MAX_QUANTITY} is allowed"))
    };
    // The ends of 128 bits stand for all numbers beyond them.
    match value {
        i128::MIN | i128::MAX => Error::new(code, format_args!("the number {what}")),
        _ => Error::new(code, format_args!("`{value}` {what}")),
    }
}

impl Read for UnitPrice {
    fn read(document: &Document) -> Result<Self> {
        UnitPrice::parse(decimal(document)?)
    }
}

impl Read for Amount {
    fn read(document: &Document) -> Result<Self> {
        Amount::parse(decimal(document)?)
    }
}

/// A whole number or a decimal string.
impl Read for Quantity {
    fn read(document: &Document) -> Result<Self> {
        match document {
            Document::Integer(value) => Quantity::parse(&value.to_string()),
            _ => Quantity::parse(decimal(document)?),
        }
    }
}

/// F2: a decimal is a string.
fn decimal(document: &Document) -> Result<&str> {
    match document {
        Document::Text(text) => Ok(text),
        Document::Integer(_) | Document::Fraction => {
            let message = "a JSON number stands where a decimal string is expected";
            Err(Error::new(Code::ExpectedDecimalString, message)
                .with_help("put it in quotes, like \"0.4\": numbers are not exact"))
        }
        _ => Err(wrong_type("a decimal string", document)),
    }
}

impl Read for Day {
    fn read(document: &Document) -> Result<Self> {
        Day::parse(document.as_str().ok_or_else(|| wrong_type("a day as a string", document))?)
    }
}

impl Read for Instant {
    fn read(document: &Document) -> Result<Self> {
        let text = document.as_str().ok_or_else(|| wrong_type("a time as a string", document))?;
        Instant::parse(text)
    }
}

/// A fixed word.
pub(crate) fn read_word<T: Word>(document: &Document) -> Result<T> {
    T::from_word(document.as_str().ok_or_else(|| wrong_type("a word", document))?)
}
