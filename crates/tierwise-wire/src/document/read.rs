//! From any serde format to a document: depth and double keys are checked here, with their path.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tierwise::{
    Code, Error, Result,
    limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES},
};

use super::Document;

/// Beyond this a float does not tell whole numbers apart (2^53).
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn from_json(bytes: &[u8]) -> Result<Document> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let message = format!("the document is larger than {MAX_DOCUMENT_BYTES} bytes");
        return Err(Error::new(Code::TooLarge, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the bytes from {} on are not UTF-8", error.valid_up_to());
        Error::new(Code::InvalidUtf8, message)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = from_deserializer(&mut deserializer)?;
    deserializer.end().map_err(|error| bad_json(&error))?;
    Ok(document)
}

pub(super) fn from_deserializer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Document> {
    let mut found = None;
    let reader = Reader { depth: 0, found: &mut found };
    reader.deserialize(deserializer).map_err(|error| found.unwrap_or_else(|| bad_json(&error)))
}

fn bad_json(error: &dyn fmt::Display) -> Error {
    Error::new(Code::BadJson, format!("the document cannot be read: {error}"))
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

    fn refuse<E: serde::de::Error>(&mut self, code: Code, message: String) -> E {
        *self.found = Some(Error::new(code, message));
        E::custom("refused")
    }

    fn check_depth<E: serde::de::Error>(&mut self) -> std::result::Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.refuse(Code::TooDeep, format!("nested deeper than {MAX_DEPTH}")))
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
    ) -> std::result::Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_none<E>(self) -> std::result::Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_some<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Document, E> {
        Ok(Document::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Document, E> {
        Ok(Document::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> std::result::Result<Document, E> {
        Ok(Document::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> std::result::Result<Document, E> {
        Ok(Document::Integer(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, or saturating")]
    fn visit_f64<E>(self, value: f64) -> std::result::Result<Document, E> {
        // JSON knows one kind of number: `30.0` is the whole number 30, on every host.
        let is_whole = value.fract() == 0.0 || value.abs() > MAX_EXACT;
        Ok(if is_whole && !value.is_nan() {
            Document::Integer(value as i128)
        } else {
            Document::Fraction
        })
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Document, E> {
        Ok(Document::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Document, E> {
        Ok(Document::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(
        mut self,
        mut seq: A,
    ) -> std::result::Result<Document, A::Error> {
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
    ) -> std::result::Result<Document, A::Error> {
        self.check_depth()?;
        let mut entries: Vec<(String, Document)> = Vec::new();
        let mut known = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !known.insert(key.clone()) {
                let error = self.refuse(Code::DuplicateKey, format!("`{key}` stands twice"));
                self.under(&key);
                return Err(error);
            }
            match map.next_value_seed(self.within()) {
                Ok(value) => entries.push((key, value)),
                Err(error) => {
                    self.under(&key);
                    return Err(error);
                }
            }
        }
        Ok(Document::Map(entries))
    }
}
