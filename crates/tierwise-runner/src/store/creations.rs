//! What stores keep of creations that carried a key, so that a repeat is known, also after the
//! account is deleted.

use tierwise_lanes::Moment;

use super::Stored;

/// A creation that carried a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// The account's id.
    pub account: String,
    /// What was asked for: a hash, as nothing that somebody wrote outlasts an account (L6).
    pub asked: String,
    /// When.
    pub at: Moment,
}

/// The part of a transaction that is about creations.
pub trait CreationStore {
    /// The creation of a team by the hash of a key, at a moment or later. Nobody else creates
    /// accounts of the team before the transaction ends.
    fn creation(&mut self, team: &str, key: &str, since: Moment) -> Stored<Option<Creation>>;

    /// Whether there is an account that is not deleted. It is not read for change.
    fn is_account(&mut self, id: &str) -> Stored<bool>;

    /// Keeps a creation by the hash of its key, in the place of one that has the same, and forgets
    /// some of any team that were before a moment: more than are kept, so that there are never many
    /// of them.
    fn keep_creation(
        &mut self,
        team: &str,
        key: &str,
        creation: &Creation,
        before: Moment,
    ) -> Stored<()>;
}
