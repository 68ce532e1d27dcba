//! Leaving history, archiving, deleting: what is removed and what is kept (sections 9 and 10).

use alloc::{borrow::ToOwned, vec::Vec};

use super::{Effects, Refusal};
use crate::{
    catalog::{Catalog, HISTORY_FEATURE},
    word::words,
};

words! {
    /// What ends.
    pub enum Ending: "kind of ending" {
        /// The account: kept, but closed for good (L1–L4).
        #[default]
        Archive = "archive",
        /// The account with all its data (L5–L6).
        Delete = "delete",
        /// Only its history: a downgrade to a tier without (D3).
        Downgrade = "downgrade",
    }
}

/// What an account holds, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Messages that came with a login.
    pub history: u64,
    /// Messages received after it.
    pub live: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages waiting.
    pub waiting: u64,
    /// Notes.
    pub notes: u64,
    /// Contacts.
    pub contacts: u64,
}

/// What an ending does to an account that holds `has`: the effects in order, and what is kept.
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let has = Holdings { history: 5000, notes: 7, contacts: 120, ..Holdings::default() };
/// let (effects, keeps) = ending(&catalog, Ending::Archive, false, true, has).unwrap();
/// assert_eq!(effects, ["subscription_ended", "logged_out", "synced_data_removed"]);
/// assert_eq!(keeps, Holdings { notes: 7, contacts: 120, ..Holdings::default() });
/// # Ok::<(), Error>(())
/// ```
pub fn ending(
    catalog: &Catalog,
    ending: Ending,
    archived: bool,
    logged_in: bool,
    has: Holdings,
) -> Result<(Effects, Holdings), Refusal> {
    if archived && ending != Ending::Delete {
        // L4: an archived account can only be read and deleted.
        return Err(Refusal::ARCHIVED);
    }
    if ending == Ending::Downgrade {
        let feature = catalog.spec().features.get(HISTORY_FEATURE);
        let effects = feature.map(|feature| feature.on_loss.clone()).unwrap_or_default();
        return Ok((effects, Holdings { history: 0, ..has }));
    }
    let removed = match ending {
        Ending::Delete => "all_data_removed",
        Ending::Archive | Ending::Downgrade => "synced_data_removed",
    };
    let effects: Vec<_> = [
        (!archived, "subscription_ended"),
        (logged_in, "logged_out"),
        (has.waiting > 0, "queue_dropped"),
        (true, removed),
    ]
    .into_iter()
    .filter(|(happens, _)| *happens)
    .map(|(_, word)| word.to_owned())
    .collect();
    let keeps = match ending {
        // L2: notes and contacts stay.
        Ending::Archive => {
            Holdings { notes: has.notes, contacts: has.contacts, ..Holdings::default() }
        }
        Ending::Delete | Ending::Downgrade => Holdings::default(),
    };
    Ok((effects, keeps))
}
