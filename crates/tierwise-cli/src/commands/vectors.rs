//! `tierwise vectors`: golden cases against this engine.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use serde::Serialize;
use tierwise_vectors::{
    Case, Native, Outcome as CaseOutcome, files_below, read_file, run as run_case,
};

use crate::{
    args::VectorsArgs,
    output::{Outcome, Printer, io_failure, quoted},
};

/// The file that failing cases are saved to.
const SAVED: &str = "disagreements.jsonl";

#[derive(Serialize)]
struct VectorsAnswer {
    failed: usize,
    failures: Vec<Failure>,
    passed: u64,
}

/// A case that was answered otherwise.
#[derive(Serialize)]
struct Failure {
    expected: String,
    file: String,
    found: String,
    id: String,
    rule: String,
    #[serde(skip)]
    line: String,
}

pub(super) fn run(args: &VectorsArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let mut host = Native::default();
    let mut passed = 0_u64;
    let mut failures = Vec::new();
    for path in &args.paths {
        let files = files_below(path).map_err(|error| io_failure("list", quoted(path), &error))?;
        if files.is_empty() {
            anyhow::bail!("there is no case file below {}: name one, `*.jsonl`", quoted(path));
        }
        for file in files {
            for case in read_file(&file).map_err(anyhow::Error::msg)? {
                match run_case(&case, &mut host) {
                    CaseOutcome::Pass => passed += 1,
                    CaseOutcome::Fail { expected, found } => {
                        let failure = failure(case, &file, expected, found);
                        if !printer.json {
                            printer.print(&failure.in_words())?;
                        }
                        failures.push(failure);
                    }
                }
            }
        }
    }
    if passed == 0 && failures.is_empty() {
        anyhow::bail!("the files named hold no case");
    }
    if let Some(folder) = args.save_failures.as_ref().filter(|_| !failures.is_empty()) {
        save(folder, &failures).map_err(|error| io_failure("save to", quoted(folder), &error))?;
    }
    let failed = failures.len();
    if printer.json {
        printer.print_json(&VectorsAnswer { failed, failures, passed })?;
    } else {
        printer.print(&format!("{passed} passed, {failed} failed"))?;
    }
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Findings })
}

fn failure(case: Case, file: &Path, expected: String, found: String) -> Failure {
    let Case { id, rule, line, .. } = case;
    Failure { expected, file: file.display().to_string(), found, id, rule, line }
}

impl Failure {
    fn in_words(&self) -> String {
        let Failure { expected, file, found, id, rule, .. } = self;
        format!("FAIL {id} ({rule}) in {file}\n  expected {expected}\n  found    {found}\n")
    }
}

fn save(folder: &Path, failures: &[Failure]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = fs::File::create(folder.join(SAVED))?;
    failures.iter().try_for_each(|failure| writeln!(file, "{}", failure.line))
}
