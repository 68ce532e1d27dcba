//! Values that are read and written the same way everywhere: refused as in JSON.

use alloc::{borrow::ToOwned, format, string::String};
use core::fmt::Display;

use tierwise::{
    Amount, Catalog, Code, DecimalParts, DecimalText, Error, Quantity, Result, Tier, UnitPrice,
    limits::MAX_QUANTITY,
};

/// Checks whole numbers, each named by its key in JSON. Errors: `out_of_range`.
pub(crate) fn whole_numbers(numbers: &[(&str, u64)]) -> Result<()> {
    match numbers.iter().find(|(_, number)| *number > MAX_QUANTITY) {
        None => Ok(()),
        Some((key, number)) => {
            let message = format_args!("`{number}` is too much, at most {MAX_QUANTITY} is allowed");
            Err(Error::new(Code::OutOfRange, message).under(key))
        }
    }
}

/// The tier that a question names under `key`. Errors: `unknown_tier`.
pub(crate) fn tier<'a>(catalog: &'a Catalog, key: &str, id: &str) -> Result<&'a Tier> {
    catalog.tier(id).map_err(|error| error.under(key))
}

/// A decimal as text.
#[inline(never)]
pub(crate) fn text(decimal: DecimalParts) -> String {
    DecimalText::from(decimal).as_str().to_owned()
}

// Each of these is called in many places: a call is smaller than what it does.

#[inline(never)]
pub(crate) fn amount(amount: Amount) -> String {
    text(amount.decimal_parts())
}

#[inline(never)]
pub(crate) fn quantity(quantity: Quantity) -> String {
    text(quantity.decimal_parts())
}

#[inline(never)]
pub(crate) fn price(price: UnitPrice) -> String {
    text(price.decimal_parts())
}

/// What is more than a decimal, as text.
#[inline(never)]
pub(crate) fn printed(value: &dyn Display) -> String {
    format!("{value}")
}
