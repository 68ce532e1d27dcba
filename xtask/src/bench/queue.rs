//! The queue's job (order and single flight for each of a thousand accounts) against other queues.
#![expect(clippy::float_arithmetic, reason = "ratios of measured rates, never money")]

use super::bounds::{self, Bound};
use crate::process::Call;
use crate::project::Project;
use crate::setup::{self, POSTGRES, Postgres, Redis};
use crate::table::{self, grouped};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{path::Path, thread};

/// The names of ours in the table.
const SQLITE: &str = "tierwise, SQLite";
const ON_POSTGRES: &str = "tierwise, PostgreSQL";
const RUNNERS: &str = "2";
/// What every queue is measured at once, and what the ratios are of: several times, by turns.
const JOBS: [&str; 6] = ["enqueue", "enqueue_bulk", "handler_20ms", "light", "hot", "bulk_order"];
const DRAIN: &str = "drain";
/// Jobs of ours alone, each with messages or accounts enough to be what it is about.
const OWN_JOBS: [&str; 4] = ["policy", "idle", "start", "recover"];
const OWN_JOBS_ON_POSTGRES: [&str; 1] = ["recover"];
/// The bounds.
const SQLITE_ENQUEUE_LEAST: f64 = 8_000.0;
const SQLITE_DRAIN_LEAST: f64 = 20_000.0;
const POSTGRES_DRAIN_LEAST: f64 = 12_000.0;
const FASTER_LEAST: f64 = 4.0;
const LIGHT_P50_MS_MOST: f64 = 1.0;
const LIGHT_P99_MS_MOST: f64 = 5.0;
const HOT_KEPT_LEAST: f64 = 0.9;
const POLICY_P99_US_MOST: f64 = 5.0;
/// Of 100,000 idle accounts.
const IDLE_MB_MOST: f64 = 200.0;
/// With a million messages.
const START_SECONDS_MOST: f64 = 3.0;
const RECOVER_SECONDS_MOST: f64 = 2.0;
/// By another runner: a lease has to pass.
const RECOVER_BY_ANOTHER_SECONDS_MOST: f64 = 10.0;

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Peer {
    /// Redis, a queue per account.
    Bullmq,
    /// PostgreSQL, the policy `key_strict_fifo`.
    PgBoss,
    /// PostgreSQL, a named queue per account.
    GraphileWorker,
}

#[derive(clap::Args)]
pub(super) struct QueueArguments {
    /// Only these other queues, with a comma between them (part `queue`).
    #[arg(long, value_name = "PEER", value_delimiter = ',')]
    peers: Option<Vec<Peer>>,
    /// Messages of each measure; else what takes each queue 5 to 20 seconds, and to drain as many
    /// for all (part `queue`).
    #[arg(long)]
    messages: Option<u64>,
    /// How often each queue drains; the median counts (part `queue`).
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
}

/// One line of figures, whoever measured it.
#[derive(Clone, Deserialize)]
struct Measure {
    peer: String,
    job: String,
    messages: u64,
    /// Messages a second; of `hot`, those of all accounts but the hot one.
    rate: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    /// Of `hot`: the rate of the others beside the hot account ÷ their rate alone.
    kept: Option<f64>,
    /// Of `start`: until the first message goes. Of `recover`: from the kill until the next goes.
    seconds: f64,
    /// Of `policy`.
    #[serde(default)]
    p99_us: Option<f64>,
    /// Of `idle`.
    #[serde(default)]
    resident_bytes: Option<u32>,
    order_violations: u64,
    overlaps: u64,
    lost: u64,
    doubled: u64,
    #[serde(default)]
    note: String,
}

impl Measure {
    /// Each message once, and of each lane one after the other in order.
    fn is_right(&self) -> bool {
        [self.order_violations, self.overlaps, self.lost, self.doubled].iter().all(|&n| n == 0)
    }
}

/// Who is measured.
#[derive(Clone, Copy)]
enum Queue {
    Peer(Peer),
    Sqlite,
    Postgres,
}

pub(super) fn run(project: &Project, arguments: &QueueArguments) -> Result<()> {
    let node = setup::bench_node(project)?;
    let all = [Peer::Bullmq, Peer::PgBoss, Peer::GraphileWorker];
    let peers = arguments.peers.as_deref().unwrap_or(&all).iter().copied().map(Queue::Peer);
    let queues: Vec<_> = peers.chain([Queue::Sqlite, Queue::Postgres]).collect();
    let measured = |queue, jobs: &[&str]| measured(project, &node, queue, jobs, arguments);
    // Before anybody is measured: what does not build is said at once.
    let build = ["build", "--quiet", "--release", "--package", "tierwise-runner"];
    Call::cargo(project).args(build).args(["--example", "queue"]).run()?;
    let mut measures = Vec::new();
    for &queue in &queues {
        measures.extend(measured(queue, &JOBS)?);
    }
    let mut drains = Vec::new();
    for _ in 0..arguments.rounds {
        for &queue in &queues {
            drains.extend(measured(queue, &[DRAIN])?);
        }
    }
    measures.extend(medians(drains));
    measures.extend(of_ours_alone(project)?);
    print(&measures);
    bounds::check("queue", bounds_of(&measures)?)
}

/// Some jobs of one queue, with a server of its own: nobody pays for what another left behind.
fn measured(
    project: &Project,
    node: &Path,
    queue: Queue,
    jobs: &[&str],
    arguments: &QueueArguments,
) -> Result<Vec<Measure>> {
    let asked = |call: Call| {
        let call = jobs.iter().fold(call, |call, job| call.args(["--job", job]));
        match arguments.messages {
            Some(messages) => call.args(["--messages", &messages.to_string()]),
            None => call,
        }
    };
    let peer = |script: &str, url: &str| {
        let call = Call::new(project, node).dir(project.path(setup::BENCH_QUEUE));
        lines(asked(call.arg(script).args(["--url", url])))
    };
    match queue {
        Queue::Peer(Peer::Bullmq) => peer("bullmq.mjs", &Redis::start(project)?.url()),
        Queue::Peer(Peer::PgBoss) => peer("pg_boss.mjs", &Postgres::start(project)?.url()),
        Queue::Peer(Peer::GraphileWorker) => {
            peer("graphile_worker.mjs", &Postgres::start(project)?.url())
        }
        Queue::Sqlite => ours(SQLITE, asked(example(project, "sqlite"))),
        Queue::Postgres => {
            let postgres = Postgres::start(project)?;
            let call = example(project, "postgres").args(["--runners", RUNNERS]);
            ours(ON_POSTGRES, asked(call).env(POSTGRES, postgres.url()))
        }
    }
}

/// What only we are held to.
fn of_ours_alone(project: &Project) -> Result<Vec<Measure>> {
    let of =
        |call: Call, jobs: &[&str]| jobs.iter().fold(call, |call, job| call.args(["--job", job]));
    let mut measures = ours(SQLITE, of(example(project, "sqlite"), &OWN_JOBS))?;
    let postgres = Postgres::start(project)?;
    let call = of(example(project, "postgres"), &OWN_JOBS_ON_POSTGRES);
    measures.extend(ours(ON_POSTGRES, call.env(POSTGRES, postgres.url()))?);
    Ok(measures)
}

/// The same jobs by our runner.
fn example(project: &Project, store: &str) -> Call {
    let call = Call::cargo(project).args(["run", "--quiet", "--release"]);
    let call = call.args(["--package", "tierwise-runner", "--example", "queue", "--"]);
    call.args(["--store", store])
}

fn ours(name: &str, call: Call) -> Result<Vec<Measure>> {
    let lines = lines(call)?.into_iter();
    Ok(lines.map(|measure| Measure { peer: name.to_owned(), ..measure }).collect())
}

/// Of each queue's rounds the one in the middle, with what went wrong in any of them.
fn medians(drains: Vec<Measure>) -> Vec<Measure> {
    let mut of_queues: Vec<Vec<Measure>> = Vec::new();
    for drain in drains {
        match of_queues.iter_mut().find(|rounds| rounds.iter().any(|it| it.peer == drain.peer)) {
            Some(rounds) => rounds.push(drain),
            None => of_queues.push(vec![drain]),
        }
    }
    let middle = |mut rounds: Vec<Measure>| {
        rounds.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        let rates: Vec<_> = rounds.iter().map(|round| rate(round.rate)).collect();
        let sum = |count: fn(&Measure) -> u64| rounds.iter().map(count).sum();
        let middle = Measure {
            order_violations: sum(|it| it.order_violations),
            overlaps: sum(|it| it.overlaps),
            lost: sum(|it| it.lost),
            doubled: sum(|it| it.doubled),
            ..rounds.get(rounds.len() / 2)?.clone()
        };
        let said = format!("the median of {}", rates.join(", "));
        let note = if middle.note.is_empty() { said } else { format!("{}; {said}", middle.note) };
        Some(Measure { note, ..middle })
    };
    of_queues.into_iter().filter_map(middle).collect()
}

fn lines(call: Call) -> Result<Vec<Measure>> {
    let printed = call.shown_output()?;
    let read = |line| serde_json::from_str(line).with_context(|| format!("no figures: `{line}`"));
    printed.lines().map(read).collect()
}

fn print(measures: &[Measure]) {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    println!("\nOne queue for each account, every answer on disk, on {cores} cores\n");
    let ms = |value: Option<f64>| value.map_or(String::new(), |ms| format!("{ms:.2}"));
    let rows = measures.iter().map(|measure| {
        [
            measure.peer.clone(),
            measure.job.clone(),
            grouped(measure.messages),
            rate(measure.rate),
            ms(measure.p50_ms),
            ms(measure.p99_ms),
            measure.kept.map_or(String::new(), |kept| format!("{kept:.2}")),
            grouped(measure.order_violations),
            grouped(measure.overlaps),
            grouped(measure.lost),
            grouped(measure.doubled),
        ]
    });
    let heading = [
        "queue",
        "job",
        "messages",
        "per second",
        "p50 ms",
        "p99 ms",
        "kept",
        "out of order",
        "overlaps",
        "lost",
        "doubled",
    ];
    table::print(heading, rows);
    println!();
    for Measure { peer, job, note, .. } in measures {
        if !note.is_empty() {
            println!("  {peer}, {job}: {note}");
        }
    }
}

/// A rate as a whole number.
fn rate(rate: f64) -> String {
    let text = format!("{rate:.0}");
    text.parse().map_or(text, grouped)
}

fn bounds_of(measures: &[Measure]) -> Result<Vec<Bound>> {
    let find = |peer: &str, job: &str| {
        let found = measures.iter().find(|measure| measure.peer == peer && measure.job == job);
        found.with_context(|| format!("no figures of `{peer}` for `{job}`"))
    };
    let mut bounds = Vec::new();
    let mut least = |what: String, found: f64, wanted: f64, text: String| {
        bounds.push((what, text, format!("at least {wanted}"), found >= wanted));
    };
    let enqueue = find(SQLITE, "enqueue")?.rate;
    least(format!("{SQLITE}: enqueues a second"), enqueue, SQLITE_ENQUEUE_LEAST, rate(enqueue));
    let drains = [
        (find(SQLITE, "drain")?, SQLITE_DRAIN_LEAST),
        (find(ON_POSTGRES, "drain")?, POSTGRES_DRAIN_LEAST),
    ];
    for (drain, wanted) in drains {
        let what = format!("{}: deliveries a second", drain.peer);
        least(what, drain.rate, wanted, rate(drain.rate));
        for peer in rivals(measures, &drain.peer) {
            let ratio = drain.rate / peer.rate;
            let what = format!("{} ÷ {}: deliveries", drain.peer, peer.peer);
            least(what, ratio, FASTER_LEAST, format!("{ratio:.2}"));
        }
    }
    for peer in [SQLITE, ON_POSTGRES] {
        let kept = find(peer, "hot")?.kept.context("`hot` does not say what was `kept`")?;
        let what = format!("{peer}: rate beside a hot account ÷ alone");
        least(what, kept, HOT_KEPT_LEAST, format!("{kept:.2}"));
    }
    let light = find(SQLITE, "light")?;
    let times =
        [("p50", light.p50_ms, LIGHT_P50_MS_MOST), ("p99", light.p99_ms, LIGHT_P99_MS_MOST)];
    for (name, found, wanted) in times {
        let found = found.with_context(|| format!("`light` has no {name}"))?;
        let what = format!("{SQLITE}: enqueue to start, {name}");
        let holds = found <= wanted;
        bounds.push((what, format!("{found:.2} ms"), format!("at most {wanted} ms"), holds));
    }
    let recovers = [(SQLITE, RECOVER_SECONDS_MOST), (ON_POSTGRES, RECOVER_BY_ANOTHER_SECONDS_MOST)];
    let mut most = |what: String, found: f64, unit: &str, wanted: f64| {
        let text = format!("{found:.2} {unit}");
        bounds.push((what, text, format!("at most {wanted} {unit}"), found <= wanted));
    };
    for (peer, wanted) in recovers {
        let what = format!("{peer}: from a kill to the next message");
        most(what, find(peer, "recover")?.seconds, "s", wanted);
    }
    let start = find(SQLITE, "start")?;
    let what = format!("{SQLITE}: start with {} messages", grouped(start.messages));
    most(what, start.seconds, "s", START_SECONDS_MOST);
    let call = find(SQLITE, "policy")?.p99_us.context("`policy` has no p99")?;
    most("one question to the policy, p99".to_owned(), call, "µs", POLICY_P99_US_MOST);
    let idle = find(SQLITE, "idle")?;
    let resident = idle.resident_bytes.context("`idle` does not say what is resident")?;
    let what = format!("{SQLITE}: in memory beside {} idle accounts", grouped(idle.messages));
    most(what, f64::from(resident) / 1e6, "MB", IDLE_MB_MOST);
    let ours = || measures.iter().filter(|measure| is_ours(measure));
    let wrong = ours().filter(|measure| !measure.is_right()).count();
    let what = "ours: measures with a message out of order, overlapping, lost or doubled";
    bounds.push((what.to_owned(), wrong.to_string(), "none".to_owned(), wrong == 0));
    Ok(bounds)
}

fn is_ours(measure: &Measure) -> bool {
    [SQLITE, ON_POSTGRES].contains(&measure.peer.as_str())
}

/// Whom a store of ours is held against: SQLite the best of all, PostgreSQL each that stands on it.
/// One that did not keep the order did another job.
fn rivals<'a>(measures: &'a [Measure], ours: &str) -> Vec<&'a Measure> {
    let drains = measures.iter().filter(|measure| measure.job == "drain" && !is_ours(measure));
    let mut rivals: Vec<_> = drains.filter(|measure| measure.is_right()).collect();
    if ours == SQLITE {
        rivals.sort_by(|one, other| other.rate.total_cmp(&one.rate));
        rivals.truncate(1);
    } else {
        rivals.retain(|measure| measure.peer != "bullmq");
    }
    rivals
}

#[cfg(test)]
mod tests {
    use super::{DRAIN, JOBS, Measure, ON_POSTGRES, OWN_JOBS, SQLITE, bounds_of, medians, rivals};
    use anyhow::Result;

    fn measure(peer: &str, job: &str, rate: u32, order_violations: u32) -> Result<Measure> {
        Ok(serde_json::from_str(&format!(
            r#"{{"peer":"{peer}","job":"{job}","messages":1,"seconds":1,"rate":{rate},
            "p50_ms":0.5,"p99_ms":2,"kept":0.95,"p99_us":2,
            "resident_bytes":100000000,"order_violations":{order_violations},
            "overlaps":0,"lost":0,"doubled":0,"note":""}}"#
        ))?)
    }

    /// Ours at one rate, and others that drain at the rates and with the disorder given.
    fn run(ours: u32, others: &[(&str, u32, u32)]) -> Result<Vec<Measure>> {
        let mut measures = Vec::new();
        for peer in [SQLITE, ON_POSTGRES] {
            for job in JOBS.into_iter().chain([DRAIN]).chain(OWN_JOBS) {
                measures.push(measure(peer, job, ours, 0)?);
            }
        }
        for &(peer, rate, order_violations) in others {
            measures.push(measure(peer, "drain", rate, order_violations)?);
        }
        Ok(measures)
    }

    fn missed(measures: &[Measure]) -> Result<Vec<String>> {
        let missed = bounds_of(measures)?.into_iter().filter(|(.., holds)| !holds);
        Ok(missed.map(|(what, ..)| what).collect())
    }

    #[test]
    fn who_breaks_the_order_is_no_rival() -> Result<()> {
        let others = [("bullmq", 9_000, 0), ("pg-boss", 1_000, 0), ("graphile-worker", 50_000, 3)];
        let measures = run(40_000, &others)?;
        let names = |ours| -> Vec<_> {
            rivals(&measures, ours).iter().map(|measure| measure.peer.clone()).collect()
        };
        assert_eq!(names(SQLITE), ["bullmq"]);
        assert_eq!(names(ON_POSTGRES), ["pg-boss"]);
        assert!(missed(&measures)?.is_empty());
        Ok(())
    }

    #[test]
    fn the_round_in_the_middle_counts_and_disorder_of_any() -> Result<()> {
        let rounds = [("a", 3, 1), ("b", 7, 0), ("a", 1, 0), ("b", 8, 0), ("a", 2, 0), ("b", 6, 2)];
        let drains = rounds.map(|(peer, rate, disorder)| measure(peer, DRAIN, rate, disorder));
        let medians = medians(drains.into_iter().collect::<Result<_>>()?);
        let found: Vec<_> =
            medians.iter().map(|it| (it.peer.as_str(), it.rate, it.order_violations)).collect();
        assert_eq!(found, [("a", 2.0, 1), ("b", 7.0, 2)]);
        Ok(())
    }

    #[test]
    fn each_bound_can_be_missed() -> Result<()> {
        let others = [("bullmq", 9_000, 0), ("pg-boss", 1_000, 0)];
        assert_eq!(missed(&run(36_000, &others)?)?.len(), 0);
        assert_eq!(missed(&run(35_999, &others)?)?.len(), 1);
        assert_eq!(missed(&run(19_999, &others)?)?.len(), 2);
        assert_eq!(missed(&run(11_999, &others)?)?.len(), 3);
        assert_eq!(missed(&run(7_999, &others)?)?.len(), 4);
        for spoil in [
            |measure: &mut Measure| measure.p50_ms = Some(1.1),
            |measure: &mut Measure| measure.p99_ms = Some(5.1),
            |measure: &mut Measure| measure.kept = Some(0.89),
            |measure: &mut Measure| measure.doubled = 1,
            |measure: &mut Measure| measure.seconds = 3.1,
            |measure: &mut Measure| measure.p99_us = Some(5.1),
            |measure: &mut Measure| measure.resident_bytes = Some(200_100_000),
        ] {
            let mut measures = run(40_000, &[])?;
            measures.iter_mut().for_each(spoil);
            assert!(!missed(&measures)?.is_empty());
        }
        Ok(())
    }
}
