//! Carries messages to a network, and brings back what the network says.
//!
//! A transport gets one message of an account at a time, already marked as out, and says what
//! became of it. It never repeats by itself: whether an attempt is made again is the queue's to
//! decide (Q7, Q10). What the network brings without being asked, such as received messages,
//! logins and receipts, goes to the [`Inbox`].
//!
//! There are [`Mock`], [`webhook::Webhook`] and [`whatsapp::WhatsAppCloud`]; `docs/transports.md`
//! is their guide.
//!
//! # One of your own
//!
//! ```
//! use tierwise_transport::{Outgoing, Report, Transport};
//!
//! /// Writes messages to standard output.
//! struct Printer;
//!
//! impl Transport for Printer {
//!     async fn send(&self, message: &Outgoing) -> Report {
//!         let Some(text) = message.text() else {
//!             return Report::refused(415, "only text can be printed");
//!         };
//!         println!("{}: {text}", message.chat);
//!         Report::delivered()
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let message = Outgoing { chat: "printer".into(), ..Outgoing::of_text("hello") };
//! assert_eq!(Printer.send(&message).await, Report::delivered());
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! An error that may pass is [`Report::later`]; only what the network certainly did not take may
//! be that. If nobody can know, as after a time-out, it is [`Report::unknown`]: such a message is
//! not repeated by itself.

mod error;
mod http;
mod inbox;
mod mock;
mod outgoing;
mod report;
mod secret;
mod transport;
pub mod webhook;
pub mod whatsapp;

pub use error::{InboundCode, InboundError, OptionError};
pub use http::{Http, HttpOptions};
pub use inbox::{Arrival, Event, Inbound, Inbox, OldMessage, Receipt, Received};
pub use mock::Mock;
pub use outgoing::{Connecting, Outgoing};
pub use report::{Detail, Report};
pub use secret::Secret;
pub use transport::{AnyTransport, Transport};

#[cfg(doctest)]
#[doc = include_str!("../../../docs/transports.md")]
struct Guide;
