//! A Python environment of the repository's own, for the bench only.

use super::version;
use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;

const REQUIREMENTS: &str = "tests/bench/requirements.txt";

/// Makes `.venv` with what the bench asks for, and gives its Python.
pub(crate) fn bench_python(project: &Project) -> Result<PathBuf> {
    let environment = project.path(".venv");
    let interpreter = environment.join("bin/python");
    let wanted = fs::read_to_string(project.path(REQUIREMENTS)).context(REQUIREMENTS)?;
    // A copy of the list that was installed: it differs when there is something to do.
    let installed = environment.join("tierwise-requirements.txt");
    if interpreter.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(interpreter);
    }
    version::python(project)?;
    Call::new(project, "python3")
        .args(["-m", "venv"])
        .arg(&environment)
        .run()
        .context("no Python environment: on Debian, `apt-get install python3-venv`")?;
    Call::new(project, &interpreter)
        .args(["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS])
        .run()?;
    fs::write(installed, wanted)?;
    Ok(interpreter)
}
