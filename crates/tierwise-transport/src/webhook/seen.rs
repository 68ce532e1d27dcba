//! Remembers deliveries, so that one that is brought twice is kept once.

use std::collections::{HashMap, VecDeque};

/// Deliveries that are remembered at most. With more in the time that one can be brought again,
/// the oldest are forgotten first.
const MOST: usize = 100_000;

/// The deliveries of the last minutes.
#[derive(Debug, Default)]
pub(super) struct Seen {
    deliveries: HashMap<String, State>,
    /// In the order in which they were kept, with the time from which nobody can bring them again.
    kept: VecDeque<(u64, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Somebody is keeping it at this moment.
    Open,
    Kept,
}

/// What is known of a delivery.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: whoever asked keeps it now, and says [`Seen::keep`] or [`Seen::forget`].
    New,
    /// Somebody else is keeping it.
    Open,
    /// It was kept.
    Kept,
}

impl Seen {
    /// What is known of a delivery, at a time in seconds.
    pub(super) fn begin(&mut self, id: &str, now_s: u64) -> Known {
        while self.kept.front().is_some_and(|(until_s, _)| *until_s < now_s) {
            self.forget_oldest();
        }
        match self.deliveries.get(id) {
            Some(State::Kept) => Known::Kept,
            Some(State::Open) => Known::Open,
            None => {
                self.deliveries.insert(id.to_owned(), State::Open);
                Known::New
            }
        }
    }

    /// It is kept; nobody can bring it again after a time, in seconds.
    pub(super) fn keep(&mut self, id: &str, until_s: u64) {
        if self.kept.len() == MOST {
            self.forget_oldest();
        }
        self.deliveries.insert(id.to_owned(), State::Kept);
        self.kept.push_back((until_s, id.to_owned()));
    }

    /// It could not be kept: it may be brought again.
    pub(super) fn forget(&mut self, id: &str) {
        self.deliveries.remove(id);
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.kept.pop_front() {
            self.deliveries.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_new_once_and_again_after_its_time() {
        let mut seen = Seen::default();
        assert_eq!(seen.begin("a", 0), Known::New);
        assert_eq!(seen.begin("a", 0), Known::Open);
        seen.forget("a");
        assert_eq!(seen.begin("a", 0), Known::New);
        seen.keep("a", 10);
        assert_eq!(seen.begin("a", 10), Known::Kept);
        assert_eq!(seen.begin("a", 11), Known::New);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let mut seen = Seen::default();
        for number in 0..=MOST {
            let id = number.to_string();
            assert_eq!(seen.begin(&id, 0), Known::New);
            seen.keep(&id, 10);
        }
        assert_eq!((seen.deliveries.len(), seen.kept.len()), (MOST, MOST));
        assert_eq!(seen.begin(&MOST.to_string(), 0), Known::Kept);
        assert_eq!(seen.begin("0", 0), Known::New);
    }
}
