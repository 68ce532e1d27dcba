//! What undoes an effect of a change (D11).

use crate::{
    catalog::Tier,
    quota::{AccountState, dispatch},
    word::words,
};

words! {
    /// What undoes an effect.
    pub enum Undo: "way to undo an effect" {
        /// A change back to the tier of before.
        #[default]
        ChangeBack = "change_back",
        /// A change back, and then a login by a new scan (D4, H1).
        ChangeBackAndScan = "change_back_and_scan",
        /// A change back, or the beginning of the next period (D6).
        ChangeBackOrNextPeriod = "change_back_or_next_period",
        /// Nothing but the beginning of the next period (Q9).
        NextPeriod = "next_period",
        /// A login by a new scan (D4, H1).
        Scan = "scan",
    }
}

/// What undoes an effect of a change away from the tier `from`, `sent` messages having been sent in
/// the period; none if nothing does, or if the effect is a word of the catalog's own, of which
/// nobody says what undoes it.
///
/// Nothing undoes what an archive or a deletion does (L4, L5), nor gets back messages that went out
/// as sending resumed (D7).
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let from = catalog.tier("unlimited_msg_chat_history")?;
/// assert_eq!(undo_of("history_removed", from, 1000), Some(Undo::ChangeBackAndScan));
/// assert_eq!(undo_of("sending_stopped", from, 1000), Some(Undo::ChangeBackOrNextPeriod));
/// assert_eq!(undo_of("subscription_ended", from, 1000), None);
/// # Ok::<(), Error>(())
/// ```
pub fn undo_of(effect: &str, from: &Tier, sent: u64) -> Option<Undo> {
    match effect {
        "history_removed" => Some(Undo::ChangeBackAndScan),
        "rescan_needed" => Some(Undo::Scan),
        "limit_set" | "limit_lifted" => Some(Undo::ChangeBack),
        // The tier of before may have a limit that is reached as well.
        "sending_stopped" => Some(match dispatch(from, sent, AccountState::Open) {
            Ok(()) => Undo::ChangeBackOrNextPeriod,
            Err(_) => Undo::NextPeriod,
        }),
        _ => None,
    }
}
