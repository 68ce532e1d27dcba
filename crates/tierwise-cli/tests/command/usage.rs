//! Exit codes, wrong usage, help, colours, completions, the manual.

use std::{io::Read, process::Stdio};

use crate::{
    HISTORY, LIMITED,
    answers::april,
    run::{Folder, assert_has, tierwise},
};

#[test]
fn wrong_usage_exits_with_2_and_names_the_nearest() {
    let nearest: [(&[&str], &str); 7] = [
        (&["quote", "--teir", HISTORY], "'--tier'"),
        (&["qoute"], "'quote'"),
        (&["end", "archiv"], "'archive'"),
        (&["invoice", "--format", "jsnl"], "'jsonl'"),
        (&["catalog", "chekc"], "'check'"),
        (&["quote", "abc"], "write `TIER=ACCOUNTSxDAYS` or `TIER=ACCOUNT_DAYS`"),
        (&["quote", "--tier", HISTORY, "--usage", "abc"], "write `METER=QUANTITY`"),
    ];
    for (args, named) in nearest {
        let run = tierwise(args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args:?}");
        assert_has(&run.err, &[named]);
    }
}

#[test]
fn options_that_miss_or_exclude_each_other_are_wrong_usage() {
    let item = format!("{HISTORY}=1");
    let wrong: [&[&str]; 14] = [
        &[],
        &["quote"],
        &["quote", "--tier", HISTORY],
        &["quote", "--tier", HISTORY, "--accounts", "1"],
        &["quote", "--tier", HISTORY, "--days", "1"],
        &["quote", "--tier", HISTORY, "--account-days", "1", "--accounts", "1", "--days", "1"],
        &["quote", "--tier", HISTORY, "--account-days", "1", "--usage", "account_day=1"],
        &["quote", "--tier", HISTORY, "--account-days", "1", &item],
        &["quote", "--creations", "1", &item],
        &["check", "--tier", HISTORY],
        &["invoice", "--strict", "--max-problems", "3"],
        &["ask"],
        &["vectors", "x", "--catalog", "x.json"],
        &["catalog", "check", "x.json", "--catalog", "y.json"],
    ];
    for args in wrong {
        let run = tierwise(args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args:?}: {run:?}");
    }
}

#[test]
fn a_number_that_is_none_is_refused_by_the_engine_not_taken_for_a_flag() {
    let refused = [
        ("-1", "negative"),
        ("-1.5", "wrong_type"),
        ("1.5", "wrong_type"),
        ("1e400", "out_of_range"),
        ("-1e400", "negative"),
        ("abc", "wrong_type"),
        ("1,000", "wrong_type"),
        ("1000000000001", "out_of_range"),
        ("99999999999999999999999999999999999999999999", "out_of_range"),
    ];
    for (number, code) in refused {
        let flags: [&[&str]; 6] = [
            &["quote", "--tier", HISTORY, "--days", "30", "--accounts"],
            &["quote", "--tier", HISTORY, "--accounts", "30", "--days"],
            &["quote", "--tier", HISTORY, "--account-days"],
            &["check", "--tier", LIMITED, "--sent"],
            &["change", "--from", LIMITED, "--to", HISTORY, "--sent"],
            &["end", "archive", "--notes"],
        ];
        for flags in flags {
            let run = tierwise(&[flags, &[number, "--json"]].concat());
            assert_eq!(run.code, Some(1), "{flags:?} {number}: {run:?}");
            assert_eq!(run.json_error()["code"], code, "{flags:?} {number}");
        }
    }
    // JSON knows one kind of number.
    assert_eq!(tierwise(&["quote", &format!("{HISTORY}=1e3")]).code, Some(0));
}

#[test]
fn d8_an_unknown_tier_exits_with_1_and_names_the_nearest() {
    let wrong = "unlimited_msg_chat_histroy";
    let commands: [&[&str]; 5] = [
        &["quote", "--tier", wrong, "--account-days", "1"],
        &["quote", "unlimited_msg_chat_histroy=1x1"],
        &["check", "--tier", wrong, "--sent", "1"],
        &["change", "--from", wrong, "--to", LIMITED],
        &["change", "--from", LIMITED, "--to", wrong],
    ];
    for args in commands {
        let run = tierwise(args);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{args:?}");
        let parts = ["`unlimited_msg_chat_histroy`", "did you mean `unlimited_msg_chat_history`?"];
        assert_has(&run.err, &parts);
        assert_has(&run.err, &["code: unknown_tier"]);
        let json = tierwise(&[args, &["--json"]].concat()).json_error();
        assert_eq!(json["code"], "unknown_tier");
    }
}

#[test]
fn a_wrong_time_or_period_says_how_to_write_it() {
    let folder = Folder::with("log.csv", april());
    let period = folder.run(&["invoice", "log.csv", "--period", "2026-13"]);
    assert_eq!((period.code, period.out.as_str()), (Some(1), ""));
    assert_has(&period.err, &["`2026-13`", "`2026-04`", "bad_period"]);
    let as_of = folder.run(&["days", "log.csv", "--as-of", "yesterday"]);
    assert_eq!((as_of.code, as_of.out.as_str()), (Some(1), ""));
    assert_has(&as_of.err, &["`yesterday`", "`2026-04-01T09:00:00Z`", "bad_time"]);
}

#[test]
fn a_file_that_cannot_be_read_fails_before_anything_is_answered() {
    let folder = Folder::with("log.csv", april());
    let refused: [(&[&str], &str); 6] = [
        (&["invoice", "log.csv", "none.csv"], "`none.csv`: there is no such file or folder"),
        (&["days", "."], "`.`: it is a folder, not a file"),
        (&["--catalog", "none.json", "catalog", "show"], "`none.json`: there is no such file"),
        (&["catalog", "check", "none.json"], "`none.json`: there is no such file"),
        (&["catalog", "check", "."], "`.`: it is a folder, not a file"),
        (&["vectors", "none"], "none: "),
    ];
    for (args, reason) in refused {
        let run = folder.run(args);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{args:?}");
        assert_has(&run.err, &[reason]);
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let many: String =
        (0..2000).map(|i| format!("2026-04-01T09:00:00Z,team{i},a,create,{HISTORY}\n")).collect();
    let folder = Folder::with("log.csv", "at,team,account,do,tier\n".to_owned() + &many);
    for args in [&["invoice", "log.csv"][..], &["invoice", "log.csv", "--json"]] {
        let mut command = folder.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn no_color_wins_over_a_wish_for_colours() {
    let folder = Folder::with("log.csv", april());
    let run = |args: &[&str], no_color: Option<&str>| {
        let mut command = folder.command(args);
        command.env("CLICOLOR_FORCE", "1");
        no_color.map(|value| command.env("NO_COLOR", value));
        let output = command.output().unwrap();
        [output.stdout, output.stderr].concat()
    };
    let escape = 0x1b;
    for args in [&["invoice", "log.csv"][..], &["quote", "x=1"]] {
        assert!(run(args, None).contains(&escape), "{args:?}");
        assert!(!run(args, Some("1")).contains(&escape), "{args:?}");
    }
    assert!(!run(&["invoice", "log.csv", "--json"], None).contains(&escape));
}

#[test]
fn help_and_manual_say_what_the_exit_codes_mean() {
    let help = tierwise(&["--help"]);
    assert_eq!(help.code, Some(0));
    let man = tierwise(&["man"]);
    assert_has(&man.out, &[".TH tierwise 1", ".SH \"EXIT STATUS\"", ".SH SUBCOMMANDS", "NO_COLOR"]);
    for text in [help.out, man.out] {
        let meanings = ["done", "failed: ", "wrong usage: ", "findings: ", "refused by policy: "];
        assert_has(&text, &meanings);
    }
    let folder = Folder::new();
    assert_eq!(folder.run(&["man", "--out", "pages/man1"]).code, Some(0));
    for name in ["", "-quote", "-invoice", "-days", "-check", "-change", "-end", "-catalog-check"] {
        let page = folder.path(&format!("pages/man1/tierwise{name}.1"));
        let page = std::fs::read_to_string(page).unwrap();
        assert_has(&page, &[&format!(".TH tierwise{name} 1"), "EXIT STATUS"]);
    }
}

#[test]
fn completions_know_commands_and_options_of_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let run = tierwise(&["completions", shell]);
        assert_eq!(run.code, Some(0));
        assert_has(&run.out, &["tierwise", "invoice", "as-of", "strict", "summary"]);
    }
    assert_eq!(tierwise(&["completions", "basch"]).code, Some(2));
}
