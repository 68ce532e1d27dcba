//! A runner on SQLite with the mock network, from the first account to the last invoice; and files
//! that it must not touch.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Event, Inbound, Mock, Report};
use world::{FULL, LIMITED, PLAIN, START, message};

fn mock() -> Settings {
    Settings::new([("mock".to_owned(), AnyTransport::new(Mock::new()))])
}

fn quick(team: &str, tier: &str) -> NewAccount {
    let settings = Some(world::raw(r#"{"mock":{"delayMs":1}}"#));
    NewAccount { settings, ..world::account(team, tier) }
}

/// A runner on a file, with a clock that goes on from a moment, and can be set.
async fn start(path: &Path, clock: &Arc<AtomicI64>) -> Runner {
    let (begun, base) = (Instant::now(), clock.clone());
    let now = move || base.load(Ordering::SeqCst) + begun.elapsed().as_millis() as i64;
    let path = path.to_owned();
    let open = move || Ok(Sqlite::open(&path)?.with_clock(now));
    Runner::start(open, world::policy(), mock()).await.unwrap()
}

async fn create(handle: &Handle, account: NewAccount) -> String {
    match handle.create(account).await.unwrap() {
        Answer::Created { account, .. } => account,
        other => panic!("{other:?}"),
    }
}

/// Waits until a condition holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} does not come");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn status(handle: &Handle, account: &str, message: &str) -> Status {
    handle.message(account, message).await.unwrap().status
}

fn effects(answer: Answer) -> Vec<String> {
    match answer {
        Answer::Changed { effects } => effects,
        other => panic!("{other:?}"),
    }
}

fn tier(tier: &str) -> Change {
    Change::Update(Update { tier: Some(tier.to_owned()), ..Update::default() })
}

fn code(failure: Result<Answer, Failure>) -> &'static str {
    match failure {
        Err(Failure::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let clock = Arc::new(AtomicI64::new(START.0));
    let runner = start(&path, &clock).await;
    let handle = runner.handle().clone();
    let id = create(&handle, quick("team", LIMITED)).await;

    queue_and_limit(&handle, &id).await;
    tiers_and_history(&handle, &id).await;
    a_limit_that_is_reached(&handle, &id, &clock).await;
    endings(&handle, &id).await;
    runner.stop().await.unwrap();
}

async fn queue_and_limit(handle: &Handle, id: &str) {
    // Q11: an account that is not open keeps its messages.
    handle.send(id, vec![message("first")]).await.unwrap();
    assert_eq!(status(handle, id, "first").await, Status::Pending);
    let why = handle.why(id).await.unwrap();
    assert_eq!(why.standing, tierwise_lanes::Standing::Held(tierwise_lanes::Hold::AccountNotOpen));

    handle.change(id, Change::Open).await.unwrap();
    until("the first message", async || status(handle, id, "first").await == Status::Sent).await;

    // Q3: five a month; one was sent. All of a request, or nothing.
    let too_many = (2..7).map(|number| message(&format!("m{number}"))).collect();
    assert_eq!(code(handle.send(id, too_many).await), "quota_exhausted");
    let four = (2..6).map(|number| message(&format!("m{number}"))).collect();
    handle.send(id, four).await.unwrap();
    until("the fifth", async || status(handle, id, "m5").await == Status::Sent).await;
    // Repeats change nothing; another message of the same id is refused.
    handle.send(id, vec![message("m5")]).await.unwrap();
    let other = NewMessage { content: world::raw(r#"{"text":"other"}"#), ..message("m5") };
    assert_eq!(code(handle.send(id, vec![other]).await), "id_reused");
    // Q8: a note fits always.
    let note = NewMessage { is_note: true, ..message("note") };
    handle.send(id, vec![note]).await.unwrap();
}

async fn tiers_and_history(handle: &Handle, id: &str) {
    // D7, H1: away from the limit, to history, which comes with a login.
    let up = effects(handle.change(id, tier(FULL)).await.unwrap());
    assert_eq!(up, ["rescan_needed", "limit_lifted", "sending_resumed"]);
    assert_eq!(code(handle.change(id, tier(FULL)).await), "same_tier");
    assert_eq!(code(handle.change(id, tier("gold")).await), "unknown_tier");
    let history = r#"{"mock":{"delayMs":1,"history":{"chatId":"c","count":700}}}"#;
    let settings = Some(world::raw(history));
    let update = Change::Update(Update { settings, ..Update::default() });
    handle.change(id, update).await.unwrap();
    handle.change(id, Change::Close { logout: true }).await.unwrap();
    handle.change(id, Change::Open).await.unwrap();
    let held = async || {
        let report = handle.report(id, None, Planned::Delete).await.unwrap();
        report.removes
    };
    until("the history", async || held().await.history == 700).await;

    // D3: the report says what a downgrade removes, and holds it to that.
    let report = handle.report(id, None, Planned::Tier(PLAIN.to_owned())).await.unwrap();
    assert_eq!((report.removes.history, report.keeps.sent, report.keeps.notes), (700, 5, 1));
    let if_report = Some(report.hash());
    handle.send(id, vec![message("m6")]).await.unwrap();
    until("the sixth", async || status(handle, id, "m6").await == Status::Sent).await;
    let update = Update { tier: Some(PLAIN.to_owned()), if_report, ..Update::default() };
    let down = effects(handle.change(id, Change::Update(update)).await.unwrap());
    assert_eq!(down, ["history_removed"]);
    assert_eq!((held().await.history, held().await.sent), (0, 6));
    let update = Update {
        tier: Some(LIMITED.to_owned()),
        if_report: Some("another".to_owned()),
        ..Update::default()
    };
    assert_eq!(code(handle.change(id, Change::Update(update)).await), "report_stale");
}

async fn a_limit_that_is_reached(handle: &Handle, id: &str, clock: &AtomicI64) {
    // D5, D6: to a limit that is reached already: what waits is held.
    let down = effects(handle.change(id, tier(LIMITED)).await.unwrap());
    assert_eq!(down, ["limit_set", "sending_stopped"]);
    handle.change(id, Change::Pause).await.unwrap();
    handle.change(id, tier(PLAIN)).await.unwrap();
    handle.send(id, vec![message("m7")]).await.unwrap();
    handle.change(id, tier(LIMITED)).await.unwrap();
    handle.change(id, Change::Resume).await.unwrap();
    until("a hold", async || {
        handle.why(id).await.unwrap().account.held_reason == "quota_exhausted"
    })
    .await;
    // Q9: a new period begins, and it goes.
    clock.fetch_add(3_600_000, Ordering::SeqCst);
    handle.change(id, Change::Resume).await.unwrap();
    until("the next period", async || status(handle, id, "m7").await == Status::Sent).await;
}

async fn endings(handle: &Handle, id: &str) {
    // L1 to L4, L5.
    let archived = effects(handle.change(id, Change::Archive { if_report: None }).await.unwrap());
    assert_eq!(archived, ["subscription_ended", "logged_out", "synced_data_removed"]);
    assert_eq!(code(handle.send(id, vec![message("m8")]).await), "account_archived");
    assert_eq!(code(handle.change(id, tier("gold")).await), "unknown_tier");
    assert_eq!(status(handle, id, "note").await, Status::Note);
    assert!(handle.message(id, "m7").await.is_err());
    let deleted = effects(handle.change(id, Change::Delete { if_report: None }).await.unwrap());
    assert_eq!(deleted, ["all_data_removed"]);
    assert_eq!(code(handle.change(id, Change::Delete { if_report: None }).await), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_are_the_engines_and_final_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let april = tierwise::Instant::parse("2026-04-01T09:00:00Z").unwrap().unix_ms();
    let clock = Arc::new(AtomicI64::new(april));
    let runner = start(&path, &clock).await;
    let handle = runner.handle().clone();
    for _ in 0..101 {
        let Answer::Created { charge, .. } =
            handle.create(world::account("team", FULL)).await.unwrap()
        else {
            panic!()
        };
        // C2: each sees fewer than 3000 account-days.
        assert_eq!(charge.as_deref(), Some("0.4"));
    }
    let open = handle.invoice("team", None).await.unwrap();
    assert!(open.contains(r#""status":"open""#), "{open}");
    clock.fetch_add(31 * 86_400_000, Ordering::SeqCst);
    let last = handle.invoice("team", Some("2026-04")).await.unwrap();
    assert!(last.contains(r#""total":"1250.3""#) && last.contains(r#""status":"final""#), "{last}");
    let may = handle.invoice("team", Some("2026-13")).await;
    assert!(matches!(may, Err(Failure::Refused(it)) if it.code == "bad_request"));

    // The clock is set back into the period: what happens then is booked after it.
    clock.fetch_sub(10 * 86_400_000, Ordering::SeqCst);
    let late = create(&handle, world::account("team", FULL)).await;
    assert_eq!(handle.invoice("team", Some("2026-04")).await.unwrap(), last);
    let why = handle.why(&late).await.unwrap();
    let created = tierwise::Instant::from_unix_ms(why.account.created.0).unwrap();
    assert_eq!(created.to_string(), "2026-05-01T00:00:00.000Z");
    runner.stop().await.unwrap();

    // It is what was kept, also for the next runner.
    let runner = start(&path, &clock).await;
    let again = runner.handle().invoice("team", Some("2026-04")).await.unwrap();
    assert_eq!(again, last);
    runner.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_an_invoice_is_open_until_the_clock_is_past_its_period_though_the_ledger_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let april = tierwise::Instant::parse("2026-04-15T09:00:00Z").unwrap().unix_ms();
    let clock = Arc::new(AtomicI64::new(april));
    let runner = start(&path, &clock).await;
    let handle = runner.handle().clone();
    create(&handle, world::account("team", FULL)).await;
    // The clock is a month ahead, something is booked, and it is set back.
    let month_ms = 31 * 86_400_000;
    clock.fetch_add(month_ms, Ordering::SeqCst);
    create(&handle, world::account("team", FULL)).await;
    clock.fetch_sub(month_ms, Ordering::SeqCst);
    let open = handle.invoice("team", Some("2026-04")).await.unwrap();
    assert!(open.contains(r#""status":"open""#), "{open}");
    // Nothing more is booked in April: it is the same, once it is over.
    create(&handle, world::account("team", FULL)).await;
    clock.fetch_add(month_ms, Ordering::SeqCst);
    let last = handle.invoice("team", Some("2026-04")).await.unwrap();
    assert_eq!(last, open.replace(r#""status":"open""#, r#""status":"final""#));
    clock.fetch_sub(month_ms, Ordering::SeqCst);
    assert_eq!(handle.invoice("team", Some("2026-04")).await.unwrap(), last);
    runner.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_queues_keep_their_order_and_send_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(START.0));
    let runner = start(&folder.path().join("queue.db"), &clock).await;
    let handle = runner.handle().clone();
    let mut ids = Vec::new();
    for _ in 0..100 {
        let id = create(&handle, quick("team", PLAIN)).await;
        handle.change(&id, Change::Open).await.unwrap();
        ids.push(id);
    }
    for number in 0..5 {
        for id in &ids {
            handle.send(id, vec![message(&format!("m{number}"))]).await.unwrap();
        }
    }
    for id in &ids {
        until("the last", async || status(&handle, id, "m4").await == Status::Sent).await;
        let mut times = Vec::new();
        for number in 0..5 {
            let row = handle.message(id, &format!("m{number}")).await.unwrap();
            assert_eq!(row.number, number + 1);
            times.push(row.at);
        }
        assert!(times.is_sorted(), "{times:?}");
    }
    runner.stop().await.unwrap();
}

fn refused(path: &Path) -> StoreError {
    Sqlite::open(path).err().unwrap()
}

#[test]
fn files_that_are_not_its_own_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let first = Sqlite::open(&path).unwrap();
    assert_eq!(refused(&path).code, "store_locked");
    let mut reader = first.readers().unwrap()().unwrap();
    let copy = folder.path().join("copy.db");
    reader.back_up(&copy).unwrap();
    // A copy replaces nothing.
    assert_eq!(reader.back_up(&copy).unwrap_err().code, "file_exists");
    drop((reader, first));
    // A copy is a store.
    drop(Sqlite::open(&folder.path().join("copy.db")).unwrap());

    let newer = folder.path().join("newer.db");
    fs::copy(&path, &newer).unwrap();
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(&newer).unwrap();
    assert_eq!(refused(&newer).code, "store_newer");
    assert_eq!(fs::read(&newer).unwrap(), before);

    let foreign = folder.path().join("foreign.db");
    let connection = rusqlite::Connection::open(&foreign).unwrap();
    connection.execute_batch("create table notes (text)").unwrap();
    drop(connection);
    assert_eq!(refused(&foreign).code, "store_foreign");

    let text = folder.path().join("text.db");
    fs::write(&text, "this is no database, but a text of some length\n".repeat(50)).unwrap();
    assert_eq!(refused(&text).code, "store_foreign");

    // Cut in the middle of a page.
    let cut = folder.path().join("cut.db");
    let whole = fs::read(&path).unwrap();
    fs::write(&cut, &whole[..5000]).unwrap();
    assert_eq!(refused(&cut).code, "store_damaged");
}

/// Whatever a store remembers between two transactions is what was committed.
#[test]
fn what_was_not_committed_is_not_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("queue.db")).unwrap();
    let mut engine = Engine::start(Box::new(store), world::policy(), Terms::default()).unwrap();
    let flush = |engine: &mut Engine, request, slots| {
        let flushed = engine.flush(vec![request], slots, &|| Span(0)).unwrap();
        flushed.answers.into_iter().next().unwrap().unwrap()
    };
    let created = flush(&mut engine, Request::Create(world::account("team", PLAIN)), 0);
    let Answer::Created { account: id, .. } = created else { panic!("{created:?}") };
    let messages = vec![message("m0"), message("m1")];
    flush(
        &mut engine,
        Request::Send { account: id.clone(), team: None, require_open: false, messages },
        0,
    );
    let store = engine.store();
    let read = |store: &mut dyn Store| {
        let mut transaction = store.begin().unwrap();
        let row = transaction.accounts(&[&id]).unwrap().pop().unwrap();
        let head = transaction.heads(&[(row.key, None)]).unwrap().pop().flatten().unwrap();
        transaction.commit().unwrap();
        (row, head.number)
    };
    let (before, first) = read(store);
    assert_eq!(first, 1);
    let mut transaction = store.begin().unwrap();
    let mut row = transaction.accounts(&[&id]).unwrap().pop().unwrap();
    row.lane.pause(true);
    transaction.write_accounts(&[(&row, Moment::NEVER)]).unwrap();
    let settled = SettledRow {
        account: row.key,
        number: 1,
        status: Status::Cancelled,
        at: None,
        counted: None,
        error: String::new(),
        network_id: String::new(),
    };
    transaction.settle(&[settled]).unwrap();
    assert_eq!(transaction.heads(&[(row.key, None)]).unwrap().pop().flatten().unwrap().number, 2);
    drop(transaction);
    assert_eq!(read(store), (before, first));
}

#[test]
fn a_copy_that_fails_or_was_killed_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    drop(Sqlite::open(&path).unwrap());
    let store = Sqlite::open(&path).unwrap();
    let mut reader = store.readers().unwrap()().unwrap();
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("copy")).collect::<Vec<_>>()
    };
    // One that was killed in the middle left a part: the next of the name takes its place.
    fs::write(folder.path().join("copy.db.part"), "the beginning of a copy").unwrap();
    reader.back_up(&folder.path().join("copy.db")).unwrap();
    assert_eq!(names(), ["copy.db"]);
    fs::remove_file(folder.path().join("copy.db")).unwrap();
    // The store is cut beneath it.
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap();
    let error = reader.back_up(&folder.path().join("copy.db")).unwrap_err();
    assert_eq!(error.code, "store_damaged");
    assert_eq!(names(), [] as [&str; 0]);
}

/// Messages that went one by one leave nothing among what waits, however seldom others wait.
#[test]
fn what_went_is_tidied_though_each_message_was_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let store = Sqlite::open(&path).unwrap();
    let mut engine = Engine::start(Box::new(store), world::policy(), Terms::default()).unwrap();
    let mut flush = |request| {
        let flushed = engine.flush(vec![request], 1, &|| Span(0)).unwrap();
        let answer = flushed.answers.into_iter().next().unwrap().unwrap();
        (answer, flushed.actions)
    };
    let (created, _) = flush(Request::Create(world::account("team", PLAIN)));
    let Answer::Created { account: id, .. } = created else { panic!("{created:?}") };
    let event = Event::Open { login: false };
    flush(Request::Arrived(Inbound::new(&id, event)));
    for number in 0..200 {
        let messages = vec![message(&format!("m{number}"))];
        let (_, actions) =
            flush(Request::Send { account: id.clone(), team: None, require_open: false, messages });
        let Some(Action::Send(sending)) = actions.first() else { panic!("{actions:?}") };
        let (account, fence) = (sending.account, sending.message.fence);
        let report = Report::delivered();
        flush(Request::Completed(Completion { account, fence, report }));
    }
    drop(engine);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let sql = "select count(*) from waiting";
    let left: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(left <= 66, "{left} rows are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_without_end_keeps_nobody_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(START.0));
    let runner = start(&folder.path().join("queue.db"), &clock).await;
    let handle = runner.handle();
    let settings = r#"{"mock":{"history":{"chatId":"old","count":1000000}}}"#;
    let mut last = String::new();
    // So many that something has always arrived.
    for _ in 0..20 {
        let settings = Some(world::raw(settings));
        last = create(handle, NewAccount { settings, ..world::account("team", FULL) }).await;
        handle.change(&last, Change::Open).await.unwrap();
    }
    until("history", async || handle.account(&last).await.unwrap().row.history_kept > 1000).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), runner.stop()).await;
    ended.expect("it ends").unwrap();
}
