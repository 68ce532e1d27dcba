//! Rows as the runner's, read from the columns in which every store has them.

use tierwise_lanes::{Held, Lane, LaneRow, Moment, Out, PeriodNumber, Tried, Used};

use super::{
    numbers::{
        AnswerColumns, CONNECTIONS, ENDED, HOLDS, ORIGINS, REMOVALS, STATUSES, answer_of_columns,
        one_of, step_of_number, unsigned,
    },
    profile::{HistorySync, Profile},
};
use crate::{
    content::AttachmentTypes,
    counts::Counts,
    model::{
        AccountKey, AccountRow, DecisionRow, Epoch, HeadRow, LifeRow, MessageRow, Opening,
        Question, Resolved, TeamMark, TeamRow,
    },
};

/// Reads the columns of a row one after the other.
pub(super) trait Columns {
    /// Why a column cannot be read.
    type Error;

    fn integer(&mut self) -> Result<i64, Self::Error>;

    fn maybe_integer(&mut self) -> Result<Option<i64>, Self::Error>;

    /// A number that stands for one of a list.
    fn place(&mut self) -> Result<i64, Self::Error>;

    fn maybe_place(&mut self) -> Result<Option<i64>, Self::Error>;

    fn truth(&mut self) -> Result<bool, Self::Error>;

    fn maybe_truth(&mut self) -> Result<Option<bool>, Self::Error>;

    fn text(&mut self) -> Result<String, Self::Error>;

    fn maybe_text(&mut self) -> Result<Option<String>, Self::Error>;

    /// What is wrong with a number that stands for nothing.
    fn damaged(&self, number: i64) -> Self::Error;

    fn moment(&mut self) -> Result<Moment, Self::Error> {
        self.integer().map(Moment)
    }

    fn count(&mut self) -> Result<u64, Self::Error> {
        self.integer().map(unsigned)
    }

    fn maybe_count(&mut self) -> Result<Option<u64>, Self::Error> {
        Ok(self.maybe_integer()?.map(unsigned))
    }

    fn small_count(&mut self) -> Result<u32, Self::Error> {
        self.integer().map(small)
    }

    fn maybe_small_count(&mut self) -> Result<Option<u32>, Self::Error> {
        Ok(self.maybe_integer()?.map(small))
    }

    fn maybe_period(&mut self) -> Result<Option<PeriodNumber>, Self::Error> {
        Ok(self.maybe_integer()?.map(PeriodNumber))
    }

    /// A number that the store wrote itself as one of these.
    fn one_of<T: Copy>(&mut self, all: &[T]) -> Result<T, Self::Error> {
        let place = self.place()?;
        one_of(all, place).ok_or_else(|| self.damaged(place))
    }

    fn maybe_one_of<T: Copy>(&mut self, all: &[T]) -> Result<Option<T>, Self::Error> {
        let Some(place) = self.maybe_place()? else { return Ok(None) };
        one_of(all, place).map(Some).ok_or_else(|| self.damaged(place))
    }
}

fn small(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn account<C: Columns>(c: &mut C) -> Result<AccountRow, C::Error> {
    let (key, id, team, tier) = (AccountKey(c.integer()?), c.text()?, c.text()?, c.text()?);
    let (transport, settings, created) = (c.text()?, c.text()?, c.moment()?);
    let (ended, has_login) = (c.one_of(&ENDED)?, c.truth()?);
    let (login, history_kept) = (c.count()?, c.count()?);
    let (number, is_over, brings_history) = (c.count()?, c.truth()?, c.truth()?);
    let caller = c.maybe_integer()?.map(Epoch);
    let opening = Opening { number, is_over, brings_history, caller };
    let connection = c.one_of(&CONNECTIONS)?;
    let (is_paused, next_number, fence) = (c.truth()?, c.count()?, c.count()?);
    let out = out(c)?;
    let owner = c.maybe_integer()?.map(Epoch);
    let tried = tried(c)?;
    let (gap_until, turn) = (c.moment()?, c.moment()?);
    let (why, until) = (c.maybe_one_of(&HOLDS)?, c.maybe_integer()?);
    let held_reason = c.text()?;
    let used = Used { period: PeriodNumber(c.integer()?), count: c.count()? };
    let removal = c.one_of(&REMOVALS)?;
    let counts = counts(c)?;
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
        opening,
        lane,
        held_reason,
        owner,
        removal,
        counts,
    })
}

/// The columns of counts, in the order in which they are read and written.
macro_rules! of_counts {
    () => {
        "count_waiting, count_sent, count_delivered, count_read, count_failed, count_cancelled, \
         count_notes, count_history, count_live"
    };
}
pub(super) use of_counts;

/// Their sums.
macro_rules! sums_of_counts {
    () => {
        "cast(coalesce(sum(count_waiting), 0) as bigint), \
         cast(coalesce(sum(count_sent), 0) as bigint), \
         cast(coalesce(sum(count_delivered), 0) as bigint), \
         cast(coalesce(sum(count_read), 0) as bigint), \
         cast(coalesce(sum(count_failed), 0) as bigint), \
         cast(coalesce(sum(count_cancelled), 0) as bigint), \
         cast(coalesce(sum(count_notes), 0) as bigint), \
         cast(coalesce(sum(count_history), 0) as bigint), \
         cast(coalesce(sum(count_live), 0) as bigint)"
    };
}
pub(super) use sums_of_counts;

pub(super) fn counts<C: Columns>(c: &mut C) -> Result<Counts, C::Error> {
    Ok(Counts {
        waiting: c.count()?,
        sent: c.count()?,
        delivered: c.count()?,
        read: c.count()?,
        failed: c.count()?,
        cancelled: c.count()?,
        notes: c.count()?,
        history: c.count()?,
        live: c.count()?,
    })
}

fn out<C: Columns>(c: &mut C) -> Result<Option<Out>, C::Error> {
    let (number, attempt) = (c.maybe_count()?, c.maybe_small_count()?);
    let (fence, period, counted) = (c.maybe_count()?, c.maybe_period()?, c.maybe_truth()?);
    let all = number.zip(attempt).zip(fence).zip(period).zip(counted);
    Ok(all.map(|((((number, attempt), fence), period), is_charged)| Out {
        number,
        attempt,
        fence,
        period,
        is_charged,
    }))
}

fn tried<C: Columns>(c: &mut C) -> Result<Option<Tried>, C::Error> {
    let (number, times) = (c.maybe_count()?, c.maybe_small_count()?);
    let again = c.maybe_integer()?.map(Moment);
    let all = number.zip(times).zip(again);
    Ok(all.map(|((number, times), again)| Tried { number, times, again }))
}

pub(super) fn profile<C: Columns>(c: &mut C) -> Result<Profile, C::Error> {
    let (nickname, created_by) = (c.text()?, c.text()?);
    let updated = c.moment()?;
    let mut at = || Ok(c.maybe_integer()?.map(Moment));
    let (archived, last_login) = (at()?, at()?);
    let (last_logout, last_closed) = (at()?, at()?);
    let (qr, error) = (c.text()?, c.text()?);
    let sync = HistorySync { expected: c.count()?, last: c.maybe_integer()?.map(Moment) };
    Ok(Profile {
        nickname,
        created_by,
        updated,
        archived,
        last_login,
        last_logout,
        last_closed,
        qr,
        error,
        sync,
    })
}

pub(super) fn message<C: Columns>(c: &mut C) -> Result<MessageRow, C::Error> {
    Ok(MessageRow {
        account: AccountKey(c.integer()?),
        number: c.count()?,
        id: c.text()?,
        chat: c.text()?,
        origin: c.one_of(&ORIGINS)?,
        status: c.one_of(&STATUSES)?,
        at: c.moment()?,
        content: c.text()?,
        sender: c.text()?,
        error: c.text()?,
        counted: c.maybe_period()?,
        network_id: c.text()?,
        cancel_on_reply: c.truth()?,
        revision: c.count()?,
        login: c.count()?,
        team: TeamMark(c.integer()?),
        accepted: c.moment()?,
        placed: c.moment()?,
        attachments: AttachmentTypes::of_bits(c.place()?),
        edited: c.maybe_integer()?.map(Moment),
        resolved: resolved(c)?,
    })
}

fn resolved<C: Columns>(c: &mut C) -> Result<Option<Resolved>, C::Error> {
    let (by, at) = (c.maybe_text()?, c.maybe_integer()?);
    Ok(by.zip(at).map(|(by, at)| Resolved { by, at: Moment(at) }))
}

pub(super) fn head<C: Columns>(c: &mut C) -> Result<HeadRow, C::Error> {
    Ok(HeadRow {
        account: AccountKey(c.integer()?),
        number: c.count()?,
        due: c.moment()?,
        id: c.text()?,
        chat: c.text()?,
        content: c.text()?,
        counted: c.maybe_period()?,
        chat_gap_until: c.moment()?,
    })
}

pub(super) fn decision<C: Columns>(c: &mut C) -> Result<DecisionRow, C::Error> {
    let (account, fence, policy) = (AccountKey(c.integer()?), c.count()?, c.integer()?);
    let question = Question {
        tier: c.text()?,
        sent: c.count()?,
        counted: c.truth()?,
        size: c.count()?,
        attempt: c.small_count()?,
        number: c.count()?,
        due: c.moment()?,
        now: c.moment()?,
        period_end: c.moment()?,
        created: c.moment()?,
    };
    let answer = c.place()?;
    let (gap_or_until, chat_gap, reason) = (c.integer()?, c.integer()?, c.text()?);
    let which = i16::try_from(answer).unwrap_or(i16::MAX);
    let columns = AnswerColumns { answer: which, gap_or_until, chat_gap, reason };
    let answer = answer_of_columns(columns).ok_or_else(|| c.damaged(answer))?;
    Ok(DecisionRow { account, fence, policy, question, answer, runner: Epoch(c.integer()?) })
}

pub(super) fn team<C: Columns>(c: &mut C) -> Result<TeamRow, C::Error> {
    Ok(TeamRow { id: c.text()?, entries: c.count()?, last: c.moment()? })
}

pub(super) fn life<C: Columns>(c: &mut C) -> Result<LifeRow, C::Error> {
    let (team, entry, account) = (c.text()?, c.count()?, AccountKey(c.integer()?));
    let (at, number, tier) = (c.moment()?, c.place()?, c.maybe_text()?);
    let step = step_of_number(number, tier).ok_or_else(|| c.damaged(number))?;
    Ok(LifeRow { team, entry, account, at, step })
}
