//! What is answered when something is refused: the envelope of section 1.4 of the contract.

use std::fmt;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use tierwise_runner::{Failure, Refusal};

use super::answer::json_answer;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// For people.
    pub(crate) message: String,
    /// What else `data` holds beside the code.
    pub(crate) data: Map<String, Value>,
}

/// What an operation comes to.
pub(crate) type Answered = Result<Response, ApiError>;

/// The codes of the contract. Whatever else goes wrong inside is `internal` to a caller.
const CODES: [&str; 25] = [
    "bad_request",
    "unknown_tier",
    "same_tier",
    "nothing_to_change",
    "empty_message",
    "unsupported_option",
    "unknown_scope",
    "unsupported_grant",
    "bad_token",
    "bad_refresh_token",
    "quota_exhausted",
    "missing_scope",
    "not_a_member",
    "no_scope_granted",
    "not_found",
    "method_not_allowed",
    "account_archived",
    "report_stale",
    "id_reused",
    "message_out",
    "message_settled",
    "too_large",
    "account_not_open",
    "rate_limited",
    "internal",
];

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl fmt::Display) -> Self {
        ApiError { status, code, message: message.to_string(), data: Map::new() }
    }

    /// A body or a parameter is malformed.
    pub(crate) fn bad(field: &str, what: impl fmt::Display) -> Self {
        let message = format_args!("`{field}`: {what}");
        ApiError::new(400, "bad_request", message).with("field", field)
    }

    /// An option that would change what is sent, and that this server does not have.
    pub(crate) fn unsupported(field: &str) -> Self {
        let message = format_args!("this server does not have the option `{field}`");
        ApiError::new(400, "unsupported_option", message).with("field", field)
    }

    pub(crate) fn not_found(what: impl fmt::Display) -> Self {
        ApiError::new(404, "not_found", what)
    }

    pub(crate) fn bad_token() -> Self {
        let message = "a good access token is needed: `Authorization: Bearer …`";
        ApiError::new(401, "bad_token", message)
    }

    pub(crate) fn internal(what: impl fmt::Display) -> Self {
        tracing::error!("a request failed: {what}");
        ApiError::new(500, "internal", "the server failed: its log says why")
    }

    /// The store does not answer, and nothing was changed.
    pub(crate) fn store_away() -> Self {
        ApiError::new(503, "store_away", "the store cannot be reached at this moment")
    }

    /// The same error of something within a field.
    pub(crate) fn under(self, outer: &str) -> Self {
        match self.data.get("field").and_then(Value::as_str) {
            Some("body") | None => self.with("field", outer),
            Some(inner) => {
                let field = format!("{outer}.{inner}");
                self.with("field", field)
            }
        }
    }

    /// Says more in `data`.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, status, message, data } = refusal;
        // Nothing of a refusal has happened: one that may pass may be repeated.
        if status == 503 {
            tracing::warn!(code, "a request was put off: {message}");
            return ApiError::store_away();
        }
        match CODES.iter().find(|known| **known == code) {
            Some(code) if status < 500 => ApiError { status, code, message, data },
            _ => ApiError::internal(format_args!("{code}: {message}")),
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            // Nobody knows whether it happened, so it is not said that it may be repeated.
            Failure::Gone => ApiError::internal(failure),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let ApiError { status, code, message, mut data } = self;
        data.insert("code".to_owned(), code.into());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({ "statusCode": status.as_u16(), "message": message, "data": data });
        let mut answer = json_answer(status, &body);
        let headers = answer.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_inside_is_not_told_outside() {
        let refusal =
            |code, status| Refusal { code, status, message: "secret".to_owned(), data: Map::new() };
        for (code, status) in [("ledger_damaged", 500), ("policy_error", 500), ("no_word", 409)] {
            let error = ApiError::from(refusal(code, status));
            assert_eq!((error.status, error.code), (500, "internal"), "{code}");
            assert!(!error.message.contains("secret"));
        }
        let error = ApiError::from(refusal("store_away", 503));
        assert_eq!((error.status, error.code), (503, "store_away"));
        let error = ApiError::from(refusal("message_out", 409));
        assert_eq!((error.status, error.code, &*error.message), (409, "message_out", "secret"));
        assert_eq!(ApiError::from(Failure::Gone).status, 500);
    }
}
