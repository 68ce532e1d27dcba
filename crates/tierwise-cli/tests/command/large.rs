//! Input without measure: bounded work, bounded memory, a clear error.

use std::io::{self, Read};

use crate::{
    HISTORY,
    run::{Folder, Run, feed},
};

/// The most data that a run may hold, in KiB: heap and stacks.
const MOST_KIB: u64 = 40_000;

/// Runs with little memory and a stream as standard input.
fn with_little_memory(args: &[&str], mut input: impl Read + Send) -> Run {
    let folder = Folder::new();
    let command = folder.command(args);
    let limited = if cfg!(target_os = "linux") {
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -d {MOST_KIB} && exec \"$0\" \"$@\""));
        shell.arg(command.get_program()).args(command.get_args());
        shell
    } else {
        command
    };
    feed(limited, |stdin| io::copy(&mut input, &mut { stdin }).map(drop))
}

#[test]
fn a_line_of_100_mb_is_told_and_the_others_count() {
    let header = "at,account,do,tier\n";
    let line = |name| format!("2026-04-01T00:00:00Z,{name},create,{HISTORY}\n");
    let (first, last) = (header.to_owned() + &line("a"), "\n".to_owned() + &line("b"));
    let long = io::repeat(b'x').take(100_000_000);
    let input = first.as_bytes().chain(long).chain(last.as_bytes());
    let run = with_little_memory(&["days", "--json"], input);
    assert_eq!(run.code, Some(3), "{}", run.err);
    let json = run.json();
    assert_eq!(json["problems"][0]["code"], "too_large");
    assert_eq!(json["problems"][0]["line"], 3);
    assert_eq!((&json["problemCount"], &json["accounts"]), (&1.into(), &2.into()));
}

#[test]
fn memory_does_not_grow_with_long_broken_lines() {
    let line = format!("{{\"{}\":1}}\n", "k".repeat(1_000_000));
    let lines = line.repeat(50);
    let run = with_little_memory(&["days", "--json"], lines.as_bytes());
    assert_eq!(run.code, Some(3), "{}", run.err);
    assert_eq!(run.json()["problemCount"], 50);
    assert!(run.out.len() < 100_000);
}

#[test]
fn memory_does_not_grow_with_the_events_of_a_log_in_order() {
    let tiers = [HISTORY, crate::LIMITED];
    let mut log = format!("at,account,do,tier\n2026-04-01T00:00:00Z,a,create,{}\n", tiers[1]);
    for i in 0..300_000 {
        let (hour, minute, second) = (i / 14_400, i / 240 % 60, i / 4 % 60);
        let at = format!("2026-04-02T{hour:02}:{minute:02}:{second:02}Z");
        log += &format!("{at},a,tier,{}\n", tiers[i % 2]);
    }
    for command in ["invoice", "days"] {
        let run = with_little_memory(&[command, "--json"], log.as_bytes());
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert_eq!(run.json()["events"], 300_001);
    }
}

#[test]
fn a_catalog_of_50_mb_is_refused_without_being_read_whole() {
    let folder = Folder::new();
    for name in ["c.json", "c.yaml", "c.toml"] {
        let file = std::fs::File::create(folder.path(name)).unwrap();
        file.set_len(50_000_000).unwrap();
        let run = folder.run(&["catalog", "show", "--json", "--catalog", name]);
        assert_eq!(run.code, Some(1));
        assert_eq!(run.json_error()["code"], "too_large", "{name}");
        let check = folder.run(&["catalog", "check", name, "--json"]);
        assert_eq!(check.code, Some(3));
        assert_eq!(check.json()["findings"][0]["code"], "too_large", "{name}");
    }
    // No end: it would never come back if it read all.
    if cfg!(unix) {
        let check = ["catalog", "check", "/dev/zero", "--json"];
        let endless = with_little_memory(&check, io::empty());
        assert_eq!(endless.json()["findings"][0]["code"], "too_large");
    }
}

#[test]
fn a_request_without_end_is_refused() {
    let run = with_little_memory(&["ask", "quote", "--json"], io::repeat(b' '));
    assert_eq!(run.code, Some(1));
    assert_eq!(run.json_error()["code"], "too_large");
}
