//! From SQLite to PostgreSQL: every row, checked by counts and hashes before it counts as moved.

use sha2::{Digest as _, Sha256};

use super::{Postgres, Sqlite, StoreError, Stored};

/// Rows that are moved at a time.
const PART: usize = 1000;

/// A table of both stores: its columns, and by which its rows are in order.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static str,
    pub(super) order: &'static str,
    /// The column that the server counts up.
    pub(super) counter: Option<&'static str>,
}

const fn table(
    name: &'static str,
    columns: &'static str,
    order: &'static str,
    counter: Option<&'static str>,
) -> Table {
    Table { name, columns, order, counter }
}

impl Table {
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.columns.split(", ")
    }
}

/// A value as both stores have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Number(i64),
    Text(String),
}

/// What is moved. Runners are not: nothing is out while nobody runs.
pub(super) const TABLES: [Table; 18] = [
    table("policy", "policy, component, catalog", "policy", Some("policy")),
    table("team", "id, entries, last_at", "id", None),
    table(
        "account",
        "key, id, team, tier, transport, settings, created, ended, has_login, login, \
         history_kept, opening, opening_over, brings_history, opening_by, connection, is_paused, \
         next_number, fence, out_number, out_attempt, \
         out_fence, out_period, out_counted, owner, tried_number, tried_times, tried_again, \
         gap_until, turn, held_why, held_until, held_reason, used_period, used_count, \
         removal, next_at, decision, count_waiting, count_sent, count_delivered, count_read, \
         count_failed, count_cancelled, count_notes, count_history, count_live",
        "key",
        Some("key"),
    ),
    table(
        "profile",
        "account, nickname, sought, created_by, team, updated, archived, last_login, \
         last_logout, last_closed, qr, error, sync_expected, sync_last",
        "account",
        None,
    ),
    table(
        "message",
        "account, number, id, chat, origin, status, at, content, sender, error, counted, \
         network_id, cancel_on_reply, revision, login, team, accepted, placed, attachments, \
         edited, resolved_by, resolved_at",
        "account, number",
        None,
    ),
    table("waiting", "account, due, number", "account, due, number", None),
    table("chat_gap", "account, chat, until", "account, chat", None),
    table("contact", "account, id, name", "account, id", None),
    table(
        "decision",
        "entry, previous, account, fence, policy, tier, sent, counted, size, attempt, \
         number, due, now, period_end, created, answer, gap_or_until, chat_gap, reason, runner",
        "entry",
        None,
    ),
    table("outcome", "decision, outcome, at", "decision", None),
    table("life", "team, entry, account, at, step, tier", "team, entry", None),
    table("counted", "account, period, count", "account, period", None),
    table("invoice", "team, period, invoice", "team, period", None),
    table("creation", "team, key, account, asked, at", "team, key", None),
    table("team_profile", "id, name, region, metadata, created, updated", "id", None),
    table("person", "id, full_name, created, updated", "id", None),
    table("membership", "person, team, scopes", "person, team", None),
    table(
        "refresh_token",
        "number, hash, person, created, last_used, revoked",
        "number",
        Some("number"),
    ),
];

/// A table that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its name.
    pub name: &'static str,
    /// How many rows it has, on both sides.
    pub rows: u64,
    /// SHA-256 of its rows in order, in lower-case hex, on both sides.
    pub sha256: String,
}

/// Counts rows, and hashes what they hold.
#[derive(Default)]
struct Tally {
    rows: u64,
    hash: Sha256,
}

impl Tally {
    fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            // Each with its kind and length, so that no two rows are written alike.
            match value {
                Value::Null => self.hash.update([0]),
                Value::Number(number) => {
                    self.hash.update([1]);
                    self.hash.update(number.to_le_bytes());
                }
                Value::Text(text) => {
                    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
                    self.hash.update([2]);
                    self.hash.update(bytes.to_le_bytes());
                    self.hash.update(text);
                }
            }
        }
    }

    fn end(self, name: &'static str) -> Moved {
        let digest = self.hash.finalize();
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Moved { name, rows: self.rows, sha256 }
    }
}

/// Accounts with which other counts are kept than those of their messages.
const MISCOUNTED: &str = "select count(*) from account left join (select m.account, \
    sum(case when m.origin = 0 and m.status = 0 then 1 else 0 end) as waiting, \
    sum(case when m.origin = 0 and m.status = 1 then 1 else 0 end) as sent, \
    sum(case when m.origin = 0 and m.status = 2 then 1 else 0 end) as delivered, \
    sum(case when m.origin = 0 and m.status = 3 then 1 else 0 end) as seen, \
    sum(case when m.origin = 0 and m.status = 4 then 1 else 0 end) as failed, \
    sum(case when m.origin = 0 and m.status = 5 then 1 else 0 end) as cancelled, \
    sum(case when m.origin = 0 and m.status = 6 then 1 else 0 end) as notes, \
    sum(case when m.origin > 1 then 1 else 0 end) as history, \
    sum(case when m.origin = 1 then 1 else 0 end) as live \
    from message m join account a on a.key = m.account \
    where (a.ended = 0 or (a.ended = 1 and m.status = 6)) and m.login in (0, a.login) \
    group by m.account) as counted on counted.account = key \
    where count_waiting <> coalesce(waiting, 0) or count_sent <> coalesce(sent, 0) \
    or count_delivered <> coalesce(delivered, 0) or count_read <> coalesce(seen, 0) \
    or count_failed <> coalesce(failed, 0) or count_cancelled <> coalesce(cancelled, 0) \
    or count_notes <> coalesce(notes, 0) or count_history <> coalesce(history, 0) \
    or count_live <> coalesce(live, 0)";

/// Moves everything from a file of SQLite to a schema of PostgreSQL that holds nothing yet, in one
/// transaction: it is there as a whole, or not at all. Then both are read once more and compared.
/// The file stays as it was. Errors: `store_not_empty`, `store_busy` if a message is out still, or
/// a call to connect an account, `store_damaged` if counts are kept with an account that are not
/// those of its messages, `move_differs`, and those of the stores.
pub fn move_store(mut from: Sqlite, mut to: Postgres) -> Stored<Vec<Moved>> {
    let out = "select count(*) from account where owner is not null or opening_by is not null";
    if from.count(out)? > 0 {
        let message = "a message is out, or a call to connect an account, or the runner did not \
            end in order: start it on the file once more and end it, so that what came of it is \
            settled";
        return Err(StoreError::new("store_busy", message));
    }
    let miscounted = from.count(MISCOUNTED)?;
    if miscounted > 0 {
        let message = format_args!(
            "the counts that are kept with {miscounted} accounts are not those of their messages"
        );
        return Err(StoreError::new("store_damaged", message));
    }
    to.begin_receiving()?;
    for table in &TABLES {
        let mut part = Vec::with_capacity(PART);
        from.each_row(table, |row| {
            part.push(row);
            if part.len() == PART {
                to.receive(table, &part)?;
                part.clear();
            }
            Ok(())
        })?;
        to.receive(table, &part)?;
    }
    let mut moved = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let (mut there, mut here) = (Tally::default(), Tally::default());
        from.each_row(table, |row| {
            there.add(&row);
            Ok(())
        })?;
        to.each_row(table, |row| {
            here.add(&row);
            Ok(())
        })?;
        let (there, here) = (there.end(table.name), here.end(table.name));
        if there != here {
            let message = format_args!(
                "the table `{}` differs after the move, {} rows and {} rows: nothing was moved",
                table.name, there.rows, here.rows
            );
            return Err(StoreError::new("move_differs", message));
        }
        moved.push(here);
    }
    to.end_receiving(&TABLES)?;
    Ok(moved)
}
