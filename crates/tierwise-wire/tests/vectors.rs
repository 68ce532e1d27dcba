//! Every golden case through the engine in this process; and what it answers is canonical.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use tierwise_vectors::{Case, Host, Native, Outcome, files_below, read_file, run};
use tierwise_wire::{Document, canonical};

fn cases() -> Vec<Case> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let files = files_below(&vectors).unwrap();
    files.iter().flat_map(|file| read_file(file).unwrap()).collect()
}

#[test]
fn every_golden_case_holds() {
    let mut host = Native::default();
    let cases = cases();
    assert!(cases.len() >= 366, "only {} cases were found", cases.len());
    for case in &cases {
        assert_eq!(run(case, &mut host), Outcome::Pass, "{} ({})", case.id, case.rule);
    }
}

#[test]
fn every_answer_is_canonical_json() {
    let mut host = Native::default();
    for case in cases() {
        if let Ok(answer) = host.answer(&case) {
            let read_again = Document::from_json(answer.as_bytes()).unwrap();
            assert_eq!(canonical(&read_again), answer, "{}", case.id);
        }
    }
}

#[test]
fn case_ids_are_unique() {
    let cases = cases();
    let ids: std::collections::BTreeSet<_> = cases.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), cases.len());
}
