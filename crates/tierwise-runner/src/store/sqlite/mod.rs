//! The store in one file: SQLite, with its log on disk before anything is answered.

mod bulk;
mod changing;
mod creations;
mod known;
mod listing;
mod moving;
mod people;
mod reader;
mod rows;
mod transaction;

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};
use tierwise_lanes::Moment;

use self::{known::Known, reader::SqliteReader, transaction::SqliteTransaction};
use super::{OpenReader, Store, StoreError, Stored, Transaction};

/// What a file of ours says of itself: `Twq1`.
const APPLICATION_ID: i32 = 0x5477_7131;

/// The schema, one step for each version.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Prepared statements that are kept.
const STATEMENTS: usize = 128;

/// A store in one file. Only one runner at a time has it open.
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    clock: Clock,
    known: Known,
    /// Held as long as the store is open.
    _lock: File,
}

/// Where a store's time comes from: milliseconds since 1970 in UTC.
type Clock = Box<dyn Fn() -> i64 + Send>;

fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_millis()).unwrap_or(i64::MAX)
}

impl Sqlite {
    /// Opens a file, or makes a new one, and brings it to the present version. Errors:
    /// `store_locked`, another runner has it open; `store_newer`, a later version wrote it;
    /// `store_foreign`, it is no store of ours; `store_damaged`; `store_failed`.
    pub fn open(path: &Path) -> Stored<Self> {
        let lock = lock(path)?;
        let mut connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| failed(&error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| failed(&error))?;
        migrate(&mut connection, path)?;
        configure(&connection).map_err(|error| failed(&error))?;
        let (path, clock, known) = (path.to_owned(), Box::new(system_ms), Known::default());
        Ok(Sqlite { connection, path, clock, known, _lock: lock })
    }

    /// The same with another clock, in milliseconds since 1970 in UTC: for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }
}

impl Store for Sqlite {
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>> {
        let now = Moment((self.clock)());
        self.known.begin(self.connection.total_changes());
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| failed(&error))?;
        Ok(Box::new(SqliteTransaction::new(transaction, now, &mut self.known)))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn readers(&self) -> Option<OpenReader> {
        let path = self.path.clone();
        Some(Box::new(move || SqliteReader::open(&path)))
    }

    fn rest(&mut self) -> Stored<()> {
        let row = |_: &rusqlite::Row<'_>| Ok(());
        self.connection
            .query_row("pragma wal_checkpoint(passive)", [], row)
            .map_err(|error| failed(&error))
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.connection.path()).finish_non_exhaustive()
    }
}

/// The file itself is locked, by whatever name it was opened: SQLite's own locks, which are of
/// another kind, are let go of between transactions. A new file is its owner's alone.
fn lock(path: &Path) -> Stored<File> {
    let shown = path.display();
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed =
        |error: std::io::Error| StoreError::new("store_failed", format_args!("`{shown}`: {error}"));
    let file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::new(
            "store_locked",
            format_args!(
                "another runner has `{shown}` open; one file has one runner, several runners \
                 share a PostgreSQL"
            ),
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    keep_plans(connection)?;
    // 64 MiB of pages; the log is put into the file in idle moments, and at 16 MiB at the latest.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    Ok(())
}

/// A plan does not depend on the values that are asked about: else statements are prepared anew
/// whenever these change.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Brings a file to the present version, one transaction for each step.
fn migrate(connection: &mut Connection, path: &Path) -> Stored<()> {
    let shown = path.display();
    let read = |name: &str| -> Stored<i32> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| failed(&error))
    };
    let (application, version) = (read("application_id")?, read("user_version")?);
    let newest = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    let tables: i64 = connection
        .query_row("select count(*) from sqlite_schema", [], |row| row.get(0))
        .map_err(|error| failed(&error))?;
    let is_new = application == 0 && version == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        let message = format_args!("`{shown}` is a database, but not one of Tierwise's queues");
        return Err(StoreError::new("store_foreign", message));
    }
    if version > newest {
        let message = format_args!(
            "`{shown}` has version {version}, and this program knows versions up to {newest}: \
             use the program that wrote it, or a later one"
        );
        return Err(StoreError::new("store_newer", message));
    }
    for (step, next) in MIGRATIONS.iter().zip(1_i32..) {
        if next <= version {
            continue;
        }
        let migrated = connection.transaction().and_then(|transaction| {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", next)?;
            transaction.commit()
        });
        migrated.map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// SQLite's error as the store's.
fn failed(error: &rusqlite::Error) -> StoreError {
    let code = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => "store_damaged",
        Some(ErrorCode::NotADatabase) => "store_foreign",
        Some(ErrorCode::DiskFull) => "disk_full",
        _ => "store_failed",
    };
    StoreError::new(code, format_args!("SQLite: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_on_disk_before_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("queue.db")).unwrap();
        let pragma = |name: &str| {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
            store.connection.pragma_query_value(None, name, read).unwrap()
        };
        assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
        // Full: with less, a cut of power loses commits that were answered.
        assert_eq!(pragma("synchronous"), 2_i64.into());
    }
}
