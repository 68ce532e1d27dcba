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
    let mut words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c"]);
    let program = words.next().context("no program")?;
    println!("$ apt-get install {package}");
    Call::new(project, program).args(words).args([INSTALL, package]).run_quietly().context(wanted)
}

/// Debian starts the services of a package that it installs, unless this file forbids it: nobody
/// who runs tests asked for a database that from now on belongs to the machine.
const INSTALL: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if ! test -e "$policy"; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
apt-get update -q
apt-get install -q -y --no-install-recommends "$0"
"#;

/// Whether this program runs as the administrator.
pub(super) fn is_root(project: &Project) -> bool {
    Call::new(project, "id").arg("-u").output().is_ok_and(|id| id.trim() == "0")
}
