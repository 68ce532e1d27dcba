//! A store as plain as can be: maps in memory, copied when a transaction begins, put in place when
//! it commits. What the stores on disk do is held against it; and it fails when it is told to.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tierwise_lanes::{Hold, Lane, Moment, PeriodNumber};
use tierwise_runner::*;

use super::state::is_waiting;
pub(crate) use super::state::{AtCommit, State};

/// The store; clones share what is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Arc<Mutex<State>>);

impl Memory {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct MemoryTransaction<'a> {
    pub(super) state: State,
    of: &'a Memory,
}

impl Store for Memory {
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>> {
        let state = self.state().clone();
        Ok(Box::new(MemoryTransaction { state, of: self }))
    }

    fn is_shared(&self) -> bool {
        !self.state().is_alone
    }
}

fn is_history(row: &MessageRow) -> bool {
    matches!(row.origin, Origin::History | Origin::OwnHistory)
}

impl MemoryTransaction<'_> {
    fn of_account(&self, account: AccountKey) -> impl Iterator<Item = &MessageRow> {
        self.state.of_account(account)
    }

    fn change(&mut self, account: AccountKey, number: u64, with: impl FnOnce(&mut MessageRow)) {
        if let Some(row) = self.state.messages.get_mut(&(account, number)) {
            with(row);
            row.revision += 1;
        }
    }
}

impl CreationStore for MemoryTransaction<'_> {
    fn creation(&mut self, team: &str, key: &str, since: Moment) -> Stored<Option<Creation>> {
        let found = self.state.creations.get(&(team.to_owned(), key.to_owned()));
        Ok(found.filter(|creation| creation.at >= since).cloned())
    }

    fn is_account(&mut self, id: &str) -> Stored<bool> {
        let mut rows = self.state.accounts.values().map(|(row, _)| row);
        Ok(rows.any(|row| row.id == id && row.ended != Some(Ended::Deleted)))
    }

    fn keep_creation(
        &mut self,
        team: &str,
        key: &str,
        creation: &Creation,
        _: Moment,
    ) -> Stored<()> {
        self.state.creations.insert((team.to_owned(), key.to_owned()), creation.clone());
        Ok(())
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn now(&mut self) -> Stored<Moment> {
        Ok(Moment(self.state.now))
    }

    fn register(&mut self) -> Stored<Epoch> {
        self.state.next_epoch += 1;
        let epoch = Epoch(self.state.next_epoch);
        self.state.runners.insert(epoch, (0, false));
        Ok(epoch)
    }

    fn beat(&mut self, runner: Epoch) -> Stored<bool> {
        let Some((beats, false)) = self.state.runners.get_mut(&runner) else { return Ok(false) };
        *beats += 1;
        Ok(true)
    }

    fn others(&mut self, runner: Epoch) -> Stored<Vec<(Epoch, u64)>> {
        let runners = self.state.runners.iter();
        let others = runners.filter(|(epoch, (_, is_gone))| **epoch != runner && !is_gone);
        Ok(others.map(|(epoch, (beats, _))| (*epoch, *beats)).collect())
    }

    fn bury(&mut self, runner: Epoch, beats: u64) -> Stored<bool> {
        let Some((now, is_gone)) = self.state.runners.get_mut(&runner) else { return Ok(false) };
        *is_gone |= *now == beats;
        Ok(*is_gone)
    }

    fn leave(&mut self, runner: Epoch) -> Stored<()> {
        self.state.runners.entry(runner).or_default().1 = true;
        Ok(())
    }

    fn gone(&mut self) -> Stored<Option<Epoch>> {
        let mut runners = self.state.runners.iter();
        Ok(runners.find(|(_, (_, is_gone))| *is_gone).map(|(epoch, _)| *epoch))
    }

    fn out_of(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let rows = self.state.accounts.values().map(|(row, _)| row);
        let owned = rows.filter(|row| row.owner == Some(runner)).take(most as usize);
        Ok(owned.cloned().collect())
    }

    fn opened_by(&mut self, runner: Epoch, most: u32) -> Stored<Vec<AccountRow>> {
        let rows = self.state.accounts.values().map(|(row, _)| row);
        let asked = rows.filter(|row| row.opening.caller == Some(runner)).take(most as usize);
        Ok(asked.cloned().collect())
    }

    fn unregister(&mut self, runner: Epoch) -> Stored<()> {
        self.state.runners.remove(&runner);
        Ok(())
    }

    fn policy(&mut self, component: &str, catalog: &str) -> Stored<i64> {
        let policy = (component.to_owned(), catalog.to_owned());
        let policies = &mut self.state.policies;
        let place = policies.iter().position(|other| *other == policy).unwrap_or_else(|| {
            policies.push(policy);
            policies.len() - 1
        });
        Ok(place as i64 + 1)
    }

    fn accounts(&mut self, ids: &[&str]) -> Stored<Vec<AccountRow>> {
        let rows = self.state.accounts.values().map(|(row, _)| row);
        let found =
            rows.filter(|row| ids.contains(&row.id.as_str()) && row.ended != Some(Ended::Deleted));
        Ok(found.cloned().collect())
    }

    fn accounts_at(&mut self, keys: &[AccountKey]) -> Stored<Vec<AccountRow>> {
        let found = keys.iter().filter_map(|key| self.state.accounts.get(key));
        Ok(found.map(|(row, _)| row.clone()).collect())
    }

    fn insert_account(&mut self, row: &AccountRow, profile: &Profile) -> Stored<AccountKey> {
        let key = AccountKey(self.state.accounts.len() as i64 + 1);
        self.state.accounts.insert(key, (AccountRow { key, ..row.clone() }, Moment::NEVER));
        self.state.profiles.insert(key, profile.clone());
        Ok(key)
    }

    fn write_accounts(&mut self, rows: &[(&AccountRow, Moment)]) -> Stored<()> {
        for (row, next_at) in rows {
            self.state.accounts.insert(row.key, ((*row).clone(), *next_at));
        }
        Ok(())
    }

    fn ready(&mut self, now: Moment, most: u32) -> Stored<Vec<(AccountRow, Moment)>> {
        let mut ready: Vec<_> =
            self.state.accounts.values().filter(|(_, next_at)| *next_at <= now).cloned().collect();
        ready.sort_by_key(|(row, next_at)| (*next_at, row.key));
        ready.truncate(most as usize);
        Ok(ready)
    }

    fn next_ready(&mut self) -> Stored<Option<Moment>> {
        let times = self.state.accounts.values().map(|(_, next_at)| *next_at);
        Ok(times.min().filter(|next_at| *next_at != Moment::NEVER))
    }

    fn reconsider(&mut self, only_failed: bool) -> Stored<()> {
        let now = Moment(self.state.now);
        for (row, next_at) in self.state.accounts.values_mut() {
            let mut lane = *row.lane_row();
            let Some(held) = lane.held else { continue };
            if only_failed && held.why != Hold::PolicyError {
                continue;
            }
            lane.held = None;
            row.lane = Lane::of_row(lane);
            row.held_reason.clear();
            if *next_at != Moment::NEVER {
                *next_at = now.min(*next_at);
            }
        }
        Ok(())
    }

    fn bring_back(&mut self, latest: Moment) -> Stored<()> {
        self.state.bring_back(latest);
        Ok(())
    }

    fn heads(&mut self, of: &[(AccountKey, Option<u64>)]) -> Stored<Vec<Option<HeadRow>>> {
        Ok(of.iter().map(|(account, tried)| self.state.head(*account, *tried)).collect())
    }

    fn put_chat_gaps(&mut self, rows: &[ChatGapRow]) -> Stored<()> {
        for ChatGapRow { account, chat, until } in rows {
            self.state.chat_gaps.insert((*account, chat.clone()), *until);
        }
        Ok(())
    }

    fn forget_chat_gaps(&mut self, accounts: &[AccountKey], before: Moment) -> Stored<()> {
        self.state.forget_chat_gaps(accounts, before);
        Ok(())
    }

    fn messages(&mut self, account: AccountKey, ids: &[&str]) -> Stored<Vec<Option<MessageRow>>> {
        let find = |id: &&str| self.of_account(account).find(|row| row.id == *id).cloned();
        Ok(ids.iter().map(find).collect())
    }

    fn insert_messages(&mut self, rows: &[MessageRow]) -> Stored<()> {
        for row in rows {
            let is_new = self.state.numbers.insert((row.account, row.number));
            assert!(is_new, "4: no number is used twice");
            self.state.messages.insert((row.account, row.number), row.clone());
        }
        Ok(())
    }

    fn settle(&mut self, rows: &[SettledRow]) -> Stored<()> {
        for settled in rows {
            self.change(settled.account, settled.number, |row| {
                row.status = settled.status;
                row.at = settled.at.unwrap_or(row.at);
                row.counted = settled.counted.or(row.counted);
                row.error.clone_from(&settled.error);
                row.network_id.clone_from(&settled.network_id);
            });
        }
        Ok(())
    }

    fn requeue(&mut self, account: AccountKey, number: u64, due: Moment) -> Stored<()> {
        self.change(account, number, |row| {
            (row.status, row.at) = (Status::Pending, due);
            row.error.clear();
        });
        Ok(())
    }

    fn requeue_many(
        &mut self,
        of: &[Numbered],
        status: Status,
        due: Moment,
    ) -> Stored<Vec<Numbered>> {
        let changed = self.state.that_are(of, status);
        changed.iter().try_for_each(|(account, number)| self.requeue(*account, *number, due))?;
        Ok(changed)
    }

    fn remove_message(&mut self, account: AccountKey, number: u64) -> Stored<()> {
        self.state.messages.remove(&(account, number));
        Ok(())
    }

    fn remove_many(&mut self, of: &[Numbered], status: Status) -> Stored<Vec<Numbered>> {
        let removed = self.state.that_are(of, status);
        removed.iter().for_each(|one| drop(self.state.messages.remove(one)));
        Ok(removed)
    }

    fn rewrite(&mut self, row: &MessageRow, _: Moment) -> Stored<()> {
        self.state.messages.insert((row.account, row.number), row.clone());
        Ok(())
    }

    fn receipt(
        &mut self,
        account: AccountKey,
        network_id: &str,
        status: Status,
        error: &str,
    ) -> Stored<Vec<(Origin, Status)>> {
        let named: Vec<_> = self
            .of_account(account)
            .filter(|row| row.network_id == network_id)
            .filter(|row| row.status >= Status::Sent && row.status < status)
            .map(|row| (row.number, (row.origin, row.status)))
            .collect();
        for (number, _) in &named {
            self.change(account, *number, |row| {
                row.status = status;
                error.clone_into(&mut row.error);
            });
        }
        Ok(named.into_iter().map(|(_, was)| was).collect())
    }

    fn cancel_on_reply(
        &mut self,
        account: AccountKey,
        chat: &str,
        out: Option<u64>,
    ) -> Stored<u64> {
        let withdrawn: Vec<_> = self
            .of_account(account)
            .filter(|row| is_waiting(row) && row.chat == chat && row.cancel_on_reply)
            .map(|row| row.number)
            .filter(|number| Some(*number) != out)
            .collect();
        for number in &withdrawn {
            self.change(account, *number, |row| row.status = Status::Cancelled);
        }
        Ok(withdrawn.len() as u64)
    }

    fn has_network_id(&mut self, account: AccountKey, network_id: &str) -> Stored<bool> {
        Ok(self.of_account(account).any(|row| row.network_id == network_id))
    }

    fn resolve(
        &mut self,
        account: AccountKey,
        number: u64,
        taken: bool,
        now: Moment,
    ) -> Stored<()> {
        self.change(account, number, |row| {
            if taken {
                (row.status, row.at) = (Status::Sent, now);
                row.error.clear();
            } else {
                (row.status, row.counted) = (Status::Error, None);
                row.error = row.error.replace("outcome_unknown", "not_taken");
            }
        });
        Ok(())
    }

    fn waiting(&mut self, account: AccountKey, from: Moment, to: Moment, most: u64) -> Stored<u64> {
        let waiting = self.of_account(account).filter(|row| {
            is_waiting(row) && row.counted.is_none() && row.at >= from && row.at < to
        });
        Ok((waiting.count() as u64).min(most))
    }

    fn contacts(&mut self, account: AccountKey) -> Stored<u64> {
        Ok(self.state.contacts.keys().filter(|(key, _)| *key == account).count() as u64)
    }

    fn add_counted(&mut self, account: AccountKey, period: PeriodNumber, count: i64) -> Stored<()> {
        *self.state.counted.entry((account, period)).or_default() += count;
        Ok(())
    }

    fn log_decisions(&mut self, rows: &[DecisionRow]) -> Stored<()> {
        for row in rows {
            let other = self.state.decisions.insert((row.account, row.fence), row.clone());
            assert_eq!(other, None, "no decision has the fence of another");
        }
        Ok(())
    }

    fn log_outcomes(&mut self, rows: &[OutcomeRow]) -> Stored<()> {
        for row in rows {
            let other = self.state.outcomes.insert((row.account, row.fence), row.clone());
            assert_eq!(other, None, "no attempt ends twice");
        }
        Ok(())
    }

    fn team(&mut self, id: &str) -> Stored<TeamRow> {
        let new = || TeamRow { id: id.to_owned(), ..TeamRow::default() };
        Ok(self.state.teams.get(id).cloned().unwrap_or_else(new))
    }

    fn write_team(&mut self, team: &TeamRow) -> Stored<()> {
        self.state.teams.insert(team.id.clone(), team.clone());
        Ok(())
    }

    fn append_life(&mut self, row: &LifeRow) -> Stored<()> {
        let other = self.state.life.insert((row.team.clone(), row.entry), row.clone());
        assert_eq!(other, None, "no entry of a ledger is written twice");
        Ok(())
    }

    fn life(&mut self, team: &str, after: u64, most: u32) -> Stored<Vec<LifeRow>> {
        let rows = self.state.life.values().filter(|row| row.team == team && row.entry > after);
        Ok(rows.take(most as usize).cloned().collect())
    }

    fn tiers(&mut self) -> Stored<Vec<String>> {
        let named = self.state.life.values().filter_map(|row| match &row.step {
            LifeStep::Create(tier) | LifeStep::Tier(tier) => Some(tier.clone()),
            LifeStep::Archive | LifeStep::Delete => None,
        });
        Ok(named.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn invoice(&mut self, team: &str, period: &str) -> Stored<Option<String>> {
        Ok(self.state.invoices.get(&(team.to_owned(), period.to_owned())).cloned())
    }

    fn put_invoice(&mut self, team: &str, period: &str, invoice: &str) -> Stored<()> {
        let place = (team.to_owned(), period.to_owned());
        let other = self.state.invoices.insert(place, invoice.to_owned());
        assert_eq!(other, None, "a final invoice never changes");
        Ok(())
    }

    fn last_decision(&mut self, account: AccountKey) -> Stored<Option<DecisionRow>> {
        let rows = self.state.decisions.range((account, 0)..=(account, u64::MAX));
        Ok(rows.last().map(|(_, row)| row.clone()))
    }

    fn put_contact(&mut self, account: AccountKey, id: &str, name: &str) -> Stored<()> {
        self.state.contacts.insert((account, id.to_owned()), name.to_owned());
        Ok(())
    }

    fn touch(&mut self, account: AccountKey, change: &ProfileChange) -> Stored<()> {
        if let Some(profile) = self.state.profiles.get_mut(&account) {
            profile.change(change);
        }
        Ok(())
    }

    fn to_remove(&mut self) -> Stored<Option<AccountRow>> {
        let mut rows = self.state.accounts.values().map(|(row, _)| row);
        Ok(rows.find(|row| row.removal != Removal::Nothing).cloned())
    }

    fn remove(&mut self, account: &AccountRow, what: Removal, most: u32) -> Stored<u32> {
        let goes = |row: &&MessageRow| match what {
            Removal::Nothing => false,
            Removal::History => is_history(row) && row.login != account.login,
            Removal::Messages => row.status != Status::Note,
            Removal::All => true,
        };
        let rows: Vec<_> = self
            .of_account(account.key)
            .filter(goes)
            .map(|row| (row.account, row.number))
            .take(most as usize)
            .collect();
        let mut removed = rows.len() as u32;
        for row in rows {
            self.state.messages.remove(&row);
        }
        if what >= Removal::Messages {
            self.state.chat_gaps.retain(|(key, _), _| *key != account.key);
        }
        if what == Removal::All && removed < most {
            let contacts: Vec<_> = self.state.contacts.keys().cloned().collect();
            for contact in contacts.into_iter().filter(|(key, _)| *key == account.key) {
                self.state.contacts.remove(&contact);
                removed += 1;
            }
            self.state.profiles.remove(&account.key);
        }
        Ok(removed)
    }

    fn end_removal(&mut self, account: AccountKey) -> Stored<()> {
        if let Some((row, _)) = self.state.accounts.get_mut(&account) {
            row.removal = Removal::Nothing;
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Stored<()> {
        let MemoryTransaction { mut state, of } = *self;
        let mut kept = of.state();
        let at_commit = std::mem::take(&mut kept.at_commit);
        if at_commit != AtCommit::FailBefore {
            // Time goes on while a transaction is under way.
            (state.now, state.at_commit) = (kept.now, AtCommit::Succeed);
            *kept = state;
        }
        match at_commit {
            AtCommit::Succeed => Ok(()),
            _ => Err(StoreError::new("store_failed", "the commit failed, as it was told to")),
        }
    }
}
