//! A store whose clock stands still until it is set, and an engine on it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::Value;
use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Mock};

use super::schema::Schema;

/// Where accounts are kept.
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Schema),
}

/// A store with a clock that stands still until it is set, and an engine on it.
pub(crate) struct Side {
    place: Place,
    clock: Arc<AtomicI64>,
    policy: Arc<Policy>,
    engine: Option<Engine>,
}

/// A moment by its text.
pub(crate) fn moment(text: &str) -> Moment {
    Moment(tierwise::Instant::parse(text).unwrap().unix_ms())
}

impl Side {
    /// The messaging service in February, without accounts.
    pub(crate) fn new(place: Place) -> Self {
        let clock = Arc::new(AtomicI64::new(moment("2026-02-01T09:00:00Z").0));
        let policy = Arc::new(Policy::messaging().unwrap());
        Side { place, clock, policy, engine: None }
    }

    fn clock(&self) -> impl Fn() -> i64 + Send + 'static {
        let clock = self.clock.clone();
        move || clock.load(Ordering::SeqCst)
    }

    /// Now it is then.
    pub(crate) fn set_clock(&self, text: &str) {
        self.clock.store(moment(text).0, Ordering::SeqCst);
    }

    /// The engine, started if it is not.
    pub(crate) fn engine(&mut self) -> &mut Engine {
        if self.engine.is_none() {
            self.engine = Some(self.start());
        }
        self.engine.as_mut().unwrap()
    }

    /// An engine of its own, on the same store.
    pub(crate) fn start(&self) -> Engine {
        let clock = self.clock();
        let store: Box<dyn Store> = match &self.place {
            Place::Sqlite(path) => Box::new(Sqlite::open(path).unwrap().with_clock(clock)),
            Place::Postgres(schema) => Box::new(schema.open().with_clock(clock)),
        };
        Engine::start(store, self.policy.clone(), Terms::default()).unwrap()
    }

    /// The engine ends, whatever is out; the next question starts another.
    pub(crate) fn end(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop().unwrap();
        }
    }

    /// The answers of one flush.
    pub(crate) fn ask(&mut self, requests: Vec<Request>) -> Vec<Refused<Answer>> {
        self.engine().flush(requests, 0, &|| Span(0)).unwrap().answers
    }

    /// New accounts; their ids.
    pub(crate) fn create(&mut self, accounts: Vec<NewAccount>) -> Vec<String> {
        let answers = self.ask(accounts.into_iter().map(Request::Create).collect());
        let created = answers.into_iter().map(|answer| match answer {
            Ok(Answer::Created { account, .. }) => account,
            other => panic!("{other:?}"),
        });
        created.collect()
    }

    /// What a change would do.
    pub(crate) fn report(&mut self, account: &str, planned: &Planned) -> Refused<Report> {
        self.engine().report(account, None, planned).unwrap()
    }

    /// Makes a change; its effects, or the code of its refusal.
    pub(crate) fn change(
        &mut self,
        account: &str,
        change: Change,
    ) -> Result<Vec<String>, &'static str> {
        let account = account.to_owned();
        match self.ask(vec![Request::Change { account, team: None, change }]).pop().unwrap() {
            Ok(Answer::Changed { effects }) => Ok(effects),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code),
        }
    }

    /// The totals of invoices of a period. Whoever asks is the only runner.
    pub(crate) fn totals(&mut self, teams: &[String], period: &str) -> Vec<String> {
        self.engine = None;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = ("mock".to_owned(), AnyTransport::new(Mock::new()));
        let (settings, policy) = (Settings::new([mock]), self.policy.clone());
        let clock = self.clock();
        runtime.block_on(async {
            let runner = match &self.place {
                Place::Sqlite(path) => {
                    let path = path.clone();
                    let open = move || Ok(Sqlite::open(&path)?.with_clock(clock));
                    Runner::start(open, policy, settings).await.unwrap()
                }
                Place::Postgres(schema) => {
                    let (url, name) = (schema.url.clone(), schema.name.clone());
                    let open = move || Ok(Postgres::connect(&url, &name)?.with_clock(clock));
                    Runner::start(open, policy, settings).await.unwrap()
                }
            };
            let mut totals = Vec::new();
            for team in teams {
                let invoice = runner.handle().invoice(team, Some(period)).await.unwrap();
                let invoice: Value = serde_json::from_str(&invoice).unwrap();
                totals.push(invoice["total"].as_str().unwrap().to_owned());
            }
            runner.stop().await.unwrap();
            totals
        })
    }

    /// Everything of some accounts and a team that a change could change.
    pub(crate) fn dump(&mut self, ids: &[&str], team: &str) -> String {
        let mut transaction = self.engine().store().begin().unwrap();
        let rows = transaction.accounts(ids).unwrap();
        let held: Vec<_> = rows.iter().map(|row| transaction.held(row).unwrap()).collect();
        let life = transaction.life(team, 0, 1000).unwrap();
        format!("{rows:?} {held:?} {life:?}")
    }
}
