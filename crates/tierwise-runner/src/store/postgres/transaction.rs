//! What a transaction does: reads at once, and writes with the next thing that is read.

use std::collections::HashMap;

use tierwise_lanes::{Hold, Moment, PeriodNumber};
use tokio_postgres::types::ToSql;

use super::{
    ahead::ReadAhead,
    bulk::{self, text, texts},
    rows::{self, Beside, Columns},
    session::{Session, parameters},
    sql,
};
use crate::{
    model::{
        AccountKey, AccountRow, ChatGapRow, DecisionRow, Ended, Epoch, HeadRow, LifeRow,
        MessageRow, Origin, OutcomeRow, Removal, SettledRow, Status, TeamRow,
    },
    store::{
        Ahead, Numbered, Profile, ProfileChange, StoreError, Stored, Transaction,
        numbers::{TIERS, number_of_hold, number_of_step, signed, unsigned},
        rows::Columns as _,
    },
};

/// A transaction that is under way.
pub(super) struct PostgresTransaction<'a> {
    pub(super) session: &'a mut Session,
    /// The runner that this store last showed to be alive.
    runner: &'a mut Option<Epoch>,
    /// Entries that this store has put into the ledger of decisions.
    pub(super) entries: &'a mut i64,
    is_open: &'a mut bool,
    now: Moment,
    /// The runner is there, and nobody buries it before this ends; none if it is not known.
    is_live: Option<bool>,
    /// Runners to be forgotten if, at the end, nothing of them is left to take over.
    forgotten: Vec<Epoch>,
    /// Teams that are locked, as they are now.
    teams: HashMap<String, TeamRow>,
    /// Accounts as they were read for change.
    pub(super) read: HashMap<AccountKey, (AccountRow, Beside)>,
    pub(super) ahead: ReadAhead,
}

impl<'a> PostgresTransaction<'a> {
    /// Goes on with a session whose next statement begins a transaction.
    pub(super) fn begin(
        session: &'a mut Session,
        runner: &'a mut Option<Epoch>,
        entries: &'a mut i64,
        is_open: &'a mut bool,
        clock: Option<Moment>,
    ) -> Stored<Self> {
        let own = match *runner {
            Some(epoch) => session.query_one(sql::LOCK_OWN, &[&epoch.0])?,
            None => None,
        };
        let (is_live, now) = match own {
            Some(row) => {
                let c = &mut Columns::of(&row);
                (Some(c.get()?), c.moment()?)
            }
            None => {
                let row = session.query_one(sql::CLOCK, &[])?;
                let now = rows::first(row.as_ref())?.map(Moment).unwrap_or_default();
                (runner.map(|_| false), now)
            }
        };
        Ok(PostgresTransaction {
            session,
            runner,
            entries,
            is_open,
            now: clock.unwrap_or(now),
            is_live,
            forgotten: Vec::new(),
            teams: HashMap::new(),
            read: HashMap::new(),
            ahead: ReadAhead::default(),
        })
    }

    fn account(&mut self, sql: &'static str, asked: &[&(dyn ToSql + Sync)]) -> OneAccount {
        rows::maybe(self.session.query_one(sql, asked)?, rows::account)
    }
}

type OneAccount = Stored<Option<AccountRow>>;

impl Drop for PostgresTransaction<'_> {
    fn drop(&mut self) {
        // What is locked is let go of at once. If that fails, the connection is of no use, and the
        // next transaction says so.
        if *self.is_open && !std::thread::panicking() && self.session.roll_back().is_ok() {
            *self.is_open = false;
        }
    }
}

impl Transaction for PostgresTransaction<'_> {
    fn now(&mut self) -> Stored<Moment> {
        Ok(self.now)
    }

    fn register(&mut self) -> Stored<Epoch> {
        let row = self.session.query_one(sql::REGISTER, &[])?;
        let epoch = rows::first(row.as_ref())?.map(Epoch);
        (*self.runner, self.is_live) = (None, None);
        epoch.ok_or_else(|| StoreError::new("store_failed", "PostgreSQL gives no epoch"))
    }

    fn beat(&mut self, runner: Epoch) -> Stored<bool> {
        if *self.runner == Some(runner) {
            // It is locked since the transaction began.
            let is_live = self.is_live == Some(true);
            if is_live {
                self.session.later(sql::BEAT, parameters![runner.0])?;
            }
            return Ok(is_live);
        }
        let is_live = self.session.execute(sql::BEAT, &[&runner.0])? == 1;
        (*self.runner, self.is_live) = (Some(runner), Some(is_live));
        Ok(is_live)
    }

    fn others(&mut self, runner: Epoch) -> Stored<Vec<(Epoch, u64)>> {
        let others = self.session.query(sql::OTHERS, &[&runner.0])?;
        rows::all(&others, |c| Ok((c.get().map(Epoch)?, c.count()?)))
    }

    fn bury(&mut self, runner: Epoch, beats: u64) -> Stored<bool> {
        Ok(self.session.execute(sql::BURY, &[&runner.0, &signed(beats)])? == 1)
    }

    fn leave(&mut self, runner: Epoch) -> Stored<()> {
        self.session.later(sql::LEAVE, parameters![runner.0])
    }

    fn gone(&mut self) -> Stored<Option<Epoch>> {
        // Those that are to be forgotten at the end are done with.
        let done: Vec<_> = self.forgotten.iter().map(|runner| runner.0).collect();
        let row = self.session.query_one(sql::GONE, &[&done])?;
        rows::maybe(row, |c| c.get().map(Epoch))
    }

    fn out_of(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let found = self.session.query(sql::OUT_OF, &[&runner.0, &i64::from(most)])?;
        let found = rows::all(&found, rows::account_and_beside)?;
        Ok(self.remember(found))
    }

    fn opened_by(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let found = self.session.query(sql::OPENED_BY, &[&runner.0, &i64::from(most)])?;
        let found = rows::all(&found, rows::account_and_beside)?;
        Ok(self.remember(found))
    }

    fn unregister(&mut self, runner: Epoch) -> Stored<()> {
        // Accounts of it that another runner had in hand were passed over. They are looked at
        // once those that were not are written.
        self.forgotten.push(runner);
        Ok(())
    }

    fn policy(&mut self, component: &str, catalog: &str) -> Stored<i64> {
        let (component, catalog) = (text(component), text(catalog));
        let both = parameters![component.clone(), catalog.clone()];
        self.session.later(sql::INSERT_POLICY, both)?;
        let row = self.session.query_one(sql::POLICY, &[&component, &catalog])?;
        Ok(rows::first(row.as_ref())?.unwrap_or_default())
    }

    fn accounts(&mut self, ids: &[&str]) -> Stored<Vec<AccountRow>> {
        let mut rows = self.accounts_of(&[], ids)?;
        // Whoever was waited for may have deleted one that was there when it was looked for.
        rows.retain(|row| row.ended != Some(Ended::Deleted));
        Ok(rows)
    }

    fn accounts_at(&mut self, keys: &[AccountKey]) -> Stored<Vec<AccountRow>> {
        self.accounts_of(keys, &[])
    }

    fn accounts_of(&mut self, keys: &[AccountKey], ids: &[&str]) -> Stored<Vec<AccountRow>> {
        if keys.is_empty() && ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.session.query(sql::ACCOUNTS, &[&keys, &texts(ids)])?;
        let found = rows::all(&found, rows::account_and_beside)?;
        Ok(self.remember(found))
    }

    fn insert_account(&mut self, row: &AccountRow, profile: &Profile) -> Stored<AccountKey> {
        let team = text(&row.team);
        let lane = row.lane_row();
        let (id, tier, transport) = (text(&row.id), text(&row.tier), text(&row.transport));
        let (settings, next) = (text(&row.settings), signed(lane.next_number));
        let (created, used) = (row.created.0, lane.used.period.0);
        let inserted = self.session.query_one(
            sql::INSERT_ACCOUNT,
            &[&id, &team, &tier, &transport, &settings, &created, &next, &used],
        )?;
        let key = rows::first(inserted.as_ref())?.map(AccountKey).unwrap_or_default();
        let (nickname, created_by) = (text(&profile.nickname), text(&profile.created_by));
        let (sought, updated) = (Profile::sought(&nickname), profile.updated.0);
        let of_profile = parameters![key.0, nickname, sought, created_by, team, updated];
        self.session.later(sql::INSERT_PROFILE, of_profile)?;
        Ok(key)
    }

    fn write_accounts(&mut self, rows: &[(&AccountRow, Moment)]) -> Stored<()> {
        self.write_read(rows)
    }

    fn ready(&mut self, now: Moment, most: u32) -> Stored<Vec<(AccountRow, Moment)>> {
        let ready = self.session.query(sql::READY, &[&now.0, &i64::from(most)])?;
        let ready = rows::all(&ready, rows::ready)?;
        let (found, times): (Vec<_>, Vec<_>) = ready.into_iter().unzip();
        Ok(self.remember(found).into_iter().zip(times).collect())
    }

    fn next_ready(&mut self) -> Stored<Option<Moment>> {
        let row = self.session.query_one(sql::NEXT_READY, &[])?;
        Ok(rows::first(row.as_ref())?.map(Moment))
    }

    fn reconsider(&mut self, only_failed: bool) -> Stored<()> {
        let failed = number_of_hold(Hold::PolicyError);
        self.session.later(sql::RECONSIDER, parameters![self.now.0, only_failed, failed])
    }

    fn bring_back(&mut self, latest: Moment) -> Stored<()> {
        self.session.later(sql::BRING_BACK, parameters![self.now.0, latest.0])
    }

    fn heads(&mut self, of: &[(AccountKey, Option<u64>)]) -> Stored<Vec<Option<HeadRow>>> {
        self.heads_from_where_they_were(of)
    }

    fn will_ask(&mut self, ahead: &Ahead<'_>) -> Stored<()> {
        self.read_ahead(ahead)
    }

    fn put_chat_gaps(&mut self, rows: &[ChatGapRow]) -> Stored<()> {
        self.session.later(sql::PUT_CHAT_GAPS, bulk::chat_gaps(rows))
    }

    fn forget_chat_gaps(&mut self, accounts: &[AccountKey], before: Moment) -> Stored<()> {
        let accounts: Vec<_> = accounts.iter().map(|account| account.0).collect();
        self.session.later(sql::FORGET_CHAT_GAPS, parameters![accounts, before.0])
    }

    fn messages(&mut self, account: AccountKey, ids: &[&str]) -> Stored<Vec<Option<MessageRow>>> {
        self.messages_of(account, ids)
    }

    fn insert_messages(&mut self, rows: &[MessageRow]) -> Stored<()> {
        for row in rows {
            self.ahead.inserted(row);
            if row.status == Status::Pending {
                self.waits(row.account, row.at, row.number);
            }
        }
        for part in bulk::parts(rows) {
            self.session.later(sql::INSERT_MESSAGES, bulk::messages(part))?;
        }
        Ok(())
    }

    fn settle(&mut self, rows: &[SettledRow]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.ahead.settled(rows);
        self.session.later(sql::SETTLE, bulk::settled(rows))
    }

    fn requeue(&mut self, account: AccountKey, number: u64, due: Moment) -> Stored<()> {
        self.requeue_one(account, number, due)
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
        self.remove_one(account, number)
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
        self.ahead.forget_messages();
        let of: [&(dyn ToSql + Sync); 3] = [&account.0, &text(chat), &out.map(signed)];
        self.session.execute(sql::CANCEL_ON_REPLY, &of)
    }

    fn has_network_id(&mut self, account: AccountKey, network_id: &str) -> Stored<bool> {
        self.is_network_id_known(account, network_id)
    }

    fn resolve(
        &mut self,
        account: AccountKey,
        number: u64,
        taken: bool,
        now: Moment,
    ) -> Stored<()> {
        self.ahead.forget();
        self.session.later(sql::RESOLVE, parameters![account.0, signed(number), taken, now.0])
    }

    fn waiting(&mut self, account: AccountKey, from: Moment, to: Moment, most: u64) -> Stored<u64> {
        let most = signed(most);
        let asked: [&(dyn ToSql + Sync); 4] = [&account.0, &from.0, &to.0, &most];
        let row = self.session.query_one(sql::WAITING, &asked)?;
        Ok(rows::first(row.as_ref())?.map(unsigned).unwrap_or_default())
    }

    fn contacts(&mut self, account: AccountKey) -> Stored<u64> {
        let row = self.session.query_one(sql::CONTACTS, &[&account.0])?;
        Ok(rows::first(row.as_ref())?.map(unsigned).unwrap_or_default())
    }

    fn add_counted(&mut self, account: AccountKey, period: PeriodNumber, count: i64) -> Stored<()> {
        self.session.later(sql::ADD_COUNTED, parameters![account.0, period.0, count])
    }

    fn log_decisions(&mut self, rows: &[DecisionRow]) -> Stored<()> {
        self.append_decisions(rows)
    }

    fn log_outcomes(&mut self, rows: &[OutcomeRow]) -> Stored<()> {
        self.append_outcomes(rows)
    }

    fn lock_teams(&mut self, ids: &[&str]) -> Stored<()> {
        let unlocked = ids.iter().filter(|id| !self.teams.contains_key(**id));
        let ids: Vec<_> = unlocked.copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.session.later(sql::INSERT_TEAMS, parameters![texts(&ids)])?;
        let locked = self.session.query(sql::TEAMS, &[&texts(&ids)])?;
        for team in rows::all(&locked, rows::team)? {
            self.teams.insert(team.id.clone(), team);
        }
        Ok(())
    }

    fn team(&mut self, id: &str) -> Stored<TeamRow> {
        self.lock_teams(&[id])?;
        let new = || TeamRow { id: id.to_owned(), ..TeamRow::default() };
        Ok(self.teams.get(id).cloned().unwrap_or_else(new))
    }

    fn write_team(&mut self, team: &TeamRow) -> Stored<()> {
        self.lock_teams(&[&team.id])?;
        self.teams.insert(team.id.clone(), team.clone());
        let now_is = parameters![text(&team.id), signed(team.entries), team.last.0];
        self.session.later(sql::WRITE_TEAM, now_is)
    }

    fn append_life(&mut self, row: &LifeRow) -> Stored<()> {
        let (step, tier) = number_of_step(&row.step);
        let (team, entry, tier) = (text(&row.team), signed(row.entry), tier.map(text));
        let of_row = parameters![team, entry, row.account.0, row.at.0, step, tier];
        self.session.later(sql::APPEND_LIFE, of_row)
    }

    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>> {
        let asked = &[&text(team) as &(dyn ToSql + Sync), &signed(after), &i64::from(most)];
        rows::all(&self.session.query(sql::LIFE, asked)?, rows::life)
    }

    fn tiers(&mut self) -> Stored<Vec<String>> {
        rows::all(&self.session.query(TIERS, &[])?, |c| c.get())
    }

    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>> {
        let row = self.session.query_one(sql::INVOICE, &[&text(team), &text(period)])?;
        rows::first(row.as_ref())
    }

    fn put_invoice(&mut self, team: &str, period: &str, invoice: &str) -> Stored<()> {
        let of_row = parameters![text(team), text(period), text(invoice)];
        self.session.later(sql::PUT_INVOICE, of_row)
    }

    fn last_decision(&mut self, account: AccountKey) -> Stored<Option<DecisionRow>> {
        let row = self.session.query_one(sql::LAST_DECISION, &[&account.0])?;
        rows::maybe(row, rows::decision)
    }

    fn put_contact(&mut self, account: AccountKey, id: &str, name: &str) -> Stored<()> {
        self.session.later(sql::PUT_CONTACT, parameters![account.0, text(id), text(name)])
    }

    fn touch(&mut self, account: AccountKey, change: &ProfileChange) -> Stored<()> {
        self.session.later(sql::TOUCH, bulk::touched(account, change))
    }

    fn to_remove(&mut self) -> Stored<Option<AccountRow>> {
        self.account(sql::TO_REMOVE, &[])
    }

    fn remove(&mut self, row: &AccountRow, what: Removal, most: u32) -> Stored<u32> {
        self.ahead.forget();
        let (key, login) = (row.key.0, signed(row.login));
        let mut left = u64::from(most);
        match what {
            Removal::Nothing => {}
            Removal::History => {
                let of = &[&key as &(dyn ToSql + Sync), &i64::from(most), &login];
                left -= self.session.execute(sql::REMOVE_HISTORY, of)?;
            }
            Removal::Messages => {
                for sql in [sql::REMOVE_MESSAGES, sql::REMOVE_WAITING, sql::REMOVE_CHAT_GAPS] {
                    left -= self.session.execute(sql, &[&key, &signed(left)])?;
                }
            }
            Removal::All => {
                for sql in [
                    sql::REMOVE_ALL_MESSAGES,
                    sql::REMOVE_WAITING,
                    sql::REMOVE_CHAT_GAPS,
                    sql::REMOVE_CONTACTS,
                ] {
                    left -= self.session.execute(sql, &[&key, &signed(left)])?;
                }
                if left > 0 {
                    self.session.later(sql::REMOVE_PROFILE, parameters![key])?;
                }
            }
        }
        Ok(most.saturating_sub(u32::try_from(left).unwrap_or(u32::MAX)))
    }

    fn end_removal(&mut self, account: AccountKey) -> Stored<()> {
        self.session.later(sql::END_REMOVAL, parameters![account.0])
    }

    fn commit(mut self: Box<Self>) -> Stored<()> {
        if self.is_live == Some(false) {
            let message = "another runner took over from this one: it stores nothing more";
            return Err(StoreError::new("runner_gone", message));
        }
        for runner in std::mem::take(&mut self.forgotten) {
            self.session.later(sql::UNREGISTER, parameters![runner.0])?;
        }
        // Kept or not, the transaction is over.
        *self.is_open = false;
        self.session.commit()
    }
}
