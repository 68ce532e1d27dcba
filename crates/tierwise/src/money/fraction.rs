//! Exact quotients of an amount and a quantity, such as an effective unit price (M8).

use core::fmt;

use super::{Amount, DecimalText, Quantity};
use crate::limits::PRICE_SCALE;

/// A quotient in lowest terms. Prints as a decimal where that ends, else as `a/b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    negative: bool,
    numerator: u128,
    denominator: u128,
}

impl Fraction {
    /// `amount` ÷ `quantity`; nothing where the quantity is 0.
    pub fn of(amount: Amount, quantity: Quantity) -> Option<Self> {
        // Both to parts of 10^-12.
        let divisor = u128::from(quantity.millionths()).saturating_mul(u128::from(PRICE_SCALE));
        let size = amount.parts().unsigned_abs();
        let common = greatest_common_divisor(size, divisor);
        Some(Fraction {
            negative: amount.parts() < 0,
            numerator: quotient(size, common)?,
            denominator: quotient(divisor, common).filter(|value| *value > 0)?,
        })
    }

    /// The quotient to 6 decimals, half up.
    pub fn rounded(self) -> Amount {
        let scale = u128::from(PRICE_SCALE);
        let doubled = self.numerator.saturating_mul(scale).saturating_mul(2);
        let halves = doubled.saturating_add(self.denominator);
        let millionths = quotient(halves, self.denominator.saturating_mul(2)).unwrap_or(0);
        let parts = i128::try_from(millionths.saturating_mul(scale)).unwrap_or(i128::MAX);
        Amount(if self.negative { parts.saturating_neg() } else { parts })
    }

    /// How many decimals the expansion has; none where it does not end, which is where a prime
    /// other than 2 and 5 divides the denominator.
    fn places(self) -> Option<u32> {
        let twos = self.denominator.trailing_zeros();
        let mut rest = self.denominator.checked_shr(twos).unwrap_or(0);
        let mut fives = 0_u32;
        while rest > 1 {
            let fifth = quotient(rest, 5)?;
            if fifth.saturating_mul(5) != rest {
                return None;
            }
            rest = fifth;
            fives = fives.saturating_add(1);
        }
        Some(twos.max(fives))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let Some(places) = self.places() else {
            f.write_str(whole_text(self.numerator).as_str())?;
            f.write_str("/")?;
            return f.write_str(whole_text(self.denominator).as_str());
        };
        let whole = quotient(self.numerator, self.denominator).unwrap_or(0);
        f.write_str(whole_text(whole).as_str())?;
        if places > 0 {
            f.write_str(".")?;
        }
        // INVARIANT: the rest is below the denominator, at most 10^24: ten times it fits 128 bits.
        let below = |number: u128| number.checked_rem(self.denominator).unwrap_or(0);
        let mut rest = below(self.numerator);
        for _ in 0..places {
            let tenfold = rest.saturating_mul(10);
            let digit = quotient(tenfold, self.denominator).unwrap_or(0);
            f.write_str(whole_text(digit).as_str())?;
            rest = below(tenfold);
        }
        Ok(())
    }
}

/// INVARIANT: limits.rs shows that amounts fit 96 bits: so do parts of them.
fn whole_text(number: u128) -> DecimalText {
    DecimalText::whole(i128::try_from(number).unwrap_or(i128::MAX))
}

/// A quotient; in 64 bits where both fit, which is quicker.
fn quotient(number: u128, divisor: u128) -> Option<u128> {
    match (u64::try_from(number), u64::try_from(divisor)) {
        (Ok(number), Ok(divisor)) => number.checked_div(divisor).map(u128::from),
        _ => number.checked_div(divisor),
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right > u128::from(u64::MAX) || left > u128::from(u64::MAX) {
        let Some(rest) = left.checked_rem(right) else { return left };
        left = right;
        right = rest;
    }
    let mut left = u64::try_from(left).unwrap_or(0);
    let mut right = u64::try_from(right).unwrap_or(0);
    while let Some(rest) = left.checked_rem(right) {
        left = right;
        right = rest;
    }
    u128::from(left)
}
