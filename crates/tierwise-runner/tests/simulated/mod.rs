//! A world of runners that share a store: what happens in it, by a seed.

mod checks;
mod runner;
mod steps;

use std::{collections::HashMap, sync::Arc};

use oorandom::Rand64;
use tierwise_lanes::Span;
use tierwise_runner::{Policy, Request, Terms};

use crate::world::{self, memory::Memory};
use checks::Witness;
use runner::Runner;

/// Whom messages go to: every attempt that it saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    account: String,
    fence: u64,
    begun: u64,
    ended: Option<u64>,
}

/// What a client was told of its messages: none before there was an answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    account: String,
    ids: Vec<String>,
    numbers: Option<Vec<u64>>,
    is_refused: bool,
}

pub(crate) struct World {
    random: Rand64,
    store: Memory,
    policy: Arc<Policy>,
    chat_gap: Span,
    terms: Terms,
    /// Milliseconds, by a clock that nobody sets.
    elapsed: u64,
    runners: Vec<Option<Runner>>,
    accounts: Vec<String>,
    asked: Vec<Asked>,
    seen: Vec<Seen>,
    /// Which of what was seen is not over, by account.
    open: HashMap<String, Vec<usize>>,
    /// The highest fence that was seen of each account.
    fences: HashMap<String, u64>,
    witness: Witness,
    totals: Totals,
    next_id: u64,
}

/// What happened in all, to see that something did.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) accepted: u64,
    pub(crate) attempts: u64,
    pub(crate) retried: u64,
    pub(crate) unknown: u64,
    pub(crate) held_by_limit: u64,
    pub(crate) crashes: u64,
    pub(crate) failed_commits: u64,
    pub(crate) taken_over: u64,
    pub(crate) ended_accounts: u64,
    pub(crate) tier_changes: u64,
    pub(crate) late_outcomes: u64,
    pub(crate) not_begun: u64,
    /// Messages that were due before the gap of their chat ended.
    pub(crate) waited_for_chat: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Totals) {
        self.accepted += other.accepted;
        self.attempts += other.attempts;
        self.retried += other.retried;
        self.unknown += other.unknown;
        self.held_by_limit += other.held_by_limit;
        self.crashes += other.crashes;
        self.failed_commits += other.failed_commits;
        self.taken_over += other.taken_over;
        self.ended_accounts += other.ended_accounts;
        self.tier_changes += other.tier_changes;
        self.late_outcomes += other.late_outcomes;
        self.not_begun += other.not_begun;
        self.waited_for_chat += other.waited_for_chat;
    }

    /// In a thousand seeds each of it happens often.
    pub(crate) fn expect_enough(&self) {
        let all = [
            self.accepted,
            self.attempts,
            self.retried,
            self.unknown,
            self.held_by_limit,
            self.crashes,
            self.failed_commits,
            self.taken_over,
            self.ended_accounts,
            self.tier_changes,
            self.late_outcomes,
            self.not_begun,
            self.waited_for_chat,
        ];
        assert!(all.iter().all(|count| *count > 100), "{self:?}");
    }
}

impl World {
    /// A world whose policy keeps a gap of chats, or none.
    pub(crate) fn new(seed: u64, policy: Arc<Policy>, chat_gap: Span) -> Self {
        let store = Memory::default();
        store.state().now = world::START.0;
        let mut world = World {
            random: Rand64::new(u128::from(seed)),
            store,
            policy,
            chat_gap,
            terms: Terms { lease: Span(8000), attempt: Span(5000), ..Terms::default() },
            elapsed: 0,
            runners: Vec::new(),
            accounts: Vec::new(),
            asked: Vec::new(),
            seen: Vec::new(),
            open: HashMap::new(),
            fences: HashMap::new(),
            witness: Witness::default(),
            totals: Totals::default(),
            next_id: 0,
        };
        for _ in 0..=world.random.rand_range(0..3) {
            world.start_runner();
        }
        world.create_accounts();
        world
    }

    pub(crate) fn run(mut self, steps: u32) -> Totals {
        for _ in 0..steps {
            self.step();
        }
        self.settle();
        self.totals
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.random.rand_range(0..one_in) == 0
    }

    /// One of so many.
    fn pick(&mut self, count: usize) -> usize {
        self.random.rand_range(0..count as u64) as usize
    }

    fn account(&mut self) -> String {
        let place = self.pick(self.accounts.len());
        self.accounts[place].clone()
    }

    /// A runner that lives and is not paused.
    fn live(&mut self) -> Option<usize> {
        let elapsed = self.elapsed;
        let live = |runner: &Option<Runner>| {
            runner.as_ref().is_some_and(|runner| runner.paused_until <= elapsed)
        };
        let places: Vec<_> =
            (0..self.runners.len()).filter(|it| live(&self.runners[*it])).collect();
        (!places.is_empty()).then(|| places[self.pick(places.len())])
    }

    /// Time goes on for everybody.
    fn pass(&mut self, ms: u64) {
        self.elapsed += ms;
        self.store.state().now += ms as i64;
        // Whoever receives is done with a request when the time for an attempt is over.
        let (elapsed, most) = (self.elapsed, self.terms.attempt.0);
        for open in self.open.values_mut() {
            open.retain(|place| {
                let seen = &mut self.seen[*place];
                let end = seen.begun + most;
                if seen.ended.is_none() && end <= elapsed {
                    seen.ended = Some(end);
                }
                seen.ended.is_none()
            });
        }
    }

    fn create_accounts(&mut self) {
        let count = 1 + self.pick(4);
        let tiers = [world::LIMITED, world::LIMITED, world::PLAIN, world::FULL];
        for _ in 0..count {
            let tier = tiers[self.pick(tiers.len())];
            let runner = self.runners[0].as_mut().unwrap();
            runner.ask(Request::Create(world::account("team", tier)), None);
        }
        self.flush(0);
        let ids: Vec<_> =
            self.store.state().accounts.values().map(|(row, _)| row.id.clone()).collect();
        assert_eq!(ids.len(), count);
        self.accounts = ids;
        for id in self.accounts.clone() {
            self.arrive_open(0, &id);
        }
        self.flush(0);
    }
}

/// What was asked of a runner, and whose answer it is.
type Waiting = (Request, Option<usize>);
