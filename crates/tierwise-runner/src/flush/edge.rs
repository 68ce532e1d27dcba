//! What may come in at all: texts that every store can hold and look for.
//!
//! A text with a NUL character, or one too long for an index, would fail within the transaction,
//! and an error of the store ends the runner. So nobody's text gets that far.

use std::ops::RangeInclusive;

use tierwise_lanes::Moment;
use tierwise_transport::{Event, Inbound, Received};

use crate::{
    error::{Refusal, Refused},
    request::{Change, Many, ManyChange, NewAccount, NewMessage, Request, Update},
};

/// Bytes of an id, an address or a name: an index of PostgreSQL holds three of them.
const MOST_BYTES: usize = 512;

/// The times that there are, in milliseconds since 1970: those that the engine knows and everybody
/// is shown.
const TIMES_MS: RangeInclusive<i64> = Received::TIMES_MS;

/// Whether a text may be an id, an address or a name.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= MOST_BYTES && !text.contains('\0')
}

/// Refused: `bad_request`.
pub(crate) fn check_name(field: &str, text: &str) -> Refused<()> {
    if is_name(text) {
        return Ok(());
    }
    let what = format_args!("at most {MOST_BYTES} bytes without NUL characters are expected");
    Err(Refusal::bad(field, what))
}

fn check_names<'a>(names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Refused<()> {
    names.into_iter().try_for_each(|(field, text)| check_name(field, text))
}

/// Refused: `bad_request`; `not_found` for an account or a message that no id can be of.
pub(super) fn check(request: &Request) -> Refused<()> {
    match request {
        Request::Create(account) => check_account(account),
        Request::Send { account, messages, .. } => {
            check_id(account)?;
            messages.iter().try_for_each(check_message)
        }
        Request::Many(Many { change: ManyChange::Retry { due }, .. }) => check_due(*due),
        Request::Many(_) => Ok(()),
        Request::Change { account, change, .. } => {
            check_id(account)?;
            check_change(change)
        }
        Request::Arrived(inbound) | Request::ArrivedBy { inbound, .. } => check_inbound(inbound),
        Request::People(change) => super::people::check(change),
        // What a trade names is only looked for.
        Request::Trade(_) | Request::Completed(_) | Request::Called { .. } => Ok(()),
    }
}

fn check_id(account: &str) -> Refused<()> {
    if is_name(account) { Ok(()) } else { Err(Refusal::no_account("…")) }
}

fn check_message_id(message: &str) -> Refused<()> {
    if is_name(message) { Ok(()) } else { Err(Refusal::no_message("…")) }
}

fn check_account(account: &NewAccount) -> Refused<()> {
    let NewAccount { team, transport, tier, nickname, created_by, idempotency_key, .. } = account;
    check_names([
        ("team", team.as_str()),
        ("type", transport),
        ("tier", tier.as_deref().unwrap_or_default()),
        ("createdBy", created_by),
    ])?;
    let key = idempotency_key.as_deref().unwrap_or_default();
    check_text("nickname", nickname)?;
    check_text("Idempotency-Key", key)
}

fn check_message(message: &NewMessage) -> Refused<()> {
    check_name("chat", &message.chat)?;
    check_name("id", message.id.as_deref().unwrap_or_default())?;
    check_due(message.due)?;
    // JSON writes it as `\u0000`.
    check_text("content", message.content.get())?;
    check_name("sender", &message.sender)
}

fn check_due(due: Option<Moment>) -> Refused<()> {
    match due {
        Some(due) => check_time("due", due.0),
        None => Ok(()),
    }
}

fn check_time(field: &str, at_ms: i64) -> Refused<()> {
    if TIMES_MS.contains(&at_ms) {
        return Ok(());
    }
    let what = format_args!(
        "{at_ms} ms since 1970 is not a time of the years 1970 to 2199: is it in milliseconds?"
    );
    Err(Refusal::bad(field, what))
}

fn check_text(field: &str, text: &str) -> Refused<()> {
    if text.contains('\0') {
        return Err(Refusal::bad(field, "it holds a NUL character"));
    }
    Ok(())
}

fn check_change(change: &Change) -> Refused<()> {
    match change {
        Change::Update(Update { nickname, tier, settings, .. }) => {
            check_text("nickname", nickname.as_deref().unwrap_or_default())?;
            check_name("tier", tier.as_deref().unwrap_or_default())?;
            check_text("settings", settings.as_ref().map_or("", |settings| settings.get()))
        }
        Change::Retry { message, due } => {
            check_due(*due)?;
            check_message_id(message)
        }
        Change::Skip { message } | Change::Resolve { message, .. } => check_message_id(message),
        Change::Remove { message } => check_message_id(&message.id),
        Change::Edit { message, edit } => {
            check_message_id(&message.id)?;
            check_due(edit.due)?;
            check_name("by", &edit.by)
        }
        Change::Open
        | Change::Close { .. }
        | Change::Archive { .. }
        | Change::Delete { .. }
        | Change::Pause
        | Change::Resume => Ok(()),
    }
}

fn check_inbound(inbound: &Inbound) -> Refused<()> {
    check_name("account", &inbound.account)?;
    let received = |message: &Received| {
        check_names([("id", message.id.as_str()), ("chatId", &message.chat_id)])?;
        check_time("atMs", message.at_ms)
    };
    match &inbound.event {
        Event::Received(message) => received(message),
        Event::History { messages, .. } => {
            messages.iter().try_for_each(|old| received(&old.message))
        }
        Event::Receipt { network_id, .. } => check_name("networkId", network_id),
        Event::Contact { id, name } => check_names([("id", id.as_str()), ("name", name)]),
        Event::Scan { .. } | Event::Open { .. } | Event::Closed { .. } | Event::Failed { .. } => {
            Ok(())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Has an account say a text in one of its fields.
    type Says<'a> = &'a dyn Fn(&mut NewAccount, String);

    #[test]
    fn what_a_new_account_says_of_itself_can_be_held_by_every_store() {
        let field = |change: Says<'_>, text: &str| {
            let mut account = NewAccount::new("team", "mock");
            change(&mut account, text.to_owned());
            let refusal = check(&Request::Create(account)).err()?;
            assert_eq!(refusal.code, "bad_request");
            Some(refusal.data["field"].as_str().unwrap().to_owned())
        };
        let is = |name: &str| Some(name.to_owned());
        let long = "x".repeat(MOST_BYTES + 1);
        let names: [(&str, Says<'_>); 4] = [
            ("team", &|account, text| account.team = text),
            ("type", &|account, text| account.transport = text),
            ("tier", &|account, text| account.tier = Some(text)),
            ("createdBy", &|account, text| account.created_by = text),
        ];
        for (name, change) in names {
            assert_eq!(field(change, "a\0b"), is(name));
            assert_eq!(field(change, &long), is(name));
            assert_eq!(field(change, &long[1..]), None, "{name}");
        }
        let texts: [(&str, Says<'_>); 2] = [
            ("nickname", &|account, text| account.nickname = text),
            ("Idempotency-Key", &|account, text| account.idempotency_key = Some(text)),
        ];
        for (name, change) in texts {
            assert_eq!(field(change, "a\0b"), is(name));
            assert_eq!(field(change, "ab"), None, "{name}");
        }
    }

    #[test]
    fn times_are_of_the_years_1970_to_2199() {
        let send = |due: i64| {
            let due = Some(Moment(due));
            let messages = vec![NewMessage { due, ..NewMessage::of_text("chat", "hello") }];
            let (account, team, require_open) = ("a".to_owned(), None, false);
            check(&Request::Send { account, team, require_open, messages })
        };
        let retry = |due: i64| {
            let change = Change::Retry { message: "m".to_owned(), due: Some(Moment(due)) };
            check(&Request::Change { account: "a".to_owned(), team: None, change })
        };
        let arrives = |at_ms: i64| {
            let (id, chat_id) = ("i".to_owned(), "c".to_owned());
            let (sender, text) = (String::new(), String::new());
            let received = Received { id, chat_id, sender, at_ms, text };
            check(&Request::Arrived(Inbound::new("a", Event::Received(received))))
        };
        let latest = *TIMES_MS.end();
        assert_eq!(crate::policy::instant(Moment(latest)).unix_ms(), latest);
        for due in [0, latest] {
            assert_eq!(arrives(due), Ok(()));
            assert_eq!((send(due), retry(due)), (Ok(()), Ok(())));
        }
        for due in [i64::MIN, -1, latest + 1, i64::MAX] {
            assert_eq!(arrives(due).unwrap_err().data["field"], "atMs");
            let refusal = send(due).unwrap_err();
            assert_eq!(retry(due).unwrap_err(), refusal);
            assert_eq!(refusal.code, "bad_request");
            assert!(refusal.message.contains("the years 1970 to 2199"), "{refusal}");
        }
    }
}
