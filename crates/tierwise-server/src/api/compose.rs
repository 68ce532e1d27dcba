//! What is to be sent: section 4.1 of the contract.

use serde::{Deserialize, Serialize};
use tierwise_lanes::Moment;
use tierwise_runner::{AttachmentTypes, NewMessage};

use super::{
    error::ApiError,
    json::{Free, Object, raw},
};
use crate::notation;

/// Bytes of a text.
const MOST_TEXT: usize = 65_536;

/// Characters of an id and of a chat.
const MOST_NAME: usize = 128;

/// A message or note as it is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compose {
    pub(crate) id: Option<String>,
    status: Option<String>,
    timestamp: Option<String>,
    text: Option<String>,
    attachments: Option<Vec<Object>>,
    mentions: Option<Vec<String>>,
    quoted: Option<Object>,
    misc_options: Option<Object>,
    parameters: Option<Object>,
}

/// What is stored of it for the transport and for whoever reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<Vec<Object>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mentions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    misc_options: Option<Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted: Option<Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Compose {
    /// Whether it is a note, or would be.
    pub(crate) fn is_note(&self) -> bool {
        self.status.as_deref() == Some(NOTE)
    }

    /// The message for a chat. Refused: `bad_request`, `unsupported_option`, `empty_message`.
    pub(crate) fn message(self, chat: String, user: &str) -> Result<NewMessage, ApiError> {
        check_name("chatId", &chat)?;
        if let Some(id) = &self.id {
            check_name("id", id)?;
        }
        let is_note = match self.status.as_deref() {
            None | Some("pending") => false,
            Some(NOTE) => true,
            Some(_) => return Err(ApiError::bad("status", "it is neither `pending` nor `note`")),
        };
        if self.parameters.is_some_and(|parameters| !parameters.is_empty()) {
            return Err(ApiError::unsupported("parameters"));
        }
        let due = self.timestamp.as_deref().map(moment).transpose()?;
        check_text(self.text.as_deref())?;
        let attachments = kinds_of(self.attachments.as_deref().unwrap_or_default())?;
        check_quoted(self.quoted.as_ref())?;
        let cancel_on_reply = cancels(self.misc_options.as_ref())?;
        let has_text = self.text.as_ref().is_some_and(|text| !text.is_empty());
        if !has_text && self.attachments.as_ref().is_none_or(Vec::is_empty) {
            let message = "the message has neither a text nor an attachment";
            return Err(ApiError::new(400, "empty_message", message));
        }
        let content = Content {
            attachments: self.attachments,
            mentions: self.mentions,
            misc_options: self.misc_options,
            quoted: self.quoted,
            text: self.text,
        };
        let content = raw(&content)?;
        let (id, sender) = (self.id, user.to_owned());
        Ok(NewMessage { id, chat, is_note, due, content, cancel_on_reply, attachments, sender })
    }
}

/// The status of notes.
const NOTE: &str = "note";

/// Refused: `bad_request`.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), ApiError> {
    let is_of_length = (1..=MOST_NAME).contains(&name.chars().take(MOST_NAME + 1).count());
    if is_of_length && !name.contains('\0') {
        return Ok(());
    }
    Err(ApiError::bad(field, format_args!("1 to {MOST_NAME} characters are expected")))
}

/// A time in a body. Refused: `bad_request`.
pub(crate) fn moment(text: &str) -> Result<Moment, ApiError> {
    notation::moment(text).map_err(|wrong| ApiError::bad("timestamp", wrong))
}

/// Refused: `bad_request`.
pub(crate) fn check_text(text: Option<&str>) -> Result<(), ApiError> {
    match text.map_or(0, str::len) {
        0..=MOST_TEXT => Ok(()),
        bytes => {
            let what = format_args!("it has {bytes} bytes, at most {MOST_TEXT}");
            Err(ApiError::bad("text", what))
        }
    }
}

/// The kinds of attachments. Refused: `bad_request`.
pub(crate) fn kinds_of(attachments: &[Object]) -> Result<AttachmentTypes, ApiError> {
    let mut kinds = AttachmentTypes::default();
    for (place, attachment) in attachments.iter().enumerate() {
        let within = |error: ApiError| error.under(&format!("attachments[{place}]"));
        for field in ["type", "mimetype", "url"] {
            text_of(attachment, field, true).map_err(within)?;
        }
        text_of(attachment, "filename", false).map_err(within)?;
        let name = attachment.get("type").and_then(Free::text).unwrap_or_default();
        let kind = AttachmentTypes::of_name(&name).ok_or_else(|| {
            let known = AttachmentTypes::names().join("`, `");
            within(ApiError::bad("type", format_args!("one of `{known}` is expected")))
        })?;
        kinds = kinds.and(kind);
    }
    Ok(kinds)
}

/// Whether a part of an object is text, if it is there or has to be.
fn text_of(object: &Object, field: &str, is_needed: bool) -> Result<(), ApiError> {
    match object.get(field).map(Free::text) {
        Some(Some(_)) => Ok(()),
        None if !is_needed => Ok(()),
        _ => Err(ApiError::bad(field, "a text is expected")),
    }
}

fn check_quoted(quoted: Option<&Object>) -> Result<(), ApiError> {
    let Some(quoted) = quoted else { return Ok(()) };
    for field in ["chatId", "id"] {
        text_of(quoted, field, false).map_err(|error| error.under("quoted"))?;
    }
    Ok(())
}

/// Whether a reply withdraws it. Refused: `bad_request`.
fn cancels(options: Option<&Object>) -> Result<bool, ApiError> {
    const OPTION: &str = "cancelIfReplyReceived";
    match options.and_then(|options| options.get(OPTION)).map(Free::truth) {
        None => Ok(false),
        Some(Some(cancels)) => Ok(cancels),
        Some(None) => {
            Err(ApiError::bad(OPTION, "`true` or `false` is expected").under("miscOptions"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::{super::json::read, *};

    fn message(body: Value) -> Result<NewMessage, ApiError> {
        read::<Compose>(body.to_string().as_bytes()).unwrap().message("chat".to_owned(), "u")
    }

    /// The code of a refusal, and the field that it names.
    fn refused(body: Value) -> (u16, &'static str, String) {
        let error = message(body).unwrap_err();
        let field = error.data.get("field").and_then(Value::as_str).unwrap_or_default();
        (error.status, error.code, field.to_owned())
    }

    #[test]
    fn what_is_known_of_a_message_is_stored_and_the_rest_ignored() {
        let attachment =
            json!({ "type": "image", "mimetype": "image/png", "url": "u", "width": 3 });
        let new = message(json!({
            "text": "hi", "attachments": [attachment], "mentions": ["a"], "unknown": 1,
            "quoted": { "chatId": "c", "id": "m", "more": 1 }, "parameters": {},
            "miscOptions": { "cancelIfReplyReceived": true, "other": "x" },
            "timestamp": "2026-04-01T11:00:00+02:00", "id": "m1",
        }));
        let new = new.unwrap();
        let content: Value = serde_json::from_str(new.content.get()).unwrap();
        let expected = json!({
            "text": "hi", "attachments": [attachment], "mentions": ["a"],
            "quoted": { "chatId": "c", "id": "m", "more": 1 },
            "miscOptions": { "cancelIfReplyReceived": true, "other": "x" },
        });
        assert_eq!(content, expected);
        assert!(new.cancel_on_reply && !new.is_note);
        assert_eq!(new.due, Some(Moment(1_775_034_000_000)));
        assert_eq!(new.attachments, AttachmentTypes::of_name("image").unwrap());
        assert_eq!((new.id.as_deref(), &*new.sender), (Some("m1"), "u"));
        assert!(message(json!({ "text": "a", "status": "note" })).unwrap().is_note);
        assert_eq!(message(json!({ "text": "a" })).unwrap().content.get(), r#"{"text":"a"}"#);
    }

    #[test]
    fn what_is_wrong_with_a_message_is_named() {
        let bad = |body, field: &str| {
            assert_eq!(refused(body), (400, "bad_request", field.to_owned()));
        };
        bad(json!({ "text": "a", "status": "sent" }), "status");
        bad(json!({ "text": "a", "id": "" }), "id");
        bad(json!({ "text": "a", "id": "é".repeat(129) }), "id");
        bad(json!({ "text": "a".repeat(65_537) }), "text");
        bad(json!({ "text": "a", "timestamp": "tomorrow" }), "timestamp");
        bad(json!({ "text": "a", "timestamp": "0000-01-01T00:00:00Z" }), "timestamp");
        bad(json!({ "text": "a", "timestamp": "1969-12-31T23:59:59.999Z" }), "timestamp");
        bad(json!({ "text": "a", "quoted": { "id": 1 } }), "quoted.id");
        let options = json!({ "cancelIfReplyReceived": "yes" });
        bad(json!({ "text": "a", "miscOptions": options }), "miscOptions.cancelIfReplyReceived");
        let tune = json!({ "type": "tune", "mimetype": "m", "url": "u" });
        bad(json!({ "attachments": [tune] }), "attachments[0].type");
        bad(json!({ "attachments": [{ "type": "image", "url": "u" }] }), "attachments[0].mimetype");
        assert!(message(json!({ "text": "a".repeat(65_536), "id": "é".repeat(128) })).is_ok());
    }

    #[test]
    fn options_that_would_change_what_is_sent_are_refused() {
        let body = json!({ "text": "hi {name}", "parameters": { "name": "x" } });
        assert_eq!(refused(body), (400, "unsupported_option", "parameters".to_owned()));
    }

    #[test]
    fn a_message_or_note_that_says_nothing_is_refused() {
        for body in [json!({}), json!({ "text": "", "attachments": [] }), json!({ "text": null })] {
            assert_eq!(refused(body).1, "empty_message");
        }
        assert_eq!(refused(json!({ "status": "note", "mentions": ["a"] })).1, "empty_message");
    }
}
