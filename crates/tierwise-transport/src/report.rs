//! What a transport says of an attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tierwise_lanes::{Outcome, Span};

/// What became of an attempt, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it means for the queue.
    pub outcome: Outcome,
    /// Why it was not delivered.
    pub detail: Option<Detail>,
    /// The network's own name for the message, by which receipts will speak of it.
    pub network_id: Option<String>,
}

/// Why a message was not delivered, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// The status of the answer, as HTTP has them; 0 without an answer.
    pub status_code: u16,
    /// What was said, at most [`MOST`](Self::MOST) bytes of it.
    pub message: String,
}

impl Detail {
    /// How much of a message is kept, in bytes.
    pub const MOST: usize = 500;

    /// With as much of the message as is kept.
    pub fn new(status_code: u16, message: &str) -> Self {
        let message = message[..message.floor_char_boundary(Self::MOST)].to_owned();
        Detail { status_code, message }
    }
}

impl Report {
    /// The network took it.
    pub fn delivered() -> Self {
        Report { outcome: Outcome::Delivered, detail: None, network_id: None }
    }

    /// The network took it and calls it so.
    pub fn delivered_as(network_id: impl Into<String>) -> Self {
        Report { network_id: Some(network_id.into()), ..Report::delivered() }
    }

    /// The network refuses it for good: never tried again by itself.
    pub fn refused(status_code: u16, message: &str) -> Self {
        Report::because(Outcome::Refused, status_code, message)
    }

    /// The network certainly did not take it, and may later; after how long, if it said so.
    pub fn later(after: Option<Duration>, status_code: u16, message: &str) -> Self {
        let span = |after: Duration| Span(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        Report::because(Outcome::Later(after.map(span)), status_code, message)
    }

    /// Nobody knows whether the network took it.
    pub fn unknown(message: &str) -> Self {
        Report::because(Outcome::Unknown, 0, message)
    }

    /// Nobody knows whether the network took it, although it answered.
    pub fn unknown_after(status_code: u16, message: &str) -> Self {
        Report::because(Outcome::Unknown, status_code, message)
    }

    fn because(outcome: Outcome, status_code: u16, message: &str) -> Self {
        let detail = Some(Detail::new(status_code, message));
        Report { outcome, detail, network_id: None }
    }
}
