//! Nothing goes from nine in the evening to eight in the morning, by the clock of the catalog: at
//! its distance from UTC, the one by which its days and periods begin.
#![cfg_attr(target_arch = "wasm32", no_std)]

use tierwise_guest::{Catalog, ClaimAnswer, ClaimQuestion, Pacing};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// When it becomes quiet, from midnight.
const EVENING_MS: i64 = 21 * HOUR_MS;

/// When it ends.
const MORNING_MS: i64 = 8 * HOUR_MS;

struct QuietHours;

impl Pacing for QuietHours {
    fn pace(question: &ClaimQuestion, catalog: &Catalog) -> ClaimAnswer {
        let offset_ms = i64::from(catalog.calendar().utc_offset_minutes) * 60_000;
        let time_of_day = (question.now + offset_ms).rem_euclid(DAY_MS);
        let morning = question.now - time_of_day + MORNING_MS;
        match time_of_day {
            ..MORNING_MS => ClaimAnswer::hold("quiet_hours", morning),
            EVENING_MS.. => ClaimAnswer::hold("quiet_hours", morning + DAY_MS),
            _ => ClaimAnswer::send(0, 0),
        }
    }
}

tierwise_guest::policy!(QuietHours);
