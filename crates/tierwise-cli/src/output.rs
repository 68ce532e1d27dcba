//! What the command prints: tables for people, canonical JSON for programs, errors for both.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use serde::Serialize;

/// A line under the heads, and nothing else.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Findings,
    Refused,
}

impl Outcome {
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

#[derive(Serialize)]
struct ErrorAnswer<'a> {
    code: &'a str,
    help: &'a str,
    message: &'a str,
    path: &'a str,
}

impl Printer {
    /// Prints an answer.
    pub(crate) fn print(self, text: &str) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(())
    }

    /// Prints an answer as canonical JSON: its types declare their fields by name.
    pub(crate) fn print_json(self, answer: &impl Serialize) -> anyhow::Result<()> {
        self.print(&serde_json::to_string(answer)?)
    }

    /// Prints a note to standard error; nothing for programs, which find it in the answer.
    pub(crate) fn note(self, text: &str) {
        if !self.json && !text.is_empty() {
            anstream::eprint!("{text}");
        }
    }

    /// Prints why the command failed.
    pub(crate) fn error(self, error: &anyhow::Error) {
        let engine = error.downcast_ref::<tierwise::Error>();
        if self.json {
            let message = format!("{error:#}");
            let answer = match engine {
                Some(error) => ErrorAnswer {
                    code: error.code().as_str(),
                    help: error.help(),
                    message: error.message(),
                    path: error.path(),
                },
                None => ErrorAnswer { code: "failed", help: "", message: &message, path: "" },
            };
            let text = serde_json::to_string(&answer).unwrap_or(message.clone());
            anstream::eprintln!("{text}");
            return;
        }
        let red = AnsiColor::Red.on_default().bold();
        anstream::eprintln!("{red}error{red:#}: {error:#}");
        if let Some(error) = engine {
            if !error.help().is_empty() {
                anstream::eprintln!("  help: {}", error.help());
            }
            anstream::eprintln!("  code: {}", error.code());
        }
    }
}

/// Whether whoever read the output has closed it: no failure of ours.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A heading.
pub(crate) fn heading(text: &str) -> String {
    let bold = Style::new().bold();
    format!("{bold}{text}{bold:#}\n")
}

/// An aligned table: columns whose head starts with `>` are aligned to the right.
pub(crate) fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(heads.iter().map(|head| head.trim_start_matches('>')));
    for row in rows {
        table.add_row(row);
    }
    for (i, head) in heads.iter().enumerate() {
        if let Some(column) = table.column_mut(i) {
            let right = head.starts_with('>');
            column.set_cell_alignment(if right {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            });
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}
