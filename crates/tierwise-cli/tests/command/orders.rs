//! The same events give the same answers, however the log is written.

use serde_json::Value;

use crate::{
    run::{Folder, tierwise},
    stories::{Random, as_csv, as_jsonl, by_time, interleaved, stories},
};

fn invoices(folder: &Folder, logs: &[&str]) -> String {
    let run = folder.run(&[&["invoice", "--json"], logs].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    run.out
}

#[test]
fn formats_files_and_orders_give_the_same_invoices() {
    for seed in 0..4 {
        let random = &mut Random(seed);
        let stories = stories(random, 60);
        let folder = Folder::new();
        let in_order = by_time(&stories);
        folder.write("in_order.csv", as_csv(&in_order));
        let expected = invoices(&folder, &["in_order.csv"]);
        folder.write("in_order.jsonl", as_jsonl(&in_order));
        folder.write("account_major.csv", as_csv(&stories.concat()));
        folder.write("interleaved.jsonl", as_jsonl(&interleaved(random, &stories)));
        let (first, second) = in_order.split_at(in_order.len() / 2);
        folder.write("first.csv", as_csv(first));
        folder.write("second.jsonl", as_jsonl(second));
        folder.write("unnamed", as_jsonl(&in_order));
        let ways: [&[&str]; 5] = [
            &["in_order.jsonl"],
            &["account_major.csv"],
            &["interleaved.jsonl"],
            &["first.csv", "second.jsonl"],
            &["unnamed"],
        ];
        for logs in ways {
            assert_eq!(invoices(&folder, logs), expected, "seed {seed}, {logs:?}");
        }
        let piped = folder.run_with(&["invoice", "--json"], as_csv(&in_order));
        assert_eq!(piped.out, expected, "seed {seed}");
        let named = folder.run_with(&["invoice", "--json", "-"], as_jsonl(&in_order));
        assert_eq!(named.out, expected, "seed {seed}");
    }
}

/// (team, period) → account-days by tier.
fn account_days(answers: &Value) -> Vec<(Value, Value, Value)> {
    let row =
        |row: &Value| (row["team"].clone(), row["period"].clone(), row["account_days"].clone());
    let rows = answers.as_array().unwrap().iter().map(row);
    // A period may be billed for its creations alone.
    rows.filter(|(.., days)| days.as_object().is_some_and(|days| !days.is_empty())).collect()
}

#[test]
fn a4_days_are_the_account_days_of_invoices_in_any_order() {
    for seed in 100..130 {
        let random = &mut Random(seed);
        let count = 1 + random.below(40);
        let stories = stories(random, count);
        let folder = Folder::with("log.jsonl", as_jsonl(&interleaved(random, &stories)));
        folder.write("other.csv", as_csv(&interleaved(random, &stories)));
        let scopes: [&[&str]; 4] = [
            &[],
            &["--as-of", "2026-02-10T12:00:00Z"],
            &["--period", "2026-02"],
            &["--team", "team 1"],
        ];
        for scope in scopes {
            let ask = |command, log| {
                let run = folder.run(&[&[command, "--json", log], scope].concat());
                // A team may have no account.
                (run.code == Some(0)).then(|| run.json())
            };
            let Some(invoices) = ask("invoice", "other.csv") else {
                assert!(ask("days", "log.jsonl").is_none(), "seed {seed} {scope:?}");
                continue;
            };
            let days = ask("days", "log.jsonl").unwrap();
            let expected = account_days(&invoices["invoices"]);
            assert_eq!(account_days(&days["days"]), expected, "seed {seed} {scope:?}");
            for key in ["accounts", "events"] {
                assert_eq!(days[key], invoices[key], "seed {seed}");
            }
        }
    }
}

#[test]
fn i1_an_invoice_of_a_log_is_that_of_the_operation() {
    let log = crate::answers::april();
    let folder = Folder::with("log.csv", log);
    let invoice = folder.run(&["invoice", "log.csv", "--json"]).json()["invoices"][0].clone();
    let request = serde_json::json!({"period": "2026-04", "groups": [{"count": 101, "events": [
        {"at": "2026-04-01T09:00:00Z", "do": "create", "tier": crate::HISTORY}
    ]}]});
    let asked = tierwise(&["ask", "invoice", &request.to_string()]).json();
    for key in ["account_days", "lines", "total", "amount_due"] {
        assert_eq!(invoice[key], asked[key], "{key}");
    }
}
