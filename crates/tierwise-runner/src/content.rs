//! What a message says, as far as the queue looks into it: whether it is the same, whether it says
//! anything, and which kinds of attachments it has.

use serde_json::{Map, Value};

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
        serde_json::from_str(content).map_or_else(|_| Self::default(), |map| Self::of_map(&map))
    }

    pub(crate) fn of_map(content: &Map<String, Value>) -> Self {
        let attachments = content.get("attachments").and_then(Value::as_array);
        let named = attachments.into_iter().flatten().filter_map(|one| one.get("type")?.as_str());
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

/// Whether two contents say the same: the order of keys and space between them say nothing.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text);
    one == other || matches!((read(one), read(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether a content has neither a text nor an attachment.
pub(crate) fn is_empty(content: &Map<String, Value>) -> bool {
    let has_text = content.get("text").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let attachments = content.get("attachments").and_then(Value::as_array);
    !has_text && attachments.is_none_or(Vec::is_empty)
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
    fn a_text_or_an_attachment_says_something() {
        let says = |text: &str| !is_empty(&serde_json::from_str(text).unwrap());
        assert!(says(r#"{"text":"a"}"#) && says(r#"{"attachments":[{}]}"#));
        assert!(!says(r#"{"text":"","attachments":[]}"#) && !says(r#"{"mentions":["a"]}"#));
    }
}
