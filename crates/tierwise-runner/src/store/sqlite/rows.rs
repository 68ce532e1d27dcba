//! Rows of SQLite, a column after the other.

use rusqlite::{Error, Result, Row, types::FromSql};

use crate::{
    counts::Counts,
    model::{AccountRow, DecisionRow, HeadRow, LifeRow, MessageRow, Origin, Status, TeamRow},
    store::{
        Profile,
        numbers::{ORIGINS, STATUSES},
        rows::{self, Columns, of_counts},
    },
};

/// The columns of an account, in the order in which [`account`] reads them.
pub(super) const ACCOUNT: &str = concat!(
    "key, id, team, tier, transport, settings, created, ended, has_login, login, history_kept, \
     opening, opening_over, brings_history, opening_by, connection, is_paused, next_number, fence, \
     out_number, out_attempt, out_fence, out_period, out_counted, owner, tried_number, \
     tried_times, tried_again, gap_until, turn, held_why, held_until, held_reason, \
     used_period, used_count, removal, ",
    of_counts!()
);

/// Those that follow them where the whole row is read.
pub(super) const BESIDE: &str = "next_at, decision";

pub(super) struct SqliteColumns<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl<'a, 'b> SqliteColumns<'a, 'b> {
    pub(super) fn of(row: &'a Row<'b>) -> Self {
        SqliteColumns { row, next: 0 }
    }

    fn get<T: FromSql>(&mut self) -> Result<T> {
        let column = self.next;
        self.next += 1;
        self.row.get(column)
    }
}

impl Columns for SqliteColumns<'_, '_> {
    type Error = Error;

    fn integer(&mut self) -> Result<i64> {
        self.get()
    }

    fn maybe_integer(&mut self) -> Result<Option<i64>> {
        self.get()
    }

    fn place(&mut self) -> Result<i64> {
        self.get()
    }

    fn maybe_place(&mut self) -> Result<Option<i64>> {
        self.get()
    }

    fn truth(&mut self) -> Result<bool> {
        self.get()
    }

    fn maybe_truth(&mut self) -> Result<Option<bool>> {
        self.get()
    }

    fn text(&mut self) -> Result<String> {
        self.get()
    }

    fn maybe_text(&mut self) -> Result<Option<String>> {
        self.get()
    }

    fn damaged(&self, number: i64) -> Error {
        Error::IntegralValueOutOfRange(self.next.saturating_sub(1), number)
    }
}

pub(super) fn account(row: &Row<'_>) -> Result<AccountRow> {
    rows::account(&mut SqliteColumns { row, next: 0 })
}

/// [`ACCOUNT`] and [`BESIDE`].
pub(super) fn account_and_beside(row: &Row<'_>) -> Result<(AccountRow, Option<i64>, Option<i64>)> {
    let mut columns = SqliteColumns { row, next: 0 };
    Ok((rows::account(&mut columns)?, columns.get()?, columns.get()?))
}

/// [`ACCOUNT`] and the columns of a profile.
pub(super) fn account_and_profile(row: &Row<'_>) -> Result<(AccountRow, Profile)> {
    let mut columns = SqliteColumns { row, next: 0 };
    Ok((rows::account(&mut columns)?, rows::profile(&mut columns)?))
}

/// The columns of a message, in the order in which [`message`] reads them.
pub(super) const MESSAGE: &str = "account, number, id, chat, origin, status, at, content, sender, \
    error, counted, network_id, cancel_on_reply, revision, login, team, accepted, placed, \
    attachments, edited, resolved_by, resolved_at";

/// Which of them is what a message says.
pub(super) const CONTENT: usize = 7;

pub(super) fn message(row: &Row<'_>) -> Result<MessageRow> {
    rows::message(&mut SqliteColumns { row, next: 0 })
}

/// A number, and counts.
pub(super) fn number_and_counts(row: &Row<'_>) -> Result<(u64, Counts)> {
    let mut columns = SqliteColumns { row, next: 0 };
    Ok((columns.count()?, rows::counts(&mut columns)?))
}

/// `place, origin, status`.
pub(super) fn placed(row: &Row<'_>) -> Result<(i64, (Origin, Status))> {
    let mut columns = SqliteColumns { row, next: 0 };
    let place = columns.get()?;
    Ok((place, (columns.one_of(&ORIGINS)?, columns.one_of(&STATUSES)?)))
}

/// `account, number, at, id, chat, content, counted`.
pub(super) fn head(row: &Row<'_>) -> Result<HeadRow> {
    rows::head(&mut SqliteColumns { row, next: 0 })
}

/// `id, entries, last_at`.
pub(super) fn team(row: &Row<'_>) -> Result<TeamRow> {
    rows::team(&mut SqliteColumns { row, next: 0 })
}

/// `team, entry, account, at, step, tier`.
pub(super) fn life(row: &Row<'_>) -> Result<LifeRow> {
    rows::life(&mut SqliteColumns { row, next: 0 })
}

/// The columns in which a decision is written.
pub(super) fn decision(row: &Row<'_>) -> Result<DecisionRow> {
    rows::decision(&mut SqliteColumns { row, next: 0 })
}
