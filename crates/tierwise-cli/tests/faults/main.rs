//! The service as people run it, while what it stands on fails: it is killed at any moment, its
//! disk does not write, it is stopped for longer than its lease, the network to its store breaks,
//! the machine's clock is set. A client keeps a log of every answer, a receiver of every request,
//! and a checker holds both against what the store says.
#![cfg(unix)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod checker;
mod client;
mod clock;
mod disk;
mod kills;
mod lease;
mod network;
#[path = "../../../tierwise-runner/tests/world/proxy.rs"]
mod proxy;
mod receiver;
mod service;
