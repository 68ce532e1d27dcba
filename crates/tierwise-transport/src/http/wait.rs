//! How long the other side asks to wait.

use std::time::{Duration, SystemTime};

/// No wait that somebody else asks for is longer: a queue is not held for years by a typing error.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// A wait within what is allowed.
pub(crate) fn bounded(wait: Duration) -> Duration {
    wait.min(LONGEST_WAIT)
}

/// Reads a `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). None if it is neither.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time, too.
        return Some(bounded(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(bounded(date.duration_since(now).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_waits_within_an_hour() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let seconds = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("3601"), Some(3600));
        assert_eq!(seconds("99999999999999999999999999"), Some(3600));
        // RFC 9110's three forms of one date, ten seconds after `now`.
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:47 GMT"), Some(10));
        assert_eq!(seconds("Sun Nov  6 08:49:47 1994"), Some(10));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:07 GMT"), Some(0));
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Some(3600));
        for nonsense in ["", "-1", "1.5", "soon", "+3", "1 s"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }
}
