//! Starting other programs: the command is shown, and its failure says what to do.

use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A call of another program, from the top of the repository unless `dir` says otherwise.
pub(crate) struct Call {
    command: Command,
    shown: String,
}

impl Call {
    pub(crate) fn new(project: &Project, program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(project.path(".")).stdin(Stdio::null());
        Self { command, shown: project.shown(Path::new(program)) }
    }

    /// The Cargo that runs this program.
    pub(crate) fn cargo(project: &Project) -> Self {
        let mut call = Self::new(project, env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        call.shown = "cargo".to_owned();
        call
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref();
        self.shown.push(' ');
        self.shown.push_str(&argument.to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads; without this, nothing.
    pub(crate) fn input(mut self, input: impl Into<Stdio>) -> Self {
        self.command.stdin(input);
        self
    }

    /// All that it prints goes to the end of a file.
    pub(crate) fn log(mut self, log: &File) -> Result<Self> {
        self.command.stdout(log.try_clone()?).stderr(log.try_clone()?);
        Ok(self)
    }

    /// Starts it, shown, without waiting for its end.
    pub(crate) fn start(self) -> Result<Child> {
        println!("$ {}", self.shown);
        self.start_quietly()
    }

    /// Starts it without waiting for its end.
    pub(crate) fn start_quietly(mut self) -> Result<Child> {
        self.command.spawn().map_err(|error| self.not_started(&error))
    }

    /// Runs it with its output on the terminal.
    pub(crate) fn run(self) -> Result<()> {
        println!("$ {}", self.shown);
        self.run_quietly()
    }

    /// Runs it with its output on the terminal, without showing the command.
    pub(crate) fn run_quietly(mut self) -> Result<()> {
        let status = self.command.status();
        let status = status.map_err(|error| self.not_started(&error))?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.shown);
        }
        Ok(())
    }

    /// Shows the command, runs it and gives what it printed.
    pub(crate) fn shown_output(self) -> Result<String> {
        println!("$ {}", self.shown);
        self.output()
    }

    /// Runs it and gives what it printed; what it says on the error channel goes to the terminal.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| self.not_started(&error))?;
        if !output.status.success() {
            bail!("`{}` failed: {}", self.shown, output.status);
        }
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed something that is not UTF-8", self.shown))
    }

    /// Shows the command and puts it in the place of this process. Returns only if it cannot start.
    pub(crate) fn become_it(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt as _;
        println!("$ {}", self.shown);
        let error = self.command.exec();
        Err(self.not_started(&error))
    }

    /// True if it runs and ends well; all output is dropped.
    pub(crate) fn works(mut self) -> bool {
        let quiet = self.command.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    fn not_started(&self, error: &std::io::Error) -> anyhow::Error {
        let program = self.shown.split(' ').next().unwrap_or_default();
        if error.kind() == ErrorKind::NotFound {
            return anyhow::anyhow!("`{program}` is not here: install it and put it on the PATH");
        }
        anyhow::anyhow!("`{}` could not be started: {error}", self.shown)
    }
}
