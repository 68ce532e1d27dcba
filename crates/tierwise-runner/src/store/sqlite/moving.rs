//! Rows as they are, for a move to another store; a look at a copy.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use super::{APPLICATION_ID, MIGRATIONS, Sqlite, failed, system_ms};
use crate::store::{
    StoreError, Stored,
    moving::{Table, Value},
};

/// By how much fences rise at least when a copy is put back: so many decisions about one account no
/// runner makes in the life of a copy.
const LEAST_RISE: i64 = 1 << 40;

impl Sqlite {
    /// [`open`](Self::open) of a file that is there. Errors: `store_missing`, and those of opening.
    pub fn open_existing(path: &Path) -> Stored<Self> {
        if !path.is_file() {
            let message = format_args!("there is no file `{}`", path.display());
            return Err(StoreError::new("store_missing", message));
        }
        Self::open(path)
    }

    /// Looks at a copy without changing it: whether it is a store that this program can open, and
    /// whole. Errors: `store_missing`, `store_open`, `store_foreign`, `store_newer`,
    /// `store_damaged`.
    pub fn check(path: &Path) -> Stored<()> {
        let shown = path.display();
        if !path.is_file() {
            return Err(StoreError::new(
                "store_missing",
                format_args!("there is no file `{shown}`"),
            ));
        }
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            let message = format_args!(
                "`{shown}` is no copy but a store that is open, or did not end in order: a part of \
                 it is in `{shown}-wal`"
            );
            return Err(StoreError::new("store_open", message));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
        let number = |name: &str| -> Stored<i32> {
            let read = connection.pragma_query_value(None, name, |row| row.get(0));
            read.map_err(|error| failed(&error))
        };
        if number("application_id")? != APPLICATION_ID {
            let message = format_args!("`{shown}` is not one of Tierwise's queues");
            return Err(StoreError::new("store_foreign", message));
        }
        let (version, newest) = (number("user_version")?, i32::try_from(MIGRATIONS.len()));
        if newest.is_ok_and(|newest| version > newest) {
            let message = format_args!("`{shown}` was written by a later version of this program");
            return Err(StoreError::new("store_newer", message));
        }
        let said: String = connection
            .query_row("pragma integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| failed(&error))?;
        if said == "ok" {
            return Ok(());
        }
        Err(StoreError::new("store_damaged", format_args!("`{shown}`: SQLite finds: {said}")))
    }

    /// Raises the fence of every account of a copy beyond all that may have been given since it was
    /// made: a receiver that refuses older ones then takes what the copy sends, and nothing that
    /// the store before it may still have out. So is the number of its last opening, which is not
    /// that of any connection any more. Every account goes on from the microseconds since
    /// 1970, and 2⁴⁰ further than it was at least: so also where the same copy is put back a second
    /// time, or the clock is wrong. Until the year 2255 JavaScript holds such numbers exactly.
    /// Nobody may have the file open. Errors: those of the store.
    pub fn raise_fences(path: &Path) -> Stored<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let raised = Connection::open_with_flags(path, flags).and_then(|connection| {
            // All in the one file, which is about to get another name.
            connection.pragma_update(None, "journal_mode", "delete")?;
            let now_us = system_ms().saturating_mul(1000);
            let sql = "update account set fence = max(fence + ?1, ?2), \
                opening = max(opening + ?1, ?2)";
            connection.execute(sql, [LEAST_RISE, now_us])?;
            connection.close().map_err(|(_, error)| error)
        });
        raised.map_err(|error| failed(&error))
    }

    pub(in crate::store) fn count(&self, sql: &str) -> Stored<u64> {
        let count = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|error| failed(&error))
    }

    /// Every row of a table, in order.
    pub(in crate::store) fn each_row(
        &mut self,
        table: &Table,
        mut take: impl FnMut(Vec<Value>) -> Stored<()>,
    ) -> Stored<()> {
        let Table { name, columns, order, .. } = table;
        let sql = format!("select {columns} from {name} order by {order}");
        let mut statement = self.connection.prepare(&sql).map_err(|error| failed(&error))?;
        let mut rows = statement.query([]).map_err(|error| failed(&error))?;
        while let Some(row) = rows.next().map_err(|error| failed(&error))? {
            let value = |place| match row.get_ref(place).map_err(|error| failed(&error))? {
                ValueRef::Null => Ok(Value::Null),
                ValueRef::Integer(number) => Ok(Value::Number(number)),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => Ok(Value::Text(text.to_owned())),
                    Err(_) => Err(strange(table)),
                },
                ValueRef::Real(_) | ValueRef::Blob(_) => Err(strange(table)),
            };
            take((0..table.columns().count()).map(value).collect::<Stored<_>>()?)?;
        }
        Ok(())
    }
}

fn strange(table: &Table) -> StoreError {
    let message = format_args!("the table `{}` holds a value of no kind of ours", table.name);
    StoreError::new("store_damaged", message)
}
