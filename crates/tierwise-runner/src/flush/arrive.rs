//! What networks bring: logins, history, received messages, receipts (H1 to H4).

use std::collections::HashSet;

use serde_json::json;
use tierwise_host::HistoryQuestion;
use tierwise_lanes::{Connection, Moment};
use tierwise_transport::{Detail, Event, Inbound, OldMessage, Receipt, Received};

use super::{
    admin::closed,
    complete::error_json,
    desk::{Desk, Stop},
    ids::new_id,
};
use crate::{
    content::AttachmentTypes,
    model::{AccountKey, MessageRow, Origin, Removal, Status, TeamMark},
    policy,
    store::{Ahead, HistorySync, ProfileChange},
};

impl Desk<'_> {
    /// Keeps what arrived. What is for nobody, for an account that has ended or for one that the
    /// transport does not carry is passed over.
    pub(super) fn arrive(&mut self, inbound: Inbound, by: Option<&str>) -> Result<(), Stop> {
        let Ok(key) = self.find(&inbound.account, None) else { return Ok(()) };
        let now = self.now;
        let row = self.row(key)?;
        if by.is_some_and(|transport| transport != row.transport) {
            tracing::warn!(transport = by, "an event names an account of another transport");
            return Ok(());
        }
        if !row.is_active() {
            self.passed_over += 1;
            return Ok(());
        }
        if !row.opening.may_tell(&inbound) {
            let (said, is) = (inbound.opening, row.opening.number);
            tracing::debug!(account = row.id, said, is, "an event of an opening that is over");
            self.passed_over += 1;
            return Ok(());
        }
        match inbound.event {
            Event::Scan { code } => {
                row.lane.connect(Connection::Connecting);
                self.touch(key, ProfileChange { qr: Some(code), ..Default::default() })?;
            }
            Event::Open { login } => {
                row.lane.connect(Connection::Open);
                row.has_login = true;
                if login {
                    // H3: a new login replaces the history of the one before.
                    if row.login > 0 || row.history_kept > 0 {
                        row.removal = row.removal.max(Removal::History);
                    }
                    row.login += 1;
                    row.history_kept = 0;
                    row.counts.history = 0;
                    row.opening.brings_history = true;
                }
                let nothing = Some(String::new());
                self.touch(
                    key,
                    ProfileChange {
                        last_login: login.then_some(now),
                        qr: nothing.clone(),
                        error: nothing,
                        sync: login.then(HistorySync::default),
                        ..ProfileChange::default()
                    },
                )?;
            }
            Event::Closed { logout } => {
                let change = closed(row, logout, now);
                row.lane.connect(Connection::Close);
                row.log_out_if(logout);
                self.touch(key, change)?;
            }
            Event::Failed { status_code, message } => {
                tracing::warn!(account = row.id, status_code, "it is not connected: {message}");
                let error = json!({ "statusCode": status_code, "message": message });
                let error = Some(error.to_string());
                let change = ProfileChange { error, ..closed(row, false, now) };
                row.lane.connect(Connection::Close);
                self.touch(key, change)?;
            }
            // H1, D4: it came with a login that is dropped, or whose history is removed.
            Event::History { .. } if !row.opening.brings_history => self.passed_over += 1,
            Event::History { offered, messages } => self.keep_history(key, offered, messages)?,
            Event::Received(received) => self.receive(key, received)?,
            Event::Receipt { network_id, receipt, detail } => {
                self.take_receipt(key, &network_id, receipt, detail)?;
            }
            Event::Contact { id, name } => self.transaction.put_contact(key, &id, &name)?,
        }
        Ok(())
    }

    /// Notes what a network says of a message that it took.
    fn take_receipt(
        &mut self,
        key: AccountKey,
        network_id: &str,
        receipt: Receipt,
        detail: Option<Detail>,
    ) -> Result<(), Stop> {
        let status = match receipt {
            Receipt::Delivered => Status::Delivered,
            Receipt::Read => Status::Read,
            Receipt::Failed => Status::Error,
        };
        let error = match status {
            Status::Error => error_json("not_delivered", detail, 1),
            _ => String::new(),
        };
        self.write_messages()?;
        let were = self.transaction.receipt(key, network_id, status, &error)?;
        let counts = &mut self.row(key)?.counts;
        were.iter().for_each(|(origin, was)| counts.change(*origin, *was, status));
        Ok(())
    }

    /// Keeps as much of a history as the tier and the account's settings allow (H1, H2).
    fn keep_history(
        &mut self,
        key: AccountKey,
        offered: u64,
        messages: Vec<OldMessage>,
    ) -> Result<(), Stop> {
        let policy = self.policy;
        let row = self.row(key)?;
        let settings: Settings = serde_json::from_str(&row.settings).unwrap_or_default();
        let question = HistoryQuestion {
            tier: row.tier.clone(),
            offered,
            enabled: settings.enable_history_sync.unwrap_or(true),
            max_messages: settings.max_message_sync,
        };
        let (host, catalog) = policy.host();
        let most = host.history(catalog, &question).answer;
        let most = most.map_err(|error| policy::failed(&error))?;
        let left = most.saturating_sub(row.history_kept);
        let room = usize::try_from(left).unwrap_or(usize::MAX);
        let login = row.login;
        let fresh = if room > 0 { self.not_kept(key, login, messages)? } else { Vec::new() };
        // The newest come first.
        let kept: Vec<_> = fresh.into_iter().take(room).collect();
        let count = u64::try_from(kept.len()).unwrap_or(u64::MAX);
        let row = self.row(key)?;
        row.history_kept += count;
        let numbers = row.lane.accept(count);
        if most > 0 {
            let sync = HistorySync { expected: most, last: Some(self.now) };
            self.touch(key, ProfileChange { sync: Some(sync), ..ProfileChange::default() })?;
        }
        for (number, OldMessage { message, from_me }) in numbers.zip(kept) {
            let origin = if from_me { Origin::OwnHistory } else { Origin::History };
            self.keep(key, number, message, origin, login);
        }
        Ok(())
    }

    /// The messages of a history that did not come with the same login before: whoever is not sure
    /// that a part of it was heard brings it again, and that may neither be there twice nor take
    /// the place of others.
    fn not_kept(
        &mut self,
        key: AccountKey,
        login: u64,
        messages: Vec<OldMessage>,
    ) -> Result<Vec<OldMessage>, Stop> {
        self.write_messages()?;
        let names: Vec<_> = messages.iter().map(|old| old_id(login, &old.message)).collect();
        let network_ids = names.iter().map(|name| (key, name.clone())).collect();
        self.transaction.will_ask(&Ahead { network_ids, ..Ahead::default() })?;
        let (mut seen, mut fresh) = (HashSet::new(), Vec::with_capacity(messages.len()));
        for (name, mut old) in names.into_iter().zip(messages) {
            if self.transaction.has_network_id(key, &name)? || !seen.insert(name.clone()) {
                continue;
            }
            old.message.id = name;
            fresh.push(old);
        }
        Ok(fresh)
    }

    /// Keeps a received message; one that was received before is the same (H4).
    fn receive(&mut self, key: AccountKey, received: Received) -> Result<(), Stop> {
        self.write_messages()?;
        let network_id = network_id(&received);
        if self.transaction.has_network_id(key, &network_id)? {
            return Ok(());
        }
        let row = self.row(key)?;
        let out = row.lane.out().map(|out| out.number);
        let (number, waits) = (row.lane.accept(1).start, row.waiting() > 0);
        if waits {
            let chat = &received.chat_id;
            let withdrawn = self.transaction.cancel_on_reply(key, chat, out)?;
            let counts = &mut self.row(key)?.counts;
            counts.waiting = counts.waiting.saturating_sub(withdrawn);
            counts.cancelled += withdrawn;
        }
        self.keep(key, number, Received { id: network_id, ..received }, Origin::Live, 0);
        Ok(())
    }

    fn keep(
        &mut self,
        account: AccountKey,
        number: u64,
        received: Received,
        origin: Origin,
        login: u64,
    ) {
        let Received { id: network_id, chat_id, sender, at_ms, text } = received;
        let team = self
            .rows
            .get(&account)
            .map_or_else(TeamMark::default, |working| TeamMark::of(&working.row.team));
        self.insert(MessageRow {
            account,
            number,
            // The network's own id may be anybody's: the account's is a new one.
            id: new_id(self.now).to_string(),
            chat: chat_id,
            origin,
            status: Status::Delivered,
            at: Moment(at_ms),
            content: json!({ "text": text }).to_string(),
            sender: json!({ "userId": sender }).to_string(),
            error: String::new(),
            counted: None,
            network_id,
            cancel_on_reply: false,
            revision: 0,
            login,
            team,
            accepted: self.now,
            placed: Moment(at_ms),
            attachments: AttachmentTypes::default(),
            edited: None,
            resolved: None,
        });
    }
}

/// How a received message is called among all of an account.
pub(super) fn network_id(received: &Received) -> String {
    format!("in:{}", received.id)
}

/// How a message of a history is called: another login brings a history of its own (H3).
fn old_id(login: u64, old: &Received) -> String {
    format!("old:{login}:{}", old.id)
}

/// What an account's settings say of its history.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    enable_history_sync: Option<bool>,
    max_message_sync: Option<u64>,
}
