//! New ids: of accounts, and of messages that come without one.

use tierwise_lanes::Moment;
use uuid::{NoContext, Timestamp, Uuid};

/// The last millisecond that an id has room for.
const LAST_MS: i64 = (1 << 48) - 1;

/// An id that nobody has. Those of one time lie beside each other in an index. Its time is the
/// store's, whatever that is: the machine's clock may stand before 1970, where
/// [`now_v7`](Uuid::now_v7) panics.
pub(super) fn new_id(now: Moment) -> Uuid {
    let ms = u64::try_from(now.0.clamp(0, LAST_MS)).unwrap_or_default();
    let nanos = u32::try_from(ms % 1000).unwrap_or_default().saturating_mul(1_000_000);
    Uuid::new_v7(Timestamp::from_unix(NoContext, ms / 1000, nanos))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_clock_and_any_clock_gives_some() {
        let start_of = |ms: i64| new_id(Moment(ms)).simple().to_string()[..12].to_owned();
        assert_eq!(start_of(0), "000000000000");
        assert_eq!(start_of(1_777_590_000_123), format!("{:012x}", 1_777_590_000_123_u64));
        assert_eq!((start_of(i64::MIN), start_of(-1)), (start_of(0), start_of(0)));
        assert_eq!((start_of(i64::MAX), start_of(LAST_MS)), ("f".repeat(12), "f".repeat(12)));
        assert_ne!(new_id(Moment(i64::MIN)), new_id(Moment(i64::MIN)));
        assert_eq!(new_id(Moment(7)).get_version_num(), 7);
    }
}
