//! Answers that come before any route is asked, and the headers that all answers have.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::body::Fault;

/// Nothing of the answer is run, framed, or asks for anything else.
const NOTHING_ELSE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For a year this host is asked over TLS alone.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What every answer says to browsers and caches, unless it says something else itself.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, NOTHING_ELSE),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Sets the headers that all answers have.
pub(super) fn secure(headers: &mut HeaderMap, is_over_tls: bool) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    if is_over_tls {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(ONLY_TLS);
    }
}

/// A refusal in the form of the contract.
fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({
        "statusCode": status.as_u16(), "message": message, "data": { "code": code },
    });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_string()).into_response()
}

fn after(mut response: Response, time: Duration) -> Response {
    // Whole seconds, rounded up: who comes earlier is refused again.
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

/// 429: this client asks for more than its rate.
pub(super) fn rate_limited(wait: Duration) -> Response {
    let what = "too many requests: nothing was changed, ask again later";
    after(refusal(StatusCode::TOO_MANY_REQUESTS, "rate_limited", what), wait)
}

/// 503: there is more to do than can be done.
pub(super) fn overloaded() -> Response {
    let what = "more requests are in work than may be: nothing was changed, ask again later";
    after(refusal(StatusCode::SERVICE_UNAVAILABLE, "overloaded", what), Duration::from_secs(1))
}

/// 400: a request says its length twice, and nobody knows which of them whoever is on the way
/// believed; or it has codings that nobody here undoes. Nothing more is read from such a
/// connection.
pub(super) fn twofold() -> Response {
    let what = "the length is said twice, in `Content-Length` and by `Transfer-Encoding`, or by \
                another coding than `chunked` alone";
    let mut refused = refusal(StatusCode::BAD_REQUEST, "bad_request", what);
    refused.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    refused
}

/// Why a body was not taken: 413, 408, 400 or 503.
pub(super) fn bad_body(fault: Fault, most_bytes: u64) -> Response {
    match fault {
        Fault::TooLong => {
            let what = format!("a body has at most {most_bytes} bytes");
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", &what)
        }
        Fault::TooSlow => {
            let what = "the body did not come in time: nothing was changed";
            refusal(StatusCode::REQUEST_TIMEOUT, "too_slow", what)
        }
        Fault::Broken => {
            let what = "the body ended before its end: nothing was changed";
            refusal(StatusCode::BAD_REQUEST, "bad_request", what)
        }
        Fault::NoRoom => overloaded(),
    }
}
