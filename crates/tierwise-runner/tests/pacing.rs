//! Gaps of chats on a real SQLite, by a clock that is set: the policy is the ready `pair_limit`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tierwise_lanes::{Moment, Span, Standing, Wait};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Report};
use world::schema::Schema;

/// An engine on a file, with one open account, and a clock that stands until it is moved on.
struct Scene {
    folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    policy: Arc<Policy>,
    engine: Option<Engine>,
    account: String,
    out: Vec<Sending>,
}

fn open(path: &Path, clock: &Arc<AtomicI64>, policy: &Arc<Policy>) -> Engine {
    let clock = clock.clone();
    let store = Sqlite::open(path).unwrap().with_clock(move || clock.load(Ordering::SeqCst));
    Engine::start(Box::new(store), policy.clone(), Terms::default()).unwrap()
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, policy) = (Arc::new(AtomicI64::new(world::START.0)), world::pair_limit());
        let engine = Some(open(&folder.path().join("queue.db"), &clock, &policy));
        let (account, out) = (String::new(), Vec::new());
        let mut scene = Scene { folder, clock, policy, engine, account, out };
        let create = Request::Create(world::account("team", world::PLAIN));
        let mut created = scene.flush(vec![create]).answers;
        let Ok(Answer::Created { account, .. }) = created.remove(0) else { panic!() };
        scene.account = account.clone();
        let event = Event::Open { login: true };
        scene.flush(vec![Request::Arrived(Inbound::new(account, event))]);
        scene
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("queue.db")
    }

    fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn flush(&mut self, requests: Vec<Request>) -> Flushed {
        let flushed = self.engine().flush(requests, 5, &|| Span(0)).unwrap();
        let sent = |action: &Action| match action {
            Action::Send(sending) => Some((**sending).clone()),
            Action::Open(_) | Action::Close(..) => None,
        };
        self.out.extend(flushed.actions.iter().filter_map(sent));
        flushed
    }

    fn send(&mut self, messages: &[(&str, &str)]) {
        let to = |(id, chat): &(&str, &str)| NewMessage {
            chat: (*chat).to_owned(),
            ..world::message(id)
        };
        let messages = messages.iter().map(to).collect();
        self.flush(vec![Request::Send {
            account: self.account.clone(),
            team: None,
            require_open: false,
            messages,
        }]);
    }

    /// The id of the message that is out, if one is.
    fn out(&self) -> Option<&str> {
        assert!(self.out.len() <= 1);
        self.out.first().map(|sending| sending.message.id.as_str())
    }

    fn ends(&mut self, report: Report) {
        let Sending { account, message, .. } = self.out.remove(0);
        let fence = message.fence;
        self.flush(vec![Request::Completed(Completion { account, fence, report })]);
    }

    /// The clock is so many milliseconds after the start.
    fn at(&mut self, ms: i64) {
        self.clock.store(world::START.0 + ms, Ordering::SeqCst);
        self.flush(Vec::new());
    }

    fn standing(&mut self) -> Standing {
        let now = Moment(self.clock.load(Ordering::SeqCst));
        let id = self.account.clone();
        let mut transaction = self.engine().store().begin().unwrap();
        let row = transaction.accounts(&[&id]).unwrap().remove(0);
        let head = transaction.heads(&[(row.key, row.lane.tried())]).unwrap().remove(0);
        row.lane.standing(head.as_ref().map(HeadRow::lane_head), now)
    }

    fn waits_for_its_chat_until(&mut self, ms: i64) {
        assert_eq!(self.out(), None);
        assert_eq!(self.standing(), Standing::Until(Wait::ChatGap, start_and(ms)));
    }

    fn starts_again(&mut self) {
        drop(self.engine.take());
        self.engine = Some(open(&self.path(), &self.clock, &self.policy));
    }

    /// Rows of the table of gaps.
    fn gaps(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        connection.query_row("select count(*) from chat_gap", [], |row| row.get(0)).unwrap()
    }
}

fn start_and(ms: i64) -> Moment {
    Moment(world::START.0 + ms)
}

#[test]
fn two_messages_to_a_chat_begin_six_seconds_apart_and_another_chat_is_not_slowed() {
    let mut scene = Scene::new();
    scene.send(&[("a1", "a"), ("a2", "a"), ("b1", "b"), ("c1", "c")]);
    assert_eq!(scene.out(), Some("a1"));
    scene.at(100);
    scene.ends(Report::delivered());
    // Q6: the head is the head, and those behind it wait with it.
    scene.waits_for_its_chat_until(6000);
    scene.at(5999);
    scene.waits_for_its_chat_until(6000);
    let wake = scene.flush(Vec::new()).wake;
    assert_eq!(wake, start_and(6000), "the runner wakes for it");
    scene.at(6000);
    assert_eq!(scene.out(), Some("a2"));
    scene.ends(Report::delivered());
    assert_eq!(scene.out(), Some("b1"), "another chat's, once at the head, at the same moment");
    scene.ends(Report::delivered());
    assert_eq!(scene.out(), Some("c1"));
}

#[test]
fn gaps_hold_over_restarts_and_for_repeats() {
    let mut scene = Scene::new();
    scene.send(&[("a1", "a"), ("a2", "a")]);
    // Tried again after the pause of two seconds: not before the gap of the chat.
    scene.ends(Report::later(None, 503, "later"));
    scene.at(5999);
    assert_eq!(scene.out(), None);
    scene.starts_again();
    scene.at(5999);
    scene.waits_for_its_chat_until(6000);
    scene.at(6000);
    assert_eq!(scene.out(), Some("a1"));
    // A runner that dies leaves the attempt unknown, and the gap goes on.
    scene.out.clear();
    scene.starts_again();
    scene.at(11_999);
    scene.waits_for_its_chat_until(12_000);
    // Another policy keeps what was promised: the gap of the store holds.
    let other = world::policy();
    scene.engine().swap(other).unwrap().unwrap();
    scene.flush(Vec::new());
    assert_eq!(scene.out(), None);
    scene.at(12_000);
    assert_eq!(scene.out(), Some("a2"));
}

#[test]
fn gaps_that_ended_long_ago_are_forgotten_with_those_of_an_account() {
    let mut scene = Scene::new();
    let send = |scene: &mut Scene, number: usize, chat: &str| {
        scene.send(&[(&format!("m{number}"), chat)]);
        scene.ends(Report::delivered());
    };
    for number in 1..=60 {
        send(&mut scene, number, &format!("chat{number}"));
    }
    assert_eq!(scene.gaps(), 60);
    // A clock that was ahead for less than a day has had nothing forgotten.
    scene.at(80_000_000);
    for number in 61..=64 {
        send(&mut scene, number, &format!("chat{number}"));
    }
    assert_eq!(scene.gaps(), 64);
    scene.at(86_400_000 + 6001);
    for number in 65..=128 {
        send(&mut scene, number, &format!("chat{number}"));
    }
    assert_eq!(scene.gaps(), 68, "the first sixty are gone");
    let change = Change::Archive { if_report: None };
    let archive = Request::Change { account: scene.account.clone(), team: None, change };
    scene.flush(vec![archive]);
    scene.flush(Vec::new());
    assert_eq!(scene.gaps(), 0, "L2");
}

#[test]
fn gaps_hold_over_a_move_to_postgresql() {
    let mut scene = Scene::new();
    scene.send(&[("a1", "a"), ("a2", "a")]);
    scene.ends(Report::delivered());
    scene.engine.take().unwrap().stop().unwrap();
    let schema = Schema::new();
    let moved = move_store(Sqlite::open(&scene.path()).unwrap(), schema.open()).unwrap();
    assert!(moved.iter().any(|table| table.name == "chat_gap" && table.rows == 1));
    let clock = scene.clock.clone();
    let store = schema.open().with_clock(move || clock.load(Ordering::SeqCst));
    let engine = Engine::start(Box::new(store), scene.policy.clone(), Terms::default()).unwrap();
    scene.engine = Some(engine);
    scene.at(5999);
    scene.waits_for_its_chat_until(6000);
    scene.at(6000);
    assert_eq!(scene.out(), Some("a2"));
}

#[test]
fn decisions_with_gaps_are_replayed_from_the_ledger() {
    let mut scene = Scene::new();
    scene.send(&[("a1", "a")]);
    let id = scene.account.clone();
    let mut transaction = scene.engine().store().begin().unwrap();
    let row = transaction.accounts(&[&id]).unwrap().remove(0);
    let decision = transaction.last_decision(row.key).unwrap().unwrap();
    drop(transaction);
    assert_eq!(decision.answer, Answered::Send { gap_ms: 0, chat_gap_ms: 6000 });
    assert_eq!(decision.question.due, world::START);
    assert_eq!(scene.policy.ask(&decision.question), decision.answer);
}
