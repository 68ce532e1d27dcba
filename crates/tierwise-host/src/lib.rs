//! Runs the policy component of Tierwise, or one in its place, in wasmtime: checked before it runs,
//! bounded in fuel and memory, asked from many threads, swapped while running.
//!
//! ```
//! use tierwise_host::{Host, MessageKind, QuotaQuestion};
//!
//! let host = Host::built_in()?;
//! # let text = include_str!("../../../catalogs/messaging.json");
//! let catalog = host.load(text).answer?;
//!
//! let reply = host.quota(&catalog, &QuotaQuestion {
//!     tier: "limited_msg_no_chat_history".to_owned(),
//!     sent: 999,
//!     waiting: 0,
//!     asked: 2,
//!     kind: MessageKind::Message,
//! });
//! let answer = reply.answer?;
//! assert!(!answer.accepted);
//! assert_eq!(answer.left, Some(1));
//! // What it took, of what it may take.
//! assert!(reply.usage.fuel < tierwise_host::limits::FUEL_PER_CALL / 1000);
//! # Ok::<(), tierwise_host::Error>(())
//! ```
//!
//! The world that a component exports is `policy.wit` of the crate `tierwise-guest`; its
//! records are the types here. A component gets nothing but the question: no clock, no files, no
//! randomness. So the same question has the same answer, and takes the same fuel.

mod catalog;
mod component;
mod engine;
mod error;
mod host;
mod instance;
pub mod limits;
mod types;

mod bindings {
    //! What `policy.wit` says, in Rust.
    wasmtime::component::bindgen!({
        path: "../tierwise-guest/wit",
        world: "policy",
        additional_derives: [PartialEq, Eq],
    });
}

pub use bindings::exports::tierwise::policy::engine::{
    AccountGroup, AccountState, Action, ActiveAccounts, ClaimAnswer, ClaimGaps, ClaimHold,
    ClaimQuestion, CreationQuestion, Description, Direction, DispatchAnswer, DispatchQuestion,
    EndingAnswer, EndingEffects, EndingKind, EndingQuestion, Event, HistoryQuestion, Holdings,
    InvoiceAnswer, InvoiceLine, InvoiceQuestion, InvoiceStatus, ItemUsage, LineBand, LineKind,
    MessageKind, Metered, NextBand, NextUnit, PriceQuote, QuotaAnswer, QuotaQuestion, QuoteAnswer,
    QuoteItem, QuoteRow, Refusal, RowBand, RowKind, ShownPrice, TierChangeAnswer,
    TierChangeEffects, TierChangeQuestion, TierDays, TierQuote,
};
pub use catalog::Catalog;
pub use component::{BUILT_IN, CheckedComponent};
pub use error::{Code, Error};
pub use host::Host;
pub use instance::{Reply, Usage};

use bindings::exports::tierwise::policy::engine as wit;

// What the tests of the whole crate are made of serves those within it, too.
#[cfg(test)]
extern crate self as tierwise_host;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/component.md")]
struct Guide;
