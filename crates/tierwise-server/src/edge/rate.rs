//! Rates by client: how many requests a second each may ask for.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Clients are spread over so many maps, so that threads seldom wait for each other.
const PARTS: usize = 16;

/// The most clients that one map remembers; the rest of them share one rate.
const MOST_OF_A_PART: usize = 8192;

const SECOND_NS: u64 = 1_000_000_000;

/// Counts requests by the generic cell rate algorithm: of each client it keeps the time at which
/// the last request would have come, had all come evenly.
#[derive(Debug)]
pub(super) struct Rate {
    /// Keyed at random: nobody can choose a key that meets another one.
    hasher: RandomState,
    parts: Vec<Mutex<HashMap<u64, u64>>>,
    /// Between two requests that come evenly.
    apart_ns: u64,
    begun: Instant,
}

impl Rate {
    /// So many a second, and so many at once.
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Rate {
            hasher: RandomState::new(),
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            apart_ns: SECOND_NS / u64::from(per_second.get()),
            begun: Instant::now(),
        }
    }

    /// Takes note of a request. Errors: there are too many; one may come after this time.
    pub(super) fn take(&self, client: &impl Hash) -> Result<(), Duration> {
        let now = u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.take_at(self.hasher.hash_one(client), now)
    }

    fn take_at(&self, client: u64, now: u64) -> Result<(), Duration> {
        let part = usize::try_from(client).unwrap_or(usize::MAX) % PARTS;
        let Some(part) = self.parts.get(part) else { return Ok(()) };
        let mut clients = part.lock().unwrap_or_else(PoisonError::into_inner);
        let mut client = client;
        if clients.len() >= MOST_OF_A_PART && !clients.contains_key(&client) {
            // One whose time has come is as one that was never seen.
            clients.retain(|_, even| *even > now);
            if clients.len() >= MOST_OF_A_PART {
                client = 0;
            }
        }
        let even = clients.entry(client).or_insert(now);
        let next = (*even).max(now).saturating_add(self.apart_ns);
        let ahead = next.saturating_sub(now);
        if ahead > SECOND_NS {
            return Err(Duration::from_nanos(ahead - SECOND_NS));
        }
        *even = next;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn rate(per_second: u32) -> Rate {
        Rate::new(NonZeroU32::new(per_second).unwrap())
    }

    #[test]
    fn so_many_at_once_and_then_so_many_a_second() {
        let rate = rate(10);
        for _ in 0..10 {
            assert_eq!(rate.take_at(1, 0), Ok(()));
        }
        assert_eq!(rate.take_at(1, 0), Err(Duration::from_millis(100)));
        // A request that is refused costs nothing, and another client is another one.
        assert_eq!(rate.take_at(1, 0), Err(Duration::from_millis(100)));
        assert_eq!(rate.take_at(2, 0), Ok(()));
        assert_eq!(rate.take_at(1, 100_000_000), Ok(()));
        assert_eq!(rate.take_at(1, 100_000_000), Err(Duration::from_millis(100)));
        for _ in 0..10 {
            assert_eq!(rate.take_at(1, 10 * SECOND_NS), Ok(()));
        }
        assert!(rate.take_at(1, 10 * SECOND_NS).is_err());
    }

    #[test]
    fn many_clients_do_not_fill_the_memory() {
        let rate = rate(1);
        let of_one_part = |number: usize| u64::try_from(number * PARTS).unwrap();
        for number in 1..=MOST_OF_A_PART {
            assert_eq!(rate.take_at(of_one_part(number), 0), Ok(()));
        }
        // Those for whom there is no room share one rate, and nobody else is hindered.
        assert_eq!(rate.take_at(of_one_part(MOST_OF_A_PART + 1), 0), Ok(()));
        assert!(rate.take_at(of_one_part(MOST_OF_A_PART + 2), 0).is_err());
        assert_eq!(rate.parts[0].lock().unwrap().len(), MOST_OF_A_PART + 1);
        assert_eq!(rate.take_at(of_one_part(1), 2 * SECOND_NS), Ok(()));
        // Once their time has come there is room again.
        for number in 0..10 {
            let client = of_one_part(MOST_OF_A_PART + 10 + number);
            assert_eq!(rate.take_at(client, 2 * SECOND_NS), Ok(()));
        }
        assert!(rate.parts[0].lock().unwrap().len() < 20);
    }
}
