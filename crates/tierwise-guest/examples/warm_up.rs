//! A new account begins slowly: 20 messages on the first day of its life, 40 on the second, 60 on
//! the third, and so on for two weeks; then as many as its tier allows. What a day leaves over, the
//! next one may use.
#![cfg_attr(target_arch = "wasm32", no_std)]

use tierwise_guest::{Catalog, ClaimAnswer, ClaimQuestion, Pacing, period_start};

const DAY_MS: i64 = 86_400_000;

/// How many more messages each day of an account's life brings.
const STEP: u64 = 20;

/// After so many days it is warm.
const DAYS: i64 = 14;

struct WarmUp;

impl Pacing for WarmUp {
    fn pace(question: &ClaimQuestion, catalog: &Catalog) -> ClaimAnswer {
        let days_of = |moment: i64| (moment - question.created).max(0) / DAY_MS;
        let age = days_of(question.now);
        // What counts already takes no further place.
        if age >= DAYS || question.counted {
            return ClaimAnswer::send(0, 0);
        }
        // What was sent is told of the running period alone: so are the days.
        let before = days_of(period_start(question, catalog));
        let may = up_to(age + 1).saturating_sub(up_to(before));
        if question.sent < may {
            return ClaimAnswer::send(0, 0);
        }
        ClaimAnswer::hold("warming_up", question.created + (age + 1) * DAY_MS)
    }
}

/// Messages of the first so many days of an account's life, together.
fn up_to(days: i64) -> u64 {
    let days = days.unsigned_abs();
    STEP * days * (days + 1) / 2
}

tierwise_guest::policy!(WarmUp);
