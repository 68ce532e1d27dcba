//! `up`: from a fresh clone to invoices on the terminal and the page in the browser.

use crate::process::Call;
use crate::project::Project;
use crate::sample_log;
use crate::serve::FileServer;
use crate::setup;
use crate::wasm;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// What is said to the command line to get the invoices of a log in a form for people.
const INVOICE: [&str; 2] = ["invoice", "--summary"];
const SAMPLE: &str = "sample/events-120000.csv";
const PAGE_OUT: &str = "www/dist";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port to serve the page on; the next free one if it is taken.
    #[arg(long, default_value_t = 8080)]
    port: u16,
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
    let server = FileServer::listen(&project.path(PAGE_OUT), arguments.port)?;
    let stop = server.stop_handle();
    ctrlc::set_handler(move || stop.stop()).context("listening for Ctrl-C")?;
    println!("\nThe page: http://{}/ (Ctrl-C ends it)", server.address());
    server.run()?;
    println!("ended");
    Ok(())
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
