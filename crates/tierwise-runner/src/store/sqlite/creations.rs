//! Creations that carried a key, in SQLite's SQL.

use rusqlite::params;
use tierwise_lanes::Moment;

use super::transaction::SqliteTransaction;
use crate::store::{Creation, CreationStore, Stored};

impl CreationStore for SqliteTransaction<'_> {
    fn creation(&mut self, team: &str, key: &str, since: Moment) -> Stored<Option<Creation>> {
        let sql = "select account, asked, at from creation \
            where team = ?1 and key = ?2 and at >= ?3";
        self.one(sql, params![team, key, since.0], |row| {
            let at = Moment(row.get(2)?);
            Ok(Creation { account: row.get(0)?, asked: row.get(1)?, at })
        })
    }

    fn is_account(&mut self, id: &str) -> Stored<bool> {
        let sql = "select exists (select 1 from account where id = ?1 and ended <> 2)";
        Ok(self.one(sql, [id], |row| row.get(0))?.unwrap_or_default())
    }

    fn keep_creation(
        &mut self,
        team: &str,
        key: &str,
        creation: &Creation,
        before: Moment,
    ) -> Stored<()> {
        let old = "delete from creation where (team, key) in \
            (select team, key from creation where at < ?1 order by at limit 2)";
        self.run(old, [before.0])?;
        let sql = "insert or replace into creation (team, key, account, asked, at) \
            values (?1, ?2, ?3, ?4, ?5)";
        let Creation { account, asked, at } = creation;
        self.run(sql, params![team, key, account, asked, at.0]).map(drop)
    }
}
