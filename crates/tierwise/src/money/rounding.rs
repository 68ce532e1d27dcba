//! Rounding (I3, M6, P6).

use super::{Amount, UnitPrice};
use crate::{limits::AMOUNT_PLACES, word::words};

words! {
    /// Where a tie or a remainder goes (M6).
    pub enum RoundingMode: "rounding mode" {
        /// To the nearest, a tie away from zero (I3).
        #[default]
        HalfUp = "half_up",
        /// To the nearest, a tie to the even neighbour.
        HalfEven = "half_even",
        /// Away from zero.
        Up = "up",
        /// Towards zero.
        Down = "down",
        /// Towards plus infinity.
        Ceil = "ceil",
        /// Towards minus infinity.
        Floor = "floor",
    }
}

/// A mode and how many decimals it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Where a tie or a remainder goes.
    pub mode: RoundingMode,
    /// Decimals left, from 0 to 6.
    pub places: u32,
}

impl Rounding {
    /// The amount with at most [`places`](Self::places) decimals.
    ///
    /// ```
    /// use tierwise::{Amount, Rounding, RoundingMode};
    /// let rounding = Rounding { mode: RoundingMode::HalfUp, places: 2 };
    /// assert_eq!(rounding.round(Amount::parse("2.675")?).to_string(), "2.68");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn round(self, amount: Amount) -> Amount {
        let unit = 10_i128.saturating_pow(AMOUNT_PLACES.saturating_sub(self.places));
        let parts = amount.parts();
        // Towards zero, and what that leaves.
        let rest = parts.checked_rem(unit).unwrap_or(0);
        let down = parts.saturating_sub(rest);
        let twice = rest.unsigned_abs().saturating_mul(2);
        let is_odd = down.checked_div(unit).unwrap_or(0).checked_rem(2) != Some(0);
        let away = rest != 0
            && match self.mode {
                RoundingMode::HalfUp => twice >= unit.unsigned_abs(),
                RoundingMode::HalfEven => {
                    twice > unit.unsigned_abs() || (twice == unit.unsigned_abs() && is_odd)
                }
                RoundingMode::Up => true,
                RoundingMode::Down => false,
                RoundingMode::Ceil => rest > 0,
                RoundingMode::Floor => rest < 0,
            };
        // INVARIANT: the bound of an amount is a whole number, so rounding does not pass it.
        let step = if away { unit.saturating_mul(rest.signum()) } else { 0 };
        Amount(down.saturating_add(step))
    }
}

impl Rounding {
    /// A line of a bill rounded (M6). What a creation pays of the usage, below 0, is rounded as the
    /// creation itself: the two cancel out in every mode (C3).
    pub(crate) fn round_line(self, amount: Amount) -> Amount {
        if amount < Amount::ZERO {
            return self.round(amount.negated()).negated();
        }
        self.round(amount)
    }
}

/// The multiple of `step` nearest to `amount`, a tie going up (P6). Not below zero.
pub(crate) fn to_nearest_multiple(amount: Amount, step: UnitPrice) -> Amount {
    let step = step.amount().parts();
    let half = step.checked_div(2).unwrap_or(0);
    // INVARIANT: a step has at most 6 decimals, so half of it is a whole number of parts.
    let multiples = amount.parts().saturating_add(half).checked_div(step).unwrap_or(0);
    Amount(multiples.saturating_mul(step))
}
