//! Chromium, for the tests of the page.

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::env;
use std::path::{Path, PathBuf};

const INSTALLED: &str = "/usr/bin/chromium";
const WANTED: &str = "Chromium is needed to test the page: install it and set CHROMIUM to its \
                      executable (on Debian: `apt-get install chromium`)";

/// The browser's executable; on Debian it is installed if it is missing.
pub(crate) fn browser(project: &Project) -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names `{}`, which is no file. {WANTED}", named.display());
    }
    let installed = Path::new(INSTALLED);
    if !installed.is_file() {
        install(project)?;
    }
    if !installed.is_file() {
        bail!("{INSTALLED} is still missing. {WANTED}");
    }
    Ok(installed.to_path_buf())
}

fn install(project: &Project) -> Result<()> {
    let is_debian = Path::new("/etc/debian_version").exists();
    if !is_debian || !Call::new(project, "apt-get").arg("--version").works() {
        bail!("{WANTED}");
    }
    let prefix: &[&str] = if is_root(project) {
        &[]
    } else if Call::new(project, "sudo").args(["-n", "true"]).works() {
        &["sudo", "-n"]
    } else {
        bail!("{WANTED}; this account may not install packages");
    };
    let apt_get = |arguments: &[&str]| {
        let mut words = prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let program = words.next().context("no program")?;
        Call::new(project, program).args(words).args(arguments).run().context(WANTED)
    };
    apt_get(&["update", "-q"])?;
    apt_get(&["install", "-q", "-y", "--no-install-recommends", "chromium"])
}

fn is_root(project: &Project) -> bool {
    Call::new(project, "id").arg("-u").output().is_ok_and(|id| id.trim() == "0")
}
