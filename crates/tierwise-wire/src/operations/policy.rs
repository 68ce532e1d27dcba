//! Quota, dispatch, changes, endings, history (Q, D, L, H).

use alloc::string::String;

use tierwise::{
    AccountState, Code, Direction, Effects, Ending, HistoryOffer, HoldReason, Holdings,
    MessageKind, QuotaAnswer, QuotaQuestion, Refusal, Result,
};

use super::pricing::find_tier;
use crate::{
    catalog::LoadedCatalog,
    kinds::{OneOf, OrNull, TierId},
    read::{as_read, request},
    shape::{Described, Shape, WordList},
    write::{Sink, Write, answer},
};

/// The status of an answer that grants what was asked.
const OK: u64 = 200;
/// The status of a message that does not fit in what is left (Q3).
const QUOTA_EXHAUSTED: u64 = 402;

request! {
    /// What a request would use of the message limit, in messages of the period it is due in (Q3).
    struct QuotaRequest<'a> = "QuotaRequest" {
        /// The account's tier.
        tier: TierId<'a>,
        /// Messages sent already.
        sent: u64,
        /// Messages accepted and waiting.
        waiting: u64,
        /// Messages asked for now.
        asked: u64,
        /// Messages, or notes, which do not count.
        kind: OneOf<MessageKind>,
    }
}

answer! {
    /// Whether messages are accepted.
    QuotaAnswer = "QuotaAnswer", |it| {
        /// Whether all of them are stored; otherwise none is.
        "accepted": bool = it.accepted,
        /// What was left before; null without a limit. Never below 0 (Q4).
        "left": OrNull<u64> = OrNull(it.left),
        /// The HTTP status: 200, or 402 where they do not fit.
        "status": u64 = if it.accepted { OK } else { QUOTA_EXHAUSTED },
    }
}

pub(super) fn quota(loaded: &LoadedCatalog, request: QuotaRequest<'_>) -> Result<QuotaAnswer> {
    let tier = find_tier(loaded.catalog(), "tier", request.tier)?;
    let QuotaRequest { sent, waiting, asked, .. } = request;
    Ok(tierwise::quota(tier, QuotaQuestion { sent, waiting, asked, kind: request.kind.0 }))
}

request! {
    /// The account whose next message is to be sent.
    struct DispatchRequest<'a> = "DispatchRequest" {
        /// Its tier.
        tier: TierId<'a>,
        /// Messages sent in the period.
        sent: u64,
        /// Whether it is connected.
        state: OneOf<AccountState>,
    }
}

/// Whether the next message is sent now.
pub(super) struct DispatchAnswer(core::result::Result<(), HoldReason>);

answer! {
    /// Whether the next message is sent now.
    DispatchAnswer = "DispatchAnswer", |it| {
        /// Why it waits; null where it is sent.
        "held_because": OrNull<OneOf<HoldReason>> = OrNull(it.0.err().map(OneOf)),
        /// Whether it is given to the transport.
        "send": bool = it.0.is_ok(),
    }
}

pub(super) fn dispatch(
    loaded: &LoadedCatalog,
    request: DispatchRequest<'_>,
) -> Result<DispatchAnswer> {
    let tier = find_tier(loaded.catalog(), "tier", request.tier)?;
    Ok(DispatchAnswer(tierwise::dispatch(tier, request.sent, request.state.0)))
}

/// The codes of a refusal.
const REFUSALS: WordList = WordList {
    what: "refusal",
    words: &[Code::UnknownTier.as_str(), Code::SameTier.as_str(), Code::AccountArchived.as_str()],
    later: &[],
    unknown: Code::UnknownValue,
};

struct RefusalCode(Code);

impl Described for RefusalCode {
    const SHAPE: Shape = Shape::Word(&REFUSALS);
}

impl Write for RefusalCode {
    fn write<S: Sink>(&self, out: &mut S) {
        out.name(self.0.as_str());
    }
}

answer! {
    /// Why a change is refused.
    Refusal = "Refusal", |it| {
        /// No such tier (D8), the tier it is on already (D1), or an archived account (L4).
        "code": RefusalCode = RefusalCode(it.code),
        /// The HTTP status.
        "status": u64 = it.status.into(),
    }
}

request! {
    /// A change of an account's tier.
    struct TierChangeRequest<'a> = "TierChangeRequest" {
        /// The tier that it is on.
        from: TierId<'a>,
        /// The tier that it is to be on. One that does not exist is refused in the answer (D8).
        to: &'a str,
        /// Messages sent in the period.
        sent: u64,
        /// Whether the account is archived.
        archived: bool,
    }
}

/// What a change of tier does.
pub(super) struct TierChange {
    direction: Direction,
    effects: Effects,
}

answer! {
    /// What a change of tier does.
    TierChange = "TierChange", |it| {
        /// Whether it is an upgrade or a downgrade (G4).
        "direction": OneOf<Direction> = OneOf(it.direction),
        /// What happens, in order: words of the rules (D3 to D5) or of the catalog.
        "effects": &[String] = &it.effects,
        /// The HTTP status.
        "status": u64 = OK,
    }
}

pub(super) type TierChangeAnswer = core::result::Result<TierChange, Refusal>;

pub(super) fn tier_change(
    loaded: &LoadedCatalog,
    request: TierChangeRequest<'_>,
) -> Result<TierChangeAnswer> {
    let catalog = loaded.catalog();
    let from = find_tier(catalog, "from", request.from)?;
    let change = tierwise::tier_change(catalog, from, request.to, request.sent, request.archived);
    Ok(change.map(|(direction, effects)| TierChange { direction, effects }))
}

as_read! {
    /// What an account holds, by kind.
    Holdings = "Holdings" {
        /// Messages that came with a login.
        history: u64,
        /// Messages received after it.
        live: u64,
        /// Messages sent.
        sent: u64,
        /// Messages waiting.
        waiting: u64,
        /// Notes.
        notes: u64,
        /// Contacts.
        contacts: u64,
    }
}

/// What is kept of an account, by kind.
pub(super) struct Kept(Holdings);

answer! {
    /// What is kept of an account, by kind.
    Kept = "Kept", |it| {
        /// Contacts.
        "contacts": u64 = it.0.contacts,
        /// Messages that came with a login.
        "history": u64 = it.0.history,
        /// Messages received after it.
        "live": u64 = it.0.live,
        /// Notes.
        "notes": u64 = it.0.notes,
        /// Messages sent.
        "sent": u64 = it.0.sent,
        /// Messages waiting.
        "waiting": u64 = it.0.waiting,
    }
}

request! {
    /// An archive, a deletion, or a downgrade to a tier without history.
    struct EndingRequest = "EndingRequest" {
        /// Which of them.
        verb as "do": OneOf<Ending>,
        /// Whether the account is archived already.
        archived: bool,
        /// Whether it is logged in.
        logged_in: bool,
        /// What it holds.
        has: Holdings,
    }
}

/// What an ending does.
pub(super) struct Ended {
    effects: Effects,
    keeps: Kept,
}

answer! {
    /// What an ending does.
    Ended = "Ended", |it| {
        /// What happens, in order: words of the rules (L1 to L6) or of the catalog.
        "effects": &[String] = &it.effects,
        /// What is kept.
        "keeps": &Kept = &it.keeps,
        /// The HTTP status.
        "status": u64 = OK,
    }
}

pub(super) type EndingAnswer = core::result::Result<Ended, Refusal>;

pub(super) fn ending(loaded: &LoadedCatalog, request: EndingRequest) -> Result<EndingAnswer> {
    let EndingRequest { verb, archived, logged_in, has } = request;
    let ending = tierwise::ending(loaded.catalog(), verb.0, archived, logged_in, has);
    Ok(ending.map(|(effects, keeps)| Ended { effects, keeps: Kept(keeps) }))
}

request! {
    /// A login that offers old messages.
    struct HistoryRequest<'a> = "HistoryRequest" {
        /// The account's tier.
        tier: TierId<'a>,
        /// Old messages offered.
        offered: u64,
        /// The account's setting.
        enable_history_sync: bool,
        /// The most that the account's settings take; null for no bound.
        max_message_sync: OrNull<u64>,
    }
}

/// How much history is stored.
pub(super) struct HistoryAnswer {
    stored: u64,
}

answer! {
    /// How much history is stored.
    HistoryAnswer = "HistoryAnswer", |it| {
        /// How many of the newest messages offered (H1, H2).
        "stored": u64 = it.stored,
    }
}

pub(super) fn history(
    loaded: &LoadedCatalog,
    request: HistoryRequest<'_>,
) -> Result<HistoryAnswer> {
    let tier = find_tier(loaded.catalog(), "tier", request.tier)?;
    let offer = HistoryOffer {
        offered: request.offered,
        enabled: request.enable_history_sync,
        max_messages: request.max_message_sync.0,
    };
    Ok(HistoryAnswer { stored: tierwise::kept_history(tier, offer) })
}
