//! Rows of SQLite as the runner's, and back.

use rusqlite::{Result, Row, types::FromSql};
use tierwise_lanes::{Held, Lane, LaneRow, Moment, Out, PeriodNumber, Tried, Used};

use crate::{
    model::{AccountKey, AccountRow, DecisionRow, Epoch, LifeRow, MessageRow, Question},
    store::numbers::{
        AnswerColumns, CONNECTIONS, ENDED, HOLDS, ORIGINS, REMOVALS, STATUSES, answer_of_columns,
        one_of, step_of_number, unsigned,
    },
};

/// The columns of an account, in the order in which [`account`] reads them.
pub(super) const ACCOUNT: &str = "key, id, team, tier, transport, settings, created, ended, \
    has_login, login, history_kept, connection, is_paused, next_number, fence, out_number, \
    out_attempt, out_fence, out_period, out_counted, owner, tried_number, tried_times, \
    tried_again, gap_until, turn, held_why, held_until, held_reason, used_period, \
    used_count, removal";

/// Those that follow them where the whole row is read.
pub(super) const BESIDE: &str = "next_at, decision";

/// Reads columns one after the other.
struct Columns<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl Columns<'_, '_> {
    fn get<T: FromSql>(&mut self) -> Result<T> {
        let column = self.next;
        self.next += 1;
        self.row.get(column)
    }

    fn moment(&mut self) -> Result<Moment> {
        self.get().map(Moment)
    }

    /// A number that the store wrote itself as one of these.
    fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T> {
        let column = self.next;
        let place: i64 = self.get()?;
        one_of(all, place).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, place))
    }

    fn maybe_one_of<T: Copy>(&mut self, all: &[T]) -> Result<Option<T>> {
        match self.row.get_ref(self.next)? {
            rusqlite::types::ValueRef::Null => {
                self.next += 1;
                Ok(None)
            }
            _ => self.one_of(all).map(Some),
        }
    }
}

pub(super) fn account(row: &Row<'_>) -> Result<AccountRow> {
    let mut columns = Columns { row, next: 0 };
    let c = &mut columns;
    let (key, id, team, tier) = (AccountKey(c.get()?), c.get()?, c.get()?, c.get()?);
    let (transport, settings, created) = (c.get()?, c.get()?, c.moment()?);
    let (ended, has_login) = (c.one_of(&ENDED)?, c.get()?);
    let (login, history_kept) = (unsigned(c.get()?), unsigned(c.get()?));
    let connection = c.one_of(&CONNECTIONS)?;
    let (is_paused, next_number, fence) = (c.get()?, unsigned(c.get()?), unsigned(c.get()?));
    let out = out(c)?;
    let owner = c.get::<Option<i64>>()?.map(Epoch);
    let tried = tried(c)?;
    let (gap_until, turn) = (c.moment()?, c.moment()?);
    let (why, until) = (c.maybe_one_of(&HOLDS)?, c.get::<Option<i64>>()?);
    let held_reason = c.get()?;
    let used = Used { period: PeriodNumber(c.get()?), count: unsigned(c.get()?) };
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

/// [`ACCOUNT`] and [`BESIDE`].
pub(super) fn account_and_beside(row: &Row<'_>) -> Result<(AccountRow, Option<i64>, Option<i64>)> {
    Ok((account(row)?, row.get("next_at")?, row.get("decision")?))
}

fn out(c: &mut Columns<'_, '_>) -> Result<Option<Out>> {
    let (number, attempt) = (c.get::<Option<i64>>()?, c.get::<Option<u32>>()?);
    let (fence, period) = (c.get::<Option<i64>>()?, c.get::<Option<i64>>()?);
    let counted = c.get::<Option<bool>>()?;
    let all = number.zip(attempt).zip(fence).zip(period).zip(counted);
    Ok(all.map(|((((number, attempt), fence), period), is_charged)| Out {
        number: unsigned(number),
        attempt,
        fence: unsigned(fence),
        period: PeriodNumber(period),
        is_charged,
    }))
}

fn tried(c: &mut Columns<'_, '_>) -> Result<Option<Tried>> {
    let (number, times) = (c.get::<Option<i64>>()?, c.get::<Option<u32>>()?);
    let again = c.get::<Option<i64>>()?;
    let all = number.zip(times).zip(again);
    Ok(all.map(|((number, times), again)| Tried {
        number: unsigned(number),
        times,
        again: Moment(again),
    }))
}

/// The columns of a message, in the order in which [`message`] reads them.
pub(super) const MESSAGE: &str = "account, number, id, chat, origin, status, at, content, sender, \
    error, counted, network_id, cancel_on_reply, revision, login";

pub(super) fn message(row: &Row<'_>) -> Result<MessageRow> {
    let mut columns = Columns { row, next: 0 };
    let c = &mut columns;
    Ok(MessageRow {
        account: AccountKey(c.get()?),
        number: unsigned(c.get()?),
        id: c.get()?,
        chat: c.get()?,
        origin: c.one_of(&ORIGINS)?,
        status: c.one_of(&STATUSES)?,
        at: c.moment()?,
        content: c.get()?,
        sender: c.get()?,
        error: c.get()?,
        counted: c.get::<Option<i64>>()?.map(PeriodNumber),
        network_id: c.get()?,
        cancel_on_reply: c.get()?,
        revision: unsigned(c.get()?),
        login: unsigned(c.get()?),
    })
}

/// `team, entry, account, at, step, tier`.
pub(super) fn life(row: &Row<'_>) -> Result<LifeRow> {
    let number = row.get(4)?;
    let step = step_of_number(number, row.get(5)?)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(4, number))?;
    Ok(LifeRow {
        team: row.get(0)?,
        entry: unsigned(row.get(1)?),
        account: AccountKey(row.get(2)?),
        at: Moment(row.get(3)?),
        step,
    })
}

/// The columns in which a decision is written.
pub(super) fn decision(row: &Row<'_>) -> Result<DecisionRow> {
    let mut columns = Columns { row, next: 0 };
    let c = &mut columns;
    let (account, fence, policy) = (AccountKey(c.get()?), unsigned(c.get()?), c.get()?);
    let question = Question {
        tier: c.get()?,
        sent: unsigned(c.get()?),
        counted: c.get()?,
        size: unsigned(c.get()?),
        attempt: c.get()?,
        number: unsigned(c.get()?),
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
    let which = i64::from(columns.answer);
    let answer =
        answer_of_columns(columns).ok_or(rusqlite::Error::IntegralValueOutOfRange(13, which))?;
    Ok(DecisionRow { account, fence, policy, question, answer, runner: Epoch(c.get()?) })
}
