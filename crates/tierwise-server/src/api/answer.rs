//! How answers are written: JSON, times, empty ones.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, value::RawValue};
use tierwise::Instant;
use tierwise_lanes::Moment;

pub(crate) fn json_answer(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let json = HeaderValue::from_static("application/json");
    match serde_json::to_vec(body) {
        Ok(body) => (status, [(header::CONTENT_TYPE, json)], body).into_response(),
        // What is written has no maps with keys that are no text, and nothing that fails.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A success with a body.
pub(crate) fn ok(body: &impl serde::Serialize) -> Response {
    json_answer(StatusCode::OK, body)
}

/// A success without one.
pub(crate) fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A moment as ISO 8601 in UTC with milliseconds; none for one that lies outside of the years that
/// have such a form.
pub(crate) fn time(at: Moment) -> Option<String> {
    Instant::from_unix_ms(at.0).ok().map(|at| at.to_string())
}

/// JSON that is kept as text; null if it is none.
pub(crate) fn raw(text: &str) -> Value {
    match RawValue::from_string(text.to_owned()) {
        Ok(raw) => serde_json::to_value(raw).unwrap_or_default(),
        Err(_) => Value::Null,
    }
}
