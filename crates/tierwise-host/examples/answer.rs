//! Answers a file of questions with the component, for the comparison of all hosts: one JSON object
//! a line, one line of canonical JSON for each.
//!
//! `cargo run --package tierwise-host --example answer -- QUESTIONS [--face text]`

use std::{
    collections::HashMap,
    env,
    error::Error,
    fs,
    io::{self, BufWriter, Write as _},
};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use tierwise_host::{Catalog, Host};

const MESSAGING: &str = include_str!("../../../catalogs/messaging.json");
/// How many catalogs are kept.
const MAX_KEPT: usize = 256;

/// A question; its parts are kept as they are written, so that no number loses a digit.
#[derive(Deserialize)]
struct Question<'a> {
    op: String,
    #[serde(borrow, default, deserialize_with = "written")]
    catalog: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "in", deserialize_with = "written")]
    request: Option<&'a RawValue>,
    /// In its place: a text that may not be JSON.
    text: Option<String>,
}

/// What is written, `null` too: only what is absent is none.
fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// An error in its canonical form: keys sorted.
#[derive(Serialize)]
struct Refused<'a> {
    error: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    code: &'a str,
    help: &'a str,
    message: &'a str,
    path: &'a str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let file = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [file] | [file, "--face", "text"] | ["--face", "text", file] => file.to_owned(),
        _ => return Err("usage: answer QUESTIONS [--face text]".into()),
    };
    let host = Host::built_in()?;
    let mut catalogs: HashMap<String, Result<Catalog, tierwise_host::Error>> = HashMap::new();
    let mut out = BufWriter::new(io::stdout().lock());
    for line in fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()) {
        let question: Question<'_> = serde_json::from_str(line)?;
        let document = question.catalog.map_or(MESSAGING, RawValue::get);
        if catalogs.len() >= MAX_KEPT && !catalogs.contains_key(document) {
            catalogs.clear();
        }
        let catalog =
            catalogs.entry(document.to_owned()).or_insert_with(|| host.load(document).answer);
        let request = match (&question.text, question.request) {
            (Some(text), _) => text,
            (None, Some(request)) => request.get(),
            (None, None) => return Err("a question has `in` or `text`".into()),
        };
        let answer = match catalog {
            Ok(catalog) => host.ask(catalog, &question.op, request).answer,
            Err(error) => Err(error.clone()),
        };
        match answer {
            Ok(answer) => writeln!(out, "{answer}")?,
            Err(error) => {
                let error = Described {
                    code: error.code(),
                    help: error.help(),
                    message: error.message(),
                    path: error.path(),
                };
                writeln!(out, "{}", serde_json::to_string(&Refused { error })?)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
