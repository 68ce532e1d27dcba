//! Invariant 23: invoices are equal before and after a crash, and on every store. A random history
//! of months, by a clock that is also set back, is booked on the plain store, which never crashes,
//! on SQLite and on PostgreSQL, which do so all the time.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use oorandom::Rand64;
use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Mock};
use world::{FULL, LIMITED, PLAIN, memory::Memory, schema::Schema};

const SEEDS: u64 = 3;
const STEPS: u32 = 72;
/// Invoices are asked for after so many steps.
const ASKED_EVERY: u32 = 9;

const HOUR_MS: i64 = 3_600_000;
const TEAMS: [&str; 2] = ["one", "other"];

/// Where a history is booked.
enum Place {
    Plain(Memory),
    Sqlite(PathBuf),
    Postgres(Schema),
}

/// A store, and its accounts in the order of their creation.
struct Side {
    place: Place,
    clock: Memory,
    policy: Arc<Policy>,
    accounts: Vec<String>,
    /// None once it has crashed.
    engine: Option<Engine>,
}

/// A step of a history, in which accounts stand by their place.
#[derive(Clone, Debug)]
enum Step {
    Create(NewAccount),
    Change(usize, Change),
}

impl Side {
    fn new(place: Place, clock: &Memory, policy: &Arc<Policy>) -> Self {
        let (clock, policy) = (clock.clone(), policy.clone());
        Side { place, clock, policy, accounts: Vec::new(), engine: None }
    }

    fn open(&self) -> impl FnOnce() -> Stored<AnyStore> + Send + 'static {
        let time = self.clock.clone();
        let clock = move || time.state().now;
        type Open = Box<dyn FnOnce() -> Stored<AnyStore> + Send>;
        let open: Open = match &self.place {
            Place::Plain(memory) => {
                let memory = memory.clone();
                Box::new(move || Ok(AnyStore(Box::new(memory))))
            }
            Place::Sqlite(path) => {
                let path = path.clone();
                Box::new(move || Ok(AnyStore(Box::new(Sqlite::open(&path)?.with_clock(clock)))))
            }
            Place::Postgres(schema) => {
                let (url, name) = (schema.url.clone(), schema.name.clone());
                Box::new(move || {
                    let store = Postgres::connect(&url, &name)?;
                    Ok(AnyStore(Box::new(store.with_clock(clock))))
                })
            }
        };
        open
    }

    fn engine(&mut self) -> &mut Engine {
        if self.engine.is_none() {
            let store = Box::new(self.open()().unwrap());
            let engine = Engine::start(store, self.policy.clone(), Terms::default()).unwrap();
            self.engine = Some(engine);
        }
        self.engine.as_mut().unwrap()
    }

    /// Does a step, and says what came of it, but for random ids.
    fn step(&mut self, step: &Step) -> String {
        let account = |place: &usize| self.accounts.get(*place).cloned().unwrap_or_default();
        let request = match step {
            Step::Create(new) => Request::Create(new.clone()),
            Step::Change(place, change) => {
                Request::Change { account: account(place), team: None, change: change.clone() }
            }
        };
        let flushed = self.engine().flush(vec![request], 0, &|| Span(0)).unwrap();
        match flushed.answers.into_iter().next().unwrap() {
            Ok(Answer::Created { account, charge }) => {
                self.accounts.push(account);
                format!("{charge:?}")
            }
            Ok(other) => format!("{other:?}"),
            Err(refusal) => refusal.code.to_owned(),
        }
    }

    /// Dies in the middle of a transaction that had booked something.
    fn crash(&mut self, now: i64) {
        let mut transaction = self.engine().store().begin().unwrap();
        let mut team = transaction.team(TEAMS[0]).unwrap();
        team.entries += 1;
        let step = LifeStep::Create(FULL.to_owned());
        let (at, account) = (Moment(now).max(team.last), AccountKey(1000));
        let row = LifeRow { team: team.id.clone(), entry: team.entries, account, at, step };
        transaction.append_life(&row).unwrap();
        transaction.write_team(&team).unwrap();
        drop(transaction);
        self.engine = None;
    }

    /// The invoices of all teams for some periods, and for the running one.
    fn invoices(&mut self, periods: &[String]) -> BTreeMap<(String, Option<String>), String> {
        // Whoever asks is the only runner.
        self.engine = None;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = ("mock".to_owned(), AnyTransport::new(Mock::new()));
        let (open, policy) = (self.open(), self.policy.clone());
        let mut invoices = BTreeMap::new();
        runtime.block_on(async {
            let runner = Runner::start(open, policy, Settings::new([mock])).await.unwrap();
            let asked = periods.iter().cloned().map(Some).chain([None]);
            for period in asked {
                for team in TEAMS {
                    let invoice = runner.handle().invoice(team, period.as_deref()).await.unwrap();
                    invoices.insert((team.to_owned(), period.clone()), invoice);
                }
            }
            runner.stop().await.unwrap();
        });
        invoices
    }
}

/// Any of them.
struct AnyStore(Box<dyn Store>);

impl Store for AnyStore {
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>> {
        self.0.begin()
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
}

/// What happens next.
fn next(random: &mut Rand64, accounts: usize) -> Step {
    let mut pick = |count: usize| random.rand_range(0..count as u64) as usize;
    let tier = [LIMITED, PLAIN, FULL][pick(3)];
    if accounts == 0 || pick(3) == 0 {
        return Step::Create(world::account(TEAMS[pick(2)], tier));
    }
    let place = pick(accounts);
    let change = match pick(8) {
        0..5 => Change::Update(Update { tier: Some(tier.to_owned()), ..Update::default() }),
        5..7 => Change::Archive { if_report: None },
        _ => Change::Delete { if_report: None },
    };
    Step::Change(place, change)
}

/// The month of a moment.
fn month(now: i64) -> String {
    tierwise::Instant::from_unix_ms(now).unwrap().to_string()[..7].to_owned()
}

/// Books one history on both, and gives back the final invoices that there were.
fn compare(seed: u64, policy: &Arc<Policy>, place: Place) -> usize {
    let mut random = Rand64::new(u128::from(seed));
    let clock = Memory::default();
    clock.state().now = world::START.0;
    let mut plain = Side::new(Place::Plain(clock.clone()), &clock, policy);
    let mut other = Side::new(place, &clock, policy);
    let mut months = vec![month(world::START.0)];
    let mut finals = BTreeMap::new();
    for number in 1..=STEPS {
        let step = next(&mut random, plain.accounts.len());
        let place = format!("seed {seed}, step {number}, {step:?}");
        assert_eq!(other.step(&step), plain.step(&step), "{place}");
        let hours = [0, 5, 24, 100, 300, -30][random.rand_range(0..6) as usize];
        clock.state().now += hours * HOUR_MS;
        let now = clock.state().now;
        if !months.contains(&month(now)) {
            months.push(month(now));
        }
        if random.rand_range(0..4) == 0 {
            other.crash(now);
        }
        if number % ASKED_EVERY == 0 {
            let invoices = plain.invoices(&months);
            let before = other.invoices(&months);
            assert_eq!(before, invoices, "{place}: not those of the plain store");
            other.crash(now);
            assert_eq!(other.invoices(&months), before, "{place}: after a crash");
            for (of, invoice) in invoices {
                if of.1.is_some() && invoice.contains(r#""status":"final""#) {
                    let first = finals.entry(of).or_insert_with(|| invoice.clone());
                    assert_eq!(*first, invoice, "{place}: a final invoice never changes");
                }
            }
        }
    }
    finals.len()
}

#[test]
fn invoices_on_sqlite_survive_crashes_and_are_those_of_the_plain_store() {
    let policy = world::policy();
    for seed in 0..SEEDS {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Sqlite(folder.path().join("queue.db"));
        let finals = compare(seed, &policy, place);
        assert!(finals >= 4, "seed {seed}: {finals} final invoices prove little");
    }
}

#[test]
fn invoices_on_postgres_survive_crashes_and_are_those_of_the_plain_store() {
    let policy = world::policy();
    for seed in 0..SEEDS {
        let finals = compare(seed, &policy, Place::Postgres(Schema::new()));
        assert!(finals >= 4, "seed {seed}: {finals} final invoices prove little");
    }
}
