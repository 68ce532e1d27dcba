//! The thread that flushes: it gathers what is asked for, and begins what was claimed.

use std::{
    collections::HashSet,
    time::{Duration, Instant, SystemTime},
};

use tierwise_lanes::{Moment, Span};
use tierwise_transport::{Arrival, Connecting, Inbox, Report};
use tokio::{
    runtime::Handle as Runtime,
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{Measures, Message, Settings, span};
use crate::{
    error::Refused,
    flush::{Engine, Flushed},
    request::{Action, Answer, Completion, Connect, Request, Sending},
    store::Stored,
};

/// Requests that one flush takes.
const MOST_REQUESTS: usize = 4096;

/// The longest pause between two flushes of a store that nobody shares.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often it is looked for what other runners leave.
const LOOK_OUT: Duration = Duration::from_millis(25);

/// How often somebody who sleeps looks whether the machine's clock was set meanwhile.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(1);

/// Two clocks that differ by more no longer go side by side.
const SIDE_BY_SIDE: Duration = Duration::from_millis(500);

/// An idle moment: nothing was asked for during so long.
const IDLE: Duration = Duration::from_millis(200);

pub(super) struct Committer {
    engine: Engine,
    settings: Settings,
    sender: mpsc::Sender<Message>,
    inbox: Inbox,
    runtime: Runtime,
    measures: Measures,
    begun: Instant,
    /// Messages that are out.
    out: usize,
    stopping: Option<Instant>,
    /// Accounts of which something was not kept, as the runner was stopping.
    turned_down: HashSet<String>,
    is_rested: bool,
    /// The clocks as the last flush began.
    looked: Clock,
}

/// A moment, by the clock that nobody sets and by the one that people set.
struct Clock {
    since: Instant,
    told: SystemTime,
}

impl Clock {
    fn now() -> Self {
        Clock { since: Instant::now(), told: SystemTime::now() }
    }

    /// Whether the one that people set went another way since.
    fn was_set(&self) -> bool {
        let passed = self.since.elapsed();
        self.told.elapsed().map_or(true, |told| told.abs_diff(passed) > SIDE_BY_SIDE)
    }
}

/// Whom the answer of a request is for.
enum Reply {
    Nobody,
    Caller(oneshot::Sender<Refused<Answer>>),
    Transport(Arrival),
}

impl Committer {
    pub(super) fn new(
        engine: Engine,
        settings: Settings,
        sender: mpsc::Sender<Message>,
        inbox: Inbox,
        runtime: Runtime,
        measures: Measures,
    ) -> Self {
        Committer {
            engine,
            settings,
            sender,
            inbox,
            runtime,
            measures,
            begun: Instant::now(),
            out: 0,
            stopping: None,
            turned_down: HashSet::new(),
            is_rested: true,
            looked: Clock::now(),
        }
    }

    /// Works until it is stopped. Errors: those of the store, after which nobody was answered.
    pub(super) fn run(mut self, mut receiver: mpsc::Receiver<Message>) -> Stored<()> {
        let mut messages = Vec::new();
        let mut pause = Duration::ZERO;
        loop {
            self.gather(&mut receiver, &mut messages, pause)?;
            let (mut requests, mut replies) = (Vec::new(), Vec::new());
            for message in messages.drain(..) {
                self.take(message, &mut requests, &mut replies)?;
            }
            if self.stopping.is_some_and(|since| self.may_stop(since)) && requests.is_empty() {
                return self.engine.stop();
            }
            pause = self.flush(requests, replies)?;
        }
    }

    /// Whether there is nothing left to wait for.
    fn may_stop(&self, since: Instant) -> bool {
        self.out == 0 || span(since.elapsed()) > self.settings.terms.attempt
    }

    /// Waits for something to do, at most so long.
    fn gather(
        &mut self,
        receiver: &mut mpsc::Receiver<Message>,
        messages: &mut Vec<Message>,
        pause: Duration,
    ) -> Stored<()> {
        if self.engine.is_shared() && self.stopping.is_none() {
            return self.look_out(receiver, messages, pause);
        }
        let first = pause.min(IDLE);
        let take = |receiver: &mut mpsc::Receiver<Message>, messages: &mut Vec<Message>, pause| {
            let taken = receiver.recv_many(messages, MOST_REQUESTS);
            self.runtime.block_on(async { timeout(pause, taken).await })
        };
        if take(receiver, messages, first).is_err() && pause > first {
            if !self.is_rested {
                self.engine.rest()?;
                self.is_rested = true;
            }
            let until = Instant::now() + pause.saturating_sub(first);
            loop {
                let left = until.saturating_duration_since(Instant::now());
                let is_asked = take(receiver, messages, left.min(LOOK_AT_CLOCK)).is_ok();
                // What is due by a clock that was set ahead is not slept over.
                if is_asked || left <= LOOK_AT_CLOCK || self.looked.was_set() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The same, where another runner may leave something to do: that is looked for.
    fn look_out(
        &mut self,
        receiver: &mut mpsc::Receiver<Message>,
        messages: &mut Vec<Message>,
        pause: Duration,
    ) -> Stored<()> {
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let taken = receiver.recv_many(messages, MOST_REQUESTS);
            let taken = self.runtime.block_on(async { timeout(left.min(LOOK_OUT), taken).await });
            if taken.is_ok() || left <= LOOK_OUT {
                return Ok(());
            }
            if self.settings.most_out > self.out && self.engine.is_any_ready()? {
                return Ok(());
            }
        }
    }

    fn take(
        &mut self,
        message: Message,
        requests: &mut Vec<Request>,
        replies: &mut Vec<Reply>,
    ) -> Stored<()> {
        let (request, reply) = match message {
            Message::Ask(request, sender) => (request, Reply::Caller(sender)),
            // It is not kept: whoever brings it is told so, and it does not keep us from ending.
            Message::Arrived(arrival) if self.stopping.is_some() => {
                self.turned_down.insert(arrival.inbound.account.clone());
                return Ok(());
            }
            Message::Arrived(arrival) => {
                let inbound = arrival.inbound.clone();
                let request = match arrival.transport.clone() {
                    Some(transport) => Request::ArrivedBy { transport, inbound },
                    None => Request::Arrived(inbound),
                };
                (request, Reply::Transport(arrival))
            }
            Message::Ended(completion) => {
                self.out = self.out.saturating_sub(1);
                self.measures.ended(completion.report.outcome);
                (Request::Completed(completion), Reply::Nobody)
            }
            // What the transport said in it was not kept: the next runner makes the call again.
            Message::Called(account, _) if self.turned_down.contains(&account) => return Ok(()),
            Message::Called(account, opening) => {
                (Request::Called { account, opening }, Reply::Nobody)
            }
            Message::Between(work) => return work(&mut self.engine),
            Message::Hold => {
                self.settings.most_out = 0;
                return Ok(());
            }
            Message::Stop => {
                self.stopping.get_or_insert(Instant::now());
                return Ok(());
            }
        };
        requests.push(request);
        replies.push(reply);
        Ok(())
    }

    /// Flushes, answers and begins; how long until the next flush, if nothing is asked for.
    fn flush(&mut self, requests: Vec<Request>, replies: Vec<Reply>) -> Stored<Duration> {
        self.looked = Clock::now();
        let began = self.looked.since;
        let slots = match self.stopping {
            Some(_) => 0,
            None => self.settings.most_out.saturating_sub(self.out),
        };
        let begun = self.begun;
        let elapsed = move || span(begun.elapsed());
        self.is_rested &= requests.is_empty();
        let count = requests.len();
        let Flushed { answers, actions, policy_calls, passed_over, wake, now, shown } =
            self.engine.flush(requests, slots, &elapsed)?;
        self.measures.flushed(count, began.elapsed());
        self.measures.asked(&policy_calls);
        self.measures.passed_over(passed_over);
        for (reply, answer) in replies.into_iter().zip(answers) {
            if let Err(refusal) = &answer {
                self.measures.refused(refusal.code);
            }
            match reply {
                Reply::Nobody => {}
                // A caller who does not wait any more is told nothing.
                Reply::Caller(sender) => drop(sender.send(answer)),
                Reply::Transport(arrival) => match answer {
                    Ok(_) => arrival.is_stored(),
                    Err(refusal) => tracing::warn!(code = refusal.code, "not kept: {refusal}"),
                },
            }
        }
        let mut attempts = Vec::new();
        for action in actions {
            match action {
                Action::Send(sending) => attempts.push(self.attempt(*sending, shown)),
                Action::Open(connect) => self.open(connect),
                Action::Close(connect, logout) => self.close(connect, logout),
            }
        }
        self.begin(attempts);
        self.measures.are_out(self.out);
        Ok(self.pause(wake, now))
    }

    fn pause(&self, wake: Moment, now: Moment) -> Duration {
        if self.stopping.is_some() {
            return Duration::from_millis(10);
        }
        let wait = u64::try_from(wake.0.saturating_sub(now.0)).unwrap_or(0);
        Duration::from_millis(wait).min(LONGEST_PAUSE)
    }

    /// Begins what was claimed. Many attempts are spread by the threads that make them: this one
    /// has the next flush to do.
    fn begin(&mut self, mut attempts: Vec<impl Future<Output = ()> + Send + 'static>) {
        self.out += attempts.len();
        let Some(one) = attempts.pop() else { return };
        self.runtime.spawn(one);
        if !attempts.is_empty() {
            self.runtime.spawn(async move { attempts.into_iter().for_each(spawn) });
        }
    }

    /// An attempt, if the lease is not too old for it.
    fn attempt(&self, sending: Sending, shown: Span) -> impl Future<Output = ()> + Send + 'static {
        let Sending { account, transport, message } = sending;
        let fence = message.fence;
        let (terms, sender) = (&self.settings.terms, self.sender.clone());
        let transport = self.settings.transports.get(&transport).cloned();
        let since = span(self.begun.elapsed()).0.saturating_sub(shown.0);
        let is_in_time = terms.may_begin(Span(since));
        let most = Duration::from_millis(terms.attempt.0);
        async move {
            let report = match transport {
                _ if !is_in_time => Report::later(None, 0, "the runner was too slow to begin"),
                Some(transport) => match timeout(most, transport.send(&message)).await {
                    Ok(report) => report,
                    Err(_) => Report::unknown("no answer in time"),
                },
                None => Report::later(None, 0, "this runner has no such transport"),
            };
            let completion = Completion { account, fence, report };
            // A runner that has ended leaves the attempt to the one that takes over.
            let _ = sender.send(Message::Ended(completion)).await;
        }
    }

    fn open(&self, connect: Connect) {
        let Some(transport) = self.settings.transports.get(&connect.transport).cloned() else {
            return;
        };
        let inbox = self.inbox.of(&connect.transport);
        let sender = self.sender.clone();
        self.runtime.spawn(async move {
            transport.open(&connect.account, &inbox).await;
            let Connecting { id, opening, .. } = connect.account;
            // A runner that has ended leaves the call to the one that takes over.
            let _ = sender.send(Message::Called(id, opening)).await;
        });
    }

    fn close(&self, connect: Connect, logout: bool) {
        let Some(transport) = self.settings.transports.get(&connect.transport).cloned() else {
            return;
        };
        self.runtime.spawn(async move { transport.close(&connect.account, logout).await });
    }
}

/// Has a task run, by the runtime that runs this one.
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}
