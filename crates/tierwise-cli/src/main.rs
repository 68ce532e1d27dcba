//! The command `tierwise`: quotes, invoices, account-days and decisions, answered by the engine;
//! and the queue, run and ordered.

mod accounts;
mod args;
mod billing;
mod catalog_file;
mod commands;
mod log;
mod output;
mod problems;
mod spool;
mod table;
mod tally;
mod words;

use std::{process::ExitCode, time::Instant};

use clap::Parser;

use crate::{
    args::Cli,
    output::{Outcome, Printer},
};

fn main() -> ExitCode {
    let begun = Instant::now();
    let cli = Cli::parse();
    let printer = Printer { json: cli.json };
    match commands::run(cli, printer, begun) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            printer.error(&error);
            Outcome::of_error(&error).exit_code()
        }
    }
}
