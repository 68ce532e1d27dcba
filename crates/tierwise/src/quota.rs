//! Whether a message may be accepted, and whether it may be sent now (section 7).

use crate::{
    catalog::{MESSAGE_METER, Tier},
    word::words,
};

words! {
    /// What is to be stored.
    pub enum MessageKind: "kind of message" {
        /// A message to somebody.
        #[default]
        Message = "message",
        /// A remark kept in a chat: never sent, never counted (Q8).
        Note = "note",
    }
}

words! {
    /// Whether an account can send.
    pub enum AccountState: "state of an account" {
        /// Not connected.
        #[default]
        Close = "close",
        /// Being connected.
        Connecting = "connecting",
        /// Connected.
        Open = "open",
    }
}

words! {
    /// Why a message waits.
    pub enum HoldReason: "reason to hold" {
        /// The account isn't open (Q11).
        #[default]
        AccountNotOpen = "account_not_open",
        /// The limit of the period is reached (Q5).
        QuotaExhausted = "quota_exhausted",
    }
}

/// What a request would use of the limit, in messages of the period that it is due in (Q3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaQuestion {
    /// Sent already.
    pub sent: u64,
    /// Accepted and waiting.
    pub waiting: u64,
    /// Asked for now.
    pub asked: u64,
    /// Messages or notes.
    pub kind: MessageKind,
}

/// Whether a request fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaAnswer {
    /// Whether all of it is stored; otherwise none of it is.
    pub accepted: bool,
    /// What was left before it; none without a limit. Never below 0 (Q4).
    pub left: Option<u64>,
}

/// Whether a request is accepted (Q1, Q3, Q4, Q8).
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let tier = catalog.tier("limited_msg_no_chat_history")?;
/// let ask = QuotaQuestion { sent: 999, waiting: 0, asked: 2, kind: MessageKind::Message };
/// assert_eq!(quota(tier, ask), QuotaAnswer { accepted: false, left: Some(1) });
/// # Ok::<(), Error>(())
/// ```
pub fn quota(tier: &Tier, question: QuotaQuestion) -> QuotaAnswer {
    let Some(limit) = tier.limit(MESSAGE_METER) else {
        return QuotaAnswer { accepted: true, left: None };
    };
    let kept = question.sent.saturating_add(question.waiting);
    let fits = kept.saturating_add(question.asked) <= limit.max;
    QuotaAnswer {
        accepted: fits || question.kind == MessageKind::Note,
        left: Some(limit.max.saturating_sub(kept)),
    }
}

/// Whether the next message of an account is given to the transport now; if not, why (Q5, Q9, Q11).
pub fn dispatch(tier: &Tier, sent: u64, state: AccountState) -> Result<(), HoldReason> {
    if state != AccountState::Open {
        return Err(HoldReason::AccountNotOpen);
    }
    match tier.limit(MESSAGE_METER) {
        Some(limit) if sent >= limit.max => Err(HoldReason::QuotaExhausted),
        _ => Ok(()),
    }
}
