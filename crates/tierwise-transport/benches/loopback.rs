//! What a send through the webhook transport costs, against the HTTP client under it alone.
//!
//! Both sides of each connection run in this process, over loopback, so that a figure holds the
//! client and the endpoint. Both ways run in turn; the table shows medians and their ratio. Ends
//! with exit code 1 if the bound is passed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_arithmetic,
    reason = "a bench measures, in floats"
)]
#![allow(clippy::cast_precision_loss, reason = "counts are small")]

#[path = "../tests/transports/double.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod double;

use std::{process::ExitCode, sync::Arc, time::Instant};

use double::{Double, Reply};
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tierwise_lanes::Outcome;
use tierwise_transport::{
    Http, HttpOptions, Outgoing, Transport,
    webhook::{Webhook, WebhookKeys},
};
use tokio::{sync::Semaphore, task::JoinSet};

const SENDS: u64 = 20_000;
const AT_ONCE: usize = 200;
const ROUNDS: usize = 5;
/// The most that signing, JSON, and six headers more on both sides may make of the bare client.
const MAX_RATIO: f64 = 2.0;

/// Microseconds a send, with so many at once.
async fn timed<F: Future<Output = bool> + Send + 'static>(send: impl Fn(u64) -> F) -> f64 {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut sends = JoinSet::new();
    let start = Instant::now();
    for number in 0..SENDS {
        let permit = Arc::clone(&room).acquire_owned().await.unwrap();
        let sending = send(number);
        sends.spawn(async move {
            let _permit = permit;
            sending.await
        });
    }
    let all_arrived = sends.join_all().await.into_iter().all(|arrived| arrived);
    assert!(all_arrived, "a send failed");
    start.elapsed().as_secs_f64() * 1e6 / SENDS as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main]
async fn main() -> ExitCode {
    let double = Double::start(|_| Reply::status(204)).await;
    let Double { mut requests, address, .. } = double;
    tokio::spawn(async move { while requests.recv().await.is_some() {} });
    let url = format!("http://{address}/hook");

    let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).unwrap();
    let http = Http::new(&HttpOptions::default()).unwrap();
    let webhook = Webhook::new(http, &url, keys).unwrap();
    let through = async || {
        timed(|number| {
            let webhook = webhook.clone();
            let message = Outgoing { number, ..Outgoing::of_text("hello") };
            async move { webhook.send(&message).await.outcome == Outcome::Delivered }
        })
        .await
    };

    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build::<_, Full<Bytes>>(connector);
    let body = Bytes::from(vec![b' '; 200]);
    let bare = async || {
        timed(|_| {
            let request = Request::post(&url).body(Full::new(body.clone())).unwrap();
            let client = client.clone();
            async move {
                let answer = client.request(request).await.unwrap();
                answer.into_body().collect().await.is_ok()
            }
        })
        .await
    };

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (through, bare) = (through().await, bare().await);
        // The first makes the connections.
        if round > 0 {
            ours.push(through);
            theirs.push(bare);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours / theirs;
    println!("{SENDS} sends, {AT_ONCE} at once, medians of {ROUNDS} rounds");
    println!("webhook transport   {ours:7.1} µs a send");
    println!("bare HTTP client    {theirs:7.1} µs a send");
    println!("ratio               {ratio:7.2}   (at most {MAX_RATIO})");
    if ratio > MAX_RATIO { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
