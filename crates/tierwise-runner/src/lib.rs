//! The queue runner.
mod billing;
mod error;
mod flush;
mod model;
mod policy;
mod report;
mod request;
mod store;

pub use error::{Refusal, Refused};
pub use flush::{Engine, Flushed, Terms};
pub use model::*;
pub use policy::{Policy, PolicyError};
pub use report::Report;
pub use request::*;
pub use store::{Profile, Sqlite, Store, StoreError, Stored, Transaction};
