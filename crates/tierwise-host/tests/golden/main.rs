//! The golden cases, put to the component: through its JSON face byte for byte, and through its
//! typed faces field by field.
#![allow(clippy::unwrap_used, reason = "tests")]

mod questions;
mod typed;
mod written;

use std::{collections::HashMap, path::Path};

use tierwise_host::{BUILT_IN, Catalog, CheckedComponent, Error, Host};
use tierwise_vectors::{
    Answer, Case, CatalogChoice, Expected, Outcome, files_below, read_file, run,
};

const MESSAGING: &str = include_str!("../../../../catalogs/messaging.json");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");

/// The component in its host, as the host of cases.
struct Component {
    host: Host,
    catalogs: HashMap<CatalogChoice, Result<Catalog, Error>>,
}

impl Component {
    fn new(component: CheckedComponent) -> Self {
        Component { host: Host::new(component), catalogs: HashMap::new() }
    }

    fn catalog(&mut self, choice: &CatalogChoice) -> Result<Catalog, Error> {
        let text = match choice {
            CatalogChoice::Messaging => MESSAGING,
            CatalogChoice::Written(text) => text,
        };
        let load = || self.host.load(text).answer;
        self.catalogs.entry(choice.clone()).or_insert_with(load).clone()
    }
}

fn code_and_path(error: &Error) -> (String, String) {
    (error.code().to_owned(), error.path().to_owned())
}

impl tierwise_vectors::Host for Component {
    fn answer(&mut self, case: &Case) -> Answer {
        let catalog = self.catalog(&case.catalog).map_err(|error| code_and_path(&error))?;
        let request = tierwise_wire::canonical(&case.request);
        let answer = self.host.ask(&catalog, &case.operation, &request).answer;
        answer.map_err(|error| code_and_path(&error))
    }
}

fn cases() -> Vec<Case> {
    let files = files_below(Path::new(VECTORS)).unwrap();
    files.iter().flat_map(|file| read_file(file).unwrap()).collect()
}

#[test]
fn every_case_is_answered_byte_for_byte_through_the_json_face() {
    // The same, and not to the byte: a section without a meaning makes it a foreign one.
    let foreign = [BUILT_IN, &[0, 2, 1, b'x']].concat();
    let cases = cases();
    let mut failed = Vec::new();
    for bytes in [BUILT_IN, &foreign] {
        let mut component = Component::new(CheckedComponent::check(bytes).unwrap());
        for case in &cases {
            if let Outcome::Fail { expected, found } = run(case, &mut component) {
                failed.push(format!("{}: expected {expected}, found {found}", case.id));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
    assert!(cases.len() >= 800, "there are {} cases", cases.len());
}

/// What records cannot say wrongly: their keys, their types, their words. A case that expects
/// another error, or an answer, must have a typed question.
const FORM: [&str; 9] = [
    "bad_json",
    "expected_decimal_string",
    "missing_key",
    "negative",
    "out_of_range",
    "unknown_key",
    "unknown_value",
    "wrong_form",
    "wrong_type",
];

#[test]
fn the_typed_faces_answer_as_the_json_face_does() {
    let mut component = Component::new(CheckedComponent::built_in().unwrap());
    let mut asked: HashMap<String, usize> = HashMap::new();
    let mut failed = Vec::new();
    for case in cases() {
        if !typed::OPERATIONS.contains(&case.operation.as_str()) {
            continue;
        }
        // A catalog that does not load is the JSON face's case.
        let Ok(catalog) = component.catalog(&case.catalog) else { continue };
        let expected = match &case.expected {
            Expected::Out(out) => Ok(out.clone()),
            Expected::Error { code, path } => Err((code.clone(), path.clone())),
        };
        match typed::answer(&component.host, &catalog, &case) {
            Some(found) if found == expected => {
                *asked.entry(case.operation.clone()).or_default() += 1;
            }
            Some(found) => failed.push(format!("{}: {expected:?}, found {found:?}", case.id)),
            None if expected.as_ref().is_err_and(|(code, _)| FORM.contains(&code.as_str())) => {}
            None => failed.push(format!("{}: no records say what it asks", case.id)),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    for operation in typed::OPERATIONS {
        assert!(asked.get(operation).is_some_and(|count| *count >= 10), "{operation}: {asked:?}");
    }
}
