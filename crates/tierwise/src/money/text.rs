//! Decimal text on its way out (G3): canonical, and without an allocation.

use core::fmt;

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

    /// Writes the text so that it ends before `end`, and gives where it begins:
    /// [`DecimalText::MAX_BYTES`] are room enough, and without room nothing is written.
    ///
    /// ```
    /// let amount = tierwise::Amount::parse("-9.90")?.decimal_parts();
    /// let mut bytes = *b"............";
    /// assert_eq!(amount.write_before(&mut bytes, 10), 6);
    /// assert_eq!(&bytes, b"......-9.9..");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn write_before(self, bytes: &mut [u8], end: usize) -> usize {
        let mut writer = Writer { bytes, start: end };
        writer.put_decimal(self);
        writer.start
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
    /// The text stands at their end.
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
        self.start = decimal.write_before(&mut self.bytes, Self::MAX_BYTES);
    }

    /// Becomes the text of a number of millionths, as prices asked again and again do.
    pub fn set_millionths(&mut self, millionths: u64) {
        let mut writer = Writer { bytes: &mut self.bytes, start: Self::MAX_BYTES };
        writer.put_millionths(millionths, 0);
        self.start = writer.start;
    }
}

/// Writes from the end: digits are found from the last to the first.
struct Writer<'a> {
    bytes: &'a mut [u8],
    start: usize,
}

impl Writer<'_> {
    fn put_decimal(&mut self, DecimalParts { parts, places, least }: DecimalParts) {
        let size = parts.unsigned_abs();
        // Most fit 64 bits, whose arithmetic is quicker, and are whole millionths.
        match (u64::try_from(size), places) {
            (Ok(size), 0) => self.put_whole(size),
            (Ok(size), 6) if least <= 6 => self.put_millionths(size, least),
            (Ok(size), 12) if least <= 6 => match split(size, MILLION) {
                (millionths, 0) => self.put_millionths(millionths, least),
                _ => self.put_any(size.into(), places, least),
            },
            _ => self.put_any(size, places, least.min(places)),
        }
        if parts < 0 {
            self.put(b'-');
        }
    }

    fn put_millionths(&mut self, millionths: u64, least: u32) {
        // Half of 64 bits is enough for most, and several times as quick on WebAssembly.
        let (whole, decimals) = match u32::try_from(millionths) {
            Ok(small) => {
                let whole = small.checked_div(MILLION).unwrap_or(0);
                let decimals = small.wrapping_sub(whole.wrapping_mul(MILLION));
                (u64::from(whole), decimals)
            }
            Err(_) => split(millionths, MILLION),
        };
        if decimals > 0 || least > 0 {
            self.put_decimals(decimals, 6, least);
        }
        self.put_whole(whole);
    }

    #[cold]
    fn put_any(&mut self, size: u128, places: u32, least: u32) {
        let scale = 10_u128.saturating_pow(places);
        let whole = size.checked_div(scale).unwrap_or(0);
        let decimals = size.checked_rem(scale).unwrap_or(0);
        // INVARIANT: at most 12 places, so that they fit 64 bits.
        let (high, low) = split(u64::try_from(decimals).unwrap_or(0), MILLION);
        if decimals > 0 || least > 0 {
            // INVARIANT: the others are as many as 32 bits hold, and more.
            let high = u32::try_from(high).unwrap_or(0);
            let more = places.saturating_sub(6);
            if low == 0 && least <= more {
                self.put_decimals(high, more, least);
            } else {
                self.put_trimmed(low, places.min(6), least.saturating_sub(more));
                self.put_digits(high, more);
                self.put(b'.');
            }
        }
        let mut rest = whole;
        let small = loop {
            match u64::try_from(rest) {
                Ok(small) => break small,
                Err(_) => {
                    let digit = rest.checked_rem(10).unwrap_or(0);
                    self.put_digit(u32::try_from(digit).unwrap_or(0));
                    rest = rest.checked_div(10).unwrap_or(0);
                }
            }
        };
        self.put_whole(small);
    }

    /// Decimals without the zeros at their end beyond `least`, and the point before them.
    fn put_decimals(&mut self, decimals: u32, digits: u32, least: u32) {
        self.put_trimmed(decimals, digits, least);
        self.put(b'.');
    }

    #[inline(always)]
    fn put_trimmed(&mut self, mut number: u32, mut digits: u32, least: u32) {
        while digits > least {
            let tenth = tenth(number);
            if tenth.wrapping_mul(10) != number {
                break;
            }
            number = tenth;
            digits = digits.wrapping_sub(1);
        }
        self.put_digits(number, digits);
    }

    /// The last digits of a number.
    #[inline(always)]
    fn put_digits(&mut self, mut number: u32, digits: u32) {
        for _ in 0..digits {
            number = self.put_digit(number);
        }
    }

    fn put_whole(&mut self, mut number: u64) {
        let mut small = loop {
            match u32::try_from(number) {
                Ok(small) => break small,
                Err(_) => {
                    let (rest, digit) = split(number, 10);
                    self.put_digit(digit);
                    number = rest;
                }
            }
        };
        loop {
            small = self.put_digit(small);
            if small == 0 {
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

const MILLION: u32 = 1_000_000;

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

/// A quotient and the rest, with one division.
#[inline(always)]
fn split(number: u64, by: u32) -> (u64, u32) {
    let quotient = number.checked_div(u64::from(by)).unwrap_or(0);
    let rest = number.wrapping_sub(quotient.wrapping_mul(u64::from(by)));
    (quotient, u32::try_from(rest).unwrap_or(0))
}
