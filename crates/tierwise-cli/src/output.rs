//! What the command prints: text for people, canonical JSON for programs, errors for both.

use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Write},
    path::Path,
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    problems::{Problem, ProblemAnswer},
    table::printable,
};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Findings,
    Refused,
}

impl Outcome {
    /// How a command ended that answers with an error.
    pub(crate) fn of_error(error: &anyhow::Error) -> Self {
        #[cfg(unix)]
        if let Some(error) = error.downcast_ref::<tierwise_server::ServerError>()
            && error.is_refusal
        {
            return Outcome::Refused;
        }
        let _ = error;
        Outcome::Failed
    }

    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            // 2 is wrong usage, which clap answers.
            Outcome::Findings => 3,
            Outcome::Refused => 4,
        })
    }
}

/// Where answers go: standard output; errors and notes go to standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// Canonical JSON instead of text.
    pub(crate) json: bool,
}

impl Printer {
    /// Prints an answer. A reader that has seen enough and left is no failure.
    pub(crate) fn print(self, text: &str) -> anyhow::Result<()> {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let write = |out: &mut dyn Write| {
            out.write_all(text.as_bytes())?;
            out.write_all(end.as_bytes())?;
            out.flush()
        };
        let written = if self.json {
            write(&mut io::stdout().lock())
        } else {
            write(&mut anstream::stdout().lock())
        };
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(io_failure("write to", "standard output", &error))
            }
            _ => Ok(()),
        }
    }

    /// Prints an answer as canonical JSON: its types declare their fields by name.
    pub(crate) fn print_json(self, answer: &impl Serialize) -> anyhow::Result<()> {
        self.print(&serde_json::to_string(answer)?)
    }

    /// How many columns the terminal has that answers go to, `COLUMNS` first; none if they go
    /// elsewhere, where nothing is cut.
    pub(crate) fn columns(self) -> Option<usize> {
        if self.json || !io::stdout().is_terminal() {
            return None;
        }
        let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let of_terminal = || Some(usize::from(terminal_size::terminal_size()?.0.0));
        named.filter(|columns| *columns > 0).or_else(of_terminal)
    }

    /// Prints the one or the other.
    pub(crate) fn print_either(self, json: &str, text: &str) -> anyhow::Result<()> {
        self.print(if self.json { json } else { text })
    }

    /// Prints a note to standard error; nothing for programs, which find it in the answer.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            to_standard_error(text);
        }
    }

    /// Prints why the command failed.
    pub(crate) fn error(self, error: &anyhow::Error) {
        let text = if self.json { error_as_json(error) + "\n" } else { error_in_words(error) };
        to_standard_error(&text);
    }
}

fn to_standard_error(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

fn error_as_json(error: &anyhow::Error) -> String {
    let message = format!("{error:#}");
    let answer = if let Some(problem) = error.downcast_ref::<Problem>() {
        problem.answer()
    } else if let Some(error) = error.downcast_ref::<tierwise::Error>() {
        ProblemAnswer::of(error)
    } else if let Some((code, message)) = service_error(error) {
        ProblemAnswer { code, message, ..ProblemAnswer::default() }
    } else {
        ProblemAnswer { code: "failed", message: &message, ..ProblemAnswer::default() }
    };
    serde_json::to_string(&answer).unwrap_or(message)
}

fn error_in_words(error: &anyhow::Error) -> String {
    let red = AnsiColor::Red.on_default().bold();
    let said = format!("{error:#}");
    let said = match service_error(error) {
        // One of a configuration shows the line that is wrong.
        Some(_) => said.trim_end().lines().map(printable).collect::<Vec<_>>().join("\n  "),
        None => printable(&said),
    };
    let mut text = format!("{red}error{red:#}: {said}\n");
    let problem = error.downcast_ref::<Problem>().map(|problem| &problem.error);
    if let Some(error) = problem.or_else(|| error.downcast_ref::<tierwise::Error>()) {
        text += &mend_in_words(error);
    }
    if let Some((code, _)) = service_error(error) {
        text += &format!("  code: {}\n", printable(code));
    }
    text
}

/// The code and the words of an error of the queue's service.
#[cfg(unix)]
fn service_error(error: &anyhow::Error) -> Option<(&str, &str)> {
    let error = error.downcast_ref::<tierwise_server::ServerError>()?;
    Some((&error.code, &error.message))
}

#[cfg(not(unix))]
fn service_error(_: &anyhow::Error) -> Option<(&str, &str)> {
    None
}

/// The lines below an error: how to mend it, and its code.
pub(crate) fn mend_in_words(error: &tierwise::Error) -> String {
    let help = match error.help() {
        "" => String::new(),
        help => format!("  help: {}\n", printable(help)),
    };
    help + &format!("  code: {}\n", error.code())
}

/// A failure of the system, in our words: what was tried with what, and why it went wrong.
pub(crate) fn io_failure(tried: &str, what: impl Display, error: &io::Error) -> anyhow::Error {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is not a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "no space is left".to_owned(),
        _ => error.to_string(),
    };
    anyhow::anyhow!("cannot {tried} {what}: {reason}")
}

/// A path as errors name it.
pub(crate) fn quoted(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// A heading.
pub(crate) fn heading(text: &str) -> String {
    let bold = Style::new().bold();
    format!("{bold}{}{bold:#}\n", printable(text))
}
