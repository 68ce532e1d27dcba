//! Times as a lane knows them: numbers that its caller's clock gives.

/// A moment: milliseconds since 1 January 1970 in UTC, by the store's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

/// A billing period, numbered so that later ones have higher numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodNumber(pub i64);

impl Moment {
    /// The end of time: for what nothing but a change ends.
    pub const NEVER: Self = Moment(i64::MAX);

    /// So much later; at most [`NEVER`](Self::NEVER).
    pub fn after(self, span: Span) -> Self {
        Moment(self.0.saturating_add_unsigned(span.0))
    }
}

impl Span {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Span(seconds.saturating_mul(1000))
    }
}
