//! The queue runner.
mod billing;
mod error;
mod flush;
mod model;
mod policy;
mod questions;
mod report;
mod request;
mod runner;
mod store;

pub use error::{Refusal, Refused};
pub use flush::{Engine, Flushed, Terms};
pub use model::*;
pub use policy::{Policy, PolicyError};
pub use questions::{Planned, Why};
pub use report::Report;
pub use request::*;
pub use runner::{Failure, Handle, Runner, Settings};
pub use store::{Postgres, Profile, Sqlite, Store, StoreError, Stored, Transaction};
