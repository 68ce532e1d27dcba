//! What a flush has on its desk: the accounts that it is about, and what is to be written.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use tierwise_lanes::{Head, Moment};
use tierwise_transport::Event;

use super::{arrive::network_id, people::Affairs};
use crate::{
    billing::Books,
    error::Refusal,
    flush::Terms,
    model::{
        AccountKey, AccountRow, ChatGapRow, DecisionRow, Epoch, HeadRow, MessageRow, Origin,
        OutcomeRow, Removal, SettledRow, Status,
    },
    policy::{Policy, Running},
    request::{Action, Request},
    store::{Ahead, ProfileChange, StoreError, Stored, Transaction},
};

/// For how long gaps of chats are kept that have ended. A clock that was ahead for less than that
/// has not had one forgotten that goes on when it is right again.
const GAPS_KEPT_MS: i64 = 86_400_000;

/// Why a request is not done.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is refused; the flush goes on.
    Refused(Refusal),
    /// The store failed; the flush ends.
    Store(StoreError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Store(error)
    }
}

/// An account on the desk.
pub(super) struct Working {
    pub(super) row: AccountRow,
    /// The first waiting message, once it was looked for.
    pub(super) head: Option<HeadRow>,
    /// When it is looked at again, if that is known without its head.
    pub(super) again: Option<Moment>,
}

impl Working {
    /// The head as its lane knows it.
    pub(super) fn lane_head(&self) -> Option<Head> {
        self.head.as_ref().map(HeadRow::lane_head)
    }
}

/// A question to the policy within a claim: what kind of answer it got, and what it took.
#[derive(Clone, Copy, Debug)]
pub struct PolicyCall {
    /// `send`, `hold`, `refuse` or `failed`.
    pub answer: &'static str,
    /// The fuel that it used.
    pub fuel: u64,
    /// How long it took.
    pub took: Duration,
}

/// See above.
pub(super) struct Desk<'a> {
    pub(super) transaction: Box<dyn Transaction + 'a>,
    pub(super) now: Moment,
    pub(super) running: Running,
    pub(super) policy: &'a Policy,
    pub(super) policy_number: i64,
    pub(super) terms: &'a Terms,
    pub(super) epoch: Epoch,
    pub(super) books: &'a mut Books,
    pub(super) rows: HashMap<AccountKey, Working>,
    pub(super) keys: HashMap<String, AccountKey>,
    /// New messages that are not written yet, and where each is.
    pub(super) inserts: Vec<MessageRow>,
    pub(super) inserted: HashMap<(AccountKey, String), usize>,
    pub(super) settled: Vec<SettledRow>,
    pub(super) decisions: Vec<DecisionRow>,
    pub(super) chat_gaps: Vec<ChatGapRow>,
    /// Accounts whose chats may have gaps that ended long ago.
    pub(super) old_gaps: Vec<AccountKey>,
    pub(super) outcomes: Vec<OutcomeRow>,
    pub(super) actions: Vec<Action>,
    pub(super) policy_calls: Vec<PolicyCall>,
    /// Events of openings that are over.
    pub(super) passed_over: u64,
    pub(super) affairs: Affairs,
}

impl Desk<'_> {
    /// Puts every account that the requests name on the desk, locked, and locks every team in whose
    /// ledger they write.
    pub(super) fn fetch<'r>(
        &mut self,
        requests: impl Iterator<Item = &'r Request> + Clone,
    ) -> Stored<()> {
        let mut ids = HashSet::new();
        let mut keys = HashSet::new();
        let mut teams = BTreeSet::new();
        for request in requests.clone() {
            match request {
                Request::Send { account, .. } | Request::Change { account, .. } => {
                    ids.insert(account.as_str());
                }
                Request::Arrived(inbound) | Request::ArrivedBy { inbound, .. } => {
                    ids.insert(inbound.account.as_str());
                }
                Request::Called { account, .. } => {
                    ids.insert(account.as_str());
                }
                Request::Completed(completion) => {
                    keys.insert(completion.account);
                }
                Request::Many(many) => keys.extend(many.messages.iter().map(|(key, _)| *key)),
                Request::Create(account) => {
                    teams.insert(account.team.clone());
                }
                Request::Trade(_) | Request::People(_) => {}
            }
        }
        let keys: Vec<_> = keys.into_iter().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        for row in self.transaction.accounts_of(&keys, &ids)? {
            self.put(row);
        }
        let mut ahead = Ahead::default();
        for request in requests.clone() {
            self.look_ahead(request, &mut ahead);
        }
        self.transaction.will_ask(&ahead)?;
        for request in requests.clone() {
            if let Request::Change { account, change, .. } = request
                && change.is_of_life()
                && let Some(key) = self.keys.get(account)
                && let Some(working) = self.rows.get(key)
            {
                teams.insert(working.row.team.clone());
            }
        }
        let teams: Vec<_> = teams.iter().map(String::as_str).collect();
        self.transaction.lock_teams(&teams)?;
        self.fetch_people(requests)
    }

    /// What a request will ask the store for.
    fn look_ahead<'r>(&self, request: &'r Request, ahead: &mut Ahead<'r>) {
        match request {
            Request::Send { account, messages, .. } => {
                let Some(key) = self.keys.get(account) else { return };
                let ids = messages.iter().filter_map(|message| message.id.as_deref());
                ahead.messages.extend(ids.map(|id| (*key, id)));
            }
            Request::Arrived(inbound) | Request::ArrivedBy { inbound, .. } => {
                let Some(key) = self.keys.get(&inbound.account) else { return };
                match &inbound.event {
                    Event::Received(received) => {
                        ahead.network_ids.push((*key, network_id(received)));
                    }
                    Event::Receipt { network_id, .. } => ahead.receipts.push((*key, network_id)),
                    _ => {}
                }
            }
            Request::Completed(_)
            | Request::Called { .. }
            | Request::Change { .. }
            | Request::Create(_)
            | Request::Many(_)
            | Request::Trade(_)
            | Request::People(_) => {}
        }
    }

    /// Puts an account on the desk, unless it lies there.
    pub(super) fn put(&mut self, row: AccountRow) {
        if row.ended != Some(crate::model::Ended::Deleted) {
            self.keys.insert(row.id.clone(), row.key);
        }
        let working = Working { row, head: None, again: None };
        self.rows.entry(working.row.key).or_insert(working);
    }

    /// An account by its id. Refused: `not_found`.
    pub(super) fn find(&self, id: &str, team: Option<&str>) -> Result<AccountKey, Stop> {
        let found = self.keys.get(id).and_then(|key| self.rows.get(key));
        let is_theirs = |working: &&Working| team.is_none_or(|team| working.row.team == team);
        match found.filter(is_theirs) {
            Some(working) => Ok(working.row.key),
            None => Err(Refusal::no_account(id).into()),
        }
    }

    /// An account that lies on the desk.
    pub(super) fn row(&mut self, key: AccountKey) -> Result<&mut AccountRow, Stop> {
        match self.rows.get_mut(&key) {
            Some(working) => Ok(&mut working.row),
            None => Err(StoreError::new("store_damaged", "an account is not there").into()),
        }
    }

    /// Notes what people see of an account, which changes now.
    pub(super) fn touch(&mut self, key: AccountKey, change: ProfileChange) -> Result<(), Stop> {
        let updated = self.now;
        Ok(self.transaction.touch(key, &ProfileChange { updated, ..change })?)
    }

    /// Writes the messages that wait to be written, so that what is read is as it will be.
    pub(super) fn write_messages(&mut self) -> Stored<()> {
        if !self.inserts.is_empty() {
            let inserts = std::mem::take(&mut self.inserts);
            self.inserted.clear();
            self.transaction.insert_messages(&inserts)?;
        }
        if !self.settled.is_empty() {
            let settled = std::mem::take(&mut self.settled);
            self.transaction.settle(&settled)?;
        }
        Ok(())
    }

    /// Adds a message that is to be written.
    pub(super) fn insert(&mut self, row: MessageRow) {
        if let Some(working) = self.rows.get_mut(&row.account) {
            working.row.counts.add(row.origin, row.status);
        }
        self.inserted.insert((row.account, row.id.clone()), self.inserts.len());
        self.inserts.push(row);
    }

    /// Adds what has become of a message that waited: to be written.
    pub(super) fn settles(&mut self, row: SettledRow) {
        if let Some(working) = self.rows.get_mut(&row.account) {
            // What waits was written here.
            working.row.counts.change(Origin::Here, Status::Pending, row.status);
        }
        self.settled.push(row);
    }

    /// A message of an account. Refused: `not_found`.
    pub(super) fn message(&mut self, account: AccountKey, id: &str) -> Result<MessageRow, Stop> {
        self.write_messages()?;
        let found = self.transaction.messages(account, &[id])?.pop().flatten();
        let row = self.row(account)?;
        match found.filter(|message| row.shows(message)) {
            Some(message) => Ok(message),
            None => Err(Refusal::no_message(id).into()),
        }
    }

    /// Looks for the first waiting message of each account that has none out.
    pub(super) fn look_for_heads(&mut self) -> Stored<()> {
        self.write_messages()?;
        let free = |working: &&Working| working.row.lane.out().is_none() && working.row.is_active();
        let free = self.rows.values().filter(free);
        let of = free.map(|working| (working.row.key, working.row.lane.tried())).collect();
        let withdrawn = self.put_heads(of)?;
        if !withdrawn.is_empty() {
            self.put_heads(withdrawn)?;
        }
        Ok(())
    }

    /// Puts heads on the desk. Gives back those lanes whose tried message does not wait any more,
    /// as a reply withdrew it: their first message is another one.
    fn put_heads(
        &mut self,
        of: Vec<(AccountKey, Option<u64>)>,
    ) -> Stored<Vec<(AccountKey, Option<u64>)>> {
        let heads = self.transaction.heads(&of)?;
        let mut withdrawn = Vec::new();
        for ((key, tried), head) in of.into_iter().zip(heads) {
            let Some(working) = self.rows.get_mut(&key) else { continue };
            if let (Some(tried), None) = (tried, &head)
                && working.row.lane.start_over(tried).is_ok()
            {
                withdrawn.push((key, None));
            }
            working.head = head;
        }
        Ok(withdrawn)
    }

    /// Writes everything that lies on the desk.
    pub(super) fn write(&mut self) -> Stored<()> {
        self.write_messages()?;
        let rows: Vec<_> = self
            .rows
            .values()
            .map(|working| {
                let head = working.lane_head();
                let next_at = working.row.lane.next_at(head, self.now);
                (&working.row, working.again.unwrap_or(next_at))
            })
            .collect();
        // An outcome belongs to the decision that came before those of this flush.
        self.transaction.log_outcomes(&self.outcomes)?;
        self.transaction.log_decisions(&self.decisions)?;
        if !self.old_gaps.is_empty() {
            let before = Moment(self.now.0.saturating_sub(GAPS_KEPT_MS));
            self.transaction.forget_chat_gaps(&self.old_gaps, before)?;
        }
        if !self.chat_gaps.is_empty() {
            self.transaction.put_chat_gaps(&self.chat_gaps)?;
        }
        self.transaction.write_accounts(&rows)
    }

    /// Whether an account on the desk has rows to be removed.
    pub(super) fn removes(&self) -> bool {
        self.rows.values().any(|working| working.row.removal != Removal::Nothing)
    }

    /// Removes a part of what nobody sees any more. Whether there is more.
    pub(super) fn remove(&mut self, most: u32) -> Stored<bool> {
        let Some(row) = self.transaction.to_remove()? else { return Ok(false) };
        if self.transaction.remove(&row, row.removal, most)? < most {
            self.transaction.end_removal(row.key)?;
        }
        Ok(true)
    }
}
