//! From the events of a log to what each team is billed for, period by period.
//!
//! One pass while the events of a team come in order of time: the ledger of a team needs no
//! account and no event. A team whose accounts are interleaved out of order is put in order
//! afterwards, from the spool: creation charges depend on the pool at their moment (C2).

use std::collections::BTreeMap;

use tierwise::{
    Account, Action, Catalog, Day, Error, Event, Instant, PeriodUsage, Step, TeamLedger,
};

use crate::{
    accounts::{Accepted, AccountNumber, Accounts, Counting},
    log::NamedEvent,
    output::io_failure,
    spool::Spool,
};

/// The spool, as errors name it.
const SPOOL: &str = "the temporary file of events";

struct Team {
    ledger: TeamLedger,
    last_at: Instant,
    in_order: bool,
}

/// The running state of a log's bills.
pub(crate) struct Billing<'a> {
    catalog: &'a Catalog,
    accounts: Accounts,
    teams: Vec<Team>,
    spool: Spool,
    spool_error: Option<std::io::Error>,
}

/// What teams used, by team name, periods rising.
pub(crate) type TeamUsages = BTreeMap<Box<str>, Vec<PeriodUsage>>;

impl<'a> Billing<'a> {
    pub(crate) fn new(catalog: &'a Catalog, as_of: Option<Instant>) -> Self {
        Billing {
            catalog,
            accounts: Accounts::new(as_of),
            teams: Vec::new(),
            spool: Spool::new(),
            spool_error: None,
        }
    }

    /// Counts up to `last`, included, and gives what is to be billed. Errors: of the temporary
    /// file.
    pub(crate) fn finish(mut self, last: Day) -> anyhow::Result<TeamUsages> {
        if let Some(error) = self.spool_error.take() {
            return Err(io_failure("write", SPOOL, &error));
        }
        if self.teams.iter().any(|team| !team.in_order) {
            self.put_in_order()?;
        }
        let mut usages = TeamUsages::new();
        for (name, team) in self.accounts.teams().iter().zip(self.teams) {
            usages.insert(name.clone(), team.ledger.finish(self.catalog, last));
        }
        Ok(usages)
    }

    /// Runs the ledgers of the teams that were out of order again, over their sorted events.
    fn put_in_order(&mut self) -> anyhow::Result<()> {
        let mut events: Vec<(Instant, AccountNumber, Action)> = Vec::new();
        let spool = std::mem::replace(&mut self.spool, Spool::new());
        let (accounts, teams) = (&self.accounts, &self.teams);
        spool
            .replay(self.catalog, &mut |account, event| {
                if !teams[accounts.team_of(account).index()].in_order {
                    events.push((event.at, account, event.action));
                }
            })
            .map_err(|error| io_failure("read", SPOOL, &error))?;
        // Stable: events at the same moment stay in the order of the log.
        events.sort_by_key(|(at, ..)| *at);
        for team in self.teams.iter_mut().filter(|team| !team.in_order) {
            team.ledger = TeamLedger::new(self.catalog);
        }
        let mut states = vec![Account::default(); self.accounts.len()];
        for (at, number, action) in events {
            let event = Event { at, action };
            let step = states[number.index()].apply(self.catalog, event)?;
            let team = self.accounts.team_of(number);
            record_step(self.catalog, &mut self.teams[team.index()].ledger, event, &step);
        }
        Ok(())
    }
}

impl Counting for Billing<'_> {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    #[inline]
    fn take(&mut self, event: &NamedEvent<'_>, found: Option<AccountNumber>) -> Result<(), Error> {
        let Some(accepted) = self.accounts.take(self.catalog, event, found)? else {
            return Ok(());
        };
        let Accepted { account, team, event, step } = accepted;
        if let Err(error) = self.spool.push(account, event) {
            self.spool_error.get_or_insert(error);
        }
        while self.teams.len() <= team.index() {
            let ledger = TeamLedger::new(self.catalog);
            self.teams.push(Team { ledger, last_at: event.at, in_order: true });
        }
        let team = &mut self.teams[team.index()];
        if event.at < team.last_at {
            team.in_order = false;
        }
        team.last_at = event.at;
        if team.in_order {
            record_step(self.catalog, &mut team.ledger, event, &step);
        }
        Ok(())
    }
}

#[inline]
fn record_step(catalog: &Catalog, ledger: &mut TeamLedger, event: Event, step: &Step) {
    ledger.record(catalog, step, matches!(event.action, Action::Create(_)), 1);
}
