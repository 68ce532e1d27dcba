//! JSON that is asked with: objects that are no lists, and what is kept as it was written.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Value, value::RawValue};
use serde_path_to_error::Segment;

use super::error::ApiError;

/// How deep what is kept may be nested, below the field that it stands in.
const MOST_DEPTH: usize = 96;

/// Characters of a number that is kept.
const MOST_DIGITS: usize = 64;

/// An object with the fields of a type. On its own such a type would read a list, too, and take its
/// parts for its fields in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fields<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Named<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        json.deserialize_map(Named(PhantomData)).map(Fields)
    }
}

/// What is kept and given back unread: as it was written, down to the digits of its numbers, only
/// without space between its parts.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Free(Box<RawValue>);

/// An object whose fields are kept.
pub(crate) type Object = BTreeMap<String, Free>;

impl Free {
    /// The text of it, if it is one.
    pub(crate) fn text(&self) -> Option<String> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Whether it is `true` or `false`; none if it is neither.
    pub(crate) fn truth(&self) -> Option<bool> {
        serde_json::from_str(self.0.get()).ok()
    }
}

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(json)?;
        // Whoever reads it later reads it so: it has to be text, and its numbers within bounds.
        serde_json::from_str::<Value>(raw.get())
            .map_err(|error| D::Error::custom(placed(raw.get(), &error)))?;
        let kept = kept(raw.get()).map_err(D::Error::custom)?;
        RawValue::from_string(kept).map(Free).map_err(D::Error::custom)
    }
}

/// What begins an error that names a place further within than the path of it.
const WITHIN: &str = "within `";

/// An error of what is kept, with its place.
fn placed(json: &str, error: &serde_json::Error) -> String {
    let what = error.to_string();
    // How deep it is says enough, and its path would be as long.
    if what.starts_with("recursion limit") {
        return what;
    }
    let mut json = serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, Value>(&mut json).map_err(|error| path(&error)) {
        Err(Some(path)) if path != "." => format!("{WITHIN}{path}`: {what}"),
        _ => what,
    }
}

/// The path of what is wrong; none if it is not JSON, of which nobody knows what it was to be.
fn path(error: &serde_path_to_error::Error<serde_json::Error>) -> Option<String> {
    let mut segments = error.path().iter();
    let is_unknown = segments.any(|segment| matches!(segment, Segment::Unknown));
    (!is_unknown).then(|| error.path().to_string())
}

/// JSON without the space between its parts. Errors: it is too deep, or has a number that is too
/// long.
fn kept(json: &str) -> Result<String, String> {
    let mut kept = String::with_capacity(json.len());
    let (mut depth, mut digits, mut in_text, mut is_escaped) = (0_usize, 0, false, false);
    for character in json.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_text,
            '"' => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => depth = depth.saturating_sub(1),
            ' ' | '\t' | '\r' | '\n' if !in_text => continue,
            _ => {}
        }
        let is_of_number = matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        digits = if is_of_number && !in_text { digits + 1 } else { 0 };
        if depth > MOST_DEPTH {
            return Err(format!("it is nested deeper than {MOST_DEPTH}"));
        }
        if digits > MOST_DIGITS {
            return Err(format!("a number in it has more than {MOST_DIGITS} characters"));
        }
        kept.push(character);
    }
    Ok(kept)
}

/// JSON that is kept, for the store. Refused: nothing that was read.
pub(crate) fn raw(object: &impl Serialize) -> Result<Box<RawValue>, ApiError> {
    serde_json::value::to_raw_value(object).map_err(ApiError::internal)
}

/// An object that was read. Refused: `bad_request`, with the path of what is wrong.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::bad("body", "a JSON object is expected"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let Some(mut path) = path(&error) else { return ApiError::bad("body", error.inner()) };
        let mut what = error.inner().to_string();
        let within = what.strip_prefix(WITHIN).and_then(|rest| rest.split_once("`: "));
        if let Some((inner, rest)) = within {
            let dot = if inner.starts_with('[') { "" } else { "." };
            (path, what) = (format!("{path}{dot}{inner}"), rest.to_owned());
        }
        // The path is that of the object in which it is missing.
        let missing = what.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        match missing {
            Some((name, _)) if path == "." => name.clone_into(&mut path),
            Some((name, _)) => path = format!("{path}.{name}"),
            None if path == "." => "body".clone_into(&mut path),
            None => {}
        }
        ApiError::bad(&path, what)
    });
    let Fields(read) = read?;
    json.end().map_err(|error| ApiError::bad("body", error))?;
    Ok(read)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    struct Asked {
        number: u8,
        inner: Option<Fields<Inner>>,
    }

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    struct Inner {
        text: String,
    }

    #[derive(Debug, Deserialize)]
    struct Kept {
        settings: Object,
    }

    fn field(text: &str) -> String {
        let wrong = read::<Kept>(text.as_bytes()).unwrap_err();
        assert_eq!((wrong.status, wrong.code), (400, "bad_request"), "{text}");
        wrong.data["field"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_list_is_no_object_wherever_it_stands() {
        let asked = |text: &str| read::<Asked>(text.as_bytes());
        let inner = Some(Fields(Inner { text: "a".to_owned() }));
        let good = r#"{"inner":{"text":"a","more":1},"number":1,"more":[]}"#;
        assert_eq!(asked(good).unwrap(), Asked { number: 1, inner });
        assert_eq!(asked(r#"{"number":1,"inner":null}"#).unwrap().inner, None);
        for (wrong, field) in [
            (r#"[1,null]"#, "body"),
            (r#"{"number":1,"inner":["a"]}"#, "inner"),
            (r#"{"number":1,"inner":{"text":["a"]}}"#, "inner.text"),
            (r#"{"number":1,"inner":{}}"#, "inner.text"),
            (r#"{}"#, "number"),
        ] {
            assert_eq!(asked(wrong).unwrap_err().data["field"], field, "{wrong}");
        }
        assert_eq!(field(r#"{"settings":[]}"#), "settings");
    }

    #[test]
    fn what_is_kept_is_kept_as_it_was_written() {
        let written = r#"{ "a" : [1.10, 12345678901234567890123, 1E5, -0.0],"b":{"z":" \"}, ","a":
            "\u00e9"},"c":"x  y" }"#;
        let Kept { settings } = read(format!(r#"{{"settings":{written}}}"#).as_bytes()).unwrap();
        let expected = r#"{"a":[1.10,12345678901234567890123,1E5,-0.0],"#.to_owned()
            + r#""b":{"z":" \"}, ","a":"\u00e9"},"c":"x  y"}"#;
        assert_eq!(raw(&settings).unwrap().get(), expected);
    }

    #[test]
    fn what_nobody_could_read_later_is_refused_by_its_place() {
        let nested = |depth: usize| {
            format!(r#"{{"settings":{{"a":{}1{}}}}}"#, "[".repeat(depth), "]".repeat(depth))
        };
        assert!(read::<Kept>(nested(MOST_DEPTH).as_bytes()).is_ok());
        for depth in [MOST_DEPTH + 1, 1000, 100_000] {
            assert_eq!(field(&nested(depth)), "settings.a");
        }
        let number = |digits: usize| format!(r#"{{"settings":{{"n":{}}}}}"#, "1".repeat(digits));
        assert!(read::<Kept>(number(MOST_DIGITS).as_bytes()).is_ok());
        assert_eq!(field(&number(MOST_DIGITS + 1)), "settings.n");
        for wrong in ["1e999", "-1e999", r#""\ud800""#, "01", "+1", "tru", "{\"a\":}"] {
            assert_eq!(field(&format!(r#"{{"settings":{{"x":{wrong}}}}}"#)), "settings.x");
        }
        for (wrong, place) in [
            ("[1e999]", "settings.x[0]"),
            (r#"{"y":1,"z":1e999}"#, "settings.x.z"),
            (r#"{"y":[1,{"z":"\ud800"}]}"#, "settings.x.y[1].z"),
        ] {
            assert_eq!(field(&format!(r#"{{"settings":{{"x":{wrong}}}}}"#)), place);
        }
    }
}
