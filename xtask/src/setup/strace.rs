//! strace, for the tests of disks that do not write.

use super::apt;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Result, bail};

const WANTED: &str =
    "strace is needed, with `strace` on the PATH (on Debian: `apt-get install strace`)";

/// Sees to it that strace is there; on Debian it is installed if it is missing.
pub(crate) fn strace(project: &Project) -> Result<()> {
    let is_there = || Call::new(project, "strace").arg("--version").works();
    if is_there() {
        return Ok(());
    }
    apt::install(project, "strace", WANTED)?;
    if !is_there() {
        bail!("it is still missing. {WANTED}");
    }
    Ok(())
}
