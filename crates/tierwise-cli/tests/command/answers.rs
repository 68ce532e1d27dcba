//! What each command answers, to people and to programs.

use crate::{
    HISTORY, LIMITED,
    run::{Folder, assert_has, tierwise},
};

/// 101 accounts, created on 1 April and kept.
pub(crate) fn april() -> String {
    let mut log = "at,team,account,do,tier\n".to_owned();
    for i in 1..=101 {
        log += &format!("2026-04-01T09:00:00Z,acme,a{i},create,{HISTORY}\n");
    }
    log
}

/// Whether no line is padded, and the lines of each table end below each other.
fn assert_tidy(text: &str) {
    for line in text.lines() {
        assert_eq!(line, line.trim_end(), "{text}");
        assert!(!line.starts_with("  "), "a stray column: {text}");
    }
}

#[test]
fn p3_a_quote_shows_the_rows_that_add_up_to_its_total() {
    let run = tierwise(&["quote", "--tier", HISTORY, "--accounts", "101", "--days", "30"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let rows = [
        "unlimited_msg_chat_history  usage  1 to 3000          3000        0.4   1200     P5\n",
        "unlimited_msg_chat_history  usage  3001 to 15000        30        0.33     9.9   P5\n",
    ];
    assert_has(&run.out, &rows);
    assert_has(&run.out, &["total ", " 1209.9\n", "amount due, USD", " 1209.90\n"]);
    assert_has(&run.out, &["4033/10100", "after 11970 more, at 0.27"]);
    let json = tierwise(&["quote", "--tier", HISTORY, "--account-days", "3030", "--json"]);
    assert_eq!(json.json()["total"], "1209.9");
    assert_eq!(json.json()["rows"][1]["amount"], "9.9");
}

#[test]
fn p4_a_basket_adds_up_the_items_of_a_tier() {
    let items = [&format!("{HISTORY}=100x30"), &format!("{LIMITED}=30"), &format!("{HISTORY}=30")];
    let run = tierwise(&["quote", items[0], items[1], items[2], "--json"]);
    assert_eq!(run.json()["total"], "1210.92");
}

#[test]
fn i1_an_invoice_shows_days_and_creations_in_lines() {
    let folder = Folder::with("log.csv", april());
    let run = folder.run(&["invoice", "log.csv"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_tidy(&run.out);
    assert_has(&run.out, &["team acme, 2026-04, USD\n", " 1200\n", "   9.9\n", "  40.4\n"]);
    assert_has(&run.out, &[" 1250.3\n", " 1250.30\n", "101 events of 101 accounts in 1 team\n"]);
    let summary = folder.run(&["invoice", "log.csv", "--summary"]);
    assert_tidy(&summary.out);
    assert_has(&summary.out, &["acme    2026-04", " 3030 ", " 101 ", "1 invoice, in USD\n"]);
    let json = folder.run(&["invoice", "log.csv", "--json"]).json();
    assert_eq!(json["invoices"][0]["total"], "1250.3");
    assert_eq!(json["invoices"][0]["account_days"][HISTORY], 3030);
    assert_eq!((&json["events"], &json["accounts"]), (&101.into(), &101.into()));
}

#[test]
fn i4_as_of_counts_to_its_day_and_later_events_have_not_happened() {
    let log = april() + "2026-04-20T00:00:00Z,acme,a1,delete,\n";
    let folder = Folder::with("log.csv", log);
    let invoice = |as_of| {
        let run = folder.run(&["invoice", "log.csv", "--json", "--as-of", as_of]);
        let invoice = run.json()["invoices"][0].clone();
        (invoice["status"].clone(), invoice["account_days"][HISTORY].clone())
    };
    // An event exactly at that time has happened.
    assert_eq!(invoice("2026-04-01T09:00:00Z"), ("open".into(), 101.into()));
    assert_eq!(invoice("2026-04-10T12:00:00Z"), ("open".into(), 1010.into()));
    assert_eq!(invoice("2026-04-25T12:00:00Z"), ("open".into(), (100 * 25 + 19).into()));
    assert_eq!(invoice("2026-05-01T00:00:00Z"), ("final".into(), (100 * 30 + 19).into()));
    let before = folder.run(&["invoice", "log.csv", "--as-of", "2026-03-01T00:00:00Z"]);
    assert_eq!(before.code, Some(0));
    assert_has(&before.out, &["no invoices", "102 events"]);
    let days = folder.run(&["days", "log.csv", "--json", "--as-of", "2026-04-10T12:00:00Z"]);
    assert_eq!(days.json()["days"][0]["account_days"][HISTORY], 1010);
}

#[test]
fn a_period_beyond_the_log_counts_the_accounts_that_are_left() {
    let folder = Folder::with("log.csv", april());
    let json = folder.run(&["invoice", "log.csv", "--json", "--period", "2026-05"]).json();
    assert_eq!(json["invoices"][0]["period"], "2026-05");
    assert_eq!(json["invoices"][0]["total"], "1243.23");
    assert_eq!(json["invoices"].as_array().unwrap().len(), 1);
    let days = folder.run(&["days", "log.csv", "--json", "--period", "2026-05"]).json();
    assert_eq!(days["days"][0]["account_days"][HISTORY], 3131);
    let before = folder.run(&["invoice", "log.csv", "--period", "2026-03"]);
    assert_eq!(before.code, Some(0));
    assert_has(&before.out, &["no invoices: nothing is to be billed\n"]);
}

#[test]
fn a_team_that_the_log_does_not_have_is_an_error_that_names_the_nearest() {
    let folder = Folder::with("log.csv", april());
    let run = folder.run(&["days", "log.csv", "--team", "acne"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert_has(&run.err, &["`acne` is not a team of the log", "did you mean `acme`?"]);
    assert_eq!(folder.run(&["days", "log.csv", "--team", "acme"]).code, Some(0));
}

#[test]
fn days_are_counted_per_team_period_and_tier() {
    let run = Folder::with("log.csv", april()).run(&["days", "log.csv"]);
    assert_tidy(&run.out);
    assert_has(&run.out, &["acme    2026-04  unlimited_msg_chat_history          3030\n"]);
}

#[test]
fn q4_a_message_beyond_the_limit_is_refused_with_4() {
    let check = |sent| tierwise(&["check", "--tier", LIMITED, "--sent", sent]);
    let fits = check("999");
    assert_eq!((fits.code, fits.out.as_str()), (Some(0), "accepted (1 left before)\n"));
    let full = check("1000");
    let refused = "refused: quota_exhausted (0 left before)\n";
    assert_eq!((full.code, full.out.as_str()), (Some(4), refused));
    let note = tierwise(&["check", "--tier", LIMITED, "--sent", "1000", "--note", "--json"]);
    assert_eq!((note.code, note.json()["accepted"].as_bool()), (Some(0), Some(true)));
}

#[test]
fn d9_a_change_says_its_effects_or_is_refused_with_4() {
    let run = tierwise(&["change", "--from", HISTORY, "--to", LIMITED, "--sent", "1000"]);
    assert_eq!(run.code, Some(0));
    assert_has(&run.out, &["downgrade", "history_removed", "limit_set", "sending_stopped"]);
    let same = tierwise(&["change", "--from", HISTORY, "--to", HISTORY]);
    assert_eq!((same.code, same.out.as_str()), (Some(4), "refused: same_tier\n"));
    let archived =
        tierwise(&["change", "--from", HISTORY, "--to", LIMITED, "--archived", "--json"]);
    assert_eq!(
        (archived.code, archived.json()["code"].as_str()),
        (Some(4), Some("account_archived"))
    );
}

#[test]
fn l5_an_ending_says_what_is_kept_or_is_refused_with_4() {
    let run = tierwise(&["end", "archive", "--logged-in", "--notes", "7", "--history", "3"]);
    assert_eq!(run.code, Some(0));
    assert_has(&run.out, &["subscription_ended", "logged_out", "notes            7      7\n"]);
    assert_has(&run.out, &["history          3      0\n"]);
    assert_eq!(tierwise(&["end", "archive", "--archived"]).code, Some(4));
    assert_eq!(tierwise(&["end", "delete", "--archived"]).code, Some(0));
}

#[test]
fn ask_answers_any_operation_from_an_argument_or_standard_input() {
    let request = format!(r#"{{"tier":"{HISTORY}","n":3001}}"#);
    let answer = "{\"price\":\"0.33\"}\n";
    assert_eq!(tierwise(&["ask", "price_of", &request]).out, answer);
    for args in [&["ask", "price_of"][..], &["ask", "price_of", "-"]] {
        assert_eq!(Folder::new().run_with(args, &request).out, answer);
    }
    let wrong = tierwise(&["ask", "price_off", "{}"]);
    assert_eq!(wrong.code, Some(1));
    assert_has(&wrong.err, &["`price_off` is not an operation", "did you mean `price_of`?"]);
    let list = tierwise(&["ask", "--list", "--json"]).json();
    assert!(list.as_array().unwrap().iter().any(|operation| operation["name"] == "quote"));
}

#[test]
fn the_golden_cases_pass_and_a_wrong_one_is_a_finding() {
    let all = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/price_of");
    let run = tierwise(&["vectors", all]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.lines().last().unwrap().ends_with(" passed, 0 failed"));
    let case = serde_json::json!({
        "id": "x", "rule": "P2", "op": "price_of", "in": {"tier": LIMITED, "n": 1},
        "out": {"price": "9"},
    })
    .to_string();
    let folder = Folder::with("wrong.jsonl", &case);
    let run = folder.run(&["vectors", "wrong.jsonl", "--save-failures", "saved"]);
    assert_eq!(run.code, Some(3));
    assert_has(&run.out, &["FAIL x (P2) in wrong.jsonl", r#"found    {"price":"0.034"}"#]);
    assert!(run.out.ends_with("\n0 passed, 1 failed\n"));
    let saved = std::fs::read_to_string(folder.path("saved/disagreements.jsonl")).unwrap();
    assert_eq!(saved.trim_end(), case);
    let json = folder.run(&["vectors", "wrong.jsonl", "--json"]).json();
    assert_eq!((&json["failed"], &json["failures"][0]["id"]), (&1.into(), &"x".into()));
    std::fs::create_dir(folder.path("empty")).unwrap();
    assert_eq!(folder.run(&["vectors", "empty"]).code, Some(1));
}

#[test]
fn the_rate_card_shows_bands_limits_and_charges() {
    let run = tierwise(&["catalog", "show"]);
    assert_eq!(run.code, Some(0));
    assert_has(&run.out, &["messaging-accounts version 1, USD", " 30001    150000         0.24 "]);
    assert_has(&run.out, &["creation charge      1\n", "messages a period    1000\n"]);
    assert_eq!(tierwise(&["catalog", "show", "--json"]).json()["catalog"]["version"], "1");
}
