//! `bench http`: load on the service over loopback, by wrk and h2load, which share its machine.
#![expect(clippy::float_arithmetic, reason = "ratios of measured rates, never money")]

use super::bounds::{self, Bound};
use crate::process::Call;
use crate::project::Project;
use crate::{setup, table};
use anyhow::{Context as _, Result};
use serde_json::Value;

const LOAD: &str = "tests/bench/http/load.py";

const START_MS_MOST: f64 = 300.0;
const ENQUEUES_LEAST: f64 = 8_000.0;
const ENQUEUE_P99_MS_MOST: f64 = 15.0;
const LISTS_LEAST: f64 = 5_000.0;
const OVERLOAD_RATIO_LEAST: f64 = 0.9;
/// Who finds no place is told so after 100 to 120 ms; the rest is the machine's.
const SHED_P99_MS_MOST: f64 = 250.0;
const RESIDENT_MB_MOST: f64 = 200.0;

pub(super) fn run(project: &Project) -> Result<()> {
    setup::load(project)?;
    setup::python(project)?;
    let build = ["build", "--release", "--package", "tierwise-cli", "--bin", "tierwise"];
    Call::cargo(project).args(build).run()?;
    let call = Call::new(project, "python3").arg(LOAD).arg(project.target("release/tierwise"));
    let out = call.shown_output()?;
    let lines = out.lines().map(serde_json::from_str::<Value>);
    let measures = lines.collect::<Result<Vec<_>, _>>().context(out.clone())?;
    let rows = measures.iter().map(|measure| {
        let name = measure["name"].as_str().unwrap_or_default().to_owned();
        [name, figures(measure)]
    });
    println!("\nThe service over HTTP, figures of one run");
    table::print(["job", "figures"], rows);
    bounds::check("service", found(&measures)?)
}

/// All figures of a measure, by name.
fn figures(measure: &Value) -> String {
    let fields = measure.as_object().into_iter().flatten();
    let shown =
        fields.filter(|(name, _)| *name != "name").map(|(name, value)| match value.as_f64() {
            Some(number) => format!("{name} {}", (number * 1000.0).round() / 1000.0),
            None => format!("{name} {value}"),
        });
    shown.collect::<Vec<_>>().join("  ")
}

fn found(measures: &[Value]) -> Result<Vec<Bound>> {
    let figure = |job: &str, name: &str| {
        let measure = measures.iter().find(|measure| measure["name"] == job);
        let figure = measure.and_then(|measure| measure[name].as_f64());
        figure.with_context(|| format!("the job `{job}` did not say `{name}`"))
    };
    let most = |what: &str, found: f64, most: f64, unit: &str| {
        let wanted = format!("at most {most} {unit}");
        (what.to_owned(), format!("{found:.1} {unit}"), wanted, found <= most)
    };
    let least = |what: &str, found: f64, least: f64| {
        (what.to_owned(), format!("{found:.2}"), format!("at least {least}"), found >= least)
    };
    let not_good: f64 = ["enqueue", "list", "token"]
        .iter()
        .map(|job| Ok(figure(job, "status")? + figure(job, "broken")?))
        .sum::<Result<f64>>()?;
    let over = |name: &str| figure("overload", name);
    let refused = |name: &str| figure("refused", name);
    let lost = over("lost")?.max(refused("lost")?).max(0.0);
    Ok(vec![
        most("from the start to the first answer", figure("start", "ms")?, START_MS_MOST, "ms"),
        least("durable sends a second", figure("enqueue", "aSecond")?, ENQUEUES_LEAST),
        most("a durable send, p99", figure("enqueue", "p99Ms")?, ENQUEUE_P99_MS_MOST, "ms"),
        least("lists of accounts a second", figure("list", "aSecond")?, LISTS_LEAST),
        most("answers other than good ones", not_good, 0.0, ""),
        least("sends under twice the load ÷ at best", over("ratio")?, OVERLOAD_RATIO_LEAST),
        least("the same where there is no line", refused("ratio")?, OVERLOAD_RATIO_LEAST),
        most("other answers under twice the load", over("other")? + refused("other")?, 0.0, ""),
        least("503 where there is no line", refused("shed")?, 1.0),
        most("503 where there is no line, p99", refused("shedP99Ms")?, SHED_P99_MS_MOST, "ms"),
        most("other answers over 4,000 connections", figure("crowd", "other")?, 0.0, ""),
        most("sends answered good and not stored", lost, 0.0, ""),
        most(
            "in memory beside 1,000,000 messages",
            figure("memory", "mb")?,
            RESIDENT_MB_MOST,
            "MB",
        ),
    ])
}
