//! A runner of the simulation: the engine, what was asked of it, and what it has out.

use tierwise_lanes::Span;
use tierwise_runner::{AccountKey, Action, Answer, Completion, Engine, Request, Sending};
use tierwise_transport::Report;

use super::{Seen, Waiting, World};
use crate::world::memory::AtCommit;

pub(crate) struct Runner {
    pub(crate) engine: Engine,
    pub(crate) started: u64,
    pub(crate) paused_until: u64,
    pub(crate) waiting: Vec<Waiting>,
    /// Claimed, not begun: with the time at which the flush began.
    pub(crate) claimed: Vec<(Sending, u64)>,
    /// Begun, not ended: with its place in what was seen.
    pub(crate) out: Vec<(AccountKey, u64, usize)>,
}

impl Runner {
    pub(crate) fn ask(&mut self, request: Request, asked: Option<usize>) {
        self.waiting.push((request, asked));
    }

    pub(crate) fn end(&mut self, account: AccountKey, fence: u64, report: Report) {
        self.ask(Request::Completed(Completion { account, fence, report }), None);
    }
}

impl World {
    pub(crate) fn start_runner(&mut self) {
        let (policy, terms) = (self.policy.clone(), self.terms.clone());
        let engine = Engine::start(Box::new(self.store.clone()), policy, terms).unwrap();
        let runner = Runner {
            engine,
            started: self.elapsed,
            paused_until: 0,
            waiting: Vec::new(),
            claimed: Vec::new(),
            out: Vec::new(),
        };
        match self.runners.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(runner),
            None => self.runners.push(Some(runner)),
        }
    }

    /// A runner dies: its connections break, and what was asked of it has no answer.
    pub(crate) fn crash(&mut self, place: usize) {
        let Some(runner) = self.runners[place].take() else { return };
        self.totals.crashes += 1;
        for (_, _, seen) in runner.out {
            self.end_seen(seen);
        }
    }

    /// Whoever receives is not working on an attempt any more.
    pub(crate) fn end_seen(&mut self, place: usize) {
        let seen = &mut self.seen[place];
        seen.ended.get_or_insert(self.elapsed);
        if let Some(open) = self.open.get_mut(&seen.account) {
            open.retain(|other| *other != place);
        }
    }

    /// A runner does what was asked of it, and claims.
    pub(crate) fn flush(&mut self, place: usize) {
        let Some(runner) = self.runners[place].as_mut() else { return };
        let waiting = std::mem::take(&mut runner.waiting);
        let slots = if self.random.rand_range(0..8) == 0 { 1 } else { 100 };
        let requests = waiting.iter().map(|(request, _)| request.clone()).collect();
        let elapsed = Span(self.elapsed - runner.started);
        let began = self.elapsed;
        let fails = self.store.state().at_commit;
        match runner.engine.flush(requests, slots, &|| elapsed) {
            Ok(flushed) => {
                assert_eq!(fails, AtCommit::Succeed, "after a failed commit nothing is accepted");
                assert_eq!(flushed.answers.len(), waiting.len());
                for action in flushed.actions {
                    if let Action::Send(sending) = action {
                        self.witness.claimed(&self.store.state(), &sending, flushed.now);
                        runner.claimed.push((*sending, began));
                    }
                }
                for ((_, asked), answer) in waiting.into_iter().zip(flushed.answers) {
                    let Some(asked) = asked else { continue };
                    match answer {
                        Ok(Answer::Accepted(accepted)) => {
                            self.totals.accepted += accepted.len() as u64;
                            let numbers = accepted.iter().map(|it| it.message.number).collect();
                            self.asked[asked].numbers = Some(numbers);
                        }
                        _ => self.asked[asked].is_refused = true,
                    }
                }
            }
            Err(error) => {
                let is_told_to = fails != AtCommit::Succeed && error.code == "store_failed";
                assert!(is_told_to || error.code == "runner_gone", "{error:?}");
                self.totals.failed_commits += u64::from(is_told_to);
                self.crash(place);
            }
        }
        self.check();
    }

    /// Claimed messages go out, as far as the runner still may.
    pub(crate) fn begin(&mut self, place: usize) {
        let Some(runner) = self.runners[place].as_mut() else { return };
        for (sending, began) in std::mem::take(&mut runner.claimed) {
            let message = &sending.message;
            if !self.terms.may_begin(Span(self.elapsed - began)) {
                self.totals.not_begun += 1;
                let late = Report::later(None, 0, "too late to begin");
                runner.end(sending.account, message.fence, late);
                continue;
            }
            self.totals.attempts += 1;
            self.totals.retried += u64::from(message.attempt > 1);
            let open = self.open.entry(message.account.clone()).or_default();
            let overlaps: Vec<_> = open.iter().map(|place| &self.seen[*place]).collect();
            assert!(overlaps.is_empty(), "{message:?} beside {overlaps:?}");
            let highest = self.fences.insert(message.account.clone(), message.fence);
            assert!(highest.is_none_or(|fence| fence < message.fence), "14: fences rise");
            open.push(self.seen.len());
            runner.out.push((sending.account, message.fence, self.seen.len()));
            self.seen.push(Seen {
                account: message.account.clone(),
                fence: message.fence,
                begun: self.elapsed,
                ended: None,
            });
        }
    }
}
