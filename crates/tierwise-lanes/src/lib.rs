//! The lane of an account: one message out at a time, in order, never twice (Q5 to Q7, Q9 to Q11).
//!
//! A lane is what a store keeps of an account's queue beside the messages themselves: whether one
//! is out, how often the first was tried, what holds it, how much of the period is used. Its
//! methods are the only ways in which that changes. They get the time and the head of the queue
//! from whoever calls, and say what is to be stored and sent: a lane has no storage, no clock, no
//! threads, and knows no message's contents.
//!
//! ```
//! use tierwise_lanes::*;
//!
//! let mut lane = Lane::new();
//! let first = lane.accept(2).start;
//! let (due, chat_gap_until) = (Moment(0), Moment(0));
//! let head = Head { number: first, due, is_charged: false, chat_gap_until };
//! // The account is not connected: its messages wait (Q11).
//! assert_eq!(lane.standing(Some(head), Moment(5)), Standing::Held(Hold::AccountNotOpen));
//! lane.connect(Connection::Open);
//! assert_eq!(lane.standing(Some(head), Moment(5)), Standing::Ready);
//!
//! let go = Decision::Send { gap: Span(0), chat_gap: Span(30) };
//! let Claim::Send(attempt) = lane.claim(head, go, PeriodNumber(4), Moment(5))? else { panic!() };
//! // Nothing else goes before its outcome is known (Q6).
//! let next = Head { number: first + 1, ..head };
//! assert_eq!(lane.standing(Some(next), Moment(6)), Standing::Out);
//!
//! let done = lane.complete(attempt.fence, Outcome::Delivered, Moment(6), &Retries::default());
//! assert_eq!(done.unwrap().settled, Some(Settled::Delivered));
//! assert_eq!(lane.used(PeriodNumber(4)), 1);
//! assert_eq!(lane.standing(Some(next), Moment(6)), Standing::Ready);
//! // What the store keeps of chats comes with the head: to the same one, not yet.
//! let to_the_same = Head { chat_gap_until: attempt.chat_gap_until.unwrap_or_default(), ..next };
//! let waits = Standing::Until(Wait::ChatGap, Moment(35));
//! assert_eq!(lane.standing(Some(to_the_same), Moment(6)), waits);
//! # Ok::<(), Refused>(())
//! ```
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod lane;
mod outcome;
mod retries;
mod time;

pub use lane::{
    Attempt, Claim, Completed, Connection, Decision, Head, Held, Hold, Lane, LaneRow, Out, Refused,
    Standing, Tried, Used, Wait,
};
pub use outcome::{Outcome, Settled};
pub use retries::Retries;
pub use time::{Moment, PeriodNumber, Span};
