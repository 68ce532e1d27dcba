//! Answers of the service for people.

use serde_json::Value;
use tierwise_server::{Order, PeopleOrder};

use crate::{
    output::heading,
    table::{Table, pairs},
};

/// A list as a table: the key of each column and its head.
type Columns = [(&'static str, &'static str)];

const ACCOUNTS: &Columns = &[
    ("key", ">key"),
    ("account", "account"),
    ("team", "~team"),
    ("tier", "tier"),
    ("transport", "~transport"),
    ("state", "state"),
    ("paused", "paused"),
    ("archived", "archived"),
    ("held", "~held"),
    ("nickname", "~nickname"),
];

const MESSAGES: &Columns = &[
    ("number", ">number"),
    ("id", "id"),
    ("chat", "~chat"),
    ("status", "status"),
    ("at", "at"),
    ("error", "~error"),
];

const ACCEPTED: &Columns =
    &[("number", ">number"), ("id", "id"), ("status", "status"), ("repeat", "repeat")];

const TEAMS: &Columns =
    &[("team", "~team"), ("name", "~name"), ("region", "region"), ("created", "created")];

const MEMBERS: &Columns = &[("user", "~user"), ("name", "~name"), ("scopes", "scopes")];

const USERS: &Columns = &[("user", "~user"), ("name", "~name"), ("teams", "~teams")];

const TOKENS: &Columns = &[
    ("number", ">number"),
    ("user", "~user"),
    ("created", "created"),
    ("used", "used"),
    ("revoked", "revoked"),
];

const LINES: &Columns = &[
    ("kind", "kind"),
    ("tier", "tier"),
    ("quantity", ">quantity"),
    ("unitPrice", ".unit price"),
    ("amount", ".amount"),
];

const USED: &Columns = &[("tier", "tier"), ("account_days", ">account-days")];

/// An answer in words, on a terminal of so many columns.
pub(super) fn in_words(order: &Order, answer: &Value, columns: Option<usize>) -> String {
    let list = |of, answer, none| list(of, answer, none, columns);
    match order {
        Order::Accounts { .. } => list(ACCOUNTS, answer, "no account"),
        Order::Messages { .. } => list(MESSAGES, answer, "no message"),
        Order::Send { .. } => list(ACCEPTED, answer, "nothing"),
        Order::People(PeopleOrder::Teams { .. }) => list(TEAMS, answer, "no team"),
        Order::People(PeopleOrder::Users { .. }) => list(USERS, answer, "no user"),
        Order::People(PeopleOrder::Tokens { .. }) => list(TOKENS, answer, "no refresh token"),
        Order::People(PeopleOrder::Team { .. }) => {
            let members = answer.get("members").map(|all| list(MEMBERS, all, "no member"));
            object(answer, &["members"]) + "\n" + &members.unwrap_or_default()
        }
        Order::Metrics => answer.as_str().unwrap_or_default().to_owned(),
        Order::Usage { .. } => {
            let days = answer.get("tiers").map(|tiers| list(USED, tiers, "no tier"));
            object(answer, &["tiers"]) + "\n" + &days.unwrap_or_default()
        }
        Order::Invoice { .. } => {
            let lines = answer.get("lines").map(|lines| list(LINES, lines, "no line"));
            object(answer, &["lines"]) + "\n" + &lines.unwrap_or_default()
        }
        Order::Report { .. } => {
            object(answer, &["effects", "undo"])
                + &answer.get("undo").map(effects).unwrap_or_default()
        }
        _ => object(answer, &[]),
    }
}

/// The parts of an object, one in a line; parts of parts below their name.
fn object(answer: &Value, without: &[&str]) -> String {
    let Value::Object(parts) = answer else { return shown(answer) + "\n" };
    let is_deep = |part: &Value| matches!(part, Value::Object(parts) if !parts.is_empty());
    let shown_here = parts.iter().filter(|(name, _)| !without.contains(&name.as_str()));
    let (deep, flat): (Vec<_>, Vec<_>) = shown_here.partition(|(_, part)| is_deep(part));
    let said = flat.into_iter().map(|(name, part)| (name.as_str(), shown(part)));
    let mut text = pairs(said.filter(|(_, value)| !value.is_empty()));
    for (name, part) in deep {
        text += &format!("\n{}{}", heading(name), object(part, &[]));
    }
    if text.is_empty() { "done\n".to_owned() } else { text }
}

fn list(columns: &Columns, answer: &Value, none: &str, width: Option<usize>) -> String {
    let Some(rows) = answer.as_array().filter(|rows| !rows.is_empty()) else {
        return format!("{none}\n");
    };
    let heads: Vec<_> = columns.iter().map(|(_, head)| *head).collect();
    let row = |row: &Value| {
        let cell = |(key, _): &(&str, _)| row.get(*key).map(shown).unwrap_or_default();
        columns.iter().map(cell).collect()
    };
    Table::new(&heads).rows(rows.iter().map(row)).in_words_within(width)
}

/// The effects of a change, and what undoes each.
fn effects(undo: &Value) -> String {
    let Some(undo) = undo.as_array().filter(|undo| !undo.is_empty()) else { return String::new() };
    let row = |row: &Value| {
        let said = |key| row.get(key).map(shown).filter(|text| !text.is_empty());
        let by = said("by").unwrap_or_else(|| "nothing".to_owned());
        vec![said("effect").unwrap_or_default(), by]
    };
    "\n".to_owned() + &Table::new(&["effect", "undone by"]).rows(undo.iter().map(row)).in_words()
}

/// A value in one line; what is not, false or empty is not shown.
fn shown(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(parts) if parts.is_empty() => String::new(),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            all.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
