//! The pair rate limit of WhatsApp: one message each 6 seconds from a number to the same person.
//!
//! Meta lets 45 messages be borrowed and takes their time back afterwards (error 131056). This
//! policy borrows none, so that no attempt is spent on being told.
#![cfg_attr(target_arch = "wasm32", no_std)]

use tierwise_guest::{Catalog, ClaimAnswer, ClaimQuestion, Pacing};

/// From one attempt to a chat to the next one to it. Other chats are not slowed by it, but for
/// those messages that stand behind one that waits.
const CHAT_GAP_MS: u64 = 6000;

struct PairLimit;

impl Pacing for PairLimit {
    fn pace(_: &ClaimQuestion, _: &Catalog) -> ClaimAnswer {
        ClaimAnswer::send(0, CHAT_GAP_MS)
    }
}

tierwise_guest::policy!(PairLimit);
