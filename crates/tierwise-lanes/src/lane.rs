//! The lane itself: what it holds, and how that changes.

use core::ops::Range;

use crate::{Moment, Outcome, PeriodNumber, Retries, Settled, Span};

/// Whether the account is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Not connected.
    #[default]
    Close,
    /// Being connected.
    Connecting,
    /// Logged in: it can send.
    Open,
}

/// Why waiting messages do not go, though it is their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// The account is not connected (Q11).
    AccountNotOpen,
    /// The period's limit is reached (Q5).
    QuotaExhausted,
    /// The policy holds them for a reason of its own.
    Policy,
    /// The policy failed: nothing is sent on its word.
    PolicyError,
    /// Somebody paused the account.
    Paused,
    /// The account is archived: nothing goes any more.
    Archived,
}

/// The first waiting message: one that was [tried](Lane::tried) already stays the first (Q10); else
/// by due time, then by number (Q6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number in the lane.
    pub number: u64,
    /// When it is due.
    pub due: Moment,
    /// Whether an earlier attempt was counted: a message is counted once.
    pub is_charged: bool,
    /// When the gap after the last attempt to its chat ends: nothing is tried there before.
    pub chat_gap_until: Moment,
}

/// A message that is with the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Out {
    /// Which message.
    pub number: u64,
    /// Which of its attempts it is, from 1.
    pub attempt: u32,
    /// The fence of the decision to send it: an outcome that names an older one is nobody's.
    pub fence: u64,
    /// The period in which it counts, if the transport takes it.
    pub period: PeriodNumber,
    /// Whether it was counted before.
    pub is_charged: bool,
}

/// A message that was tried, and is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tried {
    /// Which message.
    pub number: u64,
    /// How many attempts ended.
    pub times: u32,
    /// When it is tried again.
    pub again: Moment,
}

/// What the policy holds a lane with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Why.
    pub why: Hold,
    /// When the policy is asked again, if nothing changes before.
    pub until: Moment,
}

/// What was counted in a period (Q2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Used {
    /// The period.
    pub period: PeriodNumber,
    /// How many messages.
    pub count: u64,
}

/// What a store keeps of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LaneRow {
    /// Whether the account is connected.
    pub connection: Connection,
    /// Whether somebody paused it.
    pub is_paused: bool,
    /// Whether it is archived.
    pub is_archived: bool,
    /// The number of the next message that is accepted.
    pub next_number: u64,
    /// The message that is out.
    pub out: Option<Out>,
    /// The fence of the last decision; each has one more, whatever was decided.
    pub fence: u64,
    /// The message that is to be tried again, if one is.
    pub tried: Option<Tried>,
    /// When the gap after the last attempt ends.
    pub gap_until: Moment,
    /// When its last attempt ended: those that wait for longer are served first.
    pub turn: Moment,
    /// What the policy holds it with.
    pub held: Option<Held>,
    /// What was counted in the last period in which something was.
    pub used: Used,
}

/// The queue of one account, without its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lane {
    row: LaneRow,
}

/// What a lane waits for that time brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The first message is not due yet.
    Due,
    /// The gap after the account's last attempt.
    Gap,
    /// The gap after the last attempt to the chat of the first message.
    ChatGap,
    /// The pause before the first message is tried again.
    Repeat,
}

/// Where a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The policy may be asked about the first message.
    Ready,
    /// Nothing waits.
    Empty,
    /// A message is with the transport.
    Out,
    /// Not before a moment, which comes by itself.
    Until(Wait, Moment),
    /// Held, until a moment or a change.
    Held(Hold),
}

/// What the policy says of the first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes, and nothing else before so much time has passed.
    Send {
        /// The least time from this attempt to the next one of the account,
        /// [`Lane::LONGEST_WAIT`] at most.
        gap: Span,
        /// The least time from this attempt to the next one to its chat, as long at most.
        chat_gap: Span,
    },
    /// It waits, and with it the lane.
    Hold(Held),
    /// It never goes.
    Refuse,
}

/// An attempt that may begin once the lane is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which message.
    pub number: u64,
    /// Which of its attempts it is, from 1.
    pub attempt: u32,
    /// What its outcome must name.
    pub fence: u64,
    /// When its chat may be tried again, to be stored; none without a gap.
    pub chat_gap_until: Option<Moment>,
}

/// What became of the first message when the policy had decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is out.
    Send(Attempt),
    /// It waits.
    Held,
    /// It is settled: refused by the policy.
    Settled(u64),
}

/// What became of a message whose attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Which message.
    pub number: u64,
    /// What it is now; none if it waits to be tried again, at the head as before.
    pub settled: Option<Settled>,
    /// The period in which it now counts, if it counts from now on.
    pub charged: Option<PeriodNumber>,
    /// When it is tried again.
    pub again: Option<Moment>,
}

/// Why a lane does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The lane is not ready; where it stands.
    NotReady(Standing),
    /// Another message was tried already, and goes first.
    Overtakes(u64),
    /// The message is with the transport at this moment.
    MessageOut,
    /// The account is archived (L4).
    Archived,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Refused::NotReady(_) => "the lane is not ready",
            Refused::Overtakes(_) => "a message that was tried already goes first",
            Refused::MessageOut => "the message is with the transport at this moment",
            Refused::Archived => "the account is archived",
        })
    }
}

impl core::error::Error for Refused {}

impl Lane {
    /// The longest gap, and the longest pause before a repeat.
    pub const LONGEST_WAIT: Span = Span::seconds(86_400);

    /// A moment that lies further ahead was given by a clock that has been set back since: it is
    /// not believed, and nothing waits for it. An hour beyond the longest wait: clocks of several
    /// runners differ, and are set right by a little.
    pub const BELIEVED: Span = Span::seconds(86_400 + 3_600);

    /// The lane of a new account: not connected, empty. Numbers begin with 1.
    pub fn new() -> Self {
        Lane { row: LaneRow { next_number: 1, ..LaneRow::default() } }
    }

    /// A lane as it was stored.
    pub fn of_row(row: LaneRow) -> Self {
        Lane { row }
    }

    /// What is to be stored of it.
    pub fn row(&self) -> &LaneRow {
        &self.row
    }

    /// The message that is out.
    pub fn out(&self) -> Option<Out> {
        self.row.out
    }

    /// The number of the message that was tried and is to be tried again: the head, whatever was
    /// accepted since.
    pub fn tried(&self) -> Option<u64> {
        self.row.tried.map(|tried| tried.number)
    }

    /// How many messages count in a period (Q2, Q9): none in one that has only begun. A period that
    /// has begun stays begun when the clock is set back.
    pub fn used(&self, period: PeriodNumber) -> u64 {
        if self.row.used.period >= period { self.row.used.count } else { 0 }
    }

    /// Gives so many messages their numbers, without holes.
    pub fn accept(&mut self, count: u64) -> Range<u64> {
        let first = self.row.next_number;
        self.row.next_number = first.saturating_add(count);
        first..self.row.next_number
    }

    /// Where the lane stands, with the first message that waits.
    pub fn standing(&self, head: Option<Head>, now: Moment) -> Standing {
        let row = &self.row;
        if row.out.is_some() {
            return Standing::Out;
        }
        let Some(head) = head else { return Standing::Empty };
        if row.is_archived {
            return Standing::Held(Hold::Archived);
        }
        if head.due > now {
            return Standing::Until(Wait::Due, head.due);
        }
        if row.is_paused {
            return Standing::Held(Hold::Paused);
        }
        if row.connection != Connection::Open {
            return Standing::Held(Hold::AccountNotOpen);
        }
        match row.held {
            Some(Held { why, until }) if until > now => Standing::Held(why),
            _ => match self.not_before(head, now) {
                (wait, moment) if moment > now => Standing::Until(wait, moment),
                _ => Standing::Ready,
            },
        }
    }

    /// When the gaps after the last attempts, and the pause before a repeat, have ended, and which
    /// of them ends last.
    fn not_before(&self, head: Head, now: Moment) -> (Wait, Moment) {
        let latest = now.after(Self::BELIEVED);
        let believed = |moment| if moment > latest { Moment::default() } else { moment };
        let again = self.row.tried.map_or(Moment::default(), |tried| tried.again);
        let mut last = (Wait::Gap, believed(self.row.gap_until));
        for (wait, moment) in [(Wait::ChatGap, head.chat_gap_until), (Wait::Repeat, again)] {
            let moment = believed(moment);
            if moment > last.1 {
                last = (wait, moment);
            }
        }
        last
    }

    /// When the lane is to be looked at again, if nothing changes before: never, if only a change
    /// can help. What a store's index of ready lanes stands on: of those that are ready, the one
    /// that was served longest ago is the first, however much waits in another.
    pub fn next_at(&self, head: Option<Head>, now: Moment) -> Moment {
        let row = &self.row;
        let Some(head) = head else { return Moment::NEVER };
        let is_stopped = row.is_archived || row.is_paused || row.connection != Connection::Open;
        if is_stopped || row.out.is_some() {
            return Moment::NEVER;
        }
        let held = row.held.map_or(Moment::default(), |held| held.until);
        // A clock that was set back does not make it wait for its own past.
        let turn = row.turn.min(now);
        head.due.max(held).max(self.not_before(head, now).1).max(turn)
    }

    /// Does what the policy decided of the first message. Errors: [`Refused::NotReady`],
    /// [`Refused::Overtakes`].
    pub fn claim(
        &mut self,
        head: Head,
        decision: Decision,
        period: PeriodNumber,
        now: Moment,
    ) -> Result<Claim, Refused> {
        match self.standing(Some(head), now) {
            Standing::Ready => {}
            standing => return Err(Refused::NotReady(standing)),
        }
        if let Some(tried) = self.tried().filter(|tried| *tried != head.number) {
            return Err(Refused::Overtakes(tried));
        }
        self.row.held = None;
        self.row.fence = self.row.fence.saturating_add(1);
        match decision {
            Decision::Send { gap, chat_gap } => {
                let chat_gap = chat_gap.min(Self::LONGEST_WAIT);
                let chat_gap_until = (chat_gap > Span(0)).then(|| now.after(chat_gap));
                let (number, times, fence) = (head.number, self.next_attempt(), self.row.fence);
                let attempt = Attempt { number, attempt: times, fence, chat_gap_until };
                let is_charged = head.is_charged;
                let period = period.max(self.row.used.period);
                self.row.out = Some(Out { number, attempt: times, fence, period, is_charged });
                // Without a gap nothing waits for the clock, which may be set back.
                let gap = gap.min(Self::LONGEST_WAIT);
                self.row.gap_until =
                    if gap == Span(0) { Moment::default() } else { now.after(gap) };
                Ok(Claim::Send(attempt))
            }
            Decision::Hold(held) => {
                self.row.held = Some(held);
                Ok(Claim::Held)
            }
            Decision::Refuse => {
                self.row.tried = None;
                Ok(Claim::Settled(head.number))
            }
        }
    }

    /// Which of its attempts the next one of the head is, from 1.
    pub fn next_attempt(&self) -> u32 {
        self.row.tried.map_or(0, |tried| tried.times).saturating_add(1)
    }

    /// Takes the outcome of the attempt that is out. None, and nothing changes, if the fence is not
    /// that attempt's: it was somebody's who no longer has the lane.
    pub fn complete(
        &mut self,
        fence: u64,
        outcome: Outcome,
        now: Moment,
        retries: &Retries,
    ) -> Option<Completed> {
        let out = self.row.out.filter(|out| out.fence == fence)?;
        self.row.out = None;
        self.row.turn = now;
        let again = match outcome {
            Outcome::Later(wanted) => retries.next(out.attempt, wanted, now),
            _ => None,
        };
        let settled = match outcome {
            Outcome::Delivered => Some(Settled::Delivered),
            Outcome::Refused => Some(Settled::Refused),
            Outcome::Unknown => Some(Settled::Unknown),
            Outcome::Later(_) if again.is_none() => Some(Settled::GivenUp),
            Outcome::Later(_) => None,
        };
        self.row.tried = again.map(|again| Tried { number: out.number, times: out.attempt, again });
        // What nobody knows counts, as the transport may have taken it.
        let counts = matches!(outcome, Outcome::Delivered | Outcome::Unknown);
        let charged = (counts && !out.is_charged).then_some(out.period);
        if let Some(period) = charged {
            self.charge(period);
        }
        Some(Completed { number: out.number, settled, charged, again })
    }

    fn charge(&mut self, period: PeriodNumber) {
        let used = &mut self.row.used;
        if used.period < period {
            *used = Used { period, count: 0 };
        }
        // A message that went out in an earlier period counts there, not in the one that runs.
        if used.period == period {
            used.count = used.count.saturating_add(1);
        }
    }

    /// Takes back that a message counts in a period: somebody showed that the transport never took
    /// it (Q7).
    pub fn take_back(&mut self, period: PeriodNumber) {
        if self.row.used.period == period {
            self.row.used.count = self.row.used.count.saturating_sub(1);
        }
        self.reconsider();
    }

    /// Sets whether the account is connected (Q11).
    pub fn connect(&mut self, connection: Connection) {
        self.row.connection = connection;
    }

    /// Pauses the account, or lets it go on.
    pub fn pause(&mut self, is_paused: bool) {
        self.row.is_paused = is_paused;
        if !is_paused {
            self.reconsider();
        }
    }

    /// Archives the account: no attempt begins any more (L1 to L4).
    pub fn archive(&mut self) {
        self.row.is_archived = true;
        self.row.connection = Connection::Close;
    }

    /// Has the policy asked again before a hold ends: its tier, its limit or the policy itself
    /// changed (D6, D7). Gaps and pauses before repeats stay.
    pub fn reconsider(&mut self) {
        self.row.held = None;
    }

    /// Whether a waiting message may be changed or removed. Errors: [`Refused::MessageOut`],
    /// [`Refused::Archived`].
    pub fn may_change(&self, number: u64) -> Result<(), Refused> {
        match self.row.out {
            Some(out) if out.number == number => Err(Refused::MessageOut),
            _ if self.row.is_archived => Err(Refused::Archived),
            _ => Ok(()),
        }
    }

    /// Forgets how often a message was tried: somebody asks that it goes again, or skips it.
    /// Errors: those of [`may_change`](Self::may_change).
    pub fn start_over(&mut self, number: u64) -> Result<(), Refused> {
        self.may_change(number)?;
        if self.row.tried.is_some_and(|tried| tried.number == number) {
            self.row.tried = None;
        }
        Ok(())
    }
}
