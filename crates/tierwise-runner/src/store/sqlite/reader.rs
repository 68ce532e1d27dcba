//! Reading beside the flushes: a connection of its own, which sees what was committed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};
use tierwise_lanes::{self as lanes, Moment, PeriodNumber};

use super::{failed, rows};
use crate::{
    model::{AccountKey, MessageRow},
    store::{
        AccountsAsked, ListedAccount, MessagesAsked, Overview, Profile, Reader, StoreError, Stored,
        numbers::{number_of_connection, number_of_status, signed},
    },
};

/// What stands beside the columns of an account.
const PROFILE: &str = "(select nickname from profile where profile.account = account.key) as \
    nickname, (select created_by from profile where profile.account = account.key) as created_by";

/// A reader of a file.
pub(super) struct SqliteReader {
    connection: Connection,
}

impl SqliteReader {
    pub(super) fn open(path: &Path) -> Stored<Box<dyn Reader>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| failed(&error))?;
        Ok(Box::new(SqliteReader { connection }))
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| failed(&error))?;
        let rows = statement.query_map(params, read).and_then(Iterator::collect);
        rows.map_err(|error| failed(&error))
    }

    fn count(&self, sql: &str) -> Stored<u64> {
        let count = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|error| failed(&error))
    }
}

/// A word, and how many there are of it.
fn counted(row: &Row<'_>) -> rusqlite::Result<(String, u64)> {
    Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
}

fn listed(row: &Row<'_>) -> rusqlite::Result<ListedAccount> {
    let text = |name| row.get::<_, Option<String>>(name).map(Option::unwrap_or_default);
    let (nickname, created_by) = (text("nickname")?, text("created_by")?);
    let profile = Profile { nickname, created_by, idempotency_key: String::new() };
    Ok(ListedAccount { row: rows::account(row)?, profile })
}

impl Reader for SqliteReader {
    fn overview(&mut self) -> Stored<Overview> {
        let now = Moment(super::system_ms());
        let sql = "select case when is_paused then 'paused' when connection <> ?1 then \
            'account_not_open' else held_reason end as reason, count(*) from account \
            where ended = 0 and out_number is null and (is_paused or connection <> ?1 or held_why \
            is not null) and exists (select 1 from waiting join message on \
            message.place = waiting.place where waiting.account = account.key and \
            message.account = account.key and status = 0) group by 1 order by 1";
        let open = number_of_connection(lanes::Connection::Open);
        let held = self.all(sql, [open], counted)?;
        let accounts =
            "select transport, count(*) from account where ended = 0 group by 1 order by 1";
        let accounts = self.all(accounts, [], counted)?;
        let ready = "select next_at from account where next_at <= ?1 order by next_at limit ?2";
        Ok(Overview {
            now,
            accounts,
            out: self.count("select count(*) from account where owner is not null")?,
            held,
            ready: self
                .all(ready, params![now.0, Overview::MOST_READY], |row| row.get(0).map(Moment))?,
        })
    }

    fn teams(&mut self) -> Stored<Vec<String>> {
        self.all("select id from team order by id", [], |row| row.get(0))
    }

    fn accounts(&mut self, asked: &AccountsAsked) -> Stored<Vec<ListedAccount>> {
        let team = if asked.team.is_some() { "team = ?1" } else { "?1 is null" };
        let sql = format!(
            "select {}, {PROFILE} from account where {team} and (?2 is null or connection = ?2) \
             and ended <= ?3 and key < ?4 and (?6 is null or transport = ?6) \
             order by key desc limit ?5",
            rows::ACCOUNT
        );
        let connection = asked.connection.map(number_of_connection);
        let before = asked.before.map_or(i64::MAX, |key| key.0);
        let ended = u8::from(asked.archived);
        let AccountsAsked { team, transport, most, .. } = asked;
        self.all(&sql, params![team, connection, ended, before, most, transport], listed)
    }

    fn account(&mut self, id: &str) -> Stored<Option<ListedAccount>> {
        let sql = format!(
            "select {}, {PROFILE} from account where id = ?1 and ended <> 2",
            rows::ACCOUNT
        );
        let found = self.connection.query_row(&sql, [id], listed).optional();
        found.map_err(|error| failed(&error))
    }

    fn messages(&mut self, account: AccountKey, asked: &MessagesAsked) -> Stored<Vec<MessageRow>> {
        let sql = format!(
            "select {} from message where account = ?1 and number < ?2 \
             and (?3 is null or chat = ?3) and (?4 is null or status = ?4) \
             order by number desc limit ?5",
            rows::MESSAGE
        );
        let before = asked.before.map_or(i64::MAX, signed);
        let status = asked.status.map(number_of_status);
        self.all(&sql, params![account.0, before, asked.chat, status, asked.most], rows::message)
    }

    fn counted(&mut self, team: &str, period: PeriodNumber) -> Stored<u64> {
        let sql = "select (select coalesce(sum(used_count), 0) from account where team = ?1 and \
            used_period = ?2) + (select coalesce(sum(count), 0) from counted join account on \
            key = counted.account where team = ?1 and period = ?2)";
        let count = self.all(sql, params![team, period.0], |row| row.get::<_, i64>(0))?;
        Ok(count.first().copied().unwrap_or_default().unsigned_abs())
    }

    fn back_up(&mut self, to: &Path) -> Stored<()> {
        if to.exists() {
            let there =
                format_args!("`{}` is there already: a copy replaces nothing", to.display());
            return Err(StoreError::new("file_exists", there));
        }
        // Under another name until it is whole and on disk.
        let mut name = to.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        // A copy that was killed in the middle leaves one; nobody else makes this one.
        remove(&part)?;
        let copied = self
            .copy(&part)
            .and_then(|()| fs::rename(&part, to).map_err(|error| failed_at(to, &error)));
        if copied.is_err() {
            // The first reason counts.
            let _ = remove(&part);
        }
        copied?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed_at(folder, &error))
    }
}

impl SqliteReader {
    /// Copies everything into a new file, which is on disk then.
    fn copy(&self, to: &Path) -> Stored<()> {
        // As little for others to read as the store itself.
        let mut options = fs::OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(to).map_err(|error| failed_at(to, &error))?;
        let copied = self.connection.execute("vacuum into ?1", [&*to.to_string_lossy()]);
        copied.map_err(|error| failed(&error))?;
        let synced = File::open(to).and_then(|file| file.sync_all());
        synced.map_err(|error| failed_at(to, &error))
    }
}

fn failed_at(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::new("store_failed", format_args!("`{}`: {error}", path.display()))
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Stored<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed_at(path, &error)),
        _ => Ok(()),
    }
}
