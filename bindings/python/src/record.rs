//! Answers as records: canonical JSON to tuples of a class, each value of Python's own type.

use std::fmt;

use pyo3::{
    IntoPyObjectExt as _,
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyMappingProxy, PyTuple, PyType},
};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::moments;

/// What stands in a field, besides null.
enum Kind {
    /// A string, a whole number or a truth value, as it is.
    Plain,
    /// Money or a quantity: `Decimal`.
    Decimal,
    /// A day: `datetime.date`.
    Day,
    /// A list: a tuple.
    List(Box<Kind>),
    /// An object whose keys are names: a read-only mapping.
    Map(Box<Kind>),
    /// An object of a known shape: a record.
    Record(Py<Shape>),
}

/// One field of a record.
pub(crate) struct FieldShape {
    /// Its key in JSON.
    pub(crate) key: String,
    kind: Kind,
    /// Whether the key may be absent; the value is `None` then.
    pub(crate) is_optional: bool,
}

/// How a class of records is made from JSON, and becomes JSON again.
#[pyclass(frozen, module = "tierwise._engine")]
pub(crate) struct Shape {
    class: Py<PyType>,
    fields: Vec<FieldShape>,
}

#[pymethods]
impl Shape {
    /// The shape of a class: for each field, in its order, its key, its kind and whether it may
    /// be absent.
    #[new]
    #[pyo3(signature = (record_class, fields, /))]
    fn new(
        record_class: Bound<'_, PyType>,
        fields: Vec<(String, Bound<'_, PyAny>, bool)>,
    ) -> PyResult<Self> {
        let field = |(key, kind, is_optional): (String, Bound<'_, PyAny>, bool)| {
            Ok(FieldShape { key, kind: Kind::read(&kind)?, is_optional })
        };
        let fields = fields.into_iter().map(field).collect::<PyResult<_>>()?;
        Ok(Shape { class: record_class.unbind(), fields })
    }

    /// The record that JSON of this shape is.
    #[pyo3(signature = (text, /))]
    fn read<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        self.record(py, text)
    }
}

impl Kind {
    /// From what a class says: a word, a class of records, or `("list", kind)`, `("map", kind)`.
    fn read(kind: &Bound<'_, PyAny>) -> PyResult<Self> {
        let unknown = || {
            let message = format!("unknown kind of field: {kind}");
            PyTypeError::new_err(message)
        };
        if let Ok(class) = kind.cast::<PyType>() {
            let shape = class.getattr(intern!(kind.py(), "_shape"))?;
            return Ok(Kind::Record(shape.cast_into::<Shape>()?.unbind()));
        }
        if let Ok((word, inner)) = kind.extract::<(String, Bound<'_, PyAny>)>() {
            let inner = Box::new(Kind::read(&inner)?);
            return match word.as_str() {
                "list" => Ok(Kind::List(inner)),
                "map" => Ok(Kind::Map(inner)),
                _ => Err(unknown()),
            };
        }
        match kind.extract::<String>()?.as_str() {
            "plain" => Ok(Kind::Plain),
            "decimal" => Ok(Kind::Decimal),
            "day" => Ok(Kind::Day),
            _ => Err(unknown()),
        }
    }
}

impl Shape {
    /// The shape of a record; none if the value is another tuple.
    pub(crate) fn of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, Self>>> {
        if value.is_exact_instance_of::<PyTuple>() {
            return Ok(None);
        }
        let shape = value.get_type().getattr_opt(intern!(value.py(), "_shape"))?;
        Ok(shape.and_then(|shape| shape.cast_into::<Self>().ok()))
    }

    pub(crate) fn fields(&self) -> &[FieldShape] {
        &self.fields
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.key == key)
    }

    /// The record that an answer of the engine is.
    pub(crate) fn record<'py>(&self, py: Python<'py>, answer: &str) -> PyResult<Bound<'py, PyAny>> {
        let mut json = serde_json::Deserializer::from_str(answer);
        let seed = RecordSeed { py, shape: self };
        seed.deserialize(&mut json).map_err(|error| {
            PyValueError::new_err(format!("this is not JSON of the record's shape: {error}"))
        })
    }

    fn made<'py>(
        &self,
        py: Python<'py>,
        values: Vec<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let make = MAKE.get_or_try_init(py, || {
            Ok::<_, PyErr>(py.get_type::<PyTuple>().getattr("__new__")?.unbind())
        })?;
        let values = PyTuple::new(py, values)?;
        make.bind(py).call1((self.class.bind(py), values))
    }
}

struct RecordSeed<'a, 'py> {
    py: Python<'py>,
    shape: &'a Shape,
}

impl<'de, 'py> DeserializeSeed<'de> for RecordSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, 'py> Visitor<'de> for RecordSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let fields = self.shape.fields();
        let mut values = vec![None; fields.len()];
        // The keys of an answer rise, as the fields of its class do: mostly the next one comes.
        let mut next = 0;
        while let Some(key) = map.next_key::<&str>()? {
            let is_next = fields.get(next).is_some_and(|field| field.key == key);
            let place = if is_next { Some(next) } else { self.shape.place(key) };
            let found = place.and_then(|place| fields.get(place).zip(values.get_mut(place)));
            let Some((field, value)) = found else {
                return Err(A::Error::custom(format_args!("`{key}` is not a field")));
            };
            *value = Some(map.next_value_seed(ValueSeed { py: self.py, kind: &field.kind })?);
            next = place.unwrap_or_default() + 1;
        }
        let mut absent = fields.iter().zip(&values).filter(|(_, value)| value.is_none());
        if let Some((field, _)) = absent.find(|(field, _)| !field.is_optional) {
            return Err(A::Error::custom(format_args!("`{}` is missing", field.key)));
        }
        self.shape.made(self.py, values).map_err(A::Error::custom)
    }
}

/// Reads one value as what its kind says, or null.
struct ValueSeed<'a, 'py> {
    py: Python<'py>,
    kind: &'a Kind,
}

impl<'de, 'py> DeserializeSeed<'de> for ValueSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for ValueSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the kind that its field has")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.py).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.py).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.py).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let py = self.py;
        let value = match self.kind {
            Kind::Decimal => moments::decimal_class(py).and_then(|class| class.call1((text,))),
            Kind::Day => moments::day(py, text),
            _ => text.into_bound_py_any(py),
        };
        value.map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let Kind::List(kind) = self.kind else { return Err(A::Error::custom("a list")) };
        let mut values = Vec::with_capacity(seq.size_hint().unwrap_or_default());
        while let Some(value) = seq.next_element_seed(ValueSeed { py: self.py, kind })? {
            values.push(value);
        }
        let values = PyTuple::new(self.py, values).map_err(A::Error::custom)?;
        Ok(values.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let py = self.py;
        let kind = match self.kind {
            Kind::Record(shape) => return RecordSeed { py, shape: shape.get() }.visit_map(map),
            Kind::Map(kind) => kind,
            _ => return Err(A::Error::custom("an object")),
        };
        let values = PyDict::new(py);
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(ValueSeed { py, kind })?;
            values.set_item(name, value).map_err(A::Error::custom)?;
        }
        Ok(PyMappingProxy::new(py, values.as_mapping()).into_any())
    }
}
