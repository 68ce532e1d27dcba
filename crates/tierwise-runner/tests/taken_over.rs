//! What a runner had out that is gone, on SQLite and on the PostgreSQL that `TIERWISE_POSTGRES`
//! names: all of it is unknown soon, however much it was.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound};
use world::{
    PLAIN, message,
    schema::Schema,
    still::{Place, Side},
};

/// More than one flush takes over.
const LANES: usize = 1_100;

fn open(account: &str) -> Request {
    let event = Event::Open { login: false };
    Request::Arrived(Inbound::new(account, event))
}

fn send(account: &str) -> Request {
    let (account, team) = (account.to_owned(), None);
    Request::Send {
        account,
        team,
        require_open: false,
        messages: vec![message("one"), message("two")],
    }
}

/// Flushes as long as there is something to do at once; how many messages go.
fn at_once(engine: &mut Engine) -> usize {
    let mut sent = 0;
    // No time passes: what waits for the next look at other runners is not seen here.
    for _ in 0..20 {
        let flushed = engine.flush(Vec::new(), 2 * LANES, &|| Span(60_000)).unwrap();
        sent += flushed.actions.iter().filter(|it| matches!(it, Action::Send(_))).count();
        if flushed.wake > flushed.now {
            return sent;
        }
    }
    panic!("it never comes to rest")
}

fn all_is_taken_over_at_once(place: Place) {
    let mut side = Side::new(place);
    let accounts: Vec<_> = (0..LANES).map(|_| world::account("team", PLAIN)).collect();
    let ids = side.create(accounts);
    side.ask(ids.iter().flat_map(|id| [open(id), send(id)]).collect());
    // It ends with a message of every lane out.
    assert_eq!(at_once(side.engine()), LANES);
    side.end();
    assert_eq!(at_once(side.engine()), LANES, "the second message of every lane goes");
    let last = ids.last().unwrap();
    let mut transaction = side.engine().store().begin().unwrap();
    let key = transaction.accounts(&[last]).unwrap()[0].key;
    let first = transaction.messages(key, &["one"]).unwrap().pop().flatten().unwrap();
    assert_eq!(first.status, Status::Error);
    assert!(first.error.contains("outcome_unknown"), "{}", first.error);
}

#[test]
fn all_is_taken_over_at_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    all_is_taken_over_at_once(Place::Sqlite(folder.path().join("queue.db")));
}

#[test]
fn all_is_taken_over_at_once_on_postgres() {
    all_is_taken_over_at_once(Place::Postgres(Schema::new()));
}
