//! From a document to typed values: errors gain the path of the value that they are about.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use tierwise::{Code, Error};

use super::{Document, fault::Fault};

pub(super) fn read<'de, T: Deserialize<'de>>(document: &'de Document) -> Result<T, Error> {
    T::deserialize(Typed(document)).map_err(|fault| fault.0)
}

struct Typed<'de>(&'de Document);

fn expected_object<T>(found: &Document) -> Result<T, Fault> {
    let found = match found {
        Document::Null => "`null`",
        Document::Bool(_) => "a boolean",
        Document::Integer(_) | Document::Fraction(_) => "a number",
        Document::Text(_) => "a string",
        Document::List(_) => "a list",
        Document::Map(_) => "an object",
    };
    Err(Fault(Error::new(Code::WrongType, format!("expected an object, found {found}"))))
}

impl<'de> Deserializer<'de> for Typed<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Document::Null => visitor.visit_unit(),
            Document::Bool(value) => visitor.visit_bool(*value),
            Document::Integer(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_i128(*value),
            },
            Document::Fraction(value) => visitor.visit_f64(*value),
            Document::Text(text) => visitor.visit_borrowed_str(text),
            Document::List(list) => visitor.visit_seq(ListAccess { list: list.iter(), next: 0 }),
            Document::Map(entries) => {
                visitor.visit_map(EntryAccess { entries: entries.iter(), value: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Document::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // Derived code would take a list for a struct too.
        match self.0 {
            Document::Map(_) => self.deserialize_any(visitor),
            other => expected_object(other),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Document::Map(_) => self.deserialize_any(visitor),
            other => expected_object(other),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

struct ListAccess<'de> {
    list: std::slice::Iter<'de, Document>,
    next: usize,
}

impl<'de> SeqAccess<'de> for ListAccess<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(value) = self.list.next() else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Typed(value)).map(Some).map_err(|fault| Fault(fault.0.under(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

struct EntryAccess<'de> {
    entries: std::slice::Iter<'de, (String, Document)>,
    value: Option<&'de (String, Document)>,
}

impl<'de> MapAccess<'de> for EntryAccess<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.value = self.entries.next();
        let Some((key, _)) = self.value else { return Ok(None) };
        // An error about the key itself (an unknown one) has the key in its path too.
        seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(key.as_str()))
            .map(Some)
            .map_err(|fault| Fault(fault.0.under(key)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(Fault::custom("a value was read before its key"));
        };
        seed.deserialize(Typed(value)).map_err(|fault| Fault(fault.0.under(key)))
    }
}
