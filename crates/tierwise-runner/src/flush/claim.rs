//! Free lanes get their next message, if the policy lets it go (Q5, Q6).

use std::time::Instant;

use serde_json::value::RawValue;
use tierwise_lanes::{Attempt, Claim, Moment, Standing};
use tierwise_transport::Outgoing;

use super::desk::{Desk, PolicyCall, Working};
use crate::{
    model::{AccountKey, Answered, ChatGapRow, DecisionRow, HeadRow, Question},
    policy::understood,
    request::{Action, Sending},
    runner::measures::word_of_answer,
    store::Stored,
};

/// Gaps of chats that have ended are forgotten with every so many-th decision of an account.
const FORGET_EVERY: u64 = 64;

/// What came of claiming.
pub(super) struct Claims {
    /// Whether there may be more to do at once.
    pub(super) has_more: bool,
    /// How many more messages might have gone.
    pub(super) left: usize,
}

impl Desk<'_> {
    /// Gives so many lanes at most their next message: those first that wait for longest.
    pub(super) fn claim(&mut self, slots: usize) -> Stored<Claims> {
        if slots > 0 {
            let most = u32::try_from(slots).unwrap_or(u32::MAX);
            for (row, next_at) in self.transaction.ready(self.now, most)? {
                if self.rows.contains_key(&row.key) {
                    continue;
                }
                let key = row.key;
                self.put(row);
                if let Some(working) = self.rows.get_mut(&key) {
                    working.again = Some(next_at);
                }
            }
        }
        self.look_for_heads()?;
        let mut queue: Vec<(Moment, AccountKey)> = Vec::new();
        for working in self.rows.values_mut() {
            let head = working.lane_head();
            let is_ready = working.row.lane.standing(head, self.now) == Standing::Ready;
            // When those that wait in the store became ready is known; of the others it is now.
            let next_at = working.row.lane.next_at(head, self.now);
            let since = working.again.take().unwrap_or(next_at);
            if is_ready && working.row.is_active() {
                queue.push((since, working.row.key));
            }
        }
        queue.sort_unstable();
        let mut left = slots;
        let mut has_more = false;
        for (since, key) in queue {
            if left == 0 {
                // It keeps its place.
                if let Some(working) = self.rows.get_mut(&key) {
                    working.again = Some(since);
                }
                continue;
            }
            match self.decide(key) {
                Some(Claim::Send(_)) => left -= 1,
                Some(Claim::Settled(_)) => has_more = true,
                Some(Claim::Held) | None => {}
            }
        }
        Ok(Claims { has_more, left })
    }

    /// Asks the policy about the first message of a lane, and does what it says.
    fn decide(&mut self, key: AccountKey) -> Option<Claim> {
        let Working { row, head: Some(head), .. } = self.rows.get(&key)? else { return None };
        let lane_head = self.rows.get(&key)?.lane_head()?;
        let question = Question {
            tier: row.tier.clone(),
            sent: row.lane.used(self.running.number),
            counted: head.counted.is_some(),
            size: u64::try_from(head.content.len()).unwrap_or(u64::MAX),
            attempt: row.lane.next_attempt(),
            number: head.number,
            due: head.due,
            now: self.now,
            period_end: self.running.end,
            created: row.created,
        };
        let begun = Instant::now();
        let (answer, fuel) = self.policy.ask_with_fuel(&question);
        let (took, word) = (begun.elapsed(), word_of_answer(&answer));
        self.policy_calls.push(PolicyCall { answer: word, fuel, took });
        let decision = understood(&answer, self.now);
        let (period, now, epoch) = (self.running.number, self.now, self.epoch);
        let working = self.rows.get_mut(&key)?;
        let claim = working.row.lane.claim(lane_head, decision, period, now).ok()?;
        working.row.held_reason = match &answer {
            Answered::Hold { reason, .. } => reason.clone(),
            Answered::Failed { code } => code.clone(),
            Answered::Send { .. } | Answered::Refuse { .. } => String::new(),
        };
        match (claim, &answer) {
            (Claim::Send(attempt), _) => {
                working.row.owner = Some(epoch);
                let head = working.head.take()?;
                let gap = attempt.chat_gap_until;
                let uses_gaps = gap.is_some() || head.chat_gap_until > Moment::default();
                if uses_gaps && attempt.fence.is_multiple_of(FORGET_EVERY) {
                    self.old_gaps.push(key);
                }
                self.chat_gaps.extend(gap.map(|until| {
                    let chat = head.chat.clone();
                    ChatGapRow { account: key, chat, until }
                }));
                let sending = sending(working, head, attempt);
                self.actions.push(Action::Send(Box::new(sending)));
            }
            (Claim::Settled(number), Answered::Refuse { reason }) => {
                // The next message of this lane is looked for in the next flush.
                working.again = Some(now);
                self.settle_refused(key, number, &reason.clone());
            }
            (Claim::Settled(_) | Claim::Held, _) => {}
        }
        let fence = self.rows.get(&key)?.row.lane_row().fence;
        let (policy, runner) = (self.policy_number, epoch);
        self.decisions.push(DecisionRow { account: key, fence, policy, question, answer, runner });
        Some(claim)
    }
}

fn sending(working: &Working, head: HeadRow, attempt: Attempt) -> Sending {
    let row = &working.row;
    let raw = |text: String| RawValue::from_string(text).unwrap_or_default();
    Sending {
        account: row.key,
        transport: row.transport.clone(),
        message: Outgoing {
            account: row.id.clone(),
            number: attempt.number,
            attempt: attempt.attempt,
            fence: attempt.fence,
            opening: row.opening.number,
            id: head.id,
            chat: head.chat,
            content: raw(head.content),
            settings: raw(row.settings.clone()),
        },
    }
}
