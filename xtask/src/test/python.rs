//! The Python package: its style, its types, its tests, and the wheel as its users get it.

use super::parts;
use crate::process::Call;
use crate::project::Project;
use crate::python::{self, Installed};
use anyhow::Result;

/// Python files that belong to the package, to its tests and to its bench.
const SOURCES: [&str; 5] =
    ["python", "tests", "bench", "../../docs/examples", "../../tests/parity/python_host.py"];
/// The tests of the wheel, and what they install it for.
const PACKAGING: &str = "../../tests/packaging/python";

pub(super) fn run(project: &Project) -> Result<()> {
    let Installed { interpreter, wheel } = python::installed(project)?;
    let module = |name: &str| {
        let call = Call::new(project, &interpreter).args(["-m", name]);
        call.dir(project.path(python::BINDING)).env("MYPYPATH", "python")
    };
    module("ruff").arg("check").args(SOURCES).arg(PACKAGING).run()?;
    module("ruff").args(["format", "--check"]).args(SOURCES).arg(PACKAGING).run()?;
    module("mypy").args(SOURCES).run()?;
    module("mypy")
        .args(["conftest.py", "test_wheel.py"].map(|file| format!("{PACKAGING}/{file}")))
        .run()?;
    // What type checkers see of the package against what is there.
    let types = ["tierwise", "--mypy-config-file", "pyproject.toml"];
    module("mypy.stubtest").args(types).args(["--allowlist", "stubtest.txt"]).run()?;
    module("pytest").env(parts::COMMAND, parts::command(project)?).run()?;
    let config = ["--config-file", "pyproject.toml", "--rootdir", PACKAGING, "--capture", "no"];
    // The user's tests run in the user's environment alone.
    let ignored = format!("--ignore={PACKAGING}/project");
    module("pytest").args(config).arg(ignored).arg("--wheel").arg(&wheel).arg(PACKAGING).run()
}
