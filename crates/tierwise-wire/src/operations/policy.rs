//! Quota, dispatch, changes, endings, history (Q, D, L, H).

use serde::{Deserialize, Serialize};
use tierwise::{
    AccountState, Direction, Ending, HistoryOffer, HoldReason, Holdings, MessageKind,
    QuotaQuestion, Refusal, Result, Word,
};

use super::write;
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Text, Whole, WordField, as_word, present},
    refusals::missing_key,
};

/// The status of an answer that grants what was asked.
const OK: u16 = 200;
/// The status of a message that does not fit in what is left (Q3).
const QUOTA_EXHAUSTED: u16 = 402;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct QuotaRequest {
    tier: Text,
    sent: Whole,
    waiting: Whole,
    asked: Whole,
    kind: WordField<MessageKind>,
}

#[derive(Serialize)]
struct QuotaAnswer {
    accepted: bool,
    left: Option<u64>,
    status: u16,
}

pub(super) fn quota(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: QuotaRequest = request.typed()?;
    let tier = loaded.catalog().tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let question = QuotaQuestion {
        sent: request.sent.0,
        waiting: request.waiting.0,
        asked: request.asked.0,
        kind: request.kind.0,
    };
    let answer = tierwise::quota(tier, question);
    let status = if answer.accepted { OK } else { QUOTA_EXHAUSTED };
    write(&QuotaAnswer { accepted: answer.accepted, left: answer.left, status })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct DispatchRequest {
    tier: Text,
    sent: Whole,
    state: WordField<AccountState>,
}

#[derive(Serialize)]
struct DispatchAnswer {
    held_because: Option<&'static str>,
    send: bool,
}

pub(super) fn dispatch(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: DispatchRequest = request.typed()?;
    let tier = loaded.catalog().tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let held = tierwise::dispatch(tier, request.sent.0, request.state.0).err();
    write(&DispatchAnswer { held_because: held.map(HoldReason::as_str), send: held.is_none() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct TierChangeRequest {
    from: Text,
    to: Text,
    sent: Whole,
    archived: bool,
}

#[derive(Serialize)]
struct TierChangeAnswer {
    #[serde(serialize_with = "as_word")]
    direction: Direction,
    effects: Vec<String>,
    status: u16,
}

#[derive(Serialize)]
struct RefusalAnswer {
    code: &'static str,
    status: u16,
}

impl RefusalAnswer {
    fn of(refusal: Refusal) -> Self {
        RefusalAnswer { code: refusal.code.as_str(), status: refusal.status }
    }
}

pub(super) fn tier_change(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: TierChangeRequest = request.typed()?;
    let catalog = loaded.catalog();
    let from = catalog.tier(&request.from.0).map_err(|error| error.at("/from"))?;
    let change =
        tierwise::tier_change(catalog, from, &request.to.0, request.sent.0, request.archived);
    match change {
        Ok((direction, effects)) => write(&TierChangeAnswer { direction, effects, status: OK }),
        Err(refusal) => write(&RefusalAnswer::of(refusal)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct EndingRequest {
    r#do: WordField<Ending>,
    archived: bool,
    logged_in: bool,
    has: HoldingsRequest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct HoldingsRequest {
    history: Whole,
    live: Whole,
    sent: Whole,
    waiting: Whole,
    notes: Whole,
    contacts: Whole,
}

#[derive(Serialize)]
struct EndingAnswer {
    effects: Vec<String>,
    keeps: HoldingsAnswer,
    status: u16,
}

#[derive(Serialize)]
struct HoldingsAnswer {
    contacts: u64,
    history: u64,
    live: u64,
    notes: u64,
    sent: u64,
    waiting: u64,
}

pub(super) fn ending(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: EndingRequest = request.typed()?;
    let has = Holdings {
        history: request.has.history.0,
        live: request.has.live.0,
        sent: request.has.sent.0,
        waiting: request.has.waiting.0,
        notes: request.has.notes.0,
        contacts: request.has.contacts.0,
    };
    let (archived, logged_in) = (request.archived, request.logged_in);
    match tierwise::ending(loaded.catalog(), request.r#do.0, archived, logged_in, has) {
        Ok((effects, kept)) => {
            let keeps = HoldingsAnswer {
                contacts: kept.contacts,
                history: kept.history,
                live: kept.live,
                notes: kept.notes,
                sent: kept.sent,
                waiting: kept.waiting,
            };
            write(&EndingAnswer { effects, keeps, status: OK })
        }
        Err(refusal) => write(&RefusalAnswer::of(refusal)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct HistoryRequest {
    tier: Text,
    offered: Whole,
    enable_history_sync: bool,
    #[serde(default, deserialize_with = "present")]
    max_message_sync: Option<Option<Whole>>,
}

#[derive(Serialize)]
struct HistoryAnswer {
    stored: u64,
}

pub(super) fn history(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: HistoryRequest = request.typed()?;
    let tier = loaded.catalog().tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let max_messages =
        request.max_message_sync.ok_or_else(|| missing_key("max_message_sync"))?.map(|max| max.0);
    let offer = HistoryOffer {
        offered: request.offered.0,
        enabled: request.enable_history_sync,
        max_messages,
    };
    write(&HistoryAnswer { stored: tierwise::kept_history(tier, offer) })
}
