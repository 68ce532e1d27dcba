//! Lines that could not be used: listed with file, line and reason, never dropped silently.

use serde::Serialize;
use tierwise::Error;

/// How many are kept for listing; all are counted.
const MAX_KEPT: usize = 1000;
/// How many are shown to people.
const MAX_SHOWN: usize = 20;

/// A line that could not be used.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) error: Error,
}

impl Problem {
    fn answer(&self) -> ProblemAnswer<'_> {
        ProblemAnswer {
            code: self.error.code().as_str(),
            file: &self.file,
            help: self.error.help(),
            line: self.line,
            message: self.error.message(),
            path: self.error.path(),
        }
    }

    fn in_words(&self) -> String {
        let (file, line, error) = (&self.file, self.line, &self.error);
        let help =
            if error.help().is_empty() { String::new() } else { format!(" ({})", error.help()) };
        format!("{file}:{line}: {error}{help} [{}]", error.code())
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// Whether the first one ends the reading.
    pub(crate) strict: bool,
    kept: Vec<Problem>,
    count: u64,
}

/// A problem in canonical JSON.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemAnswer<'a> {
    code: &'static str,
    file: &'a str,
    help: &'a str,
    line: u64,
    message: &'a str,
    path: &'a str,
}

impl Problems {
    pub(crate) fn new(strict: bool) -> Self {
        Problems { strict, ..Problems::default() }
    }

    pub(crate) fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.kept.len() < MAX_KEPT {
            self.kept.push(problem);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn should_stop(&self) -> bool {
        self.strict && self.count > 0
    }

    pub(crate) fn last_in_words(&self) -> String {
        self.kept.last().map(Problem::in_words).unwrap_or_default()
    }

    pub(crate) fn answers(&self) -> Vec<ProblemAnswer<'_>> {
        self.kept.iter().map(Problem::answer).collect()
    }

    /// The list for people; empty if there are none.
    pub(crate) fn in_words(&self) -> String {
        if self.count == 0 {
            return String::new();
        }
        let mut text: String =
            self.kept.iter().take(MAX_SHOWN).map(|problem| problem.in_words() + "\n").collect();
        let shown = MAX_SHOWN.min(self.kept.len()) as u64;
        if self.count > shown {
            text += &format!("… and {} more\n", self.count - shown);
        }
        let (lines, were) = if self.count == 1 { ("line", "was") } else { ("lines", "were") };
        text + &format!("{} {lines} could not be used and {were} left out\n", self.count)
    }
}
