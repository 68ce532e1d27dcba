//! What is kept of accounts and messages, as stores and the runner know it.

use tierwise_lanes::{Head, Lane, LaneRow, Moment, PeriodNumber, Settled};

pub use crate::opening::Opening;
use crate::{content::AttachmentTypes, counts::Counts};

/// The number by which a store knows an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey(pub i64);

/// A runner's number: each start has a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// How the life of an account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is kept, but closed for good (L1 to L4).
    Archived,
    /// Its data are gone; what stays is the billing record (L5, L6).
    Deleted,
}

/// An account: what every change of it reads, locks and writes.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    /// The store's number for it.
    pub key: AccountKey,
    /// Its id, for everybody else.
    pub id: String,
    /// The team that pays for it.
    pub team: String,
    /// Its tier, by the catalog's id.
    pub tier: String,
    /// Which transport carries its messages.
    pub transport: String,
    /// Its settings, JSON.
    pub settings: String,
    /// When it was created.
    pub created: Moment,
    /// How it ended; none while it is active.
    pub ended: Option<Ended>,
    /// Whether it is logged in.
    pub has_login: bool,
    /// Counts its logins: history of an earlier one is not its history any more (H3).
    pub login: u64,
    /// How much of this login's history is kept.
    pub history_kept: u64,
    /// Which of its openings is the last one, and what may still come of it.
    pub opening: Opening,
    /// Its queue.
    pub lane: Lane,
    /// The policy's word for why it holds the queue; empty if the policy does not.
    pub held_reason: String,
    /// The runner that has a message of it out.
    pub owner: Option<Epoch>,
    /// Rows that are to be removed, if some are.
    pub removal: Removal,
    /// How many messages it has.
    pub counts: Counts,
}

/// Which rows of an account are to be removed, a part at a time. Nobody sees them any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removal {
    /// None.
    #[default]
    Nothing,
    /// History of logins before the present one, and that of a tier that has none (D3, H3).
    History,
    /// All chats and messages; notes and contacts stay (L2).
    Messages,
    /// Everything (L5).
    All,
}

impl AccountRow {
    /// What a store keeps of its queue.
    pub fn lane_row(&self) -> &LaneRow {
        self.lane.row()
    }

    /// Its login is dropped, and with it what may still come of it.
    pub(crate) fn log_out_if(&mut self, is_dropped: bool) {
        self.has_login &= !is_dropped;
        self.opening.brings_history &= !is_dropped;
    }

    /// Whether a message of it is there for everybody, and not only waits to be removed.
    pub fn shows(&self, message: &MessageRow) -> bool {
        let is_of_login = message.login == 0 || message.login == self.login;
        let is_kept = self.ended.is_none() || message.status == Status::Note;
        is_of_login && is_kept && self.removal != Removal::All
    }

    /// Whether two states of an account differ at most in what changes as messages are accepted and
    /// sent.
    pub(crate) fn is_same_but_for_traffic(&self, other: &Self) -> bool {
        let (old, new) = (self.lane_row(), other.lane_row());
        self.tier == other.tier
            && self.settings == other.settings
            && self.ended == other.ended
            && self.has_login == other.has_login
            && self.login == other.login
            && self.history_kept == other.history_kept
            && self.opening == other.opening
            && self.held_reason == other.held_reason
            && self.removal == other.removal
            && self.counts.is_same_but_for_traffic(other.counts)
            && old.connection == new.connection
            && old.is_paused == new.is_paused
            && old.tried == new.tried
            && old.held == new.held
    }

    /// How many messages wait, without one that is out. What an archived account has left is not
    /// there any more (L2).
    pub fn waiting(&self) -> u64 {
        self.counts.waiting.saturating_sub(u64::from(self.lane.out().is_some()))
    }

    /// Whether it is neither archived nor deleted.
    pub fn is_active(&self) -> bool {
        self.ended.is_none()
    }
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It waits, or is with the transport.
    Pending,
    /// The transport took it.
    Sent,
    /// It reached the other side; what was received has, too.
    Delivered,
    /// It was seen by the other side.
    Read,
    /// It will not go by itself any more.
    Error,
    /// It was withdrawn because a reply came first.
    Cancelled,
    /// It is kept here, and nothing else (Q8).
    Note,
}

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Somebody here wrote it.
    Here,
    /// It was received after the login (H4).
    Live,
    /// It came with a login (H1); sent by the other side.
    History,
    /// It came with a login; the account itself had sent it.
    OwnHistory,
}

/// A message or note, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// The account.
    pub account: AccountKey,
    /// Its number in the account: numbers have no holes.
    pub number: u64,
    /// Its id, unique in the account.
    pub id: String,
    /// The chat.
    pub chat: String,
    /// Where it came from.
    pub origin: Origin,
    /// What it is.
    pub status: Status,
    /// When it is due; once sent, when it was sent; of others, when they were written.
    pub at: Moment,
    /// What it says, JSON.
    pub content: String,
    /// Who asked for it or wrote it, JSON: `userId`; empty if nobody is named.
    pub sender: String,
    /// Why it is an error, JSON; empty if it is none.
    pub error: String,
    /// The period in which it counts (Q2).
    pub counted: Option<PeriodNumber>,
    /// How the network calls it; empty if it has no name for it.
    pub network_id: String,
    /// Whether a reply in its chat withdraws it.
    pub cancel_on_reply: bool,
    /// Counts its changes.
    pub revision: u64,
    /// The login that it came with; 0 if it did not come with one.
    pub login: u64,
    /// Its account's team.
    pub team: TeamMark,
    /// When it was stored. It never changes: messages of a team stand in this order.
    pub accepted: Moment,
    /// When it was due, or written, as it was stored. It never changes, whatever becomes of the
    /// message: messages of a chat stand in this order, then in that of their numbers.
    pub placed: Moment,
    /// The kinds of its attachments.
    pub attachments: AttachmentTypes,
    /// When somebody last changed what it says, or when it is due.
    pub edited: Option<Moment>,
    /// Who resolved it, and when; of notes.
    pub resolved: Option<Resolved>,
}

/// That somebody resolved a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Who; empty if nobody is named.
    pub by: String,
    /// When.
    pub at: Moment,
}

impl MessageRow {
    /// Whether the account sent it, or is to send it; false: it was received.
    pub fn is_from_me(&self) -> bool {
        matches!(self.origin, Origin::Here | Origin::OwnHistory)
    }
}

/// Stands for a team in indexes of messages. Two teams may have the same, so whoever looks there
/// sees to it that an account is the team's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeamMark(pub i64);

impl TeamMark {
    /// The mark of a team.
    pub fn of(team: &str) -> Self {
        // FNV-1a: the same for every version, as it is stored.
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = team.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
        TeamMark(i64::from_ne_bytes(hash.to_ne_bytes()))
    }
}

/// The first waiting message of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// The account.
    pub account: AccountKey,
    /// Its number.
    pub number: u64,
    /// When it is due.
    pub due: Moment,
    /// Its id.
    pub id: String,
    /// The chat.
    pub chat: String,
    /// What it says, JSON.
    pub content: String,
    /// The period in which it counts already.
    pub counted: Option<PeriodNumber>,
    /// When the gap after the last attempt to its chat ends; long ago, if none goes on.
    pub chat_gap_until: Moment,
}

impl HeadRow {
    /// The message as its lane knows it.
    pub fn lane_head(&self) -> Head {
        Head {
            number: self.number,
            due: self.due,
            is_charged: self.counted.is_some(),
            chat_gap_until: self.chat_gap_until,
        }
    }
}

/// A chat that was written to a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatGapRow {
    /// The account.
    pub account: AccountKey,
    /// The chat.
    pub chat: String,
    /// When it may be tried again.
    pub until: Moment,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledRow {
    /// The account.
    pub account: AccountKey,
    /// The message.
    pub number: u64,
    /// What it is now.
    pub status: Status,
    /// When it was sent; none if it keeps its time.
    pub at: Option<Moment>,
    /// The period in which it counts.
    pub counted: Option<PeriodNumber>,
    /// Why it is an error, JSON; empty if it is none.
    pub error: String,
    /// How the network calls it.
    pub network_id: String,
}

/// What a settled message is to everybody.
pub fn status_of(settled: Settled) -> Status {
    match settled {
        Settled::Delivered => Status::Sent,
        Settled::Refused | Settled::GivenUp | Settled::Unknown | Settled::PolicyRefused => {
            Status::Error
        }
    }
}

/// A decision of the policy, in the ledger: what it was asked, and what it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    /// The account.
    pub account: AccountKey,
    /// The number of the decision in the account.
    pub fence: u64,
    /// The policy that decided, by its number in the store.
    pub policy: i64,
    /// What it was asked.
    pub question: Question,
    /// What it answered.
    pub answer: Answered,
    /// The runner that asked.
    pub runner: Epoch,
}

/// What the policy is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The tier of the account.
    pub tier: String,
    /// Messages that count in the running period.
    pub sent: u64,
    /// Whether this message counts among them.
    pub counted: bool,
    /// The size of its content in bytes.
    pub size: u64,
    /// Which of its attempts this would be, from 1.
    pub attempt: u32,
    /// Its number.
    pub number: u64,
    /// When it became due.
    pub due: Moment,
    /// Now.
    pub now: Moment,
    /// When the running period ends.
    pub period_end: Moment,
    /// When the account was created.
    pub created: Moment,
}

/// What the policy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It goes, and those after it keep gaps.
    Send {
        /// Milliseconds until the account's next attempt, at least.
        gap_ms: u64,
        /// Milliseconds until the next attempt to the same chat, at least.
        chat_gap_ms: u64,
    },
    /// It waits.
    Hold {
        /// Why, a word.
        reason: String,
        /// Until then, if nothing changes before.
        until: Moment,
    },
    /// It never goes.
    Refuse {
        /// Why, a word.
        reason: String,
    },
    /// It did not answer.
    Failed {
        /// The code of what went wrong.
        code: String,
    },
}

impl Answered {
    /// Whether the message waits after it.
    pub(crate) fn has_it_wait(&self) -> bool {
        matches!(self, Answered::Hold { .. } | Answered::Failed { .. })
    }
}

/// What became of an attempt, in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// The account.
    pub account: AccountKey,
    /// The decision that began the attempt.
    pub fence: u64,
    /// `delivered`, `refused`, `later` or `unknown`.
    pub outcome: &'static str,
    /// When it was known.
    pub at: Moment,
}

/// A step in the life of an account, in the team's ledger of account-days. Never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeRow {
    /// The team.
    pub team: String,
    /// Its place in the team's ledger, from 1: numbers have no holes.
    pub entry: u64,
    /// The account.
    pub account: AccountKey,
    /// When.
    pub at: Moment,
    /// What happened.
    pub step: LifeStep,
}

/// What happens in the life of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeStep {
    /// It is created on a tier.
    Create(String),
    /// It moves to a tier.
    Tier(String),
    /// It is archived.
    Archive,
    /// It is deleted.
    Delete,
}

/// A team: what every change of an account's life locks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamRow {
    /// Its id.
    pub id: String,
    /// Entries in its ledger.
    pub entries: u64,
    /// When the last of them was: none is earlier, whatever the clock says.
    pub last: Moment,
}

/// How many rows of each kind an account holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Messages that came with a login.
    pub history: u64,
    /// Messages received after it.
    pub live: u64,
    /// Messages that a transport took, as their status says (Q2). Not those that failed
    /// or were cancelled.
    pub sent: u64,
    /// Messages waiting.
    pub waiting: u64,
    /// Notes.
    pub notes: u64,
    /// Contacts.
    pub contacts: u64,
}
