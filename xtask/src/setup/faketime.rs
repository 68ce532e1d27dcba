//! libfaketime, for the tests of clocks that are set.

use super::apt;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Result, bail};

const WANTED: &str =
    "libfaketime is needed, with `faketime` on the PATH (on Debian: `apt-get install faketime`)";

/// Sees to it that libfaketime is there; on Debian it is installed if it is missing.
pub(crate) fn faketime(project: &Project) -> Result<()> {
    let is_there = || Call::new(project, "faketime").arg("--version").works();
    if is_there() {
        return Ok(());
    }
    apt::install(project, "faketime", WANTED)?;
    if !is_there() {
        bail!("it is still missing. {WANTED}");
    }
    Ok(())
}
