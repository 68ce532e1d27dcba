//! Invariant 21: whatever the clock says, nothing breaks; at worst sends wait, and not for what a
//! clock asked for that was far ahead. PostgreSQL is the one that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests, which count in small numbers")]

mod world;

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Report};
use world::{LIMITED, PLAIN, START, memory::Memory, schema::Schema};

const DAY_MS: i64 = 86_400_000;

/// An engine whose clock is the plain store's.
struct Queue {
    engine: Engine,
    clock: Memory,
}

impl Queue {
    fn start(store: Box<dyn Store>, clock: &Memory) -> Self {
        let engine = Engine::start(store, world::policy(), Terms::default()).unwrap();
        Queue { engine, clock: clock.clone() }
    }

    fn flush(&mut self, requests: Vec<Request>) -> Flushed {
        let flushed = self.engine.flush(requests, 9, &|| Span(0)).unwrap();
        assert!(flushed.answers.iter().all(Result::is_ok), "{:?}", flushed.answers);
        flushed
    }

    fn set(&self, now: i64) {
        self.clock.state().now = now;
    }

    /// An account that is open, with so many messages.
    fn account(&mut self, messages: u64) -> String {
        let created = self.flush(vec![Request::Create(world::account("team", PLAIN))]);
        let Some(Ok(Answer::Created { account, .. })) = created.answers.into_iter().next() else {
            panic!("no account")
        };
        let inbound = Inbound::new(&account, Event::Open { login: false });
        let messages = (0..messages).map(|number| world::message(&format!("m{number}"))).collect();
        let send =
            Request::Send { account: account.clone(), team: None, require_open: false, messages };
        self.engine.flush(vec![Request::Arrived(inbound), send], 0, &|| Span(0)).unwrap();
        account
    }

    fn decision(&mut self, account: &str) -> DecisionRow {
        let mut transaction = self.engine.store().begin().unwrap();
        let key = transaction.accounts(&[account]).unwrap()[0].key;
        transaction.last_decision(key).unwrap().unwrap()
    }
}

fn sendings(flushed: Flushed) -> Vec<Sending> {
    let sending = |action| match action {
        Action::Send(sending) => Some(*sending),
        Action::Open(_) | Action::Close(..) => None,
    };
    flushed.actions.into_iter().filter_map(sending).collect()
}

fn ended(sending: &Sending, report: Report) -> Request {
    let (account, fence) = (sending.account, sending.message.fence);
    Request::Completed(Completion { account, fence, report })
}

/// Three stores in turn: what opens one makes it anew over what is kept, by a clock.
fn holds(open: &dyn Fn(&Memory) -> Box<dyn Store>) {
    let clock = Memory::default();
    clock.state().now = START.0;
    let mut queue = Queue::start(open(&clock), &clock);
    let retried = queue.account(1);
    // Two months ahead; the messages wait since before.
    let ahead = START.0 + 61 * DAY_MS;
    queue.set(ahead);
    let out = sendings(queue.flush(Vec::new()));
    let later = ended(&out[0], Report::later(None, 503, "not now"));
    assert_eq!(sendings(queue.flush(vec![later])).len(), 0);

    // Set back by hours, it waits; by two months, it does not.
    queue.set(ahead - 20 * 3_600_000);
    assert_eq!(sendings(queue.flush(Vec::new())).len(), 0);
    queue.set(START.0);
    let again = sendings(queue.flush(Vec::new()));
    assert_eq!((again.len(), again[0].message.attempt), (1, 2));
    assert_eq!(queue.decision(&retried).question.now, START);

    // The same for a store that is opened by a clock that was set back meanwhile.
    queue.set(ahead);
    let later = ended(&again[0], Report::later(None, 503, "not now"));
    assert_eq!(sendings(queue.flush(vec![later])).len(), 0);
    queue.engine.stop().unwrap();
    clock.state().now = START.0;
    let mut queue = Queue::start(open(&clock), &clock);
    let again = sendings(queue.flush(Vec::new()));
    assert_eq!((again.len(), again[0].message.attempt), (1, 3));
    queue.flush(vec![ended(&again[0], Report::delivered())]);

    // What the policy held until the end of a period to come is asked about again.
    let held = queue.account(world::LIMIT + 1);
    queue.set(ahead);
    for _ in 0..world::LIMIT {
        let out = sendings(queue.flush(Vec::new()));
        // Nothing begins before the next flush.
        let ended = ended(&out[0], Report::delivered());
        queue.engine.flush(vec![ended], 0, &|| Span(0)).unwrap();
    }
    let tier = Some(LIMITED.to_owned());
    let change = Change::Update(Update { tier, ..Update::default() });
    queue.flush(vec![Request::Change { account: held.clone(), team: None, change }]);
    let until = |decision: DecisionRow| match decision.answer {
        Answered::Hold { until, .. } => until,
        other => panic!("{other:?}"),
    };
    assert!(until(queue.decision(&held)).0 > ahead);
    queue.set(START.0);
    assert_eq!(sendings(queue.flush(Vec::new())).len(), 0);
    assert_eq!(until(queue.decision(&held)), Moment(START.0 + 3_600_000));
    queue.engine.stop().unwrap();
}

#[test]
fn nothing_waits_for_a_clock_that_was_far_ahead_on_the_plain_store() {
    holds(&|clock| {
        clock.state().is_alone = true;
        Box::new(clock.clone())
    });
}

#[test]
fn nothing_waits_for_a_clock_that_was_far_ahead_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    holds(&|clock| {
        let time = clock.clone();
        Box::new(Sqlite::open(&path).unwrap().with_clock(move || time.state().now))
    });
}

#[test]
fn nothing_waits_for_a_clock_that_was_far_ahead_on_postgresql() {
    let schema = Schema::new();
    holds(&|clock| {
        let time = clock.clone();
        Box::new(schema.open().with_clock(move || time.state().now))
    });
}

#[test]
fn whatever_the_clock_says_accounts_are_created_and_messages_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let clock = Memory::default();
    let time = clock.clone();
    let store = Sqlite::open(&path).unwrap().with_clock(move || time.state().now);
    let mut queue = Queue::start(Box::new(store), &clock);
    let year_9999 = 253_402_300_799_999;
    for now in [START.0, 0, -1, year_9999, year_9999 + 1, i64::MAX, i64::MIN, START.0] {
        queue.set(now);
        let account = queue.account(1);
        queue.flush(Vec::new());
        let change = Change::Archive { if_report: None };
        queue.flush(vec![Request::Change { account, team: None, change }]);
    }
    // A clock that is right again finds a queue that works.
    queue.account(1);
    assert_eq!(sendings(queue.flush(Vec::new())).len(), 1);
}
