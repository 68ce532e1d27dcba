//! Columns of quantities priced at once: Arrow, NumPy or a sequence in, Arrow out.

mod arrow;
mod buffer;
mod cells;
mod decimals;
mod masked;
mod objects;

use pyo3::{prelude::*, types::PyList};
use tierwise::{Catalog, Code, Error, Price};

pub(crate) use self::decimals::Decimals;
use self::{cells::Totals, objects::Quantities};
use crate::failure::{Failure, Result};

/// What a null in a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null in the answer.
    Keep,
    /// An error.
    Refuse,
}

impl Nulls {
    /// From its word. Errors: `unknown_value`.
    pub(crate) fn of(word: &str) -> Result<Self> {
        match word {
            "keep" => Ok(Nulls::Keep),
            "refuse" => Ok(Nulls::Refuse),
            _ => {
                let error =
                    Error::new(Code::UnknownValue, format_args!("`{word}` is unknown here"))
                        .with_nearest(word, ["keep", "refuse"].into_iter());
                Err(error.into())
            }
        }
    }
}

/// The price of a tier on a meter; without one, on its account-days. Errors: `unknown_tier`,
/// `unknown_meter`, `missing_price`.
pub(crate) fn price_of<'a>(
    catalog: &'a Catalog,
    tier: &str,
    meter: Option<&str>,
) -> Result<&'a Price> {
    let tier = catalog.tier(tier).map_err(|error| error.under("tier"))?;
    let Some(meter) = meter else {
        return Ok(tier.priced_account_days().map_err(|error| error.under("tier"))?);
    };
    let known = &catalog.spec().meters;
    if known.get(meter).is_none() {
        let error = Error::new(Code::UnknownMeter, format_args!("there is no meter `{meter}`"))
            .with_nearest(meter, known.iter().map(|(id, _)| id));
        return Err(error.under("meter").into());
    }
    let price = tier.prices().iter().find(|price| price.meter() == meter);
    price.ok_or_else(|| {
        let message = format_args!("the tier `{}` has no price on `{meter}`", tier.id());
        Failure::refused(Code::MissingPrice, message).under("meter")
    })
}

/// The total of each quantity of a column. Errors name the row: `negative`, `out_of_range`,
/// `bad_decimal`, `too_many_places`, `amount_too_large`, `expected_decimal_string`,
/// `unsupported_type`, `unexpected_null`; or the column: `bad_column`, `out_of_range` if it is too
/// long.
pub(crate) fn totals(
    py: Python<'_>,
    price: &Price,
    quantities: &Bound<'_, PyAny>,
    nulls: Nulls,
) -> Result<Decimals> {
    let mut totals = Totals::new(price, nulls);
    let under = |failure: Failure| failure.under("quantities");
    let read = if quantities.is_exact_instance_of::<PyList>() {
        // Nothing else is asked of what most short columns are.
        let quantities: Quantities = objects::quantities(quantities).map_err(under)?;
        py.detach(|| totals.add_quantities(quantities))
    } else if let Some(chunks) = arrow::chunks(quantities).map_err(under)? {
        py.detach(|| arrow::add(&mut totals, chunks))
    } else if let Some(objects) = masked::objects(quantities).map_err(under)? {
        let quantities: Quantities = objects::quantities(&objects).map_err(under)?;
        py.detach(|| totals.add_quantities(quantities))
    } else if let Some(buffer) = buffer::numbers(quantities).map_err(under)? {
        let (numbers, bytes) = (buffer.numbers, buffer.bytes.as_bytes());
        py.detach(|| numbers.add(&mut totals, bytes))
    } else {
        let quantities: Quantities = objects::quantities(quantities).map_err(under)?;
        py.detach(|| totals.add_quantities(quantities))
    };
    read.map_err(under)?;
    Ok(Decimals::of(totals.finish()?))
}
