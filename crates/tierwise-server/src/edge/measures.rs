//! What the edge counts and times, for Prometheus.

use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::{
    metrics::{
        counter::Counter, family::Family, histogram::Histogram, histogram::exponential_buckets,
    },
    registry::{Registry, Unit},
};

/// A label and its value.
type Label = [(&'static str, u32); 1];

/// Counts and times since the service began. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Measures {
    requests: Family<Label, Counter>,
    took: Histogram,
}

impl Measures {
    pub(super) fn new() -> Self {
        let took = Histogram::new(exponential_buckets(0.0001, 2.0, 16));
        Measures { requests: Family::default(), took }
    }

    /// Puts them into a registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let requests = "Requests over HTTP that were answered, by status";
        registry.register("requests", requests, self.requests.clone());
        let took = "Time from the head of a request over HTTP to the head of its answer";
        registry.register_with_unit("request", took, Unit::Seconds, self.took.clone());
    }

    pub(super) fn answered(&self, status: StatusCode, took: Duration) {
        self.requests.get_or_create(&[("status", u32::from(status.as_u16()))]).inc();
        self.took.observe(took.as_secs_f64());
    }
}
