//! `postgres`: a command beside a database server of its own.

use crate::process::Call;
use crate::project::Project;
use crate::setup::{self, POSTGRES, Postgres};
use anyhow::{Result, bail};
use std::ffi::OsString;
use std::process::Stdio;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to run, after `--`; the server ends with it.
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let Some((program, rest)) = arguments.command.split_first() else {
        bail!("name a command after `--`");
    };
    let postgres = Postgres::start(project)?;
    println!("{POSTGRES}={}", postgres.url());
    let call = Call::new(project, program).args(rest).env(POSTGRES, postgres.url());
    let mut child = call.input(Stdio::inherit()).start()?;
    setup::stop_with_servers(child.id());
    let status = child.wait()?;
    drop(postgres);
    if !status.success() {
        bail!("`{}` failed: {status}", program.display());
    }
    Ok(())
}
