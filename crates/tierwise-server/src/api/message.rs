//! A message as an answer shows it: section 4.2 of the contract.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tierwise_lanes::Moment;
use tierwise_runner::{MessageRow, Origin};

use crate::notation::{time, word_of};

/// A moment as ISO 8601 in UTC. One that a network gave and that lies outside of the years that
/// have such a form is the nearest that lies in them.
pub(crate) fn nearest_time(at: Moment) -> String {
    let edge = || if at.0 < 0 { FIRST } else { LAST }.to_owned();
    time(at).unwrap_or_else(edge)
}

const FIRST: &str = "1970-01-01T00:00:00.000Z";
const LAST: &str = "2199-12-31T23:59:59.999Z";

/// The parts of a content that an answer has, as they were sent.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Content<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    text: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    attachments: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mentions: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    quoted: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    misc_options: Option<&'a RawValue>,
}

/// A message as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    id: &'a str,
    account_id: &'a str,
    chat_id: &'a str,
    from_me: bool,
    timestamp: String,
    status: &'static str,
    #[serde(flatten)]
    content: Content<'a>,
    sender: Option<Sender>,
    error: Option<&'a RawValue>,
    resolved_by: Option<&'a str>,
    resolved_at: Option<String>,
    revision: u64,
    edited_at: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sender {
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// A message of an account.
pub(crate) fn shown<'a>(account: &'a str, row: &'a MessageRow) -> Shown<'a> {
    let resolved = row.resolved.as_ref();
    // When a network's message was asked for, nobody knows.
    let asked_at = || (row.origin == Origin::Here).then(|| nearest_time(row.accepted));
    let sender = serde_json::from_str::<Sender>(&row.sender).ok();
    Shown {
        id: &row.id,
        account_id: account,
        chat_id: &row.chat,
        from_me: row.is_from_me(),
        timestamp: nearest_time(row.at),
        status: word_of(row.status),
        content: serde_json::from_str(&row.content).unwrap_or_default(),
        sender: sender.map(|sender| Sender { created_at: asked_at(), ..sender }),
        error: serde_json::from_str(&row.error).ok(),
        resolved_by: resolved.map(|resolved| resolved.by.as_str()),
        resolved_at: resolved.map(|resolved| nearest_time(resolved.at)),
        revision: row.revision,
        edited_at: row.edited.map(nearest_time),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};
    use tierwise_runner::{AccountKey, AttachmentTypes, Resolved, TeamMark};

    use tierwise_runner::Status;

    use super::*;

    fn row() -> MessageRow {
        MessageRow {
            account: AccountKey(7),
            number: 3,
            id: "m1".to_owned(),
            chat: "c@g.us".to_owned(),
            origin: Origin::Here,
            status: Status::Pending,
            at: Moment(1_775_034_000_000),
            content: r#"{"text":"a\u0000b","mentions":["x"],"unknown":1}"#.to_owned(),
            sender: r#"{"userId":"u"}"#.to_owned(),
            error: String::new(),
            counted: None,
            network_id: String::new(),
            cancel_on_reply: false,
            revision: 0,
            login: 0,
            team: TeamMark::of("team"),
            accepted: Moment(1_775_034_000_001),
            placed: Moment(0),
            attachments: AttachmentTypes::default(),
            edited: None,
            resolved: None,
        }
    }

    fn written(row: &MessageRow) -> Value {
        serde_json::to_value(shown("a", row)).unwrap()
    }

    #[test]
    fn a_message_has_what_was_sent_and_what_became_of_it() {
        let expected = json!({
            "id": "m1", "accountId": "a", "chatId": "c@g.us", "fromMe": true,
            "timestamp": "2026-04-01T09:00:00.000Z", "status": "pending",
            "text": "a\u{0}b", "mentions": ["x"],
            "sender": { "userId": "u", "createdAt": "2026-04-01T09:00:00.001Z" },
            "error": null, "resolvedBy": null, "resolvedAt": null, "revision": 0,
            "editedAt": null,
        });
        assert_eq!(written(&row()), expected);
        let error = r#"{"statusCode":400,"message":"no","data":{"code":"refused"},"retries":2}"#;
        let failed = MessageRow { status: Status::Error, error: error.to_owned(), ..row() };
        assert_eq!(written(&failed)["status"], "error");
        assert_eq!(written(&failed)["error"]["retries"], 2);
    }

    #[test]
    fn a_note_says_who_resolved_it_and_when() {
        let resolved = Some(Resolved { by: "v".to_owned(), at: Moment(1_775_034_000_002) });
        let (status, edited) = (Status::Note, Some(Moment(1_775_034_000_003)));
        let note = written(&MessageRow { status, resolved, edited, ..row() });
        assert_eq!(note["resolvedBy"], "v");
        assert_eq!(note["resolvedAt"], "2026-04-01T09:00:00.002Z");
        assert_eq!(note["editedAt"], "2026-04-01T09:00:00.003Z");
    }

    #[test]
    fn a_received_message_has_no_time_at_which_it_was_asked_for() {
        let origin = Origin::Live;
        let at = Moment(i64::MIN);
        let received = written(&MessageRow { origin, at, status: Status::Delivered, ..row() });
        assert_eq!(received["fromMe"], false);
        assert_eq!(received["sender"], json!({ "userId": "u" }));
        assert_eq!(received["timestamp"], FIRST);
        let late = written(&MessageRow { at: Moment(i64::MAX), sender: String::new(), ..row() });
        assert_eq!((&late["timestamp"], &late["sender"]), (&json!(LAST), &Value::Null));
    }
}
