//! `/metrics`: what the runner and the edge count, the queues in numbers, as Prometheus reads them.

use std::fmt::Write as _;

use prometheus_client::{encoding::text::encode, registry::Registry};
use tierwise_runner::{Failure, Handle, Overview};

use crate::edge::Measures;

/// What Prometheus is told that the text is.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Percentiles of the ages of lanes.
const PERCENTILES: [(usize, &str); 4] = [(50, "0.5"), (90, "0.9"), (99, "0.99"), (100, "1")];

/// The text. Errors: the store cannot be read.
pub(crate) async fn text(queue: &Handle, edge: &Measures) -> Result<String, Failure> {
    let mut registry = Registry::with_prefix("tierwise");
    queue.measures().register(&mut registry);
    edge.register(&mut registry);
    let mut text = String::new();
    // Writing into a text does not fail.
    let _ = encode(&mut text, &registry);
    let counted = text.trim_end().trim_end_matches("# EOF").to_owned();
    Ok(counted + &in_numbers(&queue.overview().await?) + "# EOF\n")
}

fn in_numbers(overview: &Overview) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &[(String, String)]| {
        let _ = write!(text, "# HELP tierwise_{name} {help}.\n# TYPE tierwise_{name} gauge\n");
        for (labels, value) in values {
            let _ = writeln!(text, "tierwise_{name}{labels} {value}");
        }
    };
    let one = |value: u64| vec![(String::new(), value.to_string())];
    let accounts = overview.accounts.iter().map(|(_, accounts)| accounts).sum();
    gauge("accounts", "Accounts that are neither archived nor deleted", &one(accounts));
    gauge("accounts_out", "Accounts that have a message out", &one(overview.out));
    let ready = u64::try_from(overview.ready.len()).unwrap_or(u64::MAX);
    gauge("lanes_ready", "Lanes whose turn has come, 100000 at most", &one(ready));
    let held: Vec<_> = overview
        .held
        .iter()
        .map(|(reason, lanes)| (format!("{{reason=\"{}\"}}", escaped(reason)), lanes.to_string()))
        .collect();
    gauge("lanes_held", "Lanes with messages that are held, by reason", &held);
    let ages = PERCENTILES.map(|(percent, quantile)| {
        let age_ms = overview.age_ms(percent);
        let seconds = format!("{}.{:03}", age_ms / 1000, age_ms % 1000);
        (format!("{{quantile=\"{quantile}\"}}"), seconds)
    });
    let help = "For how long ready lanes have waited for their turn";
    gauge("lane_age_seconds", help, &ages);
    text
}

/// A label's value, which a policy may have chosen.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tierwise_lanes::Moment;

    #[test]
    fn numbers_are_lines_of_openmetrics() {
        let held = vec![("quiet_hours".to_owned(), 3), ("a\"b".to_owned(), 1)];
        let ready = vec![Moment(0), Moment(750)];
        let accounts = vec![("mock".to_owned(), 5), ("wa".to_owned(), 4)];
        let overview = Overview { now: Moment(2000), accounts, out: 1, held, ready };
        let text = in_numbers(&overview);
        for line in [
            "tierwise_accounts 9",
            "tierwise_accounts_out 1",
            "tierwise_lanes_held{reason=\"quiet_hours\"} 3",
            "tierwise_lanes_held{reason=\"a\\\"b\"} 1",
            "tierwise_lane_age_seconds{quantile=\"1\"} 2.000",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
