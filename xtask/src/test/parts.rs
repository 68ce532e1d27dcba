//! What each part of `test` runs.

use super::{Part, python};
use crate::process::Call;
use crate::project::Project;
use crate::{parity, policies, random, setup, size, tidy, types, wasm};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

const VECTORS: &str = "tests/vectors";
const CONTAINER_FILE: &str = "packaging/Containerfile";
/// Disagreements of the engine with the model are kept here, to become vectors.
const FOUND: &str = "tests/vectors/found";
const RANDOM_CASES: &str = "20000";

pub(crate) fn run(project: &Project, part: Part) -> Result<()> {
    let cargo = || Call::cargo(project);
    match part {
        Part::Fmt => cargo().args(["fmt", "--all", "--check"]).run(),
        Part::Clippy => cargo()
            .args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
            .run(),
        Part::Tidy => tidy::run(project),
        Part::Types => types::run(project, &types::Arguments { check: true }),
        Part::Rust => {
            setup::strace(project)?;
            setup::faketime(project)?;
            let postgres = setup::Postgres::start(project)?;
            cargo()
                .args(["test", "--workspace", "--no-fail-fast"])
                .env(setup::POSTGRES, postgres.url())
                .run()?;
            drop(postgres);
            // Documentation whose links do not resolve is wrong.
            // Of the whole workspace, so that wasmtime is not checked again with other features.
            cargo()
                .args(["doc", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-Dwarnings")
                .run()
        }
        Part::Component => {
            policies::run(project)?;
            // Of the workspace, so that wasmtime is not built a second time with other features.
            cargo()
                .args(["test", "--workspace", "--test", "golden", "--test", "hostile"])
                .args(["--test", "bounds", "--test", "policies"])
                .run()
        }
        Part::Service => service(project),
        Part::NoStd => {
            setup::rust_targets(project)?;
            cargo()
                .args(["build", "--release", "--package", "tierwise-no-std-check"])
                .args(["--target", setup::BARE_TARGET])
                .run()
        }
        Part::Vectors => vectors(project),
        Part::Oracle => oracle(project),
        Part::Wasm => wasm::run(project).map(|_| ()),
        Part::Size => size::run(project, &size::Arguments { functions: 12 }),
        Part::Npm => npm(project),
        Part::Www => www(project),
        Part::Python => python::run(project),
        Part::Container => {
            let lint = setup::container_lint(project)?;
            Call::new(project, lint).args(["--failure-threshold", "info", CONTAINER_FILE]).run()
        }
        Part::Parity => parity::run(project, &parity::Arguments { fuzzed: 10_000 }),
    }
}

fn service(project: &Project) -> Result<()> {
    setup::faketime(project)?;
    let python = setup::contract_python(project)?;
    let command = command(project)?;
    model(project).arg("e2e/story.py").arg(&command).run()?;
    model(project).arg("e2e/guide.py").arg(&command).run()?;
    let postgres = setup::Postgres::start(project)?;
    let runners = model(project).arg("e2e/runners.py").arg(&command);
    runners.env(setup::POSTGRES, postgres.url()).run()?;
    let seed = random::seed()?.to_string();
    println!("seed: {seed} (TIERWISE_SEED={seed} asks the same again)");
    Call::new(project, python)
        .arg(project.path("tests/contract/conformance.py"))
        .arg(command)
        .args(["--seed", &seed])
        .run()
}

/// The golden cases by the command.
fn engine(project: &Project) -> Result<Call> {
    Ok(Call::new(project, command(project)?).arg("vectors"))
}

/// The independent model in Python, started from `tests/`, where its package lies.
fn model(project: &Project) -> Call {
    Call::new(project, "python3").dir(project.path("tests"))
}

fn vectors(project: &Project) -> Result<()> {
    setup::python(project)?;
    engine(project)?.arg(VECTORS).run()?;
    let mut files = Vec::new();
    case_files(&project.path(VECTORS), &mut files)?;
    if files.is_empty() {
        bail!("`{VECTORS}` has no case files");
    }
    println!("$ python3 -m oracle check ({} files below {VECTORS})", files.len());
    model(project).args(["-m", "oracle", "check"]).args(files).run_quietly()
}

/// All `*.jsonl` below a folder, in order of their names.
fn case_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            case_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    Ok(())
}

fn oracle(project: &Project) -> Result<()> {
    setup::python(project)?;
    model(project).args(["-m", "unittest", "discover", "-s", "oracle", "-t", "."]).run()?;
    let seed = random::seed()?.to_string();
    println!("seed: {seed} (TIERWISE_SEED={seed} gives the same cases again)");
    let cases = project.target("oracle/cases.jsonl");
    fs::create_dir_all(cases.parent().unwrap_or(Path::new(".")))?;
    model(project)
        .args(["-m", "oracle", "generate", "--seed", &seed, "--cases", RANDOM_CASES, "--out"])
        .arg(&cases)
        .run()?;
    engine(project)?.arg(&cases).args(["--save-failures", FOUND]).run()
}

/// Names the command to tests that start the service.
pub(super) const COMMAND: &str = "TIERWISE_COMMAND";

/// Builds the command as a test of the workspace needs it, and gives its executable: with the
/// features of any other build wasmtime would be built once more.
pub(super) fn command(project: &Project) -> Result<PathBuf> {
    let build = ["test", "--workspace", "--no-run", "--quiet", "--test", "queue"];
    Call::cargo(project).args(build).run()?;
    Ok(project.target("debug/tierwise"))
}

fn npm(project: &Project) -> Result<()> {
    wasm::run(project)?;
    let package = || Call::new(project, "npm").dir(project.path(setup::BINDING));
    let tests = package().arg("test").env(COMMAND, command(project)?);
    tests.run().context("the package's tests")?;
    package().args(["run", "docs"]).run().context("the package's documentation")?;
    setup::node_packages(project, setup::PACKAGING)?;
    let browser = setup::browser(project)?;
    Call::new(project, "npm")
        .arg("test")
        .dir(project.path(setup::PACKAGING))
        .env("CHROMIUM", browser)
        .run()
        .context("the packed package")
}

fn www(project: &Project) -> Result<()> {
    // The page is built from the module, so that a change of the engine reaches it.
    wasm::run(project)?;
    setup::node_packages(project, setup::PAGE)?;
    let browser = setup::browser(project)?;
    Call::new(project, "npm")
        .arg("test")
        .dir(project.path(setup::PAGE))
        .env("CHROMIUM", browser)
        .run()
        .context("the page's tests")
}
