//! `torture`: the service is killed a thousand times, half of them on each store.

use crate::process::Call;
use crate::project::Project;
use crate::setup;
use anyhow::Result;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often, over both stores.
    #[arg(long, default_value = "1000")]
    kills: u32,
}

/// Prints what came of it: totals, and how long it took until the service answered again.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let postgres = setup::Postgres::start(project)?;
    // Of the workspace, so that nothing is built a second time with other features.
    Call::cargo(project)
        .args(["test", "--workspace", "--test", "faults", "kills", "--", "--nocapture"])
        .env(setup::POSTGRES, postgres.url())
        .env("TIERWISE_KILLS", arguments.kills.to_string())
        .run()
}
