//! How long a program runs and the most memory that it holds.

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Asks the system about a child that has ended, which the standard library does not.
const HELPER: &str = "tests/bench/measure.py";
const DUCKDB: &str = "tests/bench/duckdb_invoices.py";

#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) time: Duration,
    pub(crate) peak_bytes: u64,
}

/// The two that are compared.
pub(crate) struct Rivals<'a> {
    pub(crate) project: &'a Project,
    /// The release build of the command line.
    pub(crate) tierwise: PathBuf,
    /// A Python with DuckDB.
    pub(crate) python: PathBuf,
}

#[derive(Deserialize)]
struct Printed {
    seconds: f64,
    #[serde(default)]
    peak_bytes: u64,
}

impl Rivals<'_> {
    /// The whole process: it reads the log and writes its answer.
    pub(crate) fn tierwise(&self, log: &Path, answer: &Path) -> Result<Run> {
        let arguments = ["invoice".as_ref(), log.as_os_str(), "--json".as_ref()];
        self.measured(answer, &self.tierwise, &arguments)
    }

    /// DuckDB's own time, without the start of Python; the memory is the whole process's.
    pub(crate) fn duckdb(&self, log: &Path, answer: &Path) -> Result<Run> {
        let script = self.project.path(DUCKDB);
        let printed = answer.with_extension("seconds");
        let arguments = [script.as_os_str(), log.as_os_str(), answer.as_os_str()];
        let whole = self.measured(&printed, &self.python, &arguments)?;
        let own = read(&fs::read_to_string(&printed)?)?;
        Ok(Run { time: own.time, ..whole })
    }

    fn measured(&self, out: &Path, program: &Path, arguments: &[&OsStr]) -> Result<Run> {
        let helper = self.project.path(HELPER);
        let call = Call::new(self.project, &self.python).arg(helper).args([out, program]);
        read(&call.args(arguments).output()?)
    }
}

fn read(printed: &str) -> Result<Run> {
    let Printed { seconds, peak_bytes } =
        serde_json::from_str(printed).with_context(|| format!("no figures: `{printed}`"))?;
    Ok(Run { time: Duration::try_from_secs_f64(seconds)?, peak_bytes })
}
