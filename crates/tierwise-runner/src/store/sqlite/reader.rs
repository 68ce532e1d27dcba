//! Reading beside the flushes: a connection of its own, which sees what was committed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};
use tierwise_lanes::{self as lanes, Moment, PeriodNumber};

use super::{
    failed, keep_plans, rows,
    transaction::{INVOICE, TEAM},
};
use crate::{
    model::{AccountKey, LifeRow, MessageRow, TeamRow},
    store::{
        AccountsAsked, Fitted, ListedAccount, MessagesAsked, Named, Overview, Reader, Room,
        StoreError, Stored,
        numbers::{number_of_connection, number_of_status, signed},
    },
};

/// An account's columns are followed by these of its profile.
const PROFILE: &str = "nickname, created_by, updated, archived, last_login, last_logout, \
    last_closed, qr, error, sync_expected, sync_last from account join (select account as \
    of_account, nickname, sought, created_by, updated, archived, last_login, last_logout, \
    last_closed, qr, error, sync_expected, sync_last from profile) on of_account = key";

/// How many messages of an account count in the period `?2`.
const COUNTED: &str = "(case used_period when ?2 then used_count else 0 end) + coalesce((select \
    count from counted where account = key and period = ?2), 0)";

/// Prepared statements that are kept.
const STATEMENTS: usize = 64;

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
        keep_plans(&connection).map_err(|error| failed(&error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Box::new(SqliteReader { connection }))
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| failed(&error))?;
        let rows = statement.query_map(params, read).and_then(Iterator::collect);
        rows.map_err(|error| failed(&error))
    }

    /// Messages, as many as there is room for; what the others say is not read.
    pub(super) fn fitted<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        room: Room,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Fitted<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| failed(&error))?;
        let mut rows = statement.query(params).map_err(|error| failed(&error))?;
        let next = || match rows.next()? {
            Some(row) => {
                let bytes = row.get_ref(rows::CONTENT)?.as_bytes()?.len();
                Ok(Some((bytes, read(row)?)))
            }
            None => Ok(None),
        };
        room.fit(next).map_err(|error: rusqlite::Error| failed(&error))
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

/// Which accounts: by connection, ending, age, transport and name.
const ASKED: &str = "(?2 is null or connection = ?2) and ended <= ?3 and key < ?4 \
    and (?5 is null or transport = ?5) and (?6 is null or instr(sought, ?6) > 0)";

/// The columns by which accounts are asked for.
fn of_asked(asked: &AccountsAsked) -> (Option<i16>, u8, i64) {
    let connection = asked.connection.map(number_of_connection);
    (connection, u8::from(asked.archived), asked.before.map_or(i64::MAX, |key| key.0))
}

fn listed(row: &Row<'_>) -> rusqlite::Result<ListedAccount> {
    let (row, profile) = rows::account_and_profile(row)?;
    Ok(ListedAccount { row, profile })
}

impl Reader for SqliteReader {
    fn overview(&mut self) -> Stored<Overview> {
        let now = Moment(super::system_ms());
        let sql = "select case when is_paused then 'paused' when connection <> ?1 then \
            'account_not_open' else held_reason end as reason, count(*) from account \
            where ended = 0 and out_number is null and (is_paused or connection <> ?1 or held_why \
            is not null) and count_waiting > 0 group by 1 order by 1";
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
        let of_team = if asked.team.is_some() { "team = ?1" } else { "?1 is null" };
        let sql = format!(
            "select {}, {PROFILE} where {of_team} and {ASKED} order by key desc \
             limit ?7 offset ?8",
            rows::ACCOUNT
        );
        let (connection, ended, before) = of_asked(asked);
        let AccountsAsked { team, transport, sought, skip, most, .. } = asked;
        let of = params![team, connection, ended, before, transport, sought, most, skip];
        self.all(&sql, of, listed)
    }

    fn count_accounts(&mut self, team: &str, asked: &AccountsAsked) -> Stored<u64> {
        let sql = format!(
            "select count(*) from account join (select account as of_account, sought from \
             profile) on of_account = key where team = ?1 and {ASKED}"
        );
        let (connection, ended, before) = of_asked(asked);
        let AccountsAsked { transport, sought, .. } = asked;
        let of = params![team, connection, ended, before, transport, sought];
        let count = self.all(&sql, of, |row| row.get::<_, i64>(0))?;
        Ok(count.first().copied().unwrap_or_default().unsigned_abs())
    }

    fn account(&mut self, id: &str) -> Stored<Option<ListedAccount>> {
        let sql = format!("select {}, {PROFILE} where id = ?1 and ended <> 2", rows::ACCOUNT);
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

    fn counted_of(&mut self, team: &str, period: PeriodNumber) -> Stored<u64> {
        let sql = format!("select coalesce(sum({COUNTED}), 0) from account where team = ?1");
        let counts = self.all(&sql, params![team, period.0], |row| row.get::<_, i64>(0))?;
        Ok(counts.first().copied().unwrap_or_default().unsigned_abs())
    }

    fn key_of(&mut self, team: &str, id: &str) -> Stored<Option<AccountKey>> {
        let sql = "select key from account where id = ?1 and team = ?2";
        Ok(self.all(sql, [id, team], |row| row.get(0).map(AccountKey))?.pop())
    }

    fn id_of(&mut self, team: &str, account: AccountKey) -> Stored<Option<String>> {
        let sql = "select id from account where key = ?1 and team = ?2";
        Ok(self.all(sql, params![account.0, team], |row| row.get(0))?.pop())
    }

    fn team(&mut self, id: &str) -> Stored<TeamRow> {
        let found = self.all(TEAM, [id], rows::team)?.pop();
        Ok(found.unwrap_or_else(|| TeamRow { id: id.to_owned(), ..TeamRow::default() }))
    }

    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>> {
        Ok(self.all(INVOICE, [team, period], |row| row.get(0))?.pop())
    }

    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>> {
        let sql = "select team, entry, account, at, step, tier from life \
            where team = ?1 and entry > ?2 order by entry limit ?3";
        self.all(sql, params![team, signed(after), most], rows::life)
    }

    fn named(
        &mut self,
        team: &str,
        period: PeriodNumber,
        after: AccountKey,
        most: u32,
    ) -> Stored<Vec<Named>> {
        let sql = format!(
            "select key, id, case when ended = 2 then null else (select nickname from profile \
             where profile.account = key) end, {COUNTED} from account where team = ?1 \
             and key > ?3 order by key limit ?4"
        );
        self.all(&sql, params![team, period.0, after.0, most], |row| {
            let (account, id, nickname) = (AccountKey(row.get(0)?), row.get(1)?, row.get(2)?);
            let counted = row.get::<_, i64>(3)?.unsigned_abs();
            Ok(Named { account, id, nickname, counted })
        })
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
