//! What a catalog document says (F1–F4), before it is checked: plain data in the document's shape.

use alloc::{string::String, vec::Vec};

use crate::{
    by_id::ById,
    money::{RoundingMode, UnitPrice},
    period::{Calendar, Day},
    price::PriceSpec,
    word::words,
};

/// A catalog as written. [`Catalog::compile`](super::Catalog::compile) checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogSpec {
    /// Names the catalog.
    pub id: String,
    /// Names its version.
    pub version: String,
    /// From which day it is meant to be used.
    pub effective_from: Option<Day>,
    /// An ISO 4217 code.
    pub currency: String,
    /// Days and periods (G1).
    pub calendar: Calendar,
    /// How month prices are shown (P6).
    pub display: Display,
    /// How amounts are rounded (M6).
    pub rounding: RoundingSpec,
    /// How days and creations count.
    pub rules: Rules,
    /// Meters by id.
    pub meters: ById<MeterKind>,
    /// Features by id.
    pub features: ById<FeatureSpec>,
    /// The tier of an account that names none; by default the one of lowest rank.
    pub default_tier: Option<String>,
    /// The tiers, in the order written.
    pub tiers: Vec<TierSpec>,
}

/// How month prices are shown (P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Display {
    /// The days that a month price means.
    pub days: u64,
    /// Shown prices are multiples of this.
    pub step: UnitPrice,
}

impl Default for Display {
    /// Months of 30 days, to the cent.
    fn default() -> Self {
        Display { days: 30, step: UnitPrice::HUNDREDTH }
    }
}

/// How amounts are rounded (M6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundingSpec {
    /// Where a tie or a remainder goes.
    pub mode: RoundingMode,
    /// Decimals left; by default those of the currency's minor unit.
    pub places: Option<u32>,
    /// What is rounded.
    pub apply: RoundingApply,
}

words! {
    /// What is rounded (M6).
    pub enum RoundingApply: "way to apply rounding" {
        /// Rows are exact, their sum is rounded once.
        #[default]
        Total = "total",
        /// The total is the sum of rounded rows.
        Line = "line",
    }
}

words! {
    /// Whether the day of an archive or a deletion counts (A2).
    pub enum EndingDay: "rule for the ending day" {
        /// It does not.
        #[default]
        Excluded = "excluded",
        /// It does.
        Included = "included",
    }
}

words! {
    /// Which tier a day of several belongs to (A4).
    pub enum MixedDay: "rule for a mixed day" {
        /// The one of the highest rank.
        #[default]
        Highest = "highest",
        /// The first held on that day.
        First = "first",
        /// The last held on that day.
        Last = "last",
    }
}

words! {
    /// How a creation charge relates to the first account-day (C3).
    pub enum CreationRelation: "relation of creation and first day" {
        /// It comes on top.
        #[default]
        Additional = "additional",
        /// A day-rate charge pays the first day.
        FirstDay = "first_day",
    }
}

words! {
    /// Which price a day-rate creation charge is (C2).
    pub enum CreationRate: "creation rate" {
        /// That of the next account-day of the pool.
        #[default]
        Marginal = "marginal",
        /// Always the first band's.
        FirstBand = "first_band",
    }
}

words! {
    /// How a meter turns events into a quantity.
    pub enum MeterKind: "kind of meter" {
        /// Account-days (section 5).
        #[default]
        ActiveDays = "active_days",
        /// One for each event.
        Count = "count",
    }
}

words! {
    /// What a limit does when it is passed (E1).
    pub enum LimitKind: "kind of limit" {
        /// What does not fit is refused.
        #[default]
        Hard = "hard",
    }
}

/// The rule keys (semantics.md, section 11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A2.
    pub ending_day: EndingDay,
    /// A4.
    pub mixed_day: MixedDay,
    /// C3.
    pub creation_relation: CreationRelation,
    /// C2.
    pub creation_rate: CreationRate,
}

/// A feature that tiers have or lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeatureSpec {
    /// What its maximum counts.
    pub unit: Option<String>,
    /// Effects of a change that loses it, in order (D3).
    pub on_loss: Vec<String>,
    /// Effects of a change that gains it, in order (D4).
    pub on_gain: Vec<String>,
}

/// A tier as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierSpec {
    /// Names it.
    pub id: String,
    /// Names it for people.
    pub name: Option<String>,
    /// Its place in the order of tiers (G4).
    pub rank: u64,
    /// Features that it has, each with the most units it allows.
    pub features: ById<Option<u64>>,
    /// Limits by meter.
    pub limits: ById<Limit>,
    /// What creating an account on it costs (C1); nothing by default.
    pub creation_charge: Option<CreationCharge>,
    /// Prices, in the order written.
    pub prices: Vec<PriceSpec>,
}

/// How much of a meter a tier allows in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most units.
    pub max: u64,
    /// What happens beyond.
    pub kind: LimitKind,
}

words! {
    /// How a creation charge is said (C1).
    pub enum CreationMode: "mode of a creation charge" {
        /// A fixed amount.
        #[default]
        Fixed = "fixed",
        /// The price of an account-day.
        DayRate = "day_rate",
    }
}

/// What creating an account costs (C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationCharge {
    /// A fixed amount.
    Fixed(UnitPrice),
    /// The price of an account-day (C2).
    DayRate,
}
