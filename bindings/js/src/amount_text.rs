//! The text of an amount at a fixed place, where JavaScript reads it without asking again.

use alloc::format;

use tierwise::{
    Amount,
    limits::{PRICE_PLACES, PRICE_SCALE},
};

/// The longest amount: sign, 17 digits, point, 12 decimals; rounded up.
const MOST_DIGITS: usize = 48;

/// It ends at a fixed place, since its digits come from the last to the first.
pub(crate) struct AmountText {
    bytes: [u8; MOST_DIGITS],
    start: usize,
}

impl Default for AmountText {
    fn default() -> Self {
        Self { bytes: [0; MOST_DIGITS], start: MOST_DIGITS }
    }
}

impl AmountText {
    /// Where the text ends.
    pub(crate) fn end(&self) -> *const u8 {
        self.bytes.as_ptr_range().end
    }

    /// The text itself.
    pub(crate) fn as_str(&self) -> &str {
        // INVARIANT: digits, a sign, a point.
        self.bytes.get(self.start..).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }

    /// Takes on an amount and gives the length of its text.
    pub(crate) fn set(&mut self, amount: Amount) -> usize {
        let text = format!("{amount}");
        self.start = MOST_DIGITS.saturating_sub(text.len());
        // INVARIANT: no amount is longer than the place for it.
        if let Some(place) = self.bytes.get_mut(self.start..) {
            place.copy_from_slice(text.as_bytes());
        }
        self.length()
    }

    /// The same for an amount of whole millionths, without the machinery of formatting: several
    /// times as quick. A test holds it against the other.
    pub(crate) fn set_millionths(&mut self, millionths: u64) -> usize {
        let whole = millionths / PRICE_SCALE;
        let decimals = millionths.wrapping_sub(whole.wrapping_mul(PRICE_SCALE));
        self.start = MOST_DIGITS;
        if decimals > 0 {
            // INVARIANT: below 10⁶, which 32 bits hold, whose arithmetic is quicker.
            let mut decimals = u32::try_from(decimals).unwrap_or(0);
            let mut places = PRICE_PLACES;
            while decimals.is_multiple_of(10) {
                decimals /= 10;
                places -= 1;
            }
            for _ in 0..places {
                self.put(decimals % 10);
                decimals /= 10;
            }
            self.put(POINT);
        }
        let mut high = whole;
        while high > u64::from(u32::MAX) {
            self.put(u32::try_from(high % 10).unwrap_or(0));
            high /= 10;
        }
        let mut low = u32::try_from(high).unwrap_or(0);
        loop {
            self.put(low % 10);
            low /= 10;
            if low == 0 {
                break;
            }
        }
        self.length()
    }

    /// Puts a digit before those that are there.
    #[inline(always)]
    fn put(&mut self, digit: u32) {
        self.start = self.start.saturating_sub(1);
        if let (Some(place), Ok(digit)) = (self.bytes.get_mut(self.start), u8::try_from(digit)) {
            *place = b'0'.wrapping_add(digit);
        }
    }

    fn length(&self) -> usize {
        MOST_DIGITS.saturating_sub(self.start)
    }
}

/// What `put` makes a point of.
const POINT: u32 = u8::wrapping_sub(b'.', b'0') as u32;
