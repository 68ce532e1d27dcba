//! A store that nobody works on: a copy put back, a move to PostgreSQL.

use std::{env, fs, io, path::Path};

use tierwise_runner::{Postgres, Sqlite, move_store};
use tierwise_server::{ServerError, give_to_owner_of};

use super::args::{MoveArgs, RestoreArgs};
use crate::{
    output::{Outcome, Printer, io_failure, quoted},
    table::{Table, pairs},
};

fn failed(error: tierwise_runner::StoreError) -> anyhow::Error {
    ServerError::from(error).into()
}

/// Puts a copy in the place of a store that is not there.
pub(crate) fn restore(args: &RestoreArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let RestoreArgs { from, to } = args;
    Sqlite::check(from).map_err(failed)?;
    check_alone(to)?;
    // Whole before it has its name; and nothing is replaced.
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let not_copied = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let what = format_args!("{} is there already: a copy replaces nothing", quoted(to));
            ServerError::new("file_exists", what).into()
        }
        _ => io_failure("copy to", quoted(to), &error),
    };
    let copied = tempfile::NamedTempFile::new_in(folder).and_then(|mut copy| {
        give_to_owner_of(folder, copy.as_file())?;
        let bytes = io::copy(&mut fs::File::open(from)?, &mut copy)?;
        Ok((copy, bytes))
    });
    let (copy, bytes) = copied.map_err(not_copied)?;
    Sqlite::raise_fences(copy.path()).map_err(failed)?;
    let placed = copy.as_file().sync_all().and_then(|()| {
        copy.persist_noclobber(to).map_err(|error| error.error)?;
        fs::File::open(folder)?.sync_all()
    });
    placed.map_err(not_copied)?;
    let json = serde_json::json!({ "file": to, "bytes": bytes }).to_string();
    let text = pairs([("store", to.display().to_string()), ("bytes", bytes.to_string())]);
    printer.print_either(&json, &text)?;
    Ok(Outcome::Done)
}

/// Whether nothing lies beside a store that SQLite would take for its log: what another store left
/// there would be played into this one.
fn check_alone(to: &Path) -> Result<(), ServerError> {
    for end in ["-wal", "-shm", "-journal"] {
        let mut beside = to.as_os_str().to_owned();
        beside.push(end);
        if Path::new(&beside).exists() {
            let what = format_args!(
                "{} is there, the log of another store of that name: move it away with that \
                 store, or a copy in its place would be damaged by it",
                quoted(Path::new(&beside))
            );
            return Err(ServerError::new("file_exists", what));
        }
    }
    Ok(())
}

/// Moves a store to PostgreSQL, and shows how it was checked.
pub(crate) fn move_to_postgres(args: &MoveArgs, printer: Printer) -> anyhow::Result<Outcome> {
    let url = env::var("TIERWISE_POSTGRES").map_err(|_| {
        let what = "the variable `TIERWISE_POSTGRES` is not set: it holds the URL of the database, \
            `postgresql://user:password@host/database`";
        ServerError::new("bad_config", what)
    })?;
    let from = Sqlite::open_existing(&args.from).map_err(failed)?;
    let to = Postgres::connect(&url, &args.schema).map_err(failed)?;
    let moved = move_store(from, to).map_err(failed)?;
    let json = serde_json::json!({
        "schema": args.schema,
        "tables": moved.iter().map(|table| serde_json::json!({
            "table": table.name, "rows": table.rows, "sha256": table.sha256,
        })).collect::<Vec<_>>(),
    });
    let rows = moved
        .iter()
        .map(|table| vec![table.name.to_owned(), table.rows.to_string(), table.sha256.clone()]);
    let text = Table::new(&["table", ">rows", "SHA-256, the same on both sides"]).rows(rows);
    printer.print_either(&json.to_string(), &text.in_words())?;
    Ok(Outcome::Done)
}
