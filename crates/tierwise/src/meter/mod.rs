//! Metering: from the events of accounts to account-days and creations.

mod account;
mod ledger;

pub use account::{Account, Action, Event, Span, Step, Verb};
pub use ledger::{Creations, PeriodUsage, TeamLedger};

use alloc::vec::Vec;

use crate::{
    catalog::Catalog,
    error::Result,
    period::{Day, Instant},
};

/// The account-days of one account in some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedDays {
    /// How many, by tier.
    pub by_tier: Vec<u64>,
    /// The first day that counts, and the last one; none if no day does.
    pub ends: Option<(Day, Day)>,
}

/// Account-days of one account by tier, in the days from `from` to `to`, both included (A1–A5).
///
/// `events` come in order of time. With `as_of`, later events have not happened yet and its day
/// counts as if it ended then. Errors: those of [`Account::apply`], below the event's number.
pub fn account_days(
    catalog: &Catalog,
    events: &[Event],
    from: Day,
    to: Day,
    as_of: Option<Instant>,
) -> Result<Vec<u64>> {
    counted_days(catalog, events, from, to, as_of).map(|counted| counted.by_tier)
}

/// The same as [`account_days`], with the first and the last of the days that count.
pub fn counted_days(
    catalog: &Catalog,
    events: &[Event],
    from: Day,
    to: Day,
    as_of: Option<Instant>,
) -> Result<CountedDays> {
    let mut days = CountedDays { by_tier: alloc::vec![0; catalog.tiers().len()], ends: None };
    let mut add = |span: Span| {
        let (first, last) = (span.first.max(from), span.last.min(to));
        let counted = first.count_to(last);
        if let Some(sum) = days.by_tier.get_mut(span.tier.get()).filter(|_| counted > 0) {
            *sum = sum.saturating_add(counted);
            // Spans come in order of time.
            days.ends = Some((days.ends.map_or(first, |(first, _)| first), last));
        }
    };
    let mut account = Account::default();
    // An event after `as_of` is checked all the same.
    let mut happened = account;
    for (i, event) in events.iter().enumerate() {
        let step = account.apply(catalog, *event).map_err(|error| error.under(i))?;
        if as_of.is_none_or(|as_of| event.at <= as_of) {
            step.settled.into_iter().flatten().for_each(&mut add);
            happened = account;
        }
    }
    let last = as_of.map_or(to, |as_of| to.min(catalog.calendar().day_of(as_of)));
    happened.until(catalog, last).into_iter().flatten().for_each(&mut add);
    Ok(days)
}
