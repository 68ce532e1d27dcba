//! What a network brings without being asked.

use std::{ops::RangeInclusive, sync::Arc};

use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};

use crate::{Connecting, Detail};

/// Where a transport puts what its network brings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    sender: mpsc::Sender<Arrival>,
    transport: Option<Arc<str>>,
}

/// An event on its way to where it is kept.
#[derive(Debug)]
pub struct Arrival {
    /// What arrived.
    pub inbound: Inbound,
    /// The transport that brought it, if its inbox is [of one](Inbox::of): an account of another
    /// is none of its business.
    pub transport: Option<Arc<str>>,
    stored: oneshot::Sender<()>,
}

impl Arrival {
    /// Says that the event is kept: what the network brought may be acknowledged. One that is
    /// dropped without this was not kept.
    pub fn is_stored(self) {
        let _ = self.stored.send(());
    }
}

/// Something that a network brought for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The account.
    pub account: String,
    /// The [opening](Connecting::opening) that it belongs to; none if the network does not say:
    /// then it is taken for that of the present one.
    pub opening: Option<u64>,
    /// What.
    pub event: Event,
}

impl Inbound {
    /// An event of which nobody says to which opening it belongs.
    pub fn new(account: impl Into<String>, event: Event) -> Self {
        Inbound { account: account.into(), opening: None, event }
    }
}

/// What a network brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody is to scan this code.
    Scan {
        /// The code, as the network gave it.
        code: String,
    },
    /// The account can send from now on.
    Open {
        /// Whether this is a login, and not merely a connection made again (H1).
        login: bool,
    },
    /// It cannot any more.
    Closed {
        /// Whether its login is gone, too.
        logout: bool,
    },
    /// Connecting failed.
    Failed {
        /// The status, as HTTP has them.
        status_code: u16,
        /// Why.
        message: String,
    },
    /// Old messages that came with a login (H1).
    History {
        /// How many the network offers in all.
        offered: u64,
        /// Some of them, the newest of all first; parts follow each other.
        messages: Vec<OldMessage>,
    },
    /// Somebody wrote (H4).
    Received(Received),
    /// What became of a sent message later.
    Receipt {
        /// The network's name for it, as its report gave it.
        network_id: String,
        /// What became of it.
        receipt: Receipt,
        /// Why, if it failed and the network said so.
        detail: Option<Detail>,
    },
    /// A contact of the account.
    Contact {
        /// Its address.
        id: String,
        /// Its name.
        name: String,
    },
}

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// The network's id for it: the same one twice is one message.
    pub id: String,
    /// In which chat.
    pub chat_id: String,
    /// Who wrote it.
    #[serde(default)]
    pub sender: String,
    /// When, in milliseconds since 1970 in UTC.
    pub at_ms: i64,
    /// Its text.
    #[serde(default)]
    pub text: String,
}

impl Received {
    /// The times that there are, in milliseconds since 1970: of the years 1970 to 2199. What has
    /// another one is not kept.
    pub const TIMES_MS: RangeInclusive<i64> = 0..=7_258_118_399_999;
}

/// A message of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldMessage {
    /// What it says.
    pub message: Received,
    /// Whether the account itself had sent it.
    pub from_me: bool,
}

/// What became of a sent message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It reached the other side.
    Delivered,
    /// The other side saw it.
    Read,
    /// It did not reach the other side after all.
    Failed,
}

impl Inbox {
    /// An inbox and its other end. So many events wait in it; a transport then waits, too.
    pub fn new(most: usize) -> (Self, mpsc::Receiver<Arrival>) {
        let (sender, receiver) = mpsc::channel(most);
        (Inbox { sender, transport: None }, receiver)
    }

    /// The same inbox for one transport: whoever may speak for it speaks for its accounts alone.
    #[must_use]
    pub fn of(&self, transport: &str) -> Self {
        Inbox { sender: self.sender.clone(), transport: Some(transport.into()) }
    }

    /// Puts in an event of which nobody says to which opening it belongs. True once it is kept;
    /// false if it is not: then the network should bring it again.
    pub async fn put(&self, account: &str, event: Event) -> bool {
        self.put_all(vec![Inbound::new(account, event)]).await
    }

    /// The same for what comes of an opening: if it is not the account's last one by then, or the
    /// account was closed, it says nothing of how the account is now, and is passed over.
    pub async fn put_of(&self, account: &Connecting, event: Event) -> bool {
        let Connecting { id, opening, .. } = account;
        let inbound = Inbound { opening: Some(*opening), ..Inbound::new(id, event) };
        self.put_all(vec![inbound]).await
    }

    /// Puts in events, in their order. True once all are kept; false if one is not: then the
    /// network should bring all of them again.
    pub async fn put_all(&self, events: Vec<Inbound>) -> bool {
        let mut all = Vec::with_capacity(events.len());
        for inbound in events {
            let (stored, kept) = oneshot::channel();
            let transport = self.transport.clone();
            if self.sender.send(Arrival { inbound, transport, stored }).await.is_err() {
                return false;
            }
            all.push(kept);
        }
        // They are kept together, as many as one flush takes.
        for kept in all {
            if kept.await.is_err() {
                return false;
            }
        }
        true
    }
}
