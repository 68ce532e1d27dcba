//! From the events of a log to account-days per team, period and tier, whatever the order in which
//! accounts are interleaved. Memory grows with accounts, teams and periods, not with events.

use std::collections::BTreeMap;

use tierwise::{Catalog, Day, Error, Instant, Period, Span};

use crate::{
    accounts::{AccountNumber, Accounts, Counting, TeamNumber},
    log::NamedEvent,
};

/// The account-days of one team in one period, by tier, rising rank.
type Counts = Vec<u64>;

/// The account-days of a log, by team name and period.
pub(crate) type TeamCounts = BTreeMap<Box<str>, BTreeMap<Period, Counts>>;

/// The running account-days of a log.
pub(crate) struct Tally<'a> {
    catalog: &'a Catalog,
    accounts: Accounts,
    sums: Sums<'a>,
}

struct Sums<'a> {
    catalog: &'a Catalog,
    /// By team number.
    teams: Vec<BTreeMap<Period, Counts>>,
    /// The period of the last day looked up: most days fall in it.
    period: Option<Period>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(catalog: &'a Catalog, as_of: Option<Instant>) -> Self {
        let sums = Sums { catalog, teams: Vec::new(), period: None };
        Tally { catalog, accounts: Accounts::new(as_of), sums }
    }

    /// Counts up to `last`, included: account-days by team name and period.
    pub(crate) fn finish(self, last: Day) -> TeamCounts {
        let mut sums = self.sums;
        for (team, account) in self.accounts.states() {
            for span in account.until(self.catalog, last).into_iter().flatten() {
                sums.add(team, span);
            }
        }
        self.accounts.teams().iter().cloned().zip(sums.teams).collect()
    }
}

impl Counting for Tally<'_> {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    #[inline]
    fn take(&mut self, event: &NamedEvent<'_>, found: Option<AccountNumber>) -> Result<(), Error> {
        let Some(accepted) = self.accounts.take(self.catalog, event, found)? else {
            return Ok(());
        };
        for span in accepted.step.settled.into_iter().flatten() {
            self.sums.add(accepted.team, span);
        }
        Ok(())
    }
}

impl Sums<'_> {
    #[inline]
    fn add(&mut self, team: TeamNumber, span: Span) {
        let calendar = self.catalog.calendar();
        if self.teams.len() <= team.index() {
            self.teams.resize_with(team.index() + 1, BTreeMap::new);
        }
        let mut first = span.first;
        while first <= span.last {
            let period = match self.period {
                Some(period) if period.contains(first) => period,
                _ => *self.period.insert(calendar.period_of(first)),
            };
            let days = first.count_to(span.last.min(period.last));
            let tiers = self.catalog.tiers().len();
            let counts = self.teams[team.index()].entry(period).or_insert_with(|| vec![0; tiers]);
            counts[span.tier.get()] += days;
            first = period.last.next();
        }
    }
}
