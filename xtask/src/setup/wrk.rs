//! wrk, for load over HTTP.

use super::apt;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Result, bail};

const WANTED: &str = "wrk is needed, with `wrk` on the PATH (on Debian: `apt-get install wrk`)";

/// Sees to it that wrk is there; on Debian it is installed if it is missing.
pub(crate) fn wrk(project: &Project) -> Result<()> {
    // It has no question that it answers with success but one about a server.
    let is_there = || Call::new(project, "sh").args(["-c", "command -v wrk"]).works();
    if is_there() {
        return Ok(());
    }
    apt::install(project, "wrk", WANTED)?;
    if !is_there() {
        bail!("it is still missing. {WANTED}");
    }
    Ok(())
}
