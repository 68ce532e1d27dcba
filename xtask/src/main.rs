//! `cargo xtask`: the commands of this repository, each one does its own set-up.

mod bench;
mod parity;
mod policies;
mod postgres;
mod process;
mod project;
mod python;
mod random;
mod sample_log;
mod setup;
mod size;
mod table;
mod test;
mod tidy;
mod torture;
mod types;
mod up;
mod wasm;

use anyhow::Result;
use clap::{Parser, Subcommand};
use project::Project;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of this repository", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, print the invoices of a sample log and run the service with its pages.
    Up(up::Arguments),
    /// Run every check in order, or only the parts named.
    Test(test::Arguments),
    /// Measure the engine against what one would otherwise use, and check the bounds.
    Bench(bench::Arguments),
    /// Build the npm package into `bindings/js/dist`.
    Wasm,
    /// Build the ready policies into `target/policies`, for `tierwise run --policy`.
    Policies,
    /// Compare the answers of every host, byte for byte.
    Parity(parity::Arguments),
    /// Write the types of other languages from the engine's own tables.
    Types(types::Arguments),
    /// Show what the module weighs, part by part, and check the bounds.
    Size(size::Arguments),
    /// Install what the commands need (they do it themselves, too).
    Setup(setup::Arguments),
    /// Run a command beside a PostgreSQL of its own, named by TIERWISE_POSTGRES.
    Postgres(postgres::Arguments),
    /// Kill the service a thousand times at random moments, and check that nothing is lost.
    Torture(torture::Arguments),
    /// Write a made-up event log, the same one for the same seed.
    SampleLog(sample_log::Arguments),
}

fn main() -> ExitCode {
    let Err(error) = run(Arguments::parse().command) else {
        return ExitCode::SUCCESS;
    };
    eprintln!("\nerror: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
    ExitCode::FAILURE
}

fn run(command: Command) -> Result<()> {
    let project = Project::find()?;
    match command {
        Command::Up(arguments) => up::run(&project, &arguments),
        Command::Test(arguments) => test::run(&project, &arguments),
        Command::Bench(arguments) => bench::run(&project, &arguments),
        Command::Wasm => wasm::run(&project).map(|_| ()),
        Command::Policies => policies::run(&project),
        Command::Parity(arguments) => parity::run(&project, &arguments),
        Command::Types(arguments) => types::run(&project, &arguments),
        Command::Size(arguments) => size::run(&project, &arguments),
        Command::Setup(arguments) => setup::run(&project, &arguments),
        Command::Postgres(arguments) => postgres::run(&project, &arguments),
        Command::Torture(arguments) => torture::run(&project, &arguments),
        Command::SampleLog(arguments) => sample_log::run(&arguments),
    }
}
