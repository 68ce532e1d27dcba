//! Pages of lists are bounded, and what is put off or removed leaves nothing to be passed over.
//! PostgreSQL is the one that `TIERWISE_POSTGRES` names.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod world;

use std::path::Path;

use tierwise_lanes::Moment;
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Mock};
use world::{PLAIN, schema::Schema};

async fn start(path: &Path) -> (Runner, String) {
    let path = path.to_owned();
    start_on(move || Ok(Sqlite::open(&path)?.with_clock(|| world::START.0))).await
}

async fn start_on<S: Store + 'static>(
    open: impl FnOnce() -> Stored<S> + Send + 'static,
) -> (Runner, String) {
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

/// Bytes of what the messages of a page say, together.
const MOST_BYTES: usize = 8 << 20;

/// The pages of a list from its beginning to its end: the ids on each.
async fn pages<F>(page: impl Fn(Option<String>) -> F) -> Vec<Vec<String>>
where
    F: Future<Output = (Vec<MessageRow>, Option<String>)>,
{
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let (messages, next) = page(before).await;
        let bytes: usize = messages.iter().map(|message| message.content.len()).sum();
        assert!(bytes <= MOST_BYTES, "{bytes}");
        pages.push(messages.into_iter().map(|message| message.id).collect());
        match next {
            Some(next) => before = Some(next),
            None => return pages,
        }
    }
}

/// Messages as long as they may be, two short ones before them and one behind.
async fn long_messages_fill_pages(handle: &Handle, account: &str) {
    let long = "x".repeat((1 << 20) - r#"{"text":""}"#.len());
    let mut ids = Vec::new();
    for place in 0..22 {
        let id = format!("m{place}");
        let text = if [0, 1, 21].contains(&place) { "short" } else { &long };
        let content = world::raw(&serde_json::json!({ "text": text }).to_string());
        let message = NewMessage { content, ..world::message(&id) };
        handle.send(account, vec![message]).await.unwrap();
        ids.insert(0, id);
    }
    let chat = |before| async move {
        let asked = ChatAsked { chat: "chat".to_owned(), before, most: 100, ..Default::default() };
        let page = handle.chat("team", account, asked).await.unwrap();
        (page.messages, page.next)
    };
    let of_chat = pages(chat).await;
    let counts: Vec<_> = of_chat.iter().map(Vec::len).collect();
    assert_eq!((of_chat.concat(), counts), (ids.clone(), vec![8, 8, 6]));
    for of in [None, Some(account)] {
        let team = |before| async move {
            let (team, account) = ("team".to_owned(), of.map(str::to_owned));
            let (chat, statuses) = (None, Vec::new());
            let asked = TeamMessagesAsked { team, account, chat, statuses, before, most: 100 };
            let page = handle.team_messages(asked).await.unwrap();
            (page.messages.into_iter().map(|listed| listed.message).collect(), page.next)
        };
        let of_team = pages(team).await;
        let counts: Vec<_> = of_team.iter().map(Vec::len).collect();
        assert_eq!((of_team.concat(), counts), (ids.clone(), vec![8, 8, 6]), "{of:?}");
    }
}

#[test]
fn a_page_is_bounded_in_bytes_and_the_next_one_goes_on() {
    let (folder, schema) = (tempfile::tempdir().unwrap(), Schema::new());
    let (url, name) = (schema.url.clone(), schema.name.clone());
    // A schema goes by a runtime of its own.
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (runner, account) = start(&folder.path().join("queue.db")).await;
        long_messages_fill_pages(runner.handle(), &account).await;
        runner.stop().await.unwrap();
        let (runner, account) = start_on(move || Postgres::connect(&url, &name)).await;
        long_messages_fill_pages(runner.handle(), &account).await;
        runner.stop().await.unwrap();
    });
}
