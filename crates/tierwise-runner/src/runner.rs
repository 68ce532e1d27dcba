//! The runner: one thread that flushes, and the transports that carry what it claims.

mod committer;
pub(crate) mod listing;
pub(crate) mod many;
pub(crate) mod measures;
pub(crate) mod reading;

use std::{collections::HashMap, fmt, sync::Arc, thread::JoinHandle};

use tierwise_lanes::Span;
use tierwise_transport::{AnyTransport, Arrival, Inbox};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    billing::KnownBooks,
    error::Refusal,
    flush::{Engine, Terms},
    policy::Policy,
    request::{Answer, Change, Completion, NewAccount, NewMessage, Request},
    store::{Store, StoreError, Stored},
};
use committer::Committer;
use measures::Measures;
use reading::Reading;

/// Requests that may wait for a flush; whoever asks waits for room.
const WAITING: usize = 8192;

/// Events of transports that may wait.
const ARRIVING: usize = 1024;

/// Threads that answer questions which look at few rows: as one waits for a disk, another reads.
const QUICK_READERS: usize = 2;

/// Those for questions that take longer.
const SLOW_READERS: usize = 2;

/// How a runner works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Leases, attempts and repeats. Its transports are those given here.
    pub terms: Terms,
    /// The transports, by the name that accounts have them by.
    pub transports: HashMap<String, AnyTransport>,
    /// How many messages may be out at once.
    pub most_out: usize,
}

impl Settings {
    /// The terms as they are by default, with these transports.
    pub fn new(transports: impl IntoIterator<Item = (String, AnyTransport)>) -> Self {
        let transports = HashMap::from_iter(transports);
        Settings { terms: Terms::default(), transports, most_out: 10_000 }
    }
}

/// A runner at work. Dropped, it goes on; [`stop`](Self::stop) ends it in order.
#[derive(Debug)]
pub struct Runner {
    handle: Handle,
    thread: JoinHandle<()>,
    ended: watch::Receiver<Option<StoreError>>,
}

/// What may be asked of a runner. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    sender: mpsc::Sender<Message>,
    readings: mpsc::Sender<Reading>,
    /// Questions that take longer: they are not to hold up the others.
    countings: mpsc::Sender<Reading>,
    pub(crate) books: KnownBooks,
    inbox: Inbox,
    measures: Measures,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is refused, and nothing of it has happened.
    Refused(Refusal),
    /// The runner has ended: whether it has happened, the store knows.
    Gone,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Gone => f.write_str("the runner has ended: nobody knows whether it happened"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

/// What the committer is told.
enum Message {
    Ask(Request, oneshot::Sender<Result<Answer, Refusal>>),
    Arrived(Arrival),
    Ended(Completion),
    /// The call to connect an account has ended, in an opening.
    Called(String, u64),
    /// Something between two flushes.
    Between(Between),
    /// No further message begins.
    Hold,
    Stop,
}

type Between = Box<dyn FnOnce(&mut Engine) -> Stored<()> + Send>;

impl Runner {
    /// Starts a runner on the present tokio runtime. The store is opened on the runner's own
    /// thread: that may wait for a disk or a server. Errors: those of opening the store, and of the
    /// store.
    pub async fn start<S: Store + 'static>(
        open: impl FnOnce() -> Stored<S> + Send + 'static,
        policy: Arc<Policy>,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        Self::start_with(open, policy, settings, Self::inbox()).await
    }

    /// An inbox and its other end, for [`start_with`](Self::start_with).
    pub fn inbox() -> (Inbox, mpsc::Receiver<Arrival>) {
        Inbox::new(ARRIVING)
    }

    /// [`start`](Self::start) with an inbox that was there before: some transports need it as they
    /// are made.
    pub async fn start_with<S: Store + 'static>(
        open: impl FnOnce() -> Stored<S> + Send + 'static,
        policy: Arc<Policy>,
        settings: Settings,
        (inbox, arrivals): (Inbox, mpsc::Receiver<Arrival>),
    ) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Handle::current();
        let mut terms = settings.terms.clone();
        terms.transports = settings.transports.keys().cloned().collect();
        terms.transports.sort_unstable();
        let (sender, receiver) = mpsc::channel(WAITING);
        let (end, ended) = watch::channel(None);
        let (tell, started) = oneshot::channel();
        let measures = Measures::new();
        let (counted, own, put) = (measures.clone(), sender.clone(), inbox.clone());
        let run_on = runtime.clone();
        let work = move || {
            let begun = open().and_then(|store| {
                let start = |readers| reading::start(store.readers(), readers);
                let readings = (start(QUICK_READERS)?, start(SLOW_READERS)?);
                Ok((Engine::start(Box::new(store), policy, terms)?, readings))
            });
            let (mut engine, readings) = match begun {
                Ok(begun) => begun,
                Err(error) => return drop(tell.send(Err(error))),
            };
            if tell.send(Ok((readings, engine.books().known().clone()))).is_err() {
                return;
            }
            let committer = Committer::new(engine, settings, own, put, run_on, counted);
            let error = committer.run(receiver).err();
            if let Some(error) = &error {
                tracing::error!(code = error.code, "the runner ends: {error}");
            }
            end.send_replace(error);
        };
        let thread = std::thread::Builder::new().name("tierwise-committer".to_owned()).spawn(work);
        let thread = thread.map_err(|error| StoreError::new("store_failed", error))?;
        let broke = |_| StoreError::new("runner_gone", "the runner broke as it started");
        let ((readings, countings), books) = started.await.map_err(broke)??;
        let own = sender.clone();
        let handle = Handle { sender: own, readings, countings, books, inbox, measures };
        runtime.spawn(forward(arrivals, sender));
        Ok(Runner { handle, thread, ended })
    }

    /// What may be asked of it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until the runner has ended by itself, and says why. Whoever runs it ends, too: after
    /// an error of the store nobody knows what is kept, and a new start looks.
    pub async fn ended(&mut self) -> StoreError {
        loop {
            if let Some(error) = self.ended.borrow_and_update().clone() {
                return error;
            }
            if self.ended.changed().await.is_err() {
                return StoreError::new("runner_gone", "the runner was stopped");
            }
        }
    }

    /// Ends in order: nothing new begins, what is out has the time of an attempt to end; what has
    /// not is unknown. Errors: those of the store.
    pub async fn stop(self) -> Result<(), StoreError> {
        // One that has ended already does not hear it.
        let _ = self.handle.sender.send(Message::Stop).await;
        let thread = self.thread;
        // It ends within the time of an attempt.
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        let error = self.ended.borrow().clone();
        match (error, joined) {
            (Some(error), _) => Err(error),
            (None, Ok(Ok(()))) => Ok(()),
            (None, _) => Err(StoreError::new("runner_gone", "the runner broke")),
        }
    }
}

impl Handle {
    /// Asks for anything. Refused: what the request names.
    pub async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        if let Some(team) = request.asks_for_ledger() {
            self.read_ledger(team).await;
        }
        let (sender, answer) = oneshot::channel();
        let sent = self.sender.send(Message::Ask(request, sender)).await;
        sent.map_err(|_| Failure::Gone)?;
        Ok(answer.await.map_err(|_| Failure::Gone)??)
    }

    /// Creates an account (C1).
    pub async fn create(&self, account: NewAccount) -> Result<Answer, Failure> {
        self.ask(Request::Create(account)).await
    }

    /// Stores messages or notes, all or none (Q3, Q8).
    pub async fn send(
        &self,
        account: impl Into<String>,
        messages: Vec<NewMessage>,
    ) -> Result<Answer, Failure> {
        let (account, team, require_open) = (account.into(), None, false);
        self.ask(Request::Send { account, team, require_open, messages }).await
    }

    /// Changes an account.
    pub async fn change(
        &self,
        account: impl Into<String>,
        change: Change,
    ) -> Result<Answer, Failure> {
        self.ask(Request::Change { account: account.into(), team: None, change }).await
    }

    /// Begins no further message from now on; whatever is asked for is done. For a service that is
    /// about to end, and answers still.
    pub async fn hold(&self) {
        // One that has ended begins none.
        let _ = self.sender.send(Message::Hold).await;
    }

    /// Where what networks bring is put: for servers that take signed requests of theirs.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What it counts and times.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Has another policy decide from now on. Refused: `tiers_missing` if its catalog lacks a tier
    /// that accounts have or had; then the present policy stays.
    pub async fn swap(&self, policy: Arc<Policy>) -> Result<(), Failure> {
        Ok(self.between(move |engine| engine.swap(policy)).await??)
    }

    /// Looks at something between two flushes, and changes nothing. Refused: `store_away`.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        at: impl FnOnce(&mut Engine) -> Stored<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.between(at).await.map_err(|_| reading::away())
    }

    /// Does something between two flushes, and gives what comes of it.
    pub(crate) async fn between<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> Stored<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, answer) = oneshot::channel();
        let work = Box::new(move |engine: &mut Engine| {
            let _ = sender.send(work(engine)?);
            Ok(())
        });
        self.sender.send(Message::Between(work)).await.map_err(|_| Failure::Gone)?;
        answer.await.map_err(|_| Failure::Gone)
    }
}

/// Brings what arrived to the committer.
async fn forward(mut arrivals: mpsc::Receiver<Arrival>, to: mpsc::Sender<Message>) {
    while let Some(arrival) = arrivals.recv().await {
        if to.send(Message::Arrived(arrival)).await.is_err() {
            break;
        }
    }
}

/// Milliseconds of a duration.
fn span(duration: std::time::Duration) -> Span {
    Span(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
