//! What a transport says of an opening that is over does not change how the account is, and a
//! transport is asked to connect an account once, unless the runner dies that asks it: on SQLite
//! and on the PostgreSQL that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

#[path = "openings/calls.rs"]
mod calls;

use tierwise_lanes::{Connection, Span};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, OldMessage, Received};
use world::{
    FULL, PLAIN,
    schema::Schema,
    still::{Place, Side},
};

/// An account, and what its transport is told and says.
struct Scene {
    side: Side,
    id: String,
    /// Openings that the transport was told of.
    told: Vec<u64>,
    passed_over: u64,
}

impl Scene {
    fn new(place: Place) -> Self {
        let mut side = Side::new(place);
        let id = side.create(vec![world::account("team", FULL)]).remove(0);
        Scene { side, id, told: Vec::new(), passed_over: 0 }
    }

    fn flush(&mut self, request: Request) {
        self.flush_all(vec![request]);
    }

    fn flush_all(&mut self, requests: Vec<Request>) {
        let flushed = self.side.engine().flush(requests, 0, &|| Span(0)).unwrap();
        assert!(flushed.answers.iter().all(Result::is_ok), "{:?}", flushed.answers);
        for action in flushed.actions {
            let (Action::Open(connect) | Action::Close(connect, _)) = action else { continue };
            self.told.push(connect.account.opening);
        }
        self.passed_over += flushed.passed_over;
    }

    fn change(&mut self, change: Change) {
        let account = self.id.clone();
        self.flush(Request::Change { account, team: None, change });
    }

    fn tier(&mut self, tier: &str) {
        let tier = Some(tier.to_owned());
        self.change(Change::Update(Update { tier, ..Update::default() }));
    }

    /// Opens it; the number of the opening.
    fn open(&mut self) -> u64 {
        self.change(Change::Open);
        *self.told.last().unwrap()
    }

    /// What a transport says of an opening; whether it was heard.
    fn says(&mut self, opening: impl Into<Option<u64>>, event: Event) -> bool {
        let before = self.passed_over;
        let inbound = Inbound { opening: opening.into(), ..Inbound::new(&self.id, event) };
        self.flush(Request::Arrived(inbound));
        self.passed_over == before
    }

    /// Its connection, whether it has a login, and how much history.
    fn is(&mut self) -> (Connection, bool, u64) {
        let mut transaction = self.side.engine().store().begin().unwrap();
        let row = transaction.accounts(&[&self.id]).unwrap().remove(0);
        let held = transaction.held(&row).unwrap();
        assert_eq!(row.history_kept, held.history);
        (row.lane_row().connection, row.has_login, held.history)
    }
}

fn open(login: bool) -> Event {
    Event::Open { login }
}

fn message(id: &str) -> Received {
    let (chat_id, sender) = ("chat".to_owned(), String::new());
    Received { id: id.to_owned(), chat_id, sender, at_ms: 5, text: "hello".to_owned() }
}

fn history() -> Event {
    history_of(&["old"])
}

fn history_of(ids: &[&str]) -> Event {
    let old = |id: &&str| OldMessage { message: message(id), from_me: *id == "mine" };
    Event::History { offered: 9, messages: ids.iter().map(old).collect() }
}

const QR: fn() -> Event = || Event::Scan { code: "2@x".to_owned() };
const FAILED: fn() -> Event = || Event::Failed { status_code: 503, message: "away".to_owned() };
const CLOSED: fn() -> Event = || Event::Closed { logout: true };

/// A1: what comes late of a connection that somebody closed changes nothing.
fn a_close_stays(place: Place) {
    let mut scene = Scene::new(place);
    let first = scene.open();
    scene.change(Change::Close { logout: false });
    assert_eq!(scene.told, [first, first], "it is that opening which ends");
    for event in [open(true), open(false), QR(), FAILED(), history()] {
        assert!(!scene.says(first, event.clone()), "{event:?}");
        // A network that does not say which opening it means cannot undo the close either.
        assert!(!scene.says(None, event.clone()), "{event:?}");
        assert_eq!(scene.is(), (Connection::Close, false, 0), "{event:?}");
    }

    let second = scene.open();
    assert!(second > first);
    for event in [open(true), QR(), FAILED(), CLOSED(), history()] {
        for other in [0, first, second + 1, u64::MAX] {
            assert!(!scene.says(other, event.clone()), "{other}: {event:?}");
            assert_eq!(scene.is(), (Connection::Connecting, false, 0), "{other}: {event:?}");
        }
    }
    assert!(scene.says(second, open(true)));
    assert_eq!(scene.is(), (Connection::Open, true, 0));
    // The transport connects again by itself, in the same opening.
    assert!(scene.says(second, Event::Closed { logout: false }));
    assert!(scene.says(second, open(false)));
    assert_eq!(scene.is(), (Connection::Open, true, 0));

    // That its login is gone is so, also when the account was closed before.
    scene.change(Change::Close { logout: false });
    assert!(!scene.says(first, CLOSED()));
    assert_eq!(scene.is(), (Connection::Close, true, 0));
    assert!(scene.says(second, CLOSED()));
    assert_eq!(scene.is(), (Connection::Close, false, 0));
}

/// A2: history comes of the last scan alone, and of none once it was removed.
fn history_needs_a_scan(place: Place) {
    let mut scene = Scene::new(place);
    let first = scene.open();
    assert!(!scene.says(first, history()), "H1: before the scan there is none");
    assert!(scene.says(first, open(true)));
    assert!(scene.says(first, history()));
    assert!(scene.says(None, history_of(&["older"])));
    assert_eq!(scene.is(), (Connection::Open, true, 2));
    // D3, D4: the rest of it comes after the downgrade and the upgrade.
    scene.tier(PLAIN);
    scene.tier(FULL);
    for opening in [None, Some(first)] {
        assert!(!scene.says(opening, history()), "{opening:?}");
        assert_eq!(scene.is(), (Connection::Open, true, 0), "{opening:?}");
    }
    // A connection that is made again is no scan.
    assert!(scene.says(first, open(false)));
    assert!(!scene.says(first, history()));

    // The person scans again: the rest of the first scan is not of this one.
    scene.change(Change::Close { logout: true });
    let second = scene.open();
    assert!(scene.says(second, open(true)));
    assert!(!scene.says(first, history()));
    assert_eq!(scene.is(), (Connection::Open, true, 0));
    assert!(scene.says(second, history()));
    assert_eq!(scene.is(), (Connection::Open, true, 1));
}

/// H2, H3: a part of a history that comes again is there once, and takes no other's place; the
/// history of another login is another one.
fn history_comes_once(place: Place) {
    let mut scene = Scene::new(place);
    let settings = Some(world::raw(r#"{"maxMessageSync":4}"#));
    scene.change(Change::Update(Update { settings, ..Update::default() }));
    let first = scene.open();
    assert!(scene.says(first, open(true)));
    assert!(scene.says(first, history_of(&["old", "mine", "old"])));
    for restarts in [false, true] {
        if restarts {
            scene.side.end();
        }
        assert!(scene.says(first, history_of(&["old", "mine"])));
        assert_eq!(scene.is(), (Connection::Open, true, 2), "{restarts}");
    }
    // In one flush, too.
    let asked =
        ["a", "a"].map(|id| Request::Arrived(Inbound::new(&scene.id, history_of(&["mine", id]))));
    assert!(scene.side.ask(asked.into()).iter().all(Result::is_ok));
    assert_eq!(scene.is(), (Connection::Open, true, 3));
    // There was room for one more, and not for two.
    assert!(scene.says(first, history_of(&["a", "old", "b", "c", "mine"])));
    assert_eq!(scene.is(), (Connection::Open, true, 4));
    // What somebody writes now is no history, whatever its id.
    assert!(scene.says(first, Event::Received(message("old"))));
    let mut transaction = scene.side.engine().store().begin().unwrap();
    let row = transaction.accounts(&[&scene.id]).unwrap().remove(0);
    assert_eq!(transaction.held(&row).unwrap().live, 1);
    drop(transaction);
    assert!(scene.says(first, open(true)));
    assert_eq!(scene.is(), (Connection::Open, true, 0));
    assert!(scene.says(first, history_of(&["old", "mine"])));
    assert_eq!(scene.is(), (Connection::Open, true, 2));
}

/// What somebody wrote is kept whatever connection brings it, and third parties that know of no
/// openings go on as before.
fn others_are_heard(place: Place) {
    let mut scene = Scene::new(place);
    // Nobody here has opened it yet: who connects by itself, connects.
    assert!(scene.says(None, QR()));
    assert!(scene.says(None, open(true)));
    assert!(scene.says(None, history()));
    assert_eq!(scene.is(), (Connection::Open, true, 1));
    assert!(scene.says(None, FAILED()));
    assert_eq!(scene.is(), (Connection::Close, true, 1));
    let first = scene.open();
    assert!(scene.says(None, open(false)));
    scene.change(Change::Close { logout: false });
    for (place, opening) in [None, Some(first), Some(first + 9)].into_iter().enumerate() {
        assert!(scene.says(opening, Event::Received(message(&format!("r{place}")))));
    }
    let contact = Event::Contact { id: "c".to_owned(), name: "Carla".to_owned() };
    assert!(scene.says(first + 9, contact));
    let mut transaction = scene.side.engine().store().begin().unwrap();
    let row = transaction.accounts(&[&scene.id]).unwrap().remove(0);
    let held = transaction.held(&row).unwrap();
    assert_eq!((held.live, held.contacts), (3, 1));
}

/// After an ending nothing connects it, also what is on its way.
fn an_ending_is_one(place: Place) {
    let mut scene = Scene::new(place);
    let first = scene.open();
    assert!(scene.says(first, open(true)));
    scene.change(Change::Archive { if_report: None });
    for event in [open(true), history(), Event::Received(message("late"))] {
        assert!(!scene.says(first, event.clone()), "{event:?}");
    }
    assert_eq!(scene.is().0, Connection::Close);
    assert!(!scene.is().1);
}

fn all(place: impl Fn() -> Place) {
    for holds in [
        a_close_stays,
        history_needs_a_scan,
        history_comes_once,
        others_are_heard,
        an_ending_is_one,
    ] {
        holds(place());
    }
}

#[test]
fn an_opening_that_is_over_says_nothing_of_an_account_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    all(|| {
        number.set(number.get() + 1);
        Place::Sqlite(folder.path().join(format!("queue-{}.db", number.get())))
    });
}

#[test]
fn an_opening_that_is_over_says_nothing_of_an_account_of_postgres() {
    all(|| Place::Postgres(Schema::new()));
}
