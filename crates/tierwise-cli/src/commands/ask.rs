//! `tierwise ask`: any operation of the table.

use std::io::Read;

use serde::Serialize;
use tierwise::limits::MAX_DOCUMENT_BYTES;
use tierwise_wire::{Document, LoadedCatalog, OPERATIONS, Operation};

use crate::{
    args::AskArgs,
    output::{Outcome, Printer, io_failure},
    table::Table,
};

pub(super) fn run(
    catalog: &LoadedCatalog,
    args: &AskArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let Some(operation) = args.operation.as_ref().filter(|_| !args.list) else {
        list(printer)?;
        return Ok(Outcome::Done);
    };
    if OPERATIONS.iter().all(|known| known.name != operation) {
        // A wrong name is told before the request is waited for.
        catalog.ask_document(operation, &Document::Null)?;
    }
    let bytes = match args.request.as_deref() {
        Some(request) if request != "-" => request.as_bytes().to_vec(),
        _ => {
            let mut bytes = Vec::new();
            // One byte more than allowed: enough to know that it is too large.
            let most = MAX_DOCUMENT_BYTES as u64 + 1;
            std::io::stdin()
                .lock()
                .take(most)
                .read_to_end(&mut bytes)
                .map_err(|error| io_failure("read", "standard input", &error))?;
            bytes
        }
    };
    let answer = catalog.ask_document(operation, &Document::from_json(&bytes)?)?;
    printer.print(&answer)?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct OperationAnswer {
    about: &'static str,
    name: &'static str,
}

fn list(printer: Printer) -> anyhow::Result<()> {
    let answer = |known: &Operation| OperationAnswer { about: known.about, name: known.name };
    let answers: Vec<_> = OPERATIONS.iter().map(answer).collect();
    if printer.json {
        return printer.print_json(&answers);
    }
    let row = |known: OperationAnswer| vec![known.name.to_owned(), known.about.to_owned()];
    let table = Table::new(&["operation", "what it answers"]);
    printer.print(&table.rows(answers.into_iter().map(row)).in_words())
}
