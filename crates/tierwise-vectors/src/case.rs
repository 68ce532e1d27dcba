//! One golden case, read from its line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tierwise_wire::{Document, canonical};

/// A question with its expected answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique over all files.
    pub id: String,
    /// The rule that it tests.
    pub rule: String,
    /// The operation.
    pub operation: String,
    /// The catalog that answers.
    pub catalog: CatalogChoice,
    /// The request.
    pub request: Document,
    /// What is expected.
    pub expected: Expected,
    /// The line as it stands in the file.
    pub line: String,
}

/// Which catalog answers a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CatalogChoice {
    /// The built-in one of the messaging service.
    Messaging,
    /// This one, as canonical JSON of the file as written.
    Written(String),
}

/// What a case expects.
#[derive(Clone, Debug)]
pub enum Expected {
    /// This answer, as canonical JSON.
    Out(String),
    /// An error.
    Error {
        /// Its code.
        code: String,
        /// Its path.
        path: String,
    },
}

/// The cases of a file. Errors say which line is not a case, and why.
pub fn read_file(file: &Path) -> Result<Vec<Case>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| {
            read_case(file, line).map_err(|error| format!("{}:{}: {error}", file.display(), i + 1))
        })
        .collect()
}

fn read_case(file: &Path, line: &str) -> Result<Case, String> {
    let document = Document::from_json(line.as_bytes()).map_err(|error| error.to_string())?;
    let text = |key: &str| {
        let text = document.get(key).and_then(Document::as_str);
        text.map(str::to_owned).ok_or_else(|| format!("the case has no text under `{key}`"))
    };
    let expected = match (document.get("out"), document.get("error")) {
        (Some(out), None) => Expected::Out(canonical(out)),
        (None, Some(error)) => {
            let part = |key: &str| {
                let text = error.get(key).and_then(Document::as_str).map(str::to_owned);
                text.ok_or_else(|| format!("the error of the case has no text under `{key}`"))
            };
            Expected::Error { code: part("code")?, path: part("path")? }
        }
        _ => return Err("a case has either `out` or `error`".to_owned()),
    };
    let catalog = match document.get("catalog") {
        None => CatalogChoice::Messaging,
        Some(Document::Text(name)) => CatalogChoice::Written(named_catalog(file, name)?),
        Some(written) => CatalogChoice::Written(canonical(written)),
    };
    let request = document.get("in").ok_or("the case has no `in`")?.clone();
    Ok(Case {
        id: text("id")?,
        rule: text("rule")?,
        operation: text("op")?,
        catalog,
        request,
        expected,
        line: line.to_owned(),
    })
}

/// The text of `catalogs/NAME.json`, in the folder of FORMAT.md: above the case file.
fn named_catalog(file: &Path, name: &str) -> Result<String, String> {
    let candidates: Vec<PathBuf> = file
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("catalogs").join(format!("{name}.json")))
        .collect();
    let found = candidates.iter().find(|candidate| candidate.is_file());
    let path = found.ok_or_else(|| format!("there is no catalogs/{name}.json above the file"))?;
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let document = Document::from_json(&bytes).map_err(|error| error.to_string())?;
    Ok(canonical(&document))
}
