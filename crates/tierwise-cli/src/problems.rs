//! Lines that could not be used: listed with file, line and reason, never dropped silently.

use std::fmt;

use serde::Serialize;
use tierwise::Error;

use crate::{table::printable, words::count};

/// How many are listed to people, if they ask for no other number.
const MAX_SHOWN: usize = 20;
/// How many are listed to programs, if they ask for no other number.
const MAX_ANSWERED: usize = 1000;
/// A path or message is repeated up to this length, in characters: a line may be one long key.
const MAX_WORDS_CHARS: usize = 500;

/// Something wrong in a file.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) file: String,
    /// The line; none if it is about the whole file.
    pub(crate) line: Option<u64>,
    pub(crate) error: Error,
}

/// A problem, or an error that is about no file, in canonical JSON.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ProblemAnswer<'a> {
    pub(crate) code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<&'a str>,
    pub(crate) help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    pub(crate) message: &'a str,
    pub(crate) path: &'a str,
}

impl<'a> ProblemAnswer<'a> {
    /// An error that is about no file.
    pub(crate) fn of(error: &'a Error) -> Self {
        ProblemAnswer {
            code: error.code().as_str(),
            file: None,
            help: error.help(),
            line: None,
            message: error.message(),
            path: error.path(),
        }
    }
}

impl Problem {
    pub(crate) fn answer(&self) -> ProblemAnswer<'_> {
        ProblemAnswer { file: Some(&self.file), line: self.line, ..ProblemAnswer::of(&self.error) }
    }

    fn in_words(&self) -> String {
        let help = match self.error.help() {
            "" => String::new(),
            help => format!(" ({help})"),
        };
        printable(&format!("{self}{help} [{}]", self.error.code()))
    }
}

/// The same error with words of bounded length: many long broken lines must not fill the memory.
pub(crate) fn bounded(error: Error) -> Error {
    let cut = |text: &str| match text.char_indices().nth(MAX_WORDS_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    if error.path().len() + error.message().len() + error.help().len() <= MAX_WORDS_CHARS {
        return error;
    }
    let (path, help) = (cut(error.path()), cut(error.help()));
    Error::new(error.code(), cut(error.message())).with_help(help).at(&path)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { file, line, error } = self;
        match line {
            Some(line) => write!(f, "{file}:{line}: {error}"),
            None => write!(f, "{file}: {error}"),
        }
    }
}

impl std::error::Error for Problem {}

/// What to do with problems.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    /// The first one ends the reading.
    Strict,
    /// All are counted, so many are kept for listing.
    Collect(usize),
}

impl Policy {
    /// The policy of a command's options.
    pub(crate) fn of(strict: bool, max_listed: Option<usize>, json: bool) -> Self {
        if strict {
            return Policy::Strict;
        }
        let default = if json { MAX_ANSWERED } else { MAX_SHOWN };
        Policy::Collect(max_listed.unwrap_or(default))
    }
}

/// All problems of a command.
#[derive(Debug)]
pub(crate) struct Problems {
    policy: Policy,
    kept: Vec<Problem>,
    count: u64,
}

impl Problems {
    pub(crate) fn new(policy: Policy) -> Self {
        Problems { policy, kept: Vec::new(), count: 0 }
    }

    /// Takes note of a problem. Errors: the problem itself, where it ends the reading.
    pub(crate) fn add(&mut self, problem: Problem) -> Result<(), Problem> {
        self.count += 1;
        match self.policy {
            Policy::Strict => return Err(problem),
            Policy::Collect(most) if self.kept.len() < most => self.kept.push(problem),
            Policy::Collect(_) => {}
        }
        Ok(())
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn answers(&self) -> Vec<ProblemAnswer<'_>> {
        self.kept.iter().map(Problem::answer).collect()
    }

    /// The list for people; empty if there are none.
    pub(crate) fn in_words(&self) -> String {
        if self.count == 0 {
            return String::new();
        }
        let mut text: String = self.kept.iter().map(|problem| problem.in_words() + "\n").collect();
        let unlisted = self.count - self.kept.len() as u64;
        if unlisted > 0 {
            text += &format!("… and {unlisted} more (--max-problems {} lists all)\n", self.count);
        }
        let were = if self.count == 1 { "was" } else { "were" };
        text + &format!("{} could not be used and {were} left out\n", count(self.count, "line"))
    }
}
