//! What can happen at each step.

use std::time::Duration;

use tierwise_lanes::Moment;
use tierwise_runner::{
    AccountKey, Change, Edit, Many, ManyChange, NewMessage, Request, Status, Update,
};
use tierwise_transport::{Event, Inbound, OldMessage, Received, Report};

use super::{Asked, World};
use crate::world::{self, memory::AtCommit, message};

const HOUR_MS: i64 = 3_600_000;

/// A message by its id alone, so that a repeat is the same one.
fn to_its_chat(id: &str) -> NewMessage {
    NewMessage { chat: world::chat_of(id), ..message(id) }
}

impl World {
    pub(crate) fn step(&mut self) {
        match self.random.rand_range(0..100) {
            0..18 => self.send(),
            18..45 => self.end_one(),
            45..62 => {
                if let Some(place) = self.live() {
                    self.flush(place);
                }
            }
            62..74 => {
                if let Some(place) = self.live() {
                    self.begin(place);
                }
            }
            74..84 => {
                let ms = [3, 40, 400, 2500][self.pick(4)];
                self.pass(ms);
            }
            84..92 => self.change(),
            92..94 => self.fail(),
            94..96 => self.late_outcome(),
            96..98 => self.bring(),
            _ => self.clock(),
        }
        if self.runners.iter().all(Option::is_none) {
            self.start_runner();
        }
    }

    fn ask(&mut self, request: Request, asked: Option<usize>) {
        if let Some(place) = self.live()
            && let Some(runner) = self.runners[place].as_mut()
        {
            runner.ask(request, asked);
        }
    }

    fn new_id(&mut self) -> String {
        self.next_id += 1;
        format!("m{}", self.next_id)
    }

    fn send(&mut self) {
        let account = self.account();
        if self.chance(6) && !self.asked.is_empty() {
            // A client repeats what it had asked for.
            let place = self.pick(self.asked.len());
            let Asked { account, ids, .. } = self.asked[place].clone();
            let messages = ids.iter().map(|id| to_its_chat(id)).collect();
            self.ask(
                Request::Send { account, team: None, require_open: false, messages },
                Some(place),
            );
            return;
        }
        let count = 1 + self.pick(3);
        let now = self.store.state().now;
        let mut messages: Vec<NewMessage> = Vec::new();
        for _ in 0..count {
            let id = self.new_id();
            let due = match self.random.rand_range(0..6) {
                0 => Some(Moment(now + 5000)),
                1 => Some(Moment(now - 5000)),
                2 => Some(Moment(now + HOUR_MS)),
                _ => None,
            };
            // A repeat of the client is the same request, so its time is told by its id alone.
            let cancel_on_reply = self.chance(8);
            messages.push(NewMessage { due, cancel_on_reply, ..to_its_chat(&id) });
        }
        let ids = messages.iter().filter_map(|message| message.id.clone()).collect();
        let asked = Asked { account: account.clone(), ids, numbers: None, is_refused: false };
        self.asked.push(asked);
        if self.chance(10) {
            let id = self.new_id();
            let note = NewMessage { is_note: true, ..message(&id) };
            let account = account.clone();
            self.ask(
                Request::Send { account, team: None, require_open: false, messages: vec![note] },
                None,
            );
        }
        self.ask(
            Request::Send { account, team: None, require_open: false, messages },
            Some(self.asked.len() - 1),
        );
    }

    /// An attempt ends, in one way or another.
    fn end_one(&mut self) {
        let Some(place) = self.live() else { return };
        let out = self.runners[place].as_ref().map_or(0, |runner| runner.out.len());
        if out == 0 {
            return;
        }
        let which = self.pick(out);
        let fate = self.random.rand_range(0..10);
        let Some(runner) = self.runners[place].as_mut() else { return };
        let (account, fence, seen) = runner.out.swap_remove(which);
        let is_over = self.seen[seen].ended.is_some();
        let report = match fate {
            _ if is_over => Report::unknown("no answer in time"),
            0 => Report::refused(400, "no"),
            1 => Report::later(None, 503, "not now"),
            2 => Report::later(Some(Duration::from_secs(4)), 429, "not so fast"),
            3 => Report::unknown("the connection broke"),
            _ => Report::delivered_as(format!("n{fence}")),
        };
        self.totals.unknown += u64::from(report == Report::unknown("the connection broke"));
        runner.end(account, fence, report);
        self.end_seen(seen);
    }

    fn late_outcome(&mut self) {
        let Some(place) = self.live() else { return };
        if self.seen.is_empty() {
            return;
        }
        let which = self.pick(self.seen.len());
        let seen = self.seen[which].clone();
        let is_out = |runner: &super::Runner| runner.out.iter().any(|(_, _, it)| *it == which);
        if self.runners.iter().flatten().any(is_out) {
            return;
        }
        let key = self.witness.key(&self.store.state(), &seen.account);
        if let Some(runner) = self.runners[place].as_mut() {
            // Only what the store no longer has as out is late.
            let is_current =
                self.store.state().accounts.get(&key).is_some_and(|(row, _)| {
                    row.lane.out().is_some_and(|out| out.fence == seen.fence)
                });
            if !is_current {
                self.totals.late_outcomes += 1;
                runner.end(key, seen.fence, Report::delivered());
            }
        }
    }

    fn fail(&mut self) {
        let place = self.pick(self.runners.len());
        match self.random.rand_range(0..5) {
            0 => self.crash(place),
            1 => self.start_runner(),
            2 if self.chance(2) => {
                let until = self.elapsed + [1000, 9000, 25_000][self.pick(3)];
                if let Some(runner) = self.runners[place].as_mut() {
                    runner.paused_until = until;
                }
            }
            2 => self.oversleep(),
            way => {
                let Some(place) = self.live() else { return };
                self.store.state().at_commit =
                    if way == 3 { AtCommit::FailBefore } else { AtCommit::FailAfter };
                self.flush(place);
                self.store.state().at_commit = AtCommit::Succeed;
            }
        }
    }

    /// A runner stands still between its claim and the attempt, for longer than a lease or nearly
    /// so, while another one goes on. What it has claimed is taken over then, and its next
    /// message goes out: whoever begins now would be seen beside it, or with an older fence.
    fn oversleep(&mut self) {
        let Some(place) = self.live() else { return };
        self.start_runner();
        let account = self.account();
        if let Some(runner) = self.runners[place].as_mut() {
            // More than one message, so that the next one can go out meanwhile.
            let ids = [self.next_id + 1, self.next_id + 2].map(|id| format!("m{id}"));
            self.next_id += 2;
            let messages = ids.iter().map(|id| to_its_chat(id)).collect();
            runner.ask(Request::Send { account, team: None, require_open: false, messages }, None);
        }
        self.flush(place);
        let asleep = self.runners[place].take();
        let until = self.elapsed + [7000, 9000, 12_000][self.pick(3)];
        while self.elapsed < until {
            self.pass(500);
            for other in 0..self.runners.len() {
                self.flush(other);
                self.begin(other);
            }
        }
        self.wake(asleep);
    }

    /// A runner that stood still goes on with what it was about to do.
    fn wake(&mut self, asleep: Option<super::Runner>) {
        let place = match self.runners.iter().position(Option::is_none) {
            Some(place) => place,
            None => {
                self.runners.push(None);
                self.runners.len() - 1
            }
        };
        self.runners[place] = asleep;
        self.begin(place);
    }

    fn clock(&mut self) {
        let by = [3, -3, 1, -1, 26][self.pick(5)] * HOUR_MS;
        self.store.state().now += by;
    }

    pub(crate) fn arrive_open(&mut self, place: usize, account: &str) {
        let event = Event::Open { login: self.chance(2) };
        if let Some(runner) = self.runners[place].as_mut() {
            let inbound = Inbound::new(account, event);
            runner.ask(Request::Arrived(inbound), None);
        }
    }

    fn bring(&mut self) {
        let account = self.account();
        let id = self.new_id();
        let received = Received {
            chat_id: world::chat_of(&id),
            id,
            sender: "somebody".to_owned(),
            at_ms: self.store.state().now,
            text: "hello".to_owned(),
        };
        let event = match self.pick(3) {
            0 => Event::Received(received),
            1 => {
                let old = OldMessage { message: received, from_me: false };
                Event::History { offered: 2, messages: vec![old] }
            }
            _ => Event::Open { login: true },
        };
        self.ask(Request::Arrived(Inbound::new(account, event)), None);
    }

    fn change(&mut self) {
        let account = self.account();
        let change = match self.random.rand_range(0..24) {
            0..6 => {
                let tiers = [world::LIMITED, world::PLAIN, world::FULL];
                let tier = Some(tiers[self.pick(3)].to_owned());
                Change::Update(Update { tier, ..Update::default() })
            }
            6 => Change::Archive { if_report: None },
            7 => Change::Delete { if_report: None },
            8..10 => Change::Close { logout: false },
            10..14 => {
                // Somebody opens it, and the network, which knows of no openings, says that it is.
                let change = Change::Open;
                let open = Request::Change { account: account.clone(), team: None, change };
                self.ask(open, None);
                let inbound = Inbound::new(account, Event::Open { login: false });
                self.ask(Request::Arrived(inbound), None);
                return;
            }
            14 => Change::Pause,
            15..17 => Change::Resume,
            _ => return self.change_message(&account),
        };
        self.ask(Request::Change { account, team: None, change }, None);
    }

    /// Something about one message, alone in its flush, so that what it finds is what was seen.
    fn change_message(&mut self, account: &str) {
        let Some(place) = self.live() else { return };
        self.flush(place);
        let key = self.witness.key(&self.store.state(), account);
        let ids: Vec<_> = {
            let state = self.store.state();
            let rows = state.messages.range((key, 0)..=(key, u64::MAX));
            rows.filter(|(_, row)| row.status != Status::Note)
                .map(|(_, row)| row.id.clone())
                .collect()
        };
        if ids.is_empty() {
            return;
        }
        if self.chance(6) {
            return self.change_many(place, key);
        }
        let message = ids[self.pick(ids.len())].clone();
        let wait = [-5000, 3000, HOUR_MS][self.pick(3)];
        let due = Some(Moment(self.store.state().now + wait));
        let change = match self.pick(6) {
            0 => Change::Skip { message },
            5 => Change::Edit { message: message.into(), edit: Edit { due, ..Edit::default() } },
            1 => Change::Retry { message, due: None },
            2 => Change::Remove { message: message.into() },
            _ => Change::Resolve { message, taken: self.chance(2) },
        };
        let Some(runner) = self.runners[place].as_mut() else { return };
        let account = account.to_owned();
        runner.ask(Request::Change { account, team: None, change }, None);
        self.flush(place);
    }

    /// The same about many messages of an account.
    fn change_many(&mut self, place: usize, key: AccountKey) {
        let messages: Vec<_> = {
            let state = self.store.state();
            state.messages.range((key, 0)..=(key, u64::MAX)).map(|(place, _)| *place).collect()
        };
        let status = [Status::Pending, Status::Error, Status::Cancelled][self.pick(3)];
        let change = [ManyChange::Retry { due: None }, ManyChange::Clear][self.pick(2)];
        let team = "team".to_owned();
        let Some(runner) = self.runners[place].as_mut() else { return };
        runner.ask(Request::Many(Many { team, status, messages, change }), None);
        self.flush(place);
    }
}
