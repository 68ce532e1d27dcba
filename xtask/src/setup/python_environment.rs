//! Python environments of the repository's own: for the bench, and for the Python package.

use super::{apt, version};
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;

const WANTED: &str = "Python environments need the module `venv` with pip (on Debian: `apt-get \
                      install python3-venv`)";

/// The Python of `.venv`, with what the bench of event logs asks for.
pub(crate) fn bench_python(project: &Project) -> Result<PathBuf> {
    environment(project, ".venv", "tests/bench/requirements.txt")
}

/// The Python that the package is built, checked and tested with.
pub(crate) fn binding_python(project: &Project) -> Result<PathBuf> {
    environment(project, "bindings/python/.venv", "bindings/python/requirements.txt")
}

/// The Python that holds the service to its contract.
pub(crate) fn contract_python(project: &Project) -> Result<PathBuf> {
    environment(project, "tests/contract/.venv", "tests/contract/requirements.txt")
}

/// The linter of container files.
pub(crate) fn container_lint(project: &Project) -> Result<PathBuf> {
    let python = environment(project, "packaging/.venv", "packaging/requirements.txt")?;
    Ok(python.with_file_name("hadolint"))
}

/// Makes an environment with what a list asks for, and gives its Python.
fn environment(project: &Project, folder: &str, requirements: &str) -> Result<PathBuf> {
    let environment = project.path(folder);
    let interpreter = environment.join("bin/python");
    let wanted = fs::read_to_string(project.path(requirements)).context(requirements.to_owned())?;
    // A copy of the list that was installed: it differs when there is something to do.
    let installed = environment.join("tierwise-requirements.txt");
    if interpreter.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(interpreter);
    }
    version::python(project)?;
    // Debian keeps pip for new environments in a package of its own.
    if !Call::new(project, "python3").args(["-c", "import ensurepip, venv"]).works() {
        apt::install(project, "python3-venv", WANTED)?;
    }
    let make = Call::new(project, "python3").args(["-m", "venv"]).arg(&environment);
    make.run().context(WANTED)?;
    Call::new(project, &interpreter)
        .args(["-m", "pip", "install", "--quiet", "--requirement", requirements])
        .run()?;
    fs::write(installed, wanted)?;
    Ok(interpreter)
}
