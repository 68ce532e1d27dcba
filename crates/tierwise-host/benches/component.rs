//! What the component takes: its start, one decision, fuel, memory and size, each with its bound,
//! beside what Shopify Functions allows a function.
//!
//! Ends with exit code 1 if a bound is passed.
#![allow(clippy::float_arithmetic, reason = "a bench measures, in floats")]

#[allow(clippy::unwrap_used, reason = "the tests', too")]
#[path = "../tests/figures/mod.rs"]
mod figures;

use std::{error::Error, hint::black_box, process::ExitCode, time::Instant};

use figures::{Figures, MAX_COMPONENT_BYTES, MAX_FUEL, MAX_LOAD_FUEL, MAX_MEMORY_BYTES, MESSAGING};
use tierwise_host::{BUILT_IN, CheckedComponent, Host, MessageKind, QuotaQuestion, limits};

/// The most that it may take from the component's bytes to one that is ready, in milliseconds.
const MAX_START_MS: f64 = 60.0;
/// The most that one decision may take, its catalog being loaded, in microseconds.
const MAX_DECISION_US: f64 = 2.0;

const ROUNDS: usize = 31;
const DECISIONS: u64 = 2000;

type Failure = tierwise_host::Error;

/// The median of the seconds that the rounds take; the first failure ends them.
fn timed<T>(rounds: usize, mut work: impl FnMut() -> Result<T, Failure>) -> Result<f64, Failure> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(work()?);
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

struct Times {
    start_ms: f64,
    fresh_us: f64,
    decision_us: f64,
    asked_us: f64,
    quote_us: f64,
}

fn measure(component: &CheckedComponent) -> Result<Times, Failure> {
    let start_ms = timed(ROUNDS, CheckedComponent::built_in)? * 1e3;
    let host = Host::new(component.clone());
    let catalog = host.load(MESSAGING).answer?;
    let question = |sent| QuotaQuestion {
        tier: "limited_msg_no_chat_history".to_owned(),
        sent,
        waiting: 1,
        asked: 1,
        kind: MessageKind::Message,
    };
    let fresh = timed(ROUNDS * 10, || {
        host.drop_idle();
        host.quota(&catalog, &question(7)).answer
    });
    // As many in each round, so that the clock does not count.
    let questions: Vec<_> = (0..DECISIONS).map(question).collect();
    let decisions = timed(ROUNDS, || {
        for question in &questions {
            black_box(host.quota(&catalog, question).answer?);
        }
        Ok(())
    });
    let asked = |operation: &str, request: &str| {
        let seconds = timed(ROUNDS, || {
            for _ in 0..DECISIONS {
                black_box(host.ask(&catalog, operation, request).answer?);
            }
            Ok(())
        });
        seconds.map(|seconds| seconds * 1e6 / DECISIONS as f64)
    };
    let request =
        r#"{"asked":1,"kind":"message","sent":7,"tier":"limited_msg_no_chat_history","waiting":1}"#;
    let basket = r#"{"items":[{"tier":"unlimited_msg_chat_history","accounts":101,"days":30}]}"#;
    Ok(Times {
        start_ms,
        fresh_us: fresh? * 1e6,
        decision_us: decisions? * 1e6 / DECISIONS as f64,
        asked_us: asked("quota", request)?,
        quote_us: asked("quote", basket)?,
    })
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let component = CheckedComponent::built_in()?;
    let figures = figures::of_golden_cases(&component);
    let times = measure(&component)?;

    let within = [
        row("size, gzip, bytes", figures::packed_size() as f64, MAX_COMPONENT_BYTES as f64),
        row("start from its bytes, ms", times.start_ms, MAX_START_MS),
        row("one decision (quota), µs", times.decision_us, MAX_DECISION_US),
        row("fuel of the dearest golden case", figures.dearest.1 as f64, MAX_FUEL as f64),
        row(
            "fuel of its dearest catalog, once",
            figures.dearest_load.1 as f64,
            MAX_LOAD_FUEL as f64,
        ),
        row(
            "memory of the golden cases, bytes",
            figures.memory_bytes as f64,
            MAX_MEMORY_BYTES as f64,
        ),
    ];
    println!();
    println!("  size, as it is                      {:>12} bytes", BUILT_IN.len());
    println!("  dearest question, `{}`   {:>10} fuel", figures.dearest.0, figures.dearest.1);
    println!(
        "  dearest catalog, of `{}` {:>10} fuel",
        figures.dearest_load.0, figures.dearest_load.1
    );
    println!("  fresh instance, catalog, decision   {:>12.1} µs", times.fresh_us);
    println!("  the same decision as JSON           {:>12.2} µs", times.asked_us);
    println!("  a quote as JSON                     {:>12.2} µs", times.quote_us);
    compare(&figures);
    let all = within.iter().all(|within| *within);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(what: &str, found: f64, most: f64) -> bool {
    let within = found <= most;
    let verdict = if within { "ok" } else { "MISSED" };
    let places = if found < 100.0 { 2 } else { 0 };
    println!("  {what:<34} {found:>13.places$}   at most {most:>9}: {verdict}");
    within
}

/// Beside the limits that Shopify publishes for its Functions, which are components, too, that
/// decide on prices.
fn compare(figures: &Figures) {
    let fuel = figures.dearest.1;
    println!();
    println!("                   Shopify Functions      allowed here         taken");
    let line = |what: &str, theirs: &str, ours: String, taken: String| {
        println!("  {what:<14} {theirs:>19} {ours:>17} {taken:>13}");
    };
    let kilobytes = |bytes: usize| format!("{} kB", bytes.div_ceil(1000));
    let size = kilobytes(limits::COMPONENT_BYTES);
    line("binary", "256 kB", size, kilobytes(BUILT_IN.len()));
    let memory = kilobytes(limits::MEMORY_BYTES);
    line("memory", "10,000 kB", memory, kilobytes(figures.memory_bytes));
    line("instructions", "11,000,000", limits::FUEL_PER_CALL.to_string(), fuel.to_string());
    line("input", "128 kB", kilobytes(limits::INPUT_BYTES), kilobytes(figures.input_bytes));
    line("output", "20 kB", kilobytes(limits::OUTPUT_BYTES), kilobytes(figures.output_bytes));
}
