//! Prices, totals, creation charges, rounding (P, C, I3).

use serde::{Deserialize, Serialize};
use tierwise::{
    Amount, Code, Error, LineKind, PeriodUsage, PriceLine, Quantity, Result, UnitPrice,
};

use super::write;
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Parsed, Text, Whole, as_text},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct PriceOfRequest {
    tier: Text,
    n: Whole,
}

#[derive(Serialize)]
struct PriceOfAnswer {
    #[serde(serialize_with = "as_text")]
    price: UnitPrice,
}

pub(super) fn price_of(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: PriceOfRequest = request.typed()?;
    let tier = loaded.catalog().tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let price = tier.priced_account_days().map_err(|error| error.at("/tier"))?;
    let band = price.band_of_unit(request.n.0).map_err(|error| error.at("/n"))?;
    write(&PriceOfAnswer { price: band.unit_price() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct TotalRequest {
    tier: Text,
    account_days: Whole,
}

#[derive(Serialize)]
struct TotalAnswer {
    lines: Vec<TotalLine>,
    #[serde(serialize_with = "as_text")]
    total: Amount,
}

#[derive(Serialize)]
struct TotalLine {
    #[serde(serialize_with = "as_text")]
    amount: Amount,
    from: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(serialize_with = "as_text")]
    price: UnitPrice,
    quantity: u64,
    to: Option<u64>,
}

impl TotalLine {
    fn of(line: &PriceLine) -> Self {
        TotalLine {
            amount: line.amount,
            from: line.from,
            kind: (line.kind == LineKind::FlatFee).then_some("flat_fee"),
            price: line.unit_price,
            quantity: line.quantity.floor(),
            to: line.to,
        }
    }
}

pub(super) fn total(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: TotalRequest = request.typed()?;
    let tier = loaded.catalog().tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let price = tier.priced_account_days().map_err(|error| error.at("/tier"))?;
    let quantity = Quantity::whole(request.account_days.0)?;
    let total = price.total(quantity).map_err(|error| error.at("/account_days"))?;
    let lines = price.lines(quantity).map(|line| TotalLine::of(&line)).collect();
    write(&TotalAnswer { lines, total })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct MonthPriceRequest {
    tier: Text,
    band: Whole,
}

#[derive(Serialize)]
pub(super) struct MonthPriceAnswer {
    #[serde(serialize_with = "as_text")]
    pub(super) exact: Amount,
    #[serde(serialize_with = "as_text")]
    pub(super) shown: Amount,
}

pub(super) fn month_price(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: MonthPriceRequest = request.typed()?;
    let catalog = loaded.catalog();
    let tier = catalog.tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let bands = tier.priced_account_days().map_err(|error| error.at("/tier"))?.bands();
    let number = request.band.0;
    let band = bands.iter().find(|band| band.number == number).ok_or_else(|| {
        let message = format!("there is no band {number}, the price has 1 to {}", bands.len());
        Error::new(Code::OutOfRange, message).at("/band")
    })?;
    let price = catalog.month_price(band.unit_price())?;
    write(&MonthPriceAnswer { exact: price.exact, shown: price.shown })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct CreationChargeRequest {
    tier: Text,
    pool_before: Whole,
}

#[derive(Serialize)]
struct CreationChargeAnswer {
    #[serde(serialize_with = "as_text")]
    charge: UnitPrice,
}

pub(super) fn creation_charge(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: CreationChargeRequest = request.typed()?;
    let catalog = loaded.catalog();
    let tier = catalog.tier(&request.tier.0).map_err(|error| error.at("/tier"))?;
    let mut usage = PeriodUsage::empty(catalog, catalog.calendar().period_of(Default::default()));
    usage.book_creations(catalog, tier.index(), request.pool_before.0, 1);
    // A charge of 0 is not booked.
    let charge = usage.creations.keys().next().map_or(UnitPrice::ZERO, |(_, charge)| *charge);
    write(&CreationChargeAnswer { charge })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct RoundRequest {
    total: Parsed<Amount>,
}

#[derive(Serialize)]
struct RoundAnswer {
    amount_due: String,
}

pub(super) fn round(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: RoundRequest = request.typed()?;
    let rounded = loaded.catalog().rounding().round(request.total.0);
    write(&RoundAnswer { amount_due: amount_due(loaded, rounded) })
}

/// A rounded amount with the decimals that the catalog rounds to (G3).
pub(super) fn amount_due(loaded: &LoadedCatalog, rounded: Amount) -> String {
    rounded.with_places(loaded.catalog().rounding().places).to_string()
}
