//! What is read beside the flushes, over a connection of its own: lists, numbers, copies. What it
//! finds was on disk when it was asked.

use std::path::Path;

use tierwise_lanes::{Connection, Moment, PeriodNumber};

use super::{ListReader, PeopleReader, Profile, Stored};
use crate::model::{AccountKey, AccountRow, LifeRow, MessageRow, Status, TeamRow};

/// Reads what is stored, and changes nothing.
pub trait Reader: ListReader + PeopleReader + Send {
    /// The queues in numbers.
    fn overview(&mut self) -> Stored<Overview>;

    /// The ids of all teams that ever had an account, in order.
    fn teams(&mut self) -> Stored<Vec<String>>;

    /// Accounts, the newest first; none that is deleted.
    fn accounts(&mut self, asked: &AccountsAsked) -> Stored<Vec<ListedAccount>>;

    /// How many accounts of a team there are, however many of them a list gives.
    fn count_accounts(&mut self, team: &str, asked: &AccountsAsked) -> Stored<u64>;

    /// An account by its id; none if it is deleted.
    fn account(&mut self, id: &str) -> Stored<Option<ListedAccount>>;

    /// Messages of an account, those with the highest numbers first.
    fn messages(&mut self, account: AccountKey, asked: &MessagesAsked) -> Stored<Vec<MessageRow>>;

    /// How many messages of a team count in a period, those of deleted accounts included (L6).
    fn counted_of(&mut self, team: &str, period: PeriodNumber) -> Stored<u64>;

    /// The number of an account that a team ever had, by its id.
    fn key_of(&mut self, team: &str, id: &str) -> Stored<Option<AccountKey>>;

    /// Its id, by its number.
    fn id_of(&mut self, team: &str, account: AccountKey) -> Stored<Option<String>>;

    /// A team as its ledger knows it; one without entries if it never had an account.
    fn team(&mut self, id: &str) -> Stored<TeamRow>;

    /// The final invoice of a team for a period, if there is one: canonical JSON (I4).
    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>>;

    /// A team's ledger after an entry, in order, so many entries at most.
    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>>;

    /// Accounts that a team ever had, created after one, in the order of their creation; with what
    /// counts in a period.
    fn named(
        &mut self,
        team: &str,
        period: PeriodNumber,
        after: AccountKey,
        most: u32,
    ) -> Stored<Vec<Named>>;

    /// Copies everything, as it is at one moment, into a new file. Errors: `not_supported` where
    /// the store's own tools are the right ones; those of the disk.
    fn back_up(&mut self, to: &Path) -> Stored<()>;
}

/// Opens readers: once, and again after one broke.
pub type OpenReader = Box<dyn Fn() -> Stored<Box<dyn Reader>> + Send + Sync>;

/// Which accounts.
#[derive(Clone, Debug)]
pub struct AccountsAsked {
    /// Only this team's.
    pub team: Option<String>,
    /// Only those that this transport carries.
    pub transport: Option<String>,
    /// Only those whose connection is like this.
    pub connection: Option<Connection>,
    /// Archived ones, too.
    pub archived: bool,
    /// Only those created before this one.
    pub before: Option<AccountKey>,
    /// Only those whose name in lower case has this in it: see [`named`](Self::named).
    pub sought: Option<String>,
    /// So many are passed over.
    pub skip: u32,
    /// So many at most.
    pub most: u32,
}

impl AccountsAsked {
    /// So many of all accounts that are not archived.
    pub fn all(most: u32) -> Self {
        AccountsAsked {
            team: None,
            transport: None,
            connection: None,
            archived: false,
            before: None,
            sought: None,
            skip: 0,
            most,
        }
    }

    /// Whether no more rows are looked at than some hundreds, however many there are.
    pub(crate) fn is_quick(&self) -> bool {
        let AccountsAsked { transport, connection, sought, skip, .. } = self;
        transport.is_none() && connection.is_none() && sought.is_none() && *skip <= 500
    }

    /// Only those whose name has a text in it, whatever the case.
    pub fn named(mut self, part: &str) -> Self {
        self.sought = Some(Profile::sought(part));
        self
    }
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedAccount {
    /// The account.
    pub row: AccountRow,
    /// What is kept of it for people.
    pub profile: Profile,
}

/// An account of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The account.
    pub account: AccountKey,
    /// Its id.
    pub id: String,
    /// Its name; none if it is deleted.
    pub nickname: Option<String>,
    /// Its messages that count in the period.
    pub counted: u64,
}

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct MessagesAsked {
    /// Only this chat's.
    pub chat: Option<String>,
    /// Only those that are this.
    pub status: Option<Status>,
    /// Only those with lower numbers than this.
    pub before: Option<u64>,
    /// So many at most.
    pub most: u32,
}

/// The queues in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Now, by the store's clock.
    pub now: Moment,
    /// Accounts that are neither archived nor deleted, by the transport that carries them.
    pub accounts: Vec<(String, u64)>,
    /// Accounts that have a message out.
    pub out: u64,
    /// Accounts that are held although messages wait, by reason: `account_not_open`, `paused`, or
    /// the policy's word.
    pub held: Vec<(String, u64)>,
    /// Since when lanes wait for their turn, the longest first; [`Self::MOST_READY`] at most.
    pub ready: Vec<Moment>,
}

impl Overview {
    /// How many ready lanes are looked at.
    pub const MOST_READY: u32 = 100_000;

    /// How long so many of a hundred ready lanes have waited at most, in milliseconds: 50 is the
    /// median, 100 the longest. 0 if none is ready.
    pub fn age_ms(&self, percent: usize) -> u64 {
        let last = self.ready.len().saturating_sub(1);
        // The longest comes first.
        let place = last.saturating_sub(last.saturating_mul(percent.min(100)) / 100);
        let since = self.ready.get(place).map_or(self.now, |since| *since);
        u64::try_from(self.now.0.saturating_sub(since.0)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_percentiles_of_the_lanes_that_wait() {
        let ready: Vec<_> = (0..=100).map(Moment).collect();
        let overview = Overview { now: Moment(1000), ready, ..Overview::default() };
        assert_eq!([0, 50, 99, 100].map(|percent| overview.age_ms(percent)), [900, 950, 999, 1000]);
        // None is ready; and a clock that was set back gives no age below zero.
        assert_eq!(Overview::default().age_ms(50), 0);
        let back = Overview { ready: vec![Moment(7)], ..Overview::default() };
        assert_eq!(back.age_ms(50), 0);
    }
}
