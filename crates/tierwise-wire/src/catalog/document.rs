//! The catalog file, format 1 (F): its keys, their types and defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use tierwise::{
    Calendar, CatalogSpec, Code, CreationCharge, CreationRate, CreationRelation, Day, Display,
    EndingDay, Error, FeatureSpec, Limit, LimitKind, MeterKind, MixedDay, PeriodKind, Result,
    RoundingApply, RoundingMode, RoundingSpec, Rules, TierSpec, UnitPrice, Word,
};

use super::price::PriceDocument;
use crate::{
    document::{Document, Refused, coded},
    fields::{Parsed, Signed, Text, Whole, WordField, optional},
    refusals::{Later, misplaced_key, missing_key, not_supported},
};

/// The format that this version reads.
const FORMAT: i128 = 1;

pub(super) fn read(document: &Document) -> Result<CatalogSpec> {
    // Another format may have other keys: say so before they are called unknown.
    if let Some(Document::Integer(format)) = document.get("tierwise")
        && *format != FORMAT
    {
        let message = format!("the catalog has format {format}, this version reads {FORMAT}");
        return Err(Error::new(Code::UnsupportedFormat, message).under("tierwise"));
    }
    document.typed::<CatalogDocument>()?.into_spec()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct CatalogDocument {
    #[serde(rename = "tierwise")]
    _format: Whole,
    id: Text,
    version: Text,
    #[serde(default, deserialize_with = "optional")]
    effective_from: Option<Parsed<Day>>,
    currency: Text,
    #[serde(default)]
    period: PeriodDocument,
    #[serde(default)]
    display: DisplayDocument,
    #[serde(default)]
    rounding: RoundingDocument,
    #[serde(default)]
    rules: RulesDocument,
    #[serde(default)]
    meters: BTreeMap<String, MeterDocument>,
    #[serde(default)]
    features: BTreeMap<String, FeatureDocument>,
    #[serde(default, deserialize_with = "optional")]
    default_tier: Option<Text>,
    tiers: Vec<TierDocument>,
    #[serde(default, rename = "changes")]
    _changes: Option<Later>,
    #[serde(default, rename = "switch")]
    _switch: Option<Later>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct PeriodDocument {
    #[serde(default, deserialize_with = "optional")]
    kind: Option<WordField<PeriodKind>>,
    #[serde(default, deserialize_with = "optional")]
    utc_offset_minutes: Option<Signed>,
    #[serde(default, deserialize_with = "optional")]
    anchor_day: Option<Whole>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct DisplayDocument {
    #[serde(default, deserialize_with = "optional")]
    days: Option<Whole>,
    #[serde(default, deserialize_with = "optional")]
    step: Option<Parsed<UnitPrice>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct RoundingDocument {
    #[serde(default, deserialize_with = "optional")]
    mode: Option<WordField<RoundingMode>>,
    #[serde(default, deserialize_with = "optional")]
    places: Option<Whole>,
    #[serde(default, deserialize_with = "optional")]
    apply: Option<WordField<RoundingApply>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct RulesDocument {
    #[serde(default, deserialize_with = "optional")]
    ending_day: Option<WordField<EndingDay>>,
    #[serde(default, deserialize_with = "optional")]
    mixed_day: Option<WordField<MixedDay>>,
    #[serde(default, deserialize_with = "optional")]
    creation_relation: Option<WordField<CreationRelation>>,
    #[serde(default, deserialize_with = "optional")]
    creation_rate: Option<WordField<CreationRate>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct MeterDocument {
    kind: WordField<MeterKind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct FeatureDocument {
    #[serde(default, deserialize_with = "optional")]
    unit: Option<Text>,
    #[serde(default)]
    on_loss: Vec<Text>,
    #[serde(default)]
    on_gain: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct TierDocument {
    id: Text,
    #[serde(default, deserialize_with = "optional")]
    name: Option<Text>,
    rank: Whole,
    #[serde(default)]
    features: BTreeMap<String, AllowanceDocument>,
    #[serde(default)]
    limits: BTreeMap<String, LimitDocument>,
    #[serde(default, deserialize_with = "optional")]
    creation_charge: Option<CreationChargeDocument>,
    #[serde(default)]
    prices: Vec<PriceDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct AllowanceDocument {
    #[serde(default, deserialize_with = "optional")]
    max: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct LimitDocument {
    max: Whole,
    #[serde(default)]
    kind: LimitKindField,
    #[serde(default, rename = "graceUpTo")]
    _grace_up_to: Option<Later>,
    #[serde(default, rename = "graceDays")]
    _grace_days: Option<Later>,
    #[serde(default, rename = "per")]
    _per: Option<Later>,
    #[serde(default, rename = "warnAt")]
    _warn_at: Option<Later>,
}

#[derive(Default)]
struct LimitKindField(LimitKind);

impl<'de> Deserialize<'de> for LimitKindField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?.0;
        if word == "soft" || word == "grace" {
            return Err(coded(&not_supported(&format!("the kind of limit `{word}`"))));
        }
        LimitKind::from_word(&word).map(LimitKindField).map_err(|error| coded(&error))
    }
}

#[derive(Deserialize)]
#[serde(try_from = "CreationChargeFields")]
struct CreationChargeDocument(CreationCharge);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreationChargeFields {
    mode: Text,
    #[serde(default, deserialize_with = "optional")]
    amount: Option<Parsed<UnitPrice>>,
}

impl TryFrom<CreationChargeFields> for CreationChargeDocument {
    type Error = Refused;

    fn try_from(fields: CreationChargeFields) -> std::result::Result<Self, Self::Error> {
        match (fields.mode.0.as_str(), fields.amount) {
            ("fixed", Some(amount)) => Ok(Self(CreationCharge::Fixed(amount.0))),
            ("fixed", None) => Err(missing_key("amount").into()),
            ("day_rate", None) => Ok(Self(CreationCharge::DayRate)),
            ("day_rate", Some(_)) => {
                Err(misplaced_key("amount", "a creation charge by the day rate").into())
            }
            (other, _) => {
                let message = format!("`{other}` is not a mode of a creation charge");
                Err(Error::new(Code::UnknownValue, message)
                    .with_nearest(other, ["fixed", "day_rate"].into_iter())
                    .under("mode")
                    .into())
            }
        }
    }
}

impl CatalogDocument {
    fn into_spec(self) -> Result<CatalogSpec> {
        Ok(CatalogSpec {
            id: self.id.0,
            version: self.version.0,
            effective_from: self.effective_from.map(|day| day.0),
            currency: self.currency.0,
            calendar: self.period.into_calendar().map_err(|error| error.under("period"))?,
            display: Display {
                days: self.display.days.map_or(30, |days| days.0),
                step: match self.display.step {
                    Some(step) => step.0,
                    None => UnitPrice::parse("0.01")?,
                },
            },
            rounding: RoundingSpec {
                mode: word(self.rounding.mode),
                places: self.rounding.places.map(|places| saturated(places.0)),
                apply: word(self.rounding.apply),
            },
            rules: Rules {
                ending_day: word(self.rules.ending_day),
                mixed_day: word(self.rules.mixed_day),
                creation_relation: word(self.rules.creation_relation),
                creation_rate: word(self.rules.creation_rate),
            },
            meters: self.meters.into_iter().map(|(id, meter)| (id, meter.kind.0)).collect(),
            features: self
                .features
                .into_iter()
                .map(|(id, feature)| (id, feature.into_spec()))
                .collect(),
            default_tier: self.default_tier.map(|tier| tier.0),
            tiers: self.tiers.into_iter().map(TierDocument::into_spec).collect(),
        })
    }
}

fn word<T: Default>(field: Option<WordField<T>>) -> T {
    field.map(|field| field.0).unwrap_or_default()
}

/// A number that is checked against a smaller bound later.
fn saturated(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl PeriodDocument {
    fn into_calendar(self) -> Result<Calendar> {
        let kind = word(self.kind);
        let anchor_day = match (kind, self.anchor_day) {
            (PeriodKind::AnchoredMonth, Some(day)) => saturated(day.0),
            (PeriodKind::AnchoredMonth, None) => return Err(missing_key("anchorDay")),
            (PeriodKind::CalendarMonth, None) => 1,
            (PeriodKind::CalendarMonth, Some(_)) => {
                return Err(misplaced_key("anchorDay", "periods that are calendar months"));
            }
        };
        let offset = self.utc_offset_minutes.map_or(0, |offset| offset.0);
        let nearest_end = if offset < 0 { i32::MIN } else { i32::MAX };
        let utc_offset_minutes = i32::try_from(offset).unwrap_or(nearest_end);
        Ok(Calendar { kind, utc_offset_minutes, anchor_day })
    }
}

impl FeatureDocument {
    fn into_spec(self) -> FeatureSpec {
        let words = |words: Vec<Text>| words.into_iter().map(|word| word.0).collect();
        FeatureSpec {
            unit: self.unit.map(|unit| unit.0),
            on_loss: words(self.on_loss),
            on_gain: words(self.on_gain),
        }
    }
}

impl TierDocument {
    fn into_spec(self) -> TierSpec {
        let limit = |limit: LimitDocument| Limit { max: limit.max.0, kind: limit.kind.0 };
        TierSpec {
            id: self.id.0,
            name: self.name.map(|name| name.0),
            rank: self.rank.0,
            features: self
                .features
                .into_iter()
                .map(|(id, allowance)| (id, allowance.max.map(|max| max.0)))
                .collect(),
            limits: self.limits.into_iter().map(|(id, document)| (id, limit(document))).collect(),
            creation_charge: self.creation_charge.map(|charge| charge.0),
            prices: self.prices.into_iter().map(|price| price.0).collect(),
        }
    }
}
