//! What a change does to data, access and money, said beforehand (sections 8 to 10, D11).

mod ending;
mod history;
mod money;
mod tier;
mod undo;

pub use ending::{Ending, Holdings, ending};
pub use history::{HistoryOffer, kept_history};
pub use money::{ChangeMoney, change_money};
pub use tier::{Direction, tier_change};
pub use undo::{Undo, undo_of};

use alloc::{string::String, vec::Vec};

use crate::error::Code;

/// Why a change is refused; the service answers [`status`](Refusal::status) and the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `unknown_tier` (D8), `same_tier` (D1) or `account_archived` (L4).
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
}

impl Refusal {
    const UNKNOWN_TIER: Refusal = Refusal { code: Code::UnknownTier, status: 400 };
    const SAME_TIER: Refusal = Refusal { code: Code::SameTier, status: 400 };
    const ARCHIVED: Refusal = Refusal { code: Code::AccountArchived, status: 409 };
}

/// Effects of a change, in order, each at most once: words of `docs/semantics.md` or of the
/// catalog.
pub type Effects = Vec<String>;
