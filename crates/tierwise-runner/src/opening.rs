//! The last opening of an account, and who has it connected.

use tierwise_transport::{Event, Inbound};

use crate::model::Epoch;

/// The last opening of an account. What a transport says of an older one, or of one that is over,
/// does not tell how the account is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Its number; 0 before the first.
    pub number: u64,
    /// Whether somebody here has closed the account since: only the next one connects it again.
    pub is_over: bool,
    /// Whether history may come: from a login until the login is dropped or its history removed
    /// (D3, D4).
    pub brings_history: bool,
    /// The runner whose call to the transport is under way: it has asked it to connect the account,
    /// and has no answer. If that runner is gone, nobody knows whether the transport heard it.
    pub caller: Option<Epoch>,
}

impl Opening {
    /// Whether an event may change how the account is. A network that does not say of which opening
    /// it speaks is taken to mean the last one.
    pub(crate) fn may_tell(&self, inbound: &Inbound) -> bool {
        let is_meant = inbound.opening.is_none_or(|opening| opening == self.number);
        match inbound.event {
            // It connects, or comes of a connection.
            Event::Scan { .. }
            | Event::Open { .. }
            | Event::Failed { .. }
            | Event::History { .. } => is_meant && !self.is_over,
            // That a login is gone is so although the account was closed before.
            Event::Closed { .. } => is_meant,
            // What somebody wrote, and what became of a message, is true whoever tells it.
            Event::Received(_) | Event::Receipt { .. } | Event::Contact { .. } => true,
        }
    }

    /// The next one begins: this runner asks the transport to connect the account.
    pub(crate) fn next(&mut self, caller: Epoch) {
        self.number += 1;
        self.is_over = false;
        self.caller = Some(caller);
    }

    /// It ends: somebody here closes the account, or ends it.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
        self.caller = None;
    }
}
