//! What a message says, as far as the queue looks into it: whether it is the same, whether it says
//! anything, and which kinds of attachments it has.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::{Value, value::RawValue};

/// What a content says, part by part, each as it was written: numbers keep their digits.
pub(crate) type Parts = BTreeMap<String, Box<RawValue>>;

/// Parts in one text.
pub(crate) fn text_of(parts: &Parts) -> String {
    // JSON that was read can be written.
    serde_json::to_string(parts).unwrap_or_default()
}

/// How deep what is kept may be nested: readers of JSON stop at 128.
pub(crate) const MOST_DEPTH: usize = 100;

/// Kinds of attachments, by their place in [`AttachmentTypes`].
const KINDS: [&str; 7] = ["image", "video", "contact", "sticker", "audio", "document", "location"];

/// A set of kinds of attachments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentTypes(u8);

impl AttachmentTypes {
    /// The kind of this name alone; none if no kind has it.
    pub fn of_name(name: &str) -> Option<Self> {
        let place = KINDS.iter().position(|kind| *kind == name)?;
        Some(AttachmentTypes(1 << place))
    }

    /// The names of all kinds.
    pub fn names() -> [&'static str; 7] {
        KINDS
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        AttachmentTypes(self.0 | other.0)
    }

    /// Those that a content has: a JSON object as messages have it. What is no kind is passed over.
    pub fn of_content(content: &str) -> Self {
        // Most messages have none, and need not be read for that.
        if !content.contains("\"attachments\"") {
            return AttachmentTypes::default();
        }
        let read = serde_json::from_str::<Value>(content);
        read.map_or_else(|_| Self::default(), |content| Self::of_list(&content["attachments"]))
    }

    fn of_list(attachments: &Value) -> Self {
        let attachments = attachments.as_array().into_iter().flatten();
        let named = attachments.filter_map(|one| one.get("type")?.as_str());
        named.filter_map(Self::of_name).fold(Self::default(), Self::and)
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    pub(crate) fn of_bits(bits: i64) -> Self {
        AttachmentTypes(u8::try_from(bits).unwrap_or_default())
    }

    /// Whether it has a kind of another set.
    pub fn has_any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }
}

/// Whether two contents say the same: the order of keys and space between them say nothing. Numbers
/// are the same if they are written alike.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || matches!((exact(one), exact(other)), (Some(one), Some(other)) if one == other)
}

/// What JSON says, to be compared: its numbers are texts of their digits, as values would lose
/// some. So that none of them is a text that somebody wrote, each has a mark of what it is.
pub(crate) fn exact(json: &str) -> Option<Value> {
    let mut marked = String::with_capacity(json.len().saturating_mul(2));
    let (mut in_text, mut is_escaped, mut in_number) = (false, false, false);
    for character in json.chars() {
        let is_of_number = matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        if in_number && !is_of_number {
            marked.push('"');
            in_number = false;
        } else if !in_number && !in_text && matches!(character, '0'..='9' | '-') {
            marked.push_str("\"n");
            in_number = true;
        }
        marked.push(character);
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = in_text,
            '"' => {
                in_text = !in_text;
                if in_text {
                    marked.push('t');
                }
            }
            _ => {}
        }
    }
    if in_number {
        marked.push('"');
    }
    serde_json::from_str(&marked).ok()
}

/// How deep a JSON text is nested.
pub(crate) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Whether a content has neither a text nor an attachment.
pub(crate) fn is_empty(content: &Parts) -> bool {
    let part = |name| content.get(name).map(|part| part.get());
    let text = part("text").and_then(|text| serde_json::from_str::<String>(text).ok());
    let attachments = part("attachments");
    let attachments =
        attachments.and_then(|list| serde_json::from_str::<Vec<IgnoredAny>>(list).ok());
    text.is_none_or(|text| text.is_empty()) && attachments.is_none_or(|list| list.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn keys_in_another_order_say_the_same() {
        assert!(is_same(r#"{"a":1,"b":{"c":2,"d":3}}"#, r#"{ "b":{"d":3,"c":2},"a":1}"#));
        assert!(!is_same(r#"{"a":1}"#, r#"{"a":2}"#));
        // The order of a list says something.
        assert!(!is_same(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#));
        assert!(!is_same("{", "}"));
    }

    #[test]
    fn numbers_are_the_same_to_the_last_digit() {
        let with = |number: &str| format!(r#"{{"a":{{"b":[{number}],"c":"1.5"}},"d":-0.5e3}}"#);
        let long = "12345678901234567890123";
        assert!(is_same(&with(long), &with(long).replace(r#""c":"1.5""#, r#" "c": "1.5""#)));
        for other in ["12345678901234567890124", "12345678901234567890123.0"] {
            assert!(!is_same(&with(long), &with(other)), "{other}");
        }
        assert!(!is_same(&with("1.10"), &with("1.1")));
        // Nor in each other's place.
        let (one, two) = (long, "12345678901234567890124");
        let both = |a, b| format!(r#"{{"a":{a},"b":{b}}}"#);
        assert!(!is_same(&both(one, two), &both(two, one)));
        // What is written as a text is no number.
        assert!(!is_same(r#"{"a":7}"#, r#"{"a":"7"}"#) && !is_same("[7]", r#"["n7"]"#));
        let marked = r#"{"ta\"1":["n1.10","n-2E+3"],"tb":"t7","tc":true,"td":"n1"}"#;
        let plain = exact(r#"{"a\"1":[1.10,-2E+3],"b":"7","c":true,"d":1}"#).unwrap();
        assert_eq!(plain, serde_json::from_str::<Value>(marked).unwrap());
        assert_eq!(exact("1e2"), Some("n1e2".into()));
    }

    #[test]
    fn kinds_of_attachments_are_those_of_the_content() {
        let content =
            r#"{"attachments":[{"type":"image"},{"type":"location"},{"type":"tune"},{}]}"#;
        let kinds = AttachmentTypes::of_content(content);
        let of = |name| AttachmentTypes::of_name(name).unwrap();
        assert_eq!(kinds, of("image").and(of("location")));
        assert!(kinds.has_any(of("image")) && !kinds.has_any(of("video")));
        assert_eq!(AttachmentTypes::of_name("tune"), None);
        let none = AttachmentTypes::default();
        assert_eq!(AttachmentTypes::of_content(r#"{"attachments":"image"}"#), none);
        assert_eq!(AttachmentTypes::of_content(r#"{"text":"image"}"#), none);
        let all = AttachmentTypes::names().map(of).into_iter().fold(none, AttachmentTypes::and);
        assert_eq!(AttachmentTypes::of_bits(i64::from(all.bits())), all);
    }

    #[test]
    fn brackets_in_texts_nest_nothing() {
        assert_eq!(depth(r#"{"a":[[1],{}]}"#), 3);
        assert_eq!(depth(r#"{"a":"[[[\"[[\\"}"#), 1);
        assert_eq!(depth(&("[".repeat(101) + &"]".repeat(101))), 101);
    }

    #[test]
    fn a_text_or_an_attachment_says_something() {
        let says = |text: &str| !is_empty(&serde_json::from_str(text).unwrap());
        assert!(says(r#"{"text":"a"}"#) && says(r#"{"attachments":[{}]}"#));
        assert!(!says(r#"{"text":"","attachments":[]}"#) && !says(r#"{"mentions":["a"]}"#));
    }
}
