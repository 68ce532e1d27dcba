//! Takes what an endpoint brings: checked, once, and acknowledged only when it is kept.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    Webhook,
    receive::{Delivery, WINDOW},
    seen::{Known, Seen},
};
use crate::{InboundCode, InboundError, Inbox};

/// What became of a delivery that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// So many events are kept.
    Kept(usize),
    /// It was kept before; nothing was done. As good an answer as the other: `204`.
    Repeat,
}

impl Webhook {
    /// [`receive`](Self::receive), and then puts the events into the inbox, in their order.
    ///
    /// The same `webhook-id` twice within the time that its signature is good for is a
    /// [`Repeat`](Accepted::Repeat). The last 100,000 are remembered, in this process alone: an
    /// endpoint that repeats a delivery after a restart, or to another process, is told apart by
    /// the ids in its events.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive); `not_kept` if the inbox did not keep an event, or the
    /// same delivery is being kept at this moment: the endpoint is to bring all of it again.
    pub async fn accept<'a>(
        &self,
        header: impl Fn(&'static str) -> Option<&'a str>,
        body: &[u8],
        now: SystemTime,
        inbox: &Inbox,
    ) -> Result<Accepted, InboundError> {
        let Delivery { id, timestamp_s, events } = self.receive(header, body, now)?;
        let not_kept = |message| Err(InboundError::new(InboundCode::NotKept, "", message));
        let now_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let known = locked(&self.seen).begin(&id, now_s);
        match known {
            Known::New => {}
            Known::Kept => return Ok(Accepted::Repeat),
            Known::Open => return not_kept("this delivery is being kept: bring it again"),
        }
        let keeping = Keeping { seen: &self.seen, id: &id };
        let count = events.len();
        if !inbox.put_all(events).await {
            return not_kept("an event could not be kept: bring the delivery again");
        }
        keeping.done(timestamp_s.saturating_add(WINDOW.as_secs()));
        Ok(Accepted::Kept(count))
    }
}

/// A delivery that is being kept. Dropped before it was, as when its connection ends, it may be
/// brought again.
struct Keeping<'a> {
    seen: &'a Mutex<Seen>,
    id: &'a str,
}

impl Keeping<'_> {
    fn done(self, until_s: u64) {
        locked(self.seen).keep(self.id, until_s);
        std::mem::forget(self);
    }
}

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        locked(self.seen).forget(self.id);
    }
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
