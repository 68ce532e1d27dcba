//! What a transaction read of accounts, and what it saves: columns that are as they were, a search
//! from the start of each queue, an index of each ledger by account.

use tierwise_lanes::Moment;
use tokio_postgres::types::ToSql;

use super::{
    bulk,
    rows::{self, Beside},
    session::parameters,
    sql,
    transaction::PostgresTransaction,
};
use crate::{
    model::{AccountKey, AccountRow, DecisionRow, HeadRow, OutcomeRow},
    store::{StoreError, Stored, numbers::signed},
};

/// Bits of an entry's number in the ledger of decisions that count those of one runner; above them
/// stands its epoch. So each runner appends without asking the others.
const ENTRY_BITS: u32 = 40;

/// Messages that do not wait any more are removed before every so many-th one of an account.
const TIDY_EVERY: i64 = 64;

/// Before and after all that may wait.
const START: (i64, i64) = (i64::MIN, 0);
const END: (i64, i64) = (i64::MAX, 0);

/// What waits may be due in any order.
const NO_LINE: (i64, i64) = (-1, 0);

impl PostgresTransaction<'_> {
    /// Accounts that were read for change.
    pub(super) fn remember(&mut self, found: Vec<(AccountRow, Beside)>) -> Vec<AccountRow> {
        let remembered = found.into_iter().map(|(row, beside)| {
            self.read.entry(row.key).or_insert_with(|| (row.clone(), beside));
            row
        });
        remembered.collect()
    }

    /// A new message begins to wait: the last by its number.
    pub(super) fn waits(&mut self, account: AccountKey, due: Moment, number: u64) {
        let number = signed(number);
        if let Some((_, beside)) = self.read.get_mut(&account) {
            beside.head = beside.head.min((due.0, number - 1));
            let is_last = beside.line != NO_LINE && beside.line.1 <= due.0;
            beside.line = if is_last { (number, due.0) } else { NO_LINE };
        }
    }

    /// An old one waits again.
    pub(super) fn waits_again(&mut self, account: AccountKey, due: Moment, number: u64) {
        if let Some((_, beside)) = self.read.get_mut(&account) {
            beside.head = beside.head.min((due.0, signed(number) - 1));
            beside.line = NO_LINE;
        }
    }

    /// Notes where heads were found, and has those messages forgotten that stand before them and do
    /// not wait any more.
    fn tidy(&mut self, of: &[(AccountKey, Option<u64>)], heads: &[Option<HeadRow>]) -> Stored<()> {
        let (mut accounts, mut dues, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for ((account, tried), head) in of.iter().zip(heads) {
            let Some((_, beside)) = self.read.get_mut(account).filter(|_| tried.is_none()) else {
                continue;
            };
            let (place, is_time) = match head.as_ref().map(|head| (head.due.0, head.number)) {
                Some((due, number)) => {
                    let number = signed(number);
                    ((due, number - 1), number % TIDY_EVERY == 0)
                }
                None => {
                    // Nothing waits: what comes begins a line.
                    beside.line = (0, i64::MIN);
                    (END, beside.head != END)
                }
            };
            if is_time {
                accounts.push(account.0);
                dues.push(place.0);
                numbers.push(place.1);
            }
            beside.head = place;
        }
        if accounts.is_empty() {
            return Ok(());
        }
        self.session.later(sql::TIDY_WAITING, parameters![accounts, dues, numbers])
    }

    pub(super) fn write_read(&mut self, rows: &[(&AccountRow, Moment)]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let (mut whole, mut lanes) = (Vec::new(), Vec::new());
        for (row, next_at) in rows {
            let read = self.read.get(&row.key);
            let written = (*row, *next_at, read.map(|(_, beside)| beside));
            match read {
                Some((before, _)) if before.is_same_but_for_traffic(row) => lanes.push(written),
                _ => whole.push(written),
            }
        }
        if !lanes.is_empty() {
            self.session.later(sql::WRITE_LANES, bulk::lanes(&lanes))?;
        }
        if !whole.is_empty() {
            self.session.later(sql::WRITE_ACCOUNTS, bulk::accounts(&whole))?;
        }
        Ok(())
    }

    pub(super) fn heads_from_where_they_were(
        &mut self,
        of: &[(AccountKey, Option<u64>)],
    ) -> Stored<Vec<Option<HeadRow>>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let accounts: Vec<_> = of.iter().map(|(account, _)| account.0).collect();
        let tried: Vec<_> = of.iter().map(|(_, tried)| tried.map(signed)).collect();
        let (mut dues, mut numbers, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for (account, _) in of {
            let known = self.read.get(account);
            let (head, line) =
                known.map_or((START, NO_LINE.0), |(_, beside)| (beside.head, beside.line.0));
            dues.push(head.0);
            numbers.push(head.1);
            lines.push(line);
        }
        let asked: [&(dyn ToSql + Sync); 5] = [&accounts, &tried, &dues, &numbers, &lines];
        let heads = self.session.query(sql::HEADS, &asked)?;
        let heads = rows::by_place(&heads, of.len(), rows::head)?;
        self.tidy(of, &heads)?;
        Ok(heads)
    }

    pub(super) fn append_decisions(&mut self, rows: &[DecisionRow]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut entries = Vec::with_capacity(rows.len());
        let mut previous = Vec::with_capacity(rows.len());
        for row in rows {
            *self.entries += 1;
            let entry = (row.runner.0 << ENTRY_BITS) | *self.entries;
            let beside = self.read.get_mut(&row.account).map(|(_, beside)| beside);
            previous.push(beside.and_then(|beside| {
                let number = signed(row.question.number);
                if !row.answer.has_it_wait() && beside.head.1 == number - 1 {
                    // If it is tried again, it is found by its number.
                    beside.head.1 = number;
                }
                beside.decision.replace(entry)
            }));
            entries.push(entry);
        }
        self.session.later(sql::LOG_DECISIONS, bulk::decisions(rows, entries, previous))
    }

    pub(super) fn append_outcomes(&mut self, rows: &[OutcomeRow]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        // Nothing was decided since the attempt began: it was out.
        let last =
            |row: &OutcomeRow| self.read.get(&row.account).and_then(|(_, last)| last.decision);
        let decisions: Option<Vec<_>> = rows.iter().map(last).collect();
        let missing = || StoreError::new("store_failed", "an outcome without a decision");
        let outcomes = bulk::outcomes(rows, decisions.ok_or_else(missing)?);
        self.session.later(sql::LOG_OUTCOMES, outcomes)
    }
}
