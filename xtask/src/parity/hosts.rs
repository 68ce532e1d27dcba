//! The hosts of `parity`: each has a driver that reads questions and prints answers.

use crate::process::Call;
use crate::project::Project;
use crate::{python, setup, wasm};
use anyhow::Result;
use std::path::Path;

/// A host, asked through one of its faces.
pub(super) struct Host {
    pub(super) name: &'static str,
    /// Whether it is asked with its own objects, so that no broken text can be asked.
    pub(super) takes_documents: bool,
    /// Its driver on a file of questions.
    pub(super) call: Box<Driver>,
}

/// The call of a driver on a file of questions.
type Driver = dyn Fn(&Project, &Path) -> Call;

/// Every host beside the engine in this process, set up.
pub(super) fn hosts(project: &Project) -> Result<Vec<Host>> {
    wasm::run(project)?;
    setup::node_packages(project, setup::PAGE)?;
    let browser = setup::browser(project)?;
    let interpreter = python::installed(project)?.interpreter;
    // With the features of the workspace, as in tests: another set compiles wasmtime anew.
    Call::cargo(project).args(["build", "--quiet", "--workspace", "--example", "answer"]).run()?;
    let answer = project.target("debug/examples/answer");
    let component = move |project: &Project, file: &Path| Call::new(project, &answer).arg(file);
    let node = |face: &'static str| {
        move |project: &Project, file: &Path| {
            Call::new(project, "node").args(["tests/parity/node.mjs", "--face", face]).arg(file)
        }
    };
    let chromium = |face: &'static str| {
        let browser = browser.clone();
        move |project: &Project, file: &Path| {
            Call::new(project, "node")
                .args(["tests/parity/chromium.mjs", "--face", face])
                .arg(file)
                .env("CHROMIUM", &browser)
        }
    };
    let python = |face: &'static str| {
        let interpreter = interpreter.clone();
        move |project: &Project, file: &Path| {
            Call::new(project, &interpreter)
                .args(["tests/parity/python_host.py", "--face", face])
                .arg(file)
        }
    };
    Ok(vec![
        text("component in wasmtime", component),
        text("Node, text", node("text")),
        objects("Node, objects", node("objects")),
        text("Chromium, text", chromium("text")),
        objects("Chromium, objects", chromium("objects")),
        text("Python, text", python("text")),
        objects("Python, objects", python("objects")),
    ])
}

fn text(name: &'static str, call: impl Fn(&Project, &Path) -> Call + 'static) -> Host {
    Host { name, takes_documents: false, call: Box::new(call) }
}

fn objects(name: &'static str, call: impl Fn(&Project, &Path) -> Call + 'static) -> Host {
    Host { name, takes_documents: true, call: Box::new(call) }
}
