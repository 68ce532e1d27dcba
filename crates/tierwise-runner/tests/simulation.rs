//! Runners, a store, a clock and a network that all fail, by a seed; what has to hold at any time
//! is checked at each step. `TIERWISE_SEED` runs one seed, `TIERWISE_SEEDS` so many.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod simulated;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use simulated::World;
use tierwise_lanes::Span;

/// Seeds of a test run.
const SEEDS: u64 = 1000;

/// Steps of a seed.
const STEPS: u32 = 250;

#[test]
fn nothing_is_lost_doubled_or_overtaken_whatever_fails() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("TIERWISE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TIERWISE_SEEDS").unwrap_or(SEEDS),
    };
    let count = seeds.end - seeds.start;
    let next = AtomicU64::new(seeds.start);
    let work = || {
        // Those of odd seeds keep gaps of chats.
        let policies = [(world::policy(), Span(0)), (world::pair_limit(), world::CHAT_GAP)];
        let mut totals = simulated::Totals::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return totals;
            }
            let (policy, chat_gap) = policies[(seed % 2) as usize].clone();
            let run = AssertUnwindSafe(|| World::new(seed, policy, chat_gap).run(STEPS));
            match catch_unwind(run) {
                Ok(seen) => totals.add(&seen),
                Err(_) => panic!("seed {seed}: TIERWISE_SEED={seed} replays it"),
            }
        }
    };
    let mut totals = simulated::Totals::default();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            totals.add(&thread.join().unwrap());
        }
    });
    println!("{count} seeds: {totals:?}");
    // A world in which nothing happens would prove nothing.
    if count == SEEDS {
        totals.expect_enough();
    }
}
