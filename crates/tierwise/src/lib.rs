//! Exact, explained usage pricing and tier policy.
//!
//! One running example: the catalog of a messaging service whose accounts are billed by the day.
//!
//! ```
//! use tierwise::{Catalog, Quantity, example};
//!
//! // Compile once …
//! let catalog = Catalog::compile(example::messaging())?;
//! // … ask many: 101 accounts of 30 days, at graduated prices.
//! let price = catalog.tier("unlimited_msg_chat_history")?.priced_account_days()?;
//! let days = Quantity::whole(101 * 30)?;
//! assert_eq!(price.total(days)?.to_string(), "1209.9");
//! // Every amount explains itself: its lines add up to it.
//! let lines: Vec<String> = price
//!     .lines(days)
//!     .map(|line| format!("{} × {} = {}", line.quantity, line.unit_price, line.amount))
//!     .collect();
//! assert_eq!(lines, ["3000 × 0.4 = 1200", "30 × 0.33 = 9.9"]);
//! # Ok::<(), tierwise::Error>(())
//! ```
//!
//! # The rooms
//!
//! | Question | Answered by |
//! |---|---|
//! | what does a catalog say, and is it sound? | [`Catalog`], [`CatalogSpec`] |
//! | what does a quantity cost, and why? | [`Price`], [`quote`], [`Fraction`] |
//! | how many account-days are there? | [`Account`], [`account_days`], [`Calendar`] |
//! | what is the bill of a period? | [`TeamLedger`], [`Bill`] |
//! | may this message be sent? | [`quota`], [`dispatch`] |
//! | what does a change do? | [`tier_change`], [`ending`], [`kept_history`] |
//! | what does it do to money, and what undoes it? | [`change_money`], [`undo_of`] |
//!
//! # What it promises
//!
//! No floats, clock, randomness, map order, panics or unsafe code. Same input, same answer. Beyond
//! the [`limits`] there is an [`Error`], never a wrap. Rule names in these docs (`P3`, `A4`) are
//! those of `docs/semantics.md` and `docs/models.md`.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "tests count in small numbers"))]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod by_id;
mod catalog;
mod change;
mod error;
pub mod example;
mod invoice;
pub mod limits;
mod meter;
mod money;
mod period;
mod price;
mod quota;
mod quote;
mod word;

pub use by_id::ById;
pub use catalog::*;
pub use change::*;
pub use error::{Code, Error, Result, nearest};
pub use invoice::*;
pub use meter::*;
pub use money::{
    Amount, DecimalParts, DecimalText, FixedAmount, Fraction, Quantity, Rounding, RoundingMode,
    UnitPrice,
};
pub use period::{Calendar, Day, Instant, Period, PeriodKind};
pub use price::{
    Band, BandFromTo, BandUpTo, Bands, LineKind, Price, PriceLine, PriceModel, PriceSpec,
};
pub use quota::*;
pub use quote::*;
pub use word::Word;
