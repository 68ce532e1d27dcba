//! Where accounts, messages and ledgers are kept: what every store does, in bulk and in one
//! transaction.

mod creations;
mod listing;
mod moving;
mod numbers;
mod people;
mod postgres;
mod profile;
mod reader;
mod rows;
mod sqlite;

use std::fmt;

use tierwise_lanes::{Moment, PeriodNumber};

use crate::model::{
    AccountKey, AccountRow, ChatGapRow, DecisionRow, Epoch, HeadRow, Held, LifeRow, MessageRow,
    Origin, OutcomeRow, Removal, SettledRow, Status, TeamRow,
};
pub use creations::{Creation, CreationStore};
pub use listing::{
    ChatAsked, ChatPart, ChatPlace, ChatsPart, CountedChat, Fitted, ListReader, ListedChat,
    ListedMessage, QueueNumbers, Room, TeamMessagesAsked, TeamPart, TeamPlace,
};
pub use moving::{Moved, move_store};
pub use people::{PeopleReader, PeopleStore};
pub use postgres::Postgres;
pub use profile::{HistorySync, Profile, ProfileChange};
pub use reader::{
    AccountsAsked, ListedAccount, MessagesAsked, Named, OpenReader, Overview, Reader,
};
pub use sqlite::Sqlite;

/// Why a store did not do what it was asked. Nothing of the transaction is kept, or nobody knows:
/// after a commit that failed the runner ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// What kind of thing went wrong: a stable word.
    pub code: &'static str,
    /// What went wrong, for people.
    pub message: String,
}

impl StoreError {
    /// An error of a kind.
    pub fn new(code: &'static str, message: impl fmt::Display) -> Self {
        StoreError { code, message: message.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {}

/// What a store gives.
pub type Stored<T> = Result<T, StoreError>;

/// A store.
pub trait Store: Send {
    /// Begins a transaction. What is read in it for an account or a team nobody else changes before
    /// it ends.
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>>;

    /// Whether several runners may share it.
    fn is_shared(&self) -> bool;

    /// What opens readers beside the flushes; none if a store has no such thing.
    fn readers(&self) -> Option<OpenReader> {
        None
    }

    /// Whether the time of an account has come, asked outside of transactions. Where nobody else
    /// writes, there is no need to ask.
    fn is_any_ready(&mut self) -> Stored<bool> {
        Ok(false)
    }

    /// Does what is well done in an idle moment.
    fn rest(&mut self) -> Stored<()> {
        Ok(())
    }
}

/// A transaction: dropped without a commit, nothing of it has happened.
pub trait Transaction: PeopleStore + CreationStore {
    /// Now, by the store's clock: the same one for every runner.
    fn now(&mut self) -> Stored<Moment>;

    /// A new runner. Where a store has one runner only, those before it are gone.
    fn register(&mut self) -> Stored<Epoch>;

    /// A runner shows that it lives: where others look, it has one beat more, which they see once
    /// the transaction is committed. Nobody buries it before the end. False if it is gone.
    fn beat(&mut self, runner: Epoch) -> Stored<bool>;

    /// The other runners that are not gone, and how many beats each has.
    fn others(&mut self, runner: Epoch) -> Stored<Vec<(Epoch, u64)>>;

    /// A runner is gone, unless it has shown since that it lives: whether it is.
    fn bury(&mut self, runner: Epoch, beats: u64) -> Stored<bool>;

    /// A runner leaves: it is gone.
    fn leave(&mut self, runner: Epoch) -> Stored<()>;

    /// A runner that is gone, and whose attempts and calls are not all taken over yet.
    fn gone(&mut self) -> Stored<Option<Epoch>>;

    /// Accounts of which a runner has a message out, so many at most.
    fn out_of(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>>;

    /// Accounts that a runner has asked a transport to connect, without an answer so far; so many
    /// at most.
    fn opened_by(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>>;

    /// Forgets a runner that is gone.
    fn unregister(&mut self, runner: Epoch) -> Stored<()>;

    /// The number of a policy: of a component and a catalog, by their hashes.
    fn policy(&mut self, component: &str, catalog: &str) -> Stored<i64>;

    /// Accounts by their ids, those that there are; none that is deleted.
    fn accounts(&mut self, ids: &[&str]) -> Stored<Vec<AccountRow>>;

    /// Accounts by their numbers, deleted ones too.
    fn accounts_at(&mut self, keys: &[AccountKey]) -> Stored<Vec<AccountRow>>;

    /// Accounts by their numbers, and others by their ids. Where several runners share a store, all
    /// that one transaction names come from one call, so that nobody waits in a circle.
    fn accounts_of(&mut self, keys: &[AccountKey], ids: &[&str]) -> Stored<Vec<AccountRow>> {
        let mut rows = self.accounts_at(keys)?;
        rows.extend(self.accounts(ids)?);
        Ok(rows)
    }

    /// A new account; its number.
    fn insert_account(&mut self, row: &AccountRow, profile: &Profile) -> Stored<AccountKey>;

    /// Writes accounts as they are now, and when each is to be looked at again.
    fn write_accounts(&mut self, rows: &[(&AccountRow, Moment)]) -> Stored<()>;

    /// Accounts whose time has come, those that wait for longest first, so many at most.
    fn ready(&mut self, now: Moment, most: u32) -> Stored<Vec<(AccountRow, Moment)>>;

    /// When the next account's time comes.
    fn next_ready(&mut self) -> Stored<Option<Moment>>;

    /// Has the policy asked again about accounts that it held; those that it failed at, or all.
    fn reconsider(&mut self, only_failed: bool) -> Stored<()>;

    /// Has accounts looked at now whose gap or repeat comes after a moment that no clock can have
    /// meant that was right: one was set back.
    fn bring_back(&mut self, latest: Moment) -> Stored<()>;

    /// The first waiting message of each account: the one that was tried before, or the first due;
    /// with the gap of its chat.
    fn heads(&mut self, of: &[(AccountKey, Option<u64>)]) -> Stored<Vec<Option<HeadRow>>>;

    /// Notes when chats may be tried again, each at most once in a call.
    fn put_chat_gaps(&mut self, rows: &[ChatGapRow]) -> Stored<()>;

    /// Forgets, of some accounts, the gaps of chats that ended before a moment.
    fn forget_chat_gaps(&mut self, accounts: &[AccountKey], before: Moment) -> Stored<()>;

    /// What is going to be asked for: where each question is a way to a server and back, it is read
    /// together.
    fn will_ask(&mut self, _ahead: &Ahead<'_>) -> Stored<()> {
        Ok(())
    }

    /// Messages of an account by their ids.
    fn messages(&mut self, account: AccountKey, ids: &[&str]) -> Stored<Vec<Option<MessageRow>>>;

    /// New messages.
    fn insert_messages(&mut self, rows: &[MessageRow]) -> Stored<()>;

    /// What messages have become.
    fn settle(&mut self, rows: &[SettledRow]) -> Stored<()>;

    /// Makes a message wait again, or for the first time, until it is due.
    fn requeue(&mut self, account: AccountKey, number: u64, due: Moment) -> Stored<()>;

    /// The same for messages that have a status and did not come from a network: which they were.
    fn requeue_many(
        &mut self,
        of: &[Numbered],
        status: Status,
        due: Moment,
    ) -> Stored<Vec<Numbered>>;

    /// Removes one message.
    fn remove_message(&mut self, account: AccountKey, number: u64) -> Stored<()>;

    /// Removes messages that have a status and did not come from a network: which they were.
    fn remove_many(&mut self, of: &[Numbered], status: Status) -> Stored<Vec<Numbered>>;

    /// Writes what somebody changed of a message: what it says, when it is due and was before, who
    /// resolved it.
    fn rewrite(&mut self, row: &MessageRow, was_due: Moment) -> Stored<()>;

    /// A later receipt: a sent message is now this, unless it is that or more already. The error is
    /// empty if it is none. Where those that have changed came from, and what they were.
    fn receipt(
        &mut self,
        account: AccountKey,
        network_id: &str,
        status: Status,
        error: &str,
    ) -> Stored<Vec<(Origin, Status)>>;

    /// Withdraws the waiting messages of a chat that a reply withdraws, but for the one that is
    /// out: how many.
    fn cancel_on_reply(&mut self, account: AccountKey, chat: &str, out: Option<u64>)
    -> Stored<u64>;

    /// Whether a message is stored that the network calls so.
    fn has_network_id(&mut self, account: AccountKey, network_id: &str) -> Stored<bool>;

    /// Notes of a message whose outcome nobody knew whether the transport had taken it.
    fn resolve(&mut self, account: AccountKey, number: u64, taken: bool, now: Moment)
    -> Stored<()>;

    /// How many messages wait that are due from one moment to before another; at most so many.
    fn waiting(&mut self, account: AccountKey, from: Moment, to: Moment, most: u64) -> Stored<u64>;

    /// How many contacts an account has.
    fn contacts(&mut self, account: AccountKey) -> Stored<u64>;

    /// What an account holds.
    fn held(&mut self, row: &AccountRow) -> Stored<Held> {
        Ok(row.counts.held(self.contacts(row.key)?))
    }

    /// Adds to what was counted in a period that has ended (L6).
    fn add_counted(&mut self, account: AccountKey, period: PeriodNumber, count: i64) -> Stored<()>;

    /// Puts decisions into the ledger.
    fn log_decisions(&mut self, rows: &[DecisionRow]) -> Stored<()>;

    /// Puts outcomes into the ledger.
    fn log_outcomes(&mut self, rows: &[OutcomeRow]) -> Stored<()>;

    /// Locks teams, after the accounts. Where several runners share a store, all that one
    /// transaction names come from one call, so that nobody waits in a circle.
    fn lock_teams(&mut self, _ids: &[&str]) -> Stored<()> {
        Ok(())
    }

    /// A team, locked; a new one if it was not there.
    fn team(&mut self, id: &str) -> Stored<TeamRow>;

    /// Writes a team as it is now.
    fn write_team(&mut self, team: &TeamRow) -> Stored<()>;

    /// Puts a step into a team's ledger.
    fn append_life(&mut self, row: &LifeRow) -> Stored<()>;

    /// A team's ledger after an entry, in order, so many entries at most.
    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>>;

    /// Every tier that a team's ledger names, in some order.
    fn tiers(&mut self) -> Stored<Vec<String>>;

    /// The final invoice of a team for a period, if there is one: canonical JSON (I4).
    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>>;

    /// Keeps a final invoice. Never changed.
    fn put_invoice(&mut self, team: &str, period: &str, invoice: &str) -> Stored<()>;

    /// The last decision about an account.
    fn last_decision(&mut self, account: AccountKey) -> Stored<Option<DecisionRow>>;

    /// A contact.
    fn put_contact(&mut self, account: AccountKey, id: &str, name: &str) -> Stored<()>;

    /// Writes what people see of an account.
    fn touch(&mut self, account: AccountKey, change: &ProfileChange) -> Stored<()>;

    /// The first account with rows to be removed.
    fn to_remove(&mut self) -> Stored<Option<AccountRow>>;

    /// Removes so many rows of an account at most; how many it were.
    fn remove(&mut self, row: &AccountRow, what: Removal, most: u32) -> Stored<u32>;

    /// Notes that nothing of an account is to be removed any more.
    fn end_removal(&mut self, account: AccountKey) -> Stored<()>;

    /// Ends the transaction; when this returns, it is on disk.
    fn commit(self: Box<Self>) -> Stored<()>;
}

/// A message by its account and its number.
pub type Numbered = (AccountKey, u64);

/// What a transaction is going to ask for.
#[derive(Clone, Debug, Default)]
pub struct Ahead<'a> {
    /// Messages, by account and id.
    pub messages: Vec<(AccountKey, &'a str)>,
    /// Whether messages are stored that the network calls so, by account.
    pub network_ids: Vec<(AccountKey, String)>,
    /// What messages are that the network calls so, by account: receipts come for them.
    pub receipts: Vec<(AccountKey, &'a str)>,
}
