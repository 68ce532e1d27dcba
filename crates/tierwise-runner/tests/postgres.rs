//! Several runners on one PostgreSQL, which `TIERWISE_POSTGRES` names: leases, take-overs, claims,
//! locks. That it does what every store does, `stores` shows.
#![allow(clippy::cast_possible_truncation, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Report};
use world::schema::Schema;

const ACCOUNTS: usize = 100;
const MESSAGES: u64 = 5;

struct Runner {
    engine: Engine,
    begun: Instant,
}

impl Runner {
    fn start(schema: &Schema, lease: Span) -> Self {
        let terms = Terms { lease, ..Terms::default() };
        let engine = Engine::start(Box::new(schema.open()), world::policy(), terms).unwrap();
        Runner { engine, begun: Instant::now() }
    }

    fn flush(&mut self, requests: Vec<Request>, slots: usize) -> Stored<Flushed> {
        let begun = self.begun;
        let elapsed = || Span(u64::try_from(begun.elapsed().as_millis()).unwrap());
        self.engine.flush(requests, slots, &elapsed)
    }

    /// Accounts that are open, with messages `m0`, `m1`, … that wait.
    fn accounts(&mut self, count: usize, messages: u64) -> Vec<String> {
        let create = || Request::Create(world::account("team", world::PLAIN));
        let created = self.flush((0..count).map(|_| create()).collect(), 0).unwrap();
        let id = |answer: Refused<Answer>| match answer {
            Ok(Answer::Created { account, .. }) => account,
            other => panic!("{other:?}"),
        };
        let ids: Vec<_> = created.answers.into_iter().map(id).collect();
        let open = |id: &String| {
            let event = Event::Open { login: false };
            Request::Arrived(Inbound::new(id, event))
        };
        let send = |id: &String| {
            let messages = (0..messages).map(|it| world::message(&format!("m{it}"))).collect();
            Request::Send { account: id.clone(), team: None, require_open: false, messages }
        };
        let requests = ids.iter().flat_map(|id| [open(id), send(id)]).collect();
        let sent = self.flush(requests, 0).unwrap();
        assert!(sent.answers.iter().all(Result::is_ok), "{:?}", sent.answers);
        ids
    }
}

fn sendings(flushed: Flushed) -> Vec<Sending> {
    let sending = |action| match action {
        Action::Send(sending) => Some(*sending),
        Action::Open(_) | Action::Close(..) => None,
    };
    flushed.actions.into_iter().filter_map(sending).collect()
}

fn delivered(sending: &Sending) -> Request {
    let (account, fence) = (sending.account, sending.message.fence);
    Request::Completed(Completion { account, fence, report: Report::delivered_as("n".to_owned()) })
}

#[test]
fn a_silent_runner_is_taken_over_within_its_lease_and_a_second_and_stores_nothing_more() {
    let schema = Schema::new();
    let lease = Span(1500);
    let (mut dead, mut living) = (Runner::start(&schema, lease), Runner::start(&schema, lease));
    dead.accounts(3, 1);
    living.flush(Vec::new(), 0).unwrap();
    let out = sendings(dead.flush(Vec::new(), 10).unwrap());
    assert_eq!(out.len(), 3);
    let silent = Instant::now();
    let unknown = "select count(*) from outcome where outcome = 'unknown'";
    while schema.count(unknown) < 3 {
        let since = silent.elapsed();
        assert!(since < Duration::from_millis(lease.0 + 1000), "not taken over after {since:?}");
        living.flush(Vec::new(), 0).unwrap();
        thread::sleep(Duration::from_millis(20));
    }
    assert!(silent.elapsed() > Duration::from_millis(lease.0 - 600), "taken over too soon");
    assert_eq!(schema.count("select count(*) from runner where is_gone"), 0, "it is forgotten");
    // It comes back: what it brings is not stored.
    let error = dead.flush(out.iter().map(delivered).collect(), 10).unwrap_err();
    assert_eq!(error.code, "runner_gone");
    let mut transaction = dead.engine.store().begin().unwrap();
    transaction.put_invoice("team", "2026-04", "{}").unwrap();
    assert_eq!(transaction.commit().unwrap_err().code, "runner_gone");
    assert_eq!(schema.count("select count(*) from invoice"), 0);
    assert_eq!(schema.count("select count(*) from outcome"), 3);
}

#[test]
fn a_living_runner_is_never_taken_over() {
    let schema = Schema::new();
    let lease = Span(1500);
    let (mut one, mut other) = (Runner::start(&schema, lease), Runner::start(&schema, lease));
    one.accounts(1, 1);
    assert_eq!(sendings(one.flush(Vec::new(), 1).unwrap()).len(), 1);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(lease.0 * 2) {
        one.flush(Vec::new(), 0).unwrap();
        other.flush(Vec::new(), 0).unwrap();
        thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(schema.count("select count(*) from outcome"), 0);
}

#[test]
fn a_runner_in_the_middle_of_a_transaction_is_not_buried() {
    let schema = Schema::new();
    let (mut one, mut other) = (schema.open(), schema.open());
    let mut transaction = one.begin().unwrap();
    let runner = transaction.register().unwrap();
    assert!(transaction.beat(runner).unwrap());
    transaction.commit().unwrap();
    let bury = |store: &mut Postgres, beats| {
        let mut transaction = store.begin().unwrap();
        let is_gone = transaction.bury(runner, beats).unwrap();
        transaction.commit().unwrap();
        is_gone
    };
    assert!(!bury(&mut other, 0), "it has shown since that it lives");
    let begun = one.begin().unwrap();
    assert!(!bury(&mut other, 1), "it is at work");
    drop(begun);
    assert!(bury(&mut other, 1));
    let mut transaction = one.begin().unwrap();
    assert!(!transaction.beat(runner).unwrap());
    assert_eq!(transaction.gone().unwrap(), Some(runner));
}

/// What both runners saw.
#[derive(Default)]
struct Log {
    out: BTreeSet<AccountKey>,
    begun: BTreeMap<AccountKey, Vec<u64>>,
    by: [usize; 2],
}

#[test]
fn two_runners_drain_the_same_accounts_without_overlap_and_in_order() {
    let schema = Schema::new();
    Runner::start(&schema, Span::seconds(8)).accounts(ACCOUNTS, MESSAGES);
    let (log, barrier) = (Arc::new(Mutex::new(Log::default())), Arc::new(Barrier::new(2)));
    let runners = [0, 1].map(|which| {
        let (log, barrier) = (log.clone(), barrier.clone());
        let mut runner = Runner::start(&schema, Span::seconds(8));
        thread::spawn(move || {
            barrier.wait();
            let mut out: Vec<Sending> = Vec::new();
            while log.lock().unwrap().by.iter().sum::<usize>() < ACCOUNTS * MESSAGES as usize {
                for sending in &out {
                    log.lock().unwrap().out.remove(&sending.account);
                }
                let completed = out.iter().map(delivered).collect();
                out = sendings(runner.flush(completed, 20).unwrap());
                for sending in &out {
                    let (account, mut log) = (sending.account, log.lock().unwrap());
                    assert!(log.out.insert(account), "{account:?} has two messages out");
                    log.begun.entry(account).or_default().push(sending.message.number);
                    log.by[which] += 1;
                }
            }
        })
    });
    for runner in runners {
        runner.join().unwrap();
    }
    let log = log.lock().unwrap();
    assert!(log.by.iter().all(|count| *count > 0), "both worked: {:?}", log.by);
    assert_eq!(log.begun.len(), ACCOUNTS);
    for (account, numbers) in &log.begun {
        assert!(
            numbers.is_sorted() && numbers.len() == MESSAGES as usize,
            "{account:?} {numbers:?}"
        );
    }
}

#[test]
fn runners_that_name_the_same_accounts_and_teams_never_wait_in_a_circle() {
    let schema = Schema::new();
    let ids = Runner::start(&schema, Span::seconds(8)).accounts(8, 1);
    let both = [false, true].map(|is_reverse| {
        let mut runner = Runner::start(&schema, Span::seconds(8));
        let mut ids = ids.clone();
        thread::spawn(move || {
            for round in 0..60 {
                if is_reverse {
                    ids.reverse();
                }
                let tier = if round % 2 == 0 { world::FULL } else { world::PLAIN };
                let update = Update { tier: Some(tier.to_owned()), ..Update::default() };
                let change = |id: &String| Request::Change {
                    account: id.clone(),
                    team: None,
                    change: Change::Update(update.clone()),
                };
                let place = |it: usize| if is_reverse { 9 - it } else { it };
                let create = |it| {
                    Request::Create(world::account(&format!("team{}", place(it)), world::PLAIN))
                };
                let requests = ids.iter().map(change).chain((0..10).map(create)).collect();
                runner.flush(requests, 3).unwrap();
            }
        })
    });
    for runner in both {
        runner.join().unwrap();
    }
}

#[test]
fn two_runners_that_create_with_one_key_create_one_account() {
    let schema = Schema::new();
    let barrier = Arc::new(Barrier::new(2));
    let both = [0, 1].map(|_| {
        let mut runner = Runner::start(&schema, Span::seconds(8));
        let barrier = barrier.clone();
        thread::spawn(move || {
            for round in 0..20 {
                barrier.wait();
                let idempotency_key = Some(format!("key {round}"));
                let account = world::account("team", world::PLAIN);
                let create = Request::Create(NewAccount { idempotency_key, ..account });
                runner.flush(vec![create], 0).unwrap();
            }
        })
    });
    for runner in both {
        runner.join().unwrap();
    }
    assert_eq!(schema.count("select count(*) from account"), 20);
}

#[test]
fn one_that_stops_in_a_transaction_lets_go_of_what_it_locked() {
    let schema = Schema::new();
    let ids = Runner::start(&schema, Span::seconds(8)).accounts(1, 1);
    let (mut stopped, mut other) = (schema.open(), schema.open());
    let mut held = stopped.begin().unwrap();
    assert_eq!(held.accounts(&[&ids[0]]).unwrap().len(), 1);
    held.put_invoice("team", "2026-04", "{}").unwrap();
    let begun = Instant::now();
    let mut transaction = other.begin().unwrap();
    assert_eq!(transaction.ready(Moment::NEVER, 9).unwrap(), [], "it is in another's hands");
    assert_eq!(transaction.accounts(&[&ids[0]]).unwrap().len(), 1);
    let waited = begun.elapsed();
    assert!(Duration::from_secs(1) < waited && waited < Duration::from_secs(5), "{waited:?}");
    drop(transaction);
    held.commit().unwrap_err();
    assert_eq!(schema.count("select count(*) from invoice"), 0);
}

#[test]
fn more_than_one_statement_can_carry_goes_in_parts() {
    let schema = Schema::new();
    let mut store = schema.open();
    let row = |number: u64| MessageRow {
        account: AccountKey(7),
        number,
        id: format!("m{number}"),
        chat: "chat".to_owned(),
        origin: Origin::Here,
        status: Status::Pending,
        at: Moment(-3),
        content: format!(r#"{{"text":"{}"}}"#, "x".repeat(9 << 20)),
        sender: String::new(),
        error: String::new(),
        counted: None,
        network_id: String::new(),
        cancel_on_reply: false,
        revision: 0,
        login: 0,
        team: TeamMark::of("team"),
        accepted: Moment(0),
        placed: Moment(-3),
        attachments: AttachmentTypes::default(),
        edited: None,
        resolved: None,
    };
    let rows = [row(1), row(2), row(3)];
    let mut transaction = store.begin().unwrap();
    transaction.insert_messages(&rows).unwrap();
    let found = transaction.messages(AccountKey(7), &["m3", "none", "m1"]).unwrap();
    let [_, second, third] = rows;
    assert_eq!(found[0], Some(third.clone()));
    assert_eq!(found[1], None);
    let heads = transaction.heads(&[(AccountKey(7), Some(3)), (AccountKey(8), None)]).unwrap();
    assert_eq!(heads[0].as_ref().map(|head| head.number), Some(3), "the one that was tried");
    assert_eq!(heads[1], None);
    transaction.remove_message(AccountKey(7), 1).unwrap();
    let heads = transaction.heads(&[(AccountKey(7), None)]).unwrap();
    assert_eq!(heads[0].as_ref().map(|head| head.number), Some(second.number), "the first due");
}

#[test]
fn texts_that_no_store_can_hold_are_refused_and_end_nothing() {
    let schema = Schema::new();
    let mut runner = Runner::start(&schema, Span(8000));
    let id = runner.accounts(1, 1).remove(0);
    let long = "x".repeat(3000);
    for text in ["a\0b", &long] {
        let of = |account: &str, change| {
            let account = account.to_owned();
            Request::Change { account, team: None, change }
        };
        let event = |account: &str, event| Request::Arrived(Inbound::new(account, event));
        let mut message = world::message("m");
        message.chat = text.to_owned();
        let received = tierwise_transport::Received {
            id: text.to_owned(),
            chat_id: "c".to_owned(),
            sender: text.to_owned(),
            at_ms: 0,
            text: text.to_owned(),
        };
        let contact = Event::Contact { id: "c".to_owned(), name: text.to_owned() };
        let receipt = Event::Receipt {
            network_id: text.to_owned(),
            receipt: tierwise_transport::Receipt::Read,
            detail: None,
        };
        let asked = vec![
            Request::Create(world::account(text, world::PLAIN)),
            of(text, Change::Pause),
            of(&id, Change::Skip { message: text.to_owned() }),
            Request::Send {
                account: id.clone(),
                team: None,
                require_open: false,
                messages: vec![message],
            },
            event(text, Event::Open { login: true }),
            event(&id, Event::Received(received)),
            event(&id, contact),
            event(&id, receipt),
        ];
        let count = asked.len();
        let flushed = runner.flush(asked, 0).unwrap();
        let refused = flushed.answers.iter().filter(|answer| answer.is_err()).count();
        assert_eq!(refused, count, "{:?}", flushed.answers);
    }
    // A name by the network that cannot be held is none, and its message was delivered.
    let sent = sendings(runner.flush(Vec::new(), 10).unwrap());
    let (account, fence) = (sent[0].account, sent[0].message.fence);
    let report = Report::delivered_as("a\0b".to_owned());
    runner.flush(vec![Request::Completed(Completion { account, fence, report })], 0).unwrap();
    let mut store = schema.open();
    let mut transaction = store.begin().unwrap();
    let message = transaction.messages(account, &["m0"]).unwrap().remove(0).unwrap();
    assert_eq!((message.status, message.network_id.as_str()), (Status::Sent, ""));
}

/// A key is looked up without a lock on the account: what another runner commits meanwhile is seen.
#[test]
fn what_another_accepts_while_a_key_is_looked_up_is_not_overlooked() {
    let schema = Schema::new();
    let mut store = schema.open();
    let mut other = Runner::start(&schema, Span::seconds(8));
    let key = Some("key".to_owned());
    let new = NewAccount { idempotency_key: key, ..world::account("team", world::PLAIN) };
    let created = other.flush(vec![Request::Create(new)], 0).unwrap().answers;
    let Ok(Answer::Created { account: id, .. }) = &created[0] else { panic!("{created:?}") };
    // Nothing waits, and the store knows that.
    other.flush(vec![send(id, "m0")], 0).unwrap();
    let skip = Change::Skip { message: "m0".to_owned() };
    other
        .flush(vec![Request::Change { account: id.clone(), team: None, change: skip }], 0)
        .unwrap();

    let mut transaction = store.begin().unwrap();
    assert!(transaction.is_account(id).unwrap());
    other.flush(vec![send(id, "m1")], 0).unwrap();
    let row = transaction.accounts(&[id]).unwrap().pop().unwrap();
    let head = transaction.heads(&[(row.key, None)]).unwrap().pop().flatten();
    assert_eq!(head.map(|head| head.id).as_deref(), Some("m1"));
}

fn send(id: &str, message: &str) -> Request {
    Request::Send {
        account: id.to_owned(),
        team: None,
        require_open: false,
        messages: vec![world::message(message)],
    }
}
