//! A small version of the messaging catalog, written in Rust, for examples and first steps.
//!
//! Hosts load `catalogs/messaging.json` through `tierwise-wire`; a test there holds the two
//! together.

use alloc::{borrow::ToOwned, vec, vec::Vec};

use crate::{
    by_id::ById,
    catalog::{
        CatalogSpec, CreationCharge, Display, FeatureSpec, Limit, LimitKind, MeterKind,
        RoundingSpec, Rules, TierSpec,
    },
    money::UnitPrice,
    period::{Calendar, Day},
    price::{BandUpTo, Bands, PriceModel, PriceSpec},
};

/// Prices in thousandths of a dollar and the last account-day of each band.
const WITHOUT_HISTORY: [(u32, Option<u64>); 5] = [
    (300, Some(3000)),
    (270, Some(15_000)),
    (240, Some(30_000)),
    (200, Some(150_000)),
    (150, None),
];
const WITH_HISTORY: [(u32, Option<u64>); 5] = [
    (400, Some(3000)),
    (330, Some(15_000)),
    (270, Some(30_000)),
    (240, Some(150_000)),
    (200, None),
];

/// The catalog of the messaging service (semantics.md, section 12).
pub fn messaging() -> CatalogSpec {
    let history = FeatureSpec {
        unit: Some("message".to_owned()),
        on_loss: vec!["history_removed".to_owned()],
        on_gain: vec!["rescan_needed".to_owned()],
    };
    let mut limited = tier("limited_msg_no_chat_history", "Limited messages", 1, &[(34, None)]);
    limited.limits.insert("message".to_owned(), Limit { max: 1000, kind: LimitKind::Hard });
    limited.creation_charge = Some(CreationCharge::Fixed(thousandths(1000)));
    let unlimited =
        tier("unlimited_msg_no_chat_history", "Unlimited messages", 2, &WITHOUT_HISTORY);
    let mut full =
        tier("unlimited_msg_chat_history", "Unlimited messages and chat history", 3, &WITH_HISTORY);
    full.features.insert("chat_history".to_owned(), Some(100_000));
    let mut meters = ById::default();
    meters.insert("account_day".to_owned(), MeterKind::ActiveDays);
    meters.insert("message".to_owned(), MeterKind::Count);
    let mut features = ById::default();
    features.insert("chat_history".to_owned(), history);
    CatalogSpec {
        id: "messaging-accounts".to_owned(),
        version: "1".to_owned(),
        effective_from: Day::parse("2026-01-01").ok(),
        currency: "USD".to_owned(),
        calendar: Calendar::default(),
        display: Display { days: 30, step: thousandths(500) },
        rounding: RoundingSpec { places: Some(2), ..RoundingSpec::default() },
        rules: Rules::default(),
        meters,
        features,
        default_tier: Some("limited_msg_no_chat_history".to_owned()),
        tiers: vec![limited, unlimited, full],
    }
}

fn tier(id: &str, name: &str, rank: u64, bands: &[(u32, Option<u64>)]) -> TierSpec {
    let bands: Vec<_> = bands
        .iter()
        .map(|(price, up_to)| BandUpTo {
            up_to: *up_to,
            unit_price: thousandths(*price),
            flat_fee: UnitPrice::ZERO,
        })
        .collect();
    TierSpec {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        rank,
        features: ById::default(),
        limits: ById::default(),
        creation_charge: Some(CreationCharge::DayRate),
        prices: vec![PriceSpec {
            id: "account_days".to_owned(),
            meter: "account_day".to_owned(),
            model: PriceModel::Graduated { bands: Bands::UpTo(bands), fee_at_zero: false },
        }],
    }
}

fn thousandths(price: u32) -> UnitPrice {
    UnitPrice::from_millionths(u64::from(price).saturating_mul(1000)).unwrap_or_default()
}
