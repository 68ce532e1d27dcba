//! Reads Meta's answer to a message.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::codes::{Meaning, meaning};
use crate::http::{Answer, bounded};

/// Where Meta says how long a business account has to wait, in minutes.
const USAGE_HEADER: &str = "x-business-use-case-usage";

/// What an answer means, with the reason.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Taken, under Meta's id for it.
    Delivered(String),
    Refused(String),
    Later(Option<Duration>, String),
    Unknown(String),
    /// Not the message's fault, but one that the operator has to mend.
    Operator(String),
}

#[derive(Deserialize)]
struct Taken {
    messages: Vec<TakenMessage>,
}

#[derive(Deserialize)]
struct TakenMessage {
    id: String,
}

#[derive(Deserialize)]
struct Failed {
    error: Fault,
}

/// An error, as answers and notifications have them. Only its code is relied on.
#[derive(Debug, Deserialize)]
pub(super) struct Fault {
    code: i64,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Fault {
    /// What it says to people: the code first, by which it is found in Meta's list.
    pub(super) fn text(&self) -> String {
        let of = |key: &str| self.more.get(key).unwrap_or(&Value::Null);
        let mut text = self.code.to_string();
        if let Some(subcode) = of("error_subcode").as_i64() {
            text.push_str(&format!(" ({subcode})"));
        }
        let called = of("message").as_str().or_else(|| of("title").as_str());
        for part in [called, of("error_data")["details"].as_str()].into_iter().flatten() {
            text.push_str(": ");
            text.push_str(part);
        }
        text
    }

    fn is_transient(&self) -> bool {
        self.more.get("is_transient").and_then(Value::as_bool).unwrap_or(false)
    }
}

/// What an answer to an attempt, counted from 1, means.
pub(super) fn verdict(answer: &Answer, attempt: u32) -> Verdict {
    let status = answer.status;
    if let Some(Failed { error }) = answer.json::<Failed>() {
        return of_fault(&error, answer, attempt);
    }
    if status.is_success() {
        let taken = answer.json::<Taken>().and_then(|taken| taken.messages.into_iter().next());
        return match taken {
            Some(TakenMessage { id }) if !id.is_empty() => Verdict::Delivered(id),
            // It may have been Meta, and it may have been something before it.
            _ => Verdict::Unknown(format!("{status} without the id of a message")),
        };
    }
    let why = match answer.text() {
        text if text.is_empty() => status.to_string(),
        text => text,
    };
    of_status(status, answer, why)
}

fn of_fault(fault: &Fault, answer: &Answer, attempt: u32) -> Verdict {
    let why = fault.text();
    let grown = |unit_s: u64| {
        let factor = 4_u64.saturating_pow(attempt.saturating_sub(1));
        bounded(Duration::from_secs(unit_s.saturating_mul(factor)))
    };
    match meaning(fault.code) {
        Some(Meaning::Seconds) => Verdict::Later(Some(grown(1)), why),
        Some(Meaning::Minutes) => {
            Verdict::Later(Some(usage_wait(answer).unwrap_or_else(|| grown(60))), why)
        }
        Some(Meaning::Refused) => Verdict::Refused(why),
        Some(Meaning::Operator) => Verdict::Operator(why),
        Some(Meaning::Unknown) => Verdict::Unknown(why),
        // Meta says itself that it passes, and that the request was at fault rather than Meta.
        None if fault.is_transient() && answer.status.is_client_error() => {
            Verdict::Later(Some(grown(1)), why)
        }
        None => of_status(answer.status, answer, why),
    }
}

fn of_status(status: StatusCode, answer: &Answer, why: String) -> Verdict {
    match status {
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => Verdict::Later(answer.wait(SystemTime::now()), why),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Verdict::Operator(why),
        _ if status.is_client_error() || status.is_redirection() => Verdict::Refused(why),
        _ => Verdict::Unknown(why),
    }
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    estimated_time_to_regain_access: u64,
}

/// How long Meta says that it takes until requests are answered again; none if it does not.
fn usage_wait(answer: &Answer) -> Option<Duration> {
    let text = answer.headers.get(USAGE_HEADER)?.to_str().ok()?;
    let usage: HashMap<String, Vec<Usage>> = serde_json::from_str(text).ok()?;
    let minutes = usage.values().flatten().map(|usage| usage.estimated_time_to_regain_access);
    let longest = minutes.max().filter(|minutes| *minutes > 0)?;
    Some(bounded(Duration::from_secs(longest.saturating_mul(60))))
}
