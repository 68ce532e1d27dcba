//! A creation that is repeated with its key creates nothing, whatever became of the account since;
//! on SQLite and on the PostgreSQL that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use tierwise_runner::*;
use world::{
    FULL, PLAIN,
    schema::Schema,
    still::{Place, Side},
};

fn keyed(key: &str, team: &str) -> NewAccount {
    let (settings, idempotency_key) =
        (Some(world::raw(r#"{"a":1,"b":[2.50]}"#)), Some(key.to_owned()));
    let nickname = "One".to_owned();
    NewAccount { idempotency_key, settings, nickname, ..world::account(team, PLAIN) }
}

/// Numbers are other ones if a single digit differs, wherever it stands, or if they are written in
/// another way; settings that say nothing are none.
fn numbers_are_as_they_are_written(side: &mut Side) {
    let with = |settings: &str| {
        let settings = Some(world::raw(settings));
        NewAccount { settings, ..keyed("numbers", "numbers") }
    };
    let long = r#"{"n":12345678901234567890123,"o":0.1}"#;
    let (first, _) = create(side, with(long)).unwrap();
    let spaced = r#"{ "o": 0.1, "n": 12345678901234567890123 }"#;
    assert_eq!(create(side, with(spaced)), Ok((first, false)));
    for other in [
        r#"{"n":12345678901234567890124,"o":0.1}"#,
        r#"{"n":12345678901234567890123,"o":0.1000000000000000000001}"#,
        r#"{"n":12345678901234567890123,"o":0.10}"#,
        r#"{"n":12345678901234567890123,"o":1e-1}"#,
        r#"{"n":12345678901234567890123,"o":"0.1"}"#,
    ] {
        assert_eq!(create(side, with(other)), Err("id_reused"), "{other}");
    }
    let none = NewAccount { settings: None, ..keyed("nothing", "numbers") };
    let empty = NewAccount { settings: Some(world::raw(" {} ")), ..none.clone() };
    let (second, _) = create(side, none).unwrap();
    assert_eq!(create(side, empty), Ok((second, false)));
}

/// Creates; the account and whether it is a new one, or the code of the refusal.
fn create(side: &mut Side, new: NewAccount) -> Result<(String, bool), &'static str> {
    match side.ask(vec![Request::Create(new)]).pop().unwrap() {
        Ok(Answer::Created { account, charge }) => Ok((account, charge.is_some())),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.code),
    }
}

fn entries(side: &mut Side) -> usize {
    let mut transaction = side.engine().store().begin().unwrap();
    transaction.life("team", 0, 100).unwrap().len()
}

fn holds(place: Place) {
    let mut side = Side::new(place);
    let delete = || Change::Delete { if_report: None };
    numbers_are_as_they_are_written(&mut side);
    let (first, is_new) = create(&mut side, keyed("k", "team")).unwrap();
    assert!(is_new);
    assert_eq!(create(&mut side, keyed("k", "team")), Ok((first.clone(), false)));
    // What is only written in another way is asked for in the same way; who asks does not matter.
    let settings = Some(world::raw(r#"{ "b": [2.50], "a": 1 }"#));
    let written = NewAccount { settings, created_by: "other".to_owned(), ..keyed("k", "team") };
    assert_eq!(create(&mut side, written), Ok((first.clone(), false)));

    // Another creation with the key is refused, and nothing has changed.
    let other = |change: fn(&mut NewAccount)| {
        let mut new = keyed("k", "team");
        change(&mut new);
        new
    };
    let others = [
        other(|new| new.tier = Some(FULL.to_owned())),
        other(|new| new.tier = None),
        other(|new| new.nickname = "Two".to_owned()),
        other(|new| new.settings = None),
        other(|new| new.settings = Some(world::raw(r#"{"a":1,"b":[2.5,0]}"#))),
    ];
    for new in others {
        assert_eq!(create(&mut side, new.clone()), Err("id_reused"), "{new:?}");
    }
    assert_eq!(entries(&mut side), 1);
    // An empty key is none.
    let mut unkeyed = || create(&mut side, keyed("", "unkeyed")).unwrap();
    assert!(unkeyed().1 && unkeyed().1);
    // Another team's keys are its own.
    assert!(create(&mut side, keyed("k", "other")).unwrap().1);

    // An archived account is there, and is answered.
    let (archived, _) = create(&mut side, keyed("a", "team")).unwrap();
    side.change(&archived, Change::Archive { if_report: None }).unwrap();
    assert_eq!(create(&mut side, keyed("a", "team")), Ok((archived, false)));
    // One that is deleted is gone: whoever repeats its creation is told, and gets no other.
    side.change(&first, delete()).unwrap();
    let before = entries(&mut side);
    for _ in 0..3 {
        assert_eq!(create(&mut side, keyed("k", "team")), Err("not_found"));
    }
    assert_eq!(entries(&mut side), before);
    assert_eq!(create(&mut side, other(|new| new.tier = None)), Err("id_reused"));
    // Also within the flush that deletes it, in both orders.
    let (second, _) = create(&mut side, keyed("l", "team")).unwrap();
    let repeat = || Request::Create(keyed("l", "team"));
    let change = delete();
    let delete = Request::Change { account: second.clone(), team: None, change };
    let answers = side.ask(vec![repeat(), delete, repeat()]);
    let charge = None;
    assert_eq!(answers[0], Ok(Answer::Created { account: second, charge }));
    assert_eq!(answers[2].as_ref().unwrap_err().code, "not_found");

    // After a restart it is as before; a day later the key is nobody's.
    side.end();
    side.set_clock("2026-02-02T08:59:59.999Z");
    assert_eq!(create(&mut side, keyed("k", "team")), Err("not_found"));
    side.set_clock("2026-02-02T09:00:00.001Z");
    let (third, is_new) = create(&mut side, keyed("k", "team")).unwrap();
    assert!(is_new && third != first);
    assert_eq!(create(&mut side, keyed("k", "team")), Ok((third, false)));
}

/// Keys of other days do not pile up.
fn forgets(place: Place, count: impl Fn() -> i64) {
    let mut side = Side::new(place);
    for number in 0..10 {
        create(&mut side, keyed(&format!("k{number}"), "team")).unwrap();
    }
    assert_eq!(count(), 10);
    side.set_clock("2026-02-03T09:00:00Z");
    for number in 0..20 {
        create(&mut side, keyed(&format!("l{number}"), "other")).unwrap();
    }
    assert_eq!(count(), 20);
}

const COUNT: &str = "select count(*) from creation";

#[test]
fn a_key_creates_one_account_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    holds(Place::Sqlite(folder.path().join("queue.db")));
    let path = folder.path().join("other.db");
    forgets(Place::Sqlite(path.clone()), || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.query_row(COUNT, [], |row| row.get(0)).unwrap()
    });
}

#[test]
fn a_key_creates_one_account_of_postgres() {
    holds(Place::Postgres(Schema::new()));
    let schema = Schema::new();
    let shown = Schema { name: schema.name.clone(), url: schema.url.clone() };
    forgets(Place::Postgres(schema), || shown.count(COUNT));
}
