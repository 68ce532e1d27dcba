//! How runners share the lanes of one PostgreSQL, which `TIERWISE_POSTGRES` names: what one flush
//! leaves to the others, and how soon they see it.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::{
    sync::mpsc::{Sender, channel},
    time::{Duration, Instant},
};

use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Event, Inbound, Mock, Outgoing, Report, Transport};
use world::{PLAIN, message, schema::Schema};

fn start(schema: &Schema) -> Engine {
    Engine::start(Box::new(schema.open()), world::policy(), Terms::default()).unwrap()
}

/// Does what was asked, and says what goes.
fn flush(engine: &mut Engine, requests: Vec<Request>, slots: usize) -> (Vec<Sending>, Vec<Answer>) {
    let flushed = engine.flush(requests, slots, &|| Span(0)).unwrap();
    let sending = |action| match action {
        Action::Send(sending) => Some(*sending),
        Action::Open(_) | Action::Close(..) => None,
    };
    let answers = flushed.answers.into_iter().collect::<Refused<_>>().unwrap();
    (flushed.actions.into_iter().filter_map(sending).collect(), answers)
}

/// So many accounts that are open, each with messages that wait.
fn fill(engine: &mut Engine, accounts: usize, messages: usize) {
    let create = |_| Request::Create(world::account("team", PLAIN));
    let (_, created) = flush(engine, (0..accounts).map(create).collect(), 0);
    let requests = created.into_iter().flat_map(|answer| {
        let Answer::Created { account, .. } = answer else { panic!("{answer:?}") };
        let event = Event::Open { login: false };
        let opened = Request::Arrived(Inbound::new(&account, event));
        let messages = (0..messages).map(|number| message(&format!("m{number}"))).collect();
        [opened, Request::Send { account, team: None, require_open: false, messages }]
    });
    let requests = requests.collect();
    flush(engine, requests, 0);
}

fn delivered(sending: &Sending) -> Request {
    let (account, fence) = (sending.account, sending.message.fence);
    Request::Completed(Completion { account, fence, report: Report::delivered() })
}

#[test]
fn one_runner_alone_takes_every_lane() {
    let schema = Schema::new();
    let mut alone = start(&schema);
    fill(&mut alone, 600, 1);
    assert_eq!(flush(&mut alone, Vec::new(), 1000).0.len(), 600);
}

#[test]
fn a_flush_leaves_others_their_share_and_keeps_most_of_what_it_has() {
    let schema = Schema::new();
    let (mut one, mut other) = (start(&schema), start(&schema));
    fill(&mut one, 600, 3);
    let mut taken = flush(&mut one, Vec::new(), 1000).0;
    assert_eq!(taken.len(), 256, "one flush takes a share");
    assert_eq!(flush(&mut other, Vec::new(), 1000).0.len(), 256, "the other takes another");
    taken.extend(flush(&mut one, Vec::new(), 1000).0);
    assert_eq!(taken.len(), 600 - 256);
    // Their next messages go at once, but for one lane in 32, which whoever looks first may have.
    let kept = flush(&mut one, taken.iter().map(delivered).collect(), 1000).0;
    assert_eq!(kept.len(), 344 - 344 / 32);
    assert_eq!(flush(&mut other, Vec::new(), 1000).0.len(), 344 / 32);
}

/// A network that says when something comes.
struct Told(Sender<Instant>);

impl Transport for Told {
    async fn send(&self, _: &Outgoing) -> Report {
        self.0.send(Instant::now()).unwrap();
        Report::delivered()
    }
}

async fn runner(schema: &Schema, told: AnyTransport, most_out: usize) -> Runner {
    let (url, name) = (schema.url.clone(), schema.name.clone());
    let settings = Settings::new([("mock".to_owned(), told)]);
    let settings = Settings { most_out, ..settings };
    Runner::start(move || Postgres::connect(&url, &name), world::policy(), settings).await.unwrap()
}

#[test]
fn what_another_runner_leaves_goes_within_a_look() {
    let schema = Schema::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut waits = runtime.block_on(waits(&schema));
    waits.sort_unstable();
    // The longest pause between two flushes is 500 ms: without looks between them, half of that.
    assert!(waits[7] < Duration::from_millis(120), "{waits:?}");
}

/// How long each of some messages waits that one runner accepts and another sends.
async fn waits(schema: &Schema) -> Vec<Duration> {
    // One accepts and never sends; the other is idle but for its looks.
    let accepts = runner(schema, AnyTransport::new(Mock::new()), 0).await;
    let (sender, begins) = channel();
    let sends = runner(schema, AnyTransport::new(Told(sender)), 10).await;
    let handle = accepts.handle();
    let created = handle.create(world::account("team", PLAIN)).await.unwrap();
    let Answer::Created { account, .. } = created else { panic!("{created:?}") };
    let opened = Inbound::new(&account, Event::Open { login: false });
    handle.ask(Request::Arrived(opened)).await.unwrap();
    let mut waits = Vec::new();
    for number in 0..15 {
        let sent = handle.send(&account, vec![message(&format!("m{number}"))]).await;
        sent.unwrap();
        let accepted = Instant::now();
        let next = || begins.recv_timeout(Duration::from_secs(20)).unwrap();
        let begun = tokio::task::block_in_place(next);
        waits.push(begun.saturating_duration_since(accepted));
    }
    for runner in [accepts, sends] {
        runner.stop().await.unwrap();
    }
    waits
}
