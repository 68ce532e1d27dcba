//! Columns that come through the Arrow PyCapsule interface.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    new_empty_array,
    types::{
        ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type,
        Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::DataType;
use pyo3::{exceptions::PyImportError, prelude::*};
use pyo3_arrow::{ffi::ArrayReader, input::AnyArray};
use tierwise::Quantity;

use super::cells::{Totals, not_exact, scaled, shortest, unreadable, unsupported, whole};
use crate::failure::Result;

/// The chunks of a column; none if the value is no Arrow object.
pub(super) fn chunks(value: &Bound<'_, PyAny>) -> Result<Option<Box<dyn ArrayReader + Send>>> {
    if !value.hasattr("__arrow_c_array__")? && !value.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    match value.extract::<AnyArray>().and_then(AnyArray::into_reader) {
        Ok(chunks) => Ok(Some(chunks)),
        // A pandas column needs pyarrow for this; without it there are other ways.
        Err(error) if error.is_instance_of::<PyImportError>(value.py()) => Ok(None),
        Err(error) => Err(unreadable(&error.value(value.py())).under("quantities")),
    }
}

/// Adds the rows of all chunks.
pub(super) fn add(totals: &mut Totals<'_>, chunks: Box<dyn ArrayReader + Send>) -> Result<()> {
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
    totals.reserve(chunk.len());
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
        DataType::Struct(fields) => {
            let count = fields.len();
            Err(unreadable(&format_args!("it is a table of {count} columns, or has null rows")))
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
