//! npm packages: installed exactly as the lock file of a folder says.

use super::{BENCH_QUEUE, version};
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Runs `npm ci` in the folder if its packages are missing or older than its lock file.
pub(crate) fn packages(project: &Project, folder: &str) -> Result<()> {
    version::node(project)?;
    let dir = project.path(folder);
    let lock = dir.join("package-lock.json");
    if !lock.is_file() {
        bail!("`{folder}/package-lock.json` is missing: run `npm install` in `{folder}` once");
    }
    // npm writes this file last: with it, the packages are complete.
    if is_newer(&dir.join("node_modules/.package-lock.json"), &lock)? {
        return Ok(());
    }
    let install = Call::new(project, "npm").args(["ci", "--no-audit", "--no-fund"]).dir(&dir);
    install.run().with_context(|| format!("the npm packages of `{folder}` were not installed"))
}

/// The packages of the other queues, and a Node that they run on: theirs must be newer than the one
/// that all else is content with, so it comes as a package, too, where there is one.
pub(crate) fn bench(project: &Project) -> Result<PathBuf> {
    packages(project, BENCH_QUEUE)?;
    let machine = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("{BENCH_QUEUE}/node_modules/node-linux-{machine}/bin/node");
    let packaged = project.path(package);
    // It is installed only where it can run.
    if packaged.is_file() {
        return Ok(packaged);
    }
    version::node_of_bench(project)?;
    Ok("node".into())
}

fn is_newer(installed: &Path, lock: &Path) -> Result<bool> {
    let changed = |path: &Path| -> Result<SystemTime> { Ok(fs::metadata(path)?.modified()?) };
    Ok(installed.is_file() && changed(installed)? >= changed(lock)?)
}
