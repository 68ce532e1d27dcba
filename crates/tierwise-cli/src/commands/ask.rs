//! `tierwise ask`: any operation of the table.

use std::io::Read;

use anyhow::Context;
use tierwise::limits::MAX_DOCUMENT_BYTES;
use tierwise_wire::{Document, LoadedCatalog, OPERATIONS};

use crate::{
    args::AskArgs,
    output::{Outcome, Printer, table},
};

pub(super) fn run(
    catalog: &LoadedCatalog,
    args: &AskArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let Some(operation) = args.operation.as_ref().filter(|_| !args.list) else {
        let row = |operation: &tierwise_wire::Operation| {
            vec![operation.name.to_owned(), operation.about.to_owned()]
        };
        printer.print(&table(&["operation", "what it answers"], OPERATIONS.iter().map(row)))?;
        return Ok(Outcome::Done);
    };
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
                .context("cannot read standard input")?;
            bytes
        }
    };
    let answer = catalog.ask_document(operation, &Document::from_json(&bytes)?)?;
    printer.print(&answer)?;
    Ok(Outcome::Done)
}
