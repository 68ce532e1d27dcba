//! Python's own numbers and times as the texts that documents have for them.

use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyString, PyType},
};
use tierwise_wire::Code;

use crate::failure::{Failure, HostCode, Result};

/// How far from its point the first digit of a decimal may lie to be written out: farther than
/// any bound of the engine, near enough for a short text.
const MOST_PLACES: i64 = 64;

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

/// The text of a `Decimal`, a day or a time; none if the value is none of these.
pub(crate) fn text_of(value: &Bound<'_, PyAny>) -> Result<Option<String>> {
    let py = value.py();
    if value.is_instance(decimal_class(py)?)? {
        return decimal_text(value).map(Some);
    }
    // A `datetime` is a `date` as well.
    if value.is_instance(datetime_class(py)?)? {
        return time_text(value).map(Some);
    }
    if value.is_instance(date_class(py)?)? {
        return Ok(Some(value.call_method0(intern!(py, "isoformat"))?.extract()?));
    }
    Ok(None)
}

/// Digits without an exponent. What is no number, or has its digits very far from the point,
/// stays as Python writes it: the engine refuses that, and says so.
pub(crate) fn decimal_text(value: &Bound<'_, PyAny>) -> Result<String> {
    let py = value.py();
    let text: String = value.str()?.extract()?;
    if !text.contains('E') {
        return Ok(text);
    }
    let is_near = |place: &Bound<'_, PyAny>| -> PyResult<bool> {
        Ok(place.extract::<i64>()?.abs() <= MOST_PLACES)
    };
    let first = value.call_method0(intern!(py, "adjusted"))?;
    let last = value.call_method0(intern!(py, "as_tuple"))?.getattr(intern!(py, "exponent"))?;
    if is_near(&first)? && is_near(&last)? {
        return Ok(value.call_method1(intern!(py, "__format__"), ("f",))?.extract()?);
    }
    Ok(text)
}

/// RFC 3339. Errors: `naive_datetime`; `bad_time` for what is not a time at all (`NaT`).
fn time_text(value: &Bound<'_, PyAny>) -> Result<String> {
    let py = value.py();
    let text = value.call_method0(intern!(py, "isoformat"))?;
    let text = text.cast::<PyString>().map_err(PyErr::from)?.to_str()?.to_owned();
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Failure::refused(Code::BadTime, format_args!("`{text}` is not a time")));
    }
    if value.call_method0(intern!(py, "utcoffset"))?.is_none() {
        let message = format_args!("the time `{text}` has no time zone");
        let help = "give it one, like `datetime(2026, 4, 1, 9, tzinfo=timezone.utc)`";
        return Err(Failure::host(HostCode::NaiveDatetime, message, help));
    }
    Ok(text)
}
