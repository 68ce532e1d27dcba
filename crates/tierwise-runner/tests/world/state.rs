//! What the plain store keeps.

use std::collections::{BTreeMap, BTreeSet};

use tierwise_lanes::{Moment, PeriodNumber};
use tierwise_runner::*;

/// What a commit does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AtCommit {
    /// It succeeds.
    #[default]
    Succeed,
    /// It fails, and nothing of the transaction is there.
    FailBefore,
    /// It takes effect, and then fails.
    FailAfter,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) now: i64,
    pub(crate) runners: BTreeMap<Epoch, (u64, bool)>,
    pub(crate) next_epoch: i64,
    pub(crate) policies: Vec<(String, String)>,
    pub(crate) teams: BTreeMap<String, TeamRow>,
    pub(crate) accounts: BTreeMap<AccountKey, (AccountRow, Moment)>,
    pub(crate) profiles: BTreeMap<AccountKey, Profile>,
    pub(crate) messages: BTreeMap<(AccountKey, u64), MessageRow>,
    /// Every number that was ever used, also of messages that are gone.
    pub(crate) numbers: BTreeSet<(AccountKey, u64)>,
    /// When chats may be tried again.
    pub(crate) chat_gaps: BTreeMap<(AccountKey, String), Moment>,
    pub(crate) contacts: BTreeMap<(AccountKey, String), String>,
    pub(crate) decisions: BTreeMap<(AccountKey, u64), DecisionRow>,
    pub(crate) outcomes: BTreeMap<(AccountKey, u64), OutcomeRow>,
    pub(crate) life: BTreeMap<(String, u64), LifeRow>,
    pub(crate) counted: BTreeMap<(AccountKey, PeriodNumber), i64>,
    pub(crate) invoices: BTreeMap<(String, String), String>,
    pub(crate) at_commit: AtCommit,
    /// Whether there is one runner only.
    pub(crate) is_alone: bool,
}
