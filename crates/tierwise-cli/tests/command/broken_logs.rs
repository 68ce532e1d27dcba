//! Broken lines: reported with file, line and reason; nothing is dropped silently.

use crate::{
    HISTORY, LIMITED,
    answers::april,
    run::{Folder, assert_has},
};

const HEADER: &str = "at,team,account,do,tier\n";

/// The problems of a log, as (line, code, path), with the exit code of all but a clean log.
fn problems(name: &str, log: impl AsRef<[u8]>) -> Vec<(u64, String, String)> {
    let folder = Folder::with(name, log);
    let run = folder.run(&["days", name, "--json"]);
    let json = run.json();
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(json["problemCount"], problems.len());
    assert_eq!(run.code, Some(if problems.is_empty() { 0 } else { 3 }), "{run:?}");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let problem = |problem: &serde_json::Value| {
        assert_eq!(problem["file"], name);
        let message = text(&problem["message"]);
        assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
        (problem["line"].as_u64().unwrap(), text(&problem["code"]), text(&problem["path"]))
    };
    problems.iter().map(problem).collect()
}

/// The problems of the one line, or several, that follow the creation of `a` at noon of 10 April.
fn after_creation(lines: &str) -> Vec<(u64, String, String)> {
    problems("log.csv", format!("{HEADER}2026-04-10T12:00:00Z,t,a,create,{LIMITED}\n{lines}"))
}

#[track_caller]
fn assert_refused(lines: &str, code: &str, path: &str) {
    let last = 2 + lines.lines().count() as u64;
    assert_eq!(after_creation(lines), [(last, code.to_owned(), path.to_owned())], "{lines}");
}

#[test]
fn an_event_that_cannot_have_happened_is_refused() {
    let at = "2026-04-11T00:00:00Z";
    assert_refused("2026-04-10T11:59:59Z,t,a,archive,", "event_out_of_order", "");
    assert_refused(&format!("{at},t,a,create,{LIMITED}"), "already_created", "");
    assert_refused(&format!("{at},t,a,tier,{LIMITED}"), "same_tier", "");
    assert_refused(&format!("{at},t,b,archive,"), "event_before_creation", "");
    assert_refused(&format!("{at},other,a,archive,"), "event_before_creation", "");
    let archived = format!("{at},t,a,archive,\n{at},t,a,");
    assert_refused(&format!("{archived}archive,"), "account_archived", "");
    assert_refused(&format!("{archived}tier,{HISTORY}"), "account_archived", "");
    let deleted = format!("{at},t,a,delete,\n{at},t,a,");
    assert_refused(&format!("{deleted}delete,"), "event_after_end", "");
    assert_refused(&format!("{deleted}create,{LIMITED}"), "event_after_end", "");
    assert_eq!(after_creation(&format!("{archived}delete,")), []);
}

#[test]
fn a_field_that_means_nothing_is_refused_where_it_stands() {
    let at = "2026-04-11T00:00:00Z";
    for time in ["", "x", "2026-04-31T00:00:00Z", "2026-04-11", "2026-04-11T24:00:00Z"] {
        assert_refused(&format!("{time},t,a,archive,"), "bad_time", "/at");
    }
    assert_refused("1969-12-31T23:59:59Z,t,a,archive,", "bad_time", "/at");
    assert_refused(&format!("{at},t,b,create,limited"), "unknown_tier", "/tier");
    assert_refused(&format!("{at},t,b,create,"), "missing_key", "/tier");
    assert_refused(&format!("{at},t,a,archive,{LIMITED}"), "unknown_key", "/tier");
    assert_refused(&format!("{at},t,a,archiv,"), "unknown_value", "/do");
    assert_refused(&format!("{at},t,,create,{LIMITED}"), "bad_id", "/account");
}

#[test]
fn a_line_of_another_form_is_refused() {
    let at = "2026-04-11T00:00:00Z";
    assert_refused(&format!("{at},t,a,archive"), "wrong_form", "");
    assert_refused(&format!("{at},t,a,archive,,"), "wrong_form", "");
    assert_refused(&format!("{at},t,\"a,archive,"), "wrong_form", "");
}

#[test]
fn a_refused_line_changes_nothing() {
    let good = format!("{HEADER}2026-04-10T12:00:00Z,t,a,create,{LIMITED}\n");
    let bad = "2026-04-11T00:00:00Z,t,a,tier,nonsense\n2026-04-12T00:00:00Z,u,b,delete,\n";
    let days = |log: String| {
        let json = Folder::with("log.csv", log).run(&["days", "log.csv", "--json"]).json();
        (json["days"].clone(), json["accounts"].clone(), json["events"].clone())
    };
    assert_eq!(days(good.clone() + bad), days(good));
}

#[test]
fn a_broken_line_of_json_says_what_is_wrong_and_where() {
    let line = |line: &str| {
        let good = format!(
            r#"{{"at":"2026-04-10T12:00:00Z","account":"a","do":"create","tier":"{LIMITED}"}}"#
        );
        problems("log.jsonl", format!("{good}\n{line}\n{good}\n"))[0].clone()
    };
    let wrong = [
        ("{", "bad_json", ""),
        ("[]", "wrong_type", ""),
        ("nonsense", "bad_json", ""),
        (r#"{"at":"2026-04-11T00:00:00Z","account":"a","do":"archive"} x"#, "bad_json", ""),
        (r#"{"at":1,"account":"a","do":"archive"}"#, "wrong_type", "/at"),
        (r#"{"at":"x","account":"a","do":"archive","tier":null}"#, "wrong_type", "/tier"),
        (r#"{"at":"2026-04-11T00:00:00Z","acount":"a","do":"archive"}"#, "unknown_key", "/acount"),
        (r#"{"at":"2026-04-11T00:00:00Z","do":"archive"}"#, "missing_key", "/account"),
        (r#"{"at":"x","at":"x","account":"a","do":"archive"}"#, "duplicate_key", "/at"),
    ];
    for (text, code, path) in wrong {
        assert_eq!(line(text), (2, code.to_owned(), path.to_owned()), "{text}");
    }
    let deep = format!(r#"{{"account":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(line(&deep).1, "too_deep");
}

#[test]
fn byte_order_mark_line_ends_and_blank_lines_are_no_problem() {
    let csv = format!("\u{feff}\r\n{}\r\n \r\n", april().replace('\n', "\r\n"));
    assert_eq!(problems("log.csv", csv), []);
    let jsonl = format!(
        "\u{feff}{{\"at\":\"2026-04-10T12:00:00Z\",\"account\":\"a\",\"do\":\"create\",\
         \"tier\":\"{LIMITED}\"}}\r\n\r\n\n"
    );
    assert_eq!(problems("log.jsonl", jsonl), []);
}

#[test]
fn an_unfinished_last_line_counts_if_it_is_whole_and_is_told_if_not() {
    let whole = april();
    assert_eq!(problems("log.csv", whole.trim_end()), []);
    let cut = whole.get(..whole.len() - 8).unwrap();
    assert_eq!(problems("log.csv", cut), [(102, "unknown_tier".into(), "/tier".into())]);
    let run = Folder::with("log.csv", cut).run(&["days", "log.csv"]);
    assert_has(&run.err, &["log.csv:102: ", "the file ends inside this line"]);
}

#[test]
fn invalid_utf8_is_told_with_its_byte() {
    let mut log = april().into_bytes();
    log.extend_from_slice(b"2026-04-11T00:00:00Z,acme,a\xff,archive,\n");
    assert_eq!(problems("log.csv", &log), [(103, "invalid_utf8".into(), String::new())]);
    let run = Folder::with("log.csv", &log).run(&["days", "log.csv"]);
    assert_has(&run.err, &["log.csv:103: byte 28 of the line is not UTF-8", "UTF-8"]);
}

#[test]
fn an_empty_log_or_one_with_only_a_header_has_no_invoices() {
    for log in ["", "\n\n", HEADER, "\u{feff}"] {
        let folder = Folder::with("log.csv", log);
        let run = folder.run(&["invoice", "log.csv"]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{log:?}");
        assert_has(&run.out, &["no invoices", "0 events of 0 accounts in 0 teams\n"]);
        assert_eq!(folder.run(&["days", "log.csv"]).code, Some(0));
        let json = folder.run(&["invoice", "log.csv", "--json"]).json();
        assert_eq!(json["invoices"], serde_json::json!([]));
    }
}

#[test]
fn a_csv_without_a_usable_header_fails_as_a_whole() {
    let wrong = [
        ("at,acount,do\n", "unknown_key", "did you mean `account`?"),
        ("at,at,account,do\n", "duplicate_key", ""),
        ("at,team,account\n", "missing_key", "at,team,account,do,tier"),
        ("2026-04-10T12:00:00Z,t,a,archive,\n", "unknown_key", "`at`, `team`, `account`"),
    ];
    for (log, code, help) in wrong {
        let folder = Folder::with("log.csv", log);
        let error = folder.run(&["days", "log.csv", "--json"]);
        assert_eq!(error.code, Some(1));
        let error = error.json_error();
        assert_eq!((&error["code"], &error["file"]), (&code.into(), &"log.csv".into()));
        assert_eq!(error["line"], 1);
        assert_has(error["help"].as_str().unwrap(), &[help]);
        assert_has(&folder.run(&["days", "log.csv"]).err, &["error: log.csv:1: "]);
    }
}

#[test]
fn problems_are_listed_with_file_line_and_reason_and_the_rest_is_counted() {
    let broken = |count| format!("{HEADER}{}", "x,t,a,archive,\n".repeat(count));
    let folder = Folder::with("log.csv", broken(30));
    let run = folder.run(&["days", "log.csv"]);
    assert_eq!(run.code, Some(3));
    assert_has(&run.err, &["log.csv:2: /at: `x` is not a time", "[bad_time]\n", "log.csv:21: "]);
    assert_has(&run.err, &["… and 10 more", "30 lines could not be used and were left out\n"]);
    assert!(!run.err.contains("log.csv:22: "));
    let all = folder.run(&["days", "log.csv", "--max-problems", "30"]);
    assert_has(&all.err, &["log.csv:31: "]);
    assert!(!all.err.contains(" more"));
    folder.write("log.csv", broken(2000));
    let json = folder.run(&["invoice", "log.csv", "--json"]).json();
    assert_eq!(json["problemCount"], 2000);
    assert_eq!(json["problems"].as_array().unwrap().len(), 1000);
}

#[test]
fn strict_stops_at_the_first_problem_and_answers_nothing() {
    let log = april() + "x,acme,a1,archive,\nalso broken\n";
    let folder = Folder::with("log.csv", log);
    for command in ["invoice", "days"] {
        let run = folder.run(&[command, "log.csv", "none-after-it.csv", "--strict"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        let run = folder.run(&[command, "log.csv", "--strict"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
        assert_has(&run.err, &["error: log.csv:103: /at: `x` is not a time", "code: bad_time"]);
        assert!(!run.err.contains(":104"), "{run:?}");
        let error = folder.run(&[command, "log.csv", "--strict", "--json"]).json_error();
        assert_eq!((&error["code"], &error["line"]), (&"bad_time".into(), &103.into()));
        assert_eq!(error["path"], "/at");
    }
    folder.write("good.csv", april());
    assert_eq!(folder.run(&["invoice", "good.csv", "--strict"]).code, Some(0));
}

#[test]
fn the_lines_of_several_files_are_told_apart() {
    let folder = Folder::with("good.csv", april());
    folder.write("bad.csv", format!("{HEADER}x,t,a,archive,\n"));
    let run = folder.run_with(&["days", "good.csv", "-", "bad.csv"], format!("{HEADER}y,,a,z,\n"));
    assert_eq!(run.code, Some(3));
    assert_has(&run.err, &["standard input:2: /at: `y`", "bad.csv:2: /at: `x`", "2 lines"]);
}

#[test]
fn a_name_from_a_log_cannot_steer_the_terminal() {
    let line = serde_json::json!({
        "at": "2026-04-10T12:00:00Z", "team": "t\u{1b}[2J\n", "account": "a", "do": "create",
        "tier": LIMITED,
    });
    let folder = Folder::with("log.jsonl", format!("{line}\n{{\"a\\u001b[2J\":1}}\n"));
    for args in [&["invoice", "log.jsonl"][..], &["invoice", "log.jsonl", "--summary"]] {
        let mut command = folder.command(args);
        let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!text.contains("\u{1b}[2J"), "{text:?}");
        assert_has(&text, &["t\\u{1b}[2J\\n"]);
    }
}

#[test]
fn white_space_around_a_name_does_not_make_another_account() {
    let at = "2026-04-11T00:00:00Z";
    assert_refused(&format!("{at}, t,a,archive,"), "bad_id", "/team");
    assert_refused(&format!("{at},t,a ,archive,"), "bad_id", "/account");
}

#[test]
fn a_list_is_no_event() {
    let list = format!(r#"["2026-04-01T09:00:00Z","t","a","create","{LIMITED}"]"#);
    let found = problems("log.jsonl", list);
    assert_eq!(found, [(1, "wrong_type".to_owned(), String::new())]);
}

#[test]
fn a_broken_first_line_is_told_and_the_second_is_no_header() {
    let folder = Folder::new();
    let line = format!("2026-04-01T09:00:00Z,t,a,create,{LIMITED}\n");
    let run =
        folder.run_with(&["days"], [b"at,team,account,do,t\xefer\n", line.as_bytes()].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_has(&run.err, &["standard input:1", "byte 21 of the line is not UTF-8"]);
}

#[test]
fn a_mistyped_year_does_not_bill_for_centuries() {
    let log = format!(
        "{HEADER}2026-04-10T12:00:00Z,t,a,create,{LIMITED}\n\
                       2126-04-10T12:00:00Z,t,a,archive,\n"
    );
    let folder = Folder::with("log.csv", log);
    for command in ["days", "invoice"] {
        let run = folder.run(&[command, "log.csv"]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:?}");
        assert_has(&run.err, &["2026-04", "2126-04", "240", "--period"]);
        let run = folder.run(&[command, "log.csv", "--period", "2026-05"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_has(&run.out, &["31"]);
    }
}
