//! What tests of the runner stand on: a store as plain as can be, a network that keeps a log, and a
//! catalog with a limit that is soon reached.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

pub(crate) mod linear;
pub(crate) mod lists;
pub(crate) mod memory;
mod people;
pub(crate) mod people_history;
pub(crate) mod proxy;
pub(crate) mod schema;
mod state;
pub(crate) mod still;

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use serde_json::value::RawValue;
use tierwise_lanes::{Moment, Span};
use tierwise_runner::{NewAccount, NewMessage, Policy};
use tierwise_wire::LoadedCatalog;

/// Messages of a period on the smallest tier of [`small_catalog`].
pub(crate) const LIMIT: u64 = 5;

/// 30 April 2026, 23:00 in UTC: an hour before a period ends.
pub(crate) const START: Moment = Moment(1_777_590_000_000);

pub(crate) const LIMITED: &str = "limited_msg_no_chat_history";
pub(crate) const PLAIN: &str = "unlimited_msg_no_chat_history";
pub(crate) const FULL: &str = "unlimited_msg_chat_history";

/// The messaging catalog with a limit of five messages.
pub(crate) fn small_catalog() -> LoadedCatalog {
    let mut catalog: serde_json::Value =
        serde_json::from_str(LoadedCatalog::messaging().canonical_json()).unwrap();
    let tiers = catalog["tiers"].as_array_mut().unwrap();
    let limited = tiers.iter_mut().find(|tier| tier["id"] == LIMITED).unwrap();
    assert_eq!(limited["limits"]["message"]["max"], 1000);
    limited["limits"]["message"]["max"] = LIMIT.into();
    LoadedCatalog::load(catalog.to_string().as_bytes()).unwrap()
}

pub(crate) fn policy() -> Arc<Policy> {
    Arc::new(Policy::new(None, small_catalog()).unwrap())
}

/// A component that is built from the examples of `tierwise-guest`.
fn ready_policy(name: &str) -> Vec<u8> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let all = tierwise_componentize::policies(target).unwrap();
    let place = tierwise_componentize::POLICIES.iter().position(|it| *it == name).unwrap();
    all[place].clone()
}

/// The gap of [`pair_limit`].
pub(crate) const CHAT_GAP: Span = Span(6000);

/// The engine, with a gap of six seconds from one message to a chat to the next one to it. Built
/// and compiled once.
pub(crate) fn pair_limit() -> Arc<Policy> {
    static MADE: OnceLock<Arc<Policy>> = OnceLock::new();
    let make = || Policy::new(Some(&ready_policy("pair_limit")), small_catalog()).unwrap();
    MADE.get_or_init(|| Arc::new(make())).clone()
}

/// One of three chats: a message's id alone says which.
pub(crate) fn chat_of(id: &str) -> String {
    let number: u64 = id.trim_start_matches('m').parse().unwrap();
    format!("chat{}", number % 3)
}

pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub(crate) fn account(team: &str, tier: &str) -> NewAccount {
    NewAccount { tier: Some(tier.to_owned()), ..NewAccount::new(team, "mock") }
}

pub(crate) fn message(id: &str) -> NewMessage {
    NewMessage { id: Some(id.to_owned()), ..NewMessage::of_text("chat", id) }
}
