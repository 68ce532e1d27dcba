//! The measures: accounts, messages, runners.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use serde_json::value::RawValue;
use tierwise_runner::{
    Answer, Handle, NewAccount, NewMessage, Policy, Postgres, Request, Runner, Settings, Sqlite,
};
use tierwise_transport::{AnyTransport, Event, Inbound};

use crate::{
    Setting,
    log::{Log, Receiver},
};

const BATCH: u64 = 1000;
pub(crate) const TIER: &str = "unlimited_msg_no_chat_history";

/// What a measure found.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Seconds of what is measured, if it is not the drain.
    pub(crate) seconds: Option<f64>,
    pub(crate) drained_seconds: f64,
    pub(crate) kept: Option<f64>,
    pub(crate) resident_bytes: Option<u64>,
    /// Of questions to the policy.
    pub(crate) p99_us: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) order_violations: u64,
    pub(crate) overlaps: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
}

impl Figures {
    pub(crate) fn rate(&self, messages: u64) -> f64 {
        messages as f64 / self.seconds.unwrap_or(self.drained_seconds)
    }

    /// The faster of two, with what went wrong in either.
    pub(crate) fn or_better(self, other: Self) -> Self {
        let is_first = self.drained_seconds == 0.0;
        Figures {
            drained_seconds: match is_first {
                true => other.drained_seconds,
                false => self.drained_seconds.min(other.drained_seconds),
            },
            order_violations: self.order_violations + other.order_violations,
            overlaps: self.overlaps + other.overlaps,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            ..other
        }
    }

    pub(crate) fn line(&self, job: &str, messages: u64) -> String {
        serde_json::json!({
            "peer": "tierwise",
            "job": job,
            "messages": messages,
            "seconds": self.seconds.unwrap_or(self.drained_seconds),
            "rate": self.rate(messages),
            "p50_ms": self.p50_ms,
            "p99_ms": self.p99_ms,
            "kept": self.kept,
            "resident_bytes": self.resident_bytes,
            "p99_us": self.p99_us,
            "order_violations": self.order_violations,
            "overlaps": self.overlaps,
            "lost": self.lost,
            "doubled": self.doubled,
        })
        .to_string()
    }
}

/// Accounts in a store, and a runner that accepts without sending.
pub(crate) struct Bench {
    setting: Setting,
    policy: Arc<Policy>,
    folder: tempfile::TempDir,
    log: Arc<Log>,
    /// None once those that send have begun.
    accepting: Option<Runner>,
    lanes: Vec<String>,
}

impl Bench {
    pub(crate) async fn open(setting: &Setting, handler_ms: u64) -> Self {
        // On a disk: the folder for temporary files may lie in memory.
        let folder = tempfile::tempdir_in(".").unwrap();
        let policy = Arc::new(Policy::messaging().unwrap());
        let log = Arc::new(Log::new(handler_ms));
        let receiver = AnyTransport::new(Receiver(log.clone()));
        let runner = start(setting, folder.path(), &policy, receiver, 0).await;
        let lanes = create(runner.handle(), setting.lanes).await;
        log.know(&lanes);
        let accepting = Some(runner);
        Bench { setting: setting.clone(), policy, folder, log, accepting, lanes }
    }

    fn handle(&self) -> &Handle {
        self.accepting.as_ref().unwrap().handle()
    }

    /// All messages by so many callers at once; a lane is always the same caller's.
    pub(crate) async fn by_callers(&self, messages: u64) -> f64 {
        let begun = Instant::now();
        let callers = (0..self.setting.callers).map(|caller| {
            let (handle, lanes) = (self.handle().clone(), self.lanes.clone());
            let (callers, count) = (self.setting.callers, lanes.len() as u64);
            tokio::spawn(async move {
                for number in (0..messages).filter(|number| number % count % callers == caller) {
                    let lane = &lanes[usize::try_from(number % count).unwrap()];
                    handle.send(lane, vec![message()]).await.unwrap();
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
        begun.elapsed().as_secs_f64()
    }

    /// Messages evenly over the lanes from one on, in batches.
    pub(crate) async fn fill(&self, messages: u64, first: usize) -> f64 {
        let begun = Instant::now();
        let lanes = &self.lanes[first..];
        let mut left = messages;
        while left > 0 {
            let round = left.min(lanes.len() as u64 * 5);
            let mut sends = tokio::task::JoinSet::new();
            for (place, lane) in lanes.iter().enumerate() {
                let share = (round + lanes.len() as u64 - 1 - place as u64) / lanes.len() as u64;
                if share == 0 {
                    continue;
                }
                let (handle, lane) = (self.handle().clone(), lane.clone());
                let batch = (0..share).map(|_| message()).collect();
                sends.spawn(async move { handle.send(lane, batch).await.unwrap() });
            }
            while let Some(sent) = sends.join_next().await {
                sent.unwrap();
            }
            left -= round;
        }
        begun.elapsed().as_secs_f64()
    }

    /// Ends the runner that accepts.
    pub(crate) async fn end_accepting(&mut self) {
        if let Some(runner) = self.accepting.take() {
            runner.stop().await.unwrap();
        }
    }

    /// Starts the runners that send, once the one that accepted has ended.
    pub(crate) async fn begin(&mut self) -> Vec<Runner> {
        self.end_accepting().await;
        let mut runners = Vec::new();
        for _ in 0..self.setting.runners {
            let receiver = AnyTransport::new(Receiver(self.log.clone()));
            let folder = self.folder.path();
            runners.push(start(&self.setting, folder, &self.policy, receiver, 10_000).await);
        }
        runners
    }

    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits for so many messages to be sent by runners that have begun.
    pub(crate) async fn sent(&self, messages: u64) -> Duration {
        let log = &self.log;
        until(log, Instant::now(), || log.finished.load(SeqCst) >= messages).await
    }

    /// Sends everything that waits.
    pub(crate) async fn drained(mut self, messages: u64) -> Figures {
        let begun = Instant::now();
        let runners = self.begin().await;
        let log = self.log.clone();
        let took = until(&log, begun, || log.finished.load(SeqCst) >= messages).await;
        self.verdict(messages, took, runners).await
    }

    /// The rate of all lanes but the first, which has so many messages that came before theirs.
    pub(crate) async fn others(mut self, messages: u64, hot: u64) -> Figures {
        let mut left = hot;
        while left > 0 {
            let batch = left.min(BATCH);
            let messages = (0..batch).map(|_| message()).collect();
            self.handle().send(&self.lanes[0], messages).await.unwrap();
            left -= batch;
        }
        self.fill(messages, 1).await;
        let begun = Instant::now();
        let runners = self.begin().await;
        let log = self.log.clone();
        let finished = || log.finished.load(SeqCst) - log.finished_by_first.load(SeqCst);
        let took = until(&log, begun, || finished() >= messages).await;
        self.verdict(messages, took, runners).await
    }

    pub(crate) async fn verdict(
        self,
        messages: u64,
        took: Duration,
        runners: Vec<Runner>,
    ) -> Figures {
        for runner in runners {
            runner.stop().await.unwrap();
        }
        let log = &self.log;
        Figures {
            drained_seconds: took.as_secs_f64(),
            order_violations: log.order_violations.load(SeqCst),
            overlaps: log.overlaps.load(SeqCst),
            lost: messages.saturating_sub(log.finished.load(SeqCst)),
            doubled: log.doubled.load(SeqCst),
            ..Figures::default()
        }
    }

    /// One message at a time into an idle queue: from the call to the start of its sending.
    pub(crate) async fn light(mut self, messages: u64) -> Figures {
        let runners = self.begin().await;
        let handle = runners[0].handle().clone();
        let mut times = Vec::new();
        let begun = Instant::now();
        for number in 0..messages {
            let lane = &self.lanes[usize::try_from(number * 7919 % self.setting.lanes).unwrap()];
            let called = self.log.elapsed_ns();
            let started = self.log.start.notified();
            handle.send(lane, vec![message()]).await.unwrap();
            started.await;
            times.push(self.log.last_start_ns.load(SeqCst) - called);
            // Idle again, and not in step with anything.
            tokio::time::sleep(Duration::from_millis(5 + number % 10)).await;
        }
        times.sort_unstable();
        let at = |percent: usize| times[times.len() * percent / 100] as f64 / 1e6;
        let (p50_ms, p99_ms) = (Some(at(50)), Some(at(99)));
        let took = begun.elapsed();
        Figures { p50_ms, p99_ms, ..self.verdict(messages, took, runners).await }
    }
}

/// Waits until something holds, or nothing has happened for a while; how long it took.
async fn until(log: &Log, begun: Instant, holds: impl Fn() -> bool) -> Duration {
    let (mut seen, mut changed) = (0, Instant::now());
    while !holds() {
        let now = log.finished.load(SeqCst);
        if now != seen {
            (seen, changed) = (now, Instant::now());
        }
        if changed.elapsed() > Duration::from_secs(10) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    begun.elapsed()
}

/// A runner on the store that belongs to a folder.
pub(crate) async fn start(
    setting: &Setting,
    folder: &Path,
    policy: &Arc<Policy>,
    transport: AnyTransport,
    most_out: usize,
) -> Runner {
    let settings = Settings::new([("receiver".to_owned(), transport)]);
    let settings = Settings { most_out, ..settings };
    let path = folder.join("queue.db");
    // Each measure has a schema of its own, as it has a file.
    let schema = folder.file_name().unwrap().to_string_lossy().into_owned();
    match setting.store.as_str() {
        "sqlite" => Runner::start(move || Sqlite::open(&path), policy.clone(), settings).await,
        "postgres" => {
            let url = std::env::var("TIERWISE_POSTGRES").unwrap();
            let open = move || Postgres::connect(&url, &schema);
            Runner::start(open, policy.clone(), settings).await
        }
        other => panic!("there is no store `{other}`"),
    }
    .unwrap()
}

/// Accounts that are connected, many at a time.
async fn create(handle: &Handle, count: u64) -> Vec<String> {
    let mut ids = Vec::new();
    while (ids.len() as u64) < count {
        let mut part = tokio::task::JoinSet::new();
        for _ in ids.len() as u64..count.min(ids.len() as u64 + BATCH) {
            part.spawn(create_one(handle.clone()));
        }
        ids.extend(part.join_all().await);
    }
    ids
}

async fn create_one(handle: Handle) -> String {
    let account = NewAccount { tier: Some(TIER.to_owned()), ..NewAccount::new("team", "receiver") };
    let Answer::Created { account, .. } = handle.create(account).await.unwrap() else {
        panic!("it was not created")
    };
    let event = Event::Open { login: true };
    let inbound = Inbound::new(&account, event);
    handle.ask(Request::Arrived(inbound)).await.unwrap();
    account
}

fn message() -> NewMessage {
    NewMessage {
        content: RawValue::from_string(r#"{"text":"a message of some words"}"#.to_owned()).unwrap(),
        ..NewMessage::of_text("chat", "")
    }
}
