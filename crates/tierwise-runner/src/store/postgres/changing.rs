//! Messages that somebody changes: they wait again, go, or say something else.

use tierwise_lanes::Moment;

use super::{
    bulk::text,
    rows,
    session::{Parameter, parameters},
    transaction::PostgresTransaction,
};
use crate::{
    model::{AccountKey, MessageRow, Status},
    store::{
        Numbered, Stored,
        numbers::{number_of_status, signed},
        rows::Columns as _,
    },
};

const REQUEUE: &str = "update message set status = 0, at = $3, error = '', \
    revision = revision + 1 where account = $1 and number = $2";

const REQUEUE_MANY: &str = "update message set status = 0, at = $4, error = '', \
    revision = revision + 1 from unnest($1::bigint[], $2::bigint[]) as o (account, number) \
    where message.account = o.account and message.number = o.number and status = $3 \
    and origin = 0 returning message.account, message.number";

const WAIT: &str = "insert into waiting (account, due, number) \
    select account, $3::bigint, number from unnest($1::bigint[], $2::bigint[]) \
    as o (account, number) on conflict do nothing";

/// Their places among those that wait. Left there, they would have to be passed over.
const WAIT_NO_MORE: &str = "delete from waiting using unnest($1::bigint[], $2::bigint[]) \
    as o (account, number) join message m on m.account = o.account and m.number = o.number \
    where waiting.account = m.account and waiting.due = m.at and waiting.number = m.number \
    and ($3::smallint is null or (m.status = $3 and m.origin = 0))";

const REMOVE: &str = "delete from message where account = $1 and number = $2";

const REMOVE_MANY: &str = "delete from message using unnest($1::bigint[], $2::bigint[]) \
    as o (account, number) where message.account = o.account and message.number = o.number \
    and status = $3 and origin = 0 returning message.account, message.number";

const REWRITE: &str = "update message set at = $3, \
    content = case when content = $4 then content else $4 end, attachments = $5, edited = $6, \
    resolved_by = $7, resolved_at = $8, revision = $9 where account = $1 and number = $2";

/// Accounts and numbers, a column each.
fn columns(of: &[Numbered]) -> (Vec<i64>, Vec<i64>) {
    of.iter().map(|(account, number)| (account.0, signed(*number))).unzip()
}

fn numbered(c: &mut rows::Columns<'_>) -> Stored<Numbered> {
    Ok((AccountKey(c.get()?), c.count()?))
}

impl PostgresTransaction<'_> {
    fn wait_no_more(&mut self, of: &[Numbered], if_status: Option<Status>) -> Stored<()> {
        let (accounts, numbers) = columns(of);
        let status = if_status.map(number_of_status);
        self.session.later(WAIT_NO_MORE, parameters![accounts, numbers, status])
    }

    fn wait(&mut self, of: &[Numbered], due: Moment) -> Stored<()> {
        for (account, number) in of {
            self.waits_again(*account, due, *number);
        }
        let (accounts, numbers) = columns(of);
        self.session.later(WAIT, parameters![accounts, numbers, due.0])
    }

    pub(super) fn requeue_one(
        &mut self,
        account: AccountKey,
        number: u64,
        due: Moment,
    ) -> Stored<()> {
        self.ahead.forget();
        self.wait_no_more(&[(account, number)], None)?;
        self.session.later(REQUEUE, parameters![account.0, signed(number), due.0])?;
        self.wait(&[(account, number)], due)
    }

    pub(super) fn requeue_in_bulk(
        &mut self,
        of: &[Numbered],
        status: Status,
        due: Moment,
    ) -> Stored<Vec<Numbered>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        self.ahead.forget();
        self.wait_no_more(of, Some(status))?;
        let ((accounts, numbers), status) = (columns(of), number_of_status(status));
        let changed = self.session.query(REQUEUE_MANY, &[&accounts, &numbers, &status, &due.0])?;
        let changed = rows::all(&changed, numbered)?;
        self.wait(&changed, due)?;
        Ok(changed)
    }

    pub(super) fn remove_one(&mut self, account: AccountKey, number: u64) -> Stored<()> {
        self.ahead.forget();
        self.wait_no_more(&[(account, number)], None)?;
        self.session.later(REMOVE, parameters![account.0, signed(number)])
    }

    pub(super) fn remove_in_bulk(
        &mut self,
        of: &[Numbered],
        status: Status,
    ) -> Stored<Vec<Numbered>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        self.ahead.forget();
        self.wait_no_more(of, Some(status))?;
        let ((accounts, numbers), status) = (columns(of), number_of_status(status));
        let removed = self.session.query(REMOVE_MANY, &[&accounts, &numbers, &status])?;
        rows::all(&removed, numbered)
    }

    pub(super) fn rewrite_message(&mut self, row: &MessageRow, was_due: Moment) -> Stored<()> {
        self.ahead.forget();
        let one = (row.account, row.number);
        let waits_elsewhere = row.status == Status::Pending && row.at != was_due;
        if waits_elsewhere {
            self.wait_no_more(&[one], None)?;
        }
        let resolved = row.resolved.as_ref();
        let (by, at) = (resolved.map(|it| text(&it.by)), resolved.map(|it| it.at.0));
        let (number, edited) = (signed(row.number), row.edited.map(|edited| edited.0));
        let (content, kinds) = (text(&row.content), i16::from(row.attachments.bits()));
        let (account, due, revision) = (row.account.0, row.at.0, signed(row.revision));
        let of_row: Vec<Parameter> =
            parameters![account, number, due, content, kinds, edited, by, at, revision];
        self.session.later(REWRITE, of_row)?;
        if waits_elsewhere { self.wait(&[one], row.at) } else { Ok(()) }
    }
}
