//! Lease and fence as a model: every order of steps of two runners that share one lane, enumerated.
//! A runner may stand still at any point, as time may go on between any two steps. The lane and the
//! margin are the real ones; what the store and the runners do with them is told anew, in a few
//! lines. What the model had found wrong in the engine stands below it, on the engine.
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
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tierwise_lanes::{
    Connection, Decision, Head, Lane, Moment, Outcome, PeriodNumber, Retries, Span, Standing,
};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound};
use world::memory::Memory;

const RUNNERS: usize = 2;
const MESSAGES: u64 = 2;
/// In ticks, of a second each; the margin of the real terms is one.
const LEASE: u8 = 4;
const ATTEMPT: u8 = 1;
/// Time does not matter to the lane here: all of it is due.
const NOW: Moment = Moment(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Registered {
    Live,
    Gone,
    Forgotten,
}

/// A runner's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Runner {
    is_up: bool,
    /// Of each other one: whether it had a beat since, and the ticks since it was looked at.
    seen: [Option<(bool, u8)>; RUNNERS],
    /// A flush under way: the ticks since it began, and how long the others were silent then.
    flush: Option<(u8, [u8; RUNNERS])>,
    /// Claimed, not begun: the fence, and the ticks since its flush began.
    claimed: Option<(u64, u8)>,
    /// Begun: the fence, and the ticks since.
    out: Option<(u64, u8)>,
    /// Ended, and not stored.
    ended: Option<(u64, Outcome)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    lane: Lane,
    settled: u64,
    owner: Option<usize>,
    registered: [Registered; RUNNERS],
    runners: [Runner; RUNNERS],
    /// What the receiver works on: its fence, and the ticks since.
    open: Option<(u64, u8)>,
    /// The highest fence that it has seen.
    highest: u64,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Tick,
    Flush(usize),
    Commit(usize),
    Begin(usize),
    End(usize),
    Die(usize),
}

/// What is wrong with a step.
type Wrong = &'static str;

fn terms() -> Terms {
    let seconds = |ticks: u8| Span::seconds(u64::from(ticks));
    // Repeats would be more worlds, and nothing new in them: each attempt has its own fence.
    let retries = Retries { most: 1, ..Retries::default() };
    Terms { lease: seconds(LEASE), attempt: seconds(ATTEMPT), retries, ..Terms::default() }
}

impl World {
    fn new() -> Self {
        let mut lane = Lane::new();
        lane.accept(MESSAGES);
        lane.connect(Connection::Open);
        let runner = || Runner { is_up: true, ..Runner::default() };
        World {
            lane,
            settled: 0,
            owner: None,
            registered: [Registered::Live; RUNNERS],
            runners: std::array::from_fn(|_| runner()),
            open: None,
            highest: 0,
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Tick];
        for (place, runner) in self.runners.iter().enumerate().filter(|(_, it)| it.is_up) {
            steps.push(match runner.flush {
                None => Step::Flush(place),
                Some(_) => Step::Commit(place),
            });
            steps.extend(runner.claimed.map(|_| Step::Begin(place)));
            steps.extend(runner.out.map(|_| Step::End(place)));
            steps.push(Step::Die(place));
        }
        steps
    }

    fn step(&mut self, step: Step) -> Result<(), Wrong> {
        match step {
            Step::Tick => self.tick(),
            Step::Flush(place) => {
                let seen = self.runners[place].seen;
                let silent = seen.map(|seen| seen.map_or(0, |(_, since)| since));
                self.runners[place].flush = Some((0, silent));
            }
            Step::Commit(place) => return self.commit(place),
            Step::Begin(place) => return self.begin(place),
            Step::End(place) => {
                let Some((fence, since)) = self.runners[place].out.take() else { return Ok(()) };
                let is_over = since >= ATTEMPT;
                let outcome = if is_over { Outcome::Unknown } else { Outcome::Delivered };
                self.runners[place].ended = Some((fence, outcome));
                self.open.take_if(|(open, _)| *open == fence);
            }
            // What it has sent the receiver may still be working on.
            Step::Die(place) => self.runners[place] = Runner::default(),
        }
        Ok(())
    }

    fn tick(&mut self) {
        let later = |ticks: &mut u8| *ticks = (*ticks + 1).min(LEASE + 1);
        for runner in &mut self.runners {
            runner.seen.iter_mut().flatten().for_each(|(_, since)| later(since));
            runner.flush.iter_mut().for_each(|(since, _)| later(since));
            runner.claimed.iter_mut().for_each(|(_, since)| later(since));
            runner.out.iter_mut().for_each(|(_, since)| later(since));
        }
        self.open.iter_mut().for_each(|(_, since)| later(since));
        // Whoever receives is done when the time for an attempt is over.
        self.open.take_if(|(_, since)| *since >= ATTEMPT);
    }

    /// A transaction: nobody else's step is between its parts.
    fn commit(&mut self, own: usize) -> Result<(), Wrong> {
        let Some((since, silent)) = self.runners[own].flush.take() else { return Ok(()) };
        if self.registered[own] != Registered::Live {
            self.runners[own] = Runner::default();
            return Ok(());
        }
        for runner in &mut self.runners {
            runner.seen[own].iter_mut().for_each(|(has_beat, _)| *has_beat = true);
        }
        for other in (0..RUNNERS).filter(|other| *other != own) {
            if self.registered[other] != Registered::Live {
                continue;
            }
            let seen = &mut self.runners[own].seen[other];
            match seen {
                Some((false, _)) if silent[other] > LEASE => {
                    self.registered[other] = Registered::Gone;
                }
                Some((false, _)) => {}
                // It is known from now on, not from when the flush began.
                _ => *seen = Some((false, 0)),
            }
        }
        for gone in 0..RUNNERS {
            if self.registered[gone] != Registered::Gone {
                continue;
            }
            if let Some(out) = self.lane.out().filter(|_| self.owner == Some(gone)) {
                self.complete(out.fence, Outcome::Unknown)?;
            }
            self.registered[gone] = Registered::Forgotten;
        }
        if let Some((fence, outcome)) = self.runners[own].ended.take() {
            self.complete(fence, outcome)?;
        }
        self.claim(own, since);
        Ok(())
    }

    fn complete(&mut self, fence: u64, outcome: Outcome) -> Result<(), Wrong> {
        let before = self.lane.clone();
        let is_current = before.out().is_some_and(|out| out.fence == fence);
        let completed = self.lane.complete(fence, outcome, NOW, &terms().retries);
        match completed {
            Some(_) if !is_current => return Err("14: an old fence is taken"),
            None if self.lane != before => return Err("14: an old fence changes something"),
            None if is_current => return Err("the outcome of what is out is not taken"),
            None => {}
            Some(completed) => {
                self.owner = None;
                self.settled += u64::from(completed.settled.is_some());
            }
        }
        Ok(())
    }

    fn claim(&mut self, own: usize, since: u8) {
        let number = self.settled + 1;
        let head = Head { number, due: NOW, is_charged: false, chat_gap_until: NOW };
        if self.settled == MESSAGES || self.lane.standing(Some(head), NOW) != Standing::Ready {
            return;
        }
        let send = Decision::Send { gap: Span(0), chat_gap: Span(0) };
        self.lane.claim(head, send, PeriodNumber(0), NOW).unwrap();
        self.owner = Some(own);
        self.runners[own].claimed = Some((self.lane.row().fence, since));
    }

    fn begin(&mut self, own: usize) -> Result<(), Wrong> {
        let Some((fence, since)) = self.runners[own].claimed.take() else { return Ok(()) };
        if !terms().may_begin(Span::seconds(u64::from(since))) {
            self.runners[own].ended = Some((fence, Outcome::Later(None)));
            return Ok(());
        }
        if self.open.is_some() {
            return Err("2: two attempts are open");
        }
        if fence <= self.highest {
            return Err("14: an attempt begins after a later one");
        }
        (self.open, self.highest) = (Some((fence, 0)), fence);
        self.runners[own].out = Some((fence, 0));
        Ok(())
    }

    /// Whether another runner, left alone, gives up what a dead one has out within a lease and two
    /// ticks.
    fn is_taken_over(&self) -> Result<(), Wrong> {
        let dead = self.owner.filter(|owner| !self.runners[*owner].is_up);
        let (Some(_), Some(out)) = (dead, self.lane.out()) else { return Ok(()) };
        for (place, runner) in self.runners.iter().enumerate() {
            if !runner.is_up || self.registered[place] != Registered::Live {
                continue;
            }
            let mut world = self.clone();
            let mut ticks = 0;
            while world.lane.out().is_some_and(|now| now.fence == out.fence) {
                if ticks >= LEASE + 2 {
                    return Err("16: the attempt of a dead runner stays open");
                }
                world.step(Step::Tick)?;
                ticks += 1;
                if world.runners[place].flush.is_none() {
                    world.step(Step::Flush(place))?;
                }
                world.step(Step::Commit(place))?;
            }
        }
        Ok(())
    }
}

/// How many worlds can be reached; or what is wrong in the first that is wrong, and the way there.
fn explore() -> Result<usize, (Wrong, Vec<Step>)> {
    let mut worlds = vec![(World::new(), 0, Step::Tick)];
    let mut places = HashMap::from([(World::new(), 0)]);
    let mut next = VecDeque::from([0]);
    let path = |worlds: &[(World, usize, Step)], mut place: usize, last: Option<Step>| {
        let mut steps: Vec<_> = last.into_iter().collect();
        while place != 0 {
            steps.push(worlds[place].2);
            place = worlds[place].1;
        }
        steps.reverse();
        steps
    };
    while let Some(place) = next.pop_front() {
        let world = worlds[place].0.clone();
        world.is_taken_over().map_err(|wrong| (wrong, path(&worlds, place, None)))?;
        for step in world.steps() {
            let mut after = world.clone();
            after.step(step).map_err(|wrong| (wrong, path(&worlds, place, Some(step))))?;
            if !places.contains_key(&after) {
                places.insert(after.clone(), worlds.len());
                next.push_back(worlds.len());
                worlds.push((after, place, step));
            }
        }
    }
    let settled = worlds.iter().filter(|(world, ..)| world.settled == MESSAGES).count();
    assert!(settled > 0, "nothing ever goes");
    Ok(worlds.len())
}

#[test]
fn one_attempt_at_a_time_and_none_stays_open_in_every_order_of_steps() {
    match explore() {
        Ok(worlds) => {
            println!("{worlds} worlds");
            assert!(worlds > 10_000, "{worlds} worlds prove little");
        }
        Err((wrong, steps)) => panic!("{wrong}: {steps:?}"),
    }
}

/// What happens before a transaction begins.
type Before = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// A store whose next transaction begins only when something else has happened.
struct Slow {
    memory: Memory,
    before: Before,
}

impl Store for Slow {
    fn begin(&mut self) -> Stored<Box<dyn Transaction + '_>> {
        let before = self.before.lock().unwrap().take();
        if let Some(before) = before {
            before();
        }
        self.memory.begin()
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// The watcher's flush waits for six seconds, and the other one shows only then that it lives: it
/// has a whole lease from there.
#[test]
fn a_lease_counts_from_when_a_beat_was_seen_not_from_when_the_flush_began_that_saw_it() {
    let memory = Memory::default();
    memory.state().now = world::START.0;
    let time = Arc::new(AtomicU64::new(0));
    let clock = {
        let time = time.clone();
        move || Span(time.load(Ordering::SeqCst))
    };
    let terms = Terms::default();
    let lease = terms.lease.0;
    let start = |store| Engine::start(store, world::policy(), terms.clone()).unwrap();
    let mut sender = start(Box::new(memory.clone()));
    let create = Request::Create(world::account("team", world::PLAIN));
    sender.flush(vec![create], 0, &clock).unwrap();
    let account = memory.state().accounts[&AccountKey(1)].0.id.clone();
    let open = Inbound::new(&account, Event::Open { login: false });
    sender.flush(vec![Request::Arrived(open)], 0, &clock).unwrap();

    let before = Before::default();
    let mut watcher = start(Box::new(Slow { memory: memory.clone(), before: before.clone() }));
    watcher.flush(Vec::new(), 0, &clock).unwrap();
    time.store(600, Ordering::SeqCst);
    let (of_sender, later) = (clock.clone(), time.clone());
    *before.lock().unwrap() = Some(Box::new(move || {
        later.store(6600, Ordering::SeqCst);
        let messages = vec![world::message("m1")];
        let send = Request::Send { account, team: None, require_open: false, messages };
        let flushed = sender.flush(vec![send], 1, &of_sender).unwrap();
        assert_eq!(flushed.actions.len(), 1, "it is out");
    }));
    watcher.flush(Vec::new(), 0, &clock).unwrap();

    // It would be taken for dead here, if its silence counted from before the wait.
    for at in [8700, 10_000, 6600 + lease] {
        time.store(at, Ordering::SeqCst);
        watcher.flush(Vec::new(), 0, &clock).unwrap();
        assert!(memory.state().outcomes.is_empty(), "16: taken over at {at}");
    }
    time.store(6600 + lease + 1000, Ordering::SeqCst);
    watcher.flush(Vec::new(), 0, &clock).unwrap();
    assert_eq!(memory.state().outcomes.len(), 1, "16: within a lease and a second");
}
