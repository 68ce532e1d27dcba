//! Measures without another queue to compare with: the policy's time, idle accounts, a start with
//! many messages, a runner that is killed.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use tierwise_lanes::Moment;
use tierwise_runner::{Policy, Question};
use tierwise_transport::{AnyTransport, Outgoing, Report, Transport};
use tokio::sync::mpsc;

use crate::{
    Setting,
    bench::{Bench, Figures, TIER, start as start_runner},
};

/// How long a message is out while its runner is killed; shorter than an attempt may take.
const OUT: Duration = Duration::from_millis(4_500);

/// One question to the policy as a claim asks it: the median, and the worst of a hundred.
pub(crate) fn policy(messages: u64) -> Figures {
    let policy = Policy::messaging().unwrap();
    let question = |number| Question {
        tier: TIER.to_owned(),
        sent: number,
        counted: false,
        size: 40,
        attempt: 1,
        number,
        due: Moment(1_774_999_999_000),
        now: Moment(1_775_000_000_000),
        period_end: Moment(1_777_000_000_000),
        created: Moment(1_770_000_000_000),
    };
    let mut times: Vec<_> = (0..messages)
        .map(|number| {
            let question = question(number);
            let begun = Instant::now();
            std::hint::black_box(policy.ask(&question));
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e6;
    let total: Duration = times.iter().sum();
    let (p50_ms, p99_us) = (Some(at(50) / 1e3), Some(at(99)));
    Figures { p50_ms, p99_us, seconds: Some(total.as_secs_f64()), ..Figures::default() }
}

/// What the process holds in memory beside so many accounts that have nothing to do, all of which
/// were written and read once.
pub(crate) async fn idle(setting: &Setting, accounts: u64) -> Figures {
    let mut bench = Bench::open(&Setting { lanes: accounts, ..setting.clone() }, 0).await;
    let runners = bench.begin().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let resident_bytes = Some(resident());
    let seconds = Some(1.0);
    Figures { resident_bytes, seconds, ..bench.verdict(0, Duration::ZERO, runners).await }
}

/// What is in memory of this process, by the system's word.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

/// From opening the store, where so many messages wait, to the first that is sent.
pub(crate) async fn start(setting: &Setting, messages: u64) -> Figures {
    let mut bench = Bench::open(setting, 0).await;
    bench.fill(messages, 0).await;
    bench.end_accepting().await;
    let begun = Instant::now();
    let runners = bench.begin().await;
    bench.log().first_start().await;
    let seconds = Some(begun.elapsed().as_secs_f64());
    let took = bench.sent(messages).await;
    Figures { seconds, ..bench.verdict(messages, took, runners).await }
}

/// A runner in another process is killed while messages are out: from then until the next messages
/// of its lanes go out by a runner that was there already (PostgreSQL) or is started (SQLite).
pub(crate) async fn recover(setting: &Setting, messages: u64) -> Figures {
    let mut bench = Bench::open(setting, 0).await;
    bench.fill(messages, 0).await;
    bench.end_accepting().await;
    let lanes = setting.lanes;
    let mut child = victim_on(setting, bench.folder());
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = tokio::task::spawn_blocking(move || out.next()).await.unwrap();
    assert!(said.is_some(), "it did not have every lane out");
    bench.log().firsts_are_out();
    // Where several runners share a store, one looks on.
    let is_shared = setting.store == "postgres";
    let mut runners = if is_shared { bench.begin().await } else { Vec::new() };
    assert_eq!(bench.log().started.load(SeqCst), 0, "a lane was free");
    child.kill().unwrap();
    let killed = Instant::now();
    child.wait().unwrap();
    if !is_shared {
        runners = bench.begin().await;
    }
    bench.log().first_start().await;
    let seconds = Some(killed.elapsed().as_secs_f64());
    // Those that were out are unknown, and not sent again.
    let took = bench.sent(messages - lanes).await;
    Figures { seconds, ..bench.verdict(messages - lanes, took, runners).await }
}

fn victim_on(setting: &Setting, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--store", &setting.store, "--job", "victim"])
        .args(["--lanes", &setting.lanes.to_string()])
        .args(["--folder", folder.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A transport that says what it was given, and does not answer while its runner lives.
struct Silent(mpsc::UnboundedSender<()>);

impl Transport for Silent {
    async fn send(&self, _message: &Outgoing) -> Report {
        self.0.send(()).unwrap();
        tokio::time::sleep(OUT).await;
        Report::unknown("it was not killed")
    }
}

/// The runner that is to be killed: says when it has a message of each lane out.
pub(crate) async fn victim(setting: &Setting) -> Figures {
    let (sender, mut given) = mpsc::unbounded_channel();
    let policy = Arc::new(Policy::messaging().unwrap());
    let (folder, silent) = (setting.folder.clone().unwrap(), AnyTransport::new(Silent(sender)));
    let runner = start_runner(setting, &folder, &policy, silent, 10_000).await;
    for _ in 0..setting.lanes {
        given.recv().await.unwrap();
    }
    println!("every lane is out");
    tokio::time::sleep(OUT).await;
    runner.stop().await.unwrap();
    panic!("it was not killed")
}
