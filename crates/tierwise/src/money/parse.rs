//! Decimal text on its way in (F2): strict.

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
