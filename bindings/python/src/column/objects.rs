//! Columns of Python objects: a sequence of whole numbers, decimals and `None`.

use pyo3::{
    exceptions::PyOverflowError,
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyMapping, PyString},
};
use tierwise::{
    Code, Quantity,
    limits::{MAX_QUANTITY, PRICE_PLACES},
};

use super::cells::{check_rows, no_memory, not_exact, unreadable, unsupported, whole};
use crate::{
    document::{index, integer},
    failure::{Failure, Result},
    moments::{self, Beyond, Decimal},
};

/// The quantities of a column; none for a null.
pub(super) type Quantities = Vec<Option<Quantity>>;

/// After how many rows the user's Ctrl-C is looked for: long loops of C do not do it.
const ROWS_BETWEEN_SIGNALS: usize = 1 << 16;

/// Reads a sequence. Errors name the row; `MemoryError`, and what Python code raises.
pub(super) fn quantities(value: &Bound<'_, PyAny>) -> Result<Quantities> {
    if !is_sequence(value)? {
        let kind = value.get_type().qualname()?;
        return Err(unreadable(&format_args!("a value of type `{kind}` is no sequence")));
    }
    let rows = match value.len() {
        // Longer than Python itself can say.
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => usize::MAX,
        rows => rows?,
    };
    let mut quantities = Vec::new();
    // What a lazy sequence says of its length costs nothing: it may be more than there can be.
    quantities.try_reserve_exact(check_rows(rows)?).map_err(|_| no_memory())?;
    for (row, cell) in value.try_iter()?.enumerate() {
        if row % ROWS_BETWEEN_SIGNALS == 0 {
            value.py().check_signals()?;
        }
        if row == quantities.capacity() {
            quantities.try_reserve(check_rows(row + 1)? - row).map_err(|_| no_memory())?;
        }
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
    if let Ok(number) = cell.cast_exact::<PyInt>() {
        return whole_number(number).map(Some);
    }
    if cell.is_none() { Ok(None) } else { other(cell) }
}

/// What is rarer, and dearer to recognise.
#[inline(never)]
fn other(cell: &Bound<'_, PyAny>) -> Result<Option<Quantity>> {
    if cell.is_instance_of::<PyBool>() {
        return Err(unsupported("a truth value"));
    }
    if let Ok(number) = cell.cast::<PyInt>() {
        return whole_number(number).map(Some);
    }
    match moments::decimal(cell)? {
        Some(Decimal::Text(text)) => return Ok(Some(Quantity::parse(&text)?)),
        Some(Decimal::Beyond(number)) => return Err(beyond(&number)),
        None => {}
    }
    if cell.is_instance_of::<PyFloat>() {
        return Err(not_exact("a float"));
    }
    if let Some(number) = index(cell)? {
        return whole_number(&number).map(Some);
    }
    let kind = cell.get_type().qualname()?;
    Err(unsupported(format_args!("a value of type `{kind}`")))
}

#[inline]
fn whole_number(number: &Bound<'_, PyInt>) -> Result<Quantity> {
    match integer(number) {
        Some(number) => whole(number),
        None => Err(very_long(number)?),
    }
}

#[cold]
fn very_long(number: &Bound<'_, PyInt>) -> PyResult<Failure> {
    let is_negative = number.lt(0)?;
    // Python does not write out all of them, and nobody would read them.
    let text = "a whole number of more than 38 digits".to_owned();
    Ok(beyond(&Beyond { text, is_negative, is_small: false }))
}

/// The engine's errors for what has too many digits to be handed to it.
#[cold]
fn beyond(number: &Beyond) -> Failure {
    let text = &number.text;
    if number.is_negative {
        return Failure::refused(Code::Negative, format_args!("{text} is below zero"));
    }
    if number.is_small {
        let message =
            format_args!("{text} has too many decimals, at most {PRICE_PLACES} are allowed");
        return Failure::refused(Code::TooManyPlaces, message);
    }
    let message = format_args!("{text} is too much, at most {MAX_QUANTITY} are allowed");
    Failure::refused(Code::OutOfRange, message)
}
