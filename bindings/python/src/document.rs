//! Python's objects as documents, so that they are read like JSON text.

use std::collections::HashSet;

use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple},
};
use serde::de::{IntoDeserializer, value::Error as ValueError};
use tierwise::limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES};
use tierwise_wire::{Code, Document, Error};

use crate::{
    failure::{Failure, HostCode, Result},
    moments::{self, Decimal},
    record::Shape,
};

/// A value as a document, and about how many bytes it has as JSON. Errors name the path of what
/// does not fit: `too_deep` (whatever contains itself is), `too_large`, `duplicate_key`,
/// `invalid_utf8`, `bad_time`, and those of this host: `naive_datetime`, `unsupported_type`,
/// `bad_key`, `not_finite`.
pub(crate) fn document(value: &Bound<'_, PyAny>) -> Result<(Document, usize)> {
    let mut reader = Reader { spent: 0, most: MAX_DOCUMENT_BYTES };
    let document = reader.value(value, 0)?;
    Ok((document, reader.spent))
}

/// The canonical JSON of an answer, or of another value that a document can hold.
#[pyfunction]
#[pyo3(signature = (value, /))]
pub(crate) fn canonical(value: &Bound<'_, PyAny>) -> PyResult<String> {
    // Questions have a bound; an answer is as long as it is.
    let mut reader = Reader { spent: 0, most: usize::MAX };
    Ok(tierwise_wire::canonical(&reader.value(value, 0)?))
}

struct Reader {
    /// The bytes so far.
    spent: usize,
    most: usize,
}

impl Reader {
    fn value(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<Document> {
        if let Ok(text) = value.cast::<PyString>() {
            return self.text(text).map(Document::Text);
        }
        if let Ok(entries) = value.cast_exact::<PyDict>() {
            // A copy: Python code that runs below may change the dictionary.
            return self.map(entries.items(), true, depth);
        }
        if value.is_none() {
            self.spend(4)?;
            return Ok(Document::Null);
        }
        if let Ok(flag) = value.cast::<PyBool>() {
            self.spend(4)?;
            return Ok(Document::Bool(flag.is_true()));
        }
        if let Ok(number) = value.cast::<PyInt>() {
            return self.integer(number);
        }
        if let Ok(list) = value.cast::<PyList>() {
            return self.list(list.iter(), depth);
        }
        if let Ok(tuple) = value.cast::<PyTuple>() {
            return match Shape::of(value)? {
                Some(shape) => self.record(shape.get(), tuple, depth),
                None => self.list(tuple.iter(), depth),
            };
        }
        self.other(value, depth)
    }

    /// What is rarer, and dearer to recognise.
    fn other(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<Document> {
        if let Some(decimal) = moments::decimal(value)? {
            return self.decimal(decimal);
        }
        if let Some(text) = moments::text_of(value)? {
            self.spend(text.len())?;
            return Ok(Document::Text(text));
        }
        if let Ok(number) = value.cast::<PyFloat>() {
            return self.float(number.value());
        }
        if let Ok(entries) = value.cast::<PyMapping>() {
            return self.map(entries.items()?, false, depth);
        }
        if let Some(number) = index(value)? {
            return self.integer(&number);
        }
        Err(moments::unsupported(value)?)
    }

    /// The digits of a decimal: with very many of them they are more than a document may have.
    fn decimal(&mut self, decimal: Decimal) -> Result<Document> {
        match decimal {
            Decimal::Text(text) => {
                self.spend(text.len())?;
                Ok(Document::Text(text))
            }
            Decimal::Beyond(_) => Err(too_large(self.most)),
        }
    }

    fn spend(&mut self, bytes: usize) -> Result<()> {
        // With the comma or the colon after it.
        self.spent = self.spent.saturating_add(bytes).saturating_add(1);
        if self.spent > self.most { Err(too_large(self.most)) } else { Ok(()) }
    }

    fn text(&mut self, text: &Bound<'_, PyString>) -> Result<String> {
        let text = utf8(text)?;
        self.spend(text.len().saturating_add(2))?;
        Ok(text.to_owned())
    }

    fn integer(&mut self, number: &Bound<'_, PyInt>) -> Result<Document> {
        self.spend(1)?;
        Ok(Document::integer(match integer(number) {
            Some(number) => number,
            None if number.lt(0)? => i128::MIN,
            None => i128::MAX,
        }))
    }

    /// A float is what the same number in JSON is: whole, or a fraction.
    fn float(&mut self, number: f64) -> Result<Document> {
        self.spend(1)?;
        if !number.is_finite() {
            let message = format_args!("`{number}` is not a finite number");
            let help = "money is a `Decimal` or a string of digits";
            return Err(Failure::host(HostCode::NotFinite, message, help));
        }
        let number = IntoDeserializer::<ValueError>::into_deserializer(number);
        Ok(Document::from_deserializer(number)?)
    }

    fn list<'py>(
        &mut self,
        values: impl Iterator<Item = Bound<'py, PyAny>>,
        depth: usize,
    ) -> Result<Document> {
        self.open(depth)?;
        let mut list = Vec::new();
        for (i, value) in values.enumerate() {
            list.push(self.value(&value, depth + 1).map_err(|failure| failure.under(i))?);
        }
        Ok(Document::List(list))
    }

    /// The entries of a mapping. Keys of a `dict` are different strings unless one is of a class
    /// of its own.
    fn map(&mut self, entries: Bound<'_, PyList>, is_dict: bool, depth: usize) -> Result<Document> {
        self.open(depth)?;
        let mut map: Vec<(String, Document)> = Vec::with_capacity(entries.len());
        let mut are_plain = is_dict;
        for entry in entries {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = entry.extract()?;
            let Ok(text) = key.cast::<PyString>() else { return Err(bad_key(&key)?) };
            are_plain &= key.is_exact_instance_of::<PyString>();
            let text = match self.text(text) {
                Ok(text) => text,
                Err(failure) => return Err(failure.under(escaped(text)?)),
            };
            let value = self.value(&value, depth + 1).map_err(|failure| failure.under(&text))?;
            map.push((text, value));
        }
        if !are_plain {
            check_keys(&map)?;
        }
        Ok(Document::Map(map))
    }

    /// An answer: its fields by their keys, without those that it does not have.
    fn record(
        &mut self,
        shape: &Shape,
        values: &Bound<'_, PyTuple>,
        depth: usize,
    ) -> Result<Document> {
        self.open(depth)?;
        let mut map = Vec::with_capacity(values.len());
        for (field, value) in shape.fields().iter().zip(values) {
            if value.is_none() && field.is_optional {
                continue;
            }
            let value = self.value(&value, depth + 1);
            map.push((field.key.clone(), value.map_err(|failure| failure.under(&field.key))?));
        }
        Ok(Document::Map(map))
    }

    fn open(&mut self, depth: usize) -> Result<()> {
        if depth < MAX_DEPTH {
            return self.spend(1);
        }
        Err(Failure::refused(Code::TooDeep, format_args!("nested deeper than {MAX_DEPTH}")))
    }
}

#[cold]
fn too_large(most_bytes: usize) -> Failure {
    let message = format_args!("the document is larger than {most_bytes} bytes");
    let help = "a catalog or a request is a few kilobytes: is this the right one?";
    Error::new(Code::TooLarge, message).with_help(help).into()
}

/// The text of a string. Errors: `invalid_utf8` for a lone surrogate, which has no UTF-8.
pub(crate) fn utf8<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str> {
    text.to_str().map_err(|_| {
        let error = Error::new(Code::InvalidUtf8, "the string has a lone surrogate")
            .with_help("decode it with the encoding that it came in");
        Failure::from(error)
    })
}

/// A whole number; none if it lies beyond 128 bits.
#[inline]
pub(crate) fn integer(number: &Bound<'_, PyInt>) -> Option<i128> {
    match number.extract::<i64>() {
        Ok(number) => Some(number.into()),
        Err(_) => number.extract().ok(),
    }
}

/// A whole number of another library, like `numpy.int64`; none if the value is something else.
pub(crate) fn index<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyInt>>> {
    let Some(convert) = value.getattr_opt(intern!(value.py(), "__index__"))? else {
        return Ok(None);
    };
    match convert.call0() {
        Ok(number) => Ok(number.cast_into().ok()),
        // An array of NumPy has the method, and refuses.
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn bad_key(key: &Bound<'_, PyAny>) -> PyResult<Failure> {
    let kind = key.get_type().qualname()?;
    let message = format_args!("a key is of type `{kind}`, keys are strings");
    Ok(Failure::host(HostCode::BadKey, message, "").under(escaped(&key.repr()?)?))
}

/// A string with each lone surrogate in six characters, like `\ud800`, as every host shows it.
pub(crate) fn escaped(text: &Bound<'_, PyString>) -> PyResult<String> {
    if let Ok(text) = text.to_str() {
        return Ok(text.to_owned());
    }
    let bytes = text.call_method1(intern!(text.py(), "encode"), ("utf-8", "backslashreplace"))?;
    Ok(String::from_utf8_lossy(bytes.cast::<PyBytes>()?.as_bytes()).into_owned())
}

/// An error about a value that is a string in JSON, and something else in Python: it names what
/// stands there. Other errors stay as they are.
#[cold]
pub(crate) fn with_pythons_type(error: Error, request: &Bound<'_, PyAny>) -> Result<Error> {
    let Some(expected) = error.message().strip_suffix("found a string") else { return Ok(error) };
    let mut value = request.clone();
    for key in error.path().split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        let inner = if let Ok(entries) = value.cast::<PyDict>() {
            entries.get_item(&key)?
        } else if let Ok(list) = value.cast::<PyList>() {
            key.parse().ok().and_then(|place| list.get_item(place).ok())
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            key.parse().ok().and_then(|place| tuple.get_item(place).ok())
        } else {
            None
        };
        let Some(inner) = inner else { return Ok(error) };
        value = inner;
    }
    if value.is_instance_of::<PyString>() {
        return Ok(error);
    }
    let message = format!("{expected}found a value of type `{}`", value.get_type().qualname()?);
    let named = Error::new(error.code(), message);
    let is_whole = expected.starts_with("expected a whole number");
    let named = named.with_help(if is_whole { "give it as an `int`" } else { error.help() });
    Ok(named.at(error.path()))
}

fn check_keys(map: &[(String, Document)]) -> Result<()> {
    let mut known = HashSet::with_capacity(map.len());
    match map.iter().find(|(key, _)| !known.insert(key)) {
        None => Ok(()),
        Some((key, _)) => {
            let message = format_args!("`{key}` stands twice");
            Err(Failure::refused(Code::DuplicateKey, message).under(key))
        }
    }
}
