//! Places in work, and a line in front of them with an end: it takes up what comes in bursts, and
//! what would wait for too long is told so instead.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep_until, timeout},
};

/// Who finds the line full is told so after this time: a refusal costs a sixth of what work does,
/// and who asks again at once would keep the service busy with refusals alone.
const TOLD_AFTER: Duration = Duration::from_millis(100);

/// Those whose time has come are told together, so often: each on its own would wake whoever works,
/// and its client, once more.
const TOLD_EVERY: Duration = Duration::from_millis(20);

/// So many wait to be told; others are told at once.
const MOST_TOLD: usize = 4096;

/// So many at work, so many in the line, and how long one stands there at most.
#[derive(Debug)]
pub(super) struct Room {
    places: Semaphore,
    line: Semaphore,
    patience: Duration,
    told: Semaphore,
    since: Instant,
}

impl Room {
    pub(super) fn new(places: usize, line: usize, patience: Duration) -> Self {
        Room {
            places: Semaphore::new(places),
            line: Semaphore::new(line),
            patience,
            told: Semaphore::new(MOST_TOLD),
            since: Instant::now(),
        }
    }

    /// Whether whoever comes now finds neither a place nor room in the line.
    pub(super) fn is_full(&self) -> bool {
        self.places.available_permits() == 0 && self.line.available_permits() == 0
    }

    /// A place, in the order in which they came; it is free again when this is dropped. `None`: the
    /// line is full, or the patience is at an end.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        let Ok(_in_line) = self.line.try_acquire() else {
            self.turn_away().await;
            return None;
        };
        timeout(self.patience, self.places.acquire()).await.ok()?.ok()
    }

    /// Passes the time after which somebody is told that there is no place.
    pub(super) async fn turn_away(&self) {
        if let Ok(_told) = self.told.try_acquire() {
            sleep_until(self.told_at(Instant::now())).await;
        }
    }

    /// When those are told who come now.
    fn told_at(&self, now: Instant) -> Instant {
        let due = now + TOLD_AFTER;
        let beats = due.duration_since(self.since).as_nanos().div_ceil(TOLD_EVERY.as_nanos());
        self.since + TOLD_EVERY * u32::try_from(beats).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_gets_the_place_that_becomes_free() {
        let room = Room::new(1, 1, Duration::from_secs(60));
        let first = room.place().await.unwrap();
        assert!(!room.is_full());
        let (second, ()) = tokio::join!(room.place(), async {
            tokio::task::yield_now().await;
            assert!(room.is_full());
            let begun = std::time::Instant::now();
            assert!(room.place().await.is_none(), "the line is full");
            assert!(begun.elapsed() >= TOLD_AFTER, "it is told at once, and asks again at once");
            drop(first);
        });
        assert!(second.is_some());
        assert!(!room.is_full());
    }

    #[test]
    fn those_who_are_turned_away_are_told_together_and_none_too_early() {
        let room = Room::new(1, 1, Duration::from_secs(60));
        let after = |ms: u64| {
            let came = room.since + Duration::from_millis(ms);
            (room.told_at(came) - room.since).as_millis()
        };
        assert_eq!([0, 1, 10, 20].map(after), [100, 120, 120, 120]);
        assert_eq!([21, 40, 41].map(after), [140, 140, 160]);
    }

    #[tokio::test]
    async fn nobody_waits_for_longer_than_the_patience() {
        let patience = Duration::from_millis(30);
        let room = Room::new(1, 1, patience);
        let _first = room.place().await.unwrap();
        let begun = std::time::Instant::now();
        assert!(room.place().await.is_none());
        assert!(begun.elapsed() >= patience);
        assert!(!room.is_full(), "it left the line");
    }
}
