//! Accounts, messages and reasons as an answer shows them.

use serde_json::{Value, json};
use tierwise_lanes::{Hold, Standing, Wait};
use tierwise_runner::{
    Accepted, Answered, DecisionRow, Ended, ListedAccount, MessageRow, Origin, Overview, Usage, Why,
};

use crate::notation::{raw, state, time, word_of};

pub(super) fn account(account: &ListedAccount) -> Value {
    let (row, lane) = (&account.row, account.row.lane_row());
    json!({
        "account": row.id,
        "key": row.key.0,
        "team": row.team,
        "tier": row.tier,
        "transport": row.transport,
        "nickname": account.profile.nickname,
        "state": state(lane.connection),
        "paused": lane.is_paused,
        "archived": row.ended == Some(Ended::Archived),
        "out": lane.out.map(|out| out.number),
        "held": lane.held.map(|_| &row.held_reason),
        "created": time(row.created),
        "settings": raw(&row.settings),
    })
}

pub(super) fn message(row: &MessageRow) -> Value {
    json!({
        "number": row.number,
        "id": row.id,
        "chat": row.chat,
        "status": word_of(row.status),
        "from_me": matches!(row.origin, Origin::Here | Origin::OwnHistory),
        "at": time(row.at),
        "content": raw(&row.content),
        "error": raw(&row.error),
        "counted": row.counted.is_some(),
    })
}

pub(super) fn accepted(accepted: &Accepted) -> Value {
    let Accepted { message, is_repeat } = accepted;
    let MessageRow { id, number, status: is, .. } = message;
    json!({ "id": id, "number": number, "status": word_of(*is), "repeat": is_repeat })
}

/// Why a queue stands as it does: its state, the reason, the next time, the policy's question and
/// answer.
pub(super) fn why(why: &Why) -> Value {
    let (state, reason) = match why.standing {
        Standing::Ready => ("ready", ""),
        Standing::Empty => ("empty", ""),
        Standing::Out => ("out", ""),
        Standing::Until(wait, _) => ("waiting", waits_for(wait).0),
        Standing::Held(hold) => ("held", held_because(hold, &why.account.held_reason)),
    };
    let head = why.head.as_ref().map(|head| {
        json!({
            "number": head.number,
            "id": head.id,
            "chat": head.chat,
            "due": time(head.due),
            "counted": head.counted.is_some(),
        })
    });
    json!({
        "account": why.account.id,
        "team": why.account.team,
        "tier": why.account.tier,
        "state": state,
        "reason": reason,
        "says": says(why.standing, reason),
        "next_at": time(why.next_at),
        "out": why.account.lane.out().map(|out| json!({
            "number": out.number, "attempt": out.attempt, "fence": out.fence,
        })),
        "sent": why.sent,
        "waiting": why.waiting,
        "head": head,
        "decision": why.decision.as_ref().map(decision),
    })
}

/// What a queue waits for: as a word, and in words.
fn waits_for(wait: Wait) -> (&'static str, &'static str) {
    match wait {
        Wait::Due => ("not_due_yet", "is not due"),
        Wait::Gap => ("gap", "waits for the gap of its account"),
        Wait::ChatGap => ("chat_gap", "waits for the gap of its chat"),
        Wait::Repeat => ("pause_before_repeat", "waits for the pause before it is tried again"),
    }
}

/// Where a queue stands, in words.
fn says(standing: Standing, reason: &str) -> String {
    match standing {
        Standing::Ready => "goes with the next flush".to_owned(),
        Standing::Empty => "nothing waits".to_owned(),
        Standing::Out => "a message is with the transport".to_owned(),
        Standing::Held(_) => format!("held: {reason}"),
        Standing::Until(wait, until) => {
            let until = time(until).unwrap_or_else(|| "the end of time".to_owned());
            format!("{} until {until}", waits_for(wait).1)
        }
    }
}

fn held_because(hold: Hold, reason: &str) -> &str {
    match hold {
        Hold::AccountNotOpen => "account_not_open",
        Hold::QuotaExhausted => "quota_exhausted",
        Hold::Paused => "paused",
        Hold::Archived => "archived",
        Hold::PolicyError => "policy_error",
        Hold::Policy => reason,
    }
}

fn decision(row: &DecisionRow) -> Value {
    let question = &row.question;
    let answer = match &row.answer {
        Answered::Send { gap_ms, chat_gap_ms } => {
            json!({ "answer": "send", "gap_ms": gap_ms, "chat_gap_ms": chat_gap_ms })
        }
        Answered::Hold { reason, until } => {
            json!({ "answer": "hold", "reason": reason, "until": time(*until) })
        }
        Answered::Refuse { reason } => json!({ "answer": "refuse", "reason": reason }),
        Answered::Failed { code } => json!({ "answer": "failed", "reason": code }),
    };
    json!({
        "fence": row.fence,
        "policy": row.policy,
        "runner": row.runner.0,
        "question": {
            "tier": question.tier,
            "sent": question.sent,
            "counted": question.counted,
            "size": question.size,
            "attempt": question.attempt,
            "number": question.number,
            "due": time(question.due),
            "now": time(question.now),
            "period_end": time(question.period_end),
            "created": time(question.created),
        },
        "answer": answer,
    })
}

pub(super) fn usage(usage: &Usage) -> Value {
    let days = usage.tiers.iter();
    let days = days.map(|of| json!({ "tier": of.tier, "account_days": of.account_days }));
    json!({
        "period": usage.period,
        "tiers": days.collect::<Vec<_>>(),
        "messages": usage.messages,
    })
}

/// The queues in numbers; and the accounts whose transport is none of these.
pub(super) fn overview(overview: &Overview, transports: &[String]) -> Value {
    let by_word = |(word, count): &(String, u64)| (word.clone(), json!(count));
    let lost = without_transport(overview, transports).map(by_word);
    json!({
        "accounts": overview.accounts.iter().map(|(_, accounts)| accounts).sum::<u64>(),
        "without_transport": serde_json::Map::from_iter(lost),
        "out": overview.out,
        "ready": overview.ready.len(),
        "held": serde_json::Map::from_iter(overview.held.iter().map(by_word)),
        "oldest_ms": overview.age_ms(100),
        "median_ms": overview.age_ms(50),
    })
}

/// How many accounts have each transport that is none of these.
pub(crate) fn without_transport<'a>(
    overview: &'a Overview,
    transports: &'a [String],
) -> impl Iterator<Item = &'a (String, u64)> {
    overview.accounts.iter().filter(|(transport, _)| !transports.contains(transport))
}

#[cfg(test)]
mod tests {
    use tierwise_lanes::Moment;

    use super::*;

    #[test]
    fn a_queue_says_what_it_waits_for() {
        let at = Moment(1_777_590_006_000);
        let until = |wait| says(Standing::Until(wait, at), waits_for(wait).0);
        let time = "until 2026-04-30T23:00:06.000Z";
        assert_eq!(until(Wait::ChatGap), format!("waits for the gap of its chat {time}"));
        assert_eq!(until(Wait::Gap), format!("waits for the gap of its account {time}"));
        assert_eq!(until(Wait::Due), format!("is not due {time}"));
        assert_eq!(says(Standing::Held(Hold::Policy), "quiet_hours"), "held: quiet_hours");
    }
}
