//! How much history a login brings (section 9).

use crate::catalog::{HISTORY_FEATURE, Tier};

/// What the transport offers at a login, and what the account's settings say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryOffer {
    /// Old messages offered.
    pub offered: u64,
    /// The setting `enableHistorySync`.
    pub enabled: bool,
    /// The setting `maxMessageSync`.
    pub max_messages: Option<u64>,
}

/// How many of the newest messages are stored (H1–H2).
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let tier = catalog.tier("unlimited_msg_chat_history")?;
/// let offer = HistoryOffer { offered: 250_000, enabled: true, max_messages: None };
/// assert_eq!(kept_history(tier, offer), 100_000);
/// # Ok::<(), Error>(())
/// ```
pub fn kept_history(tier: &Tier, offer: HistoryOffer) -> u64 {
    match tier.features().get(HISTORY_FEATURE) {
        Some(max) if offer.enabled => {
            let limits = [*max, offer.max_messages];
            limits.into_iter().flatten().fold(offer.offered, u64::min)
        }
        _ => 0,
    }
}
