//! `parity`: every golden case and thousands of spoilt requests through every host; each must
//! answer with the same bytes, errors with their messages included.

mod hosts;
mod mutate;
mod questions;

use crate::project::Project;
use crate::random;
use crate::table;
use anyhow::{Context as _, Result, bail};
use hosts::{Host, hosts};
use questions::{Question, Questions};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tierwise_wire::OPERATIONS;

/// How many disagreements of a host are shown.
const MOST_SHOWN: usize = 5;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many spoilt requests, besides the golden cases.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) fuzzed: usize,
}

/// What one host made of the questions.
struct Outcome {
    host: String,
    asked: usize,
    agreed: usize,
    operations: usize,
    hash: String,
}

pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let seed = random::seed()?;
    println!("seed: {seed} (TIERWISE_SEED={seed} gives the same questions again)");
    let questions = Questions::collect(project, seed, arguments.fuzzed)?;
    let folder = project.target("parity");
    fs::create_dir_all(&folder)?;
    let mut outcomes = Vec::new();
    // The reference is the engine in this process.
    for documents in [false, true] {
        let asked = questions.of(documents);
        let answers: Vec<_> = asked.iter().map(|question| question.answer.clone()).collect();
        let face = if documents { "native, documents" } else { "native, text" };
        outcomes.push(compare(face, &asked, &answers));
    }
    for host in hosts(project)? {
        outcomes.push(ask(project, &host, &questions, &folder)?);
    }
    report(&outcomes)
}

/// Runs a host's driver over the questions that its face can be asked.
fn ask(project: &Project, host: &Host, questions: &Questions, folder: &Path) -> Result<Outcome> {
    let asked = questions.of(host.takes_documents);
    let file = folder.join(if host.takes_documents { "documents.jsonl" } else { "text.jsonl" });
    let lines: String = asked.iter().map(|question| format!("{}\n", question.line)).collect();
    fs::write(&file, lines).with_context(|| format!("writing `{}`", file.display()))?;
    let answers = (host.call)(project, &file)
        .output()
        .with_context(|| format!("the driver of {}", host.name))?;
    let answers: Vec<_> = answers.lines().map(str::to_owned).collect();
    if answers.len() != asked.len() {
        bail!("{} gave {} answers to {} questions", host.name, answers.len(), asked.len());
    }
    Ok(compare(host.name, &asked, &answers))
}

fn compare(host: &str, asked: &[&Question], answers: &[String]) -> Outcome {
    let mut hash = Sha256::new();
    let mut operations = Vec::new();
    let mut agreed = 0;
    for (question, answer) in asked.iter().zip(answers) {
        hash.update(answer.as_bytes());
        hash.update(b"\n");
        if *answer == question.answer {
            agreed += 1;
            if !answer.starts_with(r#"{"error":"#) && !operations.contains(&question.operation) {
                operations.push(question.operation.clone());
            }
        } else if agreed + MOST_SHOWN > question.place(asked) {
            println!("\n{host} disagrees on {}", question.line);
            println!("  native: {}\n  {host}: {answer}", question.answer);
        }
    }
    let mut hex = String::new();
    for byte in hash.finalize().iter().take(8) {
        let _ = write!(hex, "{byte:02x}");
    }
    let (asked, operations) = (asked.len(), operations.len());
    Outcome { host: host.to_owned(), asked, agreed, operations, hash: hex }
}

fn report(outcomes: &[Outcome]) -> Result<()> {
    println!();
    let count = |number: usize| table::grouped(u64::try_from(number).unwrap_or(u64::MAX));
    table::print(
        ["host", "operations", "questions", "same bytes", "SHA-256 of the answers"],
        outcomes.iter().map(|it| {
            let operations = format!("{} of {}", it.operations, OPERATIONS.len());
            [it.host.clone(), operations, count(it.asked), count(it.agreed), it.hash.clone()]
        }),
    );
    let passed: usize = outcomes.iter().map(|outcome| outcome.agreed).sum();
    let asked: usize = outcomes.iter().map(|outcome| outcome.asked).sum();
    println!("\nparity: {passed} passed, {} failed", asked - passed);
    let lacking = outcomes.iter().find(|outcome| outcome.operations < OPERATIONS.len());
    if let Some(outcome) = lacking {
        bail!("{} answers {} operations of {}", outcome.host, outcome.operations, OPERATIONS.len());
    }
    if passed < asked {
        bail!("{} answers differ from the engine's", asked - passed);
    }
    Ok(())
}
