//! Time as bills see it (G1): moments, days at a fixed distance from UTC, periods of days.

mod text;

use core::fmt;

use chrono::{Datelike, NaiveDate};

use crate::{
    error::{Code, Error, Result, short},
    limits::{MAX_YEAR, MIN_YEAR},
    word::words,
};

const MS_PER_MINUTE: i64 = 60_000;
const MS_PER_DAY: i64 = 86_400_000;

/// A moment, to the millisecond, in UTC; within the years 1970 to 2199 as written.
///
/// ```
/// use tierwise::Instant;
/// let noon = Instant::parse("2026-04-01T14:00:00.250+02:00")?;
/// assert_eq!(noon.to_string(), "2026-04-01T12:00:00.250Z");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// Reads RFC 3339 with an offset or `Z`. Errors: `bad_time`.
    #[inline]
    pub fn parse(text: &str) -> Result<Self> {
        text::instant_ms(text.as_bytes()).map(Instant).ok_or_else(|| text::bad_time(text))
    }

    /// The moment so many milliseconds after 1970 began. Errors: `bad_time` outside the years.
    pub fn from_unix_ms(ms: i64) -> Result<Self> {
        if text::within_years(ms) {
            return Ok(Instant(ms));
        }
        Err(text::bad_time(&alloc::format!("{ms} ms")))
    }

    /// Milliseconds since 1970 began.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write_instant(f, self.0)
    }
}

/// A day, counted from 1 January 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// Reads `YYYY-MM-DD`. Errors: `bad_date`.
    pub fn parse(text: &str) -> Result<Self> {
        text::date(text.as_bytes()).map(Self::of_date).ok_or_else(|| {
            Error::new(
                Code::BadDate,
                format_args!(
                    "`{}` is not a day of the years {MIN_YEAR} to {MAX_YEAR}",
                    short(text)
                ),
            )
            .with_help("write it as `2026-04-01`")
        })
    }

    fn of_date(date: NaiveDate) -> Self {
        Day(date.to_epoch_days())
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or_default()
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Day(self.0.saturating_add(1))
    }

    /// The day before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Day(self.0.saturating_sub(1))
    }

    /// How many days there are from this one to `last`, both included; 0 if `last` lies before.
    pub fn count_to(self, last: Self) -> u64 {
        let days = i64::from(last.0).saturating_sub(i64::from(self.0)).saturating_add(1);
        u64::try_from(days).unwrap_or(0)
    }

    /// Days since 1 January 1970.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

words! {
    /// How time is cut into periods (G1).
    pub enum PeriodKind: "kind of period" {
        /// Calendar months.
        #[default]
        CalendarMonth = "calendar_month",
        /// From an anchor day of a month to the day before it in the next.
        AnchoredMonth = "anchored_month",
    }
}

/// How a catalog cuts time into days and periods (G1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Calendar or anchored months.
    pub kind: PeriodKind,
    /// How far the days begin before UTC midnight, in minutes.
    pub utc_offset_minutes: i32,
    /// The day of a month on which a period begins, from 1 to 28; 1 for calendar months. A catalog
    /// with another one is refused; asked directly, the nearest of these counts.
    pub anchor_day: u32,
}

impl Default for Calendar {
    /// Calendar months of UTC.
    fn default() -> Self {
        Calendar { kind: PeriodKind::CalendarMonth, utc_offset_minutes: 0, anchor_day: 1 }
    }
}

impl Calendar {
    /// The day that a moment belongs to.
    #[inline]
    pub fn day_of(&self, at: Instant) -> Day {
        let days = self.local_ms(at).div_euclid(MS_PER_DAY);
        // INVARIANT: the years of a moment are bounded, so are its days.
        Day(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// Whether a moment is exactly the beginning of its day.
    #[inline]
    pub fn is_midnight(&self, at: Instant) -> bool {
        self.local_ms(at).rem_euclid(MS_PER_DAY) == 0
    }

    fn anchor_day(&self) -> u32 {
        self.anchor_day.clamp(1, 28)
    }

    fn local_ms(&self, at: Instant) -> i64 {
        at.0.saturating_add(i64::from(self.utc_offset_minutes).saturating_mul(MS_PER_MINUTE))
    }

    /// The period that a day belongs to.
    pub fn period_of(&self, day: Day) -> Period {
        let date = day.date();
        let month = Month::new(date.year(), date.month());
        let month = if date.day() < self.anchor_day() { month.previous() } else { month };
        self.period_from(month)
    }

    /// The period after one.
    pub fn next(&self, period: Period) -> Period {
        self.period_from(period.month.next())
    }

    /// Reads a period's name, `YYYY-MM`. Errors: `bad_period`.
    pub fn parse_period(&self, text: &str) -> Result<Period> {
        text::month(text.as_bytes()).map(|month| self.period_from(month)).ok_or_else(|| {
            Error::new(
                Code::BadPeriod,
                format_args!(
                    "`{}` is not a month of the years {MIN_YEAR} to {MAX_YEAR}",
                    short(text)
                ),
            )
            .with_help("write it as `2026-04`, months from `01` to `12`")
        })
    }

    fn period_from(&self, month: Month) -> Period {
        let start = |month: Month| month.day(self.anchor_day());
        Period { month, first: start(month), last: start(month.next()).previous() }
    }
}

/// A month of a year: the name of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Month {
    year: i32,
    month: u32,
}

impl Month {
    const fn new(year: i32, month: u32) -> Self {
        Month { year, month }
    }

    const fn next(self) -> Self {
        match self.month {
            12 => Month::new(self.year.saturating_add(1), 1),
            month => Month::new(self.year, month.saturating_add(1)),
        }
    }

    const fn previous(self) -> Self {
        match self.month {
            1 => Month::new(self.year.saturating_sub(1), 12),
            month => Month::new(self.year, month.saturating_sub(1)),
        }
    }

    fn day(self, day: u32) -> Day {
        // INVARIANT: an anchor day is 1 to 28, so the date exists.
        NaiveDate::from_ymd_opt(self.year, self.month, day).map(Day::of_date).unwrap_or_default()
    }
}

/// The stretch of days that one invoice covers (G1). Its name is `YYYY-MM`, of the month in which
/// it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    month: Month,
    /// Its first day.
    pub first: Day,
    /// Its last day, included.
    pub last: Day,
}

impl Period {
    /// Whether a day belongs to it.
    #[inline]
    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.month.year, self.month.month)
    }
}
