//! A price as straight lines in whole millionths: what is asked a million times takes 64 bits.
//!
//! The lines are read off the engine's price once; whatever does not fit them is asked of the
//! engine itself, which answers or says why not.

use alloc::vec::Vec;

use tierwise::{Amount, Price, Quantity, limits::PRICE_SCALE};

/// The whole quantities of one band, or quantity 0 alone.
struct Line {
    from: u64,
    /// The last quantity whose total fits.
    last: u64,
    /// The total of the first quantity, in millionths.
    base: u64,
    /// What each further unit adds, in millionths.
    slope: u64,
}

/// So many limits are compared without a loop.
const FEW: usize = 4;

/// The totals of the whole quantities of a price.
pub(crate) struct Lines {
    lines: Vec<Line>,
    /// The last quantity of each line but the last, if they are few; then no quantity is.
    few: [u64; FEW],
    /// The same if they are many.
    many: Vec<u64>,
}

impl Lines {
    pub(crate) fn of(price: &Price) -> Self {
        let base = |units| Quantity::whole(units).and_then(|units| price.total(units)).ok();
        let base = |units| base(units).and_then(millionths);
        let mut lines: Vec<Line> = Vec::new();
        lines.extend(line(0, 0, base(0), 0));
        for band in price.bands() {
            let last = band.to().unwrap_or(Quantity::MAX.floor());
            // INVARIANT: each unit of a band costs the same (P2).
            let slope = band.unit_price().millionths();
            // Beyond the first total that does not fit, no other does.
            let Some(line) = line(band.from(), last, base(band.from()), slope) else { break };
            match lines.last_mut() {
                // Quantity 0 lies on the first band's line, unless a fee lies between.
                Some(zero) if zero.last == 0 && zero.base.saturating_add(slope) == line.base => {
                    *zero = Line { from: 0, base: zero.base, ..line };
                }
                _ => lines.push(line),
            }
        }
        let most = lines.len().saturating_sub(1);
        let mut many: Vec<u64> = lines.iter().take(most).map(|line| line.last).collect();
        let mut few = [u64::MAX; FEW];
        if let Some(places) = few.get_mut(..many.len()) {
            places.copy_from_slice(&many);
            many.clear();
        }
        Lines { lines, few, many }
    }

    /// The total of a whole quantity in millionths; none if it does not fit.
    #[inline(always)]
    pub(crate) fn total(&self, units: u64) -> Option<u64> {
        let is_below = |limit: u64| usize::from(limit < units);
        // Counting them all has no branch to mispredict.
        let index = if self.many.is_empty() {
            let [first, second, third, fourth] = self.few;
            is_below(first) + is_below(second) + is_below(third) + is_below(fourth)
        } else {
            self.many.iter().copied().map(is_below).sum()
        };
        let line = self.lines.get(index)?;
        if units > line.last {
            return None;
        }
        let units = units.wrapping_sub(line.from);
        // INVARIANT: `last` is chosen so that this fits.
        Some(units.wrapping_mul(line.slope).wrapping_add(line.base))
    }
}

/// None if not even the first total fits 63 bits.
fn line(from: u64, last: u64, base: Option<u64>, slope: u64) -> Option<Line> {
    let base = base?;
    let room = MOST.checked_sub(base)?;
    let fits = room.checked_div(slope).map_or(last, |units| from.saturating_add(units));
    Some(Line { from, last: last.min(fits), base, slope })
}

/// The largest total that a column holds, signed as its numbers are.
const MOST: u64 = i64::MAX.unsigned_abs();

/// The millionths of the total of a whole quantity: prices and fees have six decimals.
fn millionths(amount: Amount) -> Option<u64> {
    let parts = amount.parts().unsigned_abs();
    u64::try_from(parts.checked_div(u128::from(PRICE_SCALE))?).ok()
}
