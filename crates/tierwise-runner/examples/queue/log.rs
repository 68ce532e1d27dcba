//! What the receiver of messages sees: their order, and how many of a lane are open at once.

use std::{
    collections::HashMap,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tierwise_transport::{Outgoing, Report, Transport};
use tokio::sync::Notify;

/// A lane as its receiver sees it.
#[derive(Debug, Default)]
struct Lane {
    /// The number of the last message that began.
    last: AtomicU64,
    open: AtomicU64,
}

/// The handler's own log.
#[derive(Debug)]
pub(crate) struct Log {
    lanes: OnceLock<HashMap<String, Lane>>,
    handler: Duration,
    begun: Instant,
    pub(crate) started: AtomicU64,
    pub(crate) finished: AtomicU64,
    pub(crate) finished_by_first: AtomicU64,
    first: OnceLock<String>,
    pub(crate) order_violations: AtomicU64,
    pub(crate) overlaps: AtomicU64,
    pub(crate) doubled: AtomicU64,
    /// When the last message began, in nanoseconds since this log did.
    pub(crate) last_start_ns: AtomicU64,
    pub(crate) start: Notify,
}

impl Log {
    pub(crate) fn new(handler_ms: u64) -> Self {
        Log {
            lanes: OnceLock::new(),
            handler: Duration::from_millis(handler_ms),
            begun: Instant::now(),
            started: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            finished_by_first: AtomicU64::new(0),
            first: OnceLock::new(),
            order_violations: AtomicU64::new(0),
            overlaps: AtomicU64::new(0),
            doubled: AtomicU64::new(0),
            last_start_ns: AtomicU64::new(0),
            start: Notify::new(),
        }
    }

    pub(crate) fn know(&self, lanes: &[String]) {
        let lanes_of = lanes.iter().map(|id| (id.clone(), Lane::default())).collect();
        self.lanes.set(lanes_of).unwrap();
        self.first.set(lanes[0].clone()).unwrap();
    }

    /// The first message of each lane went out by somebody else.
    pub(crate) fn firsts_are_out(&self) {
        for lane in self.lanes.get().unwrap().values() {
            lane.last.store(1, Ordering::SeqCst);
        }
    }

    /// Waits for the first message to begin.
    pub(crate) async fn first_start(&self) {
        while self.started.load(Ordering::SeqCst) == 0 {
            self.start.notified().await;
        }
    }

    pub(crate) fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap()
    }
}

/// The receiver as a transport.
pub(crate) struct Receiver(pub(crate) std::sync::Arc<Log>);

impl Transport for Receiver {
    async fn send(&self, message: &Outgoing) -> Report {
        let log = &self.0;
        let lane = &log.lanes.get().unwrap()[&message.account];
        if lane.open.fetch_add(1, Ordering::SeqCst) > 0 {
            log.overlaps.fetch_add(1, Ordering::SeqCst);
        }
        let last = lane.last.swap(message.number, Ordering::SeqCst);
        if last == message.number {
            log.doubled.fetch_add(1, Ordering::SeqCst);
        } else if last + 1 != message.number {
            log.order_violations.fetch_add(1, Ordering::SeqCst);
        }
        log.last_start_ns.store(log.elapsed_ns(), Ordering::SeqCst);
        log.started.fetch_add(1, Ordering::SeqCst);
        log.start.notify_one();
        if !log.handler.is_zero() {
            tokio::time::sleep(log.handler).await;
        }
        lane.open.fetch_sub(1, Ordering::SeqCst);
        if log.first.get() == Some(&message.account) {
            log.finished_by_first.fetch_add(1, Ordering::SeqCst);
        }
        log.finished.fetch_add(1, Ordering::SeqCst);
        Report::delivered()
    }
}
