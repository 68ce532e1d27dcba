//! Lists and numbers as plain as can be, over what the plain store keeps.

use std::collections::{BTreeMap, BTreeSet};

use tierwise_lanes::{Connection, Moment};
use tierwise_runner::*;

use super::state::State;

impl State {
    fn shown(&self, account: &AccountRow) -> impl Iterator<Item = &MessageRow> {
        let account = account.clone();
        self.of_account(account.key).filter(move |row| account.shows(row))
    }

    fn rows_of(&self, team: &str) -> impl Iterator<Item = &AccountRow> {
        let rows = self.accounts.values().map(|(row, _)| row);
        rows.filter(move |row| row.team == team && row.ended != Some(Ended::Deleted))
    }

    pub(crate) fn chat(&self, account: &AccountRow, part: &ChatPart<'_>) -> Vec<MessageRow> {
        let asked = part.asked;
        let mut found: Vec<_> = self
            .shown(account)
            .filter(|row| row.chat == asked.chat)
            .filter(|row| ChatPlace::of(row) < part.before && ChatPlace::of(row) >= part.to)
            .filter(|row| asked.status.is_none_or(|status| row.status == status))
            .filter(|row| asked.is_from_me.is_none_or(|mine| row.is_from_me() == mine))
            .filter(|row| asked.from.is_none_or(|from| row.at >= from))
            .filter(|row| asked.to.is_none_or(|to| row.at <= to))
            .filter(|row| asked.attachments.is_none_or(|kinds| row.attachments.has_any(kinds)))
            .cloned()
            .collect();
        found.sort_by_key(|row| std::cmp::Reverse(ChatPlace::of(row)));

        found
    }

    pub(crate) fn of_team(&self, part: &TeamPart) -> Vec<ListedMessage> {
        let mut found = Vec::new();
        for account in self.rows_of(&part.team) {
            let of = |row: &&MessageRow| match part.account {
                Some(key) => {
                    row.account == key
                        && row.number < part.before.number
                        && row.number >= part.to.number
                }
                None => {
                    let place = TeamPlace::of(row);
                    place < part.before && place >= part.to
                }
            };
            let rows = self
                .shown(account)
                .filter(of)
                .filter(|row| part.statuses.is_empty() || part.statuses.contains(&row.status))
                .filter(|row| part.chat.as_ref().is_none_or(|chat| row.chat == *chat));
            let id = &account.id;
            found.extend(rows.map(|it| ListedMessage { account: id.clone(), message: it.clone() }));
        }
        found.sort_by_key(|it| match part.account {
            Some(_) => (Moment(0), it.message.account, it.message.number),
            None => (it.message.accepted, it.message.account, it.message.number),
        });
        found.reverse();
        found
    }

    pub(crate) fn chats(&self, account: &AccountRow) -> Vec<(String, Moment)> {
        let mut chats: BTreeMap<String, Moment> = BTreeMap::new();
        for row in self.shown(account) {
            let last = chats.entry(row.chat.clone()).or_insert(row.placed);
            *last = row.placed.max(*last);
        }
        let mut chats: Vec<_> = chats.into_iter().collect();
        chats.sort_by(|one, other| (other.1, &other.0).cmp(&(one.1, &one.0)));
        chats
    }

    pub(crate) fn counts_of_chats(
        &self,
        account: &AccountRow,
        chats: &[String],
    ) -> Vec<CountedChat> {
        let mut counts: BTreeMap<(String, Status, bool), u64> = BTreeMap::new();
        for row in self.shown(account).filter(|row| chats.contains(&row.chat)) {
            *counts.entry((row.chat.clone(), row.status, row.is_from_me())).or_default() += 1;
        }
        let counted = counts.into_iter().map(|((chat, status, is_from_me), count)| CountedChat {
            chat,
            status,
            is_from_me,
            count,
        });
        counted.collect()
    }

    pub(crate) fn queue_of_team(&self, team: &str) -> QueueNumbers {
        let mut numbers = QueueNumbers::default();
        let mut held: BTreeMap<String, u64> = BTreeMap::new();
        for account in self.rows_of(team).filter(|row| row.is_active()) {
            let lane = account.lane_row();
            numbers.out += u64::from(lane.out.is_some());
            let reason = match lane {
                _ if lane.is_paused => "paused",
                _ if lane.connection != Connection::Open => "account_not_open",
                _ if lane.held.is_some() => &account.held_reason,
                _ => "",
            };
            let out = lane.out.map(|out| out.number);
            for row in self.shown(account) {
                if row.status != Status::Pending || Some(row.number) == out {
                    continue;
                }
                numbers.waiting += 1;
                let oldest = numbers.oldest_waiting.map_or(row.at, |other| other.min(row.at));
                numbers.oldest_waiting = Some(oldest);
                if !reason.is_empty() {
                    *held.entry(reason.to_owned()).or_default() += 1;
                }
            }
        }
        numbers.held = held.into_iter().collect();
        numbers.by_status = self.statuses_of_team(team);
        numbers
    }

    fn statuses_of_team(&self, team: &str) -> Vec<(Status, u64)> {
        let mut counts: BTreeMap<Status, u64> = BTreeMap::new();
        for account in self.rows_of(team) {
            for row in self.shown(account).filter(|row| row.origin == Origin::Here) {
                *counts.entry(row.status).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }

    /// The counts of an account, row by row.
    pub(crate) fn counts_of(&self, account: &AccountRow) -> Counts {
        let mut counts = Counts::default();
        if account.ended != Some(Ended::Deleted) {
            self.shown(account).for_each(|row| counts.add(row.origin, row.status));
        }
        counts
    }

    /// Every chat that there is, of any account.
    pub(crate) fn all_chats(&self) -> Vec<String> {
        let chats: BTreeSet<_> = self.messages.values().map(|row| row.chat.clone()).collect();
        chats.into_iter().collect()
    }
}
