//! Pages of lists are bounded, and what is put off or removed leaves nothing to be passed over.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::path::Path;

use tierwise_lanes::Moment;
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Mock};
use world::PLAIN;

async fn start(path: &Path) -> (Runner, String) {
    let path = path.to_owned();
    let open = move || Ok(Sqlite::open(&path)?.with_clock(|| world::START.0));
    let mock = ("mock".to_owned(), AnyTransport::new(Mock::new()));
    let runner = Runner::start(open, world::policy(), Settings::new([mock])).await.unwrap();
    let created = runner.handle().create(world::account("team", PLAIN)).await.unwrap();
    let Answer::Created { account, .. } = created else { panic!("{created:?}") };
    (runner, account)
}

/// Has so many messages wait in the chat `chat`.
async fn fill(handle: &Handle, account: &str, mut count: u32) {
    while count > 0 {
        let part = count.min(1000);
        let messages = (0..part).map(|_| NewMessage::of_text("chat", "text")).collect();
        handle.send(account, messages).await.unwrap();
        count -= part;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_something_seldom_says_where_the_next_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let (runner, account) = start(&folder.path().join("queue.db")).await;
    let handle = runner.handle();
    let note = NewMessage { is_note: true, ..world::message("note") };
    handle.send(&account, vec![note]).await.unwrap();
    fill(handle, &account, 20_500).await;

    let (mut pages, mut found, mut before) = (0, Vec::new(), None);
    loop {
        let (chat, status) = ("chat".to_owned(), Some(Status::Note));
        let asked = ChatAsked { chat, status, before, most: 5, ..ChatAsked::default() };
        let page = handle.chat("team", &account, asked).await.unwrap();
        pages += 1;
        found.extend(page.messages.into_iter().map(|message| message.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((pages, found), (3, vec!["note".to_owned()]));

    for of in [None, Some(account.clone())] {
        let (mut pages, mut found, mut before) = (0, Vec::new(), None);
        loop {
            let (team, statuses, account) = ("team".to_owned(), vec![Status::Note], of.clone());
            let chat = None;
            let asked = TeamMessagesAsked { team, account, chat, statuses, before, most: 5 };
            let page = handle.team_messages(asked).await.unwrap();
            pages += 1;
            found.extend(page.messages.into_iter().map(|listed| listed.message.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!((pages, found), (3, vec!["note".to_owned()]), "{of:?}");
    }
    runner.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_or_removed_leaves_nothing_among_those_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let (runner, account) = start(&path).await;
    let handle = runner.handle();
    let waiting = || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let count = "select count(*) from waiting";
        connection.query_row(count, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    fill(handle, &account, 1200).await;
    let ids = ["m1", "m2", "m3"].map(world::message).to_vec();
    handle.send(&account, ids).await.unwrap();
    let due = Some(Moment(world::START.0 + 5000));
    assert_eq!(handle.retry_many("team", Status::Pending, due).await.unwrap(), 1203);
    assert_eq!(waiting(), 1203);
    let message = "m1".to_owned().into();
    let edit = Edit { due: Some(Moment(world::START.0 + 9000)), ..Edit::default() };
    handle.change(&account, Change::Edit { message, edit }).await.unwrap();
    let again = Change::Retry { message: "m2".to_owned(), due: None };
    handle.change(&account, again).await.unwrap();
    assert_eq!(waiting(), 1203);
    let message = "m3".to_owned().into();
    handle.change(&account, Change::Remove { message }).await.unwrap();
    assert_eq!(waiting(), 1202);
    let all = Narrowed::default();
    assert_eq!(handle.clear_many("team", Status::Pending, &all).await.unwrap(), 1202);
    assert_eq!(waiting(), 0);
    runner.stop().await.unwrap();
}
