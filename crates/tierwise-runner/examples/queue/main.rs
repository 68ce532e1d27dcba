//! The queue's job on this runner, measured as other queues are (`cargo xtask bench queue`): prints
//! a line of JSON for each measure.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_arithmetic, reason = "a measurement")]

mod bench;
mod bounds;
mod log;

use std::path::PathBuf;

use bench::{Bench, Figures};

const HANDLER_MS: u64 = 20;
const HOT_MESSAGES: u64 = 20_000;

/// How it is called: `--store sqlite --job drain …`.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) store: String,
    pub(crate) lanes: u64,
    pub(crate) callers: u64,
    pub(crate) runners: usize,
    /// Where the store is, of a runner that another process starts.
    pub(crate) folder: Option<PathBuf>,
    messages: Option<u64>,
    jobs: Vec<String>,
}

impl Setting {
    fn of_arguments() -> Self {
        let mut setting = Setting {
            store: "sqlite".to_owned(),
            lanes: 1000,
            callers: 32,
            runners: 1,
            folder: None,
            messages: None,
            jobs: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("`{name}` has no value"));
            let number = || value.parse().unwrap_or_else(|_| panic!("`{value}` is not a number"));
            match name.as_str() {
                "--store" => setting.store = value,
                "--lanes" => setting.lanes = number(),
                "--callers" => setting.callers = number(),
                "--runners" => setting.runners = usize::try_from(number()).unwrap(),
                "--messages" => setting.messages = Some(number()),
                "--folder" => setting.folder = Some(value.into()),
                "--job" => setting.jobs.push(value),
                _ => panic!("there is no `{name}`"),
            }
        }
        setting
    }

    /// Messages of a job, so that it takes some seconds; to drain as many as other queues have.
    fn messages(&self, job: &str) -> u64 {
        self.messages.unwrap_or(match job {
            "enqueue" | "drain" => 100_000,
            "light" => 500,
            "handler_20ms" | "policy" => 200_000,
            "idle" => 100_000,
            "start" => 1_000_000,
            "recover" => 20_000,
            _ => 300_000,
        })
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let setting = Setting::of_arguments();
    for job in &setting.jobs {
        let messages = setting.messages(job);
        let figures = measure(&setting, job, messages).await;
        println!("{}", figures.line(job, messages));
    }
}

async fn measure(setting: &Setting, job: &str, messages: u64) -> Figures {
    match job {
        "enqueue" => {
            let bench = Bench::open(setting, 0).await;
            let seconds = bench.by_callers(messages).await;
            Figures { seconds: Some(seconds), ..bench.drained(messages).await }
        }
        "enqueue_bulk" | "bulk_order" => {
            let bench = Bench::open(setting, 0).await;
            let seconds = bench.fill(messages, 0).await;
            Figures { seconds: Some(seconds), ..bench.drained(messages).await }
        }
        "drain" => drain(setting, messages, 0).await,
        "handler_20ms" => drain(setting, messages, HANDLER_MS).await,
        "light" => Bench::open(setting, 0).await.light(messages).await,
        "hot" => {
            // The better of two each, in turn: what else the machine does is not ours.
            let (mut alone, mut beside) = (0.0_f64, Figures::default());
            for _ in 0..2 {
                let other = Bench::open(setting, 0).await.others(messages, 0).await;
                alone = alone.max(other.rate(messages));
                let other = Bench::open(setting, 0).await.others(messages, HOT_MESSAGES).await;
                beside = beside.or_better(other);
            }
            Figures { kept: Some(beside.rate(messages) / alone), ..beside }
        }
        "policy" => bounds::policy(messages),
        "idle" => bounds::idle(setting, messages).await,
        "start" => bounds::start(setting, messages).await,
        "recover" => bounds::recover(setting, messages).await,
        "victim" => bounds::victim(setting).await,
        _ => panic!("there is no job `{job}`"),
    }
}

async fn drain(setting: &Setting, messages: u64, handler_ms: u64) -> Figures {
    let bench = Bench::open(setting, handler_ms).await;
    bench.fill(messages, 0).await;
    bench.drained(messages).await
}
