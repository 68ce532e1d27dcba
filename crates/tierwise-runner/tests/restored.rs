//! A store that is put back from a copy: the fences that it gives are beyond all that were given
//! since the copy was made, and its ledger goes on. PostgreSQL is the one that `TIERWISE_POSTGRES`
//! names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::path::Path;

use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, Report};
use world::schema::Schema;

struct Store {
    engine: Engine,
}

impl Store {
    fn open(path: &Path) -> Self {
        Store::of(Sqlite::open(path).unwrap().with_clock(|| world::START.0))
    }

    fn of(store: impl tierwise_runner::Store + 'static) -> Self {
        let engine = Engine::start(Box::new(store), world::policy(), Terms::default());
        Store { engine: engine.unwrap() }
    }

    /// An account that is open, with messages `m0` to `m8`, of which the first is out.
    fn account(&mut self) -> Vec<Sending> {
        self.flush(vec![Request::Create(world::account("team", world::PLAIN))]);
        let rows = self.engine.store().begin().unwrap().accounts_at(&[AccountKey(1)]).unwrap();
        let account = rows[0].id.clone();
        let inbound = Inbound::new(&account, Event::Open { login: false });
        let messages = (0..9).map(|number| world::message(&format!("m{number}"))).collect();
        let send = Request::Send { account, team: None, require_open: false, messages };
        self.flush(vec![Request::Arrived(inbound), send])
    }

    /// Flushes, and gives back what goes out.
    fn flush(&mut self, requests: Vec<Request>) -> Vec<Sending> {
        let flushed = self.engine.flush(requests, 9, &|| Span(0)).unwrap();
        assert!(flushed.answers.iter().all(Result::is_ok), "{:?}", flushed.answers);
        let sending = |action| match action {
            Action::Send(sending) => Some(*sending),
            Action::Open(_) | Action::Close(..) => None,
        };
        flushed.actions.into_iter().filter_map(sending).collect()
    }

    fn row(&mut self, key: AccountKey) -> (AccountRow, DecisionRow) {
        let mut transaction = self.engine.store().begin().unwrap();
        let row = transaction.accounts_at(&[key]).unwrap().pop().unwrap();
        (row, transaction.last_decision(key).unwrap().unwrap())
    }
}

fn delivered(sending: &Sending) -> Request {
    let (account, fence) = (sending.account, sending.message.fence);
    Request::Completed(Completion { account, fence, report: Report::delivered() })
}

fn fence(out: &[Sending]) -> u64 {
    assert_eq!(out.len(), 1);
    out[0].message.fence
}

/// Puts a copy back under a name, and sends what comes next; its fence.
fn next_of_restored(copy: &Path, to: &Path) -> u64 {
    std::fs::copy(copy, to).unwrap();
    Sqlite::raise_fences(to).unwrap();
    Sqlite::check(to).unwrap();
    let mut restored = Store::open(to);
    // What was out when the copy was made is unknown, by the fence that it went out with.
    let out = restored.flush(Vec::new());
    let key = out[0].account;
    let mut transaction = restored.engine.store().begin().unwrap();
    let messages = transaction.messages(key, &["m0", "m1"]).unwrap();
    let statuses: Vec<_> = messages.into_iter().flatten().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Error, Status::Pending]);
    drop(transaction);
    let (row, decision) = restored.row(key);
    assert_eq!(row.lane.out().unwrap().fence, fence(&out));
    assert_eq!(decision.fence, fence(&out));
    assert_eq!(world::policy().ask(&decision.question), decision.answer);
    // The ledger goes on, one fence after the other.
    let next = restored.flush(vec![delivered(&out[0])]);
    assert_eq!(fence(&next), fence(&out) + 1);
    fence(&next)
}

#[test]
fn a_copy_that_is_put_back_gives_fences_beyond_all_that_were_given_since() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut lost = Store::open(&path("lost.db"));
    let mut out = lost.account();
    let mut reader = lost.engine.store().readers().unwrap()().unwrap();
    reader.back_up(&path("copy.db")).unwrap();
    for _ in 0..5 {
        out = lost.flush(vec![delivered(&out[0])]);
    }
    let given = fence(&out);
    assert_eq!(given, 6);
    let first = next_of_restored(&path("copy.db"), &path("first.db"));
    assert!(first > given + (1 << 40), "{first}");
    // It is lost in its turn, and the same copy is put back once more.
    let second = next_of_restored(&path("copy.db"), &path("second.db"));
    assert!(second > first, "{second} is not beyond {first}");
    // JavaScript holds it.
    assert!(second < 1 << 53, "{second}");
}

#[test]
fn what_the_documentation_says_for_postgresql_does_the_same() {
    let schema = Schema::new();
    let mut queue = Store::of(schema.open());
    let out = queue.account();
    assert_eq!(fence(&out), 1);
    queue.engine.stop().unwrap();
    let documentation = include_str!("../../../docs/queue.md");
    let (_, from_sql) = documentation.split_once("```sql\n").unwrap();
    schema.run(from_sql.split_once("```").unwrap().0);
    let mut queue = Store::of(schema.open());
    let next = fence(&queue.flush(Vec::new()));
    assert!((1 << 50..1 << 53).contains(&next), "{next}");
}
