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

/// Writes an integer of 10^-`places` without trailing zeros, but with at least `least` decimals.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    parts: i128,
    places: u32,
    least: u32,
) -> fmt::Result {
    let scale = 10_u128.saturating_pow(places);
    let size = parts.unsigned_abs();
    let whole = size.checked_div(scale).unwrap_or(0);
    // INVARIANT: at most 12 places: the decimals fit 64 bits, whose arithmetic is quicker.
    let mut decimals = u64::try_from(size.checked_rem(scale).unwrap_or(0)).unwrap_or(0);
    let mut length = places;
    while length > least && decimals.is_multiple_of(10) {
        decimals = decimals.checked_div(10).unwrap_or(0);
        length = length.saturating_sub(1);
    }
    let sign = if parts < 0 { "-" } else { "" };
    match (u64::try_from(whole), usize::try_from(length).unwrap_or(0)) {
        (Ok(whole), 0) => write!(f, "{sign}{whole}"),
        (Ok(whole), width) => write!(f, "{sign}{whole}.{decimals:0width$}"),
        (Err(_), 0) => write!(f, "{sign}{whole}"),
        (Err(_), width) => write!(f, "{sign}{whole}.{decimals:0width$}"),
    }
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
