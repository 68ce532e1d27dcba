//! Quantities to totals, cell by cell, in a loop that knows nothing of Python.

use arrow_array::Decimal128Array;
use arrow_buffer::NullBufferBuilder;
use pyo3::exceptions::PyMemoryError;
use tierwise::{
    Code, Error, Price, Quantity,
    limits::{AMOUNT_PLACES, PRICE_PLACES},
};

use super::Nulls;
use crate::failure::{Failure, HostCode, Result};

/// The most digits that Arrow's 128 bits hold.
const PRECISION: u8 = 38;

/// The most rows of a column: some Arrow libraries count those of an array in 32 bits.
const MAX_ROWS: usize = i32::MAX.unsigned_abs() as usize;

/// The totals so far.
pub(super) struct Totals<'a> {
    price: &'a Price,
    nulls: Nulls,
    parts: Vec<i128>,
    known: NullBufferBuilder,
}

impl<'a> Totals<'a> {
    pub(super) fn new(price: &'a Price, nulls: Nulls) -> Self {
        Totals { price, nulls, parts: Vec::new(), known: NullBufferBuilder::new(0) }
    }

    /// Makes room for so many rows more. Errors: those of [`check_rows`], `MemoryError`.
    pub(super) fn reserve(&mut self, rows: usize) -> Result<()> {
        check_rows(self.rows().saturating_add(rows))?;
        self.parts.try_reserve(rows).map_err(|_| no_memory())
    }

    /// How many rows there are so far: the number of the next.
    pub(super) fn rows(&self) -> usize {
        self.parts.len()
    }

    #[inline]
    fn total(&self, quantity: Quantity) -> Result<i128> {
        Ok(self.price.total(quantity)?.parts())
    }

    /// Adds a row to the totals.
    #[inline]
    pub(super) fn add(&mut self, quantity: Quantity) -> Result<()> {
        let total = self.total(quantity).map_err(|failure| self.at_row(failure))?;
        self.parts.push(total);
        self.known.append_non_null();
        Ok(())
    }

    /// Adds a row without a quantity. Errors: `unexpected_null`.
    pub(super) fn add_null(&mut self) -> Result<()> {
        if self.nulls == Nulls::Refuse {
            let help = "drop such rows, or ask for `nulls=\"keep\"`";
            let failure = Failure::host(HostCode::UnexpectedNull, "the quantity is null", help);
            return Err(self.at_row(failure));
        }
        self.parts.push(0);
        self.known.append_null();
        Ok(())
    }

    /// Adds whole numbers, none of them null.
    #[inline]
    pub(super) fn add_whole<T: Copy + Into<i128>>(
        &mut self,
        numbers: impl Iterator<Item = T>,
    ) -> Result<()> {
        let before = self.rows();
        for number in numbers {
            let total = whole(number.into()).and_then(|quantity| self.total(quantity));
            match total {
                Ok(total) => self.parts.push(total),
                Err(failure) => return Err(self.at_row(failure)),
            }
        }
        self.known.append_n_non_nulls(self.rows() - before);
        Ok(())
    }

    /// Adds quantities that are read already; none for a null.
    pub(super) fn add_quantities(&mut self, quantities: Vec<Option<Quantity>>) -> Result<()> {
        self.reserve(quantities.len())?;
        for quantity in quantities {
            match quantity {
                Some(quantity) => self.add(quantity)?,
                None => self.add_null()?,
            }
        }
        Ok(())
    }

    /// A failure of the row that comes next.
    #[cold]
    pub(super) fn at_row(&self, failure: Failure) -> Failure {
        failure.under(self.rows())
    }

    /// All of them as `Decimal128(38, 12)`: that many decimals hold every amount exactly, and one
    /// type for all columns lets them be put together.
    pub(super) fn finish(mut self) -> Result<Decimal128Array> {
        let array = Decimal128Array::new(self.parts.into(), self.known.finish());
        let scale = i8::try_from(AMOUNT_PLACES).unwrap_or(i8::MAX);
        array.with_precision_and_scale(PRECISION, scale).map_err(|error| unreadable(&error))
    }
}

/// The number of rows, if a column may have as many. Errors: `out_of_range`.
pub(super) fn check_rows(rows: usize) -> Result<usize> {
    if rows <= MAX_ROWS {
        return Ok(rows);
    }
    let message = format_args!("the column has {rows} rows, at most {MAX_ROWS} are allowed");
    Err(Error::new(Code::OutOfRange, message).with_help("price it in parts").into())
}

/// Python's own error for memory that is not there.
#[cold]
pub(super) fn no_memory() -> Failure {
    PyMemoryError::new_err("there is not enough memory for the column").into()
}

/// So many whole units. Errors: `negative`, `out_of_range`.
#[inline]
pub(super) fn whole(number: i128) -> Result<Quantity> {
    match u64::try_from(number).map(Quantity::whole) {
        Ok(Ok(quantity)) => Ok(quantity),
        // The engine's own words for a number out of its bounds.
        _ => Ok(Quantity::parse(&number.to_string())?),
    }
}

/// A quantity of an integer of 10^-`scale`, exactly. Errors: `negative`, `out_of_range`,
/// `too_many_places` (zeros at the end do not count: a column has one scale for all its rows).
pub(super) fn scaled(number: i128, scale: i8) -> Result<Quantity> {
    let shift = i32::from(scale) - PRICE_PLACES.cast_signed();
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let millionths = match power {
        Some(power) if shift <= 0 => number.checked_mul(power),
        Some(power) if number % power == 0 => Some(number / power),
        _ => None,
    };
    let quantity = millionths.and_then(|millionths| u64::try_from(millionths).ok());
    match quantity.and_then(Quantity::from_millionths) {
        Some(quantity) => Ok(quantity),
        // The engine's own words for a number out of its bounds.
        None => Ok(Quantity::parse(&decimal_text(number, scale))?),
    }
}

/// An integer of 10^-`scale` in digits, without zeros at the end of its decimals.
#[cold]
fn decimal_text(number: i128, scale: i8) -> String {
    let (sign, digits) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        return format!("{sign}{digits}{}", "0".repeat(places));
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (units, decimals) = digits.split_at(digits.len() - places);
    shortest(&format!("{sign}{units}.{decimals}")).to_owned()
}

/// A decimal text without zeros at the end of its decimals.
pub(super) fn shortest(text: &str) -> &str {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.')
}

/// Floats are refused, even whole ones: the next would not be exact.
pub(super) fn not_exact(what: impl std::fmt::Display) -> Failure {
    let message = format_args!("{what} stands where an exact quantity is expected");
    let error = Error::new(Code::ExpectedDecimalString, message)
        .with_help("make it a whole number or a decimal: floats are not exact");
    error.into()
}

/// A type that no quantity has.
pub(super) fn unsupported(what: impl std::fmt::Display) -> Failure {
    let help = "quantities are whole numbers or decimals";
    Failure::host(HostCode::UnsupportedType, format_args!("{what} is not a quantity"), help)
}

/// What cannot be read as one column.
pub(super) fn unreadable(why: &dyn std::fmt::Display) -> Failure {
    let help = "give a sequence, a NumPy array of one dimension, or one Arrow column";
    Failure::host(HostCode::BadColumn, format_args!("the column cannot be read: {why}"), help)
}
