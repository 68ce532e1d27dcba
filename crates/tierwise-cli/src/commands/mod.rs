//! What each command does, a file each.

mod ask;
mod catalog;
mod logs;
mod policy;
mod quote;
mod vectors;

use clap::CommandFactory;
use tierwise_wire::Document;

use crate::{
    args::{CatalogCommand, Cli, Command},
    catalog_file,
    output::{Outcome, Printer},
};

/// Runs a command.
pub(crate) fn run(cli: Cli, printer: Printer) -> anyhow::Result<Outcome> {
    let file = cli.catalog.as_deref();
    let catalog = || catalog_file::choose(file);
    match cli.command {
        Command::Quote(args) => quote::run(&catalog()?, &args, printer),
        Command::Invoice(args) => logs::invoice(&catalog()?, &args, printer),
        Command::Days(args) => logs::days(&catalog()?, &args, printer),
        Command::Check(args) => policy::check(&catalog()?, &args, printer),
        Command::Change(args) => policy::change(&catalog()?, &args, printer),
        Command::End(args) => policy::end(&catalog()?, &args, printer),
        Command::Catalog(CatalogCommand::Show) => catalog::show(&catalog()?, printer),
        Command::Catalog(CatalogCommand::Check { file: named }) => {
            catalog::check(named.as_deref().or(file), printer)
        }
        Command::Ask(args) => ask::run(&catalog()?, &args, printer),
        Command::Vectors(args) => vectors::run(&args, printer),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tierwise", &mut text);
            printer.print(&String::from_utf8_lossy(&text))?;
            Ok(Outcome::Done)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            printer.print(&String::from_utf8_lossy(&text))?;
            Ok(Outcome::Done)
        }
    }
}

/// An object of a request.
fn object<const N: usize>(entries: [(&str, Document); N]) -> Document {
    Document::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A number of the command line as it stands in a request: the engine says what is wrong with it.
fn number(text: &str) -> Document {
    match text.parse() {
        Ok(number) => Document::Integer(number),
        Err(_) => match text.parse::<f64>() {
            Ok(fraction) if fraction.is_finite() => Document::Fraction(fraction),
            _ => Document::Text(text.to_owned()),
        },
    }
}

fn text(text: &str) -> Document {
    Document::Text(text.to_owned())
}

/// The parts of an answer, by key.
fn answer_of(json: &str) -> anyhow::Result<Document> {
    Ok(Document::from_json(json.as_bytes())?)
}

/// A part of an answer as text; empty where it is null or absent.
fn shown(document: Option<&Document>) -> String {
    match document {
        None | Some(Document::Null) => String::new(),
        Some(Document::Text(text)) => text.clone(),
        Some(other) => tierwise_wire::canonical(other),
    }
}

/// The items of a list in an answer.
fn list<'a>(document: &'a Document, key: &str) -> &'a [Document] {
    match document.get(key) {
        Some(Document::List(list)) => list,
        _ => &[],
    }
}
