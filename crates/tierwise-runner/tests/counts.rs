//! What is kept with accounts of how many messages they have: the random histories of the other
//! tests compare it with the rows at each step; here is what they do not reach. PostgreSQL is the
//! one that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Receipt, Report};
use world::schema::Schema;

struct Side {
    engine: Engine,
    account: String,
}

impl Side {
    fn new(store: Box<dyn Store>, tier: &str) -> Self {
        let engine = Engine::start(store, world::policy(), Terms::default()).unwrap();
        let mut side = Side { engine, account: String::new() };
        let (mut created, _) = side.flush(vec![Request::Create(world::account("team", tier))]);
        let Answer::Created { account, .. } = created.pop().unwrap().unwrap() else { panic!() };
        side.account = account;
        let open = side.arrived(Event::Open { login: true });
        side.flush(vec![open]);
        side
    }

    fn flush(&mut self, requests: Vec<Request>) -> (Vec<Refused<Answer>>, Option<Sending>) {
        let flushed = self.engine.flush(requests, 1, &|| Span(0)).unwrap();
        let sending = flushed.actions.into_iter().find_map(|action| match action {
            Action::Send(sending) => Some(*sending),
            _ => None,
        });
        (flushed.answers, sending)
    }

    fn arrived(&self, event: Event) -> Request {
        Request::Arrived(Inbound::new(&self.account, event))
    }

    fn send(&self, messages: Vec<NewMessage>) -> Request {
        let account = self.account.clone();
        Request::Send { account, team: None, require_open: false, messages }
    }

    fn row(&mut self) -> AccountRow {
        let mut transaction = self.engine.store().begin().unwrap();
        transaction.accounts(&[&self.account]).unwrap().pop().unwrap()
    }
}

fn ends(sending: &Sending, network_id: &str) -> Request {
    let (account, fence) = (sending.account, sending.message.fence);
    let report = Report::delivered_as(network_id.to_owned());
    Request::Completed(Completion { account, fence, report })
}

/// The end of an attempt and its receipts may come in one flush, in any order, and twice.
fn receipts_of_one_flush_count(store: Box<dyn Store>) {
    let mut side = Side::new(store, world::PLAIN);
    let send = side.send(vec![world::message("m1")]);
    let (_, sending) = side.flush(vec![send]);
    let receipt = |side: &Side, receipt| {
        side.arrived(Event::Receipt { network_id: "n1".to_owned(), receipt, detail: None })
    };
    let all = vec![
        receipt(&side, Receipt::Delivered),
        ends(&sending.unwrap(), "n1"),
        receipt(&side, Receipt::Delivered),
        receipt(&side, Receipt::Delivered),
        receipt(&side, Receipt::Read),
        receipt(&side, Receipt::Delivered),
    ];
    side.flush(all);
    assert_eq!(side.row().counts, Counts { read: 1, ..Counts::default() });
    let failed = receipt(&side, Receipt::Failed);
    side.flush(vec![failed]);
    assert_eq!(side.row().counts, Counts { failed: 1, ..Counts::default() });
}

#[test]
fn receipts_that_come_with_the_end_of_an_attempt_are_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    receipts_of_one_flush_count(Box::new(Sqlite::open(&folder.path().join("q.db")).unwrap()));
    let schema = Schema::new();
    receipts_of_one_flush_count(Box::new(schema.open()));
}

/// What waits in all says that there is room; only where it does not, the period is looked at.
fn limits_go_by_period(store: Box<dyn Store>) {
    let mut side = Side::new(store, world::LIMITED);
    let pause =
        Request::Change { account: side.account.clone(), team: None, change: Change::Pause };
    side.flush(vec![pause]);
    let now = {
        let mut transaction = side.engine.store().begin().unwrap();
        transaction.now().unwrap()
    };
    // Two months on: another period.
    let later = Moment(now.0 + 62 * 86_400_000);
    let due = |id: &str, due| NewMessage { due, ..world::message(id) };
    let ids: Vec<_> = (0..2 * world::LIMIT + 1).map(|number| format!("m{number}")).collect();
    for (id, place) in ids.iter().zip(0_u64..) {
        let is_later = place % 2 == 0;
        let asked = side.send(vec![due(id, is_later.then_some(later))]);
        let (mut answers, _) = side.flush(vec![asked]);
        let answer = answers.pop().unwrap();
        if place < 2 * world::LIMIT {
            answer.unwrap();
        } else {
            let refusal = answer.unwrap_err();
            assert_eq!((refusal.code, &refusal.data["waiting"]), ("quota_exhausted", &5.into()));
        }
    }
    assert_eq!(side.row().counts.waiting, 2 * world::LIMIT);
}

#[test]
fn a_limit_is_that_of_each_period_whatever_waits_in_all() {
    let folder = tempfile::tempdir().unwrap();
    limits_go_by_period(Box::new(Sqlite::open(&folder.path().join("q.db")).unwrap()));
    let schema = Schema::new();
    limits_go_by_period(Box::new(schema.open()));
}

#[test]
fn a_store_whose_counts_are_not_those_of_its_messages_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("q.db");
    let mut side = Side::new(Box::new(Sqlite::open(&path).unwrap()), world::PLAIN);
    let note = NewMessage { is_note: true, ..world::message("m2") };
    let send = side.send(vec![world::message("m1"), note, world::message("m3")]);
    let (_, sending) = side.flush(vec![send]);
    let close = side.arrived(Event::Closed { logout: false });
    side.flush(vec![ends(&sending.unwrap(), "n1"), close]);
    side.engine.stop().unwrap();
    let by = |count: i64| {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute("update account set count_notes = count_notes + ?1", [count]).unwrap();
    };
    by(1);
    let schema = Schema::new();
    let refused = move_store(Sqlite::open(&path).unwrap(), schema.open()).unwrap_err();
    assert_eq!(refused.code, "store_damaged");
    by(-1);
    move_store(Sqlite::open(&path).unwrap(), schema.open()).unwrap();
    let counts = "select count(*) from account where (count_waiting, count_sent, count_notes) \
        = (1, 1, 1)";
    assert_eq!(schema.count(counts), 1);
}
