//! What a catalog looks like from outside: its canonical form (F4) and its rate card (section 12).

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use tierwise::{
    Bands, ById, Catalog, CreationCharge, FeatureSpec, HISTORY_FEATURE, Limit, MESSAGE_METER,
    PeriodKind, PriceModel, PriceSpec, Result, Tier, TierSpec, UnitPrice, Word,
};

use crate::document::Document;

/// Entries of an object; those without a value are left out.
fn object(entries: &mut [(&str, Option<Document>)]) -> Document {
    let mut written = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        written.extend(value.take().map(|value| ((*key).to_owned(), value)));
    }
    Document::Map(written)
}

fn text(value: impl ToString) -> Option<Document> {
    Some(Document::Text(value.to_string()))
}

fn number(value: impl Into<i128>) -> Option<Document> {
    Some(Document::Integer(value.into()))
}

fn word(value: impl Word) -> Option<Document> {
    text(value.as_str())
}

fn number_or_null(value: Option<u64>) -> Option<Document> {
    Some(value.map_or(Document::Null, |value| Document::Integer(value.into())))
}

fn list<T>(values: impl IntoIterator<Item = T>, form: impl Fn(T) -> Document) -> Option<Document> {
    Some(Document::List(values.into_iter().map(form).collect()))
}

fn map<T>(entries: &ById<T>, form: impl Fn(&T) -> Document) -> Option<Document> {
    let entries = entries.iter().map(|(key, value)| (key.to_owned(), form(value)));
    Some(Document::Map(entries.collect()))
}

/// The catalog file with every default written out, bands in the `upTo` form, canonical money.
pub(super) fn canonical_form(catalog: &Catalog) -> Document {
    let spec = catalog.spec();
    object(&mut [
        ("tierwise", number(1)),
        ("id", text(&spec.id)),
        ("version", text(&spec.version)),
        ("effectiveFrom", spec.effective_from.and_then(text)),
        ("currency", text(&spec.currency)),
        ("period", Some(period(catalog))),
        ("display", Some(display(catalog))),
        ("rounding", Some(rounding(catalog, true))),
        ("rules", Some(rules(catalog))),
        ("meters", map(&spec.meters, |kind| object(&mut [("kind", word(*kind))]))),
        ("features", map(&spec.features, feature)),
        ("defaultTier", text(catalog.default_tier().id())),
        ("tiers", list(&spec.tiers, tier_form)),
    ])
}

fn period(catalog: &Catalog) -> Document {
    let calendar = catalog.calendar();
    let is_anchored = calendar.kind == PeriodKind::AnchoredMonth;
    object(&mut [
        ("kind", word(calendar.kind)),
        ("utcOffsetMinutes", number(calendar.utc_offset_minutes)),
        ("anchorDay", number(calendar.anchor_day).filter(|_| is_anchored)),
    ])
}

fn display(catalog: &Catalog) -> Document {
    let display = catalog.spec().display;
    object(&mut [("days", number(display.days)), ("step", text(display.step))])
}

fn rounding(catalog: &Catalog, with_apply: bool) -> Document {
    let rounding = catalog.rounding();
    object(&mut [
        ("mode", word(rounding.mode)),
        ("places", number(rounding.places)),
        ("apply", word(catalog.rounding_apply()).filter(|_| with_apply)),
    ])
}

fn rules(catalog: &Catalog) -> Document {
    let rules = catalog.rules();
    object(&mut [
        ("endingDay", word(rules.ending_day)),
        ("mixedDay", word(rules.mixed_day)),
        ("creationRelation", word(rules.creation_relation)),
        ("creationRate", word(rules.creation_rate)),
    ])
}

fn feature(feature: &FeatureSpec) -> Document {
    let words = |words: &Vec<String>| list(words.clone(), Document::Text);
    object(&mut [
        ("unit", feature.unit.as_ref().and_then(text)),
        ("onLoss", words(&feature.on_loss)),
        ("onGain", words(&feature.on_gain)),
    ])
}

fn tier_form(tier: &TierSpec) -> Document {
    let limit =
        |limit: &Limit| object(&mut [("max", number(limit.max)), ("kind", word(limit.kind))]);
    let allowance = |max: &Option<u64>| object(&mut [("max", max.and_then(number))]);
    object(&mut [
        ("id", text(&tier.id)),
        ("name", tier.name.as_ref().and_then(text)),
        ("rank", number(tier.rank)),
        ("features", map(&tier.features, allowance)),
        ("limits", map(&tier.limits, limit)),
        ("creationCharge", tier.creation_charge.map(creation_charge)),
        ("prices", list(&tier.prices, price_form)),
    ])
}

fn creation_charge(charge: CreationCharge) -> Document {
    match charge {
        CreationCharge::Fixed(amount) => {
            object(&mut [("mode", text("fixed")), ("amount", text(amount))])
        }
        CreationCharge::DayRate => object(&mut [("mode", text("day_rate"))]),
    }
}

fn price_form(price: &PriceSpec) -> Document {
    let id = text(&price.id);
    let meter = text(&price.meter);
    match &price.model {
        PriceModel::PerUnit { unit_price } => object(&mut [
            ("id", id),
            ("meter", meter),
            ("model", text("per_unit")),
            ("unitPrice", text(unit_price)),
        ]),
        PriceModel::Flat { amount, fee_at_zero } => object(&mut [
            ("id", id),
            ("meter", meter),
            ("model", text("flat")),
            ("amount", text(amount)),
            ("feeAtZero", Some(Document::Bool(*fee_at_zero))),
        ]),
        PriceModel::Graduated { bands, fee_at_zero } => object(&mut [
            ("id", id),
            ("meter", meter),
            ("model", text("graduated")),
            ("bands", Some(bands_form(bands))),
            ("feeAtZero", Some(Document::Bool(*fee_at_zero))),
        ]),
    }
}

fn bands_form(bands: &Bands) -> Document {
    let band = |up_to: Option<u64>, unit_price: UnitPrice, flat_fee: UnitPrice| {
        object(&mut [
            ("upTo", number_or_null(up_to)),
            ("unitPrice", text(unit_price)),
            ("flatFee", text(flat_fee).filter(|_| !flat_fee.is_zero())),
        ])
    };
    let bands: Vec<_> = match bands {
        Bands::UpTo(bands) => {
            bands.iter().map(|it| band(it.up_to, it.unit_price, it.flat_fee)).collect()
        }
        // A compiled catalog has only the other form; this is the same in it.
        Bands::FromTo(bands) => {
            bands.iter().map(|it| band(it.to, it.unit_price, it.flat_fee)).collect()
        }
    };
    Document::List(bands)
}

/// The answer of the operation `catalog`.
pub(super) fn description(catalog: &Catalog, fingerprint: &str) -> Result<Document> {
    Ok(object(&mut [
        ("catalog", Some(canonical_form(catalog))),
        ("fingerprint", text(fingerprint)),
        ("rateCard", Some(rate_card(catalog)?)),
    ]))
}

/// The view of semantics.md, section 12, with month prices (P6).
fn rate_card(catalog: &Catalog) -> Result<Document> {
    let mut tiers = Vec::new();
    for tier in catalog.tiers() {
        tiers.push(rate_card_tier(catalog, tier)?);
    }
    Ok(object(&mut [
        ("version", text(catalog.version())),
        ("currency", text(catalog.currency())),
        ("period", Some(period(catalog))),
        ("display", Some(display(catalog))),
        ("rounding", Some(rounding(catalog, false))),
        ("rules", Some(rules(catalog))),
        ("defaultTier", text(catalog.default_tier().id())),
        ("tiers", Some(Document::List(tiers))),
    ]))
}

fn rate_card_tier(catalog: &Catalog, tier: &Tier) -> Result<Document> {
    let history_limit = match tier.features().get(HISTORY_FEATURE) {
        Some(max) => *max,
        None => Some(0),
    };
    let mut bands = Vec::new();
    for band in tier.account_days().map(|price| price.bands()).unwrap_or_default() {
        bands.push(object(&mut [
            ("from", number(band.from())),
            ("to", number_or_null(band.to())),
            ("price", text(band.unit_price())),
            ("monthPrice", text(catalog.month_price(band.unit_price())?.shown)),
        ]));
    }
    Ok(object(&mut [
        ("id", text(tier.id())),
        ("rank", number(tier.rank())),
        ("messageLimit", number_or_null(tier.limit(MESSAGE_METER).map(|limit| limit.max))),
        ("historyLimit", number_or_null(history_limit)),
        ("bands", Some(Document::List(bands))),
        ("creationCharge", Some(tier.creation_charge().map_or(Document::Null, creation_charge))),
    ]))
}
