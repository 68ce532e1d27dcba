//! Prices, totals, creation charges, rounding (P, C, I3).

use alloc::vec::Vec;

use tierwise::{
    Amount, Catalog, Code, Day, Error, FixedAmount, LineKind, MonthPrice, PeriodUsage, Price,
    PriceLine, Quantity, Result, Tier, UnitPrice, Word,
};

use crate::{
    catalog::LoadedCatalog,
    kinds::{OneOf, OrNull, TierId},
    read::request,
    write::answer,
};

/// The tier that a request names under `key`. Errors: `unknown_tier`.
pub(super) fn find_tier<'a>(
    catalog: &'a Catalog,
    key: &'static str,
    id: TierId<'_>,
) -> Result<&'a Tier> {
    catalog.tier(id.0).map_err(|error| error.under(key))
}

/// The price of account-days of the tier that a request names. Errors: `missing_price`.
fn priced_days(tier: &Tier) -> Result<&Price> {
    tier.priced_account_days().map_err(|error| error.under("tier"))
}

request! {
    /// Which account-day's price is asked for.
    struct PriceOfRequest<'a> = "PriceOfRequest" {
        /// The tier.
        tier: TierId<'a>,
        /// The number of the account-day in the period's pool, from 1.
        n: u64,
    }
}

/// The price of an account-day.
pub(super) struct PriceOfAnswer {
    price: UnitPrice,
}

answer! {
    /// The price of an account-day.
    PriceOfAnswer = "PriceOfAnswer", |it| {
        /// What that account-day costs (P2).
        "price": UnitPrice = it.price,
    }
}

pub(super) fn price_of(
    loaded: &LoadedCatalog,
    request: PriceOfRequest<'_>,
) -> Result<PriceOfAnswer> {
    let tier = find_tier(loaded.catalog(), "tier", request.tier)?;
    let price = priced_days(tier)?;
    let band = price.band_of_unit(request.n).map_err(|error| error.under("n"))?;
    Ok(PriceOfAnswer { price: band.unit_price() })
}

request! {
    /// How many account-days are to be priced.
    struct TotalRequest<'a> = "TotalRequest" {
        /// The tier.
        tier: TierId<'a>,
        /// How many account-days the period's pool has.
        account_days: u64,
    }
}

/// The price of a number of account-days.
pub(super) struct TotalAnswer {
    lines: Vec<PriceLine>,
    total: Amount,
}

answer! {
    /// The price of a number of account-days. The lines add up to the total.
    TotalAnswer = "TotalAnswer", |it| {
        /// One line for each band that the account-days reach, rising (P5).
        "lines": &[PriceLine] = &it.lines,
        /// The exact price (P3).
        "total": Amount = it.total,
    }
}

/// What a line of a total is for, where it is not units.
#[derive(Clone, Copy)]
pub(super) struct Fee;

impl Word for Fee {
    const WHAT: &'static str = "kind of line";
    const WORDS: &'static [&'static str] = &["flat_fee"];
    const VALUES: &'static [Self] = &[Fee];

    fn as_str(self) -> &'static str {
        "flat_fee"
    }
}

answer! {
    /// One line of a total: a part of the account-days in one band, or the band's fee.
    PriceLine = "PriceLine", |line| {
        /// Quantity × price, exact.
        "amount": Amount = line.amount,
        /// The first account-day of the band.
        "from": u64 = line.from,
        /// Only in the line of a band's flat fee.
        "kind": Option<OneOf<Fee>> = (line.kind == LineKind::FlatFee).then_some(OneOf(Fee)),
        /// What one account-day of the band costs, or the fee.
        "price": UnitPrice = line.unit_price,
        /// How many account-days lie in the band; 1 for a fee.
        "quantity": u64 = line.quantity.floor(),
        /// The last account-day of the band; null if it has no end.
        "to": OrNull<u64> = OrNull(line.to),
    }
}

pub(super) fn total(loaded: &LoadedCatalog, request: TotalRequest<'_>) -> Result<TotalAnswer> {
    let tier = find_tier(loaded.catalog(), "tier", request.tier)?;
    let price = priced_days(tier)?;
    let quantity = Quantity::whole(request.account_days)?;
    let total = price.total(quantity).map_err(|error| error.under("account_days"))?;
    Ok(TotalAnswer { lines: price.lines(quantity).collect(), total })
}

answer! {
    /// A day price as a price for a month, for display, never for charging.
    MonthPrice = "MonthPrice", |it| {
        /// Price × display days, exactly.
        "exact": Amount = it.exact,
        /// Rounded to the nearest display step, a tie going up (P6).
        "shown": Amount = it.shown,
    }
}

request! {
    /// Which band's month price is asked for.
    struct MonthPriceRequest<'a> = "MonthPriceRequest" {
        /// The tier.
        tier: TierId<'a>,
        /// The number of the band, from 1.
        band: u64,
    }
}

pub(super) fn month_price(
    loaded: &LoadedCatalog,
    request: MonthPriceRequest<'_>,
) -> Result<MonthPrice> {
    let catalog = loaded.catalog();
    let number = request.band;
    let tier = find_tier(catalog, "tier", request.tier)?;
    let bands = priced_days(tier)?.bands();
    let band = bands.iter().find(|band| band.number == number).ok_or_else(|| {
        let message = format_args!("there is no band {number}, the price has 1 to {}", bands.len());
        Error::new(Code::OutOfRange, message).under("band")
    })?;
    catalog.month_price(band.unit_price())
}

request! {
    /// Where an account is created.
    struct CreationChargeRequest<'a> = "CreationChargeRequest" {
        /// Its tier.
        tier: TierId<'a>,
        /// How many account-days the period's pool of the tier has already.
        pool_before: u64,
    }
}

/// What creating an account costs.
pub(super) struct CreationChargeAnswer {
    charge: UnitPrice,
}

answer! {
    /// What creating an account costs.
    CreationChargeAnswer = "CreationChargeAnswer", |it| {
        /// The charge (C1, C2).
        "charge": UnitPrice = it.charge,
    }
}

pub(super) fn creation_charge(
    loaded: &LoadedCatalog,
    request: CreationChargeRequest<'_>,
) -> Result<CreationChargeAnswer> {
    let catalog = loaded.catalog();
    let tier = find_tier(catalog, "tier", request.tier)?;
    let mut usage = PeriodUsage::empty(catalog, catalog.calendar().period_of(Day::default()));
    usage.book_creations(catalog, tier.index(), request.pool_before, 1);
    Ok(CreationChargeAnswer { charge: usage.dearest_creation() })
}

request! {
    /// Which amount is to be rounded.
    struct RoundRequest = "RoundRequest" {
        /// The exact amount, at most 12 decimals.
        total: Amount,
    }
}

/// An amount as it is due.
pub(super) struct RoundAnswer {
    amount_due: FixedAmount,
}

answer! {
    /// An amount as it is due.
    RoundAnswer = "RoundAnswer", |it| {
        /// The amount, rounded as the catalog says, with that many decimals (I3).
        "amount_due": FixedAmount = it.amount_due,
    }
}

pub(super) fn round(loaded: &LoadedCatalog, request: RoundRequest) -> Result<RoundAnswer> {
    let rounded = loaded.catalog().rounding().round(request.total);
    Ok(RoundAnswer { amount_due: amount_due(loaded, rounded) })
}

/// A rounded amount with the decimals that the catalog rounds to (G3).
pub(super) fn amount_due(loaded: &LoadedCatalog, rounded: Amount) -> FixedAmount {
    rounded.with_places(loaded.catalog().rounding().places)
}
