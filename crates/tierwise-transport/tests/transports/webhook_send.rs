//! What the webhook transport makes of every kind of answer, over real sockets.

use std::time::{Duration, SystemTime};

use crate::double::{Double, Reply};
use serde_json::json;
use tierwise_lanes::{Outcome, Span};
use tierwise_transport::{
    Connecting, Event, Http, HttpOptions, Inbox, Outgoing, Report, Transport,
    webhook::{Webhook, WebhookKeys},
};
use tokio::{net::TcpListener, time::timeout};

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn keys(secrets: &[&str]) -> WebhookKeys {
    WebhookKeys::new(secrets.iter().copied()).expect("keys")
}

fn to(url: &str) -> Webhook {
    let options = HttpOptions { connect_timeout: Duration::from_millis(300), ..Default::default() };
    Webhook::new(Http::new(&options).expect("a client"), url, keys(&[OLD, NEW]))
        .expect("an address")
}

async fn sent(reply: Reply) -> Report {
    let double = Double::start(move |_| reply.clone()).await;
    to(&double.url()).send(&Outgoing::of_text("hello")).await
}

fn detail(report: &Report) -> (u16, &str) {
    let detail = report.detail.as_ref().expect("a detail");
    (detail.status_code, &detail.message)
}

#[tokio::test]
async fn each_status_has_its_outcome() {
    for (statuses, outcome) in [
        (&[200, 201, 202, 204, 299][..], Outcome::Delivered),
        (&[301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422][..], Outcome::Refused),
        (&[408, 425, 429, 503][..], Outcome::Later(None)),
        (&[500, 501, 502, 504, 599][..], Outcome::Unknown),
    ] {
        for status in statuses {
            let report = sent(Reply::status(*status)).await;
            assert_eq!(report.outcome, outcome, "{status}");
            let told = report.detail.as_ref().map_or(*status, |detail| detail.status_code);
            assert_eq!(told, *status);
        }
    }
}

#[tokio::test]
async fn a_message_arrives_signed_by_both_keys_with_its_headers() {
    let mut double = Double::start(|_| Reply::json(200, &json!({ "id": "network-1" }))).await;
    let message = Outgoing { number: 7, attempt: 2, fence: 9, ..Outgoing::of_text("grüße") };
    let report = to(&double.url()).send(&message).await;
    assert_eq!(report, Report::delivered_as("network-1"));
    let got = double.next().await;
    assert_eq!((got.method.as_str(), got.target.as_str()), ("POST", "/hook"));
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert_eq!(got.header("idempotency-key"), Some("account:7"));
    assert_eq!(got.header("tierwise-fence"), Some("9"));
    assert_eq!(got.header("tierwise-attempt"), Some("2"));
    assert_eq!(got.json()["content"]["text"], "grüße");
    assert_eq!(got.json()["type"], "message.send");
    let (id, signature) = (got.header("webhook-id"), got.header("webhook-signature"));
    let (id, signature) = (id.expect("an id"), signature.expect("a signature"));
    let timestamp = got.header("webhook-timestamp").expect("a time");
    let timestamp: u64 = timestamp.parse().expect("seconds");
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970").as_secs();
    assert!(now.abs_diff(timestamp) < 60);
    assert!(keys(&[OLD]).verify(id, timestamp, &got.body, signature));
    assert!(keys(&[NEW]).verify(id, timestamp, &got.body, signature));
    assert!(!keys(&[NEW]).verify(id, timestamp + 1, &got.body, signature));
}

#[tokio::test]
async fn the_wait_is_what_the_endpoint_asks_for() {
    let later = |seconds: u64| Outcome::Later(Some(Span(seconds * 1000)));
    assert_eq!(sent(Reply::with(429, "retry-after", "17")).await.outcome, later(17));
    assert_eq!(sent(Reply::with(503, "retry-after", "0")).await.outcome, later(0));
    assert_eq!(sent(Reply::with(503, "Retry-After", "86400")).await.outcome, later(3600));
    assert_eq!(sent(Reply::with(503, "retry-after", "soon")).await.outcome, Outcome::Later(None));
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(sent(Reply::with(429, "retry-after", past)).await.outcome, later(0));
    let future = "Fri, 31 Dec 9999 23:59:59 GMT";
    assert_eq!(sent(Reply::with(429, "retry-after", future)).await.outcome, later(3600));
    assert_eq!(sent(Reply::json(429, &json!({ "retryAfter": 5 }))).await.outcome, later(5));
}

#[tokio::test]
async fn a_success_may_say_otherwise_and_a_failure_may_not() {
    let say = async |status, outcome: &str| {
        let body = json!({ "outcome": outcome, "retryAfter": 9, "message": "why", "id": "n" });
        sent(Reply::json(status, &body)).await
    };
    assert_eq!(say(200, "delivered").await, Report::delivered_as("n"));
    let nine = Some(Duration::from_secs(9));
    assert_eq!(say(200, "later").await, Report::later(nine, 200, "why"));
    assert_eq!(say(202, "refused").await, Report::refused(202, "why"));
    assert_eq!(say(200, "unknown").await, Report::unknown_after(200, "why"));
    assert_eq!(say(400, "delivered").await, Report::refused(400, "why"));
    assert_eq!(say(500, "later").await, Report::unknown_after(500, "why"));
    // A word that is none makes the body garbage; the status stands.
    assert_eq!(say(200, "perhaps").await, Report::delivered());
}

#[tokio::test]
async fn garbage_and_ten_megabytes_take_nothing_from_a_success() {
    let answer = |body: Vec<u8>| Reply::Answer { status: 200, headers: Vec::new(), body };
    assert_eq!(sent(answer(vec![0xff; 100])).await, Report::delivered());
    assert_eq!(sent(answer(b"{\"id\":".to_vec())).await, Report::delivered());
    assert_eq!(sent(answer(b"[\"id\"]".to_vec())).await, Report::delivered());
    let long = format!("{{\"id\":\"n\",\"x\":\"{}\"}}", "x".repeat(10 << 20));
    assert_eq!(sent(answer(long.into_bytes())).await, Report::delivered());
    let unended = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec();
    assert_eq!(sent(Reply::Bytes(unended)).await, Report::delivered());
    // And of a refusal only so much is kept.
    let reply = Reply::Answer { status: 400, headers: Vec::new(), body: vec![b'x'; 10 << 20] };
    let report = sent(reply).await;
    assert_eq!(detail(&report), (400, "x".repeat(500).as_str()));
}

#[tokio::test]
async fn a_connection_that_was_never_made_is_tried_later() {
    // A port that nobody listens on.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let message = Outgoing::of_text("hello");
    let report = to(&format!("http://{address}")).send(&message).await;
    assert_eq!(report.outcome, Outcome::Later(None));
    assert!(detail(&report).1.contains("refused"), "{report:?}");
    let report = to("http://no-such-host.invalid/").send(&message).await;
    assert_eq!(report.outcome, Outcome::Later(None), "{report:?}");
    // TLS with somebody who does not speak it, and with somebody who says nothing.
    for reply in [Reply::Bytes(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()), Reply::never()] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            if let Reply::Bytes(bytes) = reply {
                tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes).await.expect("written");
            }
            // Open until the other side gives up.
            let mut hello = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut hello).await;
        });
        let report = to(&format!("https://{address}/")).send(&message).await;
        assert_eq!(report.outcome, Outcome::Later(None), "{report:?}");
        server.await.expect("the other side gave up");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_is_unknown() {
    for reply in [
        Reply::Reset,
        Reply::Bytes(Vec::new()),
        Reply::Bytes(b"HTTP/1.1 2".to_vec()),
        Reply::Bytes(b"SMTP nonsense\r\n\r\n".to_vec()),
        Reply::Bytes(vec![0; 1 << 20]),
    ] {
        let report = sent(reply.clone()).await;
        assert_eq!(report.outcome, Outcome::Unknown, "{report:?}");
        assert_eq!(detail(&report).0, 0);
    }
}

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let mut elsewhere = Double::start(|_| Reply::status(200)).await;
    let url = elsewhere.url();
    let double = Double::start(move |_| Reply::with(307, "location", &url)).await;
    let report = to(&double.url()).send(&Outgoing::of_text("hello")).await;
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(detail(&report).1.contains("redirects are not followed"), "{report:?}");
    assert!(elsewhere.requests.try_recv().is_err());
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_left_when_the_caller_gives_up() {
    let mut double = Double::start(|_| Reply::never()).await;
    let webhook = to(&double.url());
    let message = Outgoing::of_text("hello");
    let sending = webhook.send(&message);
    tokio::select! {
        report = sending => panic!("{report:?}"),
        _ = double.requests.recv() => {}
    }
    // The connection ends with the attempt: nobody works for an attempt that is given up.
    timeout(Duration::from_secs(5), double.ended.recv()).await.expect("the end of it");
}

#[tokio::test]
async fn a_body_that_never_ends_does_not_undo_its_status() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec();
    let report = timeout(Duration::from_secs(20), sent(Reply::BytesAndSilence(head))).await;
    assert_eq!(report.expect("a report in time"), Report::delivered());
}

#[tokio::test]
async fn connections_are_kept_and_replaced_when_they_end() {
    let mut double = Double::start(|got| match got.connection {
        0 if got.header("tierwise-attempt") == Some("2") => Reply::AnswerAndClose { status: 200 },
        _ => Reply::status(200),
    })
    .await;
    let webhook = to(&double.url());
    let mut message = Outgoing::of_text("hello");
    for attempt in 1..=3 {
        message.attempt = attempt;
        assert_eq!(webhook.send(&message).await, Report::delivered());
        // Each arrives once, whichever connection carries it.
        assert_eq!(double.next().await.header("tierwise-attempt"), Some(&*attempt.to_string()));
    }
    assert_eq!(double.connections(), 2);
    assert!(double.requests.try_recv().is_err());
}

fn account(has_login: bool) -> Connecting {
    let settings = json!({ "webhook": { "room": 1 }, "other": "secret" });
    let settings = serde_json::value::to_raw_value(&settings).expect("JSON");
    Connecting { id: "a1".into(), opening: 3, has_login, settings }
}

/// What comes through the inbox of an account that is opened.
async fn opened(webhook: &Webhook) -> Vec<Event> {
    let (inbox, mut arrivals) = Inbox::new(10);
    let account = account(false);
    let opening = async { webhook.open(&account, &inbox).await };
    let mut events = Vec::new();
    tokio::pin!(opening);
    loop {
        tokio::select! {
            biased;
            Some(arrival) = arrivals.recv() => {
                assert_eq!(arrival.inbound.account, "a1");
                events.push(arrival.inbound.event.clone());
                arrival.is_stored();
            }
            () = &mut opening => return events,
        }
    }
}

#[tokio::test]
async fn an_endpoint_takes_over_an_account_and_may_say_at_once_what_is_with_it() {
    let mut double = Double::start(|_| Reply::status(204)).await;
    assert_eq!(opened(&to(&double.url())).await, Vec::new());
    let got = double.next().await;
    let expected = json!({ "type": "account.open", "account": "a1", "opening": 3, "hasLogin": false,
        "settings": { "room": 1 } });
    assert_eq!(got.json(), expected);
    assert!(got.header("webhook-signature").is_some());

    let answer = json!({ "events": [{ "type": "open", "login": true }] });
    let double = Double::start(move |_| Reply::json(200, &answer)).await;
    assert_eq!(opened(&to(&double.url())).await, [Event::Open { login: true }]);

    let failed =
        |status_code, message: &str| [Event::Failed { status_code, message: message.into() }];
    let double = Double::start(|_| Reply::json(403, &json!({ "message": "not mine" }))).await;
    assert_eq!(opened(&to(&double.url())).await, failed(403, "not mine"));

    let answer = json!({ "events": [{ "type": "opne" }] });
    let double = Double::start(move |_| Reply::json(200, &answer)).await;
    let events = opened(&to(&double.url())).await;
    assert!(matches!(&events[..], [Event::Failed { status_code: 502, .. }]), "{events:?}");

    let double = Double::start(|_| Reply::Reset).await;
    let events = opened(&to(&double.url())).await;
    assert!(matches!(&events[..], [Event::Failed { status_code: 503, .. }]), "{events:?}");
}

#[tokio::test]
async fn an_endpoint_is_told_that_an_account_closes() {
    let mut double = Double::start(|_| Reply::status(500)).await;
    to(&double.url()).close(&account(true), true).await;
    let expected = json!({ "type": "account.close", "account": "a1", "opening": 3, "logout": true,
        "settings": { "room": 1 } });
    assert_eq!(double.next().await.json(), expected);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let http = Http::new(&HttpOptions::default()).expect("a client");
    for url in ["", "/hook", "ftp://a.example/", "https://u:p@a.example/", "https://", "a b"] {
        let error = Webhook::new(http.clone(), url, keys(&[OLD])).expect_err(url);
        assert_eq!(error.path, "/url");
    }
}
