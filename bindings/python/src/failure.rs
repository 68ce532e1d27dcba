//! What is refused, on its way to becoming Python's `TierwiseError`.

use std::fmt;

use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};
use tierwise_wire::{Code, Error};

/// Codes for what only Python can hand over. They stand in `docs/errors.md`, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostCode {
    /// A time without a zone.
    NaiveDatetime,
    /// A value of a type that no document holds.
    UnsupportedType,
    /// A key that is not a string.
    BadKey,
    /// Infinity, or what is not a number.
    NotFinite,
    /// A null in a column that may have none.
    UnexpectedNull,
    /// What is not one column of quantities.
    BadColumn,
}

impl HostCode {
    const fn as_str(self) -> &'static str {
        match self {
            HostCode::NaiveDatetime => "naive_datetime",
            HostCode::UnsupportedType => "unsupported_type",
            HostCode::BadKey => "bad_key",
            HostCode::NotFinite => "not_finite",
            HostCode::UnexpectedNull => "unexpected_null",
            HostCode::BadColumn => "bad_column",
        }
    }
}

/// Why a call ends without an answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is wrong; with the code, where the engine's own error has none.
    Refused(Error, Option<HostCode>),
    /// Python code that was called raised this.
    Raised(PyErr),
}

/// The result of what can be refused.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A refusal with an engine's code.
    #[cold]
    pub(crate) fn refused(code: Code, message: impl fmt::Display) -> Self {
        Failure::Refused(Error::new(code, message), None)
    }

    /// A refusal with a code of this host.
    #[cold]
    pub(crate) fn host(code: HostCode, message: impl fmt::Display, help: &str) -> Self {
        // The engine's error carries the words and the path; its code is not shown.
        let error = Error::new(Code::WrongType, message).with_help(help);
        Failure::Refused(error, Some(code))
    }

    /// The same, seen from what holds the value under `key`. A document that is too large has no
    /// place in it.
    pub(crate) fn under(self, key: impl fmt::Display) -> Self {
        match self {
            Failure::Refused(error, code) if error.code() != Code::TooLarge => {
                Failure::Refused(error.under(key), code)
            }
            other => other,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Refused(error, None)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Failure::Raised(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Raised(error) => error,
            Failure::Refused(error, code) => Python::attach(|py| raised(py, &error, code)),
        }
    }
}

/// `tierwise.TierwiseError` with its four fields.
#[cold]
fn raised(py: Python<'_>, error: &Error, code: Option<HostCode>) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let code = code.map_or(error.code().as_str(), HostCode::as_str);
    let fields = (code, error.path(), error.message(), error.help());
    let made =
        CLASS.import(py, "tierwise._errors", "TierwiseError").and_then(|class| class.call1(fields));
    match made {
        Ok(instance) => PyErr::from_value(instance),
        Err(error) => error,
    }
}
