//! `bench`: the engine against what one would otherwise use, as ratios within one run.

mod answers;
mod bounds;
mod event_log;
mod http;
mod measure;
mod queue;

use crate::process::Call;
use crate::project::Project;
use crate::python::{self, Installed};
use crate::{setup, wasm};
use anyhow::{Context as _, Result};

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// One quantity priced, one catalog loaded.
    Total,
    /// A total, a quote and a column in Node, against decimal.js and big.js.
    Node,
    /// The invoices of a year's events, against DuckDB.
    Log,
    /// The Python package, against the same calculator written with `decimal`.
    Python,
    /// The component: start, one decision, fuel, memory, size.
    Component,
    /// A message through each transport to a receiver on loopback.
    Transport,
    /// Load on the service over HTTP.
    Http,
    /// Order and single flight for each account, against other queues.
    Queue,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these; without any, all of them.
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
    #[command(flatten)]
    queue: queue::QueueArguments,
}

/// One bench: prints its figures, and fails beyond a bound.
type Bench = fn(&Project) -> Result<()>;

/// Runs the benches; a bound that is passed ends the command with an error.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let wanted = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    // All run before any may fail the command, so that all figures are seen.
    let parts: [(Part, Bench); 7] = [
        (Part::Total, total),
        (Part::Node, node),
        (Part::Log, event_log::run),
        (Part::Python, python),
        (Part::Component, component),
        (Part::Transport, transport),
        (Part::Http, http::run),
    ];
    let mut outcome = Ok(());
    for (part, run) in parts {
        if wanted(part) {
            outcome = outcome.and(run(project));
        }
    }
    if wanted(Part::Queue) {
        outcome = outcome.and(queue::run(project, &arguments.queue));
    }
    outcome.context("a bench failed")
}

fn total(project: &Project) -> Result<()> {
    Call::cargo(project).args(["bench", "--package", "tierwise-wire", "--bench", "engine"]).run()
}

fn python(project: &Project) -> Result<()> {
    let Installed { interpreter, wheel } = python::installed(project)?;
    println!("\nThe Python package, figures of one run");
    Call::new(project, interpreter).arg("bindings/python/bench/ratios.py").arg(wheel).run()
}

fn component(project: &Project) -> Result<()> {
    Call::cargo(project).args(["bench", "--package", "tierwise-host", "--bench", "component"]).run()
}

fn transport(project: &Project) -> Result<()> {
    let call = Call::cargo(project).args(["bench", "--package", "tierwise-transport"]);
    call.args(["--bench", "loopback"]).run()
}

fn node(project: &Project) -> Result<()> {
    wasm::run(project)?;
    Call::new(project, "node").arg("bench/node.mjs").dir(project.path(setup::BINDING)).run()
}
