//! Rows as arrays, a column each.

use tierwise_lanes::Moment;

use super::{
    rows::Beside,
    session::{Parameter, parameters},
};
use crate::{
    model::{AccountKey, AccountRow, ChatGapRow, DecisionRow, MessageRow, OutcomeRow, SettledRow},
    store::{
        Profile, ProfileChange,
        numbers::{
            columns_of_answer, number_of_connection, number_of_ended, number_of_hold,
            number_of_origin, number_of_removal, number_of_status, signed,
        },
    },
};

/// The bytes of messages that one statement carries; one message may have more.
const MOST_BYTES: usize = 16 << 20;

/// Text as PostgreSQL can hold it: every character but one, which never stands in JSON, and which
/// an id or a name has only to do harm. A flush must not fail because of it.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(super) fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| text(one)).collect()
}

/// A column of rows.
fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// An account as it is to be written, when it is to be looked at, and what the store keeps of it
/// for itself, if it was read.
pub(super) type Written<'a> = (&'a AccountRow, Moment, Option<&'a Beside>);

/// For `WRITE_LANES`.
pub(super) fn lanes(rows: &[Written<'_>]) -> Vec<Parameter> {
    let lane = |it: &Written<'_>| *it.0.lane_row();
    parameters![
        column(rows, |(row, ..)| row.key.0),
        column(rows, |it| signed(lane(it).next_number)),
        column(rows, |it| signed(lane(it).fence)),
        column(rows, |it| lane(it).out.map(|out| signed(out.number))),
        column(rows, |it| lane(it).out.map(|out| i64::from(out.attempt))),
        column(rows, |it| lane(it).out.map(|out| signed(out.fence))),
        column(rows, |it| lane(it).out.map(|out| out.period.0)),
        column(rows, |it| lane(it).out.map(|out| out.is_charged)),
        column(rows, |(row, ..)| row.owner.map(|owner| owner.0)),
        column(rows, |it| lane(it).gap_until.0),
        column(rows, |it| lane(it).turn.0),
        column(rows, |it| lane(it).used.period.0),
        column(rows, |it| signed(lane(it).used.count)),
        column(rows, |(_, next_at, _)| (*next_at != Moment::NEVER).then_some(next_at.0)),
        column(rows, |(.., beside)| beside.and_then(|beside| beside.decision)),
        column(rows, |(.., beside)| beside.map(|beside| beside.head.0)),
        column(rows, |(.., beside)| beside.map(|beside| beside.head.1)),
        column(rows, |(.., beside)| beside.map(|beside| beside.line.0)),
        column(rows, |(.., beside)| beside.map(|beside| beside.line.1)),
        column(rows, |(row, ..)| signed(row.counts.waiting)),
        column(rows, |(row, ..)| signed(row.counts.sent)),
    ]
}

/// For `WRITE_ACCOUNTS`.
pub(super) fn accounts(rows: &[Written<'_>]) -> Vec<Parameter> {
    let lane = |it: &Written<'_>| *it.0.lane_row();
    parameters![
        column(rows, |(row, ..)| row.key.0),
        column(rows, |(row, ..)| text(&row.tier)),
        column(rows, |(row, ..)| text(&row.settings)),
        column(rows, |(row, ..)| number_of_ended(row.ended)),
        column(rows, |(row, ..)| row.has_login),
        column(rows, |(row, ..)| signed(row.login)),
        column(rows, |(row, ..)| signed(row.history_kept)),
        column(rows, |it| number_of_connection(lane(it).connection)),
        column(rows, |it| lane(it).is_paused),
        column(rows, |it| signed(lane(it).next_number)),
        column(rows, |it| signed(lane(it).fence)),
        column(rows, |it| lane(it).out.map(|out| signed(out.number))),
        column(rows, |it| lane(it).out.map(|out| i64::from(out.attempt))),
        column(rows, |it| lane(it).out.map(|out| signed(out.fence))),
        column(rows, |it| lane(it).out.map(|out| out.period.0)),
        column(rows, |it| lane(it).out.map(|out| out.is_charged)),
        column(rows, |(row, ..)| row.owner.map(|owner| owner.0)),
        column(rows, |it| lane(it).tried.map(|tried| signed(tried.number))),
        column(rows, |it| lane(it).tried.map(|tried| i64::from(tried.times))),
        column(rows, |it| lane(it).tried.map(|tried| tried.again.0)),
        column(rows, |it| lane(it).gap_until.0),
        column(rows, |it| lane(it).turn.0),
        column(rows, |it| lane(it).held.map(|held| number_of_hold(held.why))),
        column(rows, |it| lane(it).held.map(|held| held.until.0)),
        column(rows, |(row, ..)| text(&row.held_reason)),
        column(rows, |it| lane(it).used.period.0),
        column(rows, |it| signed(lane(it).used.count)),
        column(rows, |(row, ..)| number_of_removal(row.removal)),
        column(rows, |(_, next_at, _)| (*next_at != Moment::NEVER).then_some(next_at.0)),
        column(rows, |(.., beside)| beside.and_then(|beside| beside.decision)),
        column(rows, |(.., beside)| beside.map(|beside| beside.head.0)),
        column(rows, |(.., beside)| beside.map(|beside| beside.head.1)),
        column(rows, |(.., beside)| beside.map(|beside| beside.line.0)),
        column(rows, |(.., beside)| beside.map(|beside| beside.line.1)),
        column(rows, |(row, ..)| signed(row.counts.waiting)),
        column(rows, |(row, ..)| signed(row.counts.sent)),
        column(rows, |(row, ..)| signed(row.counts.delivered)),
        column(rows, |(row, ..)| signed(row.counts.read)),
        column(rows, |(row, ..)| signed(row.counts.failed)),
        column(rows, |(row, ..)| signed(row.counts.cancelled)),
        column(rows, |(row, ..)| signed(row.counts.notes)),
        column(rows, |(row, ..)| signed(row.counts.history)),
        column(rows, |(row, ..)| signed(row.counts.live)),
        column(rows, |(row, ..)| signed(row.opening.number)),
        column(rows, |(row, ..)| row.opening.is_over),
        column(rows, |(row, ..)| row.opening.brings_history),
        column(rows, |(row, ..)| row.opening.caller.map(|caller| caller.0)),
    ]
}

/// For `INSERT_MESSAGES`.
pub(super) fn messages(rows: &[MessageRow]) -> Vec<Parameter> {
    parameters![
        column(rows, |row| row.account.0),
        column(rows, |row| signed(row.number)),
        column(rows, |row| text(&row.id)),
        column(rows, |row| text(&row.chat)),
        column(rows, |row| number_of_origin(row.origin)),
        column(rows, |row| number_of_status(row.status)),
        column(rows, |row| row.at.0),
        column(rows, |row| text(&row.content)),
        column(rows, |row| text(&row.sender)),
        column(rows, |row| text(&row.error)),
        column(rows, |row| row.counted.map(|period| period.0)),
        column(rows, |row| text(&row.network_id)),
        column(rows, |row| row.cancel_on_reply),
        column(rows, |row| signed(row.revision)),
        column(rows, |row| signed(row.login)),
        column(rows, |row| row.team.0),
        column(rows, |row| row.accepted.0),
        column(rows, |row| row.placed.0),
        column(rows, |row| i16::from(row.attachments.bits())),
    ]
}

/// Messages in parts that one statement can carry.
pub(super) fn parts(rows: &[MessageRow]) -> impl Iterator<Item = &[MessageRow]> {
    let mut bytes = 0;
    rows.chunk_by(move |row, next| {
        bytes += row.content.len();
        let fits = bytes.saturating_add(next.content.len()) <= MOST_BYTES;
        if !fits {
            bytes = 0;
        }
        fits
    })
}

/// For `SETTLE`.
pub(super) fn settled(rows: &[SettledRow]) -> Vec<Parameter> {
    parameters![
        column(rows, |row| row.account.0),
        column(rows, |row| signed(row.number)),
        column(rows, |row| number_of_status(row.status)),
        column(rows, |row| row.at.map(|at| at.0)),
        column(rows, |row| row.counted.map(|period| period.0)),
        column(rows, |row| text(&row.error)),
        column(rows, |row| text(&row.network_id)),
    ]
}

/// For `TOUCH`.
pub(super) fn touched(account: AccountKey, change: &ProfileChange) -> Vec<Parameter> {
    let ProfileChange { updated, archived, last_login, last_logout, last_closed, .. } = change;
    let at = |at: Option<Moment>| at.map(|at| at.0);
    let texts = [&change.nickname, &change.qr, &change.error];
    let [nickname, qr, error] = texts.map(|it| it.as_deref().map(text));
    let sought = nickname.as_deref().map(Profile::sought);
    let (expected, last) = (change.sync.map(|sync| signed(sync.expected)), change.sync);
    let last = last.and_then(|sync| at(sync.last));
    let (archived, login) = (at(*archived), at(*last_login));
    let (logout, closed) = (at(*last_logout), at(*last_closed));
    parameters![
        account.0, nickname, sought, updated.0, archived, login, logout, closed, qr, error,
        expected, last
    ]
}

/// For `PUT_CHAT_GAPS`.
pub(super) fn chat_gaps(rows: &[ChatGapRow]) -> Vec<Parameter> {
    parameters![
        column(rows, |row| row.account.0),
        column(rows, |row| text(&row.chat)),
        column(rows, |row| row.until.0),
    ]
}

/// For `LOG_DECISIONS`.
pub(super) fn decisions(
    rows: &[DecisionRow],
    entries: Vec<i64>,
    previous: Vec<Option<i64>>,
) -> Vec<Parameter> {
    parameters![
        column(rows, |row| row.account.0),
        column(rows, |row| signed(row.fence)),
        column(rows, |row| row.policy),
        column(rows, |row| text(&row.question.tier)),
        column(rows, |row| signed(row.question.sent)),
        column(rows, |row| row.question.counted),
        column(rows, |row| signed(row.question.size)),
        column(rows, |row| i64::from(row.question.attempt)),
        column(rows, |row| signed(row.question.number)),
        column(rows, |row| row.question.due.0),
        column(rows, |row| row.question.now.0),
        column(rows, |row| row.question.period_end.0),
        column(rows, |row| row.question.created.0),
        column(rows, |row| columns_of_answer(&row.answer).answer),
        column(rows, |row| columns_of_answer(&row.answer).gap_or_until),
        column(rows, |row| columns_of_answer(&row.answer).chat_gap),
        column(rows, |row| text(columns_of_answer(&row.answer).reason)),
        column(rows, |row| row.runner.0),
        entries,
        previous,
    ]
}

/// For `LOG_OUTCOMES`.
pub(super) fn outcomes(rows: &[OutcomeRow], decisions: Vec<i64>) -> Vec<Parameter> {
    parameters![decisions, column(rows, |row| row.outcome), column(rows, |row| row.at.0),]
}
