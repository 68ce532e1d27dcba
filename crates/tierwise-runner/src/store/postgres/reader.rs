//! Reading beside the flushes, over a connection of its own.

use std::{path::Path, time::Duration};

use tierwise_lanes::{Connection, Moment, PeriodNumber};
use tokio_postgres::types::ToSql;

use super::{
    rows::{self, Columns},
    session::Session,
    sql,
};
use crate::{
    model::{AccountKey, MessageRow},
    store::{
        AccountsAsked, ListedAccount, MessagesAsked, Overview, Profile, Reader, StoreError, Stored,
        numbers::{number_of_connection, number_of_status, signed},
        rows::Columns as _,
    },
};

/// A reader changes nothing, and is not waited for long.
const SETTINGS: &str = "set default_transaction_read_only = on; set statement_timeout = '6s'; \
    set jit = off";

const SETTING_UP: Duration = Duration::from_secs(5);

/// A reader of a schema.
pub(super) struct PostgresReader {
    session: Session,
}

impl PostgresReader {
    pub(super) fn open(url: &str, schema: &str) -> Stored<Box<dyn Reader>> {
        let mut session = Session::connect(url)?;
        let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
        session.query("select set_config('search_path', $1, false)", &[&quoted])?;
        session.run_script(SETTINGS, SETTING_UP)?;
        Ok(Box::new(PostgresReader { session }))
    }

    fn count(&mut self, sql: &'static str) -> Stored<u64> {
        let row = self.session.query_one(sql, &[])?;
        Ok(rows::first::<i64>(row.as_ref())?.unwrap_or_default().unsigned_abs())
    }
}

fn listed(c: &mut Columns<'_>) -> Stored<ListedAccount> {
    let row = rows::account(c)?;
    let profile =
        Profile { nickname: c.get()?, created_by: c.get()?, idempotency_key: String::new() };
    Ok(ListedAccount { row, profile })
}

impl Reader for PostgresReader {
    fn overview(&mut self) -> Stored<Overview> {
        let row = self.session.query_one(sql::CLOCK, &[])?;
        let now = Moment(rows::first(row.as_ref())?.unwrap_or_default());
        let open = number_of_connection(Connection::Open);
        let held = self.session.query(sql::HELD_BY_REASON, &[&open])?;
        let accounts = self.session.query(sql::BY_TRANSPORT, &[])?;
        let most = i64::from(Overview::MOST_READY);
        let ready = self.session.query(sql::READY_SINCE, &[&now.0, &most])?;
        Ok(Overview {
            now,
            accounts: rows::all(&accounts, |c| Ok((c.get()?, c.count()?)))?,
            out: self.count("select count(*) from account where owner is not null")?,
            held: rows::all(&held, |c| Ok((c.get()?, c.count()?)))?,
            ready: rows::all(&ready, |c| c.moment())?,
        })
    }

    fn teams(&mut self) -> Stored<Vec<String>> {
        rows::all(&self.session.query("select id from team order by id", &[])?, |c| c.get())
    }

    fn accounts(&mut self, asked: &AccountsAsked) -> Stored<Vec<ListedAccount>> {
        let connection = asked.connection.map(number_of_connection);
        let before = asked.before.map_or(i64::MAX, |key| key.0);
        let (ended, most) = (i16::from(asked.archived), i64::from(asked.most));
        let transport = &asked.transport;
        let of_all: [&(dyn ToSql + Sync); 5] = [&connection, &ended, &before, &most, transport];
        let found = match &asked.team {
            Some(team) => {
                let of_team = [&of_all[..], &[team]].concat();
                self.session.query(sql::ACCOUNTS_OF_TEAM, &of_team)?
            }
            None => self.session.query(sql::ALL_ACCOUNTS, &of_all)?,
        };
        rows::all(&found, listed)
    }

    fn account(&mut self, id: &str) -> Stored<Option<ListedAccount>> {
        rows::maybe(self.session.query_one(sql::LISTED_ACCOUNT, &[&id])?, listed)
    }

    fn messages(&mut self, account: AccountKey, asked: &MessagesAsked) -> Stored<Vec<MessageRow>> {
        let before = asked.before.map_or(i64::MAX, signed);
        let status = asked.status.map(number_of_status);
        let most = i64::from(asked.most);
        let found = self
            .session
            .query(sql::LISTED_MESSAGES, &[&account.0, &before, &asked.chat, &status, &most])?;
        rows::all(&found, rows::message)
    }

    fn counted(&mut self, team: &str, period: PeriodNumber) -> Stored<u64> {
        let row = self.session.query_one(sql::COUNTED, &[&team, &period.0])?;
        Ok(rows::first::<i64>(row.as_ref())?.unwrap_or_default().unsigned_abs())
    }

    fn back_up(&mut self, _: &Path) -> Stored<()> {
        let message = "PostgreSQL is copied by its own tools, such as `pg_dump --schema`";
        Err(StoreError::new("not_supported", message))
    }
}
