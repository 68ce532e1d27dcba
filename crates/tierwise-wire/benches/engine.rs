//! The total of one quantity, and loading a catalog, against what a user would write otherwise.
//!
//! Both sides run in turn in one process, many times; the table shows medians and their ratios.
//! Ends with exit code 1 if a bound is passed.
#![allow(clippy::unwrap_used, clippy::float_arithmetic, reason = "a bench measures, in floats")]

use std::{hint::black_box, process::ExitCode, time::Instant};

use rust_decimal::Decimal;
use tierwise::Quantity;
use tierwise_wire::LoadedCatalog;

/// The most that the total of one quantity may take, in nanoseconds.
const MAX_TOTAL_NS: f64 = 6.0;
/// How many times faster than the loop it must be.
const MIN_RATIO: f64 = 8.0;
/// The most that loading the messaging catalog from its text may take, in microseconds.
const MAX_LOAD_US: f64 = 100.0;

const MESSAGING: &[u8] = include_bytes!("../../../catalogs/messaging.json");

const ROUNDS: usize = 31;
const QUANTITIES: usize = 1 << 14;

/// What a user would write: bands in order, one subtraction and one product each.
struct Loop {
    bands: Vec<(Decimal, Decimal)>,
}

impl Loop {
    fn total(&self, quantity: Decimal) -> Decimal {
        let mut rest = quantity;
        let mut total = Decimal::ZERO;
        for (size, price) in &self.bands {
            let part = rest.min(*size);
            total += part * price;
            rest -= part;
            if rest.is_zero() {
                break;
            }
        }
        total
    }
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Numbers over all bands, the same in every run.
fn quantities() -> Vec<u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |state: &mut u64| {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    };
    (0..QUANTITIES).map(|_| next(&mut state) % 200_000).collect()
}

/// Nanoseconds per item of one run.
fn timed<T>(items: &[T], mut work: impl FnMut(&T)) -> f64 {
    let start = Instant::now();
    for item in items {
        work(black_box(item));
    }
    start.elapsed().as_secs_f64() * 1e9 / items.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    let messaging = LoadedCatalog::messaging();
    let catalog = messaging.catalog();
    let price = catalog.tier("unlimited_msg_chat_history").unwrap().account_days().unwrap();
    let bands = [("3000", "0.4"), ("12000", "0.33"), ("15000", "0.27"), ("120000", "0.24")];
    let mut bands: Vec<_> =
        bands.iter().map(|(size, price)| (decimal(size), decimal(price))).collect();
    bands.push((Decimal::MAX, decimal("0.2")));
    let by_loop = Loop { bands };

    let numbers = quantities();
    let ours: Vec<Quantity> = numbers.iter().map(|n| Quantity::whole(*n).unwrap()).collect();
    let theirs: Vec<Decimal> = numbers.iter().map(|n| Decimal::from(*n)).collect();
    for (our, their) in ours.iter().zip(&theirs) {
        let total = price.total(*our).unwrap().to_decimal();
        assert_eq!(total, by_loop.total(*their).normalize(), "the two disagree at {their}");
    }

    let mut rounds: Vec<[f64; 3]> = Vec::new();
    for _ in 0..ROUNDS {
        let table = timed(&ours, |q| {
            let _ = black_box(price.total(*q));
        });
        let looped = timed(&theirs, |q| {
            black_box(by_loop.total(*q));
        });
        let load = timed(&[MESSAGING; 64], |json| {
            let _ = black_box(LoadedCatalog::load(json));
        });
        rounds.push([table, looped, load / 1000.0]);
    }
    let median_of = |pick: fn(&[f64; 3]) -> f64| median(rounds.iter().map(pick).collect());
    let table = median_of(|round| round[0]);
    let looped = median_of(|round| round[1]);
    let ratio = median_of(|round| round[1] / round[0]);
    let load = median_of(|round| round[2]);

    println!("median of {ROUNDS} rounds of {QUANTITIES} totals over all bands");
    println!("  a loop over bands in rust_decimal   {looped:7.2} ns a total");
    let ok = |within| if within { "ok" } else { "MISSED" };
    let total_ok = table <= MAX_TOTAL_NS;
    let ratio_ok = ratio >= MIN_RATIO;
    let load_ok = load <= MAX_LOAD_US;
    println!(
        "  tierwise                            {table:7.2} ns a total   at most {MAX_TOTAL_NS}: {}",
        ok(total_ok)
    );
    println!(
        "  times as fast                       {ratio:7.2}              at least {MIN_RATIO}: {}",
        ok(ratio_ok)
    );
    println!(
        "  catalog loaded from JSON            {load:7.2} µs           at most {MAX_LOAD_US}: {}",
        ok(load_ok)
    );
    if total_ok && ratio_ok && load_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
