//! A price compiled to a table: the total of a quantity is one lookup and one multiplication.

mod bands;
mod spec;

use alloc::{string::String, vec::Vec};

pub(crate) use bands::check as check_bands;
pub use spec::{BandFromTo, BandUpTo, Bands, PriceModel, PriceSpec};

use crate::{
    error::{Code, Error, Result},
    money::{Amount, Quantity, UnitPrice},
};

/// One priced meter of a tier.
#[derive(Clone, Debug)]
pub struct Price {
    id: String,
    meter: String,
    model: PriceModel,
    /// Whether the first band's fee is due at quantity 0 (M2).
    due_at_zero: bool,
    bands: Vec<Band>,
    /// The upper limits of the bands but the last, in millionths: how many of them lie below a
    /// quantity is the number of its step.
    limits: Vec<u64>,
    steps: Vec<Step>,
}

/// The line that the total follows within one band: price × quantity + offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Step {
    unit_price: UnitPrice,
    offset: Amount,
}

/// One step of a price, compiled: its limits, price, and the price of everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Its number, from 1.
    pub number: u64,
    lower: Quantity,
    upper: Quantity,
    open: bool,
    unit_price: UnitPrice,
    flat_fee: UnitPrice,
    /// The price of all below it, its own flat fee included.
    so_far: Amount,
}

/// Whether a line prices units or is a flat fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Units of the meter.
    Units,
    /// The fee of a band or of the model `flat`, due once.
    FlatFee,
}

/// One line of a priced quantity (P5). The lines of a quantity add up to its total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceLine {
    /// Units or a fee.
    pub kind: LineKind,
    /// The band's number, from 1.
    pub band: u64,
    /// The first unit of the band.
    pub from: u64,
    /// The last unit of the band; none if it has no end.
    pub to: Option<u64>,
    /// How many units lie in the band; 1 for a fee.
    pub quantity: Quantity,
    /// The price of one of them.
    pub unit_price: UnitPrice,
    /// Quantity × price, exact.
    pub amount: Amount,
}

impl Price {
    /// Compiles bands that are checked already.
    pub(crate) fn compile(
        id: String,
        meter: String,
        model: PriceModel,
        up_to: &[BandUpTo],
    ) -> Self {
        let mut bands = Vec::with_capacity(up_to.len());
        let mut lower = Quantity::ZERO;
        let mut so_far = Amount::ZERO;
        for (number, band) in (1_u64..).zip(up_to) {
            // INVARIANT: the bounds are checked: within the largest quantity.
            let upper = band.up_to.and_then(|unit| Quantity::whole(unit).ok());
            so_far = so_far.plus(band.flat_fee.amount());
            let compiled = Band {
                number,
                lower,
                upper: upper.unwrap_or(Quantity::MAX),
                open: upper.is_none(),
                unit_price: band.unit_price,
                flat_fee: band.flat_fee,
                so_far,
            };
            so_far = compiled.total(compiled.upper);
            lower = compiled.upper;
            bands.push(compiled);
        }
        let due_at_zero = match model {
            PriceModel::PerUnit { .. } => false,
            PriceModel::Flat { fee_at_zero, .. } | PriceModel::Graduated { fee_at_zero, .. } => {
                fee_at_zero
            }
        };
        let limits = bands.iter().filter(|band| !band.open).map(|band| band.upper.millionths());
        let limits = limits.collect();
        let steps = bands.iter().map(Band::step).collect();
        Price { id, meter, model, due_at_zero, bands, limits, steps }
    }

    /// Names it within its tier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The meter that it prices.
    pub fn meter(&self) -> &str {
        &self.meter
    }

    /// The model as the catalog writes it.
    pub fn model(&self) -> &PriceModel {
        &self.model
    }

    /// The bands, rising. `per_unit` and `flat` have one.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Whether it is one amount, whatever the quantity.
    pub fn is_flat(&self) -> bool {
        matches!(self.model, PriceModel::Flat { .. })
    }

    /// The exact price of a quantity (P3, M). Errors: `amount_too_large`.
    ///
    /// ```
    /// # use tierwise::*;
    /// # let catalog = Catalog::compile(example::messaging())?;
    /// let price = catalog.tier("unlimited_msg_chat_history")?.account_days().unwrap();
    /// assert_eq!(price.total(Quantity::whole(3030)?)?.to_string(), "1209.9");
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn total(&self, quantity: Quantity) -> Result<Amount> {
        // M2: at 0 there is only the fee of the first band, if that is due: its offset.
        if quantity == Quantity::ZERO && !self.due_at_zero {
            return Ok(Amount::ZERO);
        }
        // INVARIANT: there is a step more than there are limits.
        let step = self.steps.get(self.step_of(quantity)).copied().unwrap_or_default();
        step.unit_price.times(quantity).plus(step.offset).checked()
    }

    /// What one more unit costs on top of a quantity: the difference of the two totals (M3), so
    /// that the fee of a band that it enters belongs to it. Errors: `quantity_too_large`,
    /// `amount_too_large`.
    ///
    /// ```
    /// # use tierwise::*;
    /// # let catalog = Catalog::compile(example::messaging())?;
    /// let price = catalog.tier("unlimited_msg_chat_history")?.priced_account_days()?;
    /// assert_eq!(price.of_one_more(Quantity::whole(2999)?)?.to_string(), "0.4");
    /// assert_eq!(price.of_one_more(Quantity::whole(3000)?)?.to_string(), "0.33");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn of_one_more(&self, quantity: Quantity) -> Result<Amount> {
        let after = self.total(quantity.plus(Quantity::ONE)?)?;
        after.plus(self.total(quantity)?.negated()).checked()
    }

    /// The number of the step that a quantity lies in: an upper limit is included (P1).
    #[inline]
    fn step_of(&self, quantity: Quantity) -> usize {
        const COUNTED: usize = 16;
        let quantity = quantity.millionths();
        if self.limits.len() <= COUNTED {
            // Counting them all has no branch to mispredict.
            return self.limits.iter().map(|limit| usize::from(*limit < quantity)).sum();
        }
        self.limits.partition_point(|limit| *limit < quantity)
    }

    /// The band that unit number `n` lies in, from 1 (P2). Errors: `out_of_range` for 0.
    pub fn band_of_unit(&self, n: u64) -> Result<&Band> {
        let holds = |band: &&Band| n > 0 && band.to().is_none_or(|to| n <= to);
        self.bands
            .iter()
            .find(holds)
            .ok_or_else(|| Error::new(Code::OutOfRange, "units are numbered from 1"))
    }

    /// How many of the units after number `lower`, up to number `upper`, lie in each band that has
    /// any (P2).
    pub(crate) fn units_between(
        &self,
        lower: u64,
        upper: u64,
    ) -> impl Iterator<Item = (&Band, u64)> {
        self.bands.iter().filter_map(move |band| {
            let last = band.to().map_or(upper, |to| to.min(upper));
            let before = band.from().saturating_sub(1).max(lower);
            let count = last.checked_sub(before)?;
            (count > 0).then_some((band, count))
        })
    }

    /// The band after one; none after the last.
    pub fn band_after(&self, band: &Band) -> Option<&Band> {
        // Numbers count from 1, so the number of a band is the index of the next.
        self.bands.get(usize::try_from(band.number).ok()?)
    }

    /// The lines of a quantity, by rising band (P5): units, then the fee of the band, if any.
    pub fn lines(&self, quantity: Quantity) -> impl Iterator<Item = PriceLine> {
        Lines {
            quantity,
            is_flat: self.is_flat(),
            due_at_zero: quantity == Quantity::ZERO && self.due_at_zero,
            bands: &self.bands,
            fee_of: None,
        }
    }
}

/// The lines of a quantity that are still to come.
struct Lines<'a> {
    quantity: Quantity,
    is_flat: bool,
    /// Whether there is a fee though nothing is used.
    due_at_zero: bool,
    bands: &'a [Band],
    /// The band whose units were told, and whose fee comes next.
    fee_of: Option<&'a Band>,
}

impl Iterator for Lines<'_> {
    type Item = PriceLine;

    fn next(&mut self) -> Option<PriceLine> {
        loop {
            if let Some(band) = self.fee_of.take()
                && (self.is_flat || !band.flat_fee.is_zero())
            {
                return Some(band.fee_line());
            }
            let (band, rest) = self.bands.split_first()?;
            let has_units = band.lower < self.quantity;
            let has_fee = self.due_at_zero && band.number == 1;
            if !has_units && !has_fee {
                return None;
            }
            self.bands = rest;
            self.fee_of = Some(band);
            if has_units && !self.is_flat {
                return Some(band.units_line(self.quantity));
            }
        }
    }
}

impl Band {
    /// The first unit in it.
    pub fn from(&self) -> u64 {
        self.lower.floor().saturating_add(1)
    }

    /// The last unit in it; none if it has no end.
    pub fn to(&self) -> Option<u64> {
        (!self.open).then(|| self.upper.floor())
    }

    /// The price of a unit in it.
    pub fn unit_price(&self) -> UnitPrice {
        self.unit_price
    }

    /// What is due once when it is entered.
    pub fn flat_fee(&self) -> UnitPrice {
        self.flat_fee
    }

    /// How much may be added to a quantity in it before the next band is entered; none without
    /// end.
    pub(crate) fn room_above(&self, quantity: Quantity) -> Option<Quantity> {
        (!self.open).then(|| self.upper.above(quantity))
    }

    /// The total of a quantity that lies in it, not yet compared with the bound.
    fn total(&self, quantity: Quantity) -> Amount {
        let step = self.step();
        step.unit_price.times(quantity).plus(step.offset)
    }

    fn step(&self) -> Step {
        let below = self.unit_price.times(self.lower);
        Step { unit_price: self.unit_price, offset: self.so_far.plus(below.negated()) }
    }

    fn units_line(&self, quantity: Quantity) -> PriceLine {
        let quantity = quantity.min(self.upper).above(self.lower);
        PriceLine {
            kind: LineKind::Units,
            band: self.number,
            from: self.from(),
            to: self.to(),
            quantity,
            unit_price: self.unit_price,
            amount: self.unit_price.times(quantity),
        }
    }

    fn fee_line(&self) -> PriceLine {
        PriceLine {
            kind: LineKind::FlatFee,
            band: self.number,
            from: self.from(),
            to: self.to(),
            quantity: Quantity::ONE,
            unit_price: self.flat_fee,
            amount: self.flat_fee.amount(),
        }
    }
}
