//! How often a message is tried, and when again (Q10).

use crate::{Lane, Moment, Span};

/// Repeats of a message that the transport may take later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often a message is tried in all; at least once.
    pub most: u32,
    /// How long the pause after the first attempt is.
    pub first_pause: Span,
    /// How many times as long each next pause is.
    pub factor: u64,
    /// The longest pause, also where the transport names one; [`Lane::LONGEST_WAIT`] at most.
    pub longest_pause: Span,
}

impl Default for Retries {
    /// Three times in all (Q10), after 2 and 10 seconds.
    fn default() -> Self {
        Retries {
            most: 3,
            first_pause: Span::seconds(2),
            factor: 5,
            longest_pause: Span::seconds(3600),
        }
    }
}

impl Retries {
    /// When a message is tried again after `times` attempts: not before the transport said; none if
    /// it was tried often enough.
    pub(crate) fn next(&self, times: u32, wanted: Option<Span>, now: Moment) -> Option<Moment> {
        if times >= self.most {
            return None;
        }
        let growth = self.factor.saturating_pow(times.saturating_sub(1));
        let pause = Span(self.first_pause.0.saturating_mul(growth));
        let pause = wanted.map_or(pause, |wanted| wanted.max(pause));
        Some(now.after(pause.min(self.longest_pause).min(Lane::LONGEST_WAIT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_the_transport_may_lengthen_them() {
        let (retries, now) = (Retries::default(), Moment(1000));
        assert_eq!(retries.next(1, None, now), Some(Moment(3000)));
        assert_eq!(retries.next(2, None, now), Some(Moment(11_000)));
        assert_eq!(retries.next(3, None, now), None);
        assert_eq!(retries.next(1, Some(Span(5000)), now), Some(Moment(6000)));
        // Shorter than ours: ours stays, as pauses grow.
        assert_eq!(retries.next(2, Some(Span(1)), now), Some(Moment(11_000)));
        // However long it says, somebody waits for the message.
        let day = Span::seconds(86_400);
        assert_eq!(retries.next(1, Some(day), now), Some(now.after(Span::seconds(3600))));
        assert_eq!(retries.next(1, None, Moment::NEVER), Some(Moment::NEVER));
    }
}
