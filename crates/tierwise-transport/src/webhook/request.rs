//! What is posted: bodies and headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::{
    Request, Uri,
    body::Bytes,
    header::{CONTENT_TYPE, USER_AGENT},
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    WebhookKeys,
    receive::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
};
use crate::{Connecting, Outgoing};

const AGENT: &str = concat!("tierwise/", env!("CARGO_PKG_VERSION"));

/// One POST, before it is signed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// What happened, the same in every attempt to say so.
    id: String,
    body: Vec<u8>,
    /// Headers beside those of every call.
    headers: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Body<'a> {
    #[serde(rename = "message.send")]
    Send {
        account: &'a str,
        id: &'a str,
        chat: &'a str,
        number: u64,
        attempt: u32,
        fence: u64,
        content: &'a RawValue,
        settings: &'a RawValue,
    },
    #[serde(rename = "account.open", rename_all = "camelCase")]
    Open { account: &'a str, opening: u64, has_login: bool, settings: &'a RawValue },
    #[serde(rename = "account.close")]
    Close { account: &'a str, opening: u64, logout: bool, settings: &'a RawValue },
}

impl Body<'_> {
    fn text(&self) -> Vec<u8> {
        // Names are text and values JSON already: there is nothing that cannot be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[derive(serde::Deserialize)]
struct Settings<'a> {
    #[serde(borrow, default)]
    webhook: Option<&'a RawValue>,
}

/// What an account's settings say to the endpoint: what stands under `webhook`. The rest is
/// nobody's business there.
fn settings_of(account: &RawValue) -> &RawValue {
    let settings = serde_json::from_str::<Settings<'_>>(account.get()).ok();
    settings.and_then(|settings| settings.webhook).unwrap_or(RawValue::NULL)
}

/// An account in a header: letters, digits, `_` and `-`, as account ids have; `%` and two digits
/// for each other byte. Above all no `.`, which parts what is signed.
fn in_header(account: &str) -> String {
    let mut text = String::new();
    for byte in account.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

impl Call {
    pub(super) fn send(message: &Outgoing) -> Self {
        let Outgoing { account, number, attempt, fence, id, chat, content, settings, .. } = message;
        let body = Body::Send {
            account,
            id,
            chat,
            number: *number,
            attempt: *attempt,
            fence: *fence,
            content,
            settings: settings_of(settings),
        };
        let key = format!("{}:{number}", in_header(account));
        let headers = vec![
            ("idempotency-key", key.clone()),
            ("tierwise-fence", fence.to_string()),
            ("tierwise-attempt", attempt.to_string()),
        ];
        Call { id: key, body: body.text(), headers }
    }

    pub(super) fn open(account: &Connecting, now: SystemTime) -> Self {
        let Connecting { id, opening, has_login, settings } = account;
        let (opening, has_login, settings) = (*opening, *has_login, settings_of(settings));
        let body = Body::Open { account: id, opening, has_login, settings };
        Call::of_account(id, "open", &body, now)
    }

    pub(super) fn close(account: &Connecting, logout: bool, now: SystemTime) -> Self {
        let Connecting { id, opening, settings, .. } = account;
        let (opening, settings) = (*opening, settings_of(settings));
        let body = Body::Close { account: id, opening, logout, settings };
        Call::of_account(id, "close", &body, now)
    }

    fn of_account(account: &str, what: &str, body: &Body<'_>, now: SystemTime) -> Self {
        // Never repeated by itself, so that the moment tells one from the next.
        let moment = since_1970(now).as_millis();
        let id = format!("{}:{what}:{moment}", in_header(account));
        Call { id, body: body.text(), headers: Vec::new() }
    }

    /// The signed request.
    pub(super) fn request(
        self,
        endpoint: &Uri,
        keys: &WebhookKeys,
        now: SystemTime,
    ) -> Request<Full<Bytes>> {
        let timestamp_s = since_1970(now).as_secs();
        let mut request = Request::post(endpoint.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header(ID_HEADER, &self.id)
            .header(TIMESTAMP_HEADER, timestamp_s)
            .header(SIGNATURE_HEADER, keys.sign(&self.id, timestamp_s, &self.body));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        // INVARIANT: the address was read before, and every header is printable ASCII.
        request.body(Full::new(Bytes::from(self.body))).unwrap_or_default()
    }
}

fn since_1970(now: SystemTime) -> Duration {
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_message_is_posted_with_its_key_its_fence_and_its_own_settings_only() {
        let message = Outgoing {
            number: 7,
            attempt: 2,
            fence: 40,
            settings: raw(r#"{ "enableHistorySync": true, "webhook": { "room": 5.10 } }"#),
            ..Outgoing::of_text("hello")
        };
        let call = Call::send(&message);
        let posted = concat!(
            r#"{"type":"message.send","account":"account","id":"1","chat":"chat","number":7,"#,
            r#""attempt":2,"fence":40,"content":{"text":"hello"},"#,
            r#""settings":{ "room": 5.10 }}"#,
        );
        assert_eq!(String::from_utf8_lossy(&call.body), posted);
        let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
        let keys = keys.unwrap_or_else(|error| panic!("{error}"));
        let now = UNIX_EPOCH + Duration::from_millis(1_614_265_330_999);
        let body = call.body.clone();
        let request = call.request(&Uri::from_static("https://a.example/b?c=d"), &keys, now);
        let header = |name| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_else(|| panic!("no {name}"))
        };
        assert_eq!(header("idempotency-key"), message.idempotency_key());
        assert_eq!(header("webhook-id"), "account:7");
        assert_eq!(header("webhook-timestamp"), "1614265330");
        assert_eq!((header("tierwise-fence"), header("tierwise-attempt")), ("40", "2"));
        assert!(keys.verify("account:7", 1_614_265_330, &body, header("webhook-signature")));
        assert_eq!((request.method().as_str(), request.uri().query()), ("POST", Some("c=d")));
    }

    #[test]
    fn settings_without_a_part_for_the_endpoint_are_null() {
        for settings in ["{}", r#"{"webhook":null}"#, "[]", "1"] {
            assert_eq!(settings_of(&raw(settings)).get(), "null", "{settings}");
        }
    }

    #[test]
    fn no_account_can_break_a_header_or_what_is_signed() {
        assert_eq!(in_header("a-B_9"), "a-B_9");
        assert_eq!(in_header("a.b:c\r\n\u{e9}"), "a%2Eb%3Ac%0D%0A%C3%A9");
    }
}
