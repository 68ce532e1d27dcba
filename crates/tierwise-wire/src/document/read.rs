//! From what another format's deserializer brings to a document.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tierwise::{Code, Error, Result, limits::MAX_DEPTH};

use super::{Document, double_key, too_deep};

/// Beyond this a float does not tell whole numbers apart (2^53).
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn from_deserializer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Document> {
    let mut found = None;
    let reader = Reader { depth: 0, found: &mut found };
    reader.deserialize(deserializer).map_err(|error| found.unwrap_or_else(|| bad_json(&error)))
}

fn bad_json(error: &dyn fmt::Display) -> Error {
    Error::new(Code::BadJson, format_args!("the document cannot be read: {error}"))
}

/// Reads one value. An error of its own goes to `found`: the format's error cannot carry it.
struct Reader<'a> {
    depth: usize,
    found: &'a mut Option<Error>,
}

impl Reader<'_> {
    fn within(&mut self) -> Reader<'_> {
        Reader { depth: self.depth + 1, found: self.found }
    }

    fn refuse<E: serde::de::Error>(&mut self, error: Error) -> E {
        *self.found = Some(error);
        E::custom("refused")
    }

    fn check_depth<E: serde::de::Error>(&mut self) -> core::result::Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.refuse(too_deep()))
    }

    /// Prefixes the path of an error found below `key`.
    fn under(&mut self, key: impl fmt::Display) {
        *self.found = self.found.take().map(|error| error.under(key));
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> core::result::Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> core::result::Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_none<E>(self) -> core::result::Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_some<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> core::result::Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> core::result::Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> core::result::Result<Document, E> {
        Ok(Document::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> core::result::Result<Document, E> {
        Ok(Document::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> core::result::Result<Document, E> {
        Ok(Document::integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> core::result::Result<Document, E> {
        Ok(Document::Integer(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
    #[expect(clippy::cast_precision_loss, reason = "compared with what it came from")]
    fn visit_f64<E>(self, value: f64) -> core::result::Result<Document, E> {
        // JSON knows one kind of number: `30.0` is the whole number 30, on every host.
        let whole = value as i128;
        Ok(if whole as f64 == value || value.abs() > MAX_EXACT {
            Document::Integer(whole)
        } else {
            Document::Fraction
        })
    }

    fn visit_str<E>(self, value: &str) -> core::result::Result<Document, E> {
        Ok(Document::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> core::result::Result<Document, E> {
        Ok(Document::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(
        mut self,
        mut seq: A,
    ) -> core::result::Result<Document, A::Error> {
        self.check_depth()?;
        let mut list = Vec::new();
        loop {
            match seq.next_element_seed(self.within()) {
                Ok(Some(value)) => list.push(value),
                Ok(None) => return Ok(Document::List(list)),
                Err(error) => {
                    self.under(list.len());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(
        mut self,
        mut map: A,
    ) -> core::result::Result<Document, A::Error> {
        self.check_depth()?;
        let mut entries: Vec<(String, Document)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match map.next_value_seed(self.within()) {
                Ok(value) => entries.push((key, value)),
                Err(error) => {
                    self.under(&key);
                    return Err(error);
                }
            }
        }
        match double_key(&entries) {
            Ok(()) => Ok(Document::Map(entries)),
            Err(error) => Err(self.refuse(error)),
        }
    }
}
