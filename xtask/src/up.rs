//! `up`: from a fresh clone to invoices on the terminal, and the service with its pages.

use crate::process::Call;
use crate::project::Project;
use crate::sample_log;
use crate::setup;
use crate::wasm;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// What is said to the command line to get the invoices of a log in a form for people.
const INVOICE: [&str; 2] = ["invoice", "--summary"];
const SAMPLE: &str = "sample/events-120000.csv";
const PAGE_OUT: &str = "www/dist";
/// Where the service keeps what it has: it goes on where it was when it is started again.
const DATA: &str = "demo";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port of the service [default: 8080, or the next one that is free]
    #[arg(long)]
    port: Option<u16>,
    /// Build and print everything, then end.
    #[arg(long)]
    no_serve: bool,
}

pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let tierwise = release_cli(project)?;
    let log = sample(project)?;
    Call::new(project, &tierwise).args(INVOICE).arg(&log).run()?;
    page(project)?;
    if arguments.no_serve {
        return Ok(());
    }
    serve(project, &tierwise, arguments.port)
}

/// Becomes the service: whoever ends this process, by Ctrl-C or otherwise, ends it in order.
fn serve(project: &Project, tierwise: &Path, port: Option<u16>) -> Result<()> {
    let listen = port.map(|port| format!("--listen=127.0.0.1:{port}"));
    Call::new(project, tierwise)
        .args(["serve", "--demo", "--data"])
        .arg(project.target(DATA))
        .arg("--pages")
        .arg(project.path(PAGE_OUT))
        .args(listen)
        .become_it()
}

/// Builds the command line as it is published, and gives its executable.
pub(crate) fn release_cli(project: &Project) -> Result<PathBuf> {
    Call::cargo(project).args(["build", "--release", "--package", "tierwise-cli"]).run()?;
    Ok(project.target("release/tierwise"))
}

/// A log of half a year, made once: 120,000 events of 10,000 accounts in 8 teams.
fn sample(project: &Project) -> Result<PathBuf> {
    let log = project.target(SAMPLE);
    if !log.is_file() {
        sample_log::run(
            &sample_log::Arguments::of_a_year(120_000, 10_000, 8, &log).with_months(6),
        )?;
    }
    Ok(log)
}

fn page(project: &Project) -> Result<()> {
    wasm::run(project)?;
    setup::node_packages(project, setup::PAGE)?;
    Call::new(project, "npm").args(["run", "build"]).dir(project.path(setup::PAGE)).run()
}
