//! `tierwise vectors`: golden cases against this engine.

use std::{fs, io::Write};

use anyhow::Context;
use tierwise_vectors::{Native, Outcome as CaseOutcome, files_below, read_file, run as run_case};

use crate::{
    args::VectorsArgs,
    output::{Outcome, Printer},
};

/// The file that failing cases are saved to.
const SAVED: &str = "disagreements.jsonl";

pub(super) fn run(args: &VectorsArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let mut host = Native::default();
    let mut passed = 0_u64;
    let mut failed = Vec::new();
    for path in &args.paths {
        let files =
            files_below(path).with_context(|| format!("cannot list `{}`", path.display()))?;
        for file in files {
            for case in read_file(&file).map_err(anyhow::Error::msg)? {
                match run_case(&case, &mut host) {
                    CaseOutcome::Pass => passed += 1,
                    CaseOutcome::Fail { expected, found } => {
                        let (id, rule) = (&case.id, &case.rule);
                        let file = file.display();
                        printer.print(&format!(
                            "FAIL {id} ({rule}) in {file}\n  expected {expected}\n  found    {found}"
                        ))?;
                        failed.push(case.line);
                    }
                }
            }
        }
    }
    if let Some(folder) = args.save_failures.as_ref().filter(|_| !failed.is_empty()) {
        save(folder, &failed).with_context(|| format!("cannot save to `{}`", folder.display()))?;
    }
    printer.print(&format!("{passed} passed, {} failed", failed.len()))?;
    Ok(if failed.is_empty() { Outcome::Done } else { Outcome::Findings })
}

fn save(folder: &std::path::Path, lines: &[String]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = fs::File::create(folder.join(SAVED))?;
    lines.iter().try_for_each(|line| writeln!(file, "{line}"))
}
