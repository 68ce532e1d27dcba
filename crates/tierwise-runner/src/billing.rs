//! Account-days and bills, from the ledgers of teams, through the engine.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tierwise::{
    Account, Action, Catalog, ChangeMoney, Event, Instant, Period, PeriodUsage, Step, TeamLedger,
};

use crate::{
    model::{AccountKey, LifeRow, LifeStep},
    policy::instant,
    store::{StoreError, Stored, Transaction},
};

/// The code of a team's ledger that the catalog cannot read: it is that team's alone.
pub(crate) const LEDGER_DAMAGED: &str = "ledger_damaged";

/// Entries that are read at a time.
pub(crate) const PART: u32 = 1000;

/// The books of teams that were asked about, kept up to the last entry that was read.
#[derive(Debug, Default)]
pub(crate) struct Books {
    of_teams: HashMap<String, Book>,
    known: KnownBooks,
}

/// The teams of which there is a book: the first time, a whole ledger is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownBooks(Arc<Mutex<HashSet<String>>>);

impl KnownBooks {
    fn teams(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has(&self, team: &str) -> bool {
        self.teams().contains(team)
    }
}

/// What a team's ledger comes to.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    entry: u64,
    accounts: HashMap<AccountKey, Account>,
    ledger: TeamLedger,
}

/// Why an entry of a ledger cannot be read.
fn damaged(row: &LifeRow, error: &tierwise::Error) -> StoreError {
    let (team, entry) = (&row.team, row.entry);
    let message = format_args!("entry {entry} in the ledger of team `{team}`: {error}");
    StoreError::new(LEDGER_DAMAGED, message)
}

/// An entry as the engine knows it. Errors: `ledger_damaged`.
pub(crate) fn event_of(row: &LifeRow, catalog: &Catalog) -> Stored<Event> {
    let tier = |id: &str| {
        let tier = catalog.tier(id).map(tierwise::Tier::index);
        tier.map_err(|error| damaged(row, &error))
    };
    let action = match &row.step {
        LifeStep::Create(id) => Action::Create(tier(id)?),
        LifeStep::Tier(id) => Action::Change(tier(id)?),
        LifeStep::Archive => Action::Archive,
        LifeStep::Delete => Action::Delete,
    };
    Ok(Event { at: instant(row.at), action })
}

impl Books {
    /// A team's book, with every entry that there is.
    pub(crate) fn of(
        &mut self,
        team: &str,
        transaction: &mut dyn Transaction,
        catalog: &Catalog,
    ) -> Stored<&Book> {
        let book = self.of_teams.entry(team.to_owned()).or_insert_with(|| {
            self.known.teams().insert(team.to_owned());
            Book::new(catalog)
        });
        book.read(catalog, None, &mut |after| transaction.life(team, after, PART))?;
        Ok(book)
    }

    /// Takes a book that was read elsewhere, unless there is one.
    pub(crate) fn take(&mut self, team: &str, book: Book) {
        self.known.teams().insert(team.to_owned());
        self.of_teams.entry(team.to_owned()).or_insert(book);
    }

    /// The teams of which there is a book.
    pub(crate) fn known(&self) -> &KnownBooks {
        &self.known
    }

    /// Forgets them all: another catalog reads ledgers otherwise.
    pub(crate) fn forget(&mut self) {
        self.known.teams().clear();
        self.of_teams.clear();
    }
}

impl Book {
    pub(crate) fn new(catalog: &Catalog) -> Self {
        Book { entry: 0, accounts: HashMap::new(), ledger: TeamLedger::new(catalog) }
    }

    /// Reads on, to the end or up to a moment: `life` gives the entries after one.
    pub(crate) fn read(
        &mut self,
        catalog: &Catalog,
        last: Option<Instant>,
        life: &mut dyn FnMut(u64) -> Stored<Vec<LifeRow>>,
    ) -> Stored<()> {
        loop {
            let entries = life(self.entry)?;
            let is_last = entries.len() < usize::try_from(PART).unwrap_or(usize::MAX);
            for row in entries {
                if last.is_some_and(|last| instant(row.at) > last) {
                    return Ok(());
                }
                self.take(&row, catalog)?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Takes the next entry; what changed by it. Errors: `ledger_damaged`.
    pub(crate) fn take(&mut self, row: &LifeRow, catalog: &Catalog) -> Stored<Step> {
        let event = event_of(row, catalog)?;
        let account = self.accounts.entry(row.account).or_default();
        let step = account.apply(catalog, event).map_err(|error| damaged(row, &error))?;
        self.ledger.record(catalog, &step, matches!(event.action, Action::Create(_)), 1);
        self.entry = row.entry;
        Ok(step)
    }

    /// An account as it is after all entries.
    pub(crate) fn account(&self, key: AccountKey) -> Account {
        self.accounts.get(&key).copied().unwrap_or_default()
    }

    /// Account-days of the team's pool for a tier, in the period that a moment lies in, with the
    /// day of that moment as if it ended then (A5).
    pub(crate) fn pool(&self, catalog: &Catalog, tier: &str, at: Instant) -> u64 {
        let day = catalog.calendar().day_of(at);
        let period = catalog.calendar().period_of(day);
        let usage = self.usage(catalog, period, at);
        let place = catalog.find_tier(tier).map(|tier| tier.index().get());
        place.and_then(|place| usage.account_days.get(place).copied()).unwrap_or(0)
    }

    /// What the team used in a period, as of a moment (A5).
    pub(crate) fn usage(&self, catalog: &Catalog, period: Period, at: Instant) -> PeriodUsage {
        self.ledger.clone().usage(catalog, period, catalog.calendar().day_of(at))
    }

    /// What an event of an account, after all others, does to the team's money (D11). Errors: those
    /// of [`tierwise::change_money`]; `event_before_creation` if the ledger has no such account.
    pub(crate) fn money(
        &self,
        catalog: &Catalog,
        account: AccountKey,
        event: Event,
    ) -> tierwise::Result<ChangeMoney> {
        tierwise::change_money(catalog, &self.ledger, &self.account(account), event)
    }
}
