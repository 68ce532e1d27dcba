//! Messages and notes that are to be stored (Q3, Q8).

use std::collections::{BTreeMap, HashSet};

use tierwise_lanes::{Connection, Moment};

use super::{
    desk::{Desk, Stop},
    ids::new_id,
};
use crate::{
    content::{self, MOST_DEPTH, depth},
    error::Refusal,
    model::{AccountKey, MessageRow, Origin, Status, TeamMark},
    policy::Running,
    request::{Accepted, Answer, NewMessage},
};

/// Messages of one request.
const MOST_MESSAGES: usize = 1000;

/// Characters of an id and of a chat.
const MOST_NAME: usize = 128;

/// Bytes of what a message says.
const MOST_CONTENT: usize = 1 << 20;

impl Desk<'_> {
    /// Stores messages, all or none; those that are stored already stay as they are. Refused, in
    /// this order: `not_found`, `bad_request`, `too_large`, `account_archived`, `id_reused`,
    /// `quota_exhausted`, `policy_error`, `account_not_open`.
    pub(super) fn accept(
        &mut self,
        account: &str,
        team: Option<&str>,
        require_open: bool,
        messages: Vec<NewMessage>,
    ) -> Result<Answer, Stop> {
        let key = self.find(account, team)?;
        check(&messages)?;
        if !self.row(key)?.is_active() {
            return Err(Refusal::archived(account).into());
        }
        let before = self.stored_before(key, &messages)?;
        self.check_quota(key, &messages, &before)?;
        let is_open = self.row(key)?.lane_row().connection == Connection::Open;
        // A repeat does nothing, whatever the account is now, and a note needs no connection (Q8).
        let mut both = messages.iter().zip(&before);
        if require_open && !is_open && both.any(|(new, old)| old.is_none() && !new.is_note) {
            let closed = format_args!("the account `{account}` is not open");
            return Err(Refusal::new("account_not_open", 428, closed).into());
        }
        let fresh = before.iter().filter(|stored| stored.is_none()).count();
        let count = u64::try_from(fresh).unwrap_or(u64::MAX);
        let row = self.row(key)?;
        let (mut numbers, team) = (row.lane.accept(count), TeamMark::of(&row.team));
        let mut accepted = Vec::with_capacity(messages.len());
        for (message, before) in messages.into_iter().zip(before) {
            accepted.push(match before {
                Some(message) => Accepted { message, is_repeat: true },
                None => {
                    let number = numbers.next().unwrap_or_default();
                    Accepted { message: self.store(key, team, number, message), is_repeat: false }
                }
            });
        }
        Ok(Answer::Accepted(accepted))
    }

    /// Which of the messages are stored already. Refused: `id_reused`.
    fn stored_before(
        &mut self,
        key: AccountKey,
        messages: &[NewMessage],
    ) -> Result<Vec<Option<MessageRow>>, Stop> {
        let ids: Vec<&str> = messages.iter().filter_map(|message| message.id.as_deref()).collect();
        let mut stored = match ids.is_empty() {
            true => Vec::new(),
            false => self.transaction.messages(key, &ids)?,
        }
        .into_iter();
        let mut before = Vec::with_capacity(messages.len());
        for message in messages {
            let Some(id) = &message.id else {
                before.push(None);
                continue;
            };
            let in_store = stored.next().flatten();
            let waiting = self.inserted.get(&(key, id.clone())).map(|place| &self.inserts[*place]);
            let Some(row) = in_store.as_ref().or(waiting) else {
                before.push(None);
                continue;
            };
            if !is_same(row, message) {
                let reused = format_args!("the id `{id}` is taken by a different message");
                return Err(Refusal::new("id_reused", 409, reused).into());
            }
            before.push(Some(row.clone()));
        }
        Ok(before)
    }

    /// Whether what is new fits in what is left of each period that it is due in (Q3). Refused:
    /// `quota_exhausted`, `policy_error`.
    fn check_quota(
        &mut self,
        key: AccountKey,
        messages: &[NewMessage],
        before: &[Option<MessageRow>],
    ) -> Result<(), Stop> {
        // Without a limit nothing is refused, and nothing has to be counted.
        if self.policy.limit(&self.row(key)?.tier.clone()).is_none() {
            return Ok(());
        }
        let mut asked: BTreeMap<Moment, (Running, u64)> = BTreeMap::new();
        for (message, before) in messages.iter().zip(before) {
            if before.is_none() && !message.is_note {
                let due = self.policy.running(self.due(message));
                asked.entry(due.start).or_insert((due, 0)).1 += 1;
            }
        }
        for (period, asked) in asked.into_values() {
            self.check_period(key, period, asked, None)?;
        }
        Ok(())
    }

    /// Whether so many messages fit in what is left of a period, beside those that wait but for
    /// one. Where all that wait would fit in it, they are not counted by when they are due.
    /// Refused: `quota_exhausted`, `policy_error`.
    pub(super) fn check_period(
        &mut self,
        key: AccountKey,
        period: Running,
        asked: u64,
        but_for: Option<&MessageRow>,
    ) -> Result<(), Stop> {
        let row = self.row(key)?;
        let (tier, sent) = (row.tier.clone(), row.lane.used(period.number));
        let all = row.counts.waiting.saturating_sub(u64::from(but_for.is_some()));
        let Some(limit) = self.policy.limit(&tier) else { return Ok(()) };
        if self.policy.accepts(&tier, sent, all, asked)? {
            return Ok(());
        }
        self.write_messages()?;
        // Those overdue belong to the running one.
        let is_running = period.number == self.running.number;
        let from = if is_running { Moment(i64::MIN) } else { period.start };
        let is_among = |it: &MessageRow| it.at >= from && it.at < period.end;
        let own = u64::from(but_for.is_some_and(is_among));
        let most = limit.saturating_add(1).saturating_add(own);
        let waiting = self.transaction.waiting(key, from, period.end, most)?.saturating_sub(own);
        if self.policy.accepts(&tier, sent, waiting, asked)? {
            return Ok(());
        }
        let used = sent.saturating_add(waiting).min(limit);
        let until = crate::policy::instant(period.end);
        let message = format_args!("{used} of {limit} messages are used until {until}");
        let refusal = Refusal::new("quota_exhausted", 402, message)
            .with("limit", limit)
            .with("sent", sent)
            .with("waiting", waiting)
            .with("asked", asked)
            .with("resetsAt", until.to_string());
        Err(refusal.into())
    }

    fn due(&self, message: &NewMessage) -> Moment {
        message.due.map_or(self.now, |due| due.max(self.now))
    }

    fn store(
        &mut self,
        account: AccountKey,
        team: TeamMark,
        number: u64,
        message: NewMessage,
    ) -> MessageRow {
        let at = if message.is_note { self.now } else { self.due(&message) };
        let status = if message.is_note { Status::Note } else { Status::Pending };
        let sender = match message.sender {
            nobody if nobody.is_empty() => nobody,
            user => serde_json::json!({ "userId": user }).to_string(),
        };
        let row = MessageRow {
            account,
            number,
            id: message.id.unwrap_or_else(|| new_id(self.now).to_string()),
            chat: message.chat,
            origin: Origin::Here,
            status,
            at,
            content: message.content.get().to_owned(),
            sender,
            error: String::new(),
            counted: None,
            network_id: String::new(),
            cancel_on_reply: message.cancel_on_reply,
            revision: 0,
            login: 0,
            team,
            accepted: self.now,
            placed: at,
            attachments: message.attachments,
            edited: None,
            resolved: None,
        };
        self.insert(row.clone());
        row
    }
}

fn is_same(row: &MessageRow, message: &NewMessage) -> bool {
    row.origin == Origin::Here
        && row.chat == message.chat
        && (row.status == Status::Note) == message.is_note
        && content::is_same(&row.content, message.content.get())
}

/// What can be seen without the store. Refused: `bad_request`, `too_large`, `id_reused`.
fn check(messages: &[NewMessage]) -> Result<(), Refusal> {
    if !(1..=MOST_MESSAGES).contains(&messages.len()) {
        let what = format_args!("{} messages are not 1 to {MOST_MESSAGES}", messages.len());
        return Err(Refusal::bad("messages", what));
    }
    let mut ids = HashSet::new();
    for message in messages {
        check_length("chat", &message.chat)?;
        if let Some(id) = &message.id {
            check_length("id", id)?;
            if !ids.insert(id) {
                let reused = format_args!("the id `{id}` stands twice in the request");
                return Err(Refusal::new("id_reused", 409, reused));
            }
        }
        check_content(message.content.get())?;
    }
    Ok(())
}

/// Refused: `bad_request`, `too_large`.
pub(super) fn check_content(content: &str) -> Result<(), Refusal> {
    let bytes = content.len();
    if bytes > MOST_CONTENT {
        let large = format_args!("the message has {bytes} bytes, at most {MOST_CONTENT}");
        return Err(Refusal::new("too_large", 413, large));
    }
    if !content.starts_with('{') {
        return Err(Refusal::bad("content", "it is not a JSON object"));
    }
    if depth(content) > MOST_DEPTH {
        let what = format_args!("it is nested deeper than {MOST_DEPTH}");
        return Err(Refusal::bad("content", what));
    }
    Ok(())
}

fn check_length(field: &str, name: &str) -> Result<(), Refusal> {
    match name.chars().take(MOST_NAME + 1).count() {
        1..=MOST_NAME => Ok(()),
        0 => Err(Refusal::bad(field, "it is empty")),
        _ => Err(Refusal::bad(field, format_args!("it has more than {MOST_NAME} characters"))),
    }
}
