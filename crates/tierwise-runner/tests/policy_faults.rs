//! Policies that trap, never end or answer nonsense: invariant 13. Nothing is sent on their word,
//! only the accounts that they fail at are held, and nothing is lost meanwhile.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

#[path = "../../tierwise-host/tests/guests/mod.rs"]
mod guests;
mod world;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tierwise_lanes::{Hold, Moment, Span, Standing};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Event, Inbound, Outgoing, Transport};
use world::{FULL, LIMITED, PLAIN, message, small_catalog};

/// What went out: the account, and the number of the message.
type Log = Arc<Mutex<Vec<(String, u64)>>>;

/// A network that takes everything and keeps a log.
struct Logged(Log);

impl Transport for Logged {
    async fn send(&self, message: &Outgoing) -> tierwise_transport::Report {
        self.0.lock().unwrap().push((message.account.clone(), message.number));
        tierwise_transport::Report::delivered()
    }
}

/// Claims go, but for those of the tier with history: its id has 26 letters.
fn failing(way: &str) -> Arc<Policy> {
    assert_eq!([LIMITED.len(), PLAIN.len(), FULL.len()], [27, 29, 26]);
    let claim = format!(
        r#"(data (i32.const 1024) "Not a word")
        (func $forever (loop $again (br $again)))
        (func $claim (param $tier i32) (result i32)
          (if (i32.eq (local.get $tier) (i32.const 26)) (then {way}))
          (i64.store (i32.const 0) (i64.const 0))
          (i64.store (i32.const 8) (i64.const 0))
          (i64.store (i32.const 16) (i64.const 0))
          (i64.store (i32.const 24) (i64.const 0))
          (i32.const 0))"#
    );
    Arc::new(Policy::new(Some(&guests::claiming(&claim)), small_catalog()).unwrap())
}

/// Each way to fail, and its code.
const WAYS: [(&str, &str); 7] = [
    ("unreachable", "component_trapped"),
    ("(call $forever)", "fuel_exhausted"),
    // Held for a reason that is no word.
    (
        "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 1))
         (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 10))
         (i64.store (i32.const 24) (i64.const 0)) (return (i32.const 0))",
        "invalid_answer",
    ),
    // Refused for a reason that is no word.
    (
        "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 2))
         (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 10))
         (return (i32.const 0))",
        "invalid_answer",
    ),
    // A gap of more than thirty years, for the account and for a chat.
    (
        "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 0))
         (i64.store (i32.const 16) (i64.const -1)) (i64.store (i32.const 24) (i64.const 0))
         (return (i32.const 0))",
        "invalid_answer",
    ),
    (
        "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 0))
         (i64.store (i32.const 16) (i64.const 0)) (i64.store (i32.const 24) (i64.const -1))
         (return (i32.const 0))",
        "invalid_answer",
    ),
    // Neither sent nor held nor refused.
    (
        "(i64.store (i32.const 0) (i64.const 0)) (i64.store (i32.const 8) (i64.const 9))
         (return (i32.const 0))",
        "invalid_answer",
    ),
];

/// A runner, what its network saw, and an account of each tier.
struct Scene {
    handle: Handle,
    log: Log,
    failed: String,
    fine: [String; 2],
}

async fn start(path: &Path, policy: Arc<Policy>, log: &Log) -> Runner {
    let path = path.to_owned();
    let network = AnyTransport::new(Logged(log.clone()));
    let settings = Settings::new([("mock".to_owned(), network)]);
    Runner::start(move || Sqlite::open(&path), policy, settings).await.unwrap()
}

async fn open_account(handle: &Handle, tier: &str) -> String {
    let created = handle.create(world::account("team", tier)).await.unwrap();
    let Answer::Created { account, .. } = created else { panic!("{created:?}") };
    handle.change(&account, Change::Open).await.unwrap();
    until("the account is open", async || handle.why(&account).await.unwrap().account.has_login)
        .await;
    account
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: it does not come");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn code<T>(answer: Result<T, Failure>) -> &'static str {
    match answer {
        Err(Failure::Refused(refusal)) => refusal.code,
        Err(Failure::Gone) => panic!("the runner is gone"),
        Ok(_) => "done",
    }
}

impl Scene {
    async fn new(runner: &Runner, log: Log) -> Self {
        let handle = runner.handle().clone();
        let failed = open_account(&handle, FULL).await;
        let fine = [open_account(&handle, LIMITED).await, open_account(&handle, PLAIN).await];
        Scene { handle, log, failed, fine }
    }

    fn sent(&self, account: &str) -> Vec<u64> {
        let log = self.log.lock().unwrap();
        log.iter().filter(|(of, _)| of == account).map(|(_, number)| *number).collect()
    }

    async fn status(&self, account: &str, id: &str) -> Status {
        self.handle.message(account, id).await.unwrap().status
    }

    async fn send(&self, account: &str, ids: &[&str]) {
        let messages = ids.iter().map(|id| message(id)).collect();
        self.handle.send(account, messages).await.unwrap();
    }

    /// The account stands still, and whoever asks why is told.
    async fn is_held(&self, code: &str) {
        let failed = || self.handle.why(&self.failed);
        until(code, async || failed().await.unwrap().account.held_reason == code).await;
        let why = failed().await.unwrap();
        assert_eq!(why.standing, Standing::Held(Hold::PolicyError), "{code}");
        let answer = why.decision.map(|decision| decision.answer);
        assert_eq!(answer, Some(Answered::Failed { code: code.to_owned() }));
        assert!(why.account.owner.is_none(), "nothing is out");
        assert_eq!(self.sent(&self.failed), [0; 0], "nothing was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_fails_sends_nothing_and_holds_only_those_it_fails_at() {
    for (way, code) in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let log = Log::default();
        let runner = start(&path, world::policy(), &log).await;
        let mut scene = Scene::new(&runner, log.clone()).await;
        scene.handle.swap(failing(way)).await.unwrap();
        scene.send(&scene.failed, &["m1", "m2", "m3"]).await;
        for account in &scene.fine {
            scene.send(account, &["m1", "m2", "m3"]).await;
        }
        for account in &scene.fine {
            until("the others' messages", async || {
                scene.status(account, "m3").await == Status::Sent
            })
            .await;
            assert_eq!(scene.sent(account), [1, 2, 3]);
        }
        scene.is_held(code).await;
        others_go_on(&scene, code).await;

        // Whoever starts again with it finds the same.
        runner.stop().await.unwrap();
        let runner = start(&path, failing(way), &log).await;
        scene.handle = runner.handle().clone();
        scene.is_held(code).await;

        // What was held goes as soon as another policy says so: all of it, in order.
        scene.handle.swap(world::policy()).await.unwrap();
        until("what was held", async || scene.status(&scene.failed, "m4").await == Status::Sent)
            .await;
        assert_eq!(scene.sent(&scene.failed), [1, 3, 4], "the second was skipped");
        runner.stop().await.unwrap();
    }
}

/// What needs no word of the policy works; what needs one is refused, and nothing of it happens.
async fn others_go_on(scene: &Scene, held: &str) {
    let (handle, failed) = (&scene.handle, scene.failed.as_str());
    scene.send(failed, &["m4"]).await;
    handle.change(failed, Change::Pause).await.unwrap();
    assert_eq!(handle.why(failed).await.unwrap().standing, Standing::Held(Hold::Paused));
    let skip = Change::Skip { message: "m2".to_owned() };
    handle.change(failed, skip).await.unwrap();
    assert_eq!(scene.status(failed, "m2").await, Status::Cancelled);
    let note = NewMessage { is_note: true, ..message("note") };
    handle.send(failed, vec![note]).await.unwrap();

    let before = handle.why(failed).await.unwrap().account;
    let tier = Change::Update(Update { tier: Some(PLAIN.to_owned()), ..Update::default() });
    let ends = [Change::Archive { if_report: None }, Change::Delete { if_report: None }, tier];
    for change in ends {
        assert_eq!(code(handle.change(failed, change).await), "policy_error");
    }
    assert_eq!(code(handle.report(failed, None, Planned::Archive).await), "policy_error");
    assert_eq!(code(handle.create(world::account("team", PLAIN)).await), "policy_error");
    assert_eq!(handle.why(failed).await.unwrap().account, before);

    // Somebody lets it go on: the policy is asked again, and fails again.
    handle.change(failed, Change::Resume).await.unwrap();
    scene.is_held(held).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_does_not_load_leaves_the_old_one_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::default();
    let old = failing("unreachable");
    let runner = start(&folder.path().join("queue.db"), world::policy(), &log).await;
    let scene = Scene::new(&runner, log).await;
    scene.handle.swap(old.clone()).await.unwrap();
    scene.send(&scene.failed, &["m1"]).await;
    scene.is_held("component_trapped").await;

    let memory = r#"(memory (export "memory") 4)"#;
    let gives_up = guests::with(memory, "(start $gives_up) (func $gives_up unreachable)");
    let fits = guests::claiming("(func $claim (param i32) (result i32) unreachable)");
    for component in [&b"no component"[..], &fits[..fits.len() / 2], &gives_up] {
        assert!(Policy::new(Some(component), small_catalog()).is_err());
    }
    // There is nothing to swap to: the old one decides as before.
    scene.handle.change(&scene.failed, Change::Resume).await.unwrap();
    scene.is_held("component_trapped").await;
    scene.send(&scene.fine[1], &["m1"]).await;
    until("the others' message", async || scene.status(&scene.fine[1], "m1").await == Status::Sent)
        .await;
    let creation = scene.handle.create(world::account("team", PLAIN)).await;
    assert_eq!(code(creation), "policy_error", "the old one traps here, the built-in does not");
    runner.stop().await.unwrap();
}

#[test]
fn a_policy_that_failed_is_asked_again_after_a_minute_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(world::START.0));
    let open = || {
        let clock = now.clone();
        let store = Sqlite::open(&folder.path().join("queue.db")).unwrap();
        let store = store.with_clock(move || clock.load(Ordering::SeqCst));
        Engine::start(Box::new(store), world::policy(), Terms::default()).unwrap()
    };
    let mut engine = open();
    let flush = |engine: &mut Engine, requests| engine.flush(requests, 1, &|| Span(0)).unwrap();
    let create = Request::Create(world::account("team", FULL));
    let Ok(Answer::Created { account, .. }) = flush(&mut engine, vec![create]).answers.remove(0)
    else {
        panic!("it is created");
    };
    let opened = Request::Arrived(Inbound::new(&account, Event::Open { login: false }));
    flush(&mut engine, vec![opened]);
    engine.swap(failing("unreachable")).unwrap().unwrap();
    let messages = vec![message("m1")];
    let send = Request::Send { account, team: None, require_open: false, messages };
    let mut requests = vec![send];
    for (after_ms, asked) in [(0, 1), (0, 0), (59_999, 0), (60_000, 1), (60_001, 0)] {
        now.store(world::START.0 + after_ms, Ordering::SeqCst);
        let flushed = flush(&mut engine, std::mem::take(&mut requests));
        assert_eq!(flushed.policy_calls.len(), asked, "after {after_ms} ms");
        let again = if after_ms < 60_000 { 60_000 } else { 120_000 };
        assert_eq!(flushed.wake, Moment(world::START.0 + again), "after {after_ms} ms");
    }
    // Whoever starts with another policy asks it at once.
    drop(engine);
    let mut engine = open();
    assert_eq!(flush(&mut engine, Vec::new()).policy_calls[0].answer, "send");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_cannot_count_is_refused_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::default();
    let runner = start(&folder.path().join("queue.db"), world::policy(), &log).await;
    let scene = Scene::new(&runner, log).await;
    let traps = guests::with(r#"(memory (export "memory") 4)"#, "");
    let traps = Policy::new(Some(&traps), small_catalog()).unwrap();
    scene.handle.swap(Arc::new(traps)).await.unwrap();
    let [limited, _] = &scene.fine;
    let refused = scene.handle.send(limited, vec![message("m1")]).await;
    assert_eq!(code(refused), "policy_error");
    assert!(scene.handle.message(limited, "m1").await.is_err());
    // Where nothing is counted, nobody is asked.
    scene.send(&scene.failed, &["m1"]).await;
    assert_eq!(scene.status(&scene.failed, "m1").await, Status::Pending);
    runner.stop().await.unwrap();
}
