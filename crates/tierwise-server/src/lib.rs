//! The queue as a service: what an operator configures, what may be asked of it while it runs, and
//! what it shows of itself.
//!
//! * [`Config`] reads a configuration file: store, transports, addresses.
//! * [`serve`] opens the store, starts the runner and its transports, and works until a signal ends
//!   it; `SIGHUP` has it load policy and catalog anew.
//! * [`Order`] is what may be asked on the control socket, a line of JSON each; [`ask`] asks it.
//! * Over HTTP it takes the signed events of transports and answers `/health` and `/metrics`.
#![cfg(unix)]

#[allow(dead_code, reason = "operations on messages use the rest")]
mod api;
mod auth;
mod config;
mod control;
mod error;
mod http;
mod logging;
mod metrics;
mod service;
mod transports;

pub use auth::{ListedKey, activate_key, list_keys, new_key, retire_key};
pub use config::{Config, StoreConfig, TransportConfig};
pub use control::{
    AccountOrder, NewMessageOrder, Order, PeopleOrder, PlannedOrder, TeamKnownOrder, TeamOrder, ask,
};
pub use error::ServerError;
pub use logging::{LogFormat, log_to_standard_error};
pub use service::{LoadPolicy, serve};
