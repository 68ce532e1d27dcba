//! Who asks a transport to connect an account, and how often.

use std::sync::Arc;

use tierwise_lanes::{Connection, Span};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Connecting, Event, Inbound, Inbox, Outgoing, Transport};
use tokio::{
    runtime::Runtime,
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
};

use super::{
    QR, Scene, open,
    world::{
        self, FULL, message,
        schema::Schema,
        still::{Place, Side},
    },
};

impl Scene {
    /// Its transport has answered the call about an opening.
    fn answered(&mut self, opening: u64) {
        let account = self.id.clone();
        self.flush(Request::Called { account, opening });
    }

    /// The runner ends, and the next one starts: the openings that its transport is told of.
    fn restart(&mut self) -> Vec<u64> {
        self.side.end();
        self.told.clear();
        // Twice: nothing is told of again.
        self.flush_all(Vec::new());
        self.flush_all(Vec::new());
        std::mem::take(&mut self.told)
    }
}

/// What one flush of a runner tells transports, so long after its start.
fn told(engine: &mut Engine, elapsed: Span) -> Vec<u64> {
    let flushed = engine.flush(Vec::new(), 0, &|| elapsed).unwrap();
    let opened = flushed.actions.into_iter().filter_map(|action| match action {
        Action::Open(connect) => Some(connect.account.opening),
        _ => None,
    });
    opened.collect()
}

/// What was asked without an answer is asked again after a restart, what was answered is not.
fn a_call_without_an_answer_is_made_again(place: Place) {
    let mut scene = Scene::new(place);
    let first = scene.open();
    assert_eq!(scene.restart(), [first + 1]);
    // An answer that is about the call before is none to this one.
    scene.answered(first);
    assert_eq!(scene.restart(), [first + 2]);
    assert!(!scene.says(first + 1, open(true)));
    scene.answered(first + 2);
    assert!(scene.restart().is_empty());
    assert!(scene.says(first + 2, open(true)), "it goes on where it was");
    assert_eq!(scene.is(), (Connection::Open, true, 0));

    // Nobody waits for a call whose account is not being connected any more.
    scene.change(Change::Close { logout: false });
    let next = scene.open();
    scene.says(next, open(false));
    assert!(scene.restart().is_empty());
    scene.change(Change::Close { logout: false });
    scene.open();
    scene.change(Change::Close { logout: false });
    assert!(scene.restart().is_empty());
    scene.open();
    scene.change(Change::Archive { if_report: None });
    assert!(scene.restart().is_empty());
}

#[test]
fn a_call_without_an_answer_is_made_again_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    a_call_without_an_answer_is_made_again(Place::Sqlite(folder.path().join("queue.db")));
}

#[test]
fn a_call_without_an_answer_is_made_again_on_postgres() {
    a_call_without_an_answer_is_made_again(Place::Postgres(Schema::new()));
}

/// They are more than one flush takes, so the two that are left may share them.
#[test]
fn calls_of_a_runner_that_died_are_made_again_once() {
    const ACCOUNTS: usize = 600;
    let mut side = Side::new(Place::Postgres(Schema::new()));
    let ids = side.create((0..ACCOUNTS).map(|_| world::account("team", FULL)).collect());
    let change =
        |id: &String| Request::Change { account: id.clone(), team: None, change: Change::Open };
    side.ask(ids.iter().map(change).collect());
    let mut others = [side.start(), side.start()];
    for other in &mut others {
        assert!(told(other, Span(0)).is_empty(), "its runner lives");
    }
    let lease = Terms::default().lease;
    let mut all = Vec::new();
    // From here on the first runner is silent, and each of the others sees that the other lives.
    for after in 1..12 {
        for other in &mut others {
            all.extend(told(other, Span(lease.0 * after / 4)));
        }
    }
    assert_eq!(all, vec![2; ACCOUNTS]);
}

/// A network that has logins in hand once it was told of them.
struct Elsewhere(UnboundedSender<(String, u64)>);

impl Transport for Elsewhere {
    async fn send(&self, _: &Outgoing) -> tierwise_transport::Report {
        tierwise_transport::Report::delivered()
    }

    async fn open(&self, account: &Connecting, _: &Inbox) {
        self.0.send((account.id.clone(), account.opening)).unwrap();
    }
}

/// A network whose logins end with the program: they go on when they may, and so do messages.
struct Here {
    told: UnboundedSender<(String, u64)>,
    logins: Arc<Semaphore>,
    messages: Arc<Semaphore>,
}

impl Transport for Here {
    async fn send(&self, message: &Outgoing) -> tierwise_transport::Report {
        self.told.send((message.account.clone(), 0)).unwrap();
        self.messages.acquire().await.unwrap().forget();
        tierwise_transport::Report::delivered()
    }

    async fn open(&self, account: &Connecting, inbox: &Inbox) {
        self.told.send((account.id.clone(), account.opening)).unwrap();
        self.logins.acquire().await.unwrap().forget();
        inbox.put_of(account, open(true)).await;
    }
}

async fn runner(place: &Place, transport: impl Transport) -> Runner {
    let settings = Settings::new([("mock".to_owned(), AnyTransport::new(transport))]);
    let policy = world::policy();
    match place {
        Place::Sqlite(path) => {
            let path = path.clone();
            Runner::start(move || Sqlite::open(&path), policy, settings).await.unwrap()
        }
        Place::Postgres(schema) => {
            let (url, name) = (schema.url.clone(), schema.name.clone());
            Runner::start(move || Postgres::connect(&url, &name), policy, settings).await.unwrap()
        }
    }
}

async fn create(runner: &Runner) -> String {
    match runner.handle().create(world::account("team", FULL)).await.unwrap() {
        Answer::Created { account, .. } => account,
        other => panic!("{other:?}"),
    }
}

async fn look(runner: &Runner, account: &str) -> ListedAccount {
    let accounts = runner.handle().accounts(AccountsAsked::all(1000)).await.unwrap();
    accounts.into_iter().find(|it| it.row.id == account).unwrap()
}

/// Opens a new account, and waits for the network's answer; the account.
async fn open_one(runner: &Runner, told: &mut UnboundedReceiver<(String, u64)>) -> String {
    let account = create(runner).await;
    runner.handle().change(&account, Change::Open).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), (account.clone(), 1));
    while look(runner, &account).await.row.opening.caller.is_some() {
        tokio::task::yield_now().await;
    }
    account
}

fn of(account: &str, event: Event) -> Request {
    Request::Arrived(Inbound { opening: Some(1), ..Inbound::new(account, event) })
}

/// Its login goes on at the network, whoever starts or ends here.
async fn a_start_asks_for_nothing(place: &Place, is_restart: bool) {
    let (tell, mut told) = unbounded_channel();
    let one = runner(place, Elsewhere(tell.clone())).await;
    let account = open_one(&one, &mut told).await;
    one.handle().ask(of(&account, QR())).await.unwrap();
    let beside = match is_restart {
        true => one.stop().await.map(|()| None).unwrap(),
        false => Some(one),
    };
    let two = runner(place, Elsewhere(tell)).await;
    // Each is told of in its turn: nothing stands between.
    for _ in 0..10 {
        open_one(&two, &mut told).await;
    }
    let now = look(&two, &account).await;
    assert_eq!(now.row.opening.number, 1);
    assert!(!now.profile.qr.is_empty(), "the code may still be scanned");
    two.handle().ask(of(&account, open(true))).await.unwrap();
    assert_eq!(look(&two, &account).await.row.lane_row().connection, Connection::Open);
    for runner in beside.into_iter().chain([two]) {
        runner.stop().await.unwrap();
    }
    assert!(told.recv().await.is_none());
}

#[test]
fn a_second_runner_leaves_the_logins_of_the_first_as_they_are() {
    let place = Place::Postgres(Schema::new());
    Runtime::new().unwrap().block_on(a_start_asks_for_nothing(&place, false));
}

#[test]
fn a_restart_leaves_logins_at_the_network_as_they_are_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("queue.db"));
    Runtime::new().unwrap().block_on(a_start_asks_for_nothing(&place, true));
}

#[test]
fn a_restart_leaves_logins_at_the_network_as_they_are_on_postgres() {
    let place = Place::Postgres(Schema::new());
    Runtime::new().unwrap().block_on(a_start_asks_for_nothing(&place, true));
}

/// What a login says to a runner that is stopping is not kept: then the next one begins it again.
async fn a_login_that_nobody_heard_is_begun_again(place: &Place) {
    let (tell, mut told) = unbounded_channel();
    let (logins, messages) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let here = || Here { told: tell.clone(), logins: logins.clone(), messages: messages.clone() };
    let one = runner(place, here()).await;
    let (account, busy) = (create(&one).await, create(&one).await);
    one.handle().ask(Request::Arrived(Inbound::new(&busy, open(true)))).await.unwrap();
    one.handle().send(&busy, vec![message("m")]).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), (busy.clone(), 0));
    one.handle().change(&account, Change::Open).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), (account.clone(), 1));
    // It ends once the message has.
    let inbox = one.handle().inbox().clone();
    let stopped = tokio::spawn(one.stop());
    let contact = || Event::Contact { id: "c".to_owned(), name: "Carla".to_owned() };
    while inbox.put(&busy, contact()).await {}
    logins.add_permits(1);
    messages.add_permits(1);
    stopped.await.unwrap().unwrap();

    let two = runner(place, here()).await;
    assert_eq!(told.recv().await.unwrap(), (account.clone(), 2));
    logins.add_permits(1);
    while look(&two, &account).await.row.lane_row().connection != Connection::Open {
        tokio::task::yield_now().await;
    }
    two.stop().await.unwrap();
}

#[test]
fn a_login_that_nobody_heard_is_begun_again_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("queue.db"));
    Runtime::new().unwrap().block_on(a_login_that_nobody_heard_is_begun_again(&place));
}

#[test]
fn a_login_that_nobody_heard_is_begun_again_on_postgres() {
    let place = Place::Postgres(Schema::new());
    Runtime::new().unwrap().block_on(a_login_that_nobody_heard_is_begun_again(&place));
}

/// Whoever goes on with the store would not know that the call is to be made again.
#[test]
fn a_store_whose_call_has_no_answer_is_not_moved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let mut scene = Scene::new(Place::Sqlite(path.clone()));
    let opening = scene.open();
    scene.side.end();
    let schema = Schema::new();
    let refused = move_store(Sqlite::open(&path).unwrap(), schema.open()).unwrap_err();
    assert_eq!(refused.code, "store_busy");
    let again = scene.restart();
    assert_eq!(again, [opening + 1]);
    scene.answered(opening + 1);
    scene.side.end();
    move_store(Sqlite::open(&path).unwrap(), schema.open()).unwrap();
}
