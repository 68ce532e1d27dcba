//! How many messages an account has: kept with it, and moved by the transaction by which a message
//! becomes something else, so that nobody has to count them.

use crate::model::{Held, Origin, Status};

/// The messages of an account that are there for everybody to see, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that wait, one that is out among them.
    pub waiting: u64,
    /// Those that a transport took.
    pub sent: u64,
    /// Those that reached the other side.
    pub delivered: u64,
    /// Those that were seen there.
    pub read: u64,
    /// Those that do not go by themselves any more.
    pub failed: u64,
    /// Those that were withdrawn.
    pub cancelled: u64,
    /// Notes.
    pub notes: u64,
    /// Those that came with the present login.
    pub history: u64,
    /// Those that were received after it.
    pub live: u64,
}

impl Counts {
    fn of(&mut self, origin: Origin, status: Status) -> &mut u64 {
        match (origin, status) {
            (Origin::History | Origin::OwnHistory, _) => &mut self.history,
            (Origin::Live, _) => &mut self.live,
            (Origin::Here, Status::Pending) => &mut self.waiting,
            (Origin::Here, Status::Sent) => &mut self.sent,
            (Origin::Here, Status::Delivered) => &mut self.delivered,
            (Origin::Here, Status::Read) => &mut self.read,
            (Origin::Here, Status::Error) => &mut self.failed,
            (Origin::Here, Status::Cancelled) => &mut self.cancelled,
            (Origin::Here, Status::Note) => &mut self.notes,
        }
    }

    /// A message is there.
    pub fn add(&mut self, origin: Origin, status: Status) {
        *self.of(origin, status) += 1;
    }

    /// A message is not there any more.
    pub fn take(&mut self, origin: Origin, status: Status) {
        let count = self.of(origin, status);
        *count = count.saturating_sub(1);
    }

    /// A message was one thing, and is another.
    pub fn change(&mut self, origin: Origin, from: Status, to: Status) {
        self.take(origin, from);
        self.add(origin, to);
    }

    /// What is left when nothing but notes is (L2).
    pub(crate) fn only_notes(self) -> Self {
        Counts { notes: self.notes, ..Counts::default() }
    }

    /// Whether they differ at most in what changes as messages are accepted and sent.
    pub(crate) fn is_same_but_for_traffic(self, other: Self) -> bool {
        self == Counts { waiting: self.waiting, sent: self.sent, ..other }
    }

    /// What an account holds that has so many contacts.
    pub(crate) fn held(self, contacts: u64) -> Held {
        let Counts { waiting, notes, history, live, .. } = self;
        // Not what failed or was withdrawn: it was never sent, and does not count (Q2).
        let sent = self.sent + self.delivered + self.read;
        Held { history, live, sent, waiting, notes, contacts }
    }

    /// Those that were written here, by what they are; without those that there are none of.
    pub fn by_status(self) -> Vec<(Status, u64)> {
        let all = [
            (Status::Pending, self.waiting),
            (Status::Sent, self.sent),
            (Status::Delivered, self.delivered),
            (Status::Read, self.read),
            (Status::Error, self.failed),
            (Status::Cancelled, self.cancelled),
            (Status::Note, self.notes),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}
