//! An account as an answer shows it: section 3.1 of the contract.

use serde::Serialize;
use serde_json::value::RawValue;
use tierwise_lanes::{Connection, Hold, Moment};
use tierwise_runner::{AccountRow, ListedAccount};

use crate::notation::{state, time};

/// The type of accounts on the mock network.
pub(crate) const MOCK: &str = "mock";

/// The type of accounts on any other: the operator's transport.
pub(crate) const OTHER: &str = "wa";

/// An account as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    account_id: &'a str,
    owner_id: &'a str,
    nickname: &'a str,
    tier: &'a str,
    r#type: &'static str,
    state: &'static str,
    state_info: StateInfo<'a>,
    can_login: bool,
    settings: Option<&'a RawValue>,
    created_at: Option<String>,
    created_by: &'a str,
    updated_at: Option<String>,
    last_login_at: Option<String>,
    last_logout_at: Option<String>,
    last_closed_at: Option<String>,
    archived_at: Option<String>,
    error: Option<&'a RawValue>,
    queue: Queue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_syncing_history: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync: Option<Sync>,
}

#[derive(Serialize)]
struct Sync {
    messages: Synced,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Synced {
    total: u64,
    last_recv_at: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Queue {
    waiting: u64,
    out: u8,
    held_because: Option<&'static str>,
}

pub(crate) fn shown(account: &ListedAccount) -> Shown<'_> {
    let ListedAccount { row, profile } = account;
    let lane = row.lane_row();
    let when = |at: Option<Moment>| at.and_then(time);
    Shown {
        account_id: &row.id,
        owner_id: &row.team,
        nickname: &profile.nickname,
        tier: &row.tier,
        r#type: if row.transport == MOCK { MOCK } else { OTHER },
        state: state(lane.connection),
        state_info: state_info(account),
        can_login: row.is_active(),
        settings: serde_json::from_str(&row.settings).ok(),
        created_at: time(row.created),
        created_by: &profile.created_by,
        updated_at: time(profile.updated),
        last_login_at: when(profile.last_login),
        last_logout_at: when(profile.last_logout),
        last_closed_at: when(profile.last_closed),
        archived_at: when(profile.archived),
        error: serde_json::from_str(&profile.error).ok(),
        queue: Queue {
            waiting: row.waiting(),
            out: u8::from(lane.out.is_some()),
            held_because: held_because(row),
        },
    }
}

fn state_info(account: &ListedAccount) -> StateInfo<'_> {
    let ListedAccount { row, profile } = account;
    let last = profile.sync.last;
    let messages = |last| Synced { total: row.history_kept, last_recv_at: time(last) };
    StateInfo {
        qr: Some(profile.qr.as_str()).filter(|qr| !qr.is_empty()),
        // What is missing of a login that was dropped does not come any more.
        is_syncing_history: last
            .map(|_| row.opening.brings_history && row.history_kept < profile.sync.expected),
        sync: last.map(|last| Sync { messages: messages(last) }),
    }
}

/// Why what waits does not go, in the contract's words.
fn held_because(row: &AccountRow) -> Option<&'static str> {
    let lane = row.lane_row();
    if row.waiting() == 0 {
        return None;
    }
    match lane.held.map(|held| held.why) {
        _ if lane.connection != Connection::Open => Some("account_not_open"),
        Some(Hold::QuotaExhausted) => Some("quota_exhausted"),
        _ => None,
    }
}
