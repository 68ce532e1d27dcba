//! Quota, dispatch, changes, endings, history (Q, D, L, H).

use alloc::string::String;

use tierwise::{
    Direction, Effects, HistoryOffer, HoldReason, Holdings, QuotaAnswer, QuotaQuestion, Refusal,
    Result, Word,
};

use super::pricing::find_tier;
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::Fields,
    writer::{Answer, ObjectWriter, written},
};

/// The status of an answer that grants what was asked.
const OK: u64 = 200;
/// The status of a message that does not fit in what is left (Q3).
const QUOTA_EXHAUSTED: u64 = 402;

impl Answer for QuotaAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.boolean("accepted", self.accepted);
        to.number_or_null("left", self.left);
        to.number("status", if self.accepted { OK } else { QUOTA_EXHAUSTED });
    }
}

pub(super) fn quota(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "sent", "waiting", "asked", "kind"]);
    let tier: String = fields.required("tier");
    let question = QuotaQuestion {
        sent: fields.required("sent"),
        waiting: fields.required("waiting"),
        asked: fields.required("asked"),
        kind: fields.required_word("kind"),
    };
    fields.done()?;
    let tier = find_tier(loaded.catalog(), "tier", &tier)?;
    Ok(written(&tierwise::quota(tier, question)))
}

struct DispatchAnswer(core::result::Result<(), HoldReason>);

impl Answer for DispatchAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        match self.0 {
            Ok(()) => to.null("held_because"),
            Err(reason) => to.text("held_because", reason.as_str()),
        }
        to.boolean("send", self.0.is_ok());
    }
}

pub(super) fn dispatch(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "sent", "state"]);
    let (tier, sent): (String, u64) = (fields.required("tier"), fields.required("sent"));
    let state = fields.required_word("state");
    fields.done()?;
    let tier = find_tier(loaded.catalog(), "tier", &tier)?;
    Ok(written(&DispatchAnswer(tierwise::dispatch(tier, sent, state))))
}

impl Answer for Refusal {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.text("code", self.code.as_str());
        to.number("status", self.status.into());
    }
}

struct TierChangeAnswer {
    direction: Direction,
    effects: Effects,
}

impl Answer for TierChangeAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.text("direction", self.direction.as_str());
        to.words("effects", &self.effects);
        to.number("status", OK);
    }
}

pub(super) fn tier_change(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["from", "to", "sent", "archived"]);
    let (from, to): (String, String) = (fields.required("from"), fields.required("to"));
    let (sent, archived) = (fields.required("sent"), fields.required("archived"));
    let catalog = loaded.catalog();
    fields.done()?;
    let from = find_tier(catalog, "from", &from)?;
    Ok(match tierwise::tier_change(catalog, from, &to, sent, archived) {
        Ok((direction, effects)) => written(&TierChangeAnswer { direction, effects }),
        Err(refusal) => written(&refusal),
    })
}

struct EndingAnswer {
    effects: Effects,
    keeps: Holdings,
}

impl Answer for EndingAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.words("effects", &self.effects);
        to.object("keeps", &self.keeps);
        to.number("status", OK);
    }
}

impl Answer for Holdings {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.number("contacts", self.contacts);
        to.number("history", self.history);
        to.number("live", self.live);
        to.number("notes", self.notes);
        to.number("sent", self.sent);
        to.number("waiting", self.waiting);
    }
}

fn read_holdings(document: &Document) -> Result<Holdings> {
    let known = ["history", "live", "sent", "waiting", "notes", "contacts"];
    let mut fields = Fields::of(document, &known);
    let holdings = Holdings {
        history: fields.required("history"),
        live: fields.required("live"),
        sent: fields.required("sent"),
        waiting: fields.required("waiting"),
        notes: fields.required("notes"),
        contacts: fields.required("contacts"),
    };
    fields.made(holdings)
}

pub(super) fn ending(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["do", "archived", "logged_in", "has"]);
    let what = fields.required_word("do");
    let (archived, logged_in) = (fields.required("archived"), fields.required("logged_in"));
    let has = fields.required_part("has", read_holdings);
    fields.done()?;
    Ok(match tierwise::ending(loaded.catalog(), what, archived, logged_in, has) {
        Ok((effects, keeps)) => written(&EndingAnswer { effects, keeps }),
        Err(refusal) => written(&refusal),
    })
}

struct HistoryAnswer {
    stored: u64,
}

impl Answer for HistoryAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.number("stored", self.stored);
    }
}

pub(super) fn history(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let known = ["tier", "offered", "enable_history_sync", "max_message_sync"];
    let mut fields = Fields::of(request, &known);
    let tier: String = fields.required("tier");
    let offer = HistoryOffer {
        offered: fields.required("offered"),
        enabled: fields.required("enable_history_sync"),
        max_messages: fields.nullable("max_message_sync"),
    };
    fields.done()?;
    let tier = find_tier(loaded.catalog(), "tier", &tier)?;
    Ok(written(&HistoryAnswer { stored: tierwise::kept_history(tier, offer) }))
}
