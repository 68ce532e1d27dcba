//! Columns of Python objects: a sequence of whole numbers, decimals and `None`.

use pyo3::{
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyMapping, PyString},
};
use tierwise::Quantity;

use super::cells::{not_exact, unreadable, unsupported, whole};
use crate::{
    document::{index, integer},
    failure::Result,
    moments,
};

/// The quantities of a column; none for a null.
pub(super) type Quantities = Vec<Option<Quantity>>;

/// Reads a sequence. Errors name the row below `/quantities`.
pub(super) fn quantities(value: &Bound<'_, PyAny>) -> Result<Quantities> {
    read(value).map_err(|failure| failure.under("quantities"))
}

fn read(value: &Bound<'_, PyAny>) -> Result<Quantities> {
    if !is_sequence(value)? {
        let kind = value.get_type().qualname()?;
        return Err(unreadable(&format_args!("a value of type `{kind}` is no sequence")));
    }
    let mut quantities = Vec::with_capacity(value.len()?);
    for (row, cell) in value.try_iter()?.enumerate() {
        quantities.push(quantity(&cell?).map_err(|failure| failure.under(row))?);
    }
    Ok(quantities)
}

/// Whether its values have an order and an end; text has, but its values are no quantities.
fn is_sequence(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_text = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    Ok(!is_text
        && value.cast::<PyMapping>().is_err()
        && value.hasattr("__len__")?
        && value.hasattr("__getitem__")?)
}

fn quantity(cell: &Bound<'_, PyAny>) -> Result<Option<Quantity>> {
    if cell.is_none() {
        return Ok(None);
    }
    if cell.is_instance_of::<PyBool>() {
        return Err(unsupported("a truth value"));
    }
    if let Ok(number) = cell.cast::<PyInt>() {
        return whole(integer(number)?).map(Some);
    }
    if cell.is_instance(moments::decimal_class(cell.py())?)? {
        return Ok(Some(Quantity::parse(&moments::decimal_text(cell)?)?));
    }
    if cell.is_instance_of::<PyFloat>() {
        return Err(not_exact("a float"));
    }
    if let Some(number) = index(cell)? {
        return whole(integer(&number)?).map(Some);
    }
    let kind = cell.get_type().qualname()?;
    Err(unsupported(format_args!("a value of type `{kind}`")))
}
