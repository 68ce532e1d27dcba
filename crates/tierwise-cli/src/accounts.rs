//! The accounts of a log: names become numbers, records become checked events.

use std::borrow::Borrow;

use hashbrown::{Equivalent, HashMap};
use tierwise::{Account, Action, Catalog, Code, Error, Event, Instant, Step, TierIndex};

use crate::log::Record;

/// The team of records that name none.
pub(crate) const DEFAULT_TEAM: &str = "default";

/// The number of an account of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccountNumber(pub(crate) u32);

/// The number of a team of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TeamNumber(pub(crate) u32);

impl TeamNumber {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A record that is a possible event, with what it changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    pub(crate) account: AccountNumber,
    pub(crate) team: TeamNumber,
    pub(crate) event: Event,
    pub(crate) step: Step,
}

struct Slot {
    team: TeamNumber,
    account: Account,
}

#[derive(PartialEq, Eq, Hash)]
struct Key(TeamNumber, Box<str>);

#[derive(Hash)]
struct KeyRef<'a>(TeamNumber, &'a str);

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == key.0 && *self.1 == *key.1
    }
}

/// Every account seen so far. Memory grows with accounts, not with events.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Later events are checked, and have not happened yet (A5).
    as_of: Option<Instant>,
    teams: Vec<Box<str>>,
    team_numbers: HashMap<Box<str>, TeamNumber>,
    numbers: HashMap<Key, AccountNumber>,
    slots: Vec<Slot>,
    /// The accounts that have later events, as they were before the first of those.
    before_later: HashMap<AccountNumber, Account>,
}

impl Accounts {
    pub(crate) fn new(as_of: Option<Instant>) -> Self {
        Accounts { as_of, ..Accounts::default() }
    }

    /// Checks a record against what came before of its account; none if it has not happened yet.
    /// A refused one changes nothing.
    #[inline]
    pub(crate) fn take(
        &mut self,
        catalog: &Catalog,
        record: &Record<'_>,
    ) -> Result<Option<Accepted>, Error> {
        let event = event(catalog, record)?;
        if record.account.is_empty() {
            return Err(Error::new(Code::BadId, "the account has no name").under("account"));
        }
        let team = self.team(if record.team.is_empty() { DEFAULT_TEAM } else { &record.team });
        let key = KeyRef(team, record.account.borrow());
        let known = self.numbers.get(&key).copied();
        let before = known.map(|number| self.slots[number.0 as usize].account);
        let mut account = before.unwrap_or_default();
        let step = account.apply(catalog, event)?;
        let number = match known {
            Some(number) => {
                self.slots[number.0 as usize].account = account;
                number
            }
            None => self.add(Key(team, record.account.as_ref().into()), Slot { team, account })?,
        };
        if self.as_of.is_some_and(|as_of| event.at > as_of) {
            self.before_later.entry(number).or_insert(before.unwrap_or_default());
            return Ok(None);
        }
        Ok(Some(Accepted { account: number, team, event, step }))
    }

    fn add(&mut self, key: Key, slot: Slot) -> Result<AccountNumber, Error> {
        let number = u32::try_from(self.slots.len())
            .map(AccountNumber)
            .map_err(|_| Error::new(Code::OutOfRange, "a log has at most 4294967295 accounts"))?;
        self.numbers.insert(key, number);
        self.slots.push(slot);
        Ok(number)
    }

    fn team(&mut self, name: &str) -> TeamNumber {
        if let Some(number) = self.team_numbers.get(name) {
            return *number;
        }
        // Fewer teams than accounts, which are counted.
        let number = TeamNumber(u32::try_from(self.teams.len()).unwrap_or(u32::MAX));
        self.teams.push(name.into());
        self.team_numbers.insert(name.into(), number);
        number
    }

    /// How many accounts there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The teams' names, by number.
    pub(crate) fn teams(&self) -> &[Box<str>] {
        &self.teams
    }

    /// The team of an account.
    pub(crate) fn team_of(&self, account: AccountNumber) -> TeamNumber {
        self.slots.get(account.0 as usize).map(|slot| slot.team).unwrap_or_default()
    }

    /// Every account with its team, as it was at `as_of`.
    pub(crate) fn states(&self) -> impl Iterator<Item = (TeamNumber, &Account)> {
        (0..).zip(&self.slots).map(|(number, slot)| {
            let earlier = self.before_later.get(&AccountNumber(number));
            (slot.team, earlier.unwrap_or(&slot.account))
        })
    }
}

/// A record as an event. Errors: `bad_time`, `unknown_value`, `missing_key`, `unknown_key`,
/// `unknown_tier`.
#[inline]
fn event(catalog: &Catalog, record: &Record<'_>) -> Result<Event, Error> {
    let at = Instant::parse(&record.at).map_err(|error| error.under("at"))?;
    let action = match &*record.r#do {
        "create" => Action::Create(tier(catalog, record)?),
        "tier" => Action::Change(tier(catalog, record)?),
        "archive" => no_tier(record, Action::Archive)?,
        "delete" => no_tier(record, Action::Delete)?,
        other => {
            let message = format!("`{other}` is not what an account does");
            let known = ["create", "tier", "archive", "delete"].into_iter();
            let error = Error::new(Code::UnknownValue, message).with_nearest(other, known);
            return Err(error.under("do"));
        }
    };
    Ok(Event { at, action })
}

#[inline]
fn tier(catalog: &Catalog, record: &Record<'_>) -> Result<TierIndex, Error> {
    if record.tier.is_empty() {
        let message = "the event puts the account on a tier, but names none";
        return Err(Error::new(Code::MissingKey, message).under("tier"));
    }
    Ok(catalog.tier(&record.tier).map_err(|error| error.under("tier"))?.index())
}

fn no_tier(record: &Record<'_>, action: Action) -> Result<Action, Error> {
    if record.tier.is_empty() {
        return Ok(action);
    }
    let message = "an event that ends an account names no tier";
    Err(Error::new(Code::UnknownKey, message).under("tier"))
}
