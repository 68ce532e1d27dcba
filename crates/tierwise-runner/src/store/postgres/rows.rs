//! Rows of PostgreSQL as the runner's.

use tierwise_lanes::{Held, Lane, LaneRow, Moment, Out, PeriodNumber, Tried, Used};
use tokio_postgres::{Row, types::FromSql};

use super::session::failed;
use crate::{
    model::{AccountKey, AccountRow, DecisionRow, Epoch, HeadRow, LifeRow, MessageRow, Question},
    store::{
        StoreError, Stored,
        numbers::{
            AnswerColumns, CONNECTIONS, ENDED, HOLDS, ORIGINS, REMOVALS, STATUSES,
            answer_of_columns, one_of, step_of_number, unsigned,
        },
    },
};

/// Reads columns one after the other.
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

    pub(super) fn moment(&mut self) -> Stored<Moment> {
        self.get().map(Moment)
    }

    pub(super) fn count(&mut self) -> Stored<u64> {
        self.get().map(unsigned)
    }

    fn small_count(&mut self) -> Stored<u32> {
        Ok(u32::try_from(self.get::<i64>()?).unwrap_or(u32::MAX))
    }

    fn maybe_count(&mut self) -> Stored<Option<u64>> {
        Ok(self.get::<Option<i64>>()?.map(unsigned))
    }

    fn maybe_small_count(&mut self) -> Stored<Option<u32>> {
        let count = self.get::<Option<i64>>()?;
        Ok(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    }

    fn maybe_period(&mut self) -> Stored<Option<PeriodNumber>> {
        Ok(self.get::<Option<i64>>()?.map(PeriodNumber))
    }

    /// A number that the store wrote itself as one of these.
    fn one_of<T: Copy>(&mut self, all: &[T]) -> Stored<T> {
        let place: i16 = self.get()?;
        one_of(all, i64::from(place)).ok_or_else(|| self.damaged(place))
    }

    fn maybe_one_of<T: Copy>(&mut self, all: &[T]) -> Stored<Option<T>> {
        let Some(place) = self.get::<Option<i16>>()? else { return Ok(None) };
        one_of(all, i64::from(place)).map(Some).ok_or_else(|| self.damaged(place))
    }

    fn damaged(&self, number: i16) -> StoreError {
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
    let (key, id, team, tier) = (AccountKey(c.get()?), c.get()?, c.get()?, c.get()?);
    let (transport, settings, created) = (c.get()?, c.get()?, c.moment()?);
    let (ended, has_login) = (c.one_of(&ENDED)?, c.get()?);
    let (login, history_kept) = (c.count()?, c.count()?);
    let connection = c.one_of(&CONNECTIONS)?;
    let (is_paused, next_number, fence) = (c.get()?, c.count()?, c.count()?);
    let out = out(c)?;
    let owner = c.get::<Option<i64>>()?.map(Epoch);
    let tried = tried(c)?;
    let (gap_until, turn) = (c.moment()?, c.moment()?);
    let (why, until) = (c.maybe_one_of(&HOLDS)?, c.get::<Option<i64>>()?);
    let held_reason = c.get()?;
    let used = Used { period: PeriodNumber(c.get()?), count: c.count()? };
    let removal = c.one_of(&REMOVALS)?;
    let lane = Lane::of_row(LaneRow {
        connection,
        is_paused,
        is_archived: ended.is_some(),
        next_number,
        out,
        fence,
        tried,
        gap_until,
        turn,
        held: why.zip(until).map(|(why, until)| Held { why, until: Moment(until) }),
        used,
    });
    Ok(AccountRow {
        key,
        id,
        team,
        tier,
        transport,
        settings,
        created,
        ended,
        has_login,
        login,
        history_kept,
        lane,
        held_reason,
        owner,
        removal,
    })
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

fn out(c: &mut Columns<'_>) -> Stored<Option<Out>> {
    let (number, attempt) = (c.maybe_count()?, c.maybe_small_count()?);
    let (fence, period, counted) = (c.maybe_count()?, c.maybe_period()?, c.get::<Option<bool>>()?);
    let all = number.zip(attempt).zip(fence).zip(period).zip(counted);
    Ok(all.map(|((((number, attempt), fence), period), is_charged)| Out {
        number,
        attempt,
        fence,
        period,
        is_charged,
    }))
}

fn tried(c: &mut Columns<'_>) -> Stored<Option<Tried>> {
    let (number, times) = (c.maybe_count()?, c.maybe_small_count()?);
    let again = c.get::<Option<i64>>()?.map(Moment);
    let all = number.zip(times).zip(again);
    Ok(all.map(|((number, times), again)| Tried { number, times, again }))
}

pub(super) fn message(c: &mut Columns<'_>) -> Stored<MessageRow> {
    Ok(MessageRow {
        account: AccountKey(c.get()?),
        number: c.count()?,
        id: c.get()?,
        chat: c.get()?,
        origin: c.one_of(&ORIGINS)?,
        status: c.one_of(&STATUSES)?,
        at: c.moment()?,
        content: c.get()?,
        sender: c.get()?,
        error: c.get()?,
        counted: c.maybe_period()?,
        network_id: c.get()?,
        cancel_on_reply: c.get()?,
        revision: c.count()?,
        login: c.count()?,
    })
}

pub(super) fn head(c: &mut Columns<'_>) -> Stored<HeadRow> {
    Ok(HeadRow {
        account: AccountKey(c.get()?),
        number: c.count()?,
        due: c.moment()?,
        id: c.get()?,
        chat: c.get()?,
        content: c.get()?,
        counted: c.maybe_period()?,
        chat_gap_until: c.moment()?,
    })
}

pub(super) fn decision(c: &mut Columns<'_>) -> Stored<DecisionRow> {
    let (account, fence, policy) = (AccountKey(c.get()?), c.count()?, c.get()?);
    let question = Question {
        tier: c.get()?,
        sent: c.count()?,
        counted: c.get()?,
        size: c.count()?,
        attempt: c.small_count()?,
        number: c.count()?,
        due: c.moment()?,
        now: c.moment()?,
        period_end: c.moment()?,
        created: c.moment()?,
    };
    let columns = AnswerColumns {
        answer: c.get()?,
        gap_or_until: c.get()?,
        chat_gap: c.get()?,
        reason: c.get()?,
    };
    let which = columns.answer;
    let answer = answer_of_columns(columns).ok_or_else(|| c.damaged(which))?;
    Ok(DecisionRow { account, fence, policy, question, answer, runner: Epoch(c.get()?) })
}

pub(super) fn life(c: &mut Columns<'_>) -> Stored<LifeRow> {
    let (team, entry, account) = (c.get()?, c.count()?, AccountKey(c.get()?));
    let (at, number, tier) = (c.moment()?, c.get::<i16>()?, c.get()?);
    let step = step_of_number(i64::from(number), tier).ok_or_else(|| c.damaged(number))?;
    Ok(LifeRow { team, entry, account, at, step })
}
