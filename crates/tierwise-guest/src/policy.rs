//! Quota, dispatch, changes, endings, history, creation charges (Q, D, L, H, C).

use alloc::borrow::ToOwned;

use tierwise::{
    AccountState, Catalog, Day, Direction, Ending, HistoryOffer, HoldReason, Holdings, MessageKind,
    PeriodUsage, QuotaQuestion, Refusal, Result, UnitPrice, Word as _,
};

use crate::{
    Pacing,
    read::{tier, whole_numbers},
    wit,
};

pub(crate) fn quota(catalog: &Catalog, question: &wit::QuotaQuestion) -> Result<wit::QuotaAnswer> {
    let wit::QuotaQuestion { sent, waiting, asked, .. } = *question;
    whole_numbers(&[("sent", sent), ("waiting", waiting), ("asked", asked)])?;
    let kind = match question.kind {
        wit::MessageKind::Message => MessageKind::Message,
        wit::MessageKind::Note => MessageKind::Note,
    };
    let tier = tier(catalog, "tier", &question.tier)?;
    let answer = tierwise::quota(tier, QuotaQuestion { sent, waiting, asked, kind });
    Ok(wit::QuotaAnswer { accepted: answer.accepted, left: answer.left })
}

pub(crate) fn dispatch(
    catalog: &Catalog,
    question: &wit::DispatchQuestion,
) -> Result<wit::DispatchAnswer> {
    whole_numbers(&[("sent", question.sent)])?;
    let state = match question.state {
        wit::AccountState::Close => AccountState::Close,
        wit::AccountState::Connecting => AccountState::Connecting,
        wit::AccountState::Open => AccountState::Open,
    };
    let tier = tier(catalog, "tier", &question.tier)?;
    Ok(match tierwise::dispatch(tier, question.sent, state) {
        Ok(()) => wit::DispatchAnswer::Send,
        Err(HoldReason::AccountNotOpen) => wit::DispatchAnswer::AccountNotOpen,
        Err(HoldReason::QuotaExhausted) => wit::DispatchAnswer::QuotaExhausted,
    })
}

/// The limit of the catalog comes first: pacing is asked only about what may go.
pub(crate) fn claim<P: Pacing>(
    catalog: &Catalog,
    question: &wit::ClaimQuestion,
) -> Result<wit::ClaimAnswer> {
    whole_numbers(&[("sent", question.sent)])?;
    let tier = tier(catalog, "tier", &question.tier)?;
    // What counts already takes no further place in the limit.
    let sent = if question.counted { 0 } else { question.sent };
    Ok(match tierwise::dispatch(tier, sent, AccountState::Open) {
        Ok(()) => P::pace(question, catalog),
        Err(reason) => wit::ClaimAnswer::hold(reason.as_str(), question.period_end),
    })
}

pub(crate) fn tier_change(
    catalog: &Catalog,
    question: &wit::TierChangeQuestion,
) -> Result<wit::TierChangeAnswer> {
    let wit::TierChangeQuestion { from, to, sent, archived } = question;
    whole_numbers(&[("sent", *sent)])?;
    let from = tier(catalog, "from", from)?;
    Ok(match tierwise::tier_change(catalog, from, to, *sent, *archived) {
        Ok((direction, effects)) => {
            let direction = match direction {
                Direction::Up => wit::Direction::Up,
                Direction::Down => wit::Direction::Down,
            };
            wit::TierChangeAnswer::Done(wit::TierChangeEffects { direction, effects })
        }
        Err(refusal) => wit::TierChangeAnswer::Refused(refused(refusal)),
    })
}

pub(crate) fn ending(
    catalog: &Catalog,
    question: &wit::EndingQuestion,
) -> Result<wit::EndingAnswer> {
    let wit::Holdings { history, live, sent, waiting, notes, contacts } = question.has;
    whole_numbers(&[
        ("history", history),
        ("live", live),
        ("sent", sent),
        ("waiting", waiting),
        ("notes", notes),
        ("contacts", contacts),
    ])
    .map_err(|error| error.under("has"))?;
    let has = Holdings { history, live, sent, waiting, notes, contacts };
    let what = match question.kind {
        wit::EndingKind::Archive => Ending::Archive,
        wit::EndingKind::Delete => Ending::Delete,
        wit::EndingKind::Downgrade => Ending::Downgrade,
    };
    Ok(match tierwise::ending(catalog, what, question.archived, question.logged_in, has) {
        Ok((effects, keeps)) => {
            let Holdings { history, live, sent, waiting, notes, contacts } = keeps;
            let keeps = wit::Holdings { history, live, sent, waiting, notes, contacts };
            wit::EndingAnswer::Done(wit::EndingEffects { effects, keeps })
        }
        Err(refusal) => wit::EndingAnswer::Refused(refused(refusal)),
    })
}

fn refused(refusal: Refusal) -> wit::Refusal {
    wit::Refusal { code: refusal.code.as_str().to_owned(), status: refusal.status }
}

pub(crate) fn history(catalog: &Catalog, question: &wit::HistoryQuestion) -> Result<u64> {
    let wit::HistoryQuestion { offered, enabled, max_messages, .. } = *question;
    let most = ("max_message_sync", max_messages.unwrap_or_default());
    whole_numbers(&[("offered", offered), most])?;
    let tier = tier(catalog, "tier", &question.tier)?;
    Ok(tierwise::kept_history(tier, HistoryOffer { offered, enabled, max_messages }))
}

pub(crate) fn creation_charge(
    catalog: &Catalog,
    question: &wit::CreationQuestion,
) -> Result<UnitPrice> {
    whole_numbers(&[("pool_before", question.pool_before)])?;
    let tier = tier(catalog, "tier", &question.tier)?;
    let mut usage = PeriodUsage::empty(catalog, catalog.calendar().period_of(Day::default()));
    usage.book_creations(catalog, tier.index(), question.pool_before, 1);
    Ok(usage.dearest_creation())
}
