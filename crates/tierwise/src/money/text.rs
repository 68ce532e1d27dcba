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

/// A decimal whose text (G3) is about to be written: how long it is, and its characters.
///
/// ```
/// let digits = tierwise::Amount::parse("-1209.90")?.digits();
/// let mut room = [0; 7];
/// assert_eq!(digits.length(), room.len());
/// digits.fill(&mut room);
/// assert_eq!(&room, b"-1209.9");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DecimalDigits {
    negative: bool,
    whole: u128,
    decimals: u64,
    /// How many digits the decimals have.
    places: u32,
}

impl DecimalDigits {
    /// An integer of 10^-`PLACES` without trailing zeros, but with at least `least` decimals.
    pub(super) fn of<const PLACES: u32>(parts: i128, least: u32) -> Self {
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
        let (decimals, places) = trimmed(decimals, PLACES, least);
        DecimalDigits { negative: parts < 0, whole, decimals, places }
    }

    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self::of::<0>(number, 0)
    }

    /// How many characters the text has, all of them ASCII.
    pub fn length(&self) -> usize {
        let decimals = if self.places > 0 { self.places.saturating_add(1) } else { 0 };
        let length =
            digits_of(self.whole).saturating_add(decimals).saturating_add(u32::from(self.negative));
        usize::try_from(length).unwrap_or(0)
    }

    /// Writes the text into a room of its length.
    pub fn fill(&self, room: &mut [u8]) {
        let mut end = room.len();
        if self.places > 0 {
            end = put_digits(room, end, self.decimals, self.places);
            end = put(room, end, b'.');
        }
        end = match u64::try_from(self.whole) {
            Ok(whole) => put_digits(room, end, whole, 1),
            Err(_) => put_large(room, end, self.whole),
        };
        if self.negative {
            put(room, end, b'-');
        }
    }
}

/// Decimals without trailing zeros beyond `least`, and how many there are.
fn trimmed(decimals: u64, places: u32, least: u32) -> (u64, u32) {
    /// Most amounts are whole millionths.
    const MILLION: u64 = 1_000_000;
    if decimals == 0 {
        return (0, least);
    }
    let (mut decimals, mut places) = (decimals, places);
    if places >= least.saturating_add(6) && remainder(decimals, MILLION) == 0 {
        decimals = quotient(decimals, MILLION);
        places = places.saturating_sub(6);
    }
    while places > least {
        // 32 bits are enough for most, and their arithmetic is quicker on WebAssembly.
        let tenth = match u32::try_from(decimals) {
            Ok(decimals) if decimals.is_multiple_of(10) => decimals.checked_div(10).map(u64::from),
            Ok(_) => None,
            Err(_) => (remainder(decimals, 10) == 0).then(|| quotient(decimals, 10)),
        };
        let Some(tenth) = tenth else { break };
        decimals = tenth;
        places = places.saturating_sub(1);
    }
    (decimals, places)
}

/// As many digits as 64 bits hold for certain, as a divisor.
const LARGE: u128 = 10_u128.pow(19);

fn digits_of(number: u128) -> u32 {
    match u64::try_from(number) {
        Ok(number) => {
            let (mut digits, mut next) = (1_u32, 10_u64);
            // INVARIANT: 10¹⁹ still fits, and a number of 64 bits has at most 20 digits.
            while digits < 20 && number >= next {
                digits = digits.saturating_add(1);
                next = next.wrapping_mul(10);
            }
            digits
        }
        Err(_) => digits_of(number.checked_div(LARGE).unwrap_or(0)).saturating_add(19),
    }
}

// A text is written from its end: each of these takes the place after it, and gives that before.

fn put(room: &mut [u8], end: usize, byte: u8) -> usize {
    let at = end.wrapping_sub(1);
    if let Some(place) = room.get_mut(at) {
        *place = byte;
    }
    at
}

/// Digits of a number, with leading zeros up to a length.
fn put_digits(room: &mut [u8], mut end: usize, mut number: u64, least: u32) -> usize {
    /// Below it 32 bits are enough.
    const HALF: u64 = 1_000_000_000;
    let mut least = least;
    while number >= HALF {
        let half = u32::try_from(remainder(number, HALF)).unwrap_or(0);
        end = put_small(room, end, half, 9);
        number = quotient(number, HALF);
        least = least.saturating_sub(9);
    }
    put_small(room, end, u32::try_from(number).unwrap_or(0), least)
}

fn put_small(room: &mut [u8], mut end: usize, mut number: u32, least: u32) -> usize {
    let mut count = 0_u32;
    while number > 0 || count < least {
        let tenth = number.checked_div(10).unwrap_or(0);
        let digit = number.wrapping_sub(tenth.wrapping_mul(10));
        end = put(room, end, b'0'.wrapping_add(u8::try_from(digit).unwrap_or(0)));
        number = tenth;
        count = count.wrapping_add(1);
    }
    end
}

fn put_large(room: &mut [u8], end: usize, number: u128) -> usize {
    let low = number.checked_rem(LARGE).unwrap_or(0);
    let high = number.checked_div(LARGE).unwrap_or(0);
    let end = put_digits(room, end, u64::try_from(low).unwrap_or(0), 19);
    match u64::try_from(high) {
        Ok(high) => put_digits(room, end, high, 1),
        // 128 bits have 39 digits: two times 19 and one more.
        Err(_) => put_large(room, end, high),
    }
}

/// The text of a decimal (G3), without an allocation.
///
/// ```
/// let amount = tierwise::Amount::parse("-1209.90")?;
/// assert_eq!(amount.text().as_str(), "-1209.9");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct DecimalText {
    bytes: [u8; DecimalText::MAX_BYTES],
    length: usize,
}

impl DecimalText {
    /// How long a text can be: a sign, a point, the 39 digits of 128 bits, and a leading zero.
    pub const MAX_BYTES: usize = 42;

    /// The text of a whole number.
    pub fn whole(number: i128) -> Self {
        DecimalDigits::whole(number).into()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // INVARIANT: digits, a point and a sign are ASCII.
        let text = self.bytes.get(..self.length).map(core::str::from_utf8);
        text.and_then(core::result::Result::ok).unwrap_or_default()
    }
}

impl From<DecimalDigits> for DecimalText {
    fn from(digits: DecimalDigits) -> Self {
        let mut text = DecimalText { bytes: [0; Self::MAX_BYTES], length: digits.length() };
        digits.fill(text.bytes.get_mut(..text.length).unwrap_or_default());
        text
    }
}

impl fmt::Display for DecimalDigits {
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
