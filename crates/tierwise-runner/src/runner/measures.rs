//! What a runner counts and times while it works, for Prometheus.

use std::time::Duration;

use prometheus_client::{
    metrics::{
        counter::Counter, family::Family, gauge::Gauge, histogram::Histogram,
        histogram::exponential_buckets,
    },
    registry::{Registry, Unit},
};
use tierwise_lanes::Outcome;

use crate::{flush::PolicyCall, model::Answered};

/// A label and its value.
type Label = [(&'static str, &'static str); 1];

/// Counts and times since the runner began. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub struct Measures {
    flush: Histogram,
    flush_requests: Histogram,
    out: Gauge,
    attempts: Family<Label, Counter>,
    refusals: Family<Label, Counter>,
    passed_over: Counter,
    policy: Histogram,
    policy_fuel: Histogram,
    policy_answers: Family<Label, Counter>,
}

impl Measures {
    pub(super) fn new() -> Self {
        Measures {
            flush: Histogram::new(exponential_buckets(0.0001, 2.0, 16)),
            flush_requests: Histogram::new(exponential_buckets(1.0, 4.0, 8)),
            out: Gauge::default(),
            attempts: Family::default(),
            refusals: Family::default(),
            passed_over: Counter::default(),
            policy: Histogram::new(exponential_buckets(0.000_000_5, 2.0, 16)),
            policy_fuel: Histogram::new(exponential_buckets(1000.0, 4.0, 8)),
            policy_answers: Family::default(),
        }
    }

    /// Puts them into a registry, under names that begin with `tierwise_` if its prefix does.
    pub fn register(&self, registry: &mut Registry) {
        let seconds = || Unit::Seconds;
        let flush = "Time of a flush: one transaction, until it is on disk";
        registry.register_with_unit("flush", flush, seconds(), self.flush.clone());
        let requests = "Requests and outcomes of a flush";
        registry.register("flush_requests", requests, self.flush_requests.clone());
        registry.register("messages_out", "Messages that are with a transport", self.out.clone());
        let attempts = "Attempts that ended, by outcome";
        registry.register("attempts", attempts, self.attempts.clone());
        let refusals = "Requests that were refused, by code";
        registry.register("refusals", refusals, self.refusals.clone());
        let passed_over =
            "Events of openings that are over, or for archived accounts, which changed nothing";
        registry.register("events_passed_over", passed_over, self.passed_over.clone());
        let policy = "Time of a question to the policy within a claim";
        registry.register_with_unit("policy_call", policy, seconds(), self.policy.clone());
        let fuel = "Fuel of a question to the policy within a claim";
        registry.register("policy_call_fuel", fuel, self.policy_fuel.clone());
        let answers = "Answers of the policy within claims, by kind";
        registry.register("policy_answers", answers, self.policy_answers.clone());
    }

    pub(super) fn flushed(&self, requests: usize, took: Duration) {
        self.flush.observe(took.as_secs_f64());
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        self.flush_requests.observe(f64::from(requests));
    }

    pub(super) fn are_out(&self, messages: usize) {
        self.out.set(i64::try_from(messages).unwrap_or(i64::MAX));
    }

    pub(super) fn ended(&self, outcome: Outcome) {
        self.attempts.get_or_create(&[("outcome", crate::flush::word_of(outcome))]).inc();
    }

    pub(super) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&[("code", code)]).inc();
    }

    pub(super) fn passed_over(&self, events: u64) {
        self.passed_over.inc_by(events);
    }

    pub(super) fn asked(&self, calls: &[PolicyCall]) {
        for PolicyCall { answer, fuel, took } in calls {
            self.policy.observe(took.as_secs_f64());
            self.policy_fuel.observe(f64::from(u32::try_from(*fuel).unwrap_or(u32::MAX)));
            self.policy_answers.get_or_create(&[("answer", answer)]).inc();
        }
    }
}

/// What an answer of the policy is called.
pub(crate) fn word_of_answer(answer: &Answered) -> &'static str {
    match answer {
        Answered::Send { .. } => "send",
        Answered::Hold { .. } => "hold",
        Answered::Refuse { .. } => "refuse",
        Answered::Failed { .. } => "failed",
    }
}
