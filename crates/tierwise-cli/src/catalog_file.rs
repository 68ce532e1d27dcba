//! Catalog files: JSON, YAML or TOML, turned into the same document (F6).

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use tierwise::{Code, Error, limits::MAX_DOCUMENT_BYTES};
use tierwise_wire::{Document, LoadedCatalog};

use crate::{
    output::{io_failure, quoted},
    problems::Problem,
};

/// The key under which the TOML reader hands over a date.
const TOML_DATE_KEY: &str = "$__toml_private_datetime";

/// The catalog of a file, or the built-in one. Errors: that the file cannot be read, or the problem
/// with what it says.
pub(crate) fn choose(file: Option<&Path>) -> anyhow::Result<LoadedCatalog> {
    let Some(file) = file else { return Ok(LoadedCatalog::messaging().clone()) };
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
        "yaml" | "yml" => from_yaml(text(bytes)?),
        "toml" => from_toml(text(bytes)?),
        _ => Document::from_json(bytes),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let message = format!("the document is larger than {MAX_DOCUMENT_BYTES} bytes");
        return Err(Error::new(Code::TooLarge, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the bytes from {} on are not UTF-8", error.valid_up_to());
        Error::new(Code::InvalidUtf8, message)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn bad(format: &str, error: impl std::fmt::Display) -> Error {
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
    let document = found?;
    read.map_err(|error| bad("YAML", error))?;
    Ok(document)
}

fn from_toml(text: &str) -> Result<Document, Error> {
    let deserializer =
        toml::Deserializer::parse(text).map_err(|error| bad("TOML", error.to_string().trim()))?;
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
    fn what_cannot_be_read_says_where() {
        assert_eq!(from_yaml("a: [1").unwrap_err().code(), Code::BadJson);
        assert_eq!(from_yaml("a: 1\na: 2").unwrap_err().code(), Code::DuplicateKey);
        assert!(from_toml("a = ").unwrap_err().message().contains("line 1"));
        let deep = format!("a: {}1{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(from_yaml(&deep).unwrap_err().code(), Code::TooDeep);
    }
}
