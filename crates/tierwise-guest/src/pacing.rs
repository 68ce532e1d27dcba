//! When a message that may go does go, and how long the next ones wait.

use alloc::borrow::ToOwned;

use tierwise::{Catalog, Instant};

use crate::wit::{ClaimAnswer, ClaimGaps, ClaimHold, ClaimQuestion};

/// When messages go that may go.
///
/// The same question has the same answer: there is no clock, no randomness and no memory from call
/// to call, so that the queue may ask again, and its ledger can be replayed.
pub trait Pacing: 'static {
    /// Whether the first waiting message of an account goes now, and which gaps those after it
    /// keep. The limit of its tier allows it.
    fn pace(question: &ClaimQuestion, catalog: &Catalog) -> ClaimAnswer;
}

/// Everything goes as soon as it may: the pacing of the built-in component.
#[derive(Clone, Copy, Debug)]
pub struct NoPacing;

impl Pacing for NoPacing {
    fn pace(_: &ClaimQuestion, _: &Catalog) -> ClaimAnswer {
        ClaimAnswer::send(0, 0)
    }
}

const MS_PER_MINUTE: i64 = 60_000;
const MS_PER_DAY: i64 = 86_400_000;

/// When the running period began, in milliseconds since 1970 in UTC.
pub fn period_start(question: &ClaimQuestion, catalog: &Catalog) -> i64 {
    let calendar = catalog.calendar();
    let now = Instant::from_unix_ms(question.now).unwrap_or_default();
    let first = calendar.period_of(calendar.day_of(now)).first;
    let offset_ms = i64::from(calendar.utc_offset_minutes).saturating_mul(MS_PER_MINUTE);
    i64::from(first.epoch_days()).saturating_mul(MS_PER_DAY).saturating_sub(offset_ms)
}

impl ClaimAnswer {
    /// It goes, and so many milliseconds pass until the account's next attempt, and until the next
    /// one to the same chat.
    pub fn send(account_gap_ms: u64, chat_gap_ms: u64) -> Self {
        ClaimAnswer::Send(ClaimGaps { account: account_gap_ms, chat: chat_gap_ms })
    }

    /// It waits: why, a word in `snake_case`, and until when, in milliseconds since 1970 in UTC.
    pub fn hold(reason: &str, until: i64) -> Self {
        ClaimAnswer::Hold(ClaimHold { reason: reason.to_owned(), until })
    }

    /// It is never sent: why, a word in `snake_case`.
    pub fn refuse(reason: &str) -> Self {
        ClaimAnswer::Refuse(reason.to_owned())
    }
}
