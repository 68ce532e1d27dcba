//! `test`: every check of the repository, in the order that finds the cheap faults first.

mod parts;
mod python;

use crate::project::Project;
use crate::table;
use anyhow::{Context as _, Result};
use std::time::{Duration, Instant};

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The layout of the Rust code.
    Fmt,
    /// Lints, as errors.
    Clippy,
    /// The repository's own rules for its files.
    Tidy,
    /// The generated types are those of the engine's tables.
    Types,
    /// Unit, property and documentation tests.
    Rust,
    /// The component: golden cases, hostile and ready ones in its place, its size, fuel and memory.
    Component,
    /// The service over HTTP: the story of two months, the guide of the API as it is written, two
    /// services on one PostgreSQL of which one is killed, and thousands of requests made from the
    /// contract.
    Service,
    /// The core links without a standard library.
    #[value(name = "no_std")]
    NoStd,
    /// The golden cases, by the engine and by the independent model.
    Vectors,
    /// The model's own tests, then random cases: the engine must agree with the model.
    Oracle,
    /// The module for JavaScript.
    Wasm,
    /// Its bounds.
    Size,
    /// The npm package: its tests and types, then packed, installed and used in many ways.
    Npm,
    /// The page, in a real browser.
    Www,
    /// The Python package: style, types, tests, and its wheel in an environment of its own.
    Python,
    /// The container file, linted.
    Container,
    /// Every host gives the same bytes.
    Parity,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these; without any, all of them.
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
}

/// Runs the parts in their order and stops at the first failure.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    use clap::ValueEnum as _;
    let wanted = |part: &&Part| arguments.parts.is_empty() || arguments.parts.contains(part);
    let parts: Vec<_> = Part::value_variants().iter().filter(wanted).copied().collect();
    let mut rows = Vec::new();
    let mut failure = None;
    for &part in &parts {
        if failure.is_some() {
            rows.push([name(part), String::new(), "not run".to_owned()]);
            continue;
        }
        println!("\n== {} ==", name(part));
        let start = Instant::now();
        let outcome = parts::run(project, part);
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        rows.push([name(part), seconds(start.elapsed()), verdict.to_owned()]);
        failure = outcome.err().map(|error| error.context(format!("part `{}`", name(part))));
    }
    println!();
    table::print(["part", "seconds", "result"], rows);
    failure.map_or(Ok(()), Err).context("not every check passed")
}

fn name(part: Part) -> String {
    use clap::ValueEnum as _;
    part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Seconds with one decimal.
fn seconds(time: Duration) -> String {
    let tenths = time.as_millis().div_ceil(100);
    format!("{}.{}", tenths / 10, tenths % 10)
}
