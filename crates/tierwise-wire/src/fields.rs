//! Typed values out of documents: objects with known keys, numbers, money, words and times.
//!
//! Errors name the path of what does not fit. An object is read key by key: first whether each of
//! its keys is known, then each value.

use std::collections::BTreeMap;

use tierwise::{
    Amount, Code, Day, Error, Instant, Quantity, Result, UnitPrice, Word, limits::MAX_QUANTITY,
};

use crate::document::Document;

/// What can be read out of a document.
pub(crate) trait Read: Sized {
    /// Reads it. Errors: `wrong_type`, and those of the type.
    fn read(document: &Document) -> Result<Self>;
}

/// The keys of one object.
pub(crate) struct Fields<'a> {
    entries: &'a [(String, Document)],
}

impl<'a> Fields<'a> {
    /// The fields of an object that may have the keys `known`. Errors: `wrong_type`,
    /// `unknown_key`.
    pub(crate) fn of(document: &'a Document, known: &[&'static str]) -> Result<Self> {
        let Document::Map(entries) = document else {
            return Err(wrong_type("an object", document));
        };
        for (key, _) in entries {
            if !known.contains(&key.as_str()) {
                return Err(Error::new(Code::UnknownKey, format!("`{key}` is not a key here"))
                    .with_nearest(key, known.iter().copied())
                    .under(key));
            }
        }
        Ok(Fields { entries })
    }

    /// The value under a key, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Document> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value under a key that may be left out. It is not null.
    pub(crate) fn optional<T: Read>(&self, key: &'static str) -> Result<Option<T>> {
        match self.get(key) {
            Some(value) => T::read(value).map(Some).map_err(|error| error.under(key)),
            None => Ok(None),
        }
    }

    /// The value under a key that must be there. Errors: `missing_key`.
    pub(crate) fn required<T: Read>(&self, key: &'static str) -> Result<T> {
        self.optional(key)?.ok_or_else(|| missing_key(key))
    }

    /// The value under a key that may be left out, else the default.
    pub(crate) fn or_default<T: Read + Default>(&self, key: &'static str) -> Result<T> {
        Ok(self.optional(key)?.unwrap_or_default())
    }

    /// The value under a key that must be there and may be null.
    pub(crate) fn nullable<T: Read>(&self, key: &'static str) -> Result<Option<T>> {
        match self.get(key) {
            Some(Document::Null) => Ok(None),
            _ => self.required(key).map(Some),
        }
    }

    /// The part under a key that may be left out, read by a function.
    pub(crate) fn part<T>(
        &self,
        key: &'static str,
        read: fn(&Document) -> Result<T>,
    ) -> Result<Option<T>> {
        let part = self.get(key).map(read).transpose();
        part.map_err(|error| error.under(key))
    }

    /// The part under a key that must be there, read by a function. Errors: `missing_key`.
    pub(crate) fn required_part<T>(
        &self,
        key: &'static str,
        read: fn(&Document) -> Result<T>,
    ) -> Result<T> {
        self.part(key, read)?.ok_or_else(|| missing_key(key))
    }

    /// A fixed word that must be there. Errors: `missing_key`.
    pub(crate) fn required_word<T: Word>(&self, key: &'static str) -> Result<T> {
        self.required_part(key, read_word)
    }

    /// A fixed word that may be left out.
    pub(crate) fn word<T: Word + Default>(&self, key: &'static str) -> Result<T> {
        Ok(self.part(key, read_word)?.unwrap_or_default())
    }

    /// Refuses keys that the format knows and this version does not support.
    pub(crate) fn none_of(&self, later: &[&'static str]) -> Result<()> {
        match later.iter().find(|key| self.get(key).is_some()) {
            Some(key) => Err(not_supported("this key").under(key)),
            None => Ok(()),
        }
    }
}

pub(crate) fn wrong_type(expected: &str, found: &Document) -> Error {
    let message = format!("expected {expected}, found {}", found.kind());
    Error::new(Code::WrongType, message)
}

pub(crate) fn missing_key(key: &str) -> Error {
    Error::new(Code::MissingKey, format!("the key `{key}` is missing")).under(key)
}

pub(crate) fn misplaced_key(key: &str, place: &str) -> Error {
    Error::new(Code::UnknownKey, format!("`{key}` is not a key of {place}")).under(key)
}

pub(crate) fn not_supported(what: &str) -> Error {
    let message = format!("{what} is known to the format, not yet to this version");
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
pub(crate) fn read_map<T>(
    document: &Document,
    read: fn(&Document) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    let Document::Map(entries) = document else { return Err(wrong_type("an object", document)) };
    let mut values = BTreeMap::new();
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

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(document: &Document) -> Result<Self> {
        read_map(document, T::read)
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
    if value < 0 {
        return Error::new(Code::Negative, format!("{value} is below zero"));
    }
    let message = format!("{value} is too much, at most {MAX_QUANTITY} is allowed");
    Error::new(Code::OutOfRange, message)
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
