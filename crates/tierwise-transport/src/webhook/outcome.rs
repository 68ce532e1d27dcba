//! What an endpoint's answer means for the queue.

use std::time::{Duration, SystemTime};

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Report,
    http::{Answer, bounded},
};

/// A network's name for a message is at most so long, in bytes; a longer one is as good as none.
const NETWORK_ID_MOST: usize = 256;

/// What an endpoint may say in an answer's body. What cannot be read says nothing.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Said {
    id: Option<String>,
    outcome: Option<SaidOutcome>,
    retry_after: Option<u64>,
    message: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidOutcome {
    Delivered,
    Refused,
    Later,
    Unknown,
}

/// What an answer to a message means: its status decides, and a success may say otherwise.
pub(super) fn report(answer: &Answer, now: SystemTime) -> Report {
    let status = answer.status;
    let said = answer.json::<Said>().unwrap_or_default();
    let outcome = match said.outcome {
        Some(outcome) if status.is_success() => outcome,
        _ => of_status(status),
    };
    let message = message_of(answer);
    match outcome {
        SaidOutcome::Delivered => {
            let id = said.id.filter(|id| !id.is_empty() && id.len() <= NETWORK_ID_MOST);
            Report { network_id: id, ..Report::delivered() }
        }
        SaidOutcome::Refused => Report::refused(status.as_u16(), &message),
        SaidOutcome::Later => {
            let said = said.retry_after.map(|seconds| bounded(Duration::from_secs(seconds)));
            Report::later(answer.wait(now).or(said), status.as_u16(), &message)
        }
        SaidOutcome::Unknown => Report::unknown_after(status.as_u16(), &message),
    }
}

/// What a status means. «Later» only where HTTP says that the request was not acted on.
fn of_status(status: StatusCode) -> SaidOutcome {
    match status {
        _ if status.is_success() => SaidOutcome::Delivered,
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => SaidOutcome::Later,
        // A redirect is not followed: where messages go is the operator's to say.
        _ if status.is_redirection() || status.is_client_error() => SaidOutcome::Refused,
        // 500, 502, 504: the endpoint, or what stands behind it, may have acted before it failed.
        _ => SaidOutcome::Unknown,
    }
}

/// What an answer says to people: its JSON `message`, or its text, or what its status is called.
pub(super) fn message_of(answer: &Answer) -> String {
    let said = answer.json::<Said>().and_then(|said| said.message);
    let text = said.unwrap_or_else(|| answer.text());
    let text = text.trim();
    if !is_nothing(text) {
        return text.to_owned();
    }
    let called = answer.status.canonical_reason().unwrap_or("no reason given");
    let redirect = if answer.status.is_redirection() { ": redirects are not followed" } else { "" };
    format!("{called}{redirect}")
}

/// Whether a text has no word for people: none at all, or JSON that says nothing.
fn is_nothing(text: &str) -> bool {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Null) => true,
        Ok(Value::Object(fields)) => fields.is_empty(),
        Ok(Value::Array(parts)) => parts.is_empty(),
        Ok(Value::String(text)) => text.trim().is_empty(),
        Ok(_) => false,
        Err(_) => text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_says_nothing_is_no_message() {
        for nothing in ["", "{}", "{ }", "[]", "null", r#""""#] {
            assert!(is_nothing(nothing), "{nothing}");
        }
        for something in ["gone", r#"{"error":"gone"}"#, "{", "0", r#"["gone"]"#] {
            assert!(!is_nothing(something), "{something}");
        }
    }

    #[test]
    fn every_status_has_its_meaning() {
        let meaning = |status: u16| match StatusCode::from_u16(status).map(of_status) {
            Ok(SaidOutcome::Delivered) => "delivered",
            Ok(SaidOutcome::Refused) => "refused",
            Ok(SaidOutcome::Later) => "later",
            Ok(SaidOutcome::Unknown) => "unknown",
            Err(_) => "none",
        };
        for status in 200..1000 {
            let expected = match status {
                200..=299 => "delivered",
                408 | 425 | 429 | 503 => "later",
                300..=499 => "refused",
                _ => "unknown",
            };
            assert_eq!(meaning(status), expected, "{status}");
        }
    }
}
