//! The Python wheel: built once, installed where it is tested.

use crate::process::Call;
use crate::project::Project;
use crate::setup;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const BINDING: &str = "bindings/python";
const MANIFEST: &str = "bindings/python/Cargo.toml";

/// A wheel, and a Python that it is installed in.
pub(crate) struct Installed {
    pub(crate) interpreter: PathBuf,
    pub(crate) wheel: PathBuf,
}

/// Builds the wheel (Cargo knows what is up to date) and installs it into the environment of
/// `bindings/python`.
pub(crate) fn installed(project: &Project) -> Result<Installed> {
    let interpreter = setup::binding_python(project)?;
    let wheel = build(project, &interpreter)?;
    let install = ["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps"];
    Call::new(project, &interpreter)
        .args(install)
        .args(["--no-index", "--disable-pip-version-check"])
        .arg(&wheel)
        .run()?;
    Ok(Installed { interpreter, wheel })
}

fn build(project: &Project, interpreter: &Path) -> Result<PathBuf> {
    let folder = project.target("wheels");
    if folder.exists() {
        // What an earlier version left is not what is tested now.
        fs::remove_dir_all(&folder)?;
    }
    Call::new(project, interpreter)
        .args(["-m", "maturin", "build", "--profile", "python"])
        .args(["--manifest-path", MANIFEST, "--out"])
        .arg(&folder)
        .arg("--interpreter")
        .arg(interpreter)
        .env("CARGO_TARGET_DIR", project.target("."))
        .run()
        .context("the wheel was not built")?;
    let entries = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path()));
    let entries = entries.collect::<Result<Vec<_>>>()?;
    match entries.as_slice() {
        [wheel] => Ok(wheel.clone()),
        _ => bail!("`{}` holds {} files, not one wheel", folder.display(), entries.len()),
    }
}
