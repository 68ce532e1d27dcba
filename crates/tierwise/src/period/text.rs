//! Times, days and months as text: a strict reader of fixed places, quick enough for event logs.

use core::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Timelike};

use super::{MS_PER_DAY, MS_PER_MINUTE, Month};
use crate::{
    error::{Code, Error, short},
    limits::{MAX_YEAR, MIN_YEAR},
};

/// `YYYY-MM-DDThh:mm:ss[.fff…](Z|±hh:mm)` as milliseconds since 1970.
#[inline]
pub(super) fn instant_ms(text: &[u8]) -> Option<i64> {
    let (date_text, rest) = text.split_first_chunk::<10>()?;
    let days = date_days(date_text)?;
    let (clock, mut rest) = rest.split_first_chunk::<9>()?;
    let [b'T', h1, h0, b':', m1, m0, b':', s1, s0] = *clock else { return None };
    let (hour, minute, second) = (two(h1, h0)?, two(m1, m0)?, two(s1, s0)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut ms = 0;
    if let [b'.', decimals @ ..] = rest {
        let length = decimals.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&length) {
            return None;
        }
        let place = |n: usize| decimals.get(..length).and_then(|d| d.get(n)).map_or(0, digit_value);
        ms = place(0).saturating_mul(100).saturating_add(place(1).saturating_mul(10));
        ms = ms.saturating_add(place(2));
        rest = decimals.get(length..)?;
    }
    let offset_minutes = match *rest {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h0, b':', m1, m0] => {
            let (hours, minutes) = (two(h1, h0)?, two(m1, m0)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = hours.saturating_mul(60).saturating_add(minutes);
            if sign == b'-' { minutes.saturating_neg() } else { minutes }
        }
        _ => return None,
    };
    // INVARIANT: each part is bounded above, so no product or sum comes near the ends of `i64`.
    let minutes = hour.saturating_mul(60).saturating_add(minute).saturating_sub(offset_minutes);
    let ms = days
        .saturating_mul(MS_PER_DAY)
        .saturating_add(minutes.saturating_mul(MS_PER_MINUTE))
        .saturating_add(second.saturating_mul(1000))
        .saturating_add(ms);
    Some(ms)
}

/// Whether a moment lies in the years allowed, by the clock of some offset from UTC.
pub(super) fn within_years(ms: i64) -> bool {
    const FIRST: i64 = year_start_ms(MIN_YEAR).saturating_sub(MS_PER_DAY);
    const END: i64 = year_start_ms(MAX_YEAR.saturating_add(1)).saturating_add(MS_PER_DAY);
    (FIRST..END).contains(&ms)
}

const fn year_start_ms(year: i32) -> i64 {
    match NaiveDate::from_ymd_opt(year, 1, 1) {
        Some(date) => date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis(),
        None => 0,
    }
}

#[inline]
fn date_days(text: &[u8; 10]) -> Option<i64> {
    date(text).map(|date| i64::from(date.to_epoch_days()))
}

/// `YYYY-MM-DD` within the years allowed.
pub(super) fn date(text: &[u8]) -> Option<NaiveDate> {
    let (month_text, rest) = text.split_first_chunk::<7>()?;
    let month = month(month_text)?;
    let [b'-', d1, d0] = *rest else { return None };
    NaiveDate::from_ymd_opt(month.year, month.month, u32::try_from(two(d1, d0)?).ok()?)
}

/// `YYYY-MM` within the years allowed.
pub(super) fn month(text: &[u8]) -> Option<Month> {
    let [y3, y2, y1, y0, b'-', m1, m0] = *text else { return None };
    let year = two(y3, y2)?.saturating_mul(100).saturating_add(two(y1, y0)?);
    let (year, month) = (i32::try_from(year).ok()?, u32::try_from(two(m1, m0)?).ok()?);
    let allowed = (MIN_YEAR..=MAX_YEAR).contains(&year) && (1..=12).contains(&month);
    allowed.then_some(Month::new(year, month))
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| digit_value(&tens).saturating_mul(10).saturating_add(digit_value(&ones)))
}

#[inline]
fn digit_value(digit: &u8) -> i64 {
    i64::from(digit.saturating_sub(b'0'))
}

/// A moment as answers write it: UTC, milliseconds.
pub(super) fn write_instant(f: &mut fmt::Formatter<'_>, ms: i64) -> fmt::Result {
    let at = DateTime::from_timestamp_millis(ms).unwrap_or_default().naive_utc();
    write!(
        f,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.nanosecond().checked_div(1_000_000).unwrap_or(0)
    )
}

#[cold]
pub(super) fn bad_time(text: &str) -> Error {
    Error::new(
        Code::BadTime,
        format_args!("`{}` is not a time of the years {MIN_YEAR} to {MAX_YEAR}", short(text)),
    )
    .with_help("write it as `2026-04-01T09:00:00Z`, with `Z` or an offset like `+02:00`")
}
