//! Python's own numbers and times as the texts that documents have for them.

use pyo3::{
    exceptions::PyOverflowError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyString, PyType, PyTzInfo},
};
use tierwise::limits::MAX_DOCUMENT_BYTES;

use crate::failure::{Failure, HostCode, Result};

pub(crate) fn decimal_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "decimal", "Decimal")
}

fn date_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "datetime", "date")
}

fn datetime_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "datetime", "datetime")
}

/// The day of a text of an answer.
pub(crate) fn day<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    date_class(py)?.call_method1(intern!(py, "fromisoformat"), (text,))
}

/// A `Decimal` in digits.
pub(crate) enum Decimal {
    /// Its digits without an exponent; or, of what is no number, what Python calls it.
    Text(String),
    /// Its digits are more than any document has: why no number of the engine is like it.
    Beyond(Beyond),
}

/// A number of very many digits.
pub(crate) struct Beyond {
    /// As Python writes it, with an exponent.
    pub(crate) text: String,
    pub(crate) is_negative: bool,
    /// Whether the digits are decimals.
    pub(crate) is_small: bool,
}

/// The digits of a `Decimal`; none if the value is something else.
pub(crate) fn decimal(value: &Bound<'_, PyAny>) -> Result<Option<Decimal>> {
    let py = value.py();
    if !value.is_instance(decimal_class(py)?)? {
        return Ok(None);
    }
    let text: String = value.str()?.extract()?;
    if !text.contains('E') {
        return Ok(Some(Decimal::Text(text)));
    }
    let first: i64 = value.call_method0(intern!(py, "adjusted"))?.extract()?;
    let digits = value.call_method0(intern!(py, "as_tuple"))?;
    let last: i64 = digits.getattr(intern!(py, "exponent"))?.extract()?;
    if last > 0 && !value.is_truthy()? {
        // Zeros before the point are none.
        return Ok(Some(Decimal::Text("0".to_owned())));
    }
    let is_near = |place: i64| {
        usize::try_from(place.unsigned_abs()).is_ok_and(|place| place <= MAX_DOCUMENT_BYTES)
    };
    if is_near(first) && is_near(last) {
        let text = value.call_method1(intern!(py, "__format__"), (intern!(py, "f"),))?;
        return Ok(Some(Decimal::Text(text.extract()?)));
    }
    let is_negative = text.starts_with('-');
    Ok(Some(Decimal::Beyond(Beyond { text, is_negative, is_small: last < 0 })))
}

/// The text of a day or a time; none if the value is neither.
pub(crate) fn text_of(value: &Bound<'_, PyAny>) -> Result<Option<String>> {
    let py = value.py();
    // A `datetime` is a `date` as well.
    if value.is_instance(datetime_class(py)?)? {
        return time_text(value).map(Some);
    }
    if value.is_instance(date_class(py)?)? {
        return Ok(Some(value.call_method0(intern!(py, "isoformat"))?.extract()?));
    }
    Ok(None)
}

/// RFC 3339. Errors: `naive_datetime`; `unsupported_type` for what is no time at all (`NaT`).
fn time_text(value: &Bound<'_, PyAny>) -> Result<String> {
    let py = value.py();
    let text = value.call_method0(intern!(py, "isoformat"))?;
    let text = text.cast::<PyString>().map_err(PyErr::from)?.to_str()?.to_owned();
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(unsupported(value)?);
    }
    let offset = value.call_method0(intern!(py, "utcoffset"))?;
    if offset.is_none() {
        let message = format_args!("the time `{text}` has no time zone");
        let help = "give it one, like `datetime(2026, 4, 1, 9, tzinfo=timezone.utc)`";
        return Err(Failure::host(HostCode::NaiveDatetime, message, help));
    }
    let seconds: i32 = offset.getattr(intern!(py, "seconds"))?.extract()?;
    let microseconds: i32 = offset.getattr(intern!(py, "microseconds"))?.extract()?;
    if seconds % 60 == 0 && microseconds == 0 {
        return Ok(text);
    }
    // RFC 3339 has no seconds in an offset; zones of long ago have.
    match value.call_method1(intern!(py, "astimezone"), (PyTzInfo::utc(py)?,)) {
        Ok(time) => Ok(time.call_method0(intern!(py, "isoformat"))?.extract()?),
        // At the ends of what Python's times can be: out of the engine's bounds, and it says so.
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => Ok(text),
        Err(error) => Err(error.into()),
    }
}

/// A value of a type that no document holds.
#[cold]
pub(crate) fn unsupported(value: &Bound<'_, PyAny>) -> PyResult<Failure> {
    let kind = value.get_type().qualname()?;
    let message = format_args!("a value of type `{kind}` has no place in a document");
    let help = "use dicts, lists, strings, whole numbers, `Decimal`, dates, times, None";
    Ok(Failure::host(HostCode::UnsupportedType, message, help))
}
