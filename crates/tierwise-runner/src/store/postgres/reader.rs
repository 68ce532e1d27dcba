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
    model::{AccountKey, LifeRow, MessageRow, TeamRow},
    store::{
        AccountsAsked, ListedAccount, MessagesAsked, Named, Overview, Reader, StoreError, Stored,
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
    pub(super) session: Session,
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

/// The columns by which accounts are asked for.
fn of_asked(asked: &AccountsAsked) -> (Option<i16>, i16, i64) {
    let connection = asked.connection.map(number_of_connection);
    (connection, i16::from(asked.archived), asked.before.map_or(i64::MAX, |key| key.0))
}

fn listed(c: &mut Columns<'_>) -> Stored<ListedAccount> {
    Ok(ListedAccount { row: rows::account(c)?, profile: rows::profile(c)? })
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
        let (connection, ended, before) = of_asked(asked);
        let (most, skip) = (i64::from(asked.most), i64::from(asked.skip));
        let AccountsAsked { transport, sought, .. } = asked;
        let of_all: [&(dyn ToSql + Sync); 7] =
            [&connection, &ended, &before, transport, sought, &most, &skip];
        let found = match &asked.team {
            Some(team) => {
                let of_team = [&of_all[..], &[team]].concat();
                self.session.query(sql::ACCOUNTS_OF_TEAM, &of_team)?
            }
            None => self.session.query(sql::ALL_ACCOUNTS, &of_all)?,
        };
        rows::all(&found, listed)
    }

    fn count_accounts(&mut self, team: &str, asked: &AccountsAsked) -> Stored<u64> {
        let (connection, ended, before) = of_asked(asked);
        let AccountsAsked { transport, sought, .. } = asked;
        let of: [&(dyn ToSql + Sync); 6] = [&connection, &ended, &before, transport, sought, &team];
        let row = self.session.query_one(sql::COUNT_ACCOUNTS_OF_TEAM, &of)?;
        Ok(rows::first::<i64>(row.as_ref())?.unwrap_or_default().unsigned_abs())
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

    fn counted_of(&mut self, team: &str, period: PeriodNumber) -> Stored<u64> {
        let row = self.session.query_one(sql::COUNTED_OF, &[&team, &period.0])?;
        Ok(rows::first::<i64>(row.as_ref())?.unwrap_or_default().unsigned_abs())
    }

    fn key_of(&mut self, team: &str, id: &str) -> Stored<Option<AccountKey>> {
        let sql = "select key from account where id = $1 and team = $2";
        let row = self.session.query_one(sql, &[&id, &team])?;
        Ok(rows::first(row.as_ref())?.map(AccountKey))
    }

    fn id_of(&mut self, team: &str, account: AccountKey) -> Stored<Option<String>> {
        let sql = "select id from account where key = $1 and team = $2";
        rows::first(self.session.query_one(sql, &[&account.0, &team])?.as_ref())
    }

    fn team(&mut self, id: &str) -> Stored<TeamRow> {
        let found = rows::maybe(self.session.query_one(sql::TEAM, &[&id])?, rows::team)?;
        Ok(found.unwrap_or_else(|| TeamRow { id: id.to_owned(), ..TeamRow::default() }))
    }

    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>> {
        rows::first(self.session.query_one(sql::INVOICE, &[&team, &period])?.as_ref())
    }

    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>> {
        let (after, most) = (signed(after), i64::from(most));
        rows::all(&self.session.query(sql::LIFE, &[&team, &after, &most])?, rows::life)
    }

    fn named(
        &mut self,
        team: &str,
        period: PeriodNumber,
        after: AccountKey,
        most: u32,
    ) -> Stored<Vec<Named>> {
        let of: [&(dyn ToSql + Sync); 4] = [&team, &period.0, &after.0, &i64::from(most)];
        rows::all(&self.session.query(sql::NAMED, &of)?, |c| {
            let (account, id, nickname) = (c.get().map(AccountKey)?, c.get()?, c.get()?);
            Ok(Named { account, id, nickname, counted: c.count()? })
        })
    }

    fn back_up(&mut self, _: &Path) -> Stored<()> {
        let message = "PostgreSQL is copied by its own tools, such as `pg_dump --schema`";
        Err(StoreError::new("not_supported", message))
    }
}
