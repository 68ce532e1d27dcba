//! What Meta posts: the proof that an address is ours, messages, and what became of sent ones.

use ring::hmac;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{WhatsAppCloud, answer::Fault};
use crate::{Detail, Event, Inbound, InboundCode, InboundError, Receipt, Received};

/// A notification is at most so long, in bytes, by Meta's word: 3 MB.
pub const NOTIFICATION_MOST_BYTES: usize = 3 * 1024 * 1024;
const SIGNATURE_HEADER: &str = "x-hub-signature-256";
/// Not longer than this is a challenge that is given back, in bytes.
const CHALLENGE_MOST_BYTES: usize = 1024;

impl WhatsAppCloud {
    /// Answers Meta's GET when the address for notifications is set up: what to answer with, as
    /// `text/plain` and nothing else. `query` answers a parameter of the address, decoded.
    ///
    /// # Errors
    ///
    /// `bad_token` if the token is another, `bad_header` if a parameter is missing.
    pub fn challenge<'a>(
        &self,
        query: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Result<&'a str, InboundError> {
        let bad = |code, name: &str, message: &str| Err(InboundError::new(code, name, message));
        if query("hub.mode") != Some("subscribe") {
            return bad(InboundCode::BadHeader, "hub.mode", "`subscribe` is expected");
        }
        let token = query("hub.verify_token").unwrap_or_default();
        if !self.operator.verify_token.is(token) {
            return bad(InboundCode::BadToken, "hub.verify_token", "not the one of this service");
        }
        match query("hub.challenge") {
            Some(challenge) if challenge.len() <= CHALLENGE_MOST_BYTES => Ok(challenge),
            _ => bad(InboundCode::BadHeader, "hub.challenge", "missing, or too long"),
        }
    }

    /// Checks and reads a notification. `header` answers a header by its name in lower case;
    /// `account_of` answers which account a phone number's id belongs to: what is about others is
    /// left out, as is what this version of the API does not know, or Meta would bring it for days.
    ///
    /// A notification has no time that is signed: the same one may come twice, by Meta or by
    /// somebody who heard it. Each event holds Meta's id, by which twice is once.
    ///
    /// # Errors
    ///
    /// `too_large`, `bad_header`, `bad_signature`, `bad_json`.
    pub fn notification<'a>(
        &self,
        header: impl Fn(&'static str) -> Option<&'a str>,
        body: &[u8],
        account_of: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Inbound>, InboundError> {
        if body.len() > NOTIFICATION_MOST_BYTES {
            let most = NOTIFICATION_MOST_BYTES;
            let message = format!("a body of {} bytes, at most {most} are read", body.len());
            return Err(InboundError::new(InboundCode::TooLarge, "", message));
        }
        let bad = |code, message: &str| InboundError::new(code, SIGNATURE_HEADER, message);
        let form = "`sha256=` and 64 hexadecimal digits are expected";
        let signature = header(SIGNATURE_HEADER)
            .and_then(|text| from_hex(text.strip_prefix("sha256=")?))
            .ok_or_else(|| bad(InboundCode::BadHeader, form))?;
        let keys = &self.operator.app_keys;
        if !keys.iter().any(|key| hmac::verify(key, body, &signature).is_ok()) {
            return Err(bad(InboundCode::BadSignature, "not signed by this app's secret"));
        }
        let notification: Notification = serde_json::from_slice(body).map_err(|error| {
            InboundError::new(InboundCode::BadJson, "", format!("not a notification: {error}"))
        })?;
        let changes = notification.entry.into_iter().flat_map(|entry| entry.changes);
        let mut read = Vec::new();
        for value in changes.filter(|change| change.field == "messages").map(|change| change.value)
        {
            let Some(account) = account_of(&value.metadata.phone_number_id) else { continue };
            let event = |event| Inbound::new(&account, event);
            read.extend(value.events().map(event));
        }
        Ok(read)
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[derive(Deserialize)]
struct Notification {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    field: String,
    #[serde(default, deserialize_with = "or_none")]
    value: Changed,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Changed {
    metadata: Metadata,
    contacts: Vec<Value>,
    messages: Vec<Value>,
    statuses: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Contact {
    wa_id: String,
    profile: Profile,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    from: String,
    timestamp: String,
    #[serde(default)]
    group_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    more: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Status {
    id: String,
    status: String,
    #[serde(default)]
    errors: Vec<Value>,
}

/// A part of another form than this is left out; the rest stands.
fn or_none<'de, T: DeserializeOwned + Default, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<T, D::Error> {
    Ok(part(&Value::deserialize(value)?).unwrap_or_default())
}

fn part<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

impl Changed {
    /// In the order in which they make sense: who, then what they wrote, then what became of ours.
    fn events(&self) -> impl Iterator<Item = Event> {
        let contacts = self
            .contacts
            .iter()
            .filter_map(part::<Contact>)
            .map(|contact| Event::Contact { id: contact.wa_id, name: contact.profile.name });
        let messages = self.messages.iter().filter_map(part::<Message>).filter_map(received);
        let statuses = self.statuses.iter().filter_map(part::<Status>).filter_map(receipt);
        contacts.chain(messages).chain(statuses)
    }
}

fn received(message: Message) -> Option<Event> {
    let text = message.text();
    let Message { id, from, timestamp, group_id, .. } = message;
    // A time that is none is no reason to lose what somebody wrote.
    let (first, last) = Received::TIMES_MS.into_inner();
    let at_ms = timestamp.parse::<i64>().ok()?.saturating_mul(1000).clamp(first, last);
    let chat_id = group_id.unwrap_or_else(|| from.clone());
    Some(Event::Received(Received { id, chat_id, sender: from, at_ms, text }))
}

impl Message {
    /// What of it is text: empty for what is none.
    fn text(&self) -> String {
        let part = self.more.get(&self.kind).unwrap_or(&Value::Null);
        let text = match self.kind.as_str() {
            "text" => &part["body"],
            "image" | "video" | "document" => &part["caption"],
            "button" => &part["text"],
            "interactive" => match part["type"].as_str() {
                Some(reply @ ("button_reply" | "list_reply")) => &part[reply]["title"],
                _ => &Value::Null,
            },
            "reaction" => &part["emoji"],
            "location" => &part["name"],
            "contacts" => &part[0]["name"]["formatted_name"],
            _ => &Value::Null,
        };
        text.as_str().unwrap_or_default().to_owned()
    }
}

fn receipt(status: Status) -> Option<Event> {
    let receipt = match status.status.as_str() {
        "delivered" => Receipt::Delivered,
        "read" => Receipt::Read,
        "failed" => Receipt::Failed,
        // «sent» says no more than the answer did; others are not known.
        _ => return None,
    };
    let fault = status.errors.iter().find_map(part::<Fault>);
    let detail = fault.map(|fault| Detail::new(0, &fault.text()));
    Some(Event::Receipt { network_id: status.id, receipt, detail })
}
