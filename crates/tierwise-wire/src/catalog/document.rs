//! The catalog file, format 1 (F): its keys, their types and defaults.

use alloc::string::String;

use tierwise::{
    Calendar, CatalogSpec, Code, CreationCharge, CreationMode, Display, Error, FeatureSpec, Limit,
    LimitKind, MeterKind, PeriodKind, Result, RoundingSpec, Rules, TierSpec, Word,
};

use super::price::read_price;
use crate::{
    document::Document,
    fields::{Fields, Read, misplaced_key, not_supported, read_list, read_names},
};

/// The format that this version reads.
const FORMAT: i128 = 1;
/// Keys that the format knows and this version does not support.
const LATER_KEYS: [&str; 2] = ["changes", "switch"];
const LATER_LIMIT_KEYS: [&str; 4] = ["graceUpTo", "graceDays", "per", "warnAt"];
const LATER_LIMIT_KINDS: [&str; 2] = ["soft", "grace"];

pub(super) fn read(document: &Document) -> Result<CatalogSpec> {
    // Another format may have other keys: say so before they are called unknown.
    if let Some(Document::Integer(format)) = document.get("tierwise")
        && *format != FORMAT
    {
        let message = format_args!("the catalog has format {format}, this version reads {FORMAT}");
        return Err(Error::new(Code::UnsupportedFormat, message).under("tierwise"));
    }
    let known = [
        "tierwise",
        "id",
        "version",
        "effectiveFrom",
        "currency",
        "period",
        "display",
        "rounding",
        "rules",
        "meters",
        "features",
        "defaultTier",
        "tiers",
        "changes",
        "switch",
    ];
    let mut fields = Fields::of(document, &known);
    fields.none_of(&LATER_KEYS);
    fields.required::<u64>("tierwise");
    let spec = CatalogSpec {
        id: fields.required("id"),
        version: fields.required("version"),
        effective_from: fields.optional("effectiveFrom"),
        currency: fields.required("currency"),
        calendar: fields.part("period", read_calendar).unwrap_or_default(),
        display: fields.part("display", read_display).unwrap_or_default(),
        rounding: fields.part("rounding", read_rounding).unwrap_or_default(),
        rules: fields.part("rules", read_rules).unwrap_or_default(),
        meters: fields.part("meters", |meters| read_names(meters, read_meter)).unwrap_or_default(),
        features: fields
            .part("features", |features| read_names(features, read_feature))
            .unwrap_or_default(),
        default_tier: fields.optional("defaultTier"),
        tiers: fields.required_part("tiers", |tiers| read_list(tiers, read_tier)),
    };
    fields.made(spec)
}

fn read_calendar(document: &Document) -> Result<Calendar> {
    let mut fields = Fields::of(document, &["kind", "utcOffsetMinutes", "anchorDay"]);
    let kind = fields.word("kind");
    let anchor_day = match (kind, fields.get("anchorDay")) {
        (PeriodKind::AnchoredMonth, _) => saturated(fields.required("anchorDay")),
        (PeriodKind::CalendarMonth, None) => 1,
        (PeriodKind::CalendarMonth, Some(_)) => {
            fields.refuse(misplaced_key("anchorDay", &"periods that are calendar months"));
            1
        }
    };
    let offset: i64 = fields.optional("utcOffsetMinutes").unwrap_or_default();
    let nearest_end = if offset < 0 { i32::MIN } else { i32::MAX };
    let utc_offset_minutes = i32::try_from(offset).unwrap_or(nearest_end);
    fields.made(Calendar { kind, utc_offset_minutes, anchor_day })
}

/// A number that is checked against a smaller bound later.
fn saturated(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn read_display(document: &Document) -> Result<Display> {
    let mut fields = Fields::of(document, &["days", "step"]);
    let default = Display::default();
    let display = Display {
        days: fields.optional("days").unwrap_or(default.days),
        step: fields.optional("step").unwrap_or(default.step),
    };
    fields.made(display)
}

fn read_rounding(document: &Document) -> Result<RoundingSpec> {
    let mut fields = Fields::of(document, &["mode", "places", "apply"]);
    let rounding = RoundingSpec {
        mode: fields.word("mode"),
        places: fields.optional("places").map(saturated),
        apply: fields.word("apply"),
    };
    fields.made(rounding)
}

fn read_rules(document: &Document) -> Result<Rules> {
    let known = ["endingDay", "mixedDay", "creationRelation", "creationRate"];
    let mut fields = Fields::of(document, &known);
    let rules = Rules {
        ending_day: fields.word("endingDay"),
        mixed_day: fields.word("mixedDay"),
        creation_relation: fields.word("creationRelation"),
        creation_rate: fields.word("creationRate"),
    };
    fields.made(rules)
}

fn read_meter(document: &Document) -> Result<MeterKind> {
    let mut fields = Fields::of(document, &["kind"]);
    let kind = fields.required_word("kind");
    fields.made(kind)
}

fn read_feature(document: &Document) -> Result<FeatureSpec> {
    let mut fields = Fields::of(document, &["unit", "onLoss", "onGain"]);
    let feature = FeatureSpec {
        unit: fields.optional("unit"),
        on_loss: fields.optional("onLoss").unwrap_or_default(),
        on_gain: fields.optional("onGain").unwrap_or_default(),
    };
    fields.made(feature)
}

fn read_tier(document: &Document) -> Result<TierSpec> {
    let known = ["id", "name", "rank", "features", "limits", "creationCharge", "prices"];
    let mut fields = Fields::of(document, &known);
    let tier = TierSpec {
        id: fields.required("id"),
        name: fields.optional("name"),
        rank: fields.required("rank"),
        features: fields
            .part("features", |features| read_names(features, read_allowance))
            .unwrap_or_default(),
        limits: fields.part("limits", |limits| read_names(limits, read_limit)).unwrap_or_default(),
        creation_charge: fields.part("creationCharge", read_creation_charge),
        prices: fields.part("prices", |prices| read_list(prices, read_price)).unwrap_or_default(),
    };
    fields.made(tier)
}

/// The most units that a feature allows, if it says so.
fn read_allowance(document: &Document) -> Result<Option<u64>> {
    let mut fields = Fields::of(document, &["max"]);
    let max = fields.optional("max");
    fields.made(max)
}

fn read_limit(document: &Document) -> Result<Limit> {
    let known = ["max", "kind", "graceUpTo", "graceDays", "per", "warnAt"];
    let mut fields = Fields::of(document, &known);
    fields.none_of(&LATER_LIMIT_KEYS);
    let kind = fields.part("kind", read_limit_kind).unwrap_or_default();
    let limit = Limit { max: fields.required("max"), kind };
    fields.made(limit)
}

fn read_limit_kind(document: &Document) -> Result<LimitKind> {
    let word = String::read(document)?;
    if LATER_LIMIT_KINDS.contains(&word.as_str()) {
        return Err(not_supported(&format_args!("the kind of limit `{word}`")));
    }
    LimitKind::from_word(&word)
}

fn read_creation_charge(document: &Document) -> Result<CreationCharge> {
    let mut fields = Fields::of(document, &["mode", "amount"]);
    let charge = match fields.required_word("mode") {
        CreationMode::Fixed => CreationCharge::Fixed(fields.required("amount")),
        CreationMode::DayRate => {
            if fields.get("amount").is_some() {
                fields.refuse(misplaced_key("amount", &"a creation charge by the day rate"));
            }
            CreationCharge::DayRate
        }
    };
    fields.made(charge)
}
