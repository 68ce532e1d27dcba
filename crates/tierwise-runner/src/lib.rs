//! The queue runner: one message out at a time per account, in order, never twice, never over the
//! limit (Q, D, H and L of `docs/semantics.md`).
//!
//! Accounts, messages and ledgers are kept in a [`Store`]. One thread **flushes**: everything that
//! was asked for since the last flush is done in one transaction, and free accounts get their next
//! message in it, if the [`Policy`] lets it go. Callers are answered, and transports begin, once it
//! is on disk. The policy is a component in its sandbox, asked within that transaction.
//!
//! ```
//! use std::sync::Arc;
//! use tierwise_runner::*;
//! use tierwise_transport::{AnyTransport, Mock};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("queue.db");
//! # let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! let policy = Arc::new(Policy::messaging()?);
//! let mock = ("mock".to_owned(), AnyTransport::new(Mock::new()));
//! let open = move || Sqlite::open(&path);
//! let runner = Runner::start(open, policy, Settings::new([mock])).await?;
//! let queue = runner.handle();
//!
//! let created = queue.create(NewAccount::new("team", "mock")).await?;
//! let Answer::Created { account, charge } = created else { panic!() };
//! // C1: the limited tier costs 1 to create.
//! assert_eq!(charge.as_deref(), Some("1"));
//! queue.change(&account, Change::Open).await?;
//! queue.send(&account, vec![NewMessage::of_text("somebody", "hello")]).await?;
//!
//! println!("{:?}", queue.why(&account).await?.standing);
//! println!("{}", queue.invoice("team", None).await?);
//! runner.stop().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An error of the store ends the runner: nobody was answered, and whoever starts again finds out
//! what is kept. What was out then is unknown, and not repeated by itself (Q7).

mod billing;
mod bills;
mod content;
mod counts;
mod error;
mod flush;
mod model;
mod opening;
mod people;
mod policy;
mod questions;
mod report;
mod request;
mod runner;
mod store;
mod usage;

pub use bills::Billed;
pub use content::AttachmentTypes;
pub use counts::Counts;
pub use error::{Refusal, Refused};
pub use flush::{Engine, Flushed, PolicyCall, Terms};
pub use model::*;
pub use people::*;
pub use policy::{Policy, PolicyError};
pub use questions::Why;
pub use report::{Direction, LimitAfter, Planned, Report, UndoOf};
pub use request::*;
pub use runner::{
    Failure, Handle, Runner, Settings,
    listing::{ChatPage, ChatsPage, TeamPage},
    many::Narrowed,
    measures::Measures,
};
pub use store::{
    AccountsAsked, Ahead, ChatAsked, ChatPart, ChatPlace, ChatsPart, CountedChat, Creation,
    CreationStore, Fitted, HistorySync, ListReader, ListedAccount, ListedChat, ListedMessage,
    MessagesAsked, Moved, Named, Numbered, OpenReader, Overview, PeopleReader, PeopleStore,
    Postgres, Profile, ProfileChange, QueueNumbers, Reader, Room, Sqlite, Store, StoreError,
    Stored, TeamMessagesAsked, TeamPart, TeamPlace, Transaction, move_store,
};
pub use usage::{Access, AccountUsage, OfAccounts, TierUsage, Usage};
