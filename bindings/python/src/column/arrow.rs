//! Columns that come through the Arrow PyCapsule interface.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, NullArray,
    cast::AsArray,
    ffi::FFI_ArrowArray,
    new_empty_array,
    types::{
        ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type,
        Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, Field, ffi::FFI_ArrowSchema};
use pyo3::{
    exceptions::{PyException, PyImportError, PyMemoryError, PyValueError},
    intern,
    prelude::*,
    types::PyCapsule,
};
use pyo3_arrow::{
    PyArray, PyArrayReader,
    ffi::{ArrayIterator, ArrayReader},
};
use tierwise::Quantity;

use super::cells::{
    Totals, check_rows, not_exact, scaled, shortest, unreadable, unsupported, whole,
};
use crate::failure::Result;

/// The chunks of a column.
pub(super) type Chunks = Box<dyn ArrayReader + Send>;

/// The chunks of a column; none if the value is no Arrow object.
pub(super) fn chunks(value: &Bound<'_, PyAny>) -> Result<Option<Chunks>> {
    let py = value.py();
    match imported(value) {
        Ok(Some(chunks)) if is_null(chunks.field().data_type()) && value.hasattr("__len__")? => {
            // Polars gives such a column a buffer, which Arrow has none for: it is not read.
            let rows = check_rows(value.len()?)?;
            let nulls: ArrayRef = Arc::new(NullArray::new(rows));
            let field = Arc::new(Field::new("", DataType::Null, true));
            Ok(Some(Box::new(ArrayIterator::new([Ok(nulls)], field))))
        }
        Ok(chunks) => Ok(chunks),
        // A pandas column needs pyarrow for this; without it there are other ways.
        Err(error) if error.is_instance_of::<PyImportError>(py) => Ok(None),
        // Not of the column: the user's key, or no memory.
        Err(error)
            if !error.is_instance_of::<PyException>(py)
                || error.is_instance_of::<PyMemoryError>(py) =>
        {
            Err(error.into())
        }
        Err(error) => Err(unreadable(&error.value(py))),
    }
}

fn imported(value: &Bound<'_, PyAny>) -> PyResult<Option<Chunks>> {
    if let Some(chunks) = imported_capsules(value)? {
        return Ok(Some(chunks));
    }
    // What pyarrow makes an array of: pandas' own arrays.
    match value.getattr_opt(intern!(value.py(), "__arrow_array__"))? {
        Some(method) => imported_capsules(&method.call0()?),
        None => Ok(None),
    }
}

fn imported_capsules(value: &Bound<'_, PyAny>) -> PyResult<Option<Chunks>> {
    let py = value.py();
    if let Some(method) = value.getattr_opt(intern!(py, "__arrow_c_array__"))? {
        let (schema, array) = method.call0()?.extract()?;
        check_capsules(&schema, &array)?;
        let (array, field) = PyArray::from_arrow_pycapsule(&schema, &array)?.into_inner();
        return Ok(Some(Box::new(ArrayIterator::new([Ok(array)], field))));
    }
    if let Some(method) = value.getattr_opt(intern!(py, "__arrow_c_stream__"))? {
        let stream = method.call0()?.cast_into::<PyCapsule>()?;
        return PyArrayReader::from_arrow_pycapsule(&stream)?.into_reader().map(Some);
    }
    Ok(None)
}

/// Whether a column of the type, or a table of this one column, holds nothing but nulls.
fn is_null(kind: &DataType) -> bool {
    match kind {
        DataType::Null => true,
        DataType::Struct(fields) => {
            matches!(fields.as_ref(), [field] if *field.data_type() == DataType::Null)
        }
        _ => false,
    }
}

/// Refuses an array that somebody took already: reading it would be a panic.
#[expect(unsafe_code, reason = "only the capsule's memory says whether the array is still there")]
fn check_capsules(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<()> {
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: capsules of these names hold structures of these types, and the caller has a
    // reference to both. Nothing else runs while the interpreter lock is held.
    let is_there = unsafe { schema.as_ref().release.is_some() && !array.as_ref().is_released() };
    if is_there { Ok(()) } else { Err(PyValueError::new_err("the array was taken already")) }
}

/// Adds the rows of all chunks.
pub(super) fn add(totals: &mut Totals<'_>, chunks: Chunks) -> Result<()> {
    let field = chunks.field();
    for chunk in chunks {
        add_chunk(totals, &chunk.map_err(|error| unreadable(&error))?)?;
    }
    if totals.rows() == 0 {
        // A column without rows is of a type, too.
        return add_chunk(totals, &new_empty_array(field.data_type()));
    }
    Ok(())
}

fn add_chunk(totals: &mut Totals<'_>, chunk: &ArrayRef) -> Result<()> {
    totals.reserve(chunk.len())?;
    match chunk.data_type() {
        DataType::Int8 => integers::<Int8Type>(totals, chunk),
        DataType::Int16 => integers::<Int16Type>(totals, chunk),
        DataType::Int32 => integers::<Int32Type>(totals, chunk),
        DataType::Int64 => integers::<Int64Type>(totals, chunk),
        DataType::UInt8 => integers::<UInt8Type>(totals, chunk),
        DataType::UInt16 => integers::<UInt16Type>(totals, chunk),
        DataType::UInt32 => integers::<UInt32Type>(totals, chunk),
        DataType::UInt64 => integers::<UInt64Type>(totals, chunk),
        DataType::Decimal32(_, scale) => decimals::<Decimal32Type>(totals, chunk, *scale),
        DataType::Decimal64(_, scale) => decimals::<Decimal64Type>(totals, chunk, *scale),
        DataType::Decimal128(_, scale) => decimals::<Decimal128Type>(totals, chunk, *scale),
        DataType::Decimal256(..) => wide_decimals(totals, chunk),
        DataType::Null => (0..chunk.len()).try_for_each(|_| totals.add_null()),
        // A table of one column is that column.
        DataType::Struct(fields) if fields.len() == 1 && chunk.null_count() == 0 => {
            chunk.as_struct().columns().iter().try_for_each(|column| add_chunk(totals, column))
        }
        DataType::Struct(fields) if fields.len() == 1 => {
            Err(unreadable(&"it is a table that has null rows"))
        }
        DataType::Struct(fields) => {
            Err(unreadable(&format_args!("it is a table of {} columns", fields.len())))
        }
        other => refuse(totals, chunk, other),
    }
}

fn integers<T>(totals: &mut Totals<'_>, chunk: &ArrayRef) -> Result<()>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128>,
{
    let numbers = chunk.as_primitive::<T>();
    if numbers.null_count() == 0 {
        return totals.add_whole(numbers.values().iter().copied());
    }
    each(totals, numbers.iter(), |number| whole(number.into()))
}

fn decimals<T>(totals: &mut Totals<'_>, chunk: &ArrayRef, scale: i8) -> Result<()>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128>,
{
    each(totals, chunk.as_primitive::<T>().iter(), |number| scaled(number.into(), scale))
}

/// 256 bits hold more than a quantity may be; what is within its bounds has a short text.
fn wide_decimals(totals: &mut Totals<'_>, chunk: &ArrayRef) -> Result<()> {
    let numbers = chunk.as_primitive::<Decimal256Type>();
    let texts =
        (0..numbers.len()).map(|row| numbers.is_valid(row).then(|| numbers.value_as_string(row)));
    each(totals, texts, |text| Ok(Quantity::parse(shortest(&text))?))
}

fn each<T>(
    totals: &mut Totals<'_>,
    cells: impl Iterator<Item = Option<T>>,
    read: impl Fn(T) -> Result<Quantity>,
) -> Result<()> {
    for cell in cells {
        match cell {
            Some(cell) => {
                let quantity = read(cell).map_err(|failure| totals.at_row(failure))?;
                totals.add(quantity)?;
            }
            None => totals.add_null()?,
        }
    }
    Ok(())
}

/// A type that holds no quantities: the first row that is not null is named, if there is one.
fn refuse(totals: &Totals<'_>, chunk: &ArrayRef, kind: &DataType) -> Result<()> {
    let what = format_args!("a value of the type `{kind}`");
    let failure = if kind.is_floating() { not_exact(what) } else { unsupported(what) };
    match (0..chunk.len()).find(|row| chunk.is_valid(*row)) {
        Some(row) => Err(failure.under(totals.rows() + row)),
        None => Err(failure),
    }
}
