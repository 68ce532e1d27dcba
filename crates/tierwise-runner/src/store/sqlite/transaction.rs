//! What a transaction does, in SQLite's SQL.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Params, Row, params};
use tierwise_lanes::{Hold, Moment, PeriodNumber};

use super::{failed, known::Known, rows};
use crate::{
    model::{
        AccountKey, AccountRow, ChatGapRow, DecisionRow, Epoch, HeadRow, LifeRow, MessageRow,
        Origin, OutcomeRow, Removal, SettledRow, Status, TeamRow,
    },
    store::{
        Numbered, Profile, ProfileChange, Stored, Transaction,
        numbers::{TIERS, number_of_hold, number_of_step, signed},
    },
};

/// A transaction that is under way.
pub(super) struct SqliteTransaction<'a> {
    pub(super) inner: rusqlite::Transaction<'a>,
    now: Moment,
    pub(super) known: &'a mut Known,
}

impl<'a> SqliteTransaction<'a> {
    pub(super) fn new(inner: rusqlite::Transaction<'a>, now: Moment, known: &'a mut Known) -> Self {
        SqliteTransaction { inner, now, known }
    }

    fn statement(&self, sql: &str) -> Stored<CachedStatement<'_>> {
        prepared(&self.inner, sql)
    }

    pub(super) fn run(&self, sql: &str, params: impl Params) -> Stored<usize> {
        self.statement(sql)?.execute(params).map_err(|error| failed(&error))
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Option<T>> {
        let row = self.statement(sql)?.query_row(params, read).optional();
        row.map_err(|error| failed(&error))
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, read).and_then(Iterator::collect);
        rows.map_err(|error| failed(&error))
    }

    pub(super) fn count(&self, sql: &str, params: impl Params) -> Stored<u64> {
        let count = self.one(sql, params, |row| row.get::<_, i64>(0))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

pub(super) fn prepared<'a>(connection: &'a Connection, sql: &str) -> Stored<CachedStatement<'a>> {
    connection.prepare_cached(sql).map_err(|error| failed(&error))
}

pub(super) const TEAM: &str = "select id, entries, last_at from team where id = ?1";

pub(super) const INVOICE: &str = "select invoice from invoice where team = ?1 and period = ?2";

const CHAT_GAPS: &str = "account = ?1 and ?3 is not null and chat in (select chat from chat_gap \
    where account = ?1 limit ?2)";

/// Which rows a removal is about: of whom, and which.
const REMOVABLE: [(Removal, &str, &str); 8] = [
    (
        Removal::History,
        "message",
        "account = ?1 and origin in (2, 3) and login <> ?3 and number in (select number from \
         message where account = ?1 and origin in (2, 3) and login <> ?3 limit ?2)",
    ),
    (
        Removal::Messages,
        "message",
        "account = ?1 and ?3 is not null and number in (select number from message where \
         account = ?1 and status <> 6 limit ?2)",
    ),
    (
        Removal::Messages,
        "waiting",
        "account = ?1 and ?3 is not null and (due, number) in (select due, number from waiting \
         where account = ?1 limit ?2)",
    ),
    (Removal::Messages, "chat_gap", CHAT_GAPS),
    (
        Removal::All,
        "message",
        "account = ?1 and ?3 is not null and number in (select number from message where \
         account = ?1 limit ?2)",
    ),
    (
        Removal::All,
        "waiting",
        "account = ?1 and ?3 is not null and (due, number) in (select due, number from waiting \
         where account = ?1 limit ?2)",
    ),
    (Removal::All, "chat_gap", CHAT_GAPS),
    (
        Removal::All,
        "contact",
        "account = ?1 and ?3 is not null and id in (select id from contact where account = ?1 \
         limit ?2)",
    ),
];

impl Transaction for SqliteTransaction<'_> {
    fn now(&mut self) -> Stored<Moment> {
        Ok(self.now)
    }

    fn register(&mut self) -> Stored<Epoch> {
        // The file is locked: whoever stands here is not there any more.
        self.run("update runner set is_gone = 1", [])?;
        self.run("insert into runner (beats, is_gone) values (0, 0)", [])?;
        Ok(Epoch(self.inner.last_insert_rowid()))
    }

    fn beat(&mut self, runner: Epoch) -> Stored<bool> {
        // Nobody else has the file open, and listens: nothing is written.
        let sql = "select 1 from runner where epoch = ?1 and not is_gone";
        self.one(sql, [runner.0], |_| Ok(())).map(|live| live.is_some())
    }

    fn others(&mut self, runner: Epoch) -> Stored<Vec<(Epoch, u64)>> {
        let sql = "select epoch, beats from runner where epoch <> ?1 and not is_gone";
        self.all(sql, [runner.0], |row| {
            Ok((row.get(0).map(Epoch)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })
    }

    fn bury(&mut self, runner: Epoch, beats: u64) -> Stored<bool> {
        let sql = "update runner set is_gone = 1 where epoch = ?1 and beats = ?2";
        Ok(self.run(sql, [runner.0, signed(beats)])? == 1)
    }

    fn leave(&mut self, runner: Epoch) -> Stored<()> {
        self.run("update runner set is_gone = 1 where epoch = ?1", [runner.0]).map(drop)
    }

    fn gone(&mut self) -> Stored<Option<Epoch>> {
        self.one("select epoch from runner where is_gone limit 1", [], |row| row.get(0).map(Epoch))
    }

    fn out_of(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let sql = "select key from account where owner = ?1 limit ?2";
        let keys = self.all(sql, params![runner.0, most], |row| row.get(0).map(AccountKey))?;
        self.accounts_at(&keys)
    }

    fn opened_by(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let sql = "select key from account where opening_by = ?1 limit ?2";
        let keys = self.all(sql, params![runner.0, most], |row| row.get(0).map(AccountKey))?;
        self.accounts_at(&keys)
    }

    fn unregister(&mut self, runner: Epoch) -> Stored<()> {
        self.run("delete from runner where epoch = ?1", [runner.0]).map(drop)
    }

    fn policy(&mut self, component: &str, catalog: &str) -> Stored<i64> {
        let insert =
            "insert into policy (component, catalog) values (?1, ?2) on conflict do nothing";
        self.run(insert, [component, catalog])?;
        let sql = "select policy from policy where component = ?1 and catalog = ?2";
        self.one(sql, [component, catalog], |row| row.get(0)).map(Option::unwrap_or_default)
    }

    fn accounts(&mut self, ids: &[&str]) -> Stored<Vec<AccountRow>> {
        self.accounts_of_ids(ids)
    }

    fn accounts_at(&mut self, keys: &[AccountKey]) -> Stored<Vec<AccountRow>> {
        self.accounts_of_keys(keys)
    }

    fn insert_account(&mut self, row: &AccountRow, profile: &Profile) -> Stored<AccountKey> {
        let lane = row.lane_row();
        let sql = "insert into account (id, team, tier, transport, settings, created, ended, \
            has_login, login, history_kept, opening, opening_over, brings_history, connection, \
            is_paused, next_number, fence, gap_until, turn, held_reason, used_period, used_count, \
            removal) values (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, 0, 0, 0, 0, 0, 0, ?7, 0, 0, 0, '', \
            ?8, 0, 0)";
        let next = signed(lane.next_number);
        let used = lane.used.period.0;
        let (id, team, tier) = (&row.id, &row.team, &row.tier);
        let of_row =
            params![id, team, tier, row.transport, row.settings, row.created.0, next, used];
        self.run(sql, of_row)?;
        let key = AccountKey(self.inner.last_insert_rowid());
        let sql = "insert into profile (account, nickname, sought, created_by, team, updated) \
            values (?1, ?2, ?3, ?4, ?5, ?6)";
        let Profile { nickname, created_by, updated, .. } = profile;
        let (sought, updated) = (Profile::sought(nickname), updated.0);
        self.run(sql, params![key.0, nickname, sought, created_by, row.team, updated])?;
        self.known.remember(AccountRow { key, ..row.clone() }, None, None);
        Ok(key)
    }

    fn write_accounts(&mut self, rows: &[(&AccountRow, Moment)]) -> Stored<()> {
        self.write_accounts_in_bulk(rows)
    }

    fn ready(&mut self, now: Moment, most: u32) -> Stored<Vec<(AccountRow, Moment)>> {
        let sql = "select key, next_at from account where next_at <= ?1 order by next_at limit ?2";
        let ready = self.all(sql, params![now.0, most], |row| {
            Ok((AccountKey(row.get(0)?), row.get(1).map(Moment)?))
        })?;
        let keys: Vec<_> = ready.iter().map(|(key, _)| *key).collect();
        let rows = self.accounts_of_keys(&keys)?;
        Ok(rows.into_iter().zip(ready).map(|(row, (_, next_at))| (row, next_at)).collect())
    }

    fn next_ready(&mut self) -> Stored<Option<Moment>> {
        let sql = "select min(next_at) from account where next_at is not null";
        let next = self.one(sql, [], |row| row.get::<_, Option<i64>>(0))?;
        Ok(next.flatten().map(Moment))
    }

    fn reconsider(&mut self, only_failed: bool) -> Stored<()> {
        let sql = "update account set held_why = null, held_until = null, held_reason = '', \
            next_at = case when next_at is null then null else min(next_at, ?1) end \
            where held_why is not null and (?2 = 0 or held_why = ?3)";
        let failed = number_of_hold(Hold::PolicyError);
        self.known.forget_accounts();
        self.run(sql, params![self.now.0, only_failed, failed]).map(drop)
    }

    fn bring_back(&mut self, latest: Moment) -> Stored<()> {
        let sql = "update account set next_at = ?1 where next_at > ?2 and (gap_until > ?2 \
            or tried_again > ?2 or exists (select 1 from chat_gap where account = key and \
            until > ?2))";
        self.known.forget_accounts();
        self.run(sql, [self.now.0, latest.0]).map(drop)
    }

    fn heads(&mut self, of: &[(AccountKey, Option<u64>)]) -> Stored<Vec<Option<HeadRow>>> {
        self.heads_in_bulk(of)
    }

    fn put_chat_gaps(&mut self, rows: &[ChatGapRow]) -> Stored<()> {
        self.put_chat_gaps_in_bulk(rows)
    }

    fn forget_chat_gaps(&mut self, accounts: &[AccountKey], before: Moment) -> Stored<()> {
        let sql = "delete from chat_gap where account = ?1 and until < ?2";
        accounts.iter().try_for_each(|account| self.run(sql, [account.0, before.0]).map(drop))
    }

    fn messages(&mut self, account: AccountKey, ids: &[&str]) -> Stored<Vec<Option<MessageRow>>> {
        let columns = rows::MESSAGE;
        let sql = format!("select {columns} from message where account = ?1 and id = ?2");
        ids.iter().map(|id| self.one(&sql, params![account.0, id], rows::message)).collect()
    }

    fn insert_messages(&mut self, messages: &[MessageRow]) -> Stored<()> {
        self.insert_messages_in_bulk(messages)
    }

    fn settle(&mut self, messages: &[SettledRow]) -> Stored<()> {
        self.settle_in_bulk(messages)
    }

    fn requeue(&mut self, account: AccountKey, number: u64, due: Moment) -> Stored<()> {
        self.requeue_one((account, number), None, due).map(drop)
    }

    fn requeue_many(
        &mut self,
        of: &[Numbered],
        status: Status,
        due: Moment,
    ) -> Stored<Vec<Numbered>> {
        self.requeue_in_bulk(of, status, due)
    }

    fn remove_message(&mut self, account: AccountKey, number: u64) -> Stored<()> {
        self.remove_one((account, number), None).map(drop)
    }

    fn remove_many(&mut self, of: &[Numbered], status: Status) -> Stored<Vec<Numbered>> {
        self.remove_in_bulk(of, status)
    }

    fn rewrite(&mut self, row: &MessageRow, was_due: Moment) -> Stored<()> {
        self.rewrite_message(row, was_due)
    }

    fn receipt(
        &mut self,
        account: AccountKey,
        network_id: &str,
        status: Status,
        error: &str,
    ) -> Stored<Vec<(Origin, Status)>> {
        self.receipt_of(account, network_id, status, error)
    }

    fn cancel_on_reply(
        &mut self,
        account: AccountKey,
        chat: &str,
        out: Option<u64>,
    ) -> Stored<u64> {
        let sql = "update message set status = 5, revision = revision + 1 where account = ?1 \
            and chat = ?2 and status = 0 and cancel_on_reply and number is not ?3";
        let withdrawn = self.run(sql, params![account.0, chat, out.map(signed)])?;
        Ok(u64::try_from(withdrawn).unwrap_or(u64::MAX))
    }

    fn has_network_id(&mut self, account: AccountKey, network_id: &str) -> Stored<bool> {
        // Said twice, as the index has no messages without a name.
        let sql = "select count(*) from message where account = ?1 and network_id = ?2 \
            and network_id <> ''";
        Ok(self.count(sql, params![account.0, network_id])? > 0)
    }

    fn resolve(
        &mut self,
        account: AccountKey,
        number: u64,
        taken: bool,
        now: Moment,
    ) -> Stored<()> {
        let sql = "update message set status = iif(?3, 1, 4), at = iif(?3, ?4, at), \
            counted = iif(?3, counted, null), \
            error = iif(?3, '', replace(error, 'outcome_unknown', 'not_taken')), \
            revision = revision + 1 where account = ?1 and number = ?2";
        self.run(sql, params![account.0, signed(number), taken, now.0]).map(drop)
    }

    fn waiting(&mut self, account: AccountKey, from: Moment, to: Moment, most: u64) -> Stored<u64> {
        let sql = "select count(*) from (select 1 from waiting w cross join message m \
            on m.place = w.place and m.account = w.account and m.number = w.number \
            and m.at = w.due where w.account = ?1 and w.due >= ?2 and w.due < ?3 \
            and m.status = 0 and m.counted is null limit ?4)";
        self.count(sql, [account.0, from.0, to.0, signed(most)])
    }

    fn contacts(&mut self, account: AccountKey) -> Stored<u64> {
        self.count("select count(*) from contact where account = ?1", [account.0])
    }

    fn add_counted(&mut self, account: AccountKey, period: PeriodNumber, count: i64) -> Stored<()> {
        let sql = "insert into counted (account, period, count) values (?1, ?2, ?3) \
            on conflict do update set count = count + ?3";
        self.run(sql, [account.0, period.0, count]).map(drop)
    }

    fn log_decisions(&mut self, decisions: &[DecisionRow]) -> Stored<()> {
        self.log_decisions_in_bulk(decisions)
    }

    fn log_outcomes(&mut self, outcomes: &[OutcomeRow]) -> Stored<()> {
        self.log_outcomes_in_bulk(outcomes)
    }

    fn team(&mut self, id: &str) -> Stored<TeamRow> {
        let found = self.one(TEAM, [id], rows::team)?;
        Ok(found.unwrap_or_else(|| TeamRow { id: id.to_owned(), ..TeamRow::default() }))
    }

    fn write_team(&mut self, team: &TeamRow) -> Stored<()> {
        let sql = "insert into team (id, entries, last_at) values (?1, ?2, ?3) \
            on conflict do update set entries = ?2, last_at = ?3";
        self.run(sql, params![team.id, signed(team.entries), team.last.0]).map(drop)
    }

    fn append_life(&mut self, row: &LifeRow) -> Stored<()> {
        let (step, tier) = number_of_step(&row.step);
        let sql = "insert into life (team, entry, account, at, step, tier) \
            values (?1, ?2, ?3, ?4, ?5, ?6)";
        let entry = signed(row.entry);
        self.run(sql, params![row.team, entry, row.account.0, row.at.0, step, tier]).map(drop)
    }

    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>> {
        let sql = "select team, entry, account, at, step, tier from life \
            where team = ?1 and entry > ?2 order by entry limit ?3";
        self.all(sql, params![team, signed(after), most], rows::life)
    }

    fn tiers(&mut self) -> Stored<Vec<String>> {
        self.all(TIERS, [], |row| row.get(0))
    }

    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>> {
        self.one(INVOICE, [team, period], |row| row.get(0))
    }

    fn put_invoice(&mut self, team: &str, period: &str, invoice: &str) -> Stored<()> {
        let sql = "insert into invoice (team, period, invoice) values (?1, ?2, ?3)";
        self.run(sql, [team, period, invoice]).map(drop)
    }

    fn last_decision(&mut self, account: AccountKey) -> Stored<Option<DecisionRow>> {
        let sql = "select account, fence, policy, tier, sent, counted, size, attempt, number, \
            due, now, period_end, created, answer, gap_or_until, chat_gap, reason, runner \
            from decision where entry = (select decision from account where key = ?1)";
        self.one(sql, [account.0], rows::decision)
    }

    fn put_contact(&mut self, account: AccountKey, id: &str, name: &str) -> Stored<()> {
        let sql = "insert into contact (account, id, name) values (?1, ?2, ?3) \
            on conflict do update set name = ?3";
        self.run(sql, params![account.0, id, name]).map(drop)
    }

    fn touch(&mut self, account: AccountKey, change: &ProfileChange) -> Stored<()> {
        let sql = "update profile set nickname = coalesce(?2, nickname), \
            sought = coalesce(?3, sought), updated = ?4, archived = coalesce(?5, archived), \
            last_login = coalesce(?6, last_login), last_logout = coalesce(?7, last_logout), \
            last_closed = coalesce(?8, last_closed), qr = coalesce(?9, qr), \
            error = coalesce(?10, error), sync_expected = coalesce(?11, sync_expected), \
            sync_last = case when ?11 is null then sync_last else ?12 end where account = ?1";
        let at = |at: Option<Moment>| at.map(|at| at.0);
        let ProfileChange { updated, nickname, archived, qr, error, sync, .. } = change;
        let (login, logout) = (at(change.last_login), at(change.last_logout));
        let (archived, closed) = (at(*archived), at(change.last_closed));
        let sought = nickname.as_deref().map(Profile::sought);
        let expected = sync.map(|sync| signed(sync.expected));
        let last = sync.and_then(|sync| at(sync.last));
        let of = params![
            account.0, nickname, sought, updated.0, archived, login, logout, closed, qr, error,
            expected, last
        ];
        self.run(sql, of).map(drop)
    }

    fn to_remove(&mut self) -> Stored<Option<AccountRow>> {
        let sql = format!(
            "select {} from account where removal <> 0 order by key limit 1",
            rows::ACCOUNT
        );
        self.one(&sql, [], rows::account)
    }

    fn remove(&mut self, row: &AccountRow, what: Removal, most: u32) -> Stored<u32> {
        let mut left = most;
        for (_, table, which) in REMOVABLE.iter().filter(|(of, ..)| *of == what) {
            let sql = format!("delete from {table} where {which}");
            let removed = self.run(&sql, params![row.key.0, left, signed(row.login)])?;
            left = left.saturating_sub(u32::try_from(removed).unwrap_or(u32::MAX));
        }
        if what == Removal::All && left > 0 {
            self.run("delete from profile where account = ?1", [row.key.0])?;
        }
        Ok(most - left)
    }

    fn end_removal(&mut self, account: AccountKey) -> Stored<()> {
        if let Some(known) = self.known.account(account) {
            known.row.removal = Removal::Nothing;
        }
        self.run("update account set removal = 0 where key = ?1", [account.0]).map(drop)
    }

    fn commit(self: Box<Self>) -> Stored<()> {
        let Self { inner, known, .. } = *self;
        inner.commit().map_err(|error| failed(&error))?;
        known.is_committed();
        Ok(())
    }
}
