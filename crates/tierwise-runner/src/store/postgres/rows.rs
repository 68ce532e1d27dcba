//! Rows of PostgreSQL, a column after the other.

use tierwise_lanes::Moment;
use tokio_postgres::{Row, types::FromSql};

use super::session::failed;
use crate::{
    model::{AccountRow, DecisionRow, HeadRow, LifeRow, MessageRow, TeamRow},
    store::{
        Profile, StoreError, Stored,
        rows::{self, Columns as _},
    },
};

pub(super) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Columns { row, next: 0 }
    }

    pub(super) fn get<T: FromSql<'a>>(&mut self) -> Stored<T> {
        let column = self.next;
        self.next += 1;
        self.row.try_get(column).map_err(|error| failed(&error))
    }
}

impl rows::Columns for Columns<'_> {
    type Error = StoreError;

    fn integer(&mut self) -> Stored<i64> {
        self.get()
    }

    fn maybe_integer(&mut self) -> Stored<Option<i64>> {
        self.get()
    }

    fn place(&mut self) -> Stored<i64> {
        self.get::<i16>().map(i64::from)
    }

    fn maybe_place(&mut self) -> Stored<Option<i64>> {
        Ok(self.get::<Option<i16>>()?.map(i64::from))
    }

    fn truth(&mut self) -> Stored<bool> {
        self.get()
    }

    fn maybe_truth(&mut self) -> Stored<Option<bool>> {
        self.get()
    }

    fn text(&mut self) -> Stored<String> {
        self.get()
    }

    fn maybe_text(&mut self) -> Stored<Option<String>> {
        self.get()
    }

    fn damaged(&self, number: i64) -> StoreError {
        let column = self.next.checked_sub(1).and_then(|last| self.row.columns().get(last));
        let name = column.map_or("", |column| column.name());
        let message =
            format_args!("the column `{name}` has the number {number}, which means nothing");
        StoreError::new("store_damaged", message)
    }
}

pub(super) fn all<T>(rows: &[Row], read: fn(&mut Columns<'_>) -> Stored<T>) -> Stored<Vec<T>> {
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

pub(super) fn maybe<T>(
    row: Option<Row>,
    read: fn(&mut Columns<'_>) -> Stored<T>,
) -> Stored<Option<T>> {
    row.map(|row| read(&mut Columns::of(&row))).transpose()
}

/// The first column of a row.
pub(super) fn first<T: for<'a> FromSql<'a>>(row: Option<&Row>) -> Stored<Option<T>> {
    row.map(|row| row.try_get(0).map_err(|error| failed(&error))).transpose()
}

/// Rows that say for which place of those asked about they are; places without a row are none.
pub(super) fn by_place<T>(
    rows: &[Row],
    places: usize,
    read: fn(&mut Columns<'_>) -> Stored<T>,
) -> Stored<Vec<Option<T>>> {
    let mut found: Vec<_> = (0..places).map(|_| None).collect();
    for row in rows {
        let c = &mut Columns::of(row);
        // Places count from 1.
        let place = usize::try_from(c.get::<i64>()?.saturating_sub(1)).ok();
        if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
            *slot = Some(read(c)?);
        }
    }
    Ok(found)
}

pub(super) fn account(c: &mut Columns<'_>) -> Stored<AccountRow> {
    rows::account(c)
}

pub(super) fn profile(c: &mut Columns<'_>) -> Stored<Profile> {
    rows::profile(c)
}

pub(super) fn message(c: &mut Columns<'_>) -> Stored<MessageRow> {
    rows::message(c)
}

pub(super) fn head(c: &mut Columns<'_>) -> Stored<HeadRow> {
    rows::head(c)
}

pub(super) fn decision(c: &mut Columns<'_>) -> Stored<DecisionRow> {
    rows::decision(c)
}

pub(super) fn team(c: &mut Columns<'_>) -> Stored<TeamRow> {
    rows::team(c)
}

pub(super) fn life(c: &mut Columns<'_>) -> Stored<LifeRow> {
    rows::life(c)
}

/// What a store keeps of an account for itself.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    /// Its last entry in the ledger of decisions.
    pub(super) decision: Option<i64>,
    /// A time and a number: what waits comes after it.
    pub(super) head: (i64, i64),
    /// All that wait are due in the order of their numbers, the last of which is at most this one,
    /// and due then at the latest; negative if that is not known.
    pub(super) line: (i64, i64),
}

pub(super) fn account_and_beside(c: &mut Columns<'_>) -> Stored<(AccountRow, Beside)> {
    Ok((account(c)?, of_place(c)?))
}

fn of_place(c: &mut Columns<'_>) -> Stored<Beside> {
    Ok(Beside { decision: c.get()?, head: (c.get()?, c.get()?), line: (c.get()?, c.get()?) })
}

/// The same, and when it is to be looked at.
pub(super) fn ready(c: &mut Columns<'_>) -> Stored<((AccountRow, Beside), Moment)> {
    Ok((account_and_beside(c)?, c.moment()?))
}
