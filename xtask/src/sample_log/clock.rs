//! Time that goes forward in small steps, with events at midnight and at the same moment.

use oorandom::Rand64;

pub(crate) const DAY_MS: u64 = 86_400_000;

/// The moments of a log in order, as milliseconds from its first day.
pub(crate) struct Clock {
    length_ms: u64,
    events: u64,
    taken: u64,
    now_ms: u64,
    /// How many more events happen at this very moment.
    repeats: u64,
}

impl Clock {
    pub(crate) fn new(length_ms: u64, events: u64) -> Self {
        Self { length_ms, events, taken: 0, now_ms: 0, repeats: 0 }
    }

    /// How much of the time has gone by, in thousandths.
    pub(crate) fn gone_per_mille(&self) -> u64 {
        self.now_ms * 1000 / self.length_ms
    }

    pub(crate) fn next_ms(&mut self, random: &mut Rand64) -> u64 {
        // The time is cut into as many slots as there are events; one falls into each.
        let slot_start = share(self.length_ms, self.taken, self.events);
        let slot_end = share(self.length_ms, self.taken + 1, self.events);
        self.taken += 1;
        if self.repeats > 0 {
            self.repeats -= 1;
            return self.now_ms;
        }
        let moment = random.rand_range(slot_start..slot_end.max(slot_start + 1));
        let midnight = moment - moment % DAY_MS;
        let next = if midnight > self.now_ms && random.rand_range(0..2) == 0 {
            // A job of the night: some changes at exactly midnight, which belong to the new day.
            self.repeats = random.rand_range(0..2 + self.events / 20_000);
            midnight
        } else {
            if random.rand_range(0..64) == 0 {
                self.repeats = random.rand_range(1..4);
            }
            // Most sources of events know whole seconds only.
            if random.rand_range(0..8) == 0 { moment } else { moment - moment % 1000 }
        };
        self.now_ms = self.now_ms.max(next);
        self.now_ms
    }
}

/// `whole × part ÷ parts`, without passing the range of a `u64` on the way.
fn share(whole: u64, part: u64, parts: u64) -> u64 {
    let share = u128::from(whole) * u128::from(part) / u128::from(parts);
    u64::try_from(share).unwrap_or(whole)
}
