//! The questions of `parity`: the golden cases, and what becomes of them when they are spoilt.

use super::mutate::{spoil, spoil_text};
use crate::project::Project;
use anyhow::{Context as _, Result, anyhow, bail};
use oorandom::Rand64;
use std::collections::HashMap;
use tierwise_vectors::{Case, CatalogChoice, files_below, read_file};
use tierwise_wire::{Document, Error, LoadedCatalog, canonical};

const VECTORS: &str = "tests/vectors";
/// One in so many fuzzed questions is a text, maybe no JSON at all.
const TEXTS_EVERY: usize = 5;
/// One in so many fuzzed questions has a spoilt catalog.
const CATALOGS_EVERY: usize = 10;

/// A question, and what the engine answers.
pub(super) struct Question {
    pub(super) operation: String,
    /// As the drivers read it.
    pub(super) line: String,
    pub(super) answer: String,
    /// Whether its request is a document, which objects can stand for.
    is_document: bool,
}

impl Question {
    /// Its place among those asked.
    pub(super) fn place(&self, asked: &[&Question]) -> usize {
        asked.iter().position(|other| std::ptr::eq(*other, self)).unwrap_or_default()
    }
}

/// All questions.
pub(super) struct Questions(Vec<Question>);

impl Questions {
    pub(super) fn collect(project: &Project, seed: u64, fuzzed: usize) -> Result<Self> {
        let mut cases = Vec::new();
        for file in files_below(&project.path(VECTORS)).context(VECTORS)? {
            cases.extend(read_file(&file).map_err(|error| anyhow!(error))?);
        }
        if cases.is_empty() {
            bail!("`{VECTORS}` has no cases");
        }
        let mut engine = Engine::new();
        let mut questions: Vec<_> = cases
            .iter()
            .map(|case| {
                engine.question(&case.id, case, catalog_of(case), Asked::Document(&case.request))
            })
            .collect();
        let mut random = Rand64::new(seed.into());
        for number in 0..fuzzed {
            let case = &cases[below(&mut random, cases.len())];
            questions.push(fuzzed_question(&mut engine, &mut random, case, number));
        }
        Ok(Questions(questions))
    }

    /// Those that a face can be asked: one of objects takes no broken text.
    pub(super) fn of(&self, documents_only: bool) -> Vec<&Question> {
        self.0.iter().filter(|question| question.is_document || !documents_only).collect()
    }
}

fn fuzzed_question(
    engine: &mut Engine,
    random: &mut Rand64,
    case: &Case,
    number: usize,
) -> Question {
    let id = format!("fuzz-{number}");
    let mut catalog = catalog_of(case);
    if number.is_multiple_of(CATALOGS_EVERY) {
        let text = catalog.unwrap_or_else(|| engine.messaging.canonical_json().to_owned());
        let document = Document::from_json(text.as_bytes()).unwrap_or(Document::Null);
        let spoilt = spoil(random, &document);
        // What is no object is not a catalog of any host: text of its own there, or none.
        let is_object = matches!(spoilt, Document::Map(_));
        catalog = Some(canonical(if is_object { &spoilt } else { &document }));
        return engine.question(&id, case, catalog, Asked::Document(&case.request));
    }
    if number.is_multiple_of(TEXTS_EVERY) {
        let text = spoil_text(random, &canonical(&case.request));
        return engine.question(&id, case, catalog, Asked::Text(&text));
    }
    let request = spoil(random, &case.request);
    engine.question(&id, case, catalog, Asked::Document(&request))
}

/// The catalog of a case; none for the built-in one.
fn catalog_of(case: &Case) -> Option<String> {
    match &case.catalog {
        CatalogChoice::Messaging => None,
        CatalogChoice::Written(text) => Some(text.clone()),
    }
}

/// A place in a list of so many.
pub(super) fn below(random: &mut Rand64, count: usize) -> usize {
    let most = u64::try_from(count.max(1)).unwrap_or(1);
    usize::try_from(random.rand_range(0..most)).unwrap_or(0)
}

/// How a question is put.
enum Asked<'a> {
    Document(&'a Document),
    Text(&'a str),
}

/// The engine in this process, which all hosts are compared with.
struct Engine {
    messaging: LoadedCatalog,
    loaded: HashMap<String, Result<LoadedCatalog, Error>>,
}

impl Engine {
    fn new() -> Self {
        Engine { messaging: LoadedCatalog::messaging(), loaded: HashMap::new() }
    }

    fn question(
        &mut self,
        id: &str,
        case: &Case,
        catalog: Option<String>,
        asked: Asked<'_>,
    ) -> Question {
        let text = |text: &str| canonical(&Document::Text(text.to_owned()));
        let (request, is_document) = match asked {
            Asked::Document(document) => (format!(r#""in":{}"#, canonical(document)), true),
            Asked::Text(request) => (format!(r#""text":{}"#, text(request)), false),
        };
        let place = catalog.as_ref().map(|catalog| format!(r#""catalog":{catalog},"#));
        let line = format!(
            r#"{{{}"id":{},{request},"op":{}}}"#,
            place.unwrap_or_default(),
            text(id),
            text(&case.operation),
        );
        let catalog = match catalog {
            None => Ok(&self.messaging),
            Some(text) => {
                let load = |text: &String| LoadedCatalog::load(text.as_bytes());
                self.loaded.entry(text).or_insert_with_key(load).as_ref()
            }
        };
        // As the drivers read it: with the keys in this order, and no deeper than may be.
        let asked = match asked {
            Asked::Document(document) => canonical(document),
            Asked::Text(text) => text.to_owned(),
        };
        let answer = catalog.map_err(Clone::clone);
        let answer = answer.and_then(|catalog| catalog.ask(&case.operation, &asked));
        let answer = answer.unwrap_or_else(|error| refused(&error));
        Question { operation: case.operation.clone(), line, answer, is_document }
    }
}

/// An error in its canonical form.
fn refused(error: &Error) -> String {
    let entry = |key: &str, value: &str| (key.to_owned(), Document::Text(value.to_owned()));
    let error = Document::Map(vec![
        entry("code", error.code().as_str()),
        entry("help", error.help()),
        entry("message", error.message()),
        entry("path", error.path()),
    ]);
    canonical(&Document::Map(vec![("error".to_owned(), error)]))
}
