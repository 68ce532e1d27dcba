//! What each command does, a file each.

mod ask;
mod catalog;
mod logs;
mod man;
mod policy;
#[cfg(unix)]
pub(crate) mod queue;
mod quote;
mod vectors;

use std::time::Instant;

use clap::CommandFactory;
use tierwise::{Code, Error};
#[cfg(unix)]
use tierwise_server::Order;
use tierwise_wire::Document;

use crate::{
    args::{CatalogCommand, Cli, Command},
    catalog_file,
    output::{Outcome, Printer},
};

/// Runs a command of a process that began at this moment.
pub(crate) fn run(cli: Cli, printer: Printer, begun: Instant) -> anyhow::Result<Outcome> {
    check_usage(&cli);
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
        #[cfg(unix)]
        Command::Serve(args) => queue::serve(cli.catalog, args, begun, printer),
        #[cfg(unix)]
        Command::Run(args) => queue::run(cli.catalog, args, begun),
        #[cfg(unix)]
        Command::Config(args) => queue::config(cli.catalog, args, printer),
        #[cfg(unix)]
        Command::Account(args) => queue::account(args, printer),
        #[cfg(unix)]
        Command::Message(args) => queue::message(args, printer),
        #[cfg(unix)]
        Command::Team(args) => queue::team(args, printer),
        #[cfg(unix)]
        Command::User(args) => queue::user(args, printer),
        #[cfg(unix)]
        Command::Token(args) => queue::token(args, printer),
        #[cfg(unix)]
        Command::Key(args) => queue::key(&args, printer),
        #[cfg(unix)]
        Command::Why(args) => queue::why(args, printer),
        #[cfg(unix)]
        Command::Overview(args) => queue::control(&args, &Order::Overview, printer),
        #[cfg(unix)]
        Command::Metrics(args) => queue::control(&args, &Order::Metrics, printer),
        #[cfg(unix)]
        Command::Swap(args) => queue::control(&args, &Order::Swap, printer),
        #[cfg(unix)]
        Command::Backup(args) => queue::backup(&args, printer),
        #[cfg(unix)]
        Command::Restore(args) => queue::restore(&args, printer),
        #[cfg(unix)]
        Command::Move(args) => queue::move_to_postgres(&args, printer),
        Command::Completions { shell } => man::completions(shell, printer),
        Command::Man { out } => man::run(out.as_deref(), printer),
    }
}

/// Refuses `--catalog` where it would be passed over in silence, as clap refuses other wrong usage.
fn check_usage(cli: &Cli) {
    let reason = match &cli.command {
        _ if cli.catalog.is_none() => return,
        Command::Catalog(CatalogCommand::Check { file: Some(_) }) => {
            "the file to check is named twice: leave `--catalog` out"
        }
        Command::Vectors(_) => "golden cases name their catalog themselves: leave `--catalog` out",
        #[cfg(unix)]
        Command::Account(_)
        | Command::Message(_)
        | Command::Team(_)
        | Command::User(_)
        | Command::Token(_)
        | Command::Why(_)
        | Command::Overview(_)
        | Command::Metrics(_)
        | Command::Swap(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Move(_) => "the queue that runs has its catalog: leave `--catalog` out",
        #[cfg(unix)]
        Command::Key(_) => "keys have no catalog: leave `--catalog` out",
        Command::Completions { .. } | Command::Man { .. } => {
            "`--catalog` has no meaning here: leave it out"
        }
        _ => return,
    };
    Cli::command().error(clap::error::ErrorKind::ArgumentConflict, reason).exit();
}

/// An object of a request.
fn object<const N: usize>(entries: [(&str, Document); N]) -> Document {
    Document::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A number of the command line as it stands in a request, by JSON's rules: the engine says what is
/// wrong with it. Errors: `wrong_type`; `negative` or `out_of_range` for what no number type holds.
fn number(key: &str, text: &str) -> Result<Document, Error> {
    let refused = |code, message| Err(Error::new(code, message).under(key));
    let endless = match Document::from_json(text.as_bytes()) {
        // The ends stand for all that lies beyond them.
        Ok(Document::Integer(i128::MIN | i128::MAX)) => true,
        Ok(number @ (Document::Integer(_) | Document::Fraction)) => return Ok(number),
        _ => false,
    };
    if endless && text.starts_with('-') {
        return refused(Code::Negative, format!("`{text}` is below zero"));
    }
    if endless {
        return refused(Code::OutOfRange, format!("`{text}` is too large"));
    }
    refused(Code::WrongType, format!("`{text}` is not a number"))
        .map_err(|error| error.with_help("write a whole number, like `30`"))
}

fn text(text: &str) -> Document {
    Document::Text(text.to_owned())
}

/// The parts of an answer, by key.
fn answer_of(json: &str) -> Result<Document, Error> {
    Document::from_json(json.as_bytes())
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
