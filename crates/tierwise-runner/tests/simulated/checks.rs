//! What has to hold, at any time and in the end. The numbers are those of the invariants.

use std::collections::{BTreeMap, HashMap, HashSet};

use tierwise_lanes::{Moment, PeriodNumber, Span};
use tierwise_runner::{
    AccountKey, AccountRow, Answered, Change, DecisionRow, Ended, LifeStep, MessageRow, Origin,
    Request, Sending, Status,
};
use tierwise_transport::{Event, Inbound, Report};

use super::World;
use crate::world::{LIMIT, LIMITED, memory::State};

/// What was seen of the store over time.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// The last that was seen of each message, also of those that are gone.
    messages: BTreeMap<(AccountKey, u64), MessageRow>,
    /// Decisions that were replayed, by account.
    replayed: HashMap<AccountKey, u64>,
    /// Fences of accounts when they had ended.
    ended: HashMap<AccountKey, u64>,
    /// Accounts that were on a tier without a limit.
    unlimited: HashSet<AccountKey>,
    /// When chats may be tried again, by the decisions so far, whoever asked for them.
    chats: HashMap<(AccountKey, String), Moment>,
}

impl Witness {
    pub(crate) fn key(&self, state: &State, account: &str) -> AccountKey {
        let mut rows = state.accounts.values().map(|(row, _)| row);
        rows.find(|row| row.id == account).unwrap().key
    }

    /// A message is claimed: it is its turn.
    pub(crate) fn claimed(&self, state: &State, sending: &Sending, now: Moment) {
        let (key, number) = (sending.account, sending.message.number);
        let (row, _) = &state.accounts[&key];
        let message = &state.messages[&(key, number)];
        assert_eq!(message.status, Status::Pending, "9: only what waits is sent");
        assert_eq!(message.origin, Origin::Here);
        assert!(row.is_active(), "10: what has ended begins nothing");
        assert_eq!(row.lane.out().map(|out| out.fence), Some(sending.message.fence));
        assert!(message.at <= now, "20: nothing starts before it is due");
        if sending.message.attempt == 1 {
            let mut waiting = state.messages.range((key, 0)..=(key, u64::MAX)).map(|(_, it)| it);
            let earlier = waiting.find(|other| {
                other.status == Status::Pending
                    && (other.at, other.number) < (message.at, message.number)
            });
            assert_eq!(earlier, None, "3: {message:?} overtakes");
        }
    }

    fn see(&mut self, state: &State) {
        for (place, row) in &state.messages {
            self.messages.insert(*place, row.clone());
        }
        for row in state.life.values() {
            if let LifeStep::Create(tier) | LifeStep::Tier(tier) = &row.step
                && tier != LIMITED
            {
                self.unlimited.insert(row.account);
            }
        }
        for (row, _) in state.accounts.values() {
            if !row.is_active() {
                let fence = row.lane_row().fence;
                let ended = *self.ended.entry(row.key).or_insert(fence);
                assert_eq!(ended, fence, "10: nothing is decided after the end");
            }
        }
    }

    /// A decision that was not seen before. Whether its message had to wait for its chat.
    fn decided(&mut self, decision: &DecisionRow) -> bool {
        let Answered::Send { chat_gap_ms, .. } = decision.answer else { return false };
        let (account, question) = (decision.account, &decision.question);
        let chat = self.messages[&(account, question.number)].chat.clone();
        let until = question.now.after(Span(chat_gap_ms));
        let before = self.chats.insert((account, chat), until).unwrap_or_default();
        let is_near = chat_gap_ms > 0 && question.now < before;
        assert!(!is_near, "20: nearer to another than the gap of its chat: {decision:?}");
        chat_gap_ms > 0 && question.due < before
    }

    fn counted(&self, account: AccountKey, period: PeriodNumber) -> u64 {
        let rows = self.messages.range((account, 0)..=(account, u64::MAX));
        rows.filter(|(_, row)| row.counted == Some(period)).count() as u64
    }

    fn check_account(&self, state: &State, row: &AccountRow) {
        let used = row.lane_row().used;
        if row.is_active() {
            let counted = self.counted(row.key, used.period);
            assert_eq!(used.count, counted, "7, 8: each is counted once, {row:?}");
            for ((account, period), count) in &state.counted {
                if *account == row.key {
                    let seen = self.counted(row.key, *period);
                    let both = if *period == used.period { used.count } else { 0 };
                    assert_eq!(*count as u64 + both, seen, "7: of an earlier period");
                }
            }
        }
        let numbers = state.numbers.range((row.key, 0)..=(row.key, u64::MAX)).count() as u64;
        assert_eq!(numbers + 1, row.lane_row().next_number, "4: numbers have no holes");
        if !self.unlimited.contains(&row.key) {
            assert!(used.count <= LIMIT, "7: never over the limit");
        }
        assert_eq!(row.counts, state.counts_of(row), "what is kept is what rows say: {row:?}");
        let owner = row.lane.out().map(|_| ()).is_some();
        assert_eq!(row.owner.is_some(), owner, "who has a message out is named");
    }
}

impl World {
    /// After each flush.
    pub(crate) fn check(&mut self) {
        let state = self.store.state().clone();
        self.witness.see(&state);
        for (row, _) in state.accounts.values() {
            self.witness.check_account(&state, row);
        }
        for ((account, fence), decision) in &state.decisions {
            let replayed = self.witness.replayed.entry(*account).or_default();
            if fence > replayed {
                let answer = self.policy.ask(&decision.question);
                assert_eq!(answer, decision.answer, "12: the ledger can be replayed");
                let is_held = !matches!(answer, Answered::Send { .. });
                self.totals.held_by_limit += u64::from(is_held);
                *replayed = *fence;
                self.totals.waited_for_chat += u64::from(self.witness.decided(decision));
            }
        }
    }

    /// Everything that failed stops failing, and the world comes to rest.
    pub(crate) fn settle(&mut self) {
        for place in 0..self.runners.len() {
            self.crash(place);
        }
        let dead: HashSet<_> = self.store.state().runners.keys().copied().collect();
        let orphans = |world: &World| {
            let state = world.store.state();
            let owners = state.accounts.values().filter_map(|(row, _)| row.owner);
            owners.filter(|owner| dead.contains(owner)).count() as u64
        };
        self.totals.taken_over += orphans(self);
        self.runners.clear();
        self.start_runner();
        // 16: what dead runners had out is unknown within a lease and a second.
        let begin = self.elapsed;
        while self.elapsed <= begin + self.terms.lease.0 + 1000 {
            self.flush(0);
            self.pass(500);
        }
        assert_eq!(orphans(self), 0, "16: within a lease and a second");
        for account in self.accounts.clone() {
            let event = Event::Open { login: false };
            let inbound = Inbound::new(&account, event);
            let runner = self.runners[0].as_mut().unwrap();
            for change in [Change::Open, Change::Resume] {
                let account = account.clone();
                runner.ask(Request::Change { account, team: None, change }, None);
            }
            runner.ask(Request::Arrived(inbound), None);
        }
        self.drain();
        self.check_asked();
        self.check_life();
    }

    /// Delivers what waits, period after period.
    fn drain(&mut self) {
        for round in 0.. {
            if round >= 40 && (self.waiting().is_none() || round == 120) {
                break;
            }
            // Whatever waits for a moment has it now: an hour passes, sometimes a month.
            for _ in 0..(4 + 2 * LIMIT) {
                self.flush(0);
                self.begin(0);
                let out = self.runners[0].as_mut().map(|it| std::mem::take(&mut it.out));
                for (account, fence, seen) in out.into_iter().flatten() {
                    self.end_seen(seen);
                    if let Some(runner) = self.runners[0].as_mut() {
                        runner.end(account, fence, Report::delivered());
                    }
                }
                self.pass(self.chat_gap.0);
            }
            self.pass(4_000_000);
            if self.elapsed.is_multiple_of(3) {
                self.store.state().now += 31 * 86_400_000;
            }
            self.flush(0);
            self.store.state().now += 86_400_000;
        }
        assert_eq!(self.waiting(), None, "1, 19: nothing waits for ever");
    }

    /// A message that waits, and its account.
    fn waiting(&self) -> Option<(MessageRow, AccountRow)> {
        let state = self.store.state();
        let account = |row: &MessageRow| state.accounts[&row.account].0.clone();
        let waits = state
            .messages
            .values()
            .find(|row| row.status == Status::Pending && account(row).is_active());
        waits.map(|row| (row.clone(), account(row)))
    }

    /// What a client was told is so; what it was not told is wholly so or not at all.
    fn check_asked(&self) {
        let state = self.store.state();
        let seen = &self.witness.messages;
        for asked in &self.asked {
            let key = self.witness.key(&state, &asked.account);
            // One that somebody removed may be asked for again, and has another number then.
            let numbers_of = |id: &String| -> Vec<u64> {
                let rows = seen.range((key, 0)..=(key, u64::MAX));
                rows.filter(|(_, row)| row.id == *id).map(|((_, number), _)| *number).collect()
            };
            let mut numbers = asked.ids.iter().map(numbers_of);
            match &asked.numbers {
                _ if !state.accounts[&key].0.is_active() => {}
                Some(told) => {
                    let is_so = numbers.zip(told).all(|(numbers, told)| numbers.contains(told));
                    assert!(is_so, "1, 5: {asked:?}");
                }
                None => {
                    let first = numbers.next().is_some_and(|numbers| !numbers.is_empty());
                    let is_alike = numbers.all(|numbers| numbers.is_empty() != first);
                    assert!(is_alike, "6: {asked:?}");
                }
            }
        }
        for (row, _) in state.accounts.values() {
            let kept = state.messages.range((row.key, 0)..=(row.key, u64::MAX));
            let kept: Vec<_> = kept.map(|(_, row)| row.status).collect();
            match row.ended {
                Some(Ended::Archived) => assert!(kept.iter().all(|it| *it == Status::Note)),
                Some(Ended::Deleted) => assert!(kept.is_empty(), "L5"),
                None => {}
            }
        }
    }

    /// 22: the ledger's lives are lives, one entry after the other.
    fn check_life(&mut self) {
        let catalog = self.policy.catalog().catalog();
        let state = self.store.state();
        let mut lives: HashMap<AccountKey, tierwise::Account> = HashMap::new();
        let mut last = Moment::default();
        for ((_, entry), place) in state.life.keys().zip(1..) {
            assert_eq!(*entry, place, "22: entries have no holes");
        }
        for row in state.life.values() {
            assert!(row.at >= last, "21, 22: time does not go back in a ledger");
            last = row.at;
            let tier = |id: &str| catalog.tier(id).unwrap().index();
            let action = match &row.step {
                LifeStep::Create(id) => tierwise::Action::Create(tier(id)),
                LifeStep::Tier(id) => tierwise::Action::Change(tier(id)),
                LifeStep::Archive => tierwise::Action::Archive,
                LifeStep::Delete => tierwise::Action::Delete,
            };
            let at = tierwise::Instant::from_unix_ms(row.at.0).unwrap();
            let life = lives.entry(row.account).or_default();
            life.apply(catalog, tierwise::Event { at, action }).unwrap();
        }
        self.totals.ended_accounts +=
            state.accounts.values().filter(|(row, _)| !row.is_active()).count() as u64;
        self.totals.tier_changes +=
            state.life.values().filter(|row| matches!(row.step, LifeStep::Tier(_))).count() as u64;
    }
}
