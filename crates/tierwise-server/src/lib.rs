//! The queue as a service: what an operator configures, what may be asked of it while it runs, and
//! what it shows of itself.
//!
//! * [`Configured`] reads the configuration from a file, the environment and flags; [`SETTINGS`] is
//!   the table of all settings.
//! * [`serve`] opens the store, starts the runner and its transports, and works until a signal ends
//!   it; `SIGHUP` has it load policy, catalog, certificate and pages anew.
//! * [`Order`] is what may be asked on the control socket, a line of JSON each; [`ask`] asks it.
//! * Over HTTP it answers the contract, takes the signed events of transports and shows `/metrics`,
//!   within what one client, and all of them, may ask for.
#![cfg(unix)]

mod api;
mod auth;
mod config;
mod control;
mod demo;
mod edge;
mod error;
mod http;
mod logging;
mod metrics;
mod notation;
mod owner;
mod service;
mod transports;

pub use auth::{ListedKey, activate_key, list_keys, new_key, retire_key};
pub use config::{
    Config, Configured, Effective, Flag, Limits, LoggedRequests, Origin, Purpose, SETTINGS,
    SecretConfig, Setting, Sources, StoreConfig, TlsConfig, TransportConfig,
};
pub use control::{
    AccountOrder, NewMessageOrder, Order, PeopleOrder, PlannedOrder, TeamKnownOrder, TeamOrder, ask,
};
pub use demo::Demo;
pub use edge::Network;
pub use error::ServerError;
pub use logging::{LogFormat, log_to_standard_error};
pub use owner::give_to_owner_of;
pub use service::{LoadPolicy, Ready, Start, serve};
