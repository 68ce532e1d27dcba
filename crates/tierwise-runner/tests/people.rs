//! Who may sign in, for how long and for what: refresh tokens, memberships and their narrowing, on
//! both stores. PostgreSQL is the one that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::{
    fs,
    path::Path,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Mock};
use world::{
    schema::Schema,
    still::{Place, Side, moment},
};

const IDLE: Span = Span(14 * 86_400_000);
const TOKEN: &str = "twr_a-token-that-nobody-would-guess";

fn sqlite(folder: &Path) -> Side {
    Side::new(Place::Sqlite(folder.join("queue.db")))
}

/// Both stores, each with Ann and Bob in the team and a token of Ann's.
fn sides(folder: &Path) -> [Side; 2] {
    let mut sides = [sqlite(folder), Side::new(Place::Postgres(Schema::new()))];
    for side in &mut sides {
        fill(side);
    }
    sides
}

fn fill(side: &mut Side) {
    let known = TeamKnown::default();
    for change in [
        PeopleChange::CreateTeam { id: "team".to_owned(), known: known.clone() },
        PeopleChange::CreateTeam { id: "other".to_owned(), known },
        PeopleChange::CreatePerson { id: "ann".to_owned(), full_name: "Ann".to_owned() },
        PeopleChange::CreatePerson { id: "bob".to_owned(), full_name: String::new() },
        join("ann", "team", &[23, 31, 78]),
        join("bob", "team", &[31]),
        create_token("ann", TOKEN),
    ] {
        change_people(side, change).unwrap();
    }
}

fn join(person: &str, team: &str, scopes: &[u8]) -> PeopleChange {
    let scopes = Scopes::of(scopes.iter().copied());
    PeopleChange::Join(Membership { person: person.to_owned(), team: team.to_owned(), scopes })
}

fn create_token(person: &str, token: &str) -> PeopleChange {
    PeopleChange::CreateToken { person: person.to_owned(), token: TokenHash::of(token) }
}

fn revoke(person: &str, token: &str) -> PeopleChange {
    let (person, token) = (person.to_owned(), TokenHash::of(token));
    PeopleChange::Revoke(Revoked::OfPerson { person, token })
}

fn change_people(side: &mut Side, change: PeopleChange) -> Result<Answer, &'static str> {
    side.ask(vec![Request::People(change)]).pop().unwrap().map_err(|refusal| refusal.code)
}

fn trade_of(token: &str, team: &str, scopes: Option<&[u8]>) -> Request {
    let scopes = scopes.map(|scopes| Scopes::of(scopes.iter().copied()));
    let (token, team) = (TokenHash::of(token), team.to_owned());
    Request::Trade(Trade { token, team, scopes, idle: IDLE })
}

/// What a trade comes to: the scopes, or the code of its refusal.
fn came_to(answer: Refused<Answer>) -> Result<Vec<u8>, &'static str> {
    match answer {
        Ok(Answer::Traded(traded)) => Ok(traded.scopes.numbers().collect()),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.code),
    }
}

fn trade(
    side: &mut Side,
    token: &str,
    team: &str,
    scopes: Option<&[u8]>,
) -> Result<Vec<u8>, &'static str> {
    came_to(side.ask(vec![trade_of(token, team, scopes)]).pop().unwrap())
}

#[test]
fn scopes_are_narrowed_to_those_of_the_membership() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let side = &mut side;
        assert_eq!(trade(side, TOKEN, "team", None), Ok(vec![23, 31, 78]));
        assert_eq!(trade(side, TOKEN, "team", Some(&[31, 93])), Ok(vec![31]));
        assert_eq!(trade(side, TOKEN, "team", Some(&[93])), Err("no_scope_granted"));
        assert_eq!(trade(side, TOKEN, "team", Some(&[])), Err("no_scope_granted"));
        assert_eq!(trade(side, TOKEN, "other", None), Err("not_a_member"));
        assert_eq!(trade(side, TOKEN, "none at all\0", None), Err("not_a_member"));
        // Who the token is comes first.
        assert_eq!(trade(side, "twr_x", "other", Some(&[93])), Err("bad_refresh_token"));
        // What somebody may do changes with the next trade.
        change_people(side, join("ann", "team", &[55])).unwrap();
        assert_eq!(trade(side, TOKEN, "team", None), Ok(vec![55]));
        let (person, team) = ("ann".to_owned(), "team".to_owned());
        let leave = PeopleChange::Leave { person, team };
        change_people(side, leave.clone()).unwrap();
        assert_eq!(trade(side, TOKEN, "team", None), Err("not_a_member"));
        assert_eq!(change_people(side, leave), Err("not_found"));
    }
}

#[test]
fn a_token_lapses_after_its_idle_days_and_each_use_starts_them_anew() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let side = &mut side;
        let last = "2026-02-15T09:00:00Z";
        side.set_clock(last);
        let traded = side.ask(vec![trade_of(TOKEN, "team", None)]).pop().unwrap();
        let Ok(Answer::Traded(traded)) = traded else { panic!("{traded:?}") };
        let next = "2026-03-01T09:00:00Z";
        assert_eq!((traded.person.as_str(), traded.full_name.as_str()), ("ann", "Ann"));
        assert_eq!(traded.expires, moment(next));
        side.set_clock(next);
        assert_eq!(trade(side, TOKEN, "team", Some(&[31])), Ok(vec![31]), "not replaced by use");
        // A trade that is refused is no use.
        side.set_clock("2026-03-15T08:59:59Z");
        assert_eq!(trade(side, TOKEN, "other", None), Err("not_a_member"));
        assert_eq!(trade(side, TOKEN, "team", Some(&[93])), Err("no_scope_granted"));
        side.set_clock("2026-03-15T09:00:00.001Z");
        assert_eq!(trade(side, TOKEN, "team", None), Err("bad_refresh_token"));
    }
}

#[test]
fn a_clock_that_was_set_back_shortens_no_tokens_life() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let side = &mut side;
        side.set_clock("2026-02-10T00:00:00Z");
        trade(side, TOKEN, "team", None).unwrap();
        side.set_clock("2026-02-09T00:00:00Z");
        let traded = side.ask(vec![trade_of(TOKEN, "team", None)]).pop().unwrap();
        let Ok(Answer::Traded(traded)) = traded else { panic!("{traded:?}") };
        assert_eq!(traded.expires, moment("2026-02-24T00:00:00Z"));
        side.set_clock("2026-02-24T00:00:00Z");
        assert!(trade(side, TOKEN, "team", None).is_ok());
    }
}

#[test]
fn a_token_is_revoked_by_whose_it_is_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let side = &mut side;
        let second = "twr_second";
        assert_eq!(
            change_people(side, create_token("ann", second)),
            Ok(Answer::TokenCreated { number: 2 })
        );
        change_people(side, create_token("bob", "twr_bob")).unwrap();
        let none = Ok(Answer::Revoked { tokens: 0 });
        let one = Ok(Answer::Revoked { tokens: 1 });
        assert_eq!(change_people(side, revoke("bob", TOKEN)), none, "another user's");
        assert_eq!(change_people(side, revoke("ann", "twr_unknown")), none);
        assert!(trade(side, TOKEN, "team", None).is_ok());
        assert_eq!(change_people(side, revoke("ann", TOKEN)), one);
        assert_eq!(trade(side, TOKEN, "team", None), Err("bad_refresh_token"));
        assert_eq!(change_people(side, revoke("ann", TOKEN)), none, "once is enough");
        assert!(trade(side, second, "team", None).is_ok());
        let all = PeopleChange::Revoke(Revoked::AllOf("ann".to_owned()));
        assert_eq!(change_people(side, all), one);
        assert_eq!(trade(side, second, "team", None), Err("bad_refresh_token"));
        assert!(trade(side, "twr_bob", "team", None).is_ok());
        let by_number = |number| PeopleChange::Revoke(Revoked::Number(number));
        assert_eq!(change_people(side, by_number(3)), one);
        assert_eq!(change_people(side, by_number(4)), none);
        assert_eq!(trade(side, "twr_bob", "team", None), Err("bad_refresh_token"));
    }
}

#[test]
fn what_one_flush_is_asked_is_done_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let people = Request::People;
        let new = "twr_new";
        let answers = side.ask(vec![
            trade_of(TOKEN, "team", None),
            trade_of(new, "team", None),
            people(create_token("ann", new)),
            trade_of(new, "team", None),
            people(join("ann", "team", &[31])),
            trade_of(TOKEN, "team", None),
            people(revoke("ann", TOKEN)),
            trade_of(TOKEN, "team", None),
            people(PeopleChange::Revoke(Revoked::AllOf("ann".to_owned()))),
            trade_of(new, "team", None),
        ]);
        let trades = [0, 1, 3, 5, 7, 9].map(|place| came_to(answers[place].clone()));
        let bad = Err("bad_refresh_token");
        let expected = [
            Ok(vec![23, 31, 78]),
            bad.clone(),
            Ok(vec![23, 31, 78]),
            Ok(vec![31]),
            bad.clone(),
            bad,
        ];
        assert_eq!(trades, expected);
        assert_eq!(answers[8], Ok(Answer::Revoked { tokens: 1 }), "the other one was");
    }
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mut side in sides(folder.path()) {
        let mut code = |change| change_people(&mut side, change).unwrap_err();
        let team = |id: &str, known| PeopleChange::CreateTeam { id: id.to_owned(), known };
        let person = |id: &str, name: &str| PeopleChange::CreatePerson {
            id: id.to_owned(),
            full_name: name.to_owned(),
        };
        let none = TeamKnown::default;
        assert_eq!(code(team("team", none())), "already_exists");
        assert_eq!(code(person("ann", "")), "already_exists");
        assert_eq!(code(create_token("bob", TOKEN)), "already_exists");
        for id in ["", "a\nb", "a\0b", &"x".repeat(513)] {
            assert_eq!(code(team(id, none())), "bad_request", "{id:?}");
            assert_eq!(code(person(id, "")), "bad_request", "{id:?}");
        }
        for region in ["de", "D", "DEU", "D1", "ÄÖ"] {
            let known = TeamKnown { region: Some(region.to_owned()), ..none() };
            assert_eq!(code(team("new", known)), "bad_request", "{region}");
        }
        for metadata in
            ["", "[]", "1", "{", "{\"a\":\0}", &format!("{{\"a\":\"{}\"}}", "x".repeat(70_000))]
        {
            let known = TeamKnown { metadata: Some(metadata.to_owned()), ..none() };
            assert_eq!(code(team("new", known)), "bad_request");
        }
        assert_eq!(code(person("new", &"é".repeat(201))), "bad_request");
        assert_eq!(code(join("ann", "team", &[])), "bad_request");
        assert_eq!(code(join("ann", "none", &[31])), "not_found");
        assert_eq!(code(join("none", "team", &[31])), "not_found");
        assert_eq!(code(create_token("none", "twr_x")), "not_found");
        let set = |id: &str, known| PeopleChange::SetTeam { id: id.to_owned(), known };
        assert_eq!(code(set("team", none())), "nothing_to_change");
        let known = TeamKnown { name: Some("Name".to_owned()), ..none() };
        assert_eq!(code(set("none", known)), "not_found");
        let set = PeopleChange::SetPerson { id: "none".to_owned(), full_name: String::new() };
        assert_eq!(code(set), "not_found");
    }
}

#[test]
fn no_file_of_a_store_holds_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut side = sqlite(folder.path());
    fill(&mut side);
    trade(&mut side, TOKEN, "team", None).unwrap();
    change_people(&mut side, revoke("ann", TOKEN)).unwrap();
    drop(side);
    let holds = |text: &str| {
        let files = fs::read_dir(folder.path()).unwrap();
        let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        files.any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    assert!(holds(TokenHash::of(TOKEN).as_str()), "what is looked for is found");
    assert!(!holds(TOKEN) && !holds(&TOKEN[4..]));
}

#[test]
fn people_are_moved_with_the_rest_and_not_over_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut side = sqlite(folder.path());
    fill(&mut side);
    drop(side);
    let from = || Sqlite::open(&folder.path().join("queue.db")).unwrap();
    let schema = Schema::new();
    let moved = move_store(from(), schema.open()).unwrap();
    let rows = |name| moved.iter().find(|table| table.name == name).unwrap().rows;
    let counts = ["team_profile", "person", "membership", "refresh_token"].map(rows);
    assert_eq!(counts, [2, 2, 2, 1]);
    assert_eq!(move_store(from(), schema.open()).unwrap_err().code, "store_not_empty");
    let mut side = Side::new(Place::Postgres(schema));
    assert_eq!(trade(&mut side, TOKEN, "team", None), Ok(vec![23, 31, 78]));
    let next = change_people(&mut side, create_token("bob", "twr_bob"));
    assert_eq!(next, Ok(Answer::TokenCreated { number: 2 }));
}

/// Turns of each of two runners that trade the same tokens.
const TURNS: usize = 300;

const KEPT: &str = "twr_kept";

/// What one of two runners does, and how many of its trades of the token were good and bad.
fn race(mut engine: Engine, revokes: bool, begin: &Barrier, is_revoked: &AtomicBool) -> [u32; 2] {
    begin.wait();
    let mut came = [0, 0];
    for turn in 0..TURNS {
        let was_revoked = is_revoked.load(Ordering::SeqCst);
        let token = trade_of(TOKEN, "team", None);
        // In an order that differs between the two, and with changes of people at times.
        let mut asked = vec![trade_of(KEPT, "team", None), token];
        if turn % 7 == 0 {
            asked.push(Request::People(join("ann", "team", &[31])));
        }
        if revokes {
            asked.reverse();
        }
        let place = asked
            .iter()
            .position(|it| matches!(it, Request::Trade(it) if it.token == TokenHash::of(TOKEN)));
        if revokes && turn == TURNS / 2 {
            asked.push(Request::People(revoke("ann", TOKEN)));
        }
        let flushed = engine.flush(asked, 0, &|| Span(0)).unwrap();
        if revokes && turn == TURNS / 2 {
            is_revoked.store(true, Ordering::SeqCst);
        }
        let is_good = came_to(flushed.answers[place.unwrap()].clone()).is_ok();
        assert!(!(is_good && was_revoked), "turn {turn}: it was revoked before this began");
        came[usize::from(!is_good)] += 1;
    }
    came
}

/// Nobody waits in a circle, and a token that was revoked is of no use to a trade that begins
/// afterwards.
#[test]
fn two_runners_trade_one_token_at_once_until_it_is_revoked() {
    let schema = Schema::new();
    let engine =
        || Engine::start(Box::new(schema.open()), world::policy(), Terms::default()).unwrap();
    let (mut first, second) = (engine(), engine());
    let known = TeamKnown::default();
    for change in [
        PeopleChange::CreateTeam { id: "team".to_owned(), known },
        PeopleChange::CreatePerson { id: "ann".to_owned(), full_name: String::new() },
        join("ann", "team", &[31]),
        create_token("ann", TOKEN),
        create_token("ann", KEPT),
    ] {
        let flushed = first.flush(vec![Request::People(change)], 0, &|| Span(0)).unwrap();
        assert!(flushed.answers[0].is_ok(), "{:?}", flushed.answers);
    }
    let (begin, is_revoked) = (&Barrier::new(2), &AtomicBool::new(false));
    let [[good, bad], [other_good, _]] = thread::scope(|scope| {
        let both = [(first, true), (second, false)];
        let threads = both
            .map(|(engine, revokes)| scope.spawn(move || race(engine, revokes, begin, is_revoked)));
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(good > 0 && bad > 0 && other_good > 0, "{good} {bad} {other_good}");
    assert_eq!(schema.count("select count(*) from refresh_token where revoked is null"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_in_order_and_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    lists(move || Sqlite::open(&path)).await;
    let schema = Schema::new();
    let (url, name) = (schema.url.clone(), schema.name.clone());
    lists(move || Postgres::connect(&url, &name)).await;
    tokio::task::spawn_blocking(move || drop(schema)).await.unwrap();
}

async fn lists<S: Store + 'static>(open: impl FnOnce() -> Stored<S> + Send + 'static) {
    let settings = Settings::new([("mock".to_owned(), AnyTransport::new(Mock::new()))]);
    let runner = Runner::start(open, world::policy(), settings).await.unwrap();
    let handle = runner.handle();
    let change = async |change| handle.change_people(change).await.unwrap();
    for id in ["b", "a", "C"] {
        let metadata = Some(r#"{"é":1}"#.to_owned());
        let known = TeamKnown { metadata, ..TeamKnown::default() };
        change(PeopleChange::CreateTeam { id: id.to_owned(), known }).await;
    }
    for id in ["bob", "ann"] {
        change(PeopleChange::CreatePerson { id: id.to_owned(), full_name: id.to_owned() }).await;
    }
    for (person, team) in [("ann", "b"), ("ann", "C"), ("ann", "a"), ("bob", "a")] {
        change(join(person, team, &[31])).await;
    }
    for (person, token) in [("ann", "1"), ("bob", "2"), ("ann", "3")] {
        change(create_token(person, token)).await;
    }
    let teams = async |ids: Option<&[&str]>, skip, most| {
        let ids = ids.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        let asked = TeamsAsked { person: "ann".to_owned(), ids, skip, most };
        let found = handle.teams_of(asked).await.unwrap();
        let ids = found.teams.iter().map(|(team, _)| team.id.clone()).collect::<Vec<_>>().join(" ");
        (ids, found.total)
    };
    assert_eq!(teams(None, 0, 9).await, ("C a b".to_owned(), 3));
    assert_eq!(teams(None, 1, 1).await, ("a".to_owned(), 3));
    assert_eq!(teams(None, u64::MAX, 9).await, (String::new(), 3));
    assert_eq!(teams(Some(&["b", "C", "x\0", "b"]), 0, 9).await, ("C b".to_owned(), 2));
    assert_eq!(teams(Some(&[]), 0, 9).await, (String::new(), 0));
    let profile = handle.team_profile("a").await.unwrap().unwrap();
    assert_eq!((profile.name.as_str(), profile.region.as_str()), ("a", "ZZ"));
    assert_eq!(profile.metadata, r#"{"é":1}"#);
    assert!(profile.created > Moment(0) && profile.updated == profile.created);
    assert_eq!(handle.team_profile("x").await.unwrap(), None);
    let after = handle.team_profiles("C", 1).await.unwrap();
    assert_eq!(after.iter().map(|team| team.id.as_str()).collect::<Vec<_>>(), ["a"]);
    let people = async |team: Option<&str>, after: &str, most| {
        let (team, after) = (team.map(str::to_owned), after.to_owned());
        let found = handle.people(PeopleAsked { team, after, most }).await.unwrap();
        let said = |it: &ListedPerson| format!("{} {}", it.person.id, it.memberships.len());
        found.iter().map(said).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(people(None, "", 9).await, "ann 3, bob 1");
    assert_eq!(people(None, "", 1).await, "ann 3", "its teams are not cut");
    assert_eq!(people(None, "ann", 9).await, "bob 1");
    assert_eq!(people(Some("b"), "", 9).await, "ann 3");
    let tokens = async |person: Option<&str>, before, most| {
        let found = handle.refresh_tokens(person.map(str::to_owned), before, most).await.unwrap();
        found.iter().map(|token| token.number).collect::<Vec<_>>()
    };
    assert_eq!(tokens(None, None, 9).await, [3, 2, 1]);
    assert_eq!(tokens(None, Some(3), 1).await, [2]);
    assert_eq!(tokens(Some("ann"), None, 9).await, [3, 1]);
    runner.stop().await.unwrap();
}
