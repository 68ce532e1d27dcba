//! The accounts of a log: names become numbers, events are checked.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use tierwise::{Account, Catalog, Code, Day, Error, Event, Instant, Step};

use crate::log::{AccountName, NamedEvent};

/// The accounts of so many events are found before the first of them is taken: few enough that they
/// stay in the nearest cache meanwhile.
pub(crate) const FOUND_AT_ONCE: usize = 64;

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

/// An event that can have happened, with what it changed.
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
    /// The length that stands for a long name.
    const LONG: u8 = u8::MAX;

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
    fn short_length(&self) -> u8 {
        match self {
            Name::Short { length, .. } => *length,
            Name::Long(_) => Name::LONG,
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
    /// The days of the first and the last event that have happened.
    span: Option<(Day, Day)>,
}

impl Accounts {
    pub(crate) fn new(as_of: Option<Instant>) -> Self {
        Accounts { as_of, ..Accounts::default() }
    }

    /// The accounts of some names, where they are known already.
    ///
    /// The events of a large log find their accounts in no order, and the memory that they stand
    /// in is far. So each step below is done for all names before the next: then the processor
    /// waits for many at once.
    pub(crate) fn find_all(
        &self,
        names: &[AccountName<'_>; FOUND_AT_ONCE],
    ) -> [Option<AccountNumber>; FOUND_AT_ONCE] {
        let hashes = names.map(|name| self.hash(name));
        let mut found = hashes.map(|hash| self.numbers.find(hash, |_| true).copied());
        let mut lengths = [0; FOUND_AT_ONCE];
        for (length, candidate) in lengths.iter_mut().zip(found) {
            *length = candidate.map_or(0, |number| self.slots[number.index()].name.short_length());
        }
        for ((found, name), length) in found.iter_mut().zip(names).zip(lengths) {
            let may_be = usize::from(length) == name.account.len() || length == Name::LONG;
            let is_meant = |number: &AccountNumber| self.is_meant(*number, name);
            // Few hashes are alike in what the table keeps of them.
            *found = found.filter(|number| may_be && is_meant(number)).or_else(|| self.find(name));
        }
        found
    }

    #[inline]
    fn is_meant(&self, number: AccountNumber, name: &AccountName<'_>) -> bool {
        let slot = &self.slots[number.index()];
        slot.name.as_bytes() == name.account.as_bytes()
            && *self.teams[slot.team.index()] == *name.team
    }

    fn find(&self, name: &AccountName<'_>) -> Option<AccountNumber> {
        self.numbers.find(self.hash(*name), |number| self.is_meant(*number, name)).copied()
    }

    #[inline]
    fn hash(&self, AccountName { team, account }: AccountName<'_>) -> u64 {
        self.hasher.hash_one((team.as_bytes(), account.as_bytes()))
    }

    /// Checks an event against what came before of its account; none if it has not happened yet.
    /// `found` is the account if it was known before. A refused event changes nothing.
    #[inline]
    pub(crate) fn take(
        &mut self,
        catalog: &Catalog,
        named: &NamedEvent<'_>,
        found: Option<AccountNumber>,
    ) -> Result<Option<Accepted>, Error> {
        // If it was not known before, it may have been created since.
        let known = found.or_else(|| self.find(&named.name));
        let before = known.map(|number| self.slots[number.index()].account).unwrap_or_default();
        let mut account = before;
        let event = named.event;
        let step = account.apply(catalog, event).map_err(with_help)?;
        let number = match known {
            Some(number) => {
                self.slots[number.index()].account = account;
                number
            }
            None => self.add(named.name, account)?,
        };
        if self.as_of.is_some_and(|as_of| event.at > as_of) {
            self.before_later.entry(number).or_insert(before);
            return Ok(None);
        }
        self.span = Some(match self.span {
            Some((first, last)) => (first.min(step.day), last.max(step.day)),
            None => (step.day, step.day),
        });
        let team = self.slots[number.index()].team;
        Ok(Some(Accepted { account: number, team, event, step }))
    }

    /// The days of the first and the last event that have happened; none without any.
    pub(crate) fn span(&self) -> Option<(Day, Day)> {
        self.span
    }

    #[cold]
    fn add(&mut self, name: AccountName<'_>, account: Account) -> Result<AccountNumber, Error> {
        let number = u32::try_from(self.slots.len())
            .map(AccountNumber)
            .map_err(|_| Error::new(Code::OutOfRange, "a log has at most 4294967296 accounts"))?;
        let team = self.team(name.team);
        let hash = self.hash(name);
        self.slots.push(Slot { name: Name::of(name.account.as_bytes()), account, team });
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

/// What counts the events of a log.
pub(crate) trait Counting {
    /// The accounts so far.
    fn accounts(&self) -> &Accounts;

    /// Takes the next event, whose account was `found` before. Errors: why it cannot have happened;
    /// it then changes nothing.
    fn take(&mut self, event: &NamedEvent<'_>, found: Option<AccountNumber>) -> Result<(), Error>;
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
