//! Creations that carried a key, in PostgreSQL's SQL.

use tierwise_lanes::Moment;
use tokio_postgres::types::ToSql;

use super::{
    bulk::text,
    rows::{self, Columns},
    session::parameters,
    transaction::PostgresTransaction,
};
use crate::store::{Creation, CreationStore, Stored, Transaction as _, rows::Columns as _};

const CREATION: &str = "select account, asked, at from creation \
    where team = $1 and key = $2 and at >= $3";

const IS_ACCOUNT: &str = "select exists (select from account where id = $1 and ended <> 2)";

/// Those that another runner forgets at this moment are left to it: waiting for them could go in a
/// circle.
const FORGET: &str = "delete from creation where ctid = any(array(select ctid from creation \
    where at < $1 order by at limit 2 for update skip locked))";

const KEEP: &str = "insert into creation (team, key, account, asked, at) \
    values ($1, $2, $3, $4, $5) on conflict (team, key) do update \
    set account = $3, asked = $4, at = $5";

fn read(c: &mut Columns<'_>) -> Stored<Creation> {
    Ok(Creation { account: c.text()?, asked: c.text()?, at: c.moment()? })
}

impl CreationStore for PostgresTransaction<'_> {
    fn creation(&mut self, team: &str, key: &str, since: Moment) -> Stored<Option<Creation>> {
        // Another runner may be about to create it.
        self.lock_teams(&[team])?;
        let asked: [&(dyn ToSql + Sync); 3] = [&text(team), &text(key), &since.0];
        rows::maybe(self.session.query_one(CREATION, &asked)?, read)
    }

    fn is_account(&mut self, id: &str) -> Stored<bool> {
        let row = self.session.query_one(IS_ACCOUNT, &[&text(id)])?;
        Ok(rows::first(row.as_ref())?.unwrap_or_default())
    }

    fn keep_creation(
        &mut self,
        team: &str,
        key: &str,
        creation: &Creation,
        before: Moment,
    ) -> Stored<()> {
        let Creation { account, asked, at } = creation;
        let kept = parameters![text(team), text(key), text(account), text(asked), at.0];
        self.session.later(KEEP, kept)?;
        self.session.later(FORGET, parameters![before.0])
    }
}
