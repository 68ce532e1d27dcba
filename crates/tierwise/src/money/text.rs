//! Decimal text on its way out (G3): canonical, and without an allocation.

use core::fmt;

use crate::limits::PRICE_PLACES;

/// A decimal whose text is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct DecimalParts {
    /// The number in parts of 10⁻`places`.
    parts: i128,
    places: u32,
    /// How many decimals are written at least.
    least: u32,
}

impl DecimalParts {
    /// A number of parts of 10⁻`places`: 0, 6 or 12 places.
    pub(super) const fn new(parts: i128, places: u32, least: u32) -> Self {
        DecimalParts { parts, places, least }
    }

    /// A whole number.
    pub const fn whole(number: i128) -> Self {
        Self::new(number, 0, 0)
    }

    /// A number of millionths.
    pub const fn millionths(number: i128) -> Self {
        Self::new(number, PRICE_PLACES, 0)
    }
}

/// The text of a decimal (G3). It may be set again: as it ends where its bytes end, a host can read
/// it in its place.
///
/// ```
/// let amount = tierwise::Amount::parse("-1209.90")?;
/// assert_eq!(amount.text().as_str(), "-1209.9");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone)]
pub struct DecimalText {
    /// The text stands at their end: digits are found from the last to the first.
    bytes: [u8; DecimalText::MAX_BYTES],
    start: usize,
}

impl Default for DecimalText {
    fn default() -> Self {
        DecimalText { bytes: [0; Self::MAX_BYTES], start: Self::MAX_BYTES }
    }
}

impl From<DecimalParts> for DecimalText {
    fn from(decimal: DecimalParts) -> Self {
        let mut text = Self::default();
        text.set(decimal);
        text
    }
}

impl DecimalText {
    /// How long a text can be: a sign, a point, the 39 digits of 128 bits, and a leading zero.
    pub const MAX_BYTES: usize = 42;

    /// The text of a whole number.
    pub fn whole(number: i128) -> Self {
        DecimalParts::whole(number).into()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // INVARIANT: digits, a point and a sign are ASCII.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The same as bytes, all of them ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Becomes the text of another decimal.
    pub fn set(&mut self, decimal: DecimalParts) {
        self.start = Self::MAX_BYTES;
        let size = decimal.parts.unsigned_abs();
        match u64::try_from(size) {
            // Most fit 64 bits, whose arithmetic is quicker.
            Ok(size) => self.put_decimal(size, decimal),
            Err(_) => self.put_large_decimal(size, decimal),
        }
        if decimal.parts < 0 {
            self.put(b'-');
        }
    }

    fn put_decimal(&mut self, size: u64, DecimalParts { places, least, .. }: DecimalParts) {
        let (whole, decimals) = match places {
            0 => (size, 0),
            6 => (quotient(size, MILLION), remainder(size, MILLION)),
            _ => (quotient(size, TRILLION), remainder(size, TRILLION)),
        };
        self.put_decimals(decimals, places, least);
        self.put_whole(whole);
    }

    #[cold]
    fn put_large_decimal(&mut self, size: u128, DecimalParts { places, least, .. }: DecimalParts) {
        let scale = 10_u128.saturating_pow(places);
        let decimals = size.checked_rem(scale).unwrap_or(0);
        // INVARIANT: at most 12 places, so that the decimals fit 64 bits.
        self.put_decimals(u64::try_from(decimals).unwrap_or(0), places, least);
        let mut whole = size.checked_div(scale).unwrap_or(0);
        while u64::try_from(whole).is_err() {
            let digit = whole.checked_rem(10).unwrap_or(0);
            self.put_digit(u32::try_from(digit).unwrap_or(0));
            whole = whole.checked_div(10).unwrap_or(0);
        }
        self.put_whole(u64::try_from(whole).unwrap_or(0));
    }

    /// DecimalParts and the point before them, without the zeros at their end beyond `least`.
    fn put_decimals(&mut self, decimals: u64, places: u32, least: u32) {
        if decimals == 0 && least == 0 {
            return;
        }
        let least = least.min(places);
        // Six at a time: that many fit 32 bits, whose arithmetic is several times as quick on
        // WebAssembly.
        let high = u32::try_from(quotient(decimals, MILLION)).unwrap_or(0);
        let low = u32::try_from(remainder(decimals, MILLION)).unwrap_or(0);
        let places = places.saturating_sub(6);
        if places == 0 {
            self.put_trimmed(low, 6, least);
        } else if low == 0 && least <= places {
            self.put_trimmed(high, places, least);
        } else {
            self.put_trimmed(low, 6, least.saturating_sub(places));
            self.put_digits(high, places);
        }
        self.put(b'.');
    }

    fn put_trimmed(&mut self, mut number: u32, mut digits: u32, least: u32) {
        while digits > least && number.is_multiple_of(10) {
            number = tenth(number);
            digits = digits.wrapping_sub(1);
        }
        self.put_digits(number, digits);
    }

    /// The last digits of a number.
    fn put_digits(&mut self, mut number: u32, digits: u32) {
        for _ in 0..digits {
            number = self.put_digit(number);
        }
    }

    fn put_whole(&mut self, mut number: u64) {
        let mut low = loop {
            match u32::try_from(number) {
                Ok(low) => break low,
                Err(_) => {
                    self.put_digit(u32::try_from(remainder(number, 10)).unwrap_or(0));
                    number = quotient(number, 10);
                }
            }
        };
        loop {
            low = self.put_digit(low);
            if low == 0 {
                break;
            }
        }
    }

    /// The last digit of a number; gives the others.
    #[inline(always)]
    fn put_digit(&mut self, number: u32) -> u32 {
        let tenth = tenth(number);
        let digit = number.wrapping_sub(tenth.wrapping_mul(10));
        self.put(b'0'.wrapping_add(u8::try_from(digit).unwrap_or(0)));
        tenth
    }

    /// A character before those that are there.
    #[inline(always)]
    fn put(&mut self, byte: u8) {
        self.start = self.start.wrapping_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
    }
}

const MILLION: u64 = 1_000_000;
const TRILLION: u64 = 1_000_000_000_000;

impl fmt::Display for DecimalParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DecimalText::from(*self).as_str())
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

fn tenth(number: u32) -> u32 {
    number.checked_div(10).unwrap_or(0)
}

fn quotient(number: u64, divisor: u64) -> u64 {
    number.checked_div(divisor).unwrap_or(0)
}

fn remainder(number: u64, divisor: u64) -> u64 {
    number.checked_rem(divisor).unwrap_or(0)
}
