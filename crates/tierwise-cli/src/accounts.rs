//! The accounts of a log: names become numbers, records become checked events.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use tierwise::{Account, Action, Catalog, Code, Error, Event, Instant, Step, TierIndex};

use crate::log::Record;

/// The team of records that name none.
pub(crate) const DEFAULT_TEAM: &str = "default";

/// The number of an account of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccountNumber(pub(crate) u32);

impl AccountNumber {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a team of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TeamNumber(u32);

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

/// The name of an account. A short one stands in place, where comparing it costs no further trip
/// to memory.
enum Name {
    Short { length: u8, bytes: [u8; Name::MAX_SHORT_BYTES] },
    Long(Box<[u8]>),
}

impl Name {
    const MAX_SHORT_BYTES: usize = 30;

    fn of(name: &[u8]) -> Self {
        let mut bytes = [0; Name::MAX_SHORT_BYTES];
        match (u8::try_from(name.len()), bytes.get_mut(..name.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(name);
                Name::Short { length, bytes }
            }
            _ => Name::Long(name.into()),
        }
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match self {
            Name::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Name::Long(bytes) => bytes,
        }
    }
}

/// All that an event needs to know of its account, in one line of the processor's cache: the events
/// of a large log find their accounts in no order.
#[repr(align(64))]
struct Slot {
    name: Name,
    account: Account,
    team: TeamNumber,
}

const _: () = assert!(size_of::<Slot>() == 64);

/// Every account seen so far. Memory grows with accounts, not with events.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Later events are checked, and have not happened yet (A5).
    as_of: Option<Instant>,
    teams: Vec<Box<str>>,
    team_numbers: HashMap<Box<str>, TeamNumber>,
    hasher: DefaultHashBuilder,
    /// By team and name.
    numbers: HashTable<AccountNumber>,
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
        let team_name = if record.team.is_empty() { DEFAULT_TEAM } else { record.team };
        let name = record.account.as_bytes();
        let hash = self.hasher.hash_one((team_name.as_bytes(), name));
        let is_meant = |number: &AccountNumber| {
            let slot = &self.slots[number.index()];
            slot.name.as_bytes() == name && *self.teams[slot.team.index()] == *team_name
        };
        let known = self.numbers.find(hash, is_meant).copied();
        let before = known.map(|number| self.slots[number.index()].account).unwrap_or_default();
        let mut account = before;
        let step = account.apply(catalog, event).map_err(with_help)?;
        let number = match known {
            Some(number) => {
                self.slots[number.index()].account = account;
                number
            }
            None => self.add(hash, team_name, Name::of(name), account)?,
        };
        if self.as_of.is_some_and(|as_of| event.at > as_of) {
            self.before_later.entry(number).or_insert(before);
            return Ok(None);
        }
        let team = self.slots[number.index()].team;
        Ok(Some(Accepted { account: number, team, event, step }))
    }

    #[cold]
    fn add(
        &mut self,
        hash: u64,
        team: &str,
        name: Name,
        account: Account,
    ) -> Result<AccountNumber, Error> {
        let number = u32::try_from(self.slots.len())
            .map(AccountNumber)
            .map_err(|_| Error::new(Code::OutOfRange, "a log has at most 4294967296 accounts"))?;
        let team = self.team(team);
        self.slots.push(Slot { name, account, team });
        let (slots, teams, hasher) = (&self.slots, &self.teams, &self.hasher);
        self.numbers.insert_unique(hash, number, |number| {
            let slot = &slots[number.index()];
            hasher.hash_one((teams[slot.team.index()].as_bytes(), slot.name.as_bytes()))
        });
        Ok(number)
    }

    fn team(&mut self, name: &str) -> TeamNumber {
        if let Some(number) = self.team_numbers.get(name) {
            return *number;
        }
        // No more teams than accounts, which are counted.
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
        self.slots[account.index()].team
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
    let at = Instant::parse(record.at).map_err(|error| error.under("at"))?;
    let action = match record.r#do {
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
        let message = format!("`{}` puts the account on a tier, but names none", record.r#do);
        let help = "write the tier's id in the column or key `tier`";
        return Err(Error::new(Code::MissingKey, message).with_help(help).under("tier"));
    }
    Ok(catalog.tier(record.tier).map_err(|error| error.under("tier"))?.index())
}

#[inline]
fn no_tier(record: &Record<'_>, action: Action) -> Result<Action, Error> {
    if record.tier.is_empty() {
        return Ok(action);
    }
    let message = format!("`{}` ends an account and names no tier", record.r#do);
    let help = "leave `tier` empty";
    Err(Error::new(Code::UnknownKey, message).with_help(help).under("tier"))
}

/// How to mend a log whose event cannot have happened.
#[cold]
fn with_help(error: Error) -> Error {
    let help = match error.code() {
        Code::EventOutOfOrder => {
            "put the events of each account in order of time, and files too: the earliest first"
        }
        Code::EventBeforeCreation => {
            "begin with the account's `create`; name the file that holds it first"
        }
        Code::EventAfterEnd | Code::AlreadyCreated => {
            "leave the line out, or give the new account a name of its own"
        }
        Code::SameTier => "leave the line out: it changes nothing",
        _ => "",
    };
    if error.help().is_empty() { error.with_help(help) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_is_kept_whole() {
        for length in [0, 1, 29, 30, 31, 255, 256, 70_000] {
            let name = "é".repeat(length) + "x";
            assert_eq!(Name::of(name.as_bytes()).as_bytes(), name.as_bytes());
            let name = "y".repeat(length);
            assert_eq!(Name::of(name.as_bytes()).as_bytes(), name.as_bytes());
        }
    }
}
