//! How things are written in JSON, on the socket for orders and over HTTP alike.

use serde_json::{Value, json, value::RawValue};
use tierwise::{Instant, Word as _};
use tierwise_lanes::{Connection, Moment};
use tierwise_runner::{Held, Report, Status};
use tierwise_transport::Received;

/// A moment as ISO 8601 in UTC with milliseconds; none for one that lies outside of the years that
/// have such a form.
pub(crate) fn time(at: Moment) -> Option<String> {
    Instant::from_unix_ms(at.0).ok().map(|at| at.to_string())
}

/// A moment that somebody wrote, with any offset: of the years 1970 to 2199 as it is written and in
/// UTC. Errors: what is wrong.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    let at = Instant::parse(text).map_err(|wrong| format!("{wrong}; {}", wrong.help()))?;
    if !Received::TIMES_MS.contains(&at.unix_ms()) {
        return Err(format!("`{text}` is not a time of the years 1970 to 2199 in UTC"));
    }
    Ok(Moment(at.unix_ms()))
}

/// JSON that is kept as text; null if it is none.
pub(crate) fn raw(text: &str) -> Value {
    match RawValue::from_string(text.to_owned()) {
        Ok(raw) => serde_json::to_value(raw).unwrap_or_default(),
        Err(_) => Value::Null,
    }
}

/// The word for how an account is connected.
pub(crate) fn state(connection: Connection) -> &'static str {
    match connection {
        Connection::Close => "close",
        Connection::Connecting => "connecting",
        Connection::Open => "open",
    }
}

/// What messages are, and the words for it.
const STATUSES: [(Status, &str); 7] = [
    (Status::Note, "note"),
    (Status::Pending, "pending"),
    (Status::Sent, "sent"),
    (Status::Delivered, "delivered"),
    (Status::Read, "read"),
    (Status::Error, "error"),
    (Status::Cancelled, "cancelled"),
];

pub(crate) fn word_of(status: Status) -> &'static str {
    STATUSES.iter().find(|(known, _)| *known == status).map_or("", |(_, word)| word)
}

/// None if nothing is called so.
pub(crate) fn status_of(word: &str) -> Option<Status> {
    STATUSES.iter().find(|(_, known)| *known == word).map(|(status, _)| *status)
}

/// All words for what a message is.
pub(crate) fn status_words() -> [&'static str; 7] {
    STATUSES.map(|(_, word)| word)
}

/// A report in the names of the contract.
pub(crate) fn report(report: &Report) -> Value {
    let (money, limit) = (report.money, report.limit);
    let undo = report.undo.iter();
    let undo =
        undo.map(|undo| json!({ "effect": undo.effect, "by": undo.by.map(|by| by.as_str()) }));
    json!({
        "accountId": report.account,
        "from": report.from,
        "to": report.to,
        "direction": report.direction.as_str(),
        "effects": report.effects,
        "removes": held(report.removes),
        "keeps": held(report.keeps),
        "money": {
            "currency": report.currency,
            "dayBefore": money.day_before.to_string(),
            "dayAfter": money.day_after.to_string(),
            "periodBefore": money.period_before.to_string(),
            "periodAfter": money.period_after.to_string(),
        },
        "limit": {
            "used": limit.used,
            "max": limit.max,
            "stoppedUntil": limit.stopped_until.and_then(time),
        },
        "undo": undo.collect::<Vec<_>>(),
        "catalogFingerprint": report.catalog_fingerprint,
        "reportHash": report.hash(),
    })
}

fn held(held: Held) -> Value {
    let Held { history, live, sent, waiting, notes, contacts } = held;
    json!({
        "history": history, "live": live, "sent": sent, "waiting": waiting, "notes": notes,
        "contacts": contacts,
    })
}
