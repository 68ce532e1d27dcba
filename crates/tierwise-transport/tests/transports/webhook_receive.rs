//! What comes in signed: fresh, old, future, forged, too large, twice, and not kept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tierwise_transport::{
    Event, Http, HttpOptions, InboundCode, InboundError, Inbox,
    webhook::{Accepted, BODY_MOST_BYTES, Webhook, WebhookKeys},
};

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const OPEN: &[u8] = br#"{"type":"open","account":"a"}"#;
const SIGNED_S: u64 = 1_800_000_000;

fn keys(secrets: &[&str]) -> WebhookKeys {
    WebhookKeys::new(secrets.iter().copied()).expect("keys")
}

fn webhook(secrets: &[&str]) -> Webhook {
    let http = Http::new(&HttpOptions::default()).expect("a client");
    Webhook::new(http, "http://127.0.0.1:1/", keys(secrets)).expect("an address")
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The headers of a delivery.
struct Headers {
    id: String,
    timestamp: String,
    signature: String,
}

impl Headers {
    fn signed(secret: &str, id: &str, body: &[u8]) -> Self {
        Headers {
            id: id.to_owned(),
            timestamp: SIGNED_S.to_string(),
            signature: keys(&[secret]).sign(id, SIGNED_S, body),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        match name {
            "webhook-id" => Some(&self.id),
            "webhook-timestamp" => Some(&self.timestamp),
            "webhook-signature" => Some(&self.signature),
            _ => None,
        }
    }
}

fn received(headers: &Headers, body: &[u8], now_s: u64) -> Result<usize, InboundError> {
    let delivery = webhook(&[OLD]).receive(|name| headers.get(name), body, at(now_s))?;
    assert_eq!((delivery.id.as_str(), delivery.timestamp_s), (headers.id.as_str(), SIGNED_S));
    Ok(delivery.events.len())
}

fn code(headers: &Headers, body: &[u8]) -> (InboundCode, String) {
    let error = received(headers, body, SIGNED_S).expect_err("a fault");
    (error.code, error.path)
}

#[test]
fn a_delivery_is_good_for_five_minutes_either_way() {
    let headers = Headers::signed(OLD, "e1", OPEN);
    for now_s in [SIGNED_S - 300, SIGNED_S, SIGNED_S + 300] {
        assert_eq!(received(&headers, OPEN, now_s), Ok(1));
    }
    let old = received(&headers, OPEN, SIGNED_S + 301).expect_err("too old");
    assert_eq!((old.code, old.status()), (InboundCode::TooOld, 401));
    assert!(old.message.contains("301 seconds ago"), "{old}");
    let new = received(&headers, OPEN, SIGNED_S - 301).expect_err("too new");
    assert_eq!((new.code, new.status()), (InboundCode::TooNew, 401));
    assert!(new.message.contains("301 seconds in the future"), "{new}");
}

#[test]
fn nothing_forged_passes_and_a_forgery_learns_nothing_of_the_clock() {
    let good = || Headers::signed(OLD, "e1", OPEN);
    let bad = (InboundCode::BadSignature, "webhook-signature".to_owned());
    assert_eq!(code(&Headers::signed(NEW, "e1", OPEN), OPEN), bad);
    assert_eq!(code(&Headers { id: "e2".into(), ..good() }, OPEN), bad);
    assert_eq!(code(&good(), br#"{"type":"open","account":"b"}"#), bad);
    assert_eq!(code(&good(), b""), bad);
    assert_eq!(code(&Headers { signature: "v1,AAAA".into(), ..good() }, OPEN), bad);
    // A time that nobody signed is not even compared with the clock.
    for timestamp in ["0", "1800000001", "18446744073709551615"] {
        assert_eq!(code(&Headers { timestamp: timestamp.into(), ..good() }, OPEN), bad);
    }
}

#[test]
fn headers_that_are_missing_or_none_are_named() {
    let good = || Headers::signed(OLD, "e1", OPEN);
    let bad = |name: &str| (InboundCode::BadHeader, name.to_owned());
    assert_eq!(code(&Headers { id: String::new(), ..good() }, OPEN), bad("webhook-id"));
    assert_eq!(code(&Headers { id: "a".repeat(257), ..good() }, OPEN), bad("webhook-id"));
    assert_eq!(code(&Headers { id: "a.1".into(), ..good() }, OPEN), bad("webhook-id"));
    for timestamp in ["", "now", "-1", "1.5"] {
        let headers = Headers { timestamp: timestamp.into(), ..good() };
        assert_eq!(code(&headers, OPEN), bad("webhook-timestamp"));
    }
    let unsigned = Headers { signature: String::new(), ..good() };
    assert_eq!(code(&unsigned, OPEN), bad("webhook-signature"));
}

#[test]
fn either_key_is_good_while_keys_are_changed() {
    for secret in [OLD, NEW] {
        let headers = Headers::signed(secret, "e1", OPEN);
        let webhook = webhook(&[OLD, NEW]);
        let delivery = webhook.receive(|name| headers.get(name), OPEN, at(SIGNED_S));
        assert!(delivery.is_ok(), "{delivery:?}");
    }
}

#[test]
fn a_body_has_a_mebibyte_and_not_one_byte_more() {
    let frame = r#"{"type":"scan","account":"a","code":""}"#.len();
    let body = |bytes: usize| {
        let code = "x".repeat(bytes - frame);
        format!(r#"{{"type":"scan","account":"a","code":"{code}"}}"#).into_bytes()
    };
    let most = body(BODY_MOST_BYTES);
    assert_eq!(most.len(), 1 << 20);
    assert_eq!(received(&Headers::signed(OLD, "e1", &most), &most, SIGNED_S), Ok(1));
    let more = body(BODY_MOST_BYTES + 1);
    let error = received(&Headers::signed(OLD, "e1", &more), &more, SIGNED_S);
    let error = error.expect_err("too large");
    assert_eq!((error.code.as_str(), error.status()), ("too_large", 413));
}

#[test]
fn signed_nonsense_is_the_fault_of_its_sender() {
    let events = br#"{"events":[{"type":"opne","account":"a"}]}"#;
    let unknown = (InboundCode::UnknownType, "/events/0/type".to_owned());
    assert_eq!(code(&Headers::signed(OLD, "e1", events), events), unknown);
    let error = received(&Headers::signed(OLD, "e1", b"x"), b"x", SIGNED_S).expect_err("a fault");
    assert_eq!((error.code.as_str(), error.status()), ("bad_json", 400));
}

/// Keeps what arrives, but for events that it is told to lose.
fn store(lose: usize) -> (Inbox, tokio::task::JoinHandle<Vec<Event>>) {
    let (inbox, mut arrivals) = Inbox::new(1);
    let store = tokio::spawn(async move {
        let (mut kept, mut to_lose) = (Vec::new(), lose);
        while let Some(arrival) = arrivals.recv().await {
            if to_lose > 0 {
                to_lose -= 1;
                continue;
            }
            kept.push(arrival.inbound.event.clone());
            arrival.is_stored();
        }
        kept
    });
    (inbox, store)
}

#[tokio::test]
async fn a_delivery_that_is_brought_twice_is_kept_once() {
    let (inbox, store) = store(0);
    let webhook = webhook(&[OLD]);
    let accept = async |id: &str, now_s| {
        let headers = Headers::signed(OLD, id, OPEN);
        webhook.accept(|name| headers.get(name), OPEN, at(now_s), &inbox).await
    };
    assert_eq!(accept("e1", SIGNED_S).await, Ok(Accepted::Kept(1)));
    assert_eq!(accept("e1", SIGNED_S + 300).await, Ok(Accepted::Repeat));
    assert_eq!(accept("e2", SIGNED_S).await, Ok(Accepted::Kept(1)));
    // After that the age of its signature keeps it out.
    let error = accept("e1", SIGNED_S + 301).await.expect_err("too old");
    assert_eq!(error.code, InboundCode::TooOld);
    drop(inbox);
    assert_eq!(store.await.expect("the store").len(), 2);
}

#[tokio::test]
async fn a_delivery_that_was_not_kept_may_be_brought_again() {
    let (inbox, store) = store(1);
    let webhook = webhook(&[OLD]);
    let headers = Headers::signed(OLD, "e1", OPEN);
    let accept = || webhook.accept(|name| headers.get(name), OPEN, at(SIGNED_S), &inbox);
    let error = accept().await.expect_err("lost");
    assert_eq!((error.code, error.status()), (InboundCode::NotKept, 503));
    assert_eq!(accept().await, Ok(Accepted::Kept(1)));
    assert_eq!(accept().await, Ok(Accepted::Repeat));
    drop(inbox);
    assert_eq!(store.await.expect("the store"), [Event::Open { login: false }]);
}

#[tokio::test]
async fn the_same_delivery_twice_at_once_is_kept_by_one() {
    // Nobody keeps anything until asked to.
    let (inbox, mut arrivals) = Inbox::new(1);
    let webhook = webhook(&[OLD]);
    let headers = Headers::signed(OLD, "e1", OPEN);
    let accept = || webhook.accept(|name| headers.get(name), OPEN, at(SIGNED_S), &inbox);
    let first = accept();
    tokio::pin!(first);
    let arrival = tokio::select! {
        result = &mut first => panic!("{result:?}"),
        arrival = arrivals.recv() => arrival.expect("an event"),
    };
    let error = accept().await.expect_err("being kept");
    assert_eq!(error.code, InboundCode::NotKept);
    arrival.is_stored();
    assert_eq!(first.await, Ok(Accepted::Kept(1)));
    assert_eq!(accept().await, Ok(Accepted::Repeat));

    // Whoever stops in the middle has not kept it.
    let headers = Headers::signed(OLD, "e2", OPEN);
    let accept = || webhook.accept(|name| headers.get(name), OPEN, at(SIGNED_S), &inbox);
    {
        let stopped = accept();
        tokio::pin!(stopped);
        tokio::select! {
            result = &mut stopped => panic!("{result:?}"),
            arrival = arrivals.recv() => drop(arrival.map(std::mem::forget)),
        }
    }
    let again = accept();
    tokio::pin!(again);
    let arrival = tokio::select! {
        result = &mut again => panic!("{result:?}"),
        arrival = arrivals.recv() => arrival.expect("an event"),
    };
    arrival.is_stored();
    assert_eq!(again.await, Ok(Accepted::Kept(1)));
}
