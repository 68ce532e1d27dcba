//! The answer of a column: exact amounts as an Arrow array that every Arrow library can take.

use std::sync::Arc;

use arrow_array::{Array, Decimal128Array};
use arrow_schema::Field;
use pyo3::{
    exceptions::PyIndexError,
    prelude::*,
    types::{PyCapsule, PyIterator, PyList, PySlice, PyTuple},
};
use pyo3_arrow::{
    error::PyArrowResult,
    ffi::{to_array_pycapsules, to_schema_pycapsule},
};

use super::cells::shortest;
use crate::moments;

/// How many amounts a text of the array shows.
const MOST_SHOWN: usize = 10;

/// Exact amounts, `Decimal128(38, 12)`, some perhaps null.
#[pyclass(frozen, sequence, module = "tierwise._engine")]
pub(crate) struct Decimals(Decimal128Array);

impl Decimals {
    pub(super) fn of(array: Decimal128Array) -> Self {
        Decimals(array)
    }

    fn field(&self) -> Field {
        Field::new("total", self.0.data_type().clone(), true)
    }

    /// The text of an amount, without zeros at its end (G3).
    fn text(&self, row: usize) -> Option<String> {
        self.0.is_valid(row).then(|| shortest(&self.0.value_as_string(row)).to_owned())
    }

    fn value<'py>(&self, py: Python<'py>, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self.text(row) {
            Some(text) => moments::decimal_class(py)?.call1((text,)),
            None => Ok(py.None().into_bound(py)),
        }
    }
}

#[pymethods]
impl Decimals {
    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// An amount by its number (from the end if it is negative), or a part of the array.
    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = key.cast::<PySlice>() {
            return self.part(py, slice);
        }
        let index: isize = key.extract()?;
        let length = self.0.len();
        let row = if index < 0 {
            length.checked_sub(index.unsigned_abs())
        } else {
            Some(index.unsigned_abs())
        };
        match row.filter(|row| *row < length) {
            Some(row) => self.value(py, row),
            None => Err(PyIndexError::new_err("there is no such row")),
        }
    }

    /// All amounts as a list of `Decimal` and `None`.
    fn to_list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let values: PyResult<Vec<_>> = (0..self.0.len()).map(|row| self.value(py, row)).collect();
        PyList::new(py, values?)
    }

    /// One amount after the other.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.to_list(py)?.try_iter()
    }

    /// How many are null.
    #[getter]
    fn null_count(&self) -> usize {
        self.0.null_count()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Decimals>().is_ok_and(|other| self.0 == other.get().0)
    }

    fn __repr__(&self) -> String {
        let shown = (0..self.0.len().min(MOST_SHOWN))
            .map(|row| self.text(row).unwrap_or_else(|| "None".to_owned()));
        let mut shown: Vec<_> = shown.collect();
        if self.0.len() > MOST_SHOWN {
            shown.push("…".to_owned());
        }
        let (kind, length) = (self.0.data_type(), self.0.len());
        format!("<tierwise.Decimals {kind}, {length} rows: [{}]>", shown.join(", "))
    }

    /// The Arrow PyCapsule interface: the array.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyTuple>> {
        to_array_pycapsules(py, Arc::new(self.field()), &self.0, requested_schema)
    }

    /// The Arrow PyCapsule interface: the type of the array.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyArrowResult<Bound<'py, PyCapsule>> {
        to_schema_pycapsule(py, self.field())
    }
}

impl Decimals {
    fn part<'py>(
        &self,
        py: Python<'py>,
        slice: &Bound<'py, PySlice>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let length = isize::try_from(self.0.len()).unwrap_or(isize::MAX);
        let indices = slice.indices(length)?;
        let rows = (0..indices.slicelength).map(|n| {
            let n = isize::try_from(n).unwrap_or(isize::MAX);
            indices.start.saturating_add(n.saturating_mul(indices.step)).unsigned_abs()
        });
        let values = rows.map(|row| self.0.is_valid(row).then(|| self.0.value(row)));
        let array = Decimal128Array::from_iter(values).with_data_type(self.0.data_type().clone());
        Ok(Bound::new(py, Decimals(array))?.into_any())
    }
}
