//! What is to be removed is in no list, on SQLite and on the PostgreSQL that `TIERWISE_POSTGRES`
//! names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, OldMessage, Received};
use world::{
    FULL, PLAIN,
    schema::Schema,
    still::{Place, Side},
};

/// What a downgrade and an archive leave to be removed is in no list, though it is stored still.
fn hides(place: Place) {
    let mut side = Side::new(place);
    let id = side.create(vec![world::account("team", FULL)]).remove(0);
    let mut reader = side.engine().store().readers().unwrap()().unwrap();
    let account = || id.clone();
    let arrived = |event| Request::Arrived(Inbound::new(account(), event));
    let change = |change| Request::Change { account: account(), team: None, change };
    let mut ask = |request: Request| drop(side.ask(vec![request]));
    ask(arrived(Event::Open { login: true }));
    let old = |number: u32| {
        let (id, at_ms) = (format!("m{number}"), i64::from(number));
        let (chat_id, sender) = ("old".to_owned(), String::new());
        let message = Received { id, chat_id, sender, at_ms, text: "hello".to_owned() };
        OldMessage { message, from_me: false }
    };
    let messages = (0..900).map(old).collect();
    ask(arrived(Event::History { offered: 900, messages }));
    let mut listed = |of: &str| {
        let account = reader.accounts(&AccountsAsked { archived: true, ..AccountsAsked::all(1) });
        let account = account.unwrap().remove(0).row;
        let asked = ChatAsked { chat: of.to_owned(), ..ChatAsked::default() };
        let (before, to) = (ChatPlace::START, ChatPlace::END);
        let part = ChatPart { asked: &asked, before, to, room: Room::of(5) };
        let of_chat = reader.chat(&account, &part).unwrap().rows.len();
        let (before, to) = (TeamPlace::START, TeamPlace::END);
        let (team, statuses, chat) = ("team".to_owned(), Vec::new(), Some(of.to_owned()));
        let room = Room::of(5);
        let part = TeamPart { team, account: None, chat, statuses, before, to, room };
        let of_team = reader.messages_of_team(&part).unwrap().rows.len();
        let end = reader.team_place(&part, 0).unwrap();
        let chats = reader.chats(&account, &ChatsPart { before: None, most: 5 }).unwrap();
        let counted = reader.count_chats(&account, &[of.to_owned()]).unwrap();
        let is_stored = end.is_some();
        (is_stored, of_chat, of_team, chats.iter().any(|(chat, _)| chat == of), counted.len())
    };
    assert_eq!(listed("old"), (true, 5, 5, true, 1));
    let archive = change(Change::Archive { if_report: None });
    let tier = Some(PLAIN.to_owned());
    ask(change(Change::Update(Update { tier, ..Update::default() })));
    assert_eq!(listed("old"), (true, 0, 0, false, 0), "D3");
    let messages = (0..900).map(|_| NewMessage::of_text("new", "hello")).collect();
    let (account, team) = (account(), None);
    ask(Request::Send { account, team, require_open: false, messages });
    assert_eq!(listed("new"), (true, 5, 5, true, 1));
    ask(archive);
    assert_eq!(listed("new"), (true, 0, 0, false, 0), "L2");
}

#[test]
fn what_is_to_be_removed_is_in_no_list_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    hides(Place::Sqlite(folder.path().join("queue.db")));
}

#[test]
fn what_is_to_be_removed_is_in_no_list_of_postgres() {
    hides(Place::Postgres(Schema::new()));
}
