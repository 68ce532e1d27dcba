//! The invoices of a year's events: Tierwise against DuckDB, in time and memory.
#![expect(clippy::float_arithmetic, reason = "ratios of measured times, never money")]

use super::answers;
use super::bounds;
use super::measure::{Rivals, Run};
use crate::project::Project;
use crate::table::{self, grouped};
use crate::{sample_log, setup, up};
use anyhow::Result;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const ACCOUNTS: u64 = 100_000;
const TEAMS: u64 = 2_000;
const SHORT: u64 = 1_000_000;
const LONG: u64 = 10_000_000;
/// How often each side is timed; the middle time counts.
const SHORT_RUNS: usize = 5;
const LONG_RUNS: usize = 3;
/// The bounds.
const FASTER_LEAST: f64 = 1.0;
const PEAK_BYTES_MOST: u64 = 400_000_000;
const FLAT_MOST: f64 = 1.2;

/// What was measured at one length of the log: middle time and highest memory.
struct Figures {
    events: u64,
    tierwise: Run,
    duckdb: Run,
}

pub(crate) fn run(project: &Project) -> Result<()> {
    let tierwise = up::release_cli(project)?;
    let rivals = Rivals { project, tierwise, python: setup::bench_python(project)? };
    let short = measure(&rivals, SHORT, SHORT_RUNS)?;
    let long = measure(&rivals, LONG, LONG_RUNS)?;
    let by_account = measure_by_account(&rivals, LONG)?;
    report(&short, &long, by_account)
}

fn log_of(rivals: &Rivals<'_>, events: u64) -> PathBuf {
    rivals.project.target(format!("bench/events-{events}.csv"))
}

/// The same log account by account, the worst order for `invoice`: every team has to be put in
/// order of time again. The answer must be the same.
fn measure_by_account(rivals: &Rivals<'_>, events: u64) -> Result<Run> {
    let file = |name: &str| rivals.project.target(format!("bench/{name}"));
    let (in_time, by_account) = (log_of(rivals, events), file("by-account.csv"));
    println!("\n{} events, account by account: making the log", grouped(events));
    sort_by_account(&in_time, &by_account)?;
    let (expected, answer) = (file("tierwise.json"), file("tierwise-by-account.json"));
    rivals.tierwise(&in_time, &expected)?;
    let run = rivals.tierwise(&by_account, &answer)?;
    answers::compare(&answers::of_tierwise(&answer)?, &answers::of_tierwise(&expected)?)?;
    println!("the answer is that of the log in order of time");
    Ok(run)
}

fn sort_by_account(from: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(from)?;
    let (header, lines) = text.split_once('\n').unwrap_or_default();
    // The sample log quotes nothing: `at,team,account,…`.
    let keyed = |line| {
        let mut fields = str::split(line, ',').skip(1);
        (fields.next(), fields.next(), line)
    };
    let mut lines: Vec<_> = lines.lines().map(keyed).collect();
    lines.sort_by_key(|(team, account, _)| (*team, *account));
    let mut out = BufWriter::new(fs::File::create(to)?);
    writeln!(out, "{header}")?;
    for (.., line) in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn measure(rivals: &Rivals<'_>, events: u64, runs: usize) -> Result<Figures> {
    let file = |name: &str| rivals.project.target(format!("bench/{name}"));
    let log = log_of(rivals, events);
    let (ours, theirs) = (file("tierwise.json"), file("duckdb.json"));
    println!("\n{} events of {} accounts: making the log", grouped(events), grouped(ACCOUNTS));
    sample_log::run(&sample_log::Arguments::of_a_year(events, ACCOUNTS, TEAMS, &log))?;
    rivals.tierwise(&log, &ours)?;
    rivals.duckdb(&log, &theirs)?;
    let invoices = answers::of_tierwise(&ours)?;
    let lines = answers::compare(&invoices, &answers::of_duckdb(&theirs)?)?;
    let (invoices, lines) = (grouped(invoices.len() as u64), grouped(lines as u64));
    println!("both give the same {invoices} invoices with {lines} lines");
    let (mut tierwise, mut duckdb) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        tierwise.push(rivals.tierwise(&log, &ours)?);
        duckdb.push(rivals.duckdb(&log, &theirs)?);
    }
    Ok(Figures { events, tierwise: middle(tierwise), duckdb: middle(duckdb) })
}

fn middle(mut runs: Vec<Run>) -> Run {
    runs.sort_by_key(|run| run.time);
    let peak_bytes = runs.iter().map(|run| run.peak_bytes).max().unwrap_or_default();
    let time = runs.get(runs.len() / 2).map_or(Duration::ZERO, |run| run.time);
    Run { time, peak_bytes }
}

fn report(short: &Figures, long: &Figures, by_account: Run) -> Result<()> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    println!("\nInvoices of an event log, on {cores} cores");
    let rows = [short, long].map(|figures| {
        let Figures { events, tierwise, duckdb } = figures;
        [
            grouped(*events),
            format!("{:.2} s", tierwise.time.as_secs_f64()),
            format!("{:.2} s", duckdb.time.as_secs_f64()),
            megabytes(tierwise.peak_bytes),
            megabytes(duckdb.peak_bytes),
        ]
    });
    let heading = ["events", "Tierwise", "DuckDB", "memory Tierwise", "memory DuckDB"];
    table::print(heading, rows);
    let (seconds, memory) = (by_account.time.as_secs_f64(), megabytes(by_account.peak_bytes));
    println!("\n  the long log account by account: Tierwise {seconds:.2} s, {memory}\n");
    let faster = |figures: &Figures| figures.duckdb.time.div_duration_f64(figures.tierwise.time);
    let per_event = |figures: &Figures| {
        figures.tierwise.time.as_secs_f64() / Duration::from_secs(figures.events).as_secs_f64()
    };
    let flat = per_event(long) / per_event(short);
    let peak = short.tierwise.peak_bytes.max(long.tierwise.peak_bytes);
    let mut bounds = Vec::new();
    for figures in [short, long] {
        let ratio = faster(figures);
        let what = format!("time, DuckDB ÷ Tierwise, {} events", grouped(figures.events));
        bounds.push((what, format!("{ratio:.2}"), "above 1".to_owned(), ratio > FASTER_LEAST));
    }
    bounds.push((
        "peak memory of Tierwise".to_owned(),
        megabytes(peak),
        format!("at most {}", megabytes(PEAK_BYTES_MOST)),
        peak <= PEAK_BYTES_MOST,
    ));
    bounds.push((
        "peak memory, account by account".to_owned(),
        megabytes(by_account.peak_bytes),
        format!("at most {}", megabytes(PEAK_BYTES_MOST)),
        by_account.peak_bytes <= PEAK_BYTES_MOST,
    ));
    bounds.push((
        "time per event, long ÷ short log".to_owned(),
        format!("{flat:.2}"),
        format!("at most {FLAT_MOST}"),
        flat <= FLAT_MOST,
    ));
    bounds::check("event log", bounds)
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", grouped(bytes.div_ceil(1_000_000)))
}
