//! How many messages runners deliver that share the PostgreSQL of `TIERWISE_POSTGRES`, with sends
//! that take no time: `--example postgres_rate -- [runners] [messages of each account]`. The schema
//! `tierwise_rate` is made for it, and must not be there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_arithmetic, reason = "a measurement")]

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::value::RawValue;
use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Report};

const SCHEMA: &str = "tierwise_rate";
const ACCOUNTS: usize = 1000;
const TIER: &str = "unlimited_msg_no_chat_history";
const SLOTS: usize = 1000;

fn engine(url: &str, policy: &Arc<Policy>) -> Engine {
    let store = Postgres::connect(url, SCHEMA).unwrap_or_else(|error| panic!("{error}"));
    Engine::start(Box::new(store), policy.clone(), Terms::default()).unwrap()
}

fn account() -> Request {
    Request::Create(NewAccount {
        team: "team".to_owned(),
        transport: "mock".to_owned(),
        tier: Some(TIER.to_owned()),
        nickname: String::new(),
        settings: None,
        created_by: String::new(),
        idempotency_key: None,
    })
}

fn message() -> NewMessage {
    NewMessage {
        id: None,
        chat: "chat".to_owned(),
        is_note: false,
        due: None,
        content: RawValue::from_string(r#"{"text":"hello"}"#.to_owned()).unwrap(),
        cancel_on_reply: false,
        sender: String::new(),
    }
}

/// Accounts with messages that wait.
fn fill(engine: &mut Engine, messages: usize) {
    let created = engine.flush((0..ACCOUNTS).map(|_| account()).collect(), 0, Span(0)).unwrap();
    let ids: Vec<_> = created
        .answers
        .into_iter()
        .map(|answer| match answer {
            Ok(Answer::Created { account, .. }) => account,
            other => panic!("{other:?}"),
        })
        .collect();
    let open = |id: &String| {
        Request::Arrived(Inbound { account: id.clone(), event: Event::Open { login: false } })
    };
    engine.flush(ids.iter().map(open).collect(), 0, Span(0)).unwrap();
    let begun = Instant::now();
    for part in ids.chunks(100) {
        let send = |id: &String| Request::Send {
            account: id.clone(),
            team: None,
            messages: (0..messages).map(|_| message()).collect(),
        };
        engine.flush(part.iter().map(send).collect(), 0, Span(0)).unwrap();
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("accepted: {:.0} a second", (ids.len() * messages) as f64 / seconds);
}

/// Drains until all are delivered: flushes, and the time that they took.
fn drain(engine: &mut Engine, left: &AtomicU64) -> (u64, Duration) {
    let (begun, mut flushes, mut completed) = (Instant::now(), 0, Vec::new());
    while left.load(SeqCst) > 0 {
        let elapsed = Span(u64::try_from(begun.elapsed().as_millis()).unwrap());
        let count = u64::try_from(completed.len()).unwrap();
        let flushed = engine.flush(std::mem::take(&mut completed), SLOTS, elapsed).unwrap();
        left.fetch_sub(count, SeqCst);
        flushes += 1;
        for action in flushed.actions {
            if let Action::Send(sending) = action {
                let report = Report::delivered_as(String::new());
                let (account, fence) = (sending.account, sending.message.fence);
                completed.push(Request::Completed(Completion { account, fence, report }));
            }
        }
    }
    (flushes, begun.elapsed())
}

fn main() {
    let url = env::var("TIERWISE_POSTGRES").unwrap_or_else(|_| panic!("name TIERWISE_POSTGRES"));
    let argument = |place| env::args().nth(place).and_then(|it: String| it.parse::<usize>().ok());
    let (runners, messages) = (argument(1).unwrap_or(2), argument(2).unwrap_or(30));
    let policy = Arc::new(Policy::messaging().unwrap());
    let mut first = engine(&url, &policy);
    fill(&mut first, messages);
    first.stop().unwrap();
    let left = Arc::new(AtomicU64::new(u64::try_from(ACCOUNTS * messages).unwrap()));
    let begun = Instant::now();
    let threads: Vec<_> = (0..runners)
        .map(|_| {
            let (mut engine, left) = (engine(&url, &policy), left.clone());
            thread::spawn(move || drain(&mut engine, &left))
        })
        .collect();
    for thread in threads {
        let (flushes, took) = thread.join().unwrap();
        let each = took.as_secs_f64() * 1000.0 / flushes as f64;
        println!("a runner: {flushes} flushes, {each:.2} ms each");
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("delivered: {:.0} a second", (ACCOUNTS * messages) as f64 / seconds);
}
