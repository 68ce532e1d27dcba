//! What a store knows of its rows without reading them again: only one runner has the file open.

use std::collections::HashMap;

use crate::{
    model::{AccountKey, AccountRow, HeadRow},
    store::numbers::signed,
};

/// Accounts that are remembered between two transactions; a row has about half a kibibyte.
const MOST_ACCOUNTS: usize = 20_000;

/// Lanes whose first waiting message is remembered between two transactions.
const MOST_HEADS: usize = 200_000;

/// Accounts and heads as the last committed transaction left them, and as the present one changes
/// them. Whatever writes to `account` by other ways than
/// [`write_accounts`](crate::Transaction::write_accounts) says so to
/// [`forget_accounts`](Self::forget_accounts).
#[derive(Debug, Default)]
pub(super) struct Known {
    accounts: HashMap<AccountKey, KnownAccount>,
    keys: HashMap<String, AccountKey>,
    heads: HashMap<AccountKey, Place>,
    /// Whether there may be gaps of chats at all, once that was looked at.
    pub(super) has_chat_gaps: Option<bool>,
    is_open: bool,
    /// Rows that were changed when the transaction began.
    changes: u64,
}

/// An account as it is in its table.
#[derive(Debug)]
pub(super) struct KnownAccount {
    pub(super) row: AccountRow,
    pub(super) next_at: Option<i64>,
    /// Its last entry in the ledger of decisions.
    pub(super) decision: Option<i64>,
}

/// A place in a lane: what waits comes after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) due: i64,
    pub(super) number: i64,
    /// How many times it moved on since what lies before it was removed.
    pub(super) moves: u32,
}

impl Place {
    pub(super) const START: Self = Place { due: i64::MIN, number: i64::MIN, moves: 0 };

    /// The place after all: nothing waits.
    pub(super) fn moved_to_end(self) -> Self {
        Place { due: i64::MAX, number: i64::MAX, moves: self.moves }
    }

    /// The place just before the first message that waits.
    pub(super) fn moved_to(self, head: &HeadRow) -> Self {
        let (due, number) = (head.due.0, signed(head.number) - 1);
        let has_moved = (due, number) != (self.due, self.number);
        Place { due, number, moves: self.moves.saturating_add(u32::from(has_moved)) }
    }
}

impl Known {
    /// A transaction begins; so many rows did the connection change until now. If the one before
    /// did not end and changed some, nobody knows what is true of it.
    pub(super) fn begin(&mut self, changes: u64) {
        let is_lost = self.is_open && changes != self.changes;
        if is_lost || self.accounts.len() > MOST_ACCOUNTS {
            self.forget_accounts();
        }
        if is_lost || self.heads.len() > MOST_HEADS {
            self.heads.clear();
        }
        (self.is_open, self.changes) = (true, changes);
    }

    /// The transaction is on disk.
    pub(super) fn is_committed(&mut self) {
        self.is_open = false;
    }

    /// Accounts are read again when they are needed.
    pub(super) fn forget_accounts(&mut self) {
        self.accounts.clear();
        self.keys.clear();
    }

    pub(super) fn account(&mut self, key: AccountKey) -> Option<&mut KnownAccount> {
        self.accounts.get_mut(&key)
    }

    pub(super) fn account_of_id(&mut self, id: &str) -> Option<&mut KnownAccount> {
        self.accounts.get_mut(self.keys.get(id)?)
    }

    /// Remembers an account as it was read. One that is known is as it is known.
    pub(super) fn remember(
        &mut self,
        row: AccountRow,
        next_at: Option<i64>,
        decision: Option<i64>,
    ) -> &AccountRow {
        if !self.accounts.contains_key(&row.key) {
            self.keys.insert(row.id.clone(), row.key);
        }
        let known = KnownAccount { row, next_at, decision };
        &self.accounts.entry(known.row.key).or_insert(known).row
    }

    /// From where on the first waiting message of an account is to be looked for.
    pub(super) fn head(&self, account: AccountKey) -> Place {
        self.heads.get(&account).copied().unwrap_or(Place::START)
    }

    pub(super) fn set_head(&mut self, account: AccountKey, place: Place) {
        self.heads.insert(account, place);
    }

    /// A message begins to wait.
    pub(super) fn waits(&mut self, account: AccountKey, due: i64, number: i64) {
        if let Some(place) = self.heads.get_mut(&account)
            && (due, number - 1) < (place.due, place.number)
        {
            (place.due, place.number) = (due, number - 1);
        }
    }

    /// The first message that waits goes: if it is tried again, it is found by its number.
    pub(super) fn goes(&mut self, account: AccountKey, number: i64) {
        if let Some(place) = self.heads.get_mut(&account)
            && place.number == number - 1
        {
            (place.number, place.moves) = (number, place.moves.saturating_add(1));
        }
    }
}
