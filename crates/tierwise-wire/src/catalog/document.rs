//! The catalog file, format 1 (F): its keys, their types and defaults.

use tierwise::{
    Calendar, CatalogSpec, Code, CreationCharge, Display, Error, FeatureSpec, Limit, LimitKind,
    MeterKind, PeriodKind, Result, RoundingSpec, Rules, TierSpec, UnitPrice, Word,
};

use super::price::read_price;
use crate::{
    document::Document,
    fields::{Fields, Read, misplaced_key, missing_key, not_supported, read_list, read_map},
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
        let message = format!("the catalog has format {format}, this version reads {FORMAT}");
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
    let fields = Fields::of(document, &known)?;
    fields.none_of(&LATER_KEYS)?;
    fields.required::<u64>("tierwise")?;
    // A part that is left out is one without any key.
    let none = Document::Map(Vec::new());
    let calendar = fields.part("period", read_calendar)?;
    let display = fields.part("display", read_display)?;
    Ok(CatalogSpec {
        id: fields.required("id")?,
        version: fields.required("version")?,
        effective_from: fields.optional("effectiveFrom")?,
        currency: fields.required("currency")?,
        calendar: calendar.map_or_else(|| read_calendar(&none), Ok)?,
        display: display.map_or_else(|| read_display(&none), Ok)?,
        rounding: fields.part("rounding", read_rounding)?.unwrap_or_default(),
        rules: fields.part("rules", read_rules)?.unwrap_or_default(),
        meters: fields.part("meters", |meters| read_map(meters, read_meter))?.unwrap_or_default(),
        features: fields
            .part("features", |features| read_map(features, read_feature))?
            .unwrap_or_default(),
        default_tier: fields.optional("defaultTier")?,
        tiers: fields.required_part("tiers", |tiers| read_list(tiers, read_tier))?,
    })
}

fn read_calendar(document: &Document) -> Result<Calendar> {
    let fields = Fields::of(document, &["kind", "utcOffsetMinutes", "anchorDay"])?;
    let kind = fields.word("kind")?;
    let anchor_day = match (kind, fields.optional("anchorDay")?) {
        (PeriodKind::AnchoredMonth, Some(day)) => saturated(day),
        (PeriodKind::AnchoredMonth, None) => return Err(missing_key("anchorDay")),
        (PeriodKind::CalendarMonth, None) => 1,
        (PeriodKind::CalendarMonth, Some(_)) => {
            return Err(misplaced_key("anchorDay", "periods that are calendar months"));
        }
    };
    let offset: i64 = fields.or_default("utcOffsetMinutes")?;
    let nearest_end = if offset < 0 { i32::MIN } else { i32::MAX };
    let utc_offset_minutes = i32::try_from(offset).unwrap_or(nearest_end);
    Ok(Calendar { kind, utc_offset_minutes, anchor_day })
}

/// A number that is checked against a smaller bound later.
fn saturated(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn read_display(document: &Document) -> Result<Display> {
    let fields = Fields::of(document, &["days", "step"])?;
    Ok(Display {
        days: fields.optional("days")?.unwrap_or(30),
        step: fields.optional("step")?.map_or_else(|| UnitPrice::parse("0.01"), Ok)?,
    })
}

fn read_rounding(document: &Document) -> Result<RoundingSpec> {
    let fields = Fields::of(document, &["mode", "places", "apply"])?;
    Ok(RoundingSpec {
        mode: fields.word("mode")?,
        places: fields.optional("places")?.map(saturated),
        apply: fields.word("apply")?,
    })
}

fn read_rules(document: &Document) -> Result<Rules> {
    let known = ["endingDay", "mixedDay", "creationRelation", "creationRate"];
    let fields = Fields::of(document, &known)?;
    Ok(Rules {
        ending_day: fields.word("endingDay")?,
        mixed_day: fields.word("mixedDay")?,
        creation_relation: fields.word("creationRelation")?,
        creation_rate: fields.word("creationRate")?,
    })
}

fn read_meter(document: &Document) -> Result<MeterKind> {
    let fields = Fields::of(document, &["kind"])?;
    fields.required_word("kind")
}

fn read_feature(document: &Document) -> Result<FeatureSpec> {
    let fields = Fields::of(document, &["unit", "onLoss", "onGain"])?;
    Ok(FeatureSpec {
        unit: fields.optional("unit")?,
        on_loss: fields.or_default("onLoss")?,
        on_gain: fields.or_default("onGain")?,
    })
}

fn read_tier(document: &Document) -> Result<TierSpec> {
    let known = ["id", "name", "rank", "features", "limits", "creationCharge", "prices"];
    let fields = Fields::of(document, &known)?;
    Ok(TierSpec {
        id: fields.required("id")?,
        name: fields.optional("name")?,
        rank: fields.required("rank")?,
        features: fields
            .part("features", |features| read_map(features, read_allowance))?
            .unwrap_or_default(),
        limits: fields.part("limits", |limits| read_map(limits, read_limit))?.unwrap_or_default(),
        creation_charge: fields.part("creationCharge", read_creation_charge)?,
        prices: fields.part("prices", |prices| read_list(prices, read_price))?.unwrap_or_default(),
    })
}

/// The most units that a feature allows, if it says so.
fn read_allowance(document: &Document) -> Result<Option<u64>> {
    Fields::of(document, &["max"])?.optional("max")
}

fn read_limit(document: &Document) -> Result<Limit> {
    let known = ["max", "kind", "graceUpTo", "graceDays", "per", "warnAt"];
    let fields = Fields::of(document, &known)?;
    fields.none_of(&LATER_LIMIT_KEYS)?;
    let kind = fields.part("kind", read_limit_kind)?.unwrap_or_default();
    Ok(Limit { max: fields.required("max")?, kind })
}

fn read_limit_kind(document: &Document) -> Result<LimitKind> {
    let word = String::read(document)?;
    if LATER_LIMIT_KINDS.contains(&word.as_str()) {
        return Err(not_supported(&format!("the kind of limit `{word}`")));
    }
    LimitKind::from_word(&word)
}

fn read_creation_charge(document: &Document) -> Result<CreationCharge> {
    let fields = Fields::of(document, &["mode", "amount"])?;
    let mode: String = fields.required("mode")?;
    let amount = fields.optional("amount")?;
    match (mode.as_str(), amount) {
        ("fixed", Some(amount)) => Ok(CreationCharge::Fixed(amount)),
        ("fixed", None) => Err(missing_key("amount")),
        ("day_rate", None) => Ok(CreationCharge::DayRate),
        ("day_rate", Some(_)) => Err(misplaced_key("amount", "a creation charge by the day rate")),
        (other, _) => {
            let message = format!("`{other}` is not a mode of a creation charge");
            Err(Error::new(Code::UnknownValue, message)
                .with_nearest(other, ["fixed", "day_rate"].into_iter())
                .under("mode"))
        }
    }
}
