//! What becomes of an attempt, and of a message.

use crate::Span;

/// What the transport says of an attempt, or what is known without its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The transport took the message.
    Delivered,
    /// It refuses the message for good (Q10).
    Refused,
    /// It did not take it, and may later (Q10). With the least time to wait, if it named one.
    Later(Option<Span>),
    /// Nobody knows whether it took it: no answer in time, a connection that broke after bytes went
    /// out, a runner that died (Q7).
    Unknown,
}

/// What a message has become: none of these is left by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The transport took it.
    Delivered,
    /// The transport refused it for good.
    Refused,
    /// It was put off as often as it is tried (Q10).
    GivenUp,
    /// Nobody knows (Q7): repeated only if somebody asks.
    Unknown,
    /// The policy refused it.
    PolicyRefused,
}
