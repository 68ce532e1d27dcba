//! Decimal text in and out (G3, F2): strict on the way in, canonical on the way out.

use core::fmt;

use crate::error::{Code, Error, Result, short};

/// Whether a number may lie below zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    NotNegative,
}

/// The digits of `text` as an integer of 10^-`places`. What is too large for an `i128` becomes its
/// end, so that the caller's own bound refuses it. Errors, in this order: `bad_decimal`,
/// `negative`, `too_many_places`.
pub(super) fn parse(text: &str, places: u32, sign: Sign) -> Result<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((_, "")) => return Err(bad_decimal(text)),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
        return Err(bad_decimal(text));
    }
    let is_zero = whole.bytes().chain(decimals.bytes()).all(|byte| byte == b'0');
    if negative && !is_zero && sign == Sign::NotNegative {
        return Err(negative_value(text));
    }
    let places = usize::try_from(places).unwrap_or(0);
    let Some(missing) = places.checked_sub(decimals.len()) else {
        return Err(too_many_places(text, decimals.len(), places));
    };
    let zeros = core::iter::repeat_n(b'0', missing);
    let parts = whole.bytes().chain(decimals.bytes()).chain(zeros).fold(0_i128, |sum, byte| {
        sum.saturating_mul(10).saturating_add(i128::from(byte.saturating_sub(b'0')))
    });
    Ok(if negative { parts.saturating_neg() } else { parts })
}

/// The text of a decimal (G3), made without an allocation.
///
/// ```
/// let amount = tierwise::Amount::parse("-1209.90")?;
/// assert_eq!(amount.text().as_str(), "-1209.9");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct DecimalText {
    bytes: [u8; DecimalText::MAX_BYTES],
    /// Where the text begins; it ends with the bytes.
    start: usize,
}

impl DecimalText {
    /// How long a text can be: a sign, a point, the 39 digits of 128 bits, and a leading zero.
    pub const MAX_BYTES: usize = 42;

    /// The text of a whole number.
    pub fn whole(number: i128) -> Self {
        Self::of::<0>(number, 0)
    }

    /// The text of an integer of 10^-`PLACES` without trailing zeros, but with at least `least`
    /// decimals.
    pub(super) fn of<const PLACES: u32>(parts: i128, least: u32) -> Self {
        let mut text = DecimalText { bytes: [0; Self::MAX_BYTES], start: Self::MAX_BYTES };
        let size = parts.unsigned_abs();
        let scale = const { 10_u64.pow(PLACES) };
        // INVARIANT: at most 12 places, so that the decimals fit 64 bits.
        let (whole, decimals) = match u64::try_from(size) {
            // Most amounts fit 64 bits, whose arithmetic is quicker.
            Ok(size) => (u128::from(quotient(size, scale)), remainder(size, scale)),
            Err(_) => {
                let scale = u128::from(scale);
                let decimals = size.checked_rem(scale).unwrap_or(0);
                (size.checked_div(scale).unwrap_or(0), u64::try_from(decimals).unwrap_or(0))
            }
        };
        text.push_decimals(decimals, PLACES, least);
        match u64::try_from(whole) {
            Ok(whole) => text.push_digits(whole, 1),
            Err(_) => text.push_whole(whole),
        }
        if parts < 0 {
            text.push(b'-');
        }
        text
    }

    /// The decimals and the point before them, or nothing.
    fn push_decimals(&mut self, mut decimals: u64, places: u32, least: u32) {
        let mut length = if decimals == 0 { least } else { places };
        // Many zeros at once: most amounts are whole millionths, or thousandths.
        for (step, zeros) in [(1_000_000, 6), (1000, 3), (10, 1)] {
            while length >= least.saturating_add(zeros) && remainder(decimals, step) == 0 {
                if decimals == 0 {
                    break;
                }
                decimals = quotient(decimals, step);
                length = length.saturating_sub(zeros);
            }
        }
        if length > 0 {
            self.push_digits(decimals, length);
            self.push(b'.');
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // INVARIANT: digits, a point and a sign are ASCII.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text in ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
    }

    /// Digits of a number, with leading zeros up to a length.
    fn push_digits(&mut self, mut number: u64, least: u32) {
        /// Below it 32 bits are enough, whose arithmetic is several times as quick on WebAssembly.
        const HALF: u64 = 1_000_000_000;
        let mut count = 0_u32;
        while number >= HALF {
            let half = u32::try_from(remainder(number, HALF)).unwrap_or(0);
            self.push_small(half, 9);
            number = quotient(number, HALF);
            count = count.saturating_add(9);
        }
        self.push_small(u32::try_from(number).unwrap_or(0), least.saturating_sub(count));
    }

    fn push_small(&mut self, mut number: u32, least: u32) {
        let mut count = 0_u32;
        while number >= 100 {
            let rest = number.checked_div(100).unwrap_or(0);
            let pair = number.wrapping_sub(rest.wrapping_mul(100));
            self.push_digit(pair.checked_rem(10).unwrap_or(0));
            self.push_digit(pair.checked_div(10).unwrap_or(0));
            number = rest;
            count = count.wrapping_add(2);
        }
        while number > 0 || count < least {
            self.push_digit(number.checked_rem(10).unwrap_or(0));
            number = number.checked_div(10).unwrap_or(0);
            count = count.wrapping_add(1);
        }
    }

    fn push_digit(&mut self, digit: u32) {
        self.push(b'0'.wrapping_add(u8::try_from(digit).unwrap_or(0)));
    }

    fn push_whole(&mut self, whole: u128) {
        /// As many digits as 64 bits hold for certain.
        const CHUNK: u128 = 10_u128.pow(19);
        if let Ok(whole) = u64::try_from(whole) {
            return self.push_digits(whole, 1);
        }
        let low = whole.checked_rem(CHUNK).unwrap_or(0);
        self.push_digits(u64::try_from(low).unwrap_or(0), 19);
        // 2^128 has 39 digits: two chunks of 19 and one more digit.
        self.push_whole(whole.checked_div(CHUNK).unwrap_or(0));
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

fn quotient(number: u64, divisor: u64) -> u64 {
    number.checked_div(divisor).unwrap_or(0)
}

fn remainder(number: u64, divisor: u64) -> u64 {
    number.checked_rem(divisor).unwrap_or(0)
}

#[cold]
fn bad_decimal(text: &str) -> Error {
    Error::new(Code::BadDecimal, format_args!("`{}` is not a decimal", short(text)))
        .with_help("write digits with at most one point, like `0.4`")
}

#[cold]
fn negative_value(text: &str) -> Error {
    Error::new(Code::Negative, format_args!("`{}` is below zero", short(text)))
}

#[cold]
fn too_many_places(text: &str, found: usize, allowed: usize) -> Error {
    Error::new(
        Code::TooManyPlaces,
        format_args!("`{}` has {found} decimals, at most {allowed} are allowed", short(text)),
    )
}
