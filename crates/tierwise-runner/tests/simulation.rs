//! Runners, a store, a clock and a network that all fail, by a seed; what has to hold at any time
//! is checked at each step. `TIERWISE_SEED` runs one seed, `TIERWISE_SEEDS` so many.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod simulated;
mod world;

use simulated::World;

/// Seeds of a test run.
const SEEDS: u64 = 1000;

/// Steps of a seed.
const STEPS: u32 = 250;

#[test]
fn nothing_is_lost_doubled_or_overtaken_whatever_fails() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let policy = world::policy();
    let mut totals = simulated::Totals::default();
    let seeds = match number("TIERWISE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TIERWISE_SEEDS").unwrap_or(SEEDS),
    };
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let world = std::panic::AssertUnwindSafe(&policy);
        let run = std::panic::catch_unwind(|| World::new(seed, world.0.clone()).run(STEPS));
        match run {
            Ok(seen) => totals.add(&seen),
            Err(_) => panic!("seed {seed}: TIERWISE_SEED={seed} replays it"),
        }
    }
    println!("{count} seeds: {totals:?}");
    // A world in which nothing happens would prove nothing.
    if count == SEEDS {
        totals.expect_enough();
    }
}
