//! A transaction that is under way: what it has locked, read and still to send.

use std::collections::HashMap;

use tierwise_lanes::Moment;
use tokio_postgres::types::ToSql;

use super::{
    rows::{self, Beside, Columns},
    session::{Session, parameters},
    sql,
};
use crate::{
    model::{AccountKey, AccountRow, Epoch, HeadRow, TeamRow},
    store::{Stored, numbers::signed},
};

/// A transaction that is under way.
pub(super) struct PostgresTransaction<'a> {
    pub(super) session: &'a mut Session,
    /// The runner that this store last showed to be alive.
    pub(super) runner: &'a mut Option<Epoch>,
    /// Entries that this store has put into the ledger of decisions.
    pub(super) entries: &'a mut i64,
    pub(super) is_open: &'a mut bool,
    pub(super) now: Moment,
    /// The runner is there, and nobody buries it before this ends; none if it is not known.
    pub(super) is_live: Option<bool>,
    /// Runners to be forgotten if, at the end, nothing of them is left to take over.
    pub(super) forgotten: Vec<Epoch>,
    /// Teams that are locked, as they are now.
    pub(super) teams: HashMap<String, TeamRow>,
    /// Accounts as they were read for change.
    pub(super) read: HashMap<AccountKey, (AccountRow, Beside)>,
}

/// Bits of an entry's number in the ledger of decisions that count those of one runner; above them
/// stands its epoch. So each runner appends without asking the others.
pub(super) const ENTRY_BITS: u32 = 40;

/// Messages that do not wait any more are removed before every so many-th one of an account.
const TIDY_EVERY: i64 = 64;

impl<'a> PostgresTransaction<'a> {
    /// Goes on with a session whose next statement begins a transaction.
    pub(super) fn begin(
        session: &'a mut Session,
        runner: &'a mut Option<Epoch>,
        entries: &'a mut i64,
        is_open: &'a mut bool,
        clock: Option<Moment>,
    ) -> Stored<Self> {
        let own = match *runner {
            Some(epoch) => session.query_one(sql::LOCK_OWN, &[&epoch.0])?,
            None => None,
        };
        let (is_live, now) = match own {
            Some(row) => {
                let c = &mut Columns::of(&row);
                (Some(c.get()?), c.moment()?)
            }
            None => {
                let row = session.query_one(sql::CLOCK, &[])?;
                let now = rows::first(row.as_ref())?.map(Moment).unwrap_or_default();
                (runner.map(|_| false), now)
            }
        };
        Ok(PostgresTransaction {
            session,
            runner,
            entries,
            is_open,
            now: clock.unwrap_or(now),
            is_live,
            forgotten: Vec::new(),
            teams: HashMap::new(),
            read: HashMap::new(),
        })
    }

    pub(super) fn account(
        &mut self,
        sql: &'static str,
        asked: &[&(dyn ToSql + Sync)],
    ) -> OneAccount {
        rows::maybe(self.session.query_one(sql, asked)?, rows::account)
    }

    /// Accounts that were read for change.
    pub(super) fn remember(&mut self, found: Vec<(AccountRow, Beside)>) -> Vec<AccountRow> {
        let remembered = found.into_iter().map(|(row, beside)| {
            self.read.entry(row.key).or_insert_with(|| (row.clone(), beside));
            row
        });
        remembered.collect()
    }

    /// A message begins to wait.
    pub(super) fn waits(&mut self, account: AccountKey, due: Moment, number: u64) {
        if let Some((_, beside)) = self.read.get_mut(&account) {
            beside.head = beside.head.min((due.0, signed(number)));
        }
    }

    /// Has those messages forgotten that stand before heads and do not wait any more.
    pub(super) fn tidy(
        &mut self,
        of: &[(AccountKey, Option<u64>)],
        heads: &[Option<HeadRow>],
    ) -> Stored<()> {
        let (mut accounts, mut dues, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for ((account, tried), head) in of.iter().zip(heads) {
            let (due, number) = match head {
                Some(head) => (head.due.0, signed(head.number)),
                None => (i64::MAX, 0),
            };
            let Some((_, beside)) = self.read.get_mut(account).filter(|_| tried.is_none()) else {
                continue;
            };
            if beside.head != (due, number) && number % TIDY_EVERY == 0 {
                accounts.push(account.0);
                dues.push(due);
                numbers.push(number);
            }
            beside.head = (due, number);
        }
        if accounts.is_empty() {
            return Ok(());
        }
        self.session.later(sql::TIDY_WAITING, parameters![accounts, dues, numbers])
    }

    pub(super) fn is_so(
        &mut self,
        sql: &'static str,
        asked: &[&(dyn ToSql + Sync)],
    ) -> Stored<bool> {
        let row = self.session.query_one(sql, asked)?;
        Ok(rows::first(row.as_ref())?.unwrap_or_default())
    }
}

/// An account, if it is there.
type OneAccount = Stored<Option<AccountRow>>;

impl Drop for PostgresTransaction<'_> {
    fn drop(&mut self) {
        // What is locked is let go of at once. If that fails, the connection is of no use, and the
        // next transaction says so.
        if *self.is_open && !std::thread::panicking() && self.session.roll_back().is_ok() {
            *self.is_open = false;
        }
    }
}
