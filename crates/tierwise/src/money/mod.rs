//! Money and quantities: exact integers of fixed scales, decimal text at the edges.

mod fraction;
mod parse;
mod rounding;
mod text;

use core::fmt;

pub use fraction::Fraction;
use parse::Sign;
pub(crate) use rounding::to_nearest_multiple;
pub use rounding::{Rounding, RoundingMode};
use rust_decimal::Decimal;
pub use text::{DecimalParts, DecimalText};

use crate::{
    error::{Code, Error, Result, short},
    limits::{
        AMOUNT_PLACES, AMOUNT_SCALE, MAX_AMOUNT, MAX_PRICE, MAX_QUANTITY, PRICE_PLACES, PRICE_SCALE,
    },
};

/// A price: currency units per unit, or a fee; from 0 to below 1 000 000 000, at most 6 decimals
/// (G2, F2).
///
/// ```
/// use tierwise::UnitPrice;
/// assert_eq!(UnitPrice::parse("0.40")?.to_string(), "0.4");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(u64);

impl UnitPrice {
    /// Nothing.
    pub const ZERO: Self = UnitPrice(0);
    /// A hundredth of a currency unit.
    pub(crate) const HUNDREDTH: Self = UnitPrice(PRICE_SCALE / 100);

    /// Reads a decimal string. Errors: `bad_decimal`, `negative`, `too_many_places`,
    /// `out_of_range`.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = parse::parse(text, PRICE_PLACES, Sign::NotNegative)?;
        u64::try_from(parts).ok().and_then(Self::from_millionths).ok_or_else(|| {
            let text = short(text);
            let message = format_args!("`{text}` is too much, a price is below {MAX_PRICE}");
            Error::new(Code::OutOfRange, message)
        })
    }

    /// A price of so many millionths of a currency unit; none at 1 000 000 000 units or above.
    pub const fn from_millionths(millionths: u64) -> Option<Self> {
        if millionths < MAX_PRICE.saturating_mul(PRICE_SCALE) {
            Some(UnitPrice(millionths))
        } else {
            None
        }
    }

    /// The price of `quantity` units of it.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "limits.rs: LARGEST_PRODUCT fits")]
    #[expect(clippy::cast_possible_wrap, reason = "limits.rs: LARGEST_PRODUCT fits i128")]
    #[expect(clippy::as_conversions, reason = "u64 to u128 has no `From` that is `const`")]
    pub(crate) const fn times(self, quantity: Quantity) -> Amount {
        Amount((self.0 as u128 * quantity.0 as u128) as i128)
    }

    /// The price as an amount: of one unit of it.
    pub const fn amount(self) -> Amount {
        self.times(Quantity::ONE)
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The millionths of a currency unit in it.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// Its text, without an allocation.
    pub fn text(self) -> DecimalText {
        self.decimal_parts().into()
    }

    /// Its text, about to be written.
    pub fn decimal_parts(self) -> DecimalParts {
        DecimalParts::new(i128::from(self.0), PRICE_PLACES, 0)
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// How many units are priced: from 0 to 1 000 000 000 000, at most 6 decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u64);

impl Quantity {
    /// No units.
    pub const ZERO: Self = Quantity(0);
    /// One unit.
    pub const ONE: Self = Quantity(PRICE_SCALE);
    /// The largest quantity.
    pub const MAX: Self = Quantity(MAX_QUANTITY.saturating_mul(PRICE_SCALE));

    /// Whole units. Errors: `out_of_range`.
    ///
    /// ```
    /// use tierwise::Quantity;
    /// assert_eq!(Quantity::whole(3030)?.to_string(), "3030");
    /// assert!(Quantity::whole(u64::MAX).is_err());
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    #[inline]
    pub fn whole(units: u64) -> Result<Self> {
        if units > MAX_QUANTITY {
            return Err(Error::new(
                Code::OutOfRange,
                format_args!("`{units}` is too much, at most {MAX_QUANTITY} are allowed"),
            ));
        }
        Ok(Quantity(units.saturating_mul(PRICE_SCALE)))
    }

    /// Reads a decimal string. Errors: `bad_decimal`, `negative`, `too_many_places`,
    /// `out_of_range`.
    pub fn parse(text: &str) -> Result<Self> {
        match u64::try_from(parse::parse(text, PRICE_PLACES, Sign::NotNegative)?) {
            Ok(parts) if parts <= Self::MAX.0 => Ok(Quantity(parts)),
            _ => Err(Error::new(
                Code::OutOfRange,
                format_args!("`{}` is too much, at most {MAX_QUANTITY} are allowed", short(text)),
            )),
        }
    }

    /// The sum of both. Errors: `quantity_too_large`.
    pub fn plus(self, other: Self) -> Result<Self> {
        let sum = self.0.saturating_add(other.0);
        if sum > Self::MAX.0 {
            return Err(quantity_too_large());
        }
        Ok(Quantity(sum))
    }

    /// What remains of it above `lower`; nothing if it lies below.
    #[inline]
    pub(crate) const fn above(self, lower: Self) -> Self {
        Quantity(self.0.saturating_sub(lower.0))
    }

    /// The whole units in it, a started one left out.
    pub fn floor(self) -> u64 {
        self.0.checked_div(PRICE_SCALE).unwrap_or(0)
    }

    /// The millionths of a unit in it.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// A quantity of so many millionths of a unit; none beyond the largest.
    pub const fn from_millionths(millionths: u64) -> Option<Self> {
        if millionths <= Self::MAX.0 { Some(Quantity(millionths)) } else { None }
    }

    /// Its text, without an allocation.
    pub fn text(self) -> DecimalText {
        self.decimal_parts().into()
    }

    /// Its text, about to be written.
    pub fn decimal_parts(self) -> DecimalParts {
        DecimalParts::new(i128::from(self.0), PRICE_PLACES, 0)
    }
}

/// The error of quantities that add up beyond the bound.
#[cold]
pub(crate) fn quantity_too_large() -> Error {
    Error::new(
        Code::QuantityTooLarge,
        format_args!("the quantities add up to more than {MAX_QUANTITY}"),
    )
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// An amount of money, exact to 12 decimals: what a row, a line or a total comes to. At most
/// 10 000 000 000 000 000 either way.
///
/// Its text has no exponent and no trailing zeros (G3):
///
/// ```
/// use tierwise::Amount;
/// assert_eq!(Amount::parse("1209.90")?.to_string(), "1209.9");
/// assert!(Amount::parse("12,09").is_err());
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

#[expect(clippy::cast_possible_wrap, reason = "limits.rs: it fits 96 bits")]
#[expect(clippy::as_conversions, reason = "u128 to i128 in a constant")]
const LARGEST: i128 = (MAX_AMOUNT.saturating_mul(AMOUNT_SCALE)) as i128;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Amount(0);

    /// Reads a decimal string of at most 12 decimals; it may be negative. Errors: `bad_decimal`,
    /// `too_many_places`, `out_of_range`.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = parse::parse(text, AMOUNT_PLACES, Sign::Any)?;
        if parts.unsigned_abs() > LARGEST.unsigned_abs() {
            return Err(Error::new(
                Code::OutOfRange,
                format_args!("`{}` is beyond {}", short(text), largest()),
            ));
        }
        Ok(Amount(parts))
    }

    /// The sum of both, not yet compared with the bound: [`checked`](Self::checked) must follow.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "limits.rs: LARGEST_SUM fits")]
    pub(crate) const fn plus(self, other: Self) -> Self {
        Amount(self.0 + other.0)
    }

    /// The amount if it lies within the bound. Errors: `amount_too_large`.
    #[inline]
    pub(crate) fn checked(self) -> Result<Self> {
        if self.0.unsigned_abs() > LARGEST.unsigned_abs() {
            return Err(amount_too_large());
        }
        Ok(self)
    }

    /// The sum of all. Errors: `amount_too_large`.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self> {
        let sum = amounts.into_iter().fold(0, |sum: i128, amount| sum.saturating_add(amount.0));
        Amount(sum).checked()
    }

    /// The same amount the other way.
    #[must_use]
    pub const fn negated(self) -> Self {
        Amount(self.0.saturating_neg())
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount in parts of 10⁻¹² of a currency unit.
    pub const fn parts(self) -> i128 {
        self.0
    }

    /// Its text, without an allocation.
    pub fn text(self) -> DecimalText {
        self.decimal_parts().into()
    }

    /// Its text, about to be written.
    pub fn decimal_parts(self) -> DecimalParts {
        DecimalParts::new(self.0, AMOUNT_PLACES, 0)
    }

    /// The amount as a `rust_decimal` number, trailing zeros removed.
    pub fn to_decimal(self) -> Decimal {
        // INVARIANT: limits.rs shows that a checked amount fits 96 bits.
        Decimal::try_from_i128_with_scale(self.0, AMOUNT_PLACES).unwrap_or_default().normalize()
    }

    /// Text with exactly `places` decimals where it has no more (as `amountDue`, G3).
    pub fn with_places(self, places: u32) -> FixedAmount {
        FixedAmount { amount: self, places }
    }
}

/// The text of the largest amount.
fn largest() -> DecimalText {
    Amount(LARGEST).text()
}

#[cold]
fn amount_too_large() -> Error {
    Error::new(Code::AmountTooLarge, format_args!("the amount is beyond {}", largest()))
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// An amount that prints with a fixed number of decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedAmount {
    amount: Amount,
    places: u32,
}

impl FixedAmount {
    /// Its text, without an allocation.
    pub fn text(self) -> DecimalText {
        self.decimal_parts().into()
    }

    /// Its text, about to be written.
    pub fn decimal_parts(self) -> DecimalParts {
        DecimalParts::new(self.amount.0, AMOUNT_PLACES, self.places)
    }
}

impl fmt::Display for FixedAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}
