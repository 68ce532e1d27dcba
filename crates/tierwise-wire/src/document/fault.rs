//! The engine's error as an error of serde: codes, paths and help survive the way through derived
//! code.

use std::fmt;

use serde::de::{Error as DeError, Expected, Unexpected};
use tierwise::{Code, Error};

/// An [`Error`] that serde can carry.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Error);

/// Parts of an error inside the one text that `serde::de::Error::custom` takes.
const SEPARATOR: char = '\u{1}';

/// An error of the engine, for the deserializer at hand.
pub(crate) fn coded<E: DeError>(error: &Error) -> E {
    E::custom(Coded(error))
}

/// An error of the engine that serde's `try_from` can carry.
pub(crate) struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Coded(&self.0).fmt(f)
    }
}

struct Coded<'a>(&'a Error);

impl fmt::Display for Coded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.0;
        let parts = [error.code().as_str(), error.path(), error.message(), error.help()];
        parts.iter().try_for_each(|part| write!(f, "{SEPARATOR}{part}"))
    }
}

impl DeError for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        let mut parts = text.splitn(5, SEPARATOR);
        let parts = [(); 5].map(|()| parts.next());
        let [Some(""), Some(code), Some(path), Some(message), Some(help)] = parts else {
            return Fault(Error::new(Code::WrongType, text));
        };
        let code = Code::ALL.iter().find(|known| known.as_str() == code).copied();
        let error = Error::new(code.unwrap_or(Code::WrongType), message);
        Fault(error.with_help(help).at(path))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(value) => format!("`{value}`"),
            Unexpected::Unsigned(value) => format!("the number {value}"),
            Unexpected::Signed(value) => format!("the number {value}"),
            Unexpected::Float(value) => format!("the number {value}"),
            Unexpected::Str(_) => "a string".to_owned(),
            Unexpected::Unit => "`null`".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "an object".to_owned(),
            Unexpected::Other(what) => what.to_owned(),
            other => other.to_string(),
        };
        Fault(Error::new(Code::WrongType, format!("expected {expected}, found {found}")))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Fault(
            Error::new(Code::UnknownKey, format!("`{field}` is not a key here"))
                .with_nearest(field, expected.iter().copied()),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Fault(Error::new(Code::MissingKey, format!("the key `{field}` is missing")).under(field))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}
