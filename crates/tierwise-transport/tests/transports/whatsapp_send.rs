//! Sends to a double of Meta's messages endpoint that keeps Meta's documented rates, by a clock
//! that the tests move, and that answers with Meta's documented errors.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::double::{Double, Got, Reply};
use serde_json::json;
use tierwise_lanes::{Outcome, Span};
use tierwise_transport::{
    Connecting, Event, Http, HttpOptions, Inbox, Outgoing, Report, Secret, Transport,
    whatsapp::{WhatsAppCloud, WhatsAppOptions},
};
use tokio::{sync::mpsc, time::timeout};

const NUMBER: &str = "106540352242922";
const TOKEN: &str = "EAAGm0PX4ZCpsBA";

fn options(base_url: String) -> WhatsAppOptions {
    let options =
        WhatsAppOptions::new(Secret::new(TOKEN), Secret::new("app"), Secret::new("verify"));
    WhatsAppOptions { base_url, ..options }
}

fn to(double: &Double) -> (WhatsAppCloud, mpsc::Receiver<tierwise_transport::Arrival>) {
    let (inbox, arrivals) = Inbox::new(10);
    let http = Http::new(&HttpOptions::default()).expect("a client");
    let options = options(format!("http://{}", double.address));
    (WhatsAppCloud::new(http, &options, inbox).expect("options"), arrivals)
}

fn settings() -> Box<serde_json::value::RawValue> {
    let settings = json!({ "whatsapp": { "phoneNumberId": NUMBER } });
    serde_json::value::to_raw_value(&settings).expect("JSON")
}

fn message(chat: &str) -> Outgoing {
    Outgoing { chat: chat.to_owned(), settings: settings(), ..Outgoing::of_text("hello") }
}

fn error(status: u16, code: i64) -> Reply {
    let error = json!({ "message": format!("(#{code}) as documented"), "type": "OAuthException",
        "code": code, "fbtrace_id": "A",
        "error_data": { "messaging_product": "whatsapp", "details": "the details" } });
    Reply::json(status, &json!({ "error": error }))
}

/// One attempt that is answered with a reply.
async fn sent(reply: Reply, attempt: u32) -> Report {
    let double = Double::start(move |_| reply.clone()).await;
    let (transport, _arrivals) = to(&double);
    transport.send(&Outgoing { attempt, ..message("16505551234") }).await
}

/// A message in six seconds to a pair on the long run; 45 at once, borrowed from what comes.
const PAIR_GAP_MS: u64 = 6_000;
const PAIR_BURST: u64 = 45;
/// Messages of a number in a second.
const THROUGHPUT: u64 = 80;

/// Meta's counts.
#[derive(Default)]
struct Meta {
    now_ms: AtomicU64,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    taken: u64,
    /// Per recipient, until when its messages are borrowed.
    pairs: HashMap<String, u64>,
    /// When a number's second began, and its messages since.
    second: (u64, u64),
}

impl Meta {
    async fn start() -> (Arc<Meta>, Double) {
        let meta = Arc::new(Meta::default());
        let answering = Arc::clone(&meta);
        let double = Double::start(move |got| answering.answer(got)).await;
        (meta, double)
    }

    fn pass(&self, wait: Duration) {
        let ms = u64::try_from(wait.as_millis()).expect("a short wait");
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn answer(&self, got: &Got) -> Reply {
        if got.header("authorization") != Some(&*format!("Bearer {TOKEN}")) {
            return error(401, 190);
        }
        let body = got.json();
        if got.target != format!("/v23.0/{NUMBER}/messages")
            || body["messaging_product"] != "whatsapp"
        {
            return error(400, 100);
        }
        let now = self.now_ms.load(Ordering::SeqCst);
        let mut counts = self.counts.lock().expect("no test panicked here");
        let (began, count) = counts.second;
        counts.second = if now >= began + 1000 { (now, 1) } else { (began, count + 1) };
        if counts.second.1 > THROUGHPUT {
            return error(400, 130_429);
        }
        let to = body["to"].as_str().expect("a recipient").to_owned();
        let borrowed = counts.pairs.entry(to.clone()).or_default();
        let until = (*borrowed).max(now) + PAIR_GAP_MS;
        if until > now + PAIR_BURST * PAIR_GAP_MS {
            return error(400, 131_056);
        }
        *borrowed = until;
        counts.taken += 1;
        let id = format!("wamid.{}", counts.taken);
        Reply::json(
            200,
            &json!({ "messaging_product": "whatsapp", "contacts": [{ "input": to, "wa_id": to }],
                "messages": [{ "id": id }] }),
        )
    }
}

fn wait_of(report: &Report) -> Duration {
    match report.outcome {
        Outcome::Later(Some(Span(ms))) => Duration::from_millis(ms),
        _ => panic!("no wait: {report:?}"),
    }
}

#[tokio::test]
async fn a_message_is_taken_under_metas_id() {
    let (_meta, mut double) = Meta::start().await;
    let (transport, _arrivals) = to(&double);
    let report = transport.send(&message("+16505551234")).await;
    assert_eq!(report, Report::delivered_as("wamid.1"));
    let got = double.next().await;
    assert_eq!(
        (got.method.as_str(), got.header("content-type")),
        ("POST", Some("application/json"))
    );
    assert_eq!(got.json()["to"], "16505551234");
}

#[tokio::test]
async fn a_burst_to_one_number_backs_off_as_meta_asks_until_it_is_taken() {
    let (meta, double) = Meta::start().await;
    let (transport, _arrivals) = to(&double);
    for _ in 0..PAIR_BURST {
        let report = transport.send(&message("16505551234")).await;
        assert_eq!(report.outcome, Outcome::Delivered);
    }
    // Borrowed to the last: one gap has to pass. 1 second, then 4, then 16.
    let mut waits = Vec::new();
    for attempt in 1..10 {
        let report = transport.send(&Outgoing { attempt, ..message("16505551234") }).await;
        if report.outcome == Outcome::Delivered {
            break;
        }
        assert!(report.detail.as_ref().expect("why").message.starts_with("131056: "));
        waits.push(wait_of(&report).as_secs());
        meta.pass(wait_of(&report));
    }
    assert_eq!(waits, [1, 4, 16]);
    // Others are not held up by that pair.
    assert_eq!(transport.send(&message("16505550000")).await.outcome, Outcome::Delivered);
}

#[tokio::test]
async fn at_the_documented_pace_no_pair_is_ever_held() {
    let (meta, double) = Meta::start().await;
    let (transport, _arrivals) = to(&double);
    for _ in 0..100 {
        let report = transport.send(&message("16505551234")).await;
        assert_eq!(report.outcome, Outcome::Delivered);
        meta.pass(Duration::from_millis(PAIR_GAP_MS));
    }
}

#[tokio::test]
async fn throughput_passes_with_its_second() {
    let (meta, double) = Meta::start().await;
    let (transport, _arrivals) = to(&double);
    for recipient in 0..THROUGHPUT {
        let report = transport.send(&message(&format!("1650555{recipient:04}"))).await;
        assert_eq!(report.outcome, Outcome::Delivered);
    }
    let report = transport.send(&message("16505559999")).await;
    assert!(report.detail.as_ref().expect("why").message.starts_with("130429: "));
    assert_eq!(wait_of(&report).as_secs(), 1);
    meta.pass(wait_of(&report));
    assert_eq!(transport.send(&message("16505559999")).await.outcome, Outcome::Delivered);
}

#[tokio::test]
async fn waits_grow_with_the_attempts_and_end_at_an_hour() {
    let wait = async |code, attempt| wait_of(&sent(error(400, code), attempt).await).as_secs();
    let mut waits = Vec::new();
    for attempt in [1, 2, 3, 4, 6, 7, u32::MAX] {
        waits.push(wait(131_056, attempt).await);
    }
    assert_eq!(waits, [1, 4, 16, 64, 1024, 3600, 3600]);
    assert_eq!((wait(4, 1).await, wait(80_007, 2).await, wait(131_057, 9).await), (60, 240, 3600));
    // Where Meta says how many minutes, it is those.
    let usage = json!({ "102290129340398": [
        { "type": "whatsapp", "call_count": 100, "estimated_time_to_regain_access": 7 }] });
    let Reply::Answer { status, body, .. } = error(429, 80_007) else { panic!("an answer") };
    let headers = vec![("X-Business-Use-Case-Usage", usage.to_string())];
    let report = sent(Reply::Answer { status, headers, body }, 1).await;
    assert_eq!(wait_of(&report).as_secs(), 420);
}

#[tokio::test]
async fn each_code_has_its_outcome() {
    for (code, status, outcome) in [
        (131_026, 400, Outcome::Refused),
        (131_047, 400, Outcome::Refused),
        (131_048, 400, Outcome::Refused),
        (131_051, 400, Outcome::Refused),
        (132_001, 404, Outcome::Refused),
        (100, 400, Outcome::Refused),
        (1, 400, Outcome::Unknown),
        (1, 500, Outcome::Unknown),
        (2, 503, Outcome::Later(Some(Span(1000)))),
        (131_000, 500, Outcome::Later(Some(Span(1000)))),
        (131_016, 500, Outcome::Later(Some(Span(1000)))),
        (133_004, 503, Outcome::Later(Some(Span(1000)))),
        (190, 401, Outcome::Later(Some(Span(300_000)))),
        (131_042, 400, Outcome::Later(Some(Span(300_000)))),
        // Codes that are not in the list: by their status.
        (999_999, 400, Outcome::Refused),
        (999_999, 403, Outcome::Later(Some(Span(300_000)))),
        (999_999, 429, Outcome::Later(None)),
        (999_999, 500, Outcome::Unknown),
    ] {
        let report = sent(error(status, code), 1).await;
        assert_eq!(report.outcome, outcome, "{code} with {status}");
        let detail = report.detail.expect("why");
        let said = format!("{code}: (#{code}) as documented: the details");
        assert_eq!((detail.status_code, detail.message), (status, said));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_metas_is_not_believed() {
    for reply in [
        Reply::status(200),
        Reply::json(200, &json!({ "messages": [] })),
        Reply::json(200, &json!({ "messages": [{ "id": "" }] })),
        Reply::Answer { status: 200, headers: Vec::new(), body: b"<html>log in".to_vec() },
        Reply::Answer { status: 200, headers: Vec::new(), body: vec![b' '; 10 << 20] },
        Reply::status(500),
        Reply::status(502),
        Reply::Reset,
        Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
    ] {
        let report = sent(reply.clone(), 1).await;
        assert_eq!(report.outcome, Outcome::Unknown, "{reply:?}");
    }
    let report = sent(Reply::with(503, "retry-after", "9"), 1).await;
    assert_eq!(report.outcome, Outcome::Later(Some(Span(9000))));
    assert_eq!(sent(Reply::status(302), 1).await.outcome, Outcome::Refused);
    // An error whose parts have other forms than documented still has its code.
    let odd = json!({ "error": { "code": 131_026, "message": null, "error_data": "text" } });
    assert_eq!(sent(Reply::json(400, &odd), 1).await.outcome, Outcome::Refused);
    let transient = json!({ "error": { "code": 999_999, "is_transient": true } });
    let outcome = sent(Reply::json(400, &transient), 2).await.outcome;
    assert_eq!(outcome, Outcome::Later(Some(Span(4000))));
}

#[tokio::test]
async fn an_expired_token_holds_the_account_and_not_the_message() {
    let double = Double::start(|_| error(401, 190)).await;
    let (transport, mut arrivals) = to(&double);
    let report = transport.send(&message("16505551234")).await;
    assert_eq!(report.outcome, Outcome::Later(Some(Span(300_000))));
    let arrival = timeout(Duration::from_secs(5), arrivals.recv()).await.expect("in time");
    let inbound = arrival.expect("an event").inbound;
    assert_eq!(inbound.account, "account");
    let Event::Failed { status_code, message } = inbound.event else { panic!("a failure") };
    assert_eq!(status_code, 401);
    assert!(message.starts_with("190: "), "{message}");
    assert!(!format!("{report:?}{message}").contains(TOKEN));
}

#[tokio::test]
async fn an_account_without_a_number_reaches_nobody() {
    let (_meta, mut double) = Meta::start().await;
    let (transport, mut arrivals) = to(&double);
    for settings in ["{}", r#"{"whatsapp":{}}"#, r#"{"whatsapp":{"phoneNumberId":"1/../2"}}"#] {
        let settings = serde_json::value::RawValue::from_string(settings.to_owned());
        let settings = settings.expect("JSON");
        let message = Outgoing { settings: settings.clone(), ..message("16505551234") };
        assert_eq!(transport.send(&message).await.outcome, Outcome::Later(Some(Span(300_000))));
        let arrival = timeout(Duration::from_secs(5), arrivals.recv()).await.expect("in time");
        let sent = arrival.expect("an event").inbound.event;
        let (inbox, mut opened) = Inbox::new(1);
        let account = Connecting { id: "a".into(), opening: 3, has_login: false, settings };
        let opening = tokio::spawn({
            let transport = transport.clone();
            async move { transport.open(&account, &inbox).await }
        });
        let arrival = opened.recv().await.expect("an event");
        assert_eq!(arrival.inbound.event, sent);
        assert!(matches!(sent, Event::Failed { status_code: 400, .. }), "{sent:?}");
        arrival.is_stored();
        opening.await.expect("opened");
    }
    assert!(double.requests.try_recv().is_err());
}

#[tokio::test]
async fn what_whatsapp_has_not_is_refused_before_it_is_sent() {
    let (_meta, mut double) = Meta::start().await;
    let (transport, _arrivals) = to(&double);
    let report = transport.send(&message("nobody")).await;
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(double.requests.try_recv().is_err());
}

#[test]
fn options_that_cannot_be_are_refused_and_secrets_never_shown() {
    let http = Http::new(&HttpOptions::default()).expect("a client");
    let (inbox, _arrivals) = Inbox::new(1);
    let good = || options("https://graph.facebook.com".to_owned());
    let fault = |options: &WhatsAppOptions| {
        let made = WhatsAppCloud::new(http.clone(), options, inbox.clone());
        made.map(|_| ()).expect_err("a fault").path
    };
    let secret = |text: &str| Secret::new(text);
    for (options, path) in [
        (WhatsAppOptions { base_url: "graph.facebook.com".into(), ..good() }, "/baseUrl"),
        (WhatsAppOptions { version: "23".into(), ..good() }, "/version"),
        (WhatsAppOptions { version: "v23/..".into(), ..good() }, "/version"),
        (WhatsAppOptions { access_token: secret(""), ..good() }, "/accessToken"),
        (WhatsAppOptions { access_token: secret("a\nb"), ..good() }, "/accessToken"),
        (WhatsAppOptions { app_secrets: vec![], ..good() }, "/appSecrets"),
        (WhatsAppOptions { app_secrets: vec![secret("")], ..good() }, "/appSecrets"),
        (WhatsAppOptions { verify_token: secret(""), ..good() }, "/verifyToken"),
    ] {
        assert_eq!(fault(&options), path);
    }
    let transport = WhatsAppCloud::new(http, &good(), inbox).expect("good options");
    let shown = format!("{:?} {transport:?}", good());
    assert!(!shown.contains(TOKEN) && !shown.contains("app\"") && !shown.contains("verify\""));
}
