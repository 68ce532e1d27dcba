//! Messages that somebody changes: they wait again, go, or say something else.

use rusqlite::params;
use tierwise_lanes::Moment;

use super::{rows, transaction::SqliteTransaction};
use crate::{
    model::{AccountKey, MessageRow, Origin, Status},
    store::{
        Numbered, Stored,
        numbers::{number_of_status, signed},
    },
};

/// Those that have a status and were written here, or any.
const IF_SO: &str = "account = ?1 and number = ?2 and (?3 is null or (status = ?3 and origin = 0))";

/// Its place among those that wait. Left there, it would have to be passed over.
const WAITS_NO_MORE: &str = "delete from waiting where account = ?1 and number = ?2 and \
    due = (select at from message where account = ?1 and number = ?2 \
    and (?3 is null or (status = ?3 and origin = 0)))";

impl SqliteTransaction<'_> {
    /// Makes a message wait, if it has a status: whether it has.
    pub(super) fn requeue_one(
        &mut self,
        (account, number): Numbered,
        if_status: Option<Status>,
        due: Moment,
    ) -> Stored<bool> {
        let (status, numbered) = (if_status.map(number_of_status), signed(number));
        self.run(WAITS_NO_MORE, params![account.0, numbered, status])?;
        let sql = format!(
            "update message set status = 0, at = ?4, error = '', revision = revision + 1 \
             where {IF_SO}"
        );
        if self.run(&sql, params![account.0, numbered, status, due.0])? == 0 {
            return Ok(false);
        }
        let sql = "insert or replace into waiting (account, due, number, place) \
            select account, at, number, place from message where account = ?1 and number = ?2";
        self.run(sql, [account.0, numbered])?;
        self.known.waits(account, due.0, numbered);
        Ok(true)
    }

    pub(super) fn receipt_of(
        &mut self,
        account: AccountKey,
        network_id: &str,
        status: Status,
        error: &str,
    ) -> Stored<Vec<(Origin, Status)>> {
        let sql = "select place, origin, status from message where account = ?1 \
            and network_id = ?2 and network_id <> '' and status between 1 and ?3 - 1";
        let status = number_of_status(status);
        let of = params![account.0, network_id, status];
        let found = self.all(sql, of, rows::placed)?;
        let sql = "update message set status = ?2, error = ?3, revision = revision + 1 \
            where place = ?1";
        for (place, _) in &found {
            self.run(sql, params![place, status, error])?;
        }
        Ok(found.into_iter().map(|(_, was)| was).collect())
    }

    pub(super) fn requeue_in_bulk(
        &mut self,
        of: &[Numbered],
        status: Status,
        due: Moment,
    ) -> Stored<Vec<Numbered>> {
        let mut changed = Vec::with_capacity(of.len());
        for one in of {
            if self.requeue_one(*one, Some(status), due)? {
                changed.push(*one);
            }
        }
        Ok(changed)
    }

    /// Removes a message, if it has a status: whether it had.
    pub(super) fn remove_one(
        &mut self,
        (account, number): Numbered,
        if_status: Option<Status>,
    ) -> Stored<bool> {
        let of = (account.0, signed(number), if_status.map(number_of_status));
        self.run(WAITS_NO_MORE, of)?;
        Ok(self.run(&format!("delete from message where {IF_SO}"), of)? > 0)
    }

    pub(super) fn remove_in_bulk(
        &mut self,
        of: &[Numbered],
        status: Status,
    ) -> Stored<Vec<Numbered>> {
        let mut removed = Vec::with_capacity(of.len());
        for one in of {
            if self.remove_one(*one, Some(status))? {
                removed.push(*one);
            }
        }
        Ok(removed)
    }

    pub(super) fn rewrite_message(&mut self, row: &MessageRow, was_due: Moment) -> Stored<()> {
        let (account, number) = (row.account, signed(row.number));
        if row.status == Status::Pending && row.at != was_due {
            let sql = "delete from waiting where account = ?1 and due = ?2 and number = ?3";
            self.run(sql, [account.0, was_due.0, number])?;
            let sql = "insert or replace into waiting (account, due, number, place) select \
                account, ?3, number, place from message where account = ?1 and number = ?2";
            self.run(sql, [account.0, number, row.at.0])?;
            self.known.waits(account, row.at.0, number);
        }
        let sql = "update message set at = ?3, content = ?4, attachments = ?5, edited = ?6, \
            resolved_by = ?7, resolved_at = ?8, revision = ?9 where account = ?1 and number = ?2";
        let (resolved, kinds) = (row.resolved.as_ref(), row.attachments.bits());
        let (by, at) = (resolved.map(|it| &it.by), resolved.map(|it| it.at.0));
        let (edited, revision) = (row.edited.map(|at| at.0), signed(row.revision));
        let of_row =
            params![account.0, number, row.at.0, row.content, kinds, edited, by, at, revision];
        self.run(sql, of_row).map(drop)
    }
}
