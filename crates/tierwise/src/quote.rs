//! A bill for somebody hypothetical: a basket of tiers, priced and explained (X1, I).

use alloc::vec::Vec;
use core::fmt;

use crate::{
    by_id::ById,
    catalog::{
        Catalog, CreationCharge, CreationRelation, MonthPrice, RoundingApply, Tier, TierIndex,
    },
    error::{Code, Error, Result},
    invoice::{BillLine, creation_lines},
    limits::{MAX_ACCOUNTS, MAX_ITEMS},
    meter::PeriodUsage,
    money::{Amount, DecimalParts, DecimalText, Fraction, Quantity, UnitPrice},
    period::Day,
    price::{LineKind, Price, PriceLine},
    word::words,
};

/// One item of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteItem {
    /// The tier.
    pub tier: TierIndex,
    /// What is used of it in the period.
    pub usage: ItemUsage,
    /// How many of its accounts are made on an empty pool, one after the other.
    pub creations: u64,
}

/// What an item uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemUsage {
    /// So many account-days.
    AccountDays(Quantity),
    /// So much of each meter.
    Meters(ById<Quantity>),
}

impl QuoteItem {
    /// Checks how many items a basket has, before they are looked at. Errors: `out_of_range`.
    pub fn check_count(count: usize) -> Result<()> {
        if (1..=MAX_ITEMS).contains(&count) {
            return Ok(());
        }
        let message = format_args!("there are {count} items, a quote has 1 to {MAX_ITEMS}");
        Err(Error::new(Code::OutOfRange, message))
    }

    /// An item as a question has it. Errors: `out_of_range` at `/creations`.
    pub fn new(tier: TierIndex, usage: ItemUsage, creations: u64) -> Result<Self> {
        if creations > MAX_ACCOUNTS {
            let message =
                format_args!("`{creations}` is too much, at most {MAX_ACCOUNTS} are allowed");
            return Err(Error::new(Code::OutOfRange, message).under("creations"));
        }
        Ok(QuoteItem { tier, usage, creations })
    }
}

impl ItemUsage {
    /// So many accounts, active for so many days each. Errors: `quantity_too_large`.
    pub fn of_accounts(accounts: u64, days: u64) -> Result<Self> {
        // Beyond 64 bits it is beyond the largest quantity, too.
        let quantity = Quantity::whole(accounts.saturating_mul(days)).map_err(|_| {
            let message = "the accounts have more account-days than a quantity may be";
            Error::new(Code::QuantityTooLarge, message)
        });
        quantity.map(ItemUsage::AccountDays)
    }
}

words! {
    /// What a row of a quote is for.
    pub enum RowKind: "kind of row" {
        /// Units of a meter in one band.
        #[default]
        Units = "units",
        /// The fee of a band or of the model `flat`.
        FlatFee = "flat_fee",
        /// What creations pay of the usage, under `first_day` (C3).
        FirstDay = "first_day",
        /// Creations of one charge.
        Creation = "creation",
    }
}

/// One row of an explanation (X1). The rows add up to the total. Prints as the calculation that it
/// is, `30 × 0.33 = 9.9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteRow<'c> {
    /// The rule that it follows: `P5`, `M2`, `C1`, `C2` or `C3`.
    pub rule: &'static str,
    /// The tier's id.
    pub tier: &'c str,
    /// The price and the band, if it is about one.
    pub band: Option<RowBand<'c>>,
    /// What it is for.
    pub kind: RowKind,
    /// How many.
    pub quantity: Quantity,
    /// What one costs.
    pub unit_price: UnitPrice,
    /// What they cost, exactly.
    pub amount: Amount,
    /// The amount rounded, where the catalog rounds lines (M6).
    pub rounded: Option<Amount>,
}

impl QuoteRow<'_> {
    /// The calculation that it is: its numbers, each after what stands before it.
    pub fn equation(&self) -> [(&'static str, DecimalParts); 3] {
        // What creations pay of the usage is taken away from it (C3).
        let (open, close) =
            if self.kind == RowKind::FirstDay { ("-(", ") = ") } else { ("", " = ") };
        [
            (open, self.quantity.decimal_parts()),
            (" × ", self.unit_price.decimal_parts()),
            (close, self.amount.decimal_parts()),
        ]
    }
}

impl fmt::Display for QuoteRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (before, number) in self.equation() {
            f.write_str(before)?;
            f.write_str(DecimalText::from(number).as_str())?;
        }
        Ok(())
    }
}

/// Where in a price a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowBand<'c> {
    /// The price's id.
    pub price: &'c str,
    /// The band's number, from 1.
    pub number: u64,
    /// The first unit of the band.
    pub from: u64,
    /// The last unit of the band; none if it has no end.
    pub to: Option<u64>,
}

/// What one price of a tier comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceQuote<'c> {
    /// The price's id.
    pub price: &'c str,
    /// Its meter.
    pub meter: &'c str,
    /// The quantity of all items of the tier.
    pub quantity: Quantity,
    /// The sum of its rows.
    pub total: Amount,
    /// Total ÷ quantity; none at quantity 0.
    pub effective_unit_price: Option<Fraction>,
    /// The next unit; none for a flat price.
    pub next: Option<NextUnit>,
}

/// What the next whole unit costs, and how far the next band is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextUnit {
    /// The number of its band, from 1.
    pub band: u64,
    /// Its price.
    pub unit_price: UnitPrice,
    /// Its price as a month price (P6), on account-days.
    pub month_price: Option<MonthPrice>,
    /// How much may be added before the band after it is entered, and the price there; none in the
    /// last band.
    pub next_band: Option<(Quantity, UnitPrice)>,
}

/// What one tier of a basket comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierQuote<'c> {
    /// The tier's id.
    pub tier: &'c str,
    /// Its prices that the items use, in the catalog's order.
    pub prices: Vec<PriceQuote<'c>>,
    /// What its creations cost.
    pub creations: Amount,
    /// The sum of its rows.
    pub total: Amount,
}

/// A basket, priced by a catalog, whose ids it borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote<'c> {
    /// By rising rank.
    pub tiers: Vec<TierQuote<'c>>,
    /// Every row, tiers by rising rank.
    pub rows: Vec<QuoteRow<'c>>,
    /// The sum of the rows: of the exact ones, or of the rounded where the catalog says so (M6).
    pub total: Amount,
    /// The total, rounded once (I3).
    pub amount_due: Amount,
}

/// What the items of one tier add up to (P4).
#[derive(Default)]
struct Pool {
    /// By the place of the tier's price; none for a price that no item uses.
    quantities: Vec<Option<Quantity>>,
    creations: u64,
}

impl Pool {
    /// Errors: `quantity_too_large`.
    fn add(&mut self, place: usize, quantity: Quantity) -> Result<()> {
        if let Some(sum) = self.quantities.get_mut(place) {
            *sum = Some(sum.unwrap_or_default().plus(quantity)?);
        }
        Ok(())
    }
}

/// Prices a basket. Errors, with the path within the items: `unknown_tier`, `missing_price`,
/// `unknown_meter`, `quantity_too_large`, `amount_too_large`.
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let tier = catalog.tier("unlimited_msg_chat_history")?.index();
/// let item = QuoteItem::new(tier, ItemUsage::of_accounts(101, 30)?, 0)?;
/// let quote = quote(&catalog, &[item])?;
/// assert_eq!(quote.rows[1].to_string(), "30 × 0.33 = 9.9");
/// assert_eq!(quote.total.to_string(), "1209.9");
/// # Ok::<(), Error>(())
/// ```
pub fn quote<'c>(catalog: &'c Catalog, items: &[QuoteItem]) -> Result<Quote<'c>> {
    // By the place of their tiers; none for a tier that no item names.
    let mut pools: Vec<Option<Pool>> = catalog.tiers().iter().map(|_| None).collect();
    for (i, item) in items.iter().enumerate() {
        let Some(pool) = pools.get_mut(item.tier.get()) else {
            let error = Error::new(Code::UnknownTier, "the tier is of another catalog");
            return Err(error.under("tier").under(i));
        };
        add_item(catalog, pool.get_or_insert_default(), item).map_err(|error| error.under(i))?;
    }
    let mut quote = Quote {
        tiers: Vec::with_capacity(items.len().min(pools.len())),
        rows: Vec::new(),
        total: Amount::ZERO,
        amount_due: Amount::ZERO,
    };
    for (tier, pool) in catalog.tiers().iter().zip(&pools) {
        if let Some(pool) = pool {
            quote.tiers.push(quote_tier(catalog, tier, pool, &mut quote.rows)?);
        }
    }
    quote.total = Amount::sum(quote.tiers.iter().map(|tier| tier.total))?;
    quote.amount_due = catalog.rounding().round(quote.total);
    Ok(quote)
}

fn add_item(catalog: &Catalog, pool: &mut Pool, item: &QuoteItem) -> Result<()> {
    let tier = catalog.tier_at(item.tier);
    pool.creations = pool.creations.saturating_add(item.creations);
    pool.quantities.resize(tier.prices().len(), None);
    match &item.usage {
        ItemUsage::AccountDays(quantity) => {
            let price = tier.priced_account_days().map_err(|error| error.under("tier"))?;
            pool.add(place_of(tier, price.meter())?, *quantity)
        }
        ItemUsage::Meters(meters) => meters.iter().try_for_each(|(meter, quantity)| {
            let place = catalog.meter(meter).and_then(|_| place_of(tier, meter));
            pool.add(place.map_err(|error| error.under(meter).under("usage"))?, *quantity)
        }),
    }
}

/// The place of a tier's price on a meter. Errors: `missing_price`.
fn place_of(tier: &Tier, meter: &str) -> Result<usize> {
    tier.prices().iter().position(|price| price.meter() == meter).ok_or_else(|| {
        let message = format_args!("tier `{}` has no price on meter `{meter}`", tier.id());
        Error::new(Code::MissingPrice, message)
    })
}

fn quote_tier<'c>(
    catalog: &Catalog,
    tier: &'c Tier,
    pool: &Pool,
    rows: &mut Vec<QuoteRow<'c>>,
) -> Result<TierQuote<'c>> {
    let mut prices = Vec::new();
    for (price, quantity) in tier.prices().iter().zip(&pool.quantities) {
        let Some(quantity) = *quantity else { continue };
        let mut sum = Amount::ZERO;
        for line in price.lines(quantity) {
            let row = finish_row(catalog, price_row(tier, price, &line))?;
            sum = sum.plus(row.rounded.unwrap_or(row.amount));
            rows.push(row);
        }
        let total = sum.checked()?;
        prices.push(PriceQuote {
            price: price.id(),
            meter: price.meter(),
            quantity,
            total,
            effective_unit_price: Fraction::of(total, quantity),
            next: next_unit(catalog, price, quantity)?,
        });
    }
    let (creations, paid) = quote_creations(catalog, tier, pool.creations, rows)?;
    let total = Amount::sum(prices.iter().map(|price| price.total).chain([creations, paid]))?;
    Ok(TierQuote { tier: tier.id(), prices, creations, total })
}

fn price_row<'c>(tier: &'c Tier, price: &'c Price, line: &PriceLine) -> QuoteRow<'c> {
    let (rule, kind) = match line.kind {
        LineKind::Units => ("P5", RowKind::Units),
        LineKind::FlatFee => ("M2", RowKind::FlatFee),
    };
    QuoteRow {
        rule,
        tier: tier.id(),
        band: Some(RowBand { price: price.id(), number: line.band, from: line.from, to: line.to }),
        kind,
        quantity: line.quantity,
        unit_price: line.unit_price,
        amount: line.amount,
        rounded: None,
    }
}

/// Rows of creations, as if all were made on an empty pool. Answers what they cost, and what they
/// pay of the usage (C3), which is not above 0.
fn quote_creations<'c>(
    catalog: &Catalog,
    tier: &'c Tier,
    count: u64,
    rows: &mut Vec<QuoteRow<'c>>,
) -> Result<(Amount, Amount)> {
    if count == 0 {
        return Ok((Amount::ZERO, Amount::ZERO));
    }
    let mut usage = PeriodUsage::empty(catalog, catalog.calendar().period_of(Day::default()));
    usage.book_creations(catalog, tier.index(), 0, count);
    let lines = creation_lines(&usage)?;
    let pays_first_day = catalog.rules().creation_relation == CreationRelation::FirstDay;
    let mut add = |row: fn(&'c Tier, &BillLine) -> QuoteRow<'c>| {
        let mut sum = Amount::ZERO;
        for line in &lines {
            let row = finish_row(catalog, row(tier, line))?;
            sum = sum.plus(row.rounded.unwrap_or(row.amount));
            rows.push(row);
        }
        sum.checked()
    };
    let paid = if is_day_rate(tier) && pays_first_day { add(first_day_row)? } else { Amount::ZERO };
    Ok((add(creation_row)?, paid))
}

fn is_day_rate(tier: &Tier) -> bool {
    tier.creation_charge() == Some(CreationCharge::DayRate)
}

fn creation_row<'c>(tier: &'c Tier, line: &BillLine) -> QuoteRow<'c> {
    QuoteRow {
        rule: if is_day_rate(tier) { "C2" } else { "C1" },
        tier: tier.id(),
        band: None,
        kind: RowKind::Creation,
        // INVARIANT: the lines are made of checked quantities.
        quantity: Quantity::whole(line.quantity).unwrap_or_default(),
        unit_price: line.unit_price,
        amount: line.amount,
        rounded: None,
    }
}

fn first_day_row<'c>(tier: &'c Tier, line: &BillLine) -> QuoteRow<'c> {
    let amount = line.amount.negated();
    QuoteRow { rule: "C3", kind: RowKind::FirstDay, amount, ..creation_row(tier, line) }
}

fn finish_row<'c>(catalog: &Catalog, mut row: QuoteRow<'c>) -> Result<QuoteRow<'c>> {
    row.amount.checked()?;
    if catalog.rounding_apply() == RoundingApply::Line {
        row.rounded = Some(catalog.rounding().round_line(row.amount));
    }
    Ok(row)
}

fn next_unit(catalog: &Catalog, price: &Price, quantity: Quantity) -> Result<Option<NextUnit>> {
    if price.is_flat() {
        return Ok(None);
    }
    let band = price.band_of_unit(quantity.floor().saturating_add(1))?;
    let is_days = catalog.account_day_meter() == Some(price.meter());
    let month_price = is_days.then(|| catalog.month_price(band.unit_price())).transpose()?;
    let room = band.room_above(quantity);
    Ok(Some(NextUnit {
        band: band.number,
        unit_price: band.unit_price(),
        month_price,
        next_band: room.zip(price.band_after(band).map(|next| next.unit_price())),
    }))
}
