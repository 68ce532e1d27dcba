//! Metering: from the events of accounts to account-days and creations.

mod account;
mod ledger;

pub use account::{Account, Action, Event, Span, Step, Verb};
pub use ledger::{Creations, PeriodUsage, TeamLedger};

use crate::{
    catalog::Catalog,
    error::Result,
    period::{Day, Instant},
};

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
) -> Result<alloc::vec::Vec<u64>> {
    let mut days = alloc::vec![0_u64; catalog.tiers().len()];
    let mut add = |span: Span| {
        if let Some(sum) = days.get_mut(span.tier.get()) {
            let counted = span.first.max(from).count_to(span.last.min(to));
            *sum = sum.saturating_add(counted);
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
