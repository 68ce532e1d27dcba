//! The catalog file, format 1 (F): its keys, their types and defaults.

use alloc::{string::String, vec::Vec};

use tierwise::{
    ById, Calendar, CatalogSpec, Code, CreationCharge, CreationMode, CreationRate,
    CreationRelation, Day, DecimalText, Display, EndingDay, Error, FeatureSpec, Limit, LimitKind,
    MeterKind, MixedDay, PeriodKind, PriceSpec, Result, RoundingApply, RoundingMode, RoundingSpec,
    Rules, TierSpec, UnitPrice, Word,
};

use crate::{
    document::Document,
    kinds::{ByFeature, ByMeter, OneOf, OrDefault, OrElse, TierName},
    read::{Fields, Take, Value, as_read, take},
    shape::{Described, Field, ObjectShape, Presence, Shape, WordList},
};

/// The format that this version reads.
const FORMAT: i128 = 1;

/// The catalog that a document describes. Errors: those of `docs/catalog.md`.
pub(super) fn read(document: &Document) -> Result<CatalogSpec> {
    // Another format may have other keys: say so before they are called unknown.
    if let Some(Document::Integer(format)) = document.get("tierwise")
        && *format != FORMAT
    {
        let (format, known) = (DecimalText::whole(*format), DecimalText::whole(FORMAT));
        let message = format_args!("the catalog has format {format}, this version reads {known}");
        return Err(Error::new(Code::UnsupportedFormat, message).under("tierwise"));
    }
    take(document).map(|CatalogDocument(spec)| spec)
}

/// A catalog as a file writes it.
pub(crate) struct CatalogDocument(CatalogSpec);

impl Described for CatalogDocument {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "CatalogDocument",
            "A catalog, format 1: tiers, prices, limits and rules.",
            &[
                Field::of::<u64>("tierwise", "The format: 1."),
                Field::of::<String>("id", "Names the catalog."),
                Field::of::<String>("version", "Names its version."),
                Field::of::<Option<Day>>("effectiveFrom", "From which day it is meant to be used."),
                Field::of::<String>("currency", "A currency of ISO 4217, such as `USD`."),
                Field::of::<OrDefault<Calendar>>("period", "Days and billing periods (G1)."),
                Field::of::<OrDefault<Display>>("display", "How month prices are shown (P6)."),
                Field::of::<OrDefault<RoundingSpec>>("rounding", "How amounts are rounded (M6)."),
                Field::of::<OrDefault<Rules>>("rules", "How days and creations count."),
                Field::of::<OrDefault<ByMeter<ById<Meter>>>>("meters", "Meters by id."),
                Field::of::<OrDefault<ByFeature<ById<FeatureSpec>>>>("features", "Features by id."),
                Field::of::<OrElse<TierName>>(
                    "defaultTier",
                    "The tier of an account that names none; by default the one of lowest rank.",
                ),
                Field::of::<Vec<TierSpec>>("tiers", "The tiers."),
            ],
        )
        .later(&["changes", "switch"]),
    );
}

impl<'a> Take<'a> for CatalogDocument {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        let _format: u64 = fields.next();
        CatalogDocument(CatalogSpec {
            id: fields.next(),
            version: fields.next(),
            effective_from: fields.next(),
            currency: fields.next(),
            calendar: fields.next::<OrDefault<_>>().0,
            display: fields.next::<OrDefault<_>>().0,
            rounding: fields.next::<OrDefault<_>>().0,
            rules: fields.next::<OrDefault<_>>().0,
            meters: fields.next::<OrDefault<ByMeter<ById<Meter>>>>().0.0.map(|Meter(kind)| kind),
            features: fields.next::<OrDefault<ByFeature<_>>>().0.0,
            default_tier: fields.next::<Option<TierName>>().map(|TierName(id)| id),
            tiers: fields.next(),
        })
    }
}

impl Described for Calendar {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "PeriodDocument",
            "How time is cut into days and billing periods (G1).",
            &[
                Field::of::<OrDefault<OneOf<PeriodKind>>>(
                    "kind",
                    "Calendar months by default, or months from another day.",
                ),
                Field::of::<u64>("anchorDay", "The day of the month that periods begin on.")
                    .required_for(&["anchored_month"]),
                Field::of::<OrDefault<i64>>(
                    "utcOffsetMinutes",
                    "How far from UTC midnight days begin, -840 to 840.",
                ),
            ],
        )
        .tagged("kind"),
    );
}

impl<'a> Take<'a> for Calendar {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        let kind = fields.next::<OrDefault<OneOf<PeriodKind>>>().0.0;
        let anchor_day = fields.next::<Option<u64>>().map_or(1, saturated);
        let offset: i64 = fields.next::<OrDefault<_>>().0;
        let nearest_end = if offset < 0 { i32::MIN } else { i32::MAX };
        let utc_offset_minutes = i32::try_from(offset).unwrap_or(nearest_end);
        Calendar { kind, utc_offset_minutes, anchor_day }
    }
}

/// A number that is checked against a smaller bound later.
fn saturated(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A key that may be left out, and what it is then.
fn or<T>(default: T) -> impl FnOnce(OrElse<T>) -> T {
    move |value| value.0.unwrap_or(default)
}

/// A key that may be left out, or its type's default.
fn given<T>(value: OrDefault<T>) -> T {
    value.0
}

/// A word that may be left out, or its list's first.
fn word<T>(value: OrDefault<OneOf<T>>) -> T {
    value.0.0
}

as_read! {
    /// How month prices are shown (P6).
    Display = "DisplayDocument" {
        /// The days that a month price means, 30 by default.
        days: OrElse<u64> => or(Display::default().days),
        /// Shown prices are multiples of this, a hundredth by default.
        step: OrElse<UnitPrice> => or(Display::default().step),
    }
}

as_read! {
    /// How amounts are rounded (M6).
    RoundingSpec = "RoundingDocument" {
        /// Where a tie or a remainder goes.
        mode: OrDefault<OneOf<RoundingMode>> => word,
        /// Decimals left, 0 to 6; by default those of the currency's minor unit.
        places: OrElse<u64> => |OrElse(places)| places.map(saturated),
        /// The total, or each line.
        apply: OrDefault<OneOf<RoundingApply>> => word,
    }
}

as_read! {
    /// How days and creations count (semantics.md, section 11).
    Rules = "RulesDocument" {
        /// Whether the day of an archive or a deletion counts (A2).
        ending_day as "endingDay": OrDefault<OneOf<EndingDay>> => word,
        /// Which tier a day of several belongs to (A4).
        mixed_day as "mixedDay": OrDefault<OneOf<MixedDay>> => word,
        /// How a creation charge relates to the first account-day (C3).
        creation_relation as "creationRelation": OrDefault<OneOf<CreationRelation>> => word,
        /// Which price a day-rate creation charge is (C2).
        creation_rate as "creationRate": OrDefault<OneOf<CreationRate>> => word,
    }
}

/// A meter as a file writes it.
pub(super) struct Meter(pub(super) MeterKind);

impl Described for Meter {
    const SHAPE: Shape = Shape::Object(&ObjectShape::new(
        "MeterDocument",
        "A meter: a named way to turn events into a quantity.",
        &[Field::of::<OneOf<MeterKind>>("kind", "How it counts.")],
    ));
}

impl<'a> Take<'a> for Meter {
    fn take(value: &Value<'a>) -> Self {
        Meter(Fields::of(value).next::<OneOf<_>>().0)
    }
}

as_read! {
    /// A feature that tiers have or lack.
    FeatureSpec = "FeatureDocument" {
        /// What its maximum counts.
        unit: Option<String>,
        /// Effects of a change that loses it, in order (D3).
        on_loss as "onLoss": OrDefault<Vec<String>> => given,
        /// Effects of a change that gains it, in order (D4).
        on_gain as "onGain": OrDefault<Vec<String>> => given,
    }
}

as_read! {
    /// A tier.
    TierSpec = "TierDocument" {
        /// Names it.
        id: TierName => |TierName(id)| id,
        /// Names it for people.
        name: Option<String>,
        /// Its place in the order of tiers, 1 to 1000, each its own (G4).
        rank: u64,
        /// Features that it has.
        features: OrDefault<ByFeature<ById<Allowance>>> => allowances,
        /// Limits by meter.
        limits: OrDefault<ByMeter<ById<Limit>>> => |OrDefault(ByMeter(limits))| limits,
        /// What creating an account on it costs; nothing by default (C1).
        creation_charge as "creationCharge": Option<CreationCharge>,
        /// Its prices, each on a meter of its own.
        prices: OrDefault<Vec<PriceSpec>> => given,
    }
}

fn allowances(features: OrDefault<ByFeature<ById<Allowance>>>) -> ById<Option<u64>> {
    features.0.0.map(|allowance| allowance.max)
}

/// A feature of a tier as a file writes it.
pub(super) struct Allowance {
    pub(super) max: Option<u64>,
}

as_read! {
    /// A feature of a tier.
    Allowance = "AllowanceDocument" {
        /// The most units that it allows, if it says so.
        max: Option<u64>,
    }
}

/// Kinds of limits, of which this version knows the first.
struct KindOfLimit(LimitKind);

impl Described for KindOfLimit {
    const SHAPE: Shape = Shape::Word(&WordList {
        what: LimitKind::WHAT,
        words: LimitKind::WORDS,
        later: &["soft", "grace"],
        unknown: Code::UnknownValue,
    });
    const PRESENCE: Presence = Presence::Defaulted;
}

impl<'a> Take<'a> for KindOfLimit {
    fn take(value: &Value<'a>) -> Self {
        KindOfLimit(OneOf::take(value).0)
    }
}

impl Described for Limit {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "LimitDocument",
            "How much of a meter a tier allows in a period.",
            &[
                Field::of::<KindOfLimit>("kind", "What happens beyond: it is refused (E1)."),
                Field::of::<u64>("max", "The most units."),
            ],
        )
        .later(&["graceUpTo", "graceDays", "per", "warnAt"]),
    );
}

impl<'a> Take<'a> for Limit {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        let KindOfLimit(kind) = fields.next();
        Limit { kind, max: fields.next() }
    }
}

impl Described for CreationCharge {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "CreationChargeDocument",
            "What creating an account costs (C1).",
            &[
                Field::of::<OneOf<CreationMode>>("mode", "A fixed amount, or the day's price."),
                Field::of::<UnitPrice>("amount", "The amount.").required_for(&["fixed"]),
            ],
        )
        .tagged("mode"),
    );
}

impl<'a> Take<'a> for CreationCharge {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        match fields.next::<OneOf<CreationMode>>().0 {
            CreationMode::Fixed => CreationCharge::Fixed(fields.next()),
            CreationMode::DayRate => CreationCharge::DayRate,
        }
    }
}
