//! What Meta posts: signed or not, known or not, for accounts that are ours or not.

use serde_json::{Value, json};
use tierwise_transport::{
    Detail, Event, Http, HttpOptions, Inbound, InboundCode, InboundError, Inbox, Receipt, Received,
    Secret,
    whatsapp::{NOTIFICATION_MOST_BYTES, WhatsAppCloud, WhatsAppOptions},
};

const NUMBER: &str = "106540352242922";

fn transport(app_secrets: &[&str]) -> WhatsAppCloud {
    let mut options =
        WhatsAppOptions::new(Secret::new("token"), Secret::new(""), Secret::new("a word"));
    options.app_secrets = app_secrets.iter().map(|secret| Secret::new(*secret)).collect();
    let http = Http::new(&HttpOptions::default()).expect("a client");
    WhatsAppCloud::new(http, &options, Inbox::new(1).0).expect("options")
}

fn signature(secret: &str, body: &[u8]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = ring::hmac::sign(&key, body);
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

fn read_signed(body: &[u8], signature: Option<&str>) -> Result<Vec<Inbound>, InboundError> {
    let header = |name| if name == "x-hub-signature-256" { signature } else { None };
    let account_of = |number: &str| (number == NUMBER).then(|| "a1".to_owned());
    transport(&["app", "next"]).notification(header, body, account_of)
}

fn read(body: &[u8]) -> Result<Vec<Inbound>, InboundError> {
    read_signed(body, Some(&signature("app", body)))
}

fn notification(number: &str, value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({ "display_phone_number": "15550783881", "phone_number_id": number });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "102290129340398",
        "changes": [{ "field": "messages", "value": value }] }] })
    .to_string()
    .into_bytes()
}

fn events(value: &Value) -> Vec<Event> {
    let read = read(&notification(NUMBER, value)).expect("a notification");
    assert!(read.iter().all(|inbound| inbound.account == "a1"));
    read.into_iter().map(|inbound| inbound.event).collect()
}

#[test]
fn the_signature_is_metas() {
    // HMAC-SHA-256 of the second case of RFC 4231, which has Meta's form: text keys, text data.
    let body = b"what do ya want for nothing?";
    let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let transport = transport(&["Jefe"]);
    let take = |signature: &str| {
        let result = transport.notification(|_| Some(signature), body, |_| None);
        // Signed well, and then no notification.
        result.expect_err("no JSON").code
    };
    assert_eq!(take(&format!("sha256={known}")), InboundCode::BadJson);
    assert_eq!(take(&format!("sha256={}", known.to_uppercase())), InboundCode::BadJson);
    assert_eq!(take(&format!("sha256={}", known.replace("5b", "5c"))), InboundCode::BadSignature);
    for form in ["", known, &format!("sha1={known}"), &format!("sha256={known}0"), "sha256=é"] {
        assert_eq!(take(form), InboundCode::BadHeader, "{form}");
    }
}

#[test]
fn a_notification_is_signed_by_an_app_secret_and_has_a_bound() {
    let body = notification(NUMBER, &json!({}));
    assert_eq!(read(&body), Ok(Vec::new()));
    assert_eq!(read_signed(&body, Some(&signature("next", &body))), Ok(Vec::new()));
    let code = |body: &[u8], signature: Option<&str>| {
        let error = read_signed(body, signature).expect_err("a fault");
        (error.code.as_str(), error.status())
    };
    assert_eq!(code(&body, None), ("bad_header", 401));
    assert_eq!(code(&body, Some(&signature("other", &body))), ("bad_signature", 401));
    assert_eq!(code(&body, Some(&signature("app", b"{}"))), ("bad_signature", 401));
    assert_eq!(code(b"{", Some(&signature("app", b"{"))), ("bad_json", 400));
    let mut most = body;
    most.resize(NOTIFICATION_MOST_BYTES, b' ');
    assert_eq!(read(&most), Ok(Vec::new()));
    most.push(b' ');
    assert_eq!(code(&most, Some(&signature("app", &most))), ("too_large", 413));
}

#[test]
fn a_message_brings_its_sender_and_its_text() {
    let value = json!({
        "contacts": [{ "profile": { "name": "Carla" }, "wa_id": "16505551234" }],
        "messages": [{ "from": "16505551234", "id": "wamid.A", "timestamp": "1749416383",
            "type": "text", "text": { "body": "Does it come in another color?" } }],
    });
    let received = Received {
        id: "wamid.A".into(),
        chat_id: "16505551234".into(),
        sender: "16505551234".into(),
        at_ms: 1_749_416_383_000,
        text: "Does it come in another color?".into(),
    };
    let contact = Event::Contact { id: "16505551234".into(), name: "Carla".into() };
    assert_eq!(events(&value), [contact, Event::Received(received)]);
}

#[test]
fn every_kind_of_message_is_received_with_what_it_has_of_text() {
    for (kind, part, expected) in [
        ("image", json!({ "id": "1", "caption": "a picture" }), "a picture"),
        ("audio", json!({ "id": "1", "voice": true }), ""),
        ("button", json!({ "text": "Yes", "payload": "y" }), "Yes"),
        ("interactive", json!({ "type": "list_reply", "list_reply": { "title": "Two" } }), "Two"),
        ("interactive", json!({ "type": "nfm_reply", "nfm_reply": {} }), ""),
        ("reaction", json!({ "message_id": "wamid.B", "emoji": "👍" }), "👍"),
        ("location", json!({ "latitude": 1.5, "longitude": 2.5 }), ""),
        ("contacts", json!([{ "name": { "formatted_name": "Dora" } }]), "Dora"),
        ("text", json!("of another form"), ""),
        ("unsupported", json!({ "type": "poll_creation" }), ""),
        ("of_next_year", json!(null), ""),
    ] {
        let mut message =
            json!({ "from": "1650", "id": "wamid.A", "timestamp": "1", "type": kind });
        message[kind] = part;
        let events = events(&json!({ "messages": [message] }));
        let [Event::Received(received)] = &events[..] else { panic!("{kind}: {events:?}") };
        assert_eq!(received.text, expected, "{kind}");
    }
    let group = json!({ "from": "1650", "group_id": "g", "id": "wamid.A", "timestamp": "1",
        "type": "text", "text": { "body": "hi" } });
    let events = events(&json!({ "messages": [group] }));
    let [Event::Received(received)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((received.chat_id.as_str(), received.sender.as_str()), ("g", "1650"));
}

#[test]
fn a_status_is_a_receipt_by_metas_id() {
    let status = |status: &str| {
        json!({ "id": "wamid.A", "status": status, "timestamp": "1",
        "recipient_id": "1650" })
    };
    let receipt =
        |receipt, detail| vec![Event::Receipt { network_id: "wamid.A".into(), receipt, detail }];
    let of = |status: Value| events(&json!({ "statuses": [status] }));
    assert_eq!(of(status("sent")), Vec::new());
    assert_eq!(of(status("delivered")), receipt(Receipt::Delivered, None));
    assert_eq!(of(status("read")), receipt(Receipt::Read, None));
    assert_eq!(of(status("failed")), receipt(Receipt::Failed, None));
    assert_eq!(of(status("played")), Vec::new());
    let mut failed = status("failed");
    failed["errors"] = json!([{ "code": 131_047, "title": "Re-engagement message",
        "message": "Re-engagement message", "error_data": { "details": "more than 24 hours" } }]);
    let why = Detail::new(0, "131047: Re-engagement message: more than 24 hours");
    assert_eq!(of(failed), receipt(Receipt::Failed, Some(why)));
}

#[test]
fn what_is_not_ours_or_not_known_is_left_out_and_the_rest_stands() {
    let good = json!({ "id": "wamid.B", "status": "read" });
    let value = json!({ "statuses": [{ "id": 1 }, "x", good], "messages": [{ "id": "wamid.C" }],
        "contacts": [{}] });
    assert_eq!(events(&value).len(), 1);
    assert_eq!(read(&notification("1", &value)), Ok(Vec::new()));
    for body in [
        json!({ "entry": [] }),
        json!({ "entry": [{ "changes": [{ "field": "account_update", "value": { "a": 1 } }] }] }),
        json!({ "entry": [{ "changes": [{ "field": "messages", "value": [1] }] }] }),
        json!({ "entry": [{}], "object": 7 }),
    ] {
        assert_eq!(read(body.to_string().as_bytes()), Ok(Vec::new()), "{body}");
    }
}

#[test]
fn an_address_is_proved_by_the_token() {
    let transport = transport(&["app"]);
    let ask = |mode: &'static str, token: &'static str, challenge: Option<&'static str>| {
        let query = move |name| match name {
            "hub.mode" => Some(mode),
            "hub.verify_token" => Some(token),
            "hub.challenge" => challenge,
            _ => None,
        };
        transport.challenge(query).map_err(|error| (error.code.as_str(), error.status()))
    };
    assert_eq!(ask("subscribe", "a word", Some("1158201444")), Ok("1158201444"));
    assert_eq!(ask("subscribe", "another", Some("1")), Err(("bad_token", 403)));
    assert_eq!(ask("subscribe", "", Some("1")), Err(("bad_token", 403)));
    assert_eq!(ask("unsubscribe", "a word", Some("1")), Err(("bad_header", 401)));
    assert_eq!(ask("subscribe", "a word", None), Err(("bad_header", 401)));
}
