//! Moving an account to another tier (section 8).

use alloc::{borrow::ToOwned, vec::Vec};

use super::{Effects, Refusal};
use crate::{
    catalog::{Catalog, MESSAGE_METER, Tier},
    word::words,
};

words! {
    /// Which way a change of tier goes (G4).
    pub enum Direction: "direction" {
        /// To a higher rank: an upgrade.
        #[default]
        Up = "up",
        /// To a lower rank: a downgrade.
        Down = "down",
    }
}

/// What moving an account from a tier to the tier `to` does, `sent` messages having been sent in
/// the period. Refusals in the order of D9.
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let from = catalog.tier("unlimited_msg_chat_history")?;
/// let (direction, effects) =
///     tier_change(&catalog, from, "limited_msg_no_chat_history", 1000, false).unwrap();
/// assert_eq!(direction, Direction::Down);
/// assert_eq!(effects, ["history_removed", "limit_set", "sending_stopped"]);
/// # Ok::<(), Error>(())
/// ```
pub fn tier_change(
    catalog: &Catalog,
    from: &Tier,
    to: &str,
    sent: u64,
    archived: bool,
) -> Result<(Direction, Effects), Refusal> {
    let Some(to) = catalog.find_tier(to) else { return Err(Refusal::UNKNOWN_TIER) };
    if archived {
        return Err(Refusal::ARCHIVED);
    }
    if from.index() == to.index() {
        return Err(Refusal::SAME_TIER);
    }
    let direction = if to.index() > from.index() { Direction::Up } else { Direction::Down };
    let mut effects = feature_effects(catalog, from, to);
    effects.extend(limit_effects(from, to, sent).map(|word| (*word).to_owned()));
    Ok((direction, effects))
}

/// D3, D4: first what is lost, then what is gained; features by id.
fn feature_effects(catalog: &Catalog, from: &Tier, to: &Tier) -> Effects {
    let features = &catalog.spec().features;
    let lost = features
        .iter()
        .filter(|(id, _)| from.has_feature(id) && !to.has_feature(id))
        .flat_map(|(_, feature)| &feature.on_loss);
    let gained = features
        .iter()
        .filter(|(id, _)| !from.has_feature(id) && to.has_feature(id))
        .flat_map(|(_, feature)| &feature.on_gain);
    let mut effects = Vec::new();
    for word in lost.chain(gained) {
        if !effects.contains(word) {
            effects.push(word.clone());
        }
    }
    effects
}

/// D5 to D7, and between two limits: the new one applies with what was sent already.
fn limit_effects(from: &Tier, to: &Tier, sent: u64) -> impl Iterator<Item = &'static &'static str> {
    let limit = |tier: &Tier| tier.limit(MESSAGE_METER).map(|limit| limit.max);
    let effects: &[&str] = match (limit(from), limit(to)) {
        (None, None) => &[],
        (Some(old), Some(new)) if old == new => &[],
        (_, Some(new)) if sent >= new => &["limit_set", "sending_stopped"],
        (Some(old), Some(_)) if sent >= old => &["limit_set", "sending_resumed"],
        (_, Some(_)) => &["limit_set"],
        (Some(old), None) if sent >= old => &["limit_lifted", "sending_resumed"],
        (Some(_), None) => &["limit_lifted"],
    };
    effects.iter()
}
