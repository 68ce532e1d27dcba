//! An account as an answer shows it: section 3.1 of the contract.

use serde_json::{Map, Value, json};
use tierwise_lanes::{Connection, Hold, Moment};
use tierwise_runner::ShownAccount;

use crate::notation::{raw, state, time};

/// The type of accounts on the mock network.
pub(crate) const MOCK: &str = "mock";

/// The type of accounts on any other: the operator's transport.
pub(crate) const OTHER: &str = "wa";

pub(crate) fn shown(account: &ShownAccount) -> Value {
    let (row, profile) = (&account.listed.row, &account.listed.profile);
    let lane = row.lane_row();
    let when = |at: Option<Moment>| at.and_then(time);
    json!({
        "accountId": row.id,
        "ownerId": row.team,
        "nickname": profile.nickname,
        "tier": row.tier,
        "type": if row.transport == MOCK { MOCK } else { OTHER },
        "state": state(lane.connection),
        "stateInfo": state_info(account),
        "canLogin": row.is_active(),
        "settings": raw(&row.settings),
        "createdAt": time(row.created),
        "createdBy": profile.created_by,
        "updatedAt": time(profile.updated),
        "lastLoginAt": when(profile.last_login),
        "lastLogoutAt": when(profile.last_logout),
        "lastClosedAt": when(profile.last_closed),
        "archivedAt": when(profile.archived),
        "error": raw(&profile.error),
        "queue": {
            "waiting": account.waiting,
            "out": u8::from(lane.out.is_some()),
            "heldBecause": held_because(account),
        },
    })
}

fn state_info(account: &ShownAccount) -> Value {
    let (row, profile) = (&account.listed.row, &account.listed.profile);
    let mut info = Map::new();
    if !profile.qr.is_empty() {
        info.insert("qr".to_owned(), profile.qr.clone().into());
    }
    if let Some(last) = profile.sync.last {
        let is_syncing = row.history_kept < profile.sync.expected;
        info.insert("isSyncingHistory".to_owned(), is_syncing.into());
        let messages = json!({ "total": row.history_kept, "lastRecvAt": time(last) });
        info.insert("sync".to_owned(), json!({ "messages": messages }));
    }
    Value::Object(info)
}

/// Why what waits does not go, in the contract's words.
fn held_because(account: &ShownAccount) -> Option<&'static str> {
    let lane = account.listed.row.lane_row();
    if account.waiting == 0 {
        return None;
    }
    match lane.held.map(|held| held.why) {
        _ if lane.connection != Connection::Open => Some("account_not_open"),
        Some(Hold::QuotaExhausted) => Some("quota_exhausted"),
        _ => None,
    }
}
