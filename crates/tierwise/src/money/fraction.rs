//! Exact quotients of an amount and a quantity, such as an effective unit price (M8).

use alloc::string::String;
use core::fmt;

use super::{Amount, Quantity};
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
            numerator: size.checked_div(common)?,
            denominator: divisor.checked_div(common).filter(|value| *value > 0)?,
        })
    }

    /// The quotient to 6 decimals, half up.
    pub fn rounded(self) -> Amount {
        let scale = u128::from(PRICE_SCALE);
        let doubled = self.numerator.saturating_mul(scale).saturating_mul(2);
        let halves = doubled.saturating_add(self.denominator);
        let millionths = halves.checked_div(self.denominator.saturating_mul(2)).unwrap_or(0);
        let parts = i128::try_from(millionths.saturating_mul(scale)).unwrap_or(i128::MAX);
        Amount(if self.negative { parts.saturating_neg() } else { parts })
    }

    /// Whether the decimal expansion ends: no prime but 2 and 5 divides the denominator.
    fn ends(self) -> bool {
        let mut rest = self.denominator;
        for prime in [2, 5] {
            while rest.checked_rem(prime) == Some(0) {
                rest = rest.checked_div(prime).unwrap_or(1);
            }
        }
        rest == 1
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        if !self.ends() {
            return write!(f, "{sign}{}/{}", self.numerator, self.denominator);
        }
        let whole = self.numerator.checked_div(self.denominator).unwrap_or(0);
        let mut rest = self.numerator.checked_rem(self.denominator).unwrap_or(0);
        let mut decimals = String::new();
        // INVARIANT: the rest is below the denominator, at most 10^24, and shrinks to 0.
        while rest > 0 {
            rest = rest.saturating_mul(10);
            let digit = rest.checked_div(self.denominator).unwrap_or(0);
            rest = rest.checked_rem(self.denominator).unwrap_or(0);
            decimals.push_str(&alloc::format!("{digit}"));
        }
        if decimals.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{decimals}")
        }
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while let Some(rest) = left.checked_rem(right) {
        left = right;
        right = rest;
    }
    left
}
