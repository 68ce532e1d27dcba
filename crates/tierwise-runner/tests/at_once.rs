//! Sixteen at once on one account: every answer is one that some order of what they do explains,
//! and what is left is what that order leaves (linearizability). On SQLite, and with two runners on
//! the PostgreSQL that `TIERWISE_POSTGRES` names.
#![allow(
    clippy::cast_possible_truncation,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::collections::BTreeMap;

use tierwise_lanes::Connection;
use tierwise_runner::*;
use tierwise_transport::{AnyTransport, Connecting, Inbox, Outgoing, Report as Outcome, Transport};
use tokio::runtime::Runtime;
use world::{
    linear::{self, Account, Act, Plan, Said, TIERS},
    schema::Schema,
};

const ROUNDS: u64 = 8;

/// Messages that wait from the beginning, so that the limit is near.
const OTHERS: u64 = world::LIMIT - 3;

/// A network that never connects, so that what waits, waits.
struct Silent;

impl Transport for Silent {
    async fn send(&self, _: &Outgoing) -> Outcome {
        panic!("an account that is not open sends nothing")
    }

    async fn open(&self, _: &Connecting, _: &Inbox) {}
}

async fn start<S: Store + 'static>(open: impl FnOnce() -> Stored<S> + Send + 'static) -> Runner {
    let settings = Settings::new([("mock".to_owned(), AnyTransport::new(Silent))]);
    Runner::start(open, world::policy(), settings).await.unwrap()
}

/// One account of a team of its own, by way of one runner.
struct Client<'a> {
    queue: &'a Handle,
    team: &'a str,
    id: &'a str,
}

fn code(failure: Failure) -> Said {
    match failure {
        Failure::Refused(refusal) => Said::Refused(refusal.code.to_owned()),
        Failure::Gone => panic!("the runner has ended"),
    }
}

impl Client<'_> {
    async fn does(&self, act: &Act) -> Said {
        self.try_to(act).await.unwrap_or_else(code)
    }

    async fn try_to(&self, act: &Act) -> Result<Said, Failure> {
        let Client { queue, team, id } = self;
        let message = |number: &u8| format!("m{number}");
        let change = match act {
            Act::Report(plan) => {
                let planned = match plan {
                    Plan::To(tier) => Planned::Tier(TIERS[*tier].to_owned()),
                    Plan::Archive => Planned::Archive,
                    Plan::Delete => Planned::Delete,
                };
                return Ok(Said::Hash(queue.report(id, Some(team), planned).await?.hash()));
            }
            Act::Send(number, content) => {
                let text = if *content { "one" } else { "other" };
                let new = NewMessage::of_text("chat", text);
                queue.send(*id, vec![NewMessage { id: Some(message(number)), ..new }]).await?;
                return Ok(Said::Done(Vec::new()));
            }
            Act::RetryAll => {
                let retried = queue.retry_many(team, Status::Cancelled, None).await?;
                return Ok(Said::Counted(retried));
            }
            Act::Read => return self.read().await,
            Act::List => return self.list().await,
            Act::Carry(plan, if_report) => carry(*plan, if_report.clone()),
            Act::Withdraw(number) => Change::Remove { message: message(number).into() },
            Act::Skip(number) => Change::Skip { message: message(number) },
            Act::Retry(number) => Change::Retry { message: message(number), due: None },
            Act::Open => Change::Open,
            Act::Close => Change::Close { logout: false },
        };
        match queue.change(*id, change).await? {
            Answer::Changed { effects } => Ok(Said::Done(effects)),
            other => panic!("{other:?}"),
        }
    }

    async fn read(&self) -> Result<Said, Failure> {
        let row = self.queue.account(self.id).await?.row;
        Ok(Said::Seen {
            is_archived: !row.is_active(),
            is_connecting: row.lane_row().connection == Connection::Connecting,
            tier: row.tier,
            waiting: None,
        })
    }

    async fn list(&self) -> Result<Said, Failure> {
        let asked = MessagesAsked { most: 100, ..MessagesAsked::default() };
        let messages = self.queue.messages(self.id, asked).await?.into_iter();
        let messages = messages.filter(|row| row.chat == "chat");
        let numbered = messages.map(|row| {
            let number = row.id.strip_prefix('m').and_then(|number| number.parse().ok());
            (number.unwrap(), row.status == Status::Pending)
        });
        Ok(Said::Listed(numbered.collect::<BTreeMap<u8, bool>>()))
    }
}

fn carry(plan: Plan, if_report: Option<String>) -> Change {
    match plan {
        Plan::To(tier) => {
            let tier = Some(TIERS[tier].to_owned());
            Change::Update(Update { tier, if_report, ..Update::default() })
        }
        Plan::Archive => Change::Archive { if_report },
        Plan::Delete => Change::Delete { if_report },
    }
}

fn holds(runtime: &Runtime, runners: &[Runner]) {
    let mut codes = BTreeMap::new();
    for round in 0..ROUNDS {
        let team = format!("team{round}");
        let new = world::account(&team, world::LIMITED);
        let created = runtime.block_on(runners[0].handle().create(new)).unwrap();
        let Answer::Created { account: id, .. } = created else { panic!("{created:?}") };
        let others = (0..OTHERS).map(|_| NewMessage::of_text("others", "hello")).collect();
        runtime.block_on(runners[0].handle().send(&id, others)).unwrap();
        let calls = linear::at_once(round, true, &|act, number| {
            let queue = runners[number as usize % runners.len()].handle();
            runtime.block_on(Client { queue, team: &team, id: &id }.does(act))
        });
        let account = Account::new(world::LIMIT, OTHERS);
        assert!(linear::is_linearizable(&account, &calls), "round {round}: {calls:#?}");
        linear::count(&calls, &mut codes);
    }
    // What is to be seen was seen: else nothing is shown by it.
    linear::assert_seen(&codes);
}

#[test]
fn what_many_do_at_once_to_an_account_of_sqlite_is_as_if_they_had_done_it_in_turn() {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let open = move || Ok(Sqlite::open(&path)?.with_clock(|| world::START.0));
    let runner = runtime.block_on(start(open));
    holds(&runtime, std::slice::from_ref(&runner));
    runtime.block_on(runner.stop()).unwrap();
}

#[test]
fn what_many_do_at_once_by_two_runners_of_postgres_is_as_if_they_had_done_it_in_turn() {
    let runtime = Runtime::new().unwrap();
    let schema = Schema::new();
    let runners = [0, 1].map(|_| {
        let (url, name) = (schema.url.clone(), schema.name.clone());
        let open = move || Ok(Postgres::connect(&url, &name)?.with_clock(|| world::START.0));
        runtime.block_on(start(open))
    });
    holds(&runtime, &runners);
    for runner in runners {
        runtime.block_on(runner.stop()).unwrap();
    }
}
