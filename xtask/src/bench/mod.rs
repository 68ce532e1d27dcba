//! `bench`: the engine against what one would otherwise use, as ratios within one run.

mod answers;
mod event_log;
mod measure;

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// One quantity priced, one catalog loaded.
    Total,
    /// The invoices of a year's events, against DuckDB.
    Log,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these; without any, all of them.
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
}

/// Runs the benches; a bound that is passed ends the command with an error.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let wanted = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    // Both run before either may fail the command, so that all figures are seen.
    let total = if wanted(Part::Total) { total(project) } else { Ok(()) };
    let log = if wanted(Part::Log) { event_log::run(project) } else { Ok(()) };
    total.and(log).context("a bench failed")
}

fn total(project: &Project) -> Result<()> {
    Call::cargo(project).args(["bench", "--package", "tierwise-wire", "--bench", "engine"]).run()
}
