//! What the plain store keeps.

use std::collections::{BTreeMap, BTreeSet};

use tierwise_lanes::{Moment, PeriodNumber};
use tierwise_runner::*;

use super::people::PeopleState;

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
    pub(crate) creations: BTreeMap<(String, String), Creation>,
    pub(crate) invoices: BTreeMap<(String, String), String>,
    pub(crate) people: PeopleState,
    pub(crate) at_commit: AtCommit,
    /// Whether there is one runner only.
    pub(crate) is_alone: bool,
}

pub(crate) fn is_waiting(row: &MessageRow) -> bool {
    row.status == Status::Pending
}

impl State {
    pub(crate) fn of_account(&self, account: AccountKey) -> impl Iterator<Item = &MessageRow> {
        self.messages.range((account, 0)..=(account, u64::MAX)).map(|(_, row)| row)
    }

    /// The message that was tried, or the first due, if it waits.
    pub(crate) fn head(&self, account: AccountKey, tried: Option<u64>) -> Option<HeadRow> {
        let row = self
            .of_account(account)
            .filter(|row| is_waiting(row) && tried.is_none_or(|number| row.number == number))
            .min_by_key(|row| (row.at, row.number))?;
        Some(HeadRow {
            account,
            number: row.number,
            due: row.at,
            id: row.id.clone(),
            chat: row.chat.clone(),
            content: row.content.clone(),
            counted: row.counted,
            chat_gap_until: self.chat_gap(account, &row.chat),
        })
    }

    /// Those of some messages that have a status and were written here.
    pub(crate) fn that_are(&self, of: &[Numbered], status: Status) -> Vec<Numbered> {
        let is_so = |one: &&Numbered| {
            let found = self.messages.get(*one);
            found.is_some_and(|row| row.status == status && row.origin == Origin::Here)
        };
        of.iter().filter(is_so).copied().collect()
    }

    /// Until when a chat is not tried again.
    pub(crate) fn chat_gap(&self, account: AccountKey, chat: &str) -> Moment {
        self.chat_gaps.get(&(account, chat.to_owned())).copied().unwrap_or_default()
    }

    /// Forgets the gaps of accounts that ended before a moment.
    pub(crate) fn forget_chat_gaps(&mut self, accounts: &[AccountKey], before: Moment) {
        let goes =
            |account: &AccountKey, until: &Moment| accounts.contains(account) && *until < before;
        self.chat_gaps.retain(|(account, _), until| !goes(account, until));
    }

    /// Has accounts looked at now that wait for something after a moment.
    pub(crate) fn bring_back(&mut self, latest: Moment) {
        for (row, next_at) in self.accounts.values_mut() {
            let lane = row.lane_row();
            let of_chats = self.chat_gaps.iter().filter(|((account, _), _)| *account == row.key);
            let last = of_chats.map(|(_, until)| *until).chain(lane.tried.map(|it| it.again));
            let last = last.fold(lane.gap_until, Moment::max);
            if *next_at != Moment::NEVER && *next_at > latest && last > latest {
                *next_at = Moment(self.now);
            }
        }
    }
}
