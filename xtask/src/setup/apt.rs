//! Packages of Debian, for what cannot be installed into the tree.

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// Installs a package; `wanted` says what it is for, where that cannot be done.
pub(super) fn install(project: &Project, package: &str, wanted: &'static str) -> Result<()> {
    let is_debian = Path::new("/etc/debian_version").exists();
    if !is_debian || !Call::new(project, "apt-get").arg("--version").works() {
        bail!("{wanted}");
    }
    let prefix: &[&str] = if is_root(project) {
        &[]
    } else if Call::new(project, "sudo").args(["-n", "true"]).works() {
        &["sudo", "-n"]
    } else {
        bail!("{wanted}; this account may not install packages");
    };
    let apt_get = |arguments: &[&str]| {
        let mut words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let program = words.next().context("no program")?;
        Call::new(project, program).args(words).args(arguments).run().context(wanted)
    };
    apt_get(&["update", "-q"])?;
    apt_get(&["install", "-q", "-y", "--no-install-recommends", package])
}

fn is_root(project: &Project) -> bool {
    Call::new(project, "id").arg("-u").output().is_ok_and(|id| id.trim() == "0")
}
