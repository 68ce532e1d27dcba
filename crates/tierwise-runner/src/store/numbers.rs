//! How stores write down what is one of a few: as its place in a list. Lists only grow.

use tierwise_lanes::{Connection, Hold, Moment};

use crate::model::{Answered, Ended, LifeStep, Origin, Removal, Status};

pub(super) const ENDED: [Option<Ended>; 3] = [None, Some(Ended::Archived), Some(Ended::Deleted)];
pub(super) const CONNECTIONS: [Connection; 3] =
    [Connection::Close, Connection::Connecting, Connection::Open];
pub(super) const HOLDS: [Hold; 6] = [
    Hold::AccountNotOpen,
    Hold::QuotaExhausted,
    Hold::Policy,
    Hold::PolicyError,
    Hold::Paused,
    Hold::Archived,
];
pub(super) const REMOVALS: [Removal; 4] =
    [Removal::Nothing, Removal::History, Removal::Messages, Removal::All];
pub(super) const STATUSES: [Status; 7] = [
    Status::Pending,
    Status::Sent,
    Status::Delivered,
    Status::Read,
    Status::Error,
    Status::Cancelled,
    Status::Note,
];
pub(super) const ORIGINS: [Origin; 4] =
    [Origin::Here, Origin::Live, Origin::History, Origin::OwnHistory];

/// The number that stands for one of a list.
fn place<T: PartialEq>(all: &[T], one: &T) -> i16 {
    let place = all.iter().position(|other| other == one).unwrap_or(all.len());
    i16::try_from(place).unwrap_or(i16::MAX)
}

/// The one of a list that a number stands for.
pub(super) fn one_of<T: Copy>(all: &[T], place: i64) -> Option<T> {
    usize::try_from(place).ok().and_then(|place| all.get(place).copied())
}

pub(super) fn number_of_ended(ended: Option<Ended>) -> i16 {
    place(&ENDED, &ended)
}

pub(super) fn number_of_connection(connection: Connection) -> i16 {
    place(&CONNECTIONS, &connection)
}

pub(super) fn number_of_hold(hold: Hold) -> i16 {
    place(&HOLDS, &hold)
}

pub(super) fn number_of_removal(removal: Removal) -> i16 {
    place(&REMOVALS, &removal)
}

pub(super) fn number_of_status(status: Status) -> i16 {
    place(&STATUSES, &status)
}

/// A bit for each status: all, if none is named.
pub(super) fn bits_of_statuses(statuses: &[Status]) -> i64 {
    if statuses.is_empty() {
        return -1;
    }
    statuses.iter().fold(0, |bits, status| bits | (1 << number_of_status(*status)))
}

pub(super) fn number_of_origin(origin: Origin) -> i16 {
    place(&ORIGINS, &origin)
}

/// Databases' integers have a sign; ours that count do not.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A step in the life of an account, and the tier that it names.
pub(super) fn number_of_step(step: &LifeStep) -> (i16, Option<&str>) {
    match step {
        LifeStep::Create(tier) => (0, Some(tier)),
        LifeStep::Tier(tier) => (1, Some(tier)),
        LifeStep::Archive => (2, None),
        LifeStep::Delete => (3, None),
    }
}

/// The step that a number stands for; none if no step has it, or it has no tier and needs one.
pub(super) fn step_of_number(number: i64, tier: Option<String>) -> Option<LifeStep> {
    match number {
        0 => tier.map(LifeStep::Create),
        1 => tier.map(LifeStep::Tier),
        2 => Some(LifeStep::Archive),
        3 => Some(LifeStep::Delete),
        _ => None,
    }
}

/// The tiers that ledgers name: a step in the index of tiers each, however many entries there are.
pub(super) const TIERS: &str = "with recursive known (tier) as (\
    select min(tier) from life where tier is not null union all \
    select (select min(tier) from life where tier is not null and tier > known.tier) \
    from known where known.tier is not null) \
    select tier from known where tier is not null";

/// An answer of the policy as columns hold it.
pub(super) struct AnswerColumns<T> {
    pub(super) answer: i16,
    /// The account's gap, or the end of a hold.
    pub(super) gap_or_until: i64,
    pub(super) chat_gap: i64,
    pub(super) reason: T,
}

/// An answer of the policy in columns.
pub(super) fn columns_of_answer(answered: &Answered) -> AnswerColumns<&str> {
    let columns =
        |answer, gap_or_until, reason| AnswerColumns { answer, gap_or_until, chat_gap: 0, reason };
    match answered {
        Answered::Send { gap_ms, chat_gap_ms } => {
            AnswerColumns { chat_gap: signed(*chat_gap_ms), ..columns(0, signed(*gap_ms), "") }
        }
        Answered::Hold { reason, until } => columns(1, until.0, reason),
        Answered::Refuse { reason } => columns(2, 0, reason),
        Answered::Failed { code } => columns(3, 0, code),
    }
}

/// The answer that stands in those columns; none if no answer has the number.
pub(super) fn answer_of_columns(columns: AnswerColumns<String>) -> Option<Answered> {
    let AnswerColumns { answer, gap_or_until, chat_gap, reason } = columns;
    match answer {
        0 => {
            Some(Answered::Send { gap_ms: unsigned(gap_or_until), chat_gap_ms: unsigned(chat_gap) })
        }
        1 => Some(Answered::Hold { reason, until: Moment(gap_or_until) }),
        2 => Some(Answered::Refuse { reason }),
        3 => Some(Answered::Failed { code: reason }),
        _ => None,
    }
}
