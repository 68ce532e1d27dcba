//! Gaps of uneven length: 3 to 5 seconds between the messages of an account.
#![cfg_attr(target_arch = "wasm32", no_std)]

use tierwise_guest::{Catalog, ClaimAnswer, ClaimQuestion, Pacing};

/// The least time from one attempt of an account to the next.
const GAP_MS: u64 = 3000;

/// How much longer it may be.
const SPREAD_MS: u64 = 2000;

struct Jitter;

impl Pacing for Jitter {
    fn pace(question: &ClaimQuestion, _: &Catalog) -> ClaimAnswer {
        ClaimAnswer::send(GAP_MS + stirred(question) % (SPREAD_MS + 1), 0)
    }
}

/// A number that looks like chance, of what differs from message to message: there is no chance in
/// a policy, whose every answer can be asked for again. The mixing is that of `SplitMix64`.
fn stirred(question: &ClaimQuestion) -> u64 {
    let mut bits = question.number.rotate_left(32) ^ question.now.unsigned_abs();
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

tierwise_guest::policy!(Jitter);
