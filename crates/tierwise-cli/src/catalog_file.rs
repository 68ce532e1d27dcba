//! Catalog files: JSON, YAML or TOML, turned into the same document (F6).

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use tierwise::{
    Code, Error,
    limits::{MAX_DEPTH, MAX_DOCUMENT_BYTES},
};
use tierwise_wire::{Document, LoadedCatalog, document_text};

use crate::{
    output::{io_failure, quoted},
    problems::Problem,
};

/// How the words of a format's reader begin once they have passed through a document.
const READER_SAYS: &str = "the document cannot be read: ";

/// The key under which the TOML reader hands over a date.
const TOML_DATE_KEY: &str = "$__toml_private_datetime";

/// The catalog of a file, or the built-in one. Errors: that the file cannot be read, or the problem
/// with what it says.
pub(crate) fn choose(file: Option<&Path>) -> anyhow::Result<LoadedCatalog> {
    let Some(file) = file else { return Ok(LoadedCatalog::messaging()) };
    let bytes = read(file).map_err(|error| io_failure("read", quoted(file), &error))?;
    document(file, &bytes).and_then(|document| LoadedCatalog::load_document(&document)).map_err(
        |error| {
            let file = file.display().to_string();
            Problem { file, line: None, error }.into()
        },
    )
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than allowed: enough to know that it is too large.
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn document(file: &Path, bytes: &[u8]) -> Result<Document, Error> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => from_yaml(document_text(bytes)?),
        "toml" => from_toml(document_text(bytes)?),
        _ => Document::from_json(bytes),
    }
}

/// What the reader of a format says, in one line.
fn bad(format: &str, error: &str) -> Error {
    if error.contains("recurs") {
        return Error::new(Code::TooDeep, format!("nested deeper than {MAX_DEPTH}"));
    }
    if error.contains("budget") {
        // The reader's own bounds: aliases that expand to far more than the file.
        return Error::new(Code::TooLarge, format!("the {format} expands to too much"))
            .with_help("write it without aliases");
    }
    Error::new(Code::BadJson, format!("the {format} cannot be read: {error}"))
}

fn from_yaml(text: &str) -> Result<Document, Error> {
    let mut found = Ok(Document::Null);
    // Double keys are refused by the document, which knows their path.
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    };
    let read =
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
            found = Document::from_deserializer(deserializer);
            Ok(())
        });
    let document = found.map_err(|error| match error.code() {
        Code::BadJson => bad("YAML", error.message().trim_start_matches(READER_SAYS)),
        _ => error,
    })?;
    read.map_err(|error| {
        let words = error.to_string();
        // The first line says what is wrong, others show it; after `;` comes advice to programmers.
        let words = words.split(['\n', ';']).next().unwrap_or_default();
        let words = words.trim_start_matches("error: ");
        let place = error.location().filter(|_| !words.contains("line"));
        let place = place.map(|at| format!(" at line {}, column {}", at.line(), at.column()));
        bad("YAML", &format!("{words}{}", place.unwrap_or_default()))
    })?;
    Ok(document)
}

fn from_toml(text: &str) -> Result<Document, Error> {
    let deserializer = toml::Deserializer::parse(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        bad("TOML", &format!("{} at line {line}, column {column}", error.message()))
    })?;
    let mut document = Document::from_deserializer(deserializer)?;
    mend_dates(&mut document);
    open_last_bands(&mut document);
    Ok(document)
}

/// TOML has dates; the document has their text.
fn mend_dates(document: &mut Document) {
    if let Document::Map(entries) = document
        && let [(key, Document::Text(text))] = entries.as_slice()
        && key == TOML_DATE_KEY
    {
        *document = Document::Text(text.clone());
        return;
    }
    each_value(document, &mut mend_dates);
}

/// TOML has no null: the last band of a list, written without an upper limit, is the open one.
fn open_last_bands(document: &mut Document) {
    if let Document::Map(entries) = document
        && let Some((_, Document::List(bands))) = entries.iter_mut().find(|(key, _)| key == "bands")
        && let Some(Document::Map(last)) = bands.last_mut()
    {
        let has = |key: &str| last.iter().any(|(known, _)| known == key);
        let limit = if has("from") || has("price") { "to" } else { "upTo" };
        if !has(limit) {
            last.push((limit.to_owned(), Document::Null));
        }
    }
    each_value(document, &mut open_last_bands);
}

fn each_value(document: &mut Document, change: &mut dyn FnMut(&mut Document)) {
    match document {
        Document::List(list) => list.iter_mut().for_each(change),
        Document::Map(entries) => entries.iter_mut().for_each(|(_, value)| change(value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
tierwise: 1
id: small
version: '1'
effectiveFrom: 2026-01-01
currency: USD
meters: {day: {kind: active_days}}
tiers:
  - id: one
    rank: 1
    prices:
      - id: days
        meter: day
        model: graduated
        bands: [{upTo: 10, unitPrice: '0.40'}, {upTo: null, unitPrice: '0.3'}]
";
    const TOML: &str = "
tierwise = 1
id = 'small'
version = '1'
effectiveFrom = 2026-01-01
currency = 'USD'
meters.day.kind = 'active_days'
[[tiers]]
id = 'one'
rank = 1
[[tiers.prices]]
id = 'days'
meter = 'day'
model = 'graduated'
bands = [{upTo = 10, unitPrice = '0.4'}, {unitPrice = '0.30'}]
";

    #[test]
    fn f6_yaml_and_toml_are_the_same_document() {
        let yaml = LoadedCatalog::load_document(&from_yaml(YAML).unwrap()).unwrap();
        let toml = LoadedCatalog::load_document(&from_toml(TOML).unwrap()).unwrap();
        assert_eq!(yaml.canonical_json(), toml.canonical_json());
        let json = LoadedCatalog::load(yaml.canonical_json().as_bytes()).unwrap();
        assert_eq!(json.fingerprint(), toml.fingerprint());
    }

    #[test]
    fn f2_a_number_where_money_is_meant_is_refused_in_every_format() {
        let wrong = |document: Result<Document, Error>| {
            let error = LoadedCatalog::load_document(&document.unwrap()).unwrap_err();
            (error.code(), error.path().to_owned())
        };
        let path = "/tiers/0/prices/0/bands/0/unitPrice".to_owned();
        let expected = (Code::ExpectedDecimalString, path);
        assert_eq!(wrong(from_yaml(&YAML.replace("'0.40'", "0.40"))), expected);
        assert_eq!(wrong(from_toml(&TOML.replace("'0.4'", "0.4"))), expected);
    }

    #[test]
    fn what_cannot_be_read_says_where_in_one_line() {
        assert_eq!(from_yaml("a: 1\na: 2").unwrap_err().code(), Code::DuplicateKey);
        let wrong = [
            (from_yaml("a: 1\nb: [1"), "line 2, column 4"),
            (from_yaml("a: 1\n---\nb: 2"), "line 3, column 1"),
            (from_toml("a = 1\nb = \n"), "line 2, column 5"),
        ];
        for (read, place) in wrong {
            let error = read.unwrap_err();
            assert_eq!(error.code(), Code::BadJson);
            let message = error.message();
            assert!(message.contains(place) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_in_every_format() {
        for depth in [40, 400, 100_000] {
            let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let code = |document: Result<Document, Error>| document.unwrap_err().code();
            assert_eq!(code(Document::from_json(deep.as_bytes())), Code::TooDeep);
            assert_eq!(code(from_yaml(&format!("a: {deep}"))), Code::TooDeep);
            assert_eq!(code(from_toml(&format!("a = {deep}"))), Code::TooDeep);
        }
    }

    #[test]
    fn a_small_yaml_file_cannot_grow_without_bound() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
            let ten = vec![format!("*{before}"); 10].join(", ");
            bomb += &format!("{name}: &{name} [{ten}]\n");
        }
        assert_eq!(from_yaml(&bomb).unwrap_err().code(), Code::TooLarge);
    }
}
