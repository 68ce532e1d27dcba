//! Rounding (I3, M6, P6).

use rust_decimal::RoundingStrategy;

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

impl RoundingMode {
    fn strategy(self) -> RoundingStrategy {
        match self {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
            RoundingMode::Down => RoundingStrategy::ToZero,
            RoundingMode::Ceil => RoundingStrategy::ToPositiveInfinity,
            RoundingMode::Floor => RoundingStrategy::ToNegativeInfinity,
        }
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
        let rounded = amount.to_decimal().round_dp_with_strategy(self.places, self.mode.strategy());
        // INVARIANT: the bound of an amount is a whole number, so rounding does not pass it, and
        // the scale of the rounded one is at most `AMOUNT_PLACES`.
        let missing = AMOUNT_PLACES.saturating_sub(rounded.scale());
        Amount(rounded.mantissa().saturating_mul(10_i128.saturating_pow(missing)))
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
