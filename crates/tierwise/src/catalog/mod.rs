//! The catalog: checked and compiled once, asked many times.

mod compile;
mod currency;
mod spec;

use alloc::{boxed::Box, string::String, vec::Vec};

pub use currency::minor_units;
pub use spec::*;

use crate::{
    by_id::ById,
    error::{Code, Error, Result},
    money::{Amount, Rounding, UnitPrice, to_nearest_multiple},
    period::Calendar,
    price::Price,
};

/// The meter whose limit quota decisions read (Q1).
pub const MESSAGE_METER: &str = "message";
/// The feature that history decisions read (H1).
pub const HISTORY_FEATURE: &str = "chat_history";

/// A checked catalog: answers every question of the engine.
///
/// ```
/// use tierwise::{Catalog, Quantity, example};
/// let catalog = Catalog::compile(example::messaging())?;
/// let tier = catalog.tier("limited_msg_no_chat_history")?;
/// let price = tier.account_days().unwrap();
/// assert_eq!(price.total(Quantity::whole(30)?)?.to_string(), "1.02");
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Catalog {
    spec: Box<CatalogSpec>,
    rounding: Rounding,
    /// By rising rank: the index of a tier is its place in that order.
    tiers: Vec<Tier>,
    default_tier: TierIndex,
}

/// A tier's place in the order of ranks (G4), from 0: comparing two compares their ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierIndex(u8);

impl TierIndex {
    fn new(index: usize) -> Self {
        // INVARIANT: limits.rs shows that a tier's number fits a byte.
        TierIndex(u8::try_from(index).unwrap_or(u8::MAX))
    }

    /// The place, from 0.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// A tier, compiled.
#[derive(Clone, Debug)]
pub struct Tier {
    index: TierIndex,
    id: String,
    name: Option<String>,
    rank: u64,
    features: ById<Option<u64>>,
    limits: ById<Limit>,
    creation_charge: Option<CreationCharge>,
    prices: Vec<Price>,
    account_days: Option<usize>,
}

/// A month price (P6): for display, never for charging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthPrice {
    /// Price × display days.
    pub exact: Amount,
    /// Rounded to the nearest display step, a tie going up.
    pub shown: Amount,
}

impl Catalog {
    /// Checks a catalog and compiles its prices. Errors: those of `docs/catalog.md`, with the path
    /// of what is wrong.
    pub fn compile(spec: CatalogSpec) -> Result<Self> {
        compile::compile(spec)
    }

    /// What the catalog says, as written but for the form of bands.
    pub fn spec(&self) -> &CatalogSpec {
        &self.spec
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.spec.id
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.spec.version
    }

    /// Its ISO 4217 code.
    pub fn currency(&self) -> &str {
        &self.spec.currency
    }

    /// How it cuts time into days and periods.
    pub fn calendar(&self) -> Calendar {
        self.spec.calendar
    }

    /// How it counts days and creations.
    pub fn rules(&self) -> Rules {
        self.spec.rules
    }

    /// How it rounds.
    pub fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// What it rounds.
    pub fn rounding_apply(&self) -> RoundingApply {
        self.spec.rounding.apply
    }

    /// The tiers by rising rank.
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// The tier of an account that names none.
    pub fn default_tier(&self) -> &Tier {
        self.tier_at(self.default_tier)
    }

    /// The tier of an id. Errors: `unknown_tier`.
    pub fn tier(&self, id: &str) -> Result<&Tier> {
        self.find_tier(id).ok_or_else(|| {
            Error::new(
                Code::UnknownTier,
                format_args!("`{}` is not a tier", crate::error::short(id)),
            )
            .with_nearest(id, self.tiers.iter().map(|tier| tier.id.as_str()))
        })
    }

    /// The tier of an id, if there is one.
    pub fn find_tier(&self, id: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.id == id)
    }

    /// The tier at a place in the order of ranks. An index that another catalog gave, beyond the
    /// tiers of this one, stands for its highest tier.
    #[expect(clippy::indexing_slicing, reason = "a catalog has a tier: the index is within")]
    #[expect(clippy::arithmetic_side_effects, reason = "a catalog has a tier")]
    pub fn tier_at(&self, index: TierIndex) -> &Tier {
        &self.tiers[index.get().min(self.tiers.len() - 1)]
    }

    /// The month price of a day price (P6).
    pub fn month_price(&self, price: UnitPrice) -> Result<MonthPrice> {
        let exact = price.times(crate::Quantity::whole(self.spec.display.days)?).checked()?;
        Ok(MonthPrice { exact, shown: to_nearest_multiple(exact, self.spec.display.step) })
    }

    /// The kind of a meter. Errors: `unknown_meter`.
    pub fn meter(&self, id: &str) -> Result<MeterKind> {
        self.spec.meters.get(id).copied().ok_or_else(|| compile::unknown_meter(&self.spec, id))
    }

    /// The meter of account-days, if the catalog has one.
    pub fn account_day_meter(&self) -> Option<&str> {
        let is_days = |(_, kind): &(&str, &MeterKind)| **kind == MeterKind::ActiveDays;
        self.spec.meters.iter().find(is_days).map(|(id, _)| id)
    }
}

impl Tier {
    /// Its place in the order of ranks.
    pub fn index(&self) -> TierIndex {
        self.index
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name for people: the one written, else its id.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Its rank (G4).
    pub fn rank(&self) -> u64 {
        self.rank
    }

    /// Whether it has a feature.
    pub fn has_feature(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// The features that it has, with their maxima.
    pub fn features(&self) -> &ById<Option<u64>> {
        &self.features
    }

    /// How much of a meter it allows; none: no limit.
    pub fn limit(&self, meter: &str) -> Option<Limit> {
        self.limits.get(meter).copied()
    }

    /// What creating an account on it costs.
    pub fn creation_charge(&self) -> Option<CreationCharge> {
        self.creation_charge
    }

    /// Its prices, in the order written.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    /// Its price on a meter, if there is one.
    pub fn price_on(&self, meter: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.meter() == meter)
    }

    /// Its price of account-days, if there is one.
    pub fn account_days(&self) -> Option<&Price> {
        self.prices.get(self.account_days?)
    }

    /// Its price of account-days. Errors: `missing_price`.
    pub fn priced_account_days(&self) -> Result<&Price> {
        self.account_days().ok_or_else(|| {
            Error::new(
                Code::MissingPrice,
                format_args!("tier `{}` has no price on a meter of kind `active_days`", self.id),
            )
        })
    }
}
