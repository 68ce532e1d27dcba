//! What puts load on HTTP: wrk, and h2load, which tells of each answer.

use super::apt;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Result, bail};

const WRK: &str = "wrk is needed, with `wrk` on the PATH (on Debian: `apt-get install wrk`)";
const H2LOAD: &str =
    "h2load is needed, with `h2load` on the PATH (on Debian: `apt-get install nghttp2-client`)";

/// Sees to it that both are there; on Debian what is missing is installed.
pub(crate) fn load(project: &Project) -> Result<()> {
    has(project, "wrk", "wrk", WRK)?;
    has(project, "h2load", "nghttp2-client", H2LOAD)
}

fn has(project: &Project, program: &str, package: &str, wanted: &'static str) -> Result<()> {
    // wrk has no question that it answers with success but one about a server.
    let is_there =
        || Call::new(project, "sh").args(["-c", &format!("command -v {program}")]).works();
    if is_there() {
        return Ok(());
    }
    apt::install(project, package, wanted)?;
    if !is_there() {
        bail!("it is still missing. {wanted}");
    }
    Ok(())
}
