//! One line of an event log as a record: CSV or JSON, quick where it is plain, exact where not.

use std::borrow::Cow;

use serde::Deserialize;
use tierwise::{Code, Error};
use tierwise_wire::Document;

/// The columns of a log, and the keys of its objects.
pub(crate) const COLUMNS: [&str; 5] = ["at", "team", "account", "do", "tier"];

/// The format of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A header line, then fields separated by commas.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// What a line says, not yet interpreted. An absent field and an empty one are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record<'a> {
    #[serde(borrow)]
    pub(crate) at: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) team: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) account: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) r#do: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) tier: Cow<'a, str>,
}

/// Which column of a CSV line is what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// For each column of the file: its place in [`COLUMNS`].
    places: Vec<usize>,
}

impl Header {
    /// Reads the header line. Errors: `unknown_key`, `duplicate_key`, `missing_key`.
    pub(crate) fn read(line: &str) -> Result<Self, Error> {
        let mut fields = Vec::new();
        split_fields(line, &mut fields)?;
        let mut places = Vec::new();
        for field in &fields {
            let name = field.trim();
            let Some(place) = COLUMNS.iter().position(|known| *known == name) else {
                let message = format!("`{name}` is not a column of an event log");
                return Err(
                    Error::new(Code::UnknownKey, message).with_nearest(name, COLUMNS.into_iter())
                );
            };
            if places.contains(&place) {
                return Err(Error::new(Code::DuplicateKey, format!("`{name}` stands twice")));
            }
            places.push(place);
        }
        for required in [0, 2, 3] {
            if !places.contains(&required) {
                let name = COLUMNS[required];
                let message = format!("the header has no column `{name}`");
                return Err(Error::new(Code::MissingKey, message)
                    .with_help("the first line names the columns: at,team,account,do,tier"));
            }
        }
        Ok(Header { places })
    }

    /// Reads a line. Errors: `wrong_form` for another number of fields.
    #[inline]
    pub(crate) fn record<'a>(&self, line: &'a str) -> Result<Record<'a>, Error> {
        let mut values: [Cow<'a, str>; COLUMNS.len()] = Default::default();
        let mut count = 0;
        if memchr::memchr(b'"', line.as_bytes()).is_none() {
            for field in line.split(',') {
                if let Some(place) = self.places.get(count) {
                    values[*place] = Cow::Borrowed(field);
                }
                count += 1;
            }
        } else {
            let mut fields = Vec::new();
            split_fields(line, &mut fields)?;
            count = fields.len();
            for (place, field) in self.places.iter().zip(fields) {
                values[*place] = Cow::Owned(field);
            }
        }
        if count != self.places.len() {
            let expected = self.places.len();
            let message = format!("the line has {count} fields, the header names {expected}");
            return Err(Error::new(Code::WrongForm, message));
        }
        let [at, team, account, r#do, tier] = values;
        Ok(Record { at, team, account, r#do, tier })
    }
}

/// The fields of a line with quotes (RFC 4180). A record is one line: quoted line ends are refused.
fn split_fields(line: &str, fields: &mut Vec<String>) -> Result<(), Error> {
    let mut reader = csv_core::Reader::new();
    let mut input = line.as_bytes();
    let mut field = vec![0; line.len() + 1];
    loop {
        let (result, read, written) = reader.read_field(input, &mut field);
        input = input.get(read..).unwrap_or_default();
        let text = field.get(..written).unwrap_or_default();
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                fields.push(String::from_utf8_lossy(text).into_owned());
                if record_end {
                    return Ok(());
                }
            }
            csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::End => {
                return Ok(());
            }
            csv_core::ReadFieldResult::OutputFull => {
                return Err(Error::new(Code::WrongForm, "the line cannot be cut into fields"));
            }
        }
    }
}

/// Reads a JSON line. Errors: those of reading a document, with their path.
#[inline]
pub(crate) fn json_record(line: &str) -> Result<Record<'_>, Error> {
    match serde_json::from_str(line) {
        Ok(record) => Ok(record),
        // Read it again the slow way, which says what is wrong and where.
        Err(error) => Err(explain(line, &error)),
    }
}

#[cold]
fn explain(line: &str, error: &serde_json::Error) -> Error {
    let document = match Document::from_json(line.as_bytes()) {
        Ok(document) => document,
        Err(error) => return error,
    };
    let Document::Map(entries) = &document else {
        return Error::new(Code::WrongType, "the line is not an object");
    };
    for (key, value) in entries {
        if !COLUMNS.contains(&key.as_str()) {
            let message = format!("`{key}` is not a key of an event");
            return Error::new(Code::UnknownKey, message)
                .with_nearest(key, COLUMNS.into_iter())
                .under(key);
        }
        if value.as_str().is_none() {
            return Error::new(Code::WrongType, "expected a string").under(key);
        }
    }
    for key in ["at", "account", "do"] {
        if document.get(key).is_none() {
            let message = format!("the key `{key}` is missing");
            return Error::new(Code::MissingKey, message).under(key);
        }
    }
    Error::new(Code::BadJson, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_fields_stand_where_the_header_says() {
        let header = Header::read("tier,at,do,account").unwrap();
        let record = header.record("t,2026,create,a").unwrap();
        let expected = Record {
            tier: "t".into(),
            at: "2026".into(),
            r#do: "create".into(),
            account: "a".into(),
            ..Record::default()
        };
        assert_eq!(record, expected);
        assert_eq!(header.record("\"t\",2026,\"create\",a").unwrap(), expected);
        let quoted = header.record("t,2026,create,\"a \"\"b\"\", c\"").unwrap();
        assert_eq!(quoted.account, "a \"b\", c");
    }

    #[test]
    fn a_header_or_line_of_another_form_is_refused() {
        let code = |line| Header::read(line).unwrap_err().code();
        assert_eq!(code("at,acount,do"), Code::UnknownKey);
        assert_eq!(code("at,at,account,do"), Code::DuplicateKey);
        assert_eq!(code("at,account"), Code::MissingKey);
        let header = Header::read("at,account,do").unwrap();
        assert_eq!(header.record("1,2").unwrap_err().code(), Code::WrongForm);
        assert_eq!(header.record("1,2,3,4").unwrap_err().code(), Code::WrongForm);
    }

    #[test]
    fn a_wrong_json_line_says_what_is_wrong_and_where() {
        let wrong = |line| {
            let error = json_record(line).unwrap_err();
            (error.code(), error.path().to_owned())
        };
        assert_eq!(wrong("{"), (Code::BadJson, String::new()));
        assert_eq!(wrong("[]"), (Code::WrongType, String::new()));
        assert_eq!(wrong(r#"{"at":1}"#), (Code::WrongType, "/at".into()));
        assert_eq!(wrong(r#"{"teir":"x"}"#), (Code::UnknownKey, "/teir".into()));
        assert_eq!(wrong(r#"{"at":"x","do":"y"}"#), (Code::MissingKey, "/account".into()));
        let twice = r#"{"at":"x","do":"y","account":"a","at":"z"}"#;
        assert_eq!(wrong(twice), (Code::DuplicateKey, "/at".into()));
    }
}
