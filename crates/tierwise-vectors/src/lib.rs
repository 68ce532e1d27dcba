//! Golden cases: reads files in the format of `tests/vectors/FORMAT.md` and compares a host's
//! answers with them. A runner without cases: every host brings only its own way to answer.

mod case;
mod native;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use case::{Case, CatalogChoice, Expected, read_file};
pub use native::Native;

/// What a host answers: canonical JSON, or the code and the path of an error.
pub type Answer = Result<String, (String, String)>;

/// Something that answers cases: the engine in one of its homes.
pub trait Host {
    /// The answer of one case.
    fn answer(&mut self, case: &Case) -> Answer;
}

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Pass,
    /// Otherwise: what was expected and what came, as text.
    Fail {
        /// What the case expects.
        expected: String,
        /// What the host answered.
        found: String,
    },
}

/// Runs one case.
pub fn run(case: &Case, host: &mut dyn Host) -> Outcome {
    let expected = match &case.expected {
        Expected::Out(out) => Ok(out.clone()),
        Expected::Error { code, path } => Err((code.clone(), path.clone())),
    };
    let found = host.answer(case);
    if found == expected {
        return Outcome::Pass;
    }
    Outcome::Fail { expected: in_words(&expected), found: in_words(&found) }
}

fn in_words(answer: &Answer) -> String {
    match answer {
        Ok(answer) => answer.clone(),
        Err((code, path)) => format!("error {code} at \"{path}\""),
    }
}

/// The case files below a path, in order of their names: the file itself, or every `*.jsonl` of a
/// folder and its folders.
pub fn files_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            files.extend(files_below(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(entry);
        }
    }
    Ok(files)
}
