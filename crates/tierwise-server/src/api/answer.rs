//! How answers are written: JSON, times, empty ones.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

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
