//! Refusals that catalogs and requests share: keys that are missing, misplaced, or not supported yet.

use serde::{Deserialize, Deserializer};
use tierwise::{Code, Error};

use crate::document::coded;

/// A key that the format knows and this version does not support.
#[derive(Debug)]
pub(crate) struct Later;

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(_: D) -> std::result::Result<Self, D::Error> {
        Err(coded(&not_supported("this key")))
    }
}

pub(crate) fn not_supported(what: &str) -> Error {
    Error::new(
        Code::NotSupported,
        format!("{what} is known to the format, not yet to this version"),
    )
}

pub(crate) fn missing_key(key: &str) -> Error {
    Error::new(Code::MissingKey, format!("the key `{key}` is missing")).under(key)
}

pub(crate) fn misplaced_key(key: &str, place: &str) -> Error {
    Error::new(Code::UnknownKey, format!("`{key}` is not a key of {place}")).under(key)
}
