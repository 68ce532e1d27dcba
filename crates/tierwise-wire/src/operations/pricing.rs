//! Prices, totals, creation charges, rounding (P, C, I3).

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use tierwise::{
    Amount, Catalog, Code, Day, Error, LineKind, MonthPrice, PeriodUsage, Price, PriceLine,
    Quantity, Result, Tier, UnitPrice,
};

use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::Fields,
    writer::{Answer, ObjectWriter, written},
};

/// The tier that a request names under `key`. Errors: `unknown_tier`.
pub(super) fn find_tier<'a>(catalog: &'a Catalog, key: &'static str, id: &str) -> Result<&'a Tier> {
    catalog.tier(id).map_err(|error| error.under(key))
}

/// The price of account-days of the tier that a request names. Errors: `missing_price`.
fn priced_days(tier: &Tier) -> Result<&Price> {
    tier.priced_account_days().map_err(|error| error.under("tier"))
}

struct PriceOfAnswer {
    price: UnitPrice,
}

impl Answer for PriceOfAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("price", &self.price);
    }
}

pub(super) fn price_of(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "n"]);
    let (tier, n): (String, u64) = (fields.required("tier"), fields.required("n"));
    fields.done()?;
    let tier = find_tier(loaded.catalog(), "tier", &tier)?;
    let price = priced_days(tier)?;
    let band = price.band_of_unit(n).map_err(|error| error.under("n"))?;
    Ok(written(&PriceOfAnswer { price: band.unit_price() }))
}

struct TotalAnswer {
    lines: Vec<PriceLine>,
    total: Amount,
}

impl Answer for TotalAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.list("lines", &self.lines);
        to.plain("total", &self.total);
    }
}

impl Answer for PriceLine {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("amount", &self.amount);
        to.number("from", self.from);
        if self.kind == LineKind::FlatFee {
            to.text("kind", "flat_fee");
        }
        to.plain("price", &self.unit_price);
        to.number("quantity", self.quantity.floor());
        to.number_or_null("to", self.to);
    }
}

pub(super) fn total(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "account_days"]);
    let (tier, days): (String, u64) = (fields.required("tier"), fields.required("account_days"));
    fields.done()?;
    let tier = find_tier(loaded.catalog(), "tier", &tier)?;
    let price = priced_days(tier)?;
    let quantity = Quantity::whole(days)?;
    let total = price.total(quantity).map_err(|error| error.under("account_days"))?;
    Ok(written(&TotalAnswer { lines: price.lines(quantity).collect(), total }))
}

impl Answer for MonthPrice {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("exact", &self.exact);
        to.plain("shown", &self.shown);
    }
}

pub(super) fn month_price(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "band"]);
    let (tier, number): (String, u64) = (fields.required("tier"), fields.required("band"));
    fields.done()?;
    let catalog = loaded.catalog();
    let tier = find_tier(catalog, "tier", &tier)?;
    let bands = priced_days(tier)?.bands();
    let band = bands.iter().find(|band| band.number == number).ok_or_else(|| {
        let message = format_args!("there is no band {number}, the price has 1 to {}", bands.len());
        Error::new(Code::OutOfRange, message).under("band")
    })?;
    Ok(written(&catalog.month_price(band.unit_price())?))
}

struct CreationChargeAnswer {
    charge: UnitPrice,
}

impl Answer for CreationChargeAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("charge", &self.charge);
    }
}

pub(super) fn creation_charge(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["tier", "pool_before"]);
    let (tier, pool): (String, u64) = (fields.required("tier"), fields.required("pool_before"));
    fields.done()?;
    let catalog = loaded.catalog();
    let tier = find_tier(catalog, "tier", &tier)?;
    let mut usage = PeriodUsage::empty(catalog, catalog.calendar().period_of(Day::default()));
    usage.book_creations(catalog, tier.index(), pool, 1);
    Ok(written(&CreationChargeAnswer { charge: usage.dearest_creation() }))
}

struct RoundAnswer {
    amount_due: String,
}

impl Answer for RoundAnswer {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("amount_due", &self.amount_due);
    }
}

pub(super) fn round(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["total"]);
    let total = fields.required("total");
    fields.done()?;
    let rounded = loaded.catalog().rounding().round(total);
    Ok(written(&RoundAnswer { amount_due: amount_due(loaded, rounded) }))
}

/// A rounded amount with the decimals that the catalog rounds to (G3).
pub(super) fn amount_due(loaded: &LoadedCatalog, rounded: Amount) -> String {
    rounded.with_places(loaded.catalog().rounding().places).to_string()
}
