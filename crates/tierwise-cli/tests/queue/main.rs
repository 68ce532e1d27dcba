//! The queue as an operator meets it: the command runs it and orders things of it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod configuration;
mod endings;
mod http;
mod keep;
mod orders;
mod people;
mod serve;
mod service;
