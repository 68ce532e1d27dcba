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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) at: &'a str,
    pub(crate) team: &'a str,
    pub(crate) account: &'a str,
    pub(crate) r#do: &'a str,
    pub(crate) tier: &'a str,
}

/// A line of JSON: a text with escapes is a copy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRecord<'a> {
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow, default)]
    team: Cow<'a, str>,
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow)]
    r#do: Cow<'a, str>,
    #[serde(borrow, default)]
    tier: Cow<'a, str>,
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
        let mut places = Vec::new();
        for field in split_fields(line)? {
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

    /// Reads a line and hands it to `take`. Errors: `wrong_form` for another number of
    /// fields.
    #[inline]
    pub(crate) fn record(&self, line: &str, take: impl FnOnce(&Record<'_>)) -> Result<(), Error> {
        let mut fields = Fields::default();
        let mut start = 0;
        for end in memchr::memchr2_iter(b',', b'"', line.as_bytes()) {
            if line.as_bytes().get(end) == Some(&b'"') {
                return self.quoted_record(line, take);
            }
            fields.add(&self.places, line.get(start..end).unwrap_or_default());
            start = end + 1;
        }
        fields.add(&self.places, line.get(start..).unwrap_or_default());
        take(&fields.record(&self.places)?);
        Ok(())
    }

    #[cold]
    fn quoted_record(&self, line: &str, take: impl FnOnce(&Record<'_>)) -> Result<(), Error> {
        let unquoted = split_fields(line)?;
        let mut fields = Fields::default();
        for field in &unquoted {
            fields.add(&self.places, field);
        }
        take(&fields.record(&self.places)?);
        Ok(())
    }
}

/// The fields of a line, by their place in [`COLUMNS`].
#[derive(Default)]
struct Fields<'a> {
    values: [&'a str; COLUMNS.len()],
    count: usize,
}

impl<'a> Fields<'a> {
    #[inline]
    fn add(&mut self, places: &[usize], value: &'a str) {
        if let Some(place) = places.get(self.count) {
            self.values[*place] = value;
        }
        self.count += 1;
    }

    #[inline]
    fn record(self, places: &[usize]) -> Result<Record<'a>, Error> {
        if self.count != places.len() {
            let found = crate::words::count(self.count as u64, "field");
            let message = format!("the line has {found}, the header names {}", places.len());
            return Err(Error::new(Code::WrongForm, message)
                .with_help("write a comma for each field, also for an empty one"));
        }
        let [at, team, account, r#do, tier] = self.values;
        Ok(Record { at, team, account, r#do, tier })
    }
}

/// The fields of a line with quotes (RFC 4180). A record is one line: quoted line ends are refused.
fn split_fields(line: &str) -> Result<Vec<String>, Error> {
    if memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 == 1 {
        let message = "a quoted field does not end on its line";
        return Err(Error::new(Code::WrongForm, message)
            .with_help("a record is one line; within quotes, write a quote twice"));
    }
    // A lone carriage return is part of its field, as it is in a line without quotes.
    let terminator = csv_core::Terminator::Any(b'\n');
    let mut reader = csv_core::ReaderBuilder::new().terminator(terminator).build();
    let mut fields = Vec::new();
    let mut input = line.as_bytes();
    // No field is longer than the line.
    let mut field = vec![0; line.len()];
    let mut filled = 0;
    loop {
        let free = field.get_mut(filled..).unwrap_or_default();
        let (result, read, written) = reader.read_field(input, free);
        input = input.get(read..).unwrap_or_default();
        filled += written;
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                let text = field.get(..filled).unwrap_or_default();
                fields.push(String::from_utf8_lossy(text).into_owned());
                filled = 0;
                if record_end {
                    return Ok(fields);
                }
            }
            // Asked once more, without input, the reader gives the last field.
            csv_core::ReadFieldResult::InputEmpty => {}
            csv_core::ReadFieldResult::End => return Ok(fields),
            csv_core::ReadFieldResult::OutputFull => {
                return Err(Error::new(Code::WrongForm, "the line cannot be cut into fields"));
            }
        }
    }
}

/// Reads a JSON line and hands it to `take`. Errors: those of reading a document, with their path.
#[inline]
pub(crate) fn json_record(line: &str, take: impl FnOnce(&Record<'_>)) -> Result<(), Error> {
    if !line.trim_ascii_start().starts_with('{') {
        // Derived code would take a list for an object.
        return Err(explain(line, &"the line is not an object"));
    }
    match serde_json::from_str(line) {
        Ok(JsonRecord { at, team, account, r#do, tier }) => {
            take(&Record { at: &at, team: &team, account: &account, r#do: &r#do, tier: &tier });
            Ok(())
        }
        // Read it again the slow way, which says what is wrong and where.
        Err(error) => Err(explain(line, &error)),
    }
}

#[cold]
fn explain(line: &str, error: &dyn std::fmt::Display) -> Error {
    let document = match Document::from_json(line.as_bytes()) {
        Ok(document) => document,
        Err(error) => return error,
    };
    let Document::Map(entries) = &document else {
        return Error::new(Code::WrongType, "the line is not an object")
            .with_help("write one event a line, like `{\"at\":…,\"account\":…,\"do\":…}`");
    };
    for (key, value) in entries {
        if !COLUMNS.contains(&key.as_str()) {
            let message = format!("`{key}` is not a key of an event");
            return Error::new(Code::UnknownKey, message)
                .with_nearest(key, COLUMNS.into_iter())
                .under(key);
        }
        if value.as_str().is_none() {
            let message = format!("`{key}` is not a string");
            let help = "write the value in quotes, or leave the key out";
            return Error::new(Code::WrongType, message).with_help(help).under(key);
        }
    }
    for key in ["at", "account", "do"] {
        if document.get(key).is_none() {
            let message = format!("the key `{key}` is missing");
            let help = "an event has `at`, `account` and `do`";
            return Error::new(Code::MissingKey, message).with_help(help).under(key);
        }
    }
    Error::new(Code::BadJson, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(header: &Header, line: &str) -> Result<[String; 5], Code> {
        let mut found = <[String; 5]>::default();
        let take = |record: &Record<'_>| {
            let Record { at, team, account, r#do, tier } = *record;
            found = [at, team, account, r#do, tier].map(str::to_owned);
        };
        header.record(line, take).map_err(|error| error.code())?;
        Ok(found)
    }

    #[test]
    fn csv_fields_stand_where_the_header_says() {
        let header = Header::read("tier,at,do,account").unwrap();
        let expected = ["2026", "", "a", "create", "t"].map(str::to_owned);
        assert_eq!(fields(&header, "t,2026,create,a").unwrap(), expected);
        assert_eq!(fields(&header, "\"t\",2026,\"create\",a").unwrap(), expected);
        let account = |line| fields(&header, line).unwrap()[2].clone();
        assert_eq!(account("t,2026,create,\"a \"\"b\"\", c\""), "a \"b\", c");
        assert_eq!(account("t,\"\",create,\"\""), "");
        assert_eq!(account("t,\"1\",create,a\rb"), "a\rb");
    }

    #[test]
    fn a_header_or_line_of_another_form_is_refused() {
        let code = |line| Header::read(line).unwrap_err().code();
        assert_eq!(code("at,acount,do"), Code::UnknownKey);
        assert_eq!(code("at,at,account,do"), Code::DuplicateKey);
        assert_eq!(code("at,account"), Code::MissingKey);
        let header = Header::read("at,account,do").unwrap();
        for line in ["1,2", "1,2,3,4", "1,\"2,3", "\"1\",2"] {
            assert_eq!(fields(&header, line), Err(Code::WrongForm), "{line}");
        }
    }

    #[test]
    fn a_wrong_json_line_says_what_is_wrong_and_where() {
        let wrong = |line| {
            let error = json_record(line, |_| {}).unwrap_err();
            (error.code(), error.path().to_owned())
        };
        assert_eq!(wrong("{"), (Code::BadJson, String::new()));
        assert_eq!(wrong("[]"), (Code::WrongType, String::new()));
        assert_eq!(wrong(r#"["2026","t","a","create","x"]"#), (Code::WrongType, String::new()));
        assert_eq!(wrong(r#"{"at":1}"#), (Code::WrongType, "/at".into()));
        assert_eq!(wrong(r#"{"teir":"x"}"#), (Code::UnknownKey, "/teir".into()));
        assert_eq!(wrong(r#"{"at":"x","do":"y"}"#), (Code::MissingKey, "/account".into()));
        let twice = r#"{"at":"x","do":"y","account":"a","at":"z"}"#;
        assert_eq!(wrong(twice), (Code::DuplicateKey, "/at".into()));
    }
}
