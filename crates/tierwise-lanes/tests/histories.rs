//! Random histories of a lane, checked against what the rules say of all of them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use proptest::prelude::*;
use tierwise_lanes::{
    Attempt, Claim, Connection, Decision, Head, Held, Hold, Lane, Moment, Outcome, PeriodNumber,
    Refused, Retries, Settled, Span, Standing, Wait,
};

const LIMIT: u64 = 5;
const PERIOD_MS: i64 = 50_000;
const GAP: Span = Span(20);
/// Longer than the pause before a first repeat.
const CHAT_GAP: Span = Span(3000);
/// Message by message, one chat after the other; the last of them has no gap.
const CHATS: u64 = 3;

#[derive(Clone, Debug)]
enum Step {
    /// So many messages are accepted, due so much later.
    Accept(u64, i64),
    Connect(Connection),
    Pause(bool),
    Archive,
    /// The clock goes on, or back.
    Pass(i64),
    /// The runner looks at the lane, and the policy decides.
    Claim,
    /// The policy fails.
    ClaimInVain,
    /// The outcome of the attempt that is out arrives.
    Complete(Outcome),
    /// An outcome arrives that names an earlier fence.
    CompleteLate(u64, Outcome),
    /// The runner dies: the attempt that is out becomes unknown.
    Die,
    /// Somebody asks that an unknown message goes again.
    Repeat(usize),
    /// Somebody shows that an unknown message was never taken.
    Disprove(usize),
    /// Somebody removes a waiting message.
    Remove(usize),
    /// The tier has changed: the policy is to be asked again.
    Reconsider,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Delivered),
        1 => Just(Outcome::Refused),
        2 => prop::option::of(0_u64..20_000).prop_map(|span| Outcome::Later(span.map(Span))),
        1 => Just(Outcome::Unknown),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let connection = prop_oneof![
        4 => Just(Connection::Open),
        1 => Just(Connection::Connecting),
        1 => Just(Connection::Close),
    ];
    prop_oneof![
        4 => (0_u64..4, prop_oneof![2 => Just(0), 1 => -100_i64..3000])
            .prop_map(|(count, later)| Step::Accept(count, later)),
        3 => connection.prop_map(Step::Connect),
        1 => any::<bool>().prop_map(Step::Pause),
        1 => prop_oneof![20 => Just(Step::Reconsider), 1 => Just(Step::Archive)],
        6 => prop_oneof![8 => 0_i64..4000, 1 => -8000_i64..0, 1 => 0..PERIOD_MS]
            .prop_map(Step::Pass),
        9 => Just(Step::Claim),
        1 => Just(Step::ClaimInVain),
        8 => outcome().prop_map(Step::Complete),
        2 => (0_u64..4, outcome()).prop_map(|(age, outcome)| Step::CompleteLate(age, outcome)),
        1 => Just(Step::Die),
        1 => any::<prop::sample::Index>().prop_map(|it| Step::Repeat(it.index(1 << 20))),
        1 => any::<prop::sample::Index>().prop_map(|it| Step::Disprove(it.index(1 << 20))),
        1 => any::<prop::sample::Index>().prop_map(|it| Step::Remove(it.index(1 << 20))),
    ]
}

fn chat(number: u64) -> u64 {
    number % CHATS
}

fn chat_gap(number: u64) -> Span {
    if chat(number) + 1 == CHATS { Span(0) } else { CHAT_GAP }
}

#[derive(Clone, Debug, PartialEq)]
enum Status {
    Waiting,
    Out,
    Settled(Settled),
    Removed,
}

#[derive(Clone, Debug)]
struct Message {
    number: u64,
    due: Moment,
    status: Status,
    charged: Option<PeriodNumber>,
    attempts: u32,
}

/// What a store and a transport hold beside the lane, kept as simply as can be.
struct World {
    lane: Lane,
    messages: Vec<Message>,
    now: Moment,
    /// The latest start so far, and the gap that it asked for.
    last_start: Option<Moment>,
    /// What a store keeps of chats: when the gap of each ends.
    chat_gaps: HashMap<u64, Moment>,
    /// The latest start to each chat so far.
    chat_starts: HashMap<u64, Moment>,
    open_attempts: Vec<Attempt>,
    is_archived: bool,
}

impl World {
    fn new() -> Self {
        World {
            lane: Lane::new(),
            messages: Vec::new(),
            now: Moment(PERIOD_MS * 10),
            last_start: None,
            chat_gaps: HashMap::new(),
            chat_starts: HashMap::new(),
            open_attempts: Vec::new(),
            is_archived: false,
        }
    }

    fn period(&self) -> PeriodNumber {
        PeriodNumber(self.now.0.div_euclid(PERIOD_MS))
    }

    fn head(&self) -> Option<Head> {
        let waiting = self.messages.iter().filter(|message| message.status == Status::Waiting);
        let tried = self.lane.tried();
        let first = waiting
            .min_by_key(|message| (Some(message.number) != tried, message.due, message.number))?;
        let is_charged = first.charged.is_some();
        let chat_gap_until = self.chat_gaps.get(&chat(first.number)).copied().unwrap_or_default();
        Some(Head { number: first.number, due: first.due, is_charged, chat_gap_until })
    }

    fn message(&mut self, number: u64) -> &mut Message {
        self.messages.iter_mut().find(|message| message.number == number).unwrap()
    }

    /// What the policy of a limited tier decides (Q5).
    fn decide(&self, head: Head) -> Decision {
        let used = self.lane.used(self.period());
        if used >= LIMIT && !head.is_charged {
            let until = Moment((self.period().0 + 1) * PERIOD_MS);
            return Decision::Hold(Held { why: Hold::QuotaExhausted, until });
        }
        if head.number.is_multiple_of(11) {
            return Decision::Refuse;
        }
        Decision::Send { gap: GAP, chat_gap: chat_gap(head.number) }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Accept(count, later) => {
                for number in self.lane.accept(count) {
                    assert_eq!(number, self.messages.len() as u64 + 1, "numbers have no holes");
                    let due = Moment(self.now.0 + later);
                    let (status, charged) = (Status::Waiting, None);
                    self.messages.push(Message { number, due, status, charged, attempts: 0 });
                }
            }
            Step::Connect(_) if self.is_archived => {}
            Step::Connect(connection) => self.lane.connect(connection),
            Step::Pause(is_paused) => self.lane.pause(is_paused),
            Step::Archive => {
                self.lane.archive();
                self.is_archived = true;
            }
            Step::Pass(time) => self.now = Moment(self.now.0 + time),
            Step::Claim => self.claim(None),
            Step::ClaimInVain => {
                let until = self.now.after(Span::seconds(1));
                self.claim(Some(Decision::Hold(Held { why: Hold::PolicyError, until })));
            }
            Step::Complete(outcome) => {
                if let Some(attempt) = self.open_attempts.first().copied() {
                    self.complete(attempt.fence, outcome);
                }
            }
            Step::CompleteLate(age, outcome) => {
                let fence = self.lane.row().fence.saturating_sub(age + 1);
                let before = self.lane.clone();
                let done = self.lane.complete(fence, outcome, self.now, &Retries::default());
                assert_eq!((done, &self.lane), (None, &before), "a late outcome changes nothing");
            }
            Step::Die => {
                if let Some(out) = self.lane.out() {
                    self.complete(out.fence, Outcome::Unknown);
                }
            }
            Step::Repeat(which) => self.with_unknown(which, |message| {
                message.status = Status::Waiting;
                message.attempts = 0;
            }),
            Step::Disprove(which) => {
                let mut taken_back = None;
                self.with_unknown(which, |message| taken_back = message.charged.take());
                if let Some(period) = taken_back {
                    self.lane.take_back(period);
                }
            }
            Step::Remove(which) => self.remove(which),
            Step::Reconsider => self.lane.reconsider(),
        }
    }

    fn with_unknown(&mut self, which: usize, change: impl FnOnce(&mut Message)) {
        let is_unknown =
            |message: &&mut Message| message.status == Status::Settled(Settled::Unknown);
        let mut unknown: Vec<_> = self.messages.iter_mut().filter(is_unknown).collect();
        if !unknown.is_empty() {
            let which = which % unknown.len();
            change(unknown.swap_remove(which));
        }
    }

    fn remove(&mut self, which: usize) {
        if self.messages.is_empty() {
            return;
        }
        let number = (which % self.messages.len()) as u64 + 1;
        let status = self.message(number).status.clone();
        match self.lane.start_over(number) {
            Ok(()) if status == Status::Waiting => self.message(number).status = Status::Removed,
            Ok(()) => assert_ne!(status, Status::Out, "what is out cannot be removed"),
            Err(Refused::MessageOut) => assert_eq!(status, Status::Out),
            Err(refused) => assert!(refused == Refused::Archived && self.is_archived),
        }
    }

    fn claim(&mut self, forced: Option<Decision>) {
        let Some(head) = self.head() else {
            let standing = self.lane.standing(None, self.now);
            assert!(matches!(standing, Standing::Empty | Standing::Out));
            return;
        };
        let decision = forced.unwrap_or_else(|| self.decide(head));
        let standing = self.lane.standing(Some(head), self.now);
        let next_at = self.lane.next_at(Some(head), self.now);
        assert_eq!(standing == Standing::Ready, next_at <= self.now, "{standing:?} {next_at:?}");
        match self.lane.claim(head, decision, self.period(), self.now) {
            Ok(Claim::Send(attempt)) => self.start(head, attempt),
            Ok(Claim::Held) => assert!(matches!(decision, Decision::Hold(_))),
            Ok(Claim::Settled(number)) => {
                self.message(number).status = Status::Settled(Settled::PolicyRefused);
            }
            Err(refused) => assert_eq!(refused, Refused::NotReady(standing)),
        }
    }

    fn start(&mut self, head: Head, attempt: Attempt) {
        assert!(self.open_attempts.is_empty(), "one out at a time");
        assert!(!self.is_archived, "nothing goes from an archived account");
        assert!(head.due <= self.now, "nothing goes before it is due");
        assert_eq!(self.lane.row().connection, Connection::Open);
        assert!(!self.lane.row().is_paused);
        if let Some(last) = self.last_start {
            assert!(self.now >= last.after(GAP), "gaps hold");
        }
        self.last_start = Some(self.now);
        let chat = chat(attempt.number);
        if let Some(last) = self.chat_starts.insert(chat, self.now) {
            let gap = chat_gap(attempt.number);
            assert!(self.now >= last.after(gap), "gaps of chats hold, of repeats too");
        }
        let until = attempt.chat_gap_until;
        assert_eq!(until.is_some(), chat_gap(attempt.number) > Span(0));
        self.chat_gaps.extend(until.map(|until| (chat, until)));
        self.open_attempts.push(attempt);
        let message = self.message(attempt.number);
        assert_eq!((message.number, attempt.attempt), (head.number, message.attempts + 1));
        message.attempts += 1;
        message.status = Status::Out;
        assert!(message.attempts <= Retries::default().most);
    }

    fn complete(&mut self, fence: u64, outcome: Outcome) {
        let done = self.lane.complete(fence, outcome, self.now, &Retries::default()).unwrap();
        self.open_attempts.clear();
        let message = self.message(done.number);
        assert_eq!(message.status, Status::Out);
        message.status = done.settled.map_or(Status::Waiting, Status::Settled);
        if let Some(period) = done.charged {
            assert_eq!(message.charged, None, "counted once");
            message.charged = Some(period);
        }
        let taken = matches!(outcome, Outcome::Delivered | Outcome::Unknown);
        assert!(!taken || message.charged.is_some(), "what may have been taken counts");
    }

    fn check(&self) {
        assert_eq!(self.lane.out().is_some(), !self.open_attempts.is_empty());
        // The lane's count is that of the last period in which something was counted.
        let latest = self.messages.iter().filter_map(|message| message.charged).max();
        if let Some(latest) = latest {
            let count = self.messages.iter().filter(|it| it.charged == Some(latest)).count() as u64;
            let used = self.lane.row().used;
            assert!(used.period > latest || used.count == count, "{used:?}, counted {count}");
            assert!(count <= LIMIT, "never over the limit");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_the_rules(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
    }
}

#[test]
fn first_attempts_follow_due_time_then_number() {
    let mut world = World::new();
    world.take(Step::Connect(Connection::Open));
    for later in [300, 0, 0, -50] {
        world.take(Step::Accept(1, later));
    }
    let mut order = Vec::new();
    for _ in 0..40 {
        world.take(Step::Pass(200));
        world.take(Step::Claim);
        order.extend(world.open_attempts.first().map(|attempt| attempt.number));
        world.take(Step::Complete(Outcome::Delivered));
    }
    assert_eq!(order, [4, 2, 3, 1]);
}

#[test]
fn what_a_clock_that_was_far_ahead_asked_for_is_not_waited_for() {
    let (now, day) = (Moment(1_000_000), Lane::LONGEST_WAIT);
    let head =
        Head { number: 1, due: Moment(0), is_charged: false, chat_gap_until: Moment::default() };
    let begun = |at: Moment, gap: Span| {
        let mut lane = Lane::new();
        assert_eq!(lane.accept(1).start, 1);
        lane.connect(Connection::Open);
        let claimed = lane
            .claim(head, Decision::Send { gap, chat_gap: Span(0) }, PeriodNumber(0), at)
            .unwrap();
        let Claim::Send(attempt) = claimed else { panic!("{claimed:?}") };
        (lane, attempt.fence)
    };
    let believed = Lane::BELIEVED;
    // The pause before a repeat: of a clock that is a day ahead, and of one further ahead.
    for (ahead, standing) in [
        (Span(0), Standing::Until(Wait::Repeat, now.after(Span::seconds(2)))),
        (Span(believed.0 - 2000), Standing::Until(Wait::Repeat, now.after(believed))),
        (Span(believed.0 - 1999), Standing::Ready),
        (Span(u64::MAX), Standing::Ready),
    ] {
        let at = now.after(ahead);
        let (mut lane, fence) = begun(at, Span(0));
        lane.complete(fence, Outcome::Later(None), at, &Retries::default()).unwrap();
        assert_eq!(lane.standing(Some(head), now), standing, "{ahead:?}");
        let ready_at = lane.next_at(Some(head), now);
        assert_eq!(ready_at <= now, standing == Standing::Ready, "{ready_at:?}");
    }
    // A gap; the longest is a day, whatever the policy says. A clock that is set right by up to an
    // hour does not end it.
    let hour = Span(believed.0 - day.0);
    for (ahead, gap, standing) in [
        (Span(0), Span(u64::MAX), Standing::Until(Wait::Gap, now.after(day))),
        (hour, Span(u64::MAX), Standing::Until(Wait::Gap, now.after(believed))),
        (Span(hour.0 + 1), Span(u64::MAX), Standing::Ready),
        (Span(hour.0 + 9), Span(day.0 - 9), Standing::Until(Wait::Gap, now.after(believed))),
    ] {
        let at = now.after(ahead);
        let (mut lane, fence) = begun(at, gap);
        lane.complete(fence, Outcome::Delivered, at, &Retries::default()).unwrap();
        assert_eq!(lane.standing(Some(head), now), standing, "{ahead:?} {gap:?}");
    }
    // A clock that goes on as it should finds each wait as long as it was asked for.
    let (lane, _) = begun(now, day);
    assert_eq!(lane.row().gap_until, now.after(day));
}

#[test]
fn a_chat_that_waits_is_waited_for_and_another_is_not_slowed() {
    let mut world = World::new();
    world.take(Step::Connect(Connection::Open));
    // The first and the last are to one chat; the second is to one without a gap.
    for _ in 0..4 {
        world.take(Step::Accept(1, 0));
    }
    let begun = world.now;
    let mut starts = Vec::new();
    for _ in 0..200 {
        world.take(Step::Claim);
        if let Some(attempt) = world.open_attempts.first() {
            starts.push((attempt.number, world.now.0 - begun.0));
        }
        world.take(Step::Complete(Outcome::Delivered));
        world.take(Step::Pass(20));
    }
    assert_eq!(starts, [(1, 0), (2, 20), (3, 40), (4, 3000)]);
}

#[test]
fn what_a_lane_waits_for_is_what_ends_last() {
    let mut world = World::new();
    world.take(Step::Connect(Connection::Open));
    world.take(Step::Accept(1, 0));
    world.take(Step::Claim);
    let begun = world.now;
    world.take(Step::Complete(Outcome::Later(None)));
    let standing = |world: &World| world.lane.standing(world.head(), world.now);
    // The pause of 2 s ends before the gap of the chat, and one of 4 s after it.
    let chat = Standing::Until(Wait::ChatGap, begun.after(CHAT_GAP));
    assert_eq!(standing(&world), chat);
    world.take(Step::Pass(2999));
    assert_eq!(standing(&world), chat, "a repeat respects the gap of its chat");
    world.take(Step::Pass(1));
    assert_eq!(standing(&world), Standing::Ready);
    world.take(Step::Claim);
    let again = world.now.after(Span(20_000));
    world.take(Step::Complete(Outcome::Later(Some(Span(20_000)))));
    assert_eq!(standing(&world), Standing::Until(Wait::Repeat, again));
}
