//! Checks what an endpoint brings: signature, age, size; then reads it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{WebhookKeys, events};
use crate::{Inbound, InboundCode, InboundError};

/// The header that says which delivery it is, the same each time it is brought.
pub(super) const ID_HEADER: &str = "webhook-id";
/// The header that says when it was signed, in seconds since 1970.
pub(super) const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures.
pub(super) const SIGNATURE_HEADER: &str = "webhook-signature";

/// A delivery may be so old, and as far in the future: clocks differ.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// A body is at most so long, in bytes: 1 MiB.
pub const BODY_MOST_BYTES: usize = 1024 * 1024;
/// The id of a delivery is at most so long, in bytes.
const ID_MOST_BYTES: usize = 256;

/// What an endpoint brought, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which delivery it is: `webhook-id`.
    pub id: String,
    /// When it was signed, in seconds since 1970.
    pub timestamp_s: u64,
    /// What it brought, in its order.
    pub events: Vec<Inbound>,
}

/// Checks and reads what an endpoint brings. Knows no HTTP server: `header` answers a header by
/// its name in lower case, `now` is the server's clock.
///
/// The signature comes before anything else is looked at, so that nobody without a key learns more
/// than that. Whether the delivery was there before is not known here: see
/// [`Webhook::accept`](super::Webhook::accept).
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use tierwise_transport::{Event, webhook::{WebhookKeys, receive}};
///
/// let keys = WebhookKeys::new(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])?;
/// let body = br#"{"type":"open","account":"a1","login":true}"#;
/// let signature = keys.sign("e1", 1_800_000_000, body);
/// let header = |name| match name {
///     "webhook-id" => Some("e1"),
///     "webhook-timestamp" => Some("1800000000"),
///     "webhook-signature" => Some(signature.as_str()),
///     _ => None,
/// };
/// let signed = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let delivery = receive(&keys, header, body, signed + Duration::from_secs(20)).unwrap();
/// assert_eq!(delivery.events[0].event, Event::Open { login: true });
///
/// let error = receive(&keys, header, body, signed + Duration::from_secs(301)).unwrap_err();
/// assert_eq!((error.status(), error.code.as_str()), (401, "too_old"));
/// assert!(error.message.starts_with("signed 301 seconds ago"));
/// # Ok::<(), tierwise_transport::OptionError>(())
/// ```
///
/// # Errors
///
/// `too_large`, `bad_header`, `bad_signature`, `too_old`, `too_new`, `bad_json`, `unknown_type`.
pub fn receive<'a>(
    keys: &WebhookKeys,
    header: impl Fn(&'static str) -> Option<&'a str>,
    body: &[u8],
    now: SystemTime,
) -> Result<Delivery, InboundError> {
    if body.len() > BODY_MOST_BYTES {
        let message = format!("a body of {} bytes, at most {BODY_MOST_BYTES} are read", body.len());
        return Err(InboundError::new(InboundCode::TooLarge, "", message));
    }
    let needed = |name: &'static str, form: &str| {
        let value = header(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| bad_header(name, &format!("missing: {form}")))
    };
    let id = needed(ID_HEADER, "a name for this delivery is expected")?;
    let timestamp = needed(TIMESTAMP_HEADER, "seconds since 1970 are expected")?;
    let signature = needed(SIGNATURE_HEADER, "`v1,` and a signature in base64 are expected")?;
    // A `.` parts what is signed: an id with one could pass for another id and time.
    if id.len() > ID_MOST_BYTES || id.contains('.') {
        let message = format!("at most {ID_MOST_BYTES} bytes without `.` are expected");
        return Err(bad_header(ID_HEADER, &message));
    }
    let timestamp_s: u64 = timestamp
        .parse()
        .map_err(|_| bad_header(TIMESTAMP_HEADER, "not seconds since 1970, in digits"))?;
    if !keys.verify(id, timestamp_s, body, signature) {
        let message = "no key fits: the exact bytes of the body have to be signed, as \
                       `id.timestamp.body`, by a key that both sides have";
        return Err(InboundError::new(InboundCode::BadSignature, SIGNATURE_HEADER, message));
    }
    within_window(timestamp_s, now)?;
    Ok(Delivery { id: id.to_owned(), timestamp_s, events: events::of_body(body)? })
}

fn bad_header(name: &'static str, message: &str) -> InboundError {
    InboundError::new(InboundCode::BadHeader, name, message)
}

fn within_window(timestamp_s: u64, now: SystemTime) -> Result<(), InboundError> {
    let now_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let window_s = WINDOW.as_secs();
    let (code, distance) = if timestamp_s.saturating_add(window_s) < now_s {
        (InboundCode::TooOld, format!("{} seconds ago", now_s.abs_diff(timestamp_s)))
    } else if timestamp_s > now_s.saturating_add(window_s) {
        (InboundCode::TooNew, format!("{} seconds in the future", now_s.abs_diff(timestamp_s)))
    } else {
        return Ok(());
    };
    let message = format!("signed {distance}, at most {window_s} are allowed: compare the clocks");
    Err(InboundError::new(code, TIMESTAMP_HEADER, message))
}
