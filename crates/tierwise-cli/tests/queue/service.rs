//! `tierwise run` in a folder of its own, and orders to it.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
};

use serde_json::Value;

/// A folder that services work in.
pub(crate) struct Folder(tempfile::TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwise"));
        command.args(args).current_dir(self.0.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, ("TIERWISE_NONE", ""))
    }

    /// The same with a variable of the environment.
    pub(crate) fn run_with(&self, args: &[&str], (name, value): (&str, &str)) -> Ended {
        let output = self.command(args).env(name, value).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// An order's answer.
    pub(crate) fn ask(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        let ended = self.run(&args);
        assert_eq!(ended.code, Some(0), "{args:?}: {ended:?}");
        serde_json::from_str(&ended.out).unwrap()
    }

    /// The code of an error, and how the command ended.
    pub(crate) fn refused(&self, args: &[&str]) -> (String, Option<i32>) {
        let ended = self.run(&[args, &["--json"]].concat());
        assert_ne!(ended.code, Some(0), "{args:?}: {ended:?}");
        let error: Value = serde_json::from_str(&ended.err).unwrap();
        (error["code"].as_str().unwrap().to_owned(), ended.code)
    }

    /// A service that is ready.
    pub(crate) fn start(&self, args: &[&str]) -> Service {
        let args = [&["run", "--log", "json"], args].concat();
        let child = self.command(&args).stderr(Stdio::piped()).spawn().unwrap();
        let mut service = Service::of(child);
        service.until("ready");
        service
    }

    /// An account of a team, connected.
    pub(crate) fn account(&self, args: &[&str]) -> String {
        let created = self.ask(&[&["account", "create", "--team", "team"], args].concat());
        let account = created["account"].as_str().unwrap().to_owned();
        self.ask(&["account", "open", &account]);
        account
    }
}

/// A service, and what it says on standard error.
pub(crate) struct Service {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
    pub(crate) said: Vec<Value>,
}

impl Service {
    fn of(mut child: Child) -> Self {
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Service { child, lines, said: Vec::new() }
    }

    /// Waits until it says something; what it said then.
    pub(crate) fn until(&mut self, words: &str) -> Value {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            let Ok(said) = serde_json::from_str::<Value>(&line) else {
                panic!("before `{words}`: {line}")
            };
            self.said.push(said.clone());
            if said["message"].as_str().unwrap_or_default().contains(words) {
                return said;
            }
        }
        panic!("it ended before it said `{words}`: {:?}", self.said)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{:?}", self.said);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
