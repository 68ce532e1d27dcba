//! Quotes (X1): a basket in, every amount explained.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tierwise::{
    Amount, Catalog, Code, Error, Fraction, ItemUsage, NextUnit, Quantity, QuoteItem, QuoteRow,
    Result, RowKind, TierQuote, UnitPrice,
    limits::{MAX_ACCOUNTS, MAX_ITEMS},
};

use super::{
    pricing::{MonthPriceAnswer, amount_due},
    write,
};
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{QuantityField, Text, Whole, as_text, as_word, optional},
    refusals::missing_key,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct QuoteRequest {
    items: Vec<ItemRequest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct ItemRequest {
    tier: Text,
    #[serde(default, deserialize_with = "optional")]
    accounts: Option<Whole>,
    #[serde(default, deserialize_with = "optional")]
    days: Option<Whole>,
    #[serde(default, deserialize_with = "optional")]
    account_days: Option<Whole>,
    #[serde(default, deserialize_with = "optional")]
    usage: Option<BTreeMap<String, QuantityField>>,
    #[serde(default, deserialize_with = "optional")]
    creations: Option<Whole>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuoteAnswer<'a> {
    amount_due: String,
    catalog: CatalogName<'a>,
    currency: &'a str,
    rows: Vec<RowAnswer<'a>>,
    tiers: Vec<TierAnswer<'a>>,
    #[serde(serialize_with = "as_text")]
    total: Amount,
}

#[derive(Serialize)]
struct CatalogName<'a> {
    fingerprint: &'a str,
    id: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowAnswer<'a> {
    #[serde(serialize_with = "as_text")]
    amount: Amount,
    band: Option<u64>,
    from: Option<String>,
    #[serde(serialize_with = "as_word")]
    kind: RowKind,
    price: Option<&'a str>,
    #[serde(serialize_with = "as_text")]
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounded: Option<String>,
    rule: &'a str,
    text: &'a str,
    tier: &'a str,
    to: Option<String>,
    #[serde(serialize_with = "as_text")]
    unit_price: UnitPrice,
}

#[derive(Serialize)]
struct TierAnswer<'a> {
    #[serde(serialize_with = "as_text")]
    creations: Amount,
    prices: Vec<PriceAnswer<'a>>,
    tier: &'a str,
    #[serde(serialize_with = "as_text")]
    total: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PriceAnswer<'a> {
    effective_unit_price: Option<FractionAnswer>,
    meter: &'a str,
    next: Option<NextAnswer>,
    price: &'a str,
    #[serde(serialize_with = "as_text")]
    quantity: Quantity,
    #[serde(serialize_with = "as_text")]
    total: Amount,
}

#[derive(Serialize)]
struct FractionAnswer {
    #[serde(serialize_with = "as_text")]
    exact: Fraction,
    #[serde(serialize_with = "as_text")]
    rounded: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NextAnswer {
    band: u64,
    month_price: Option<MonthPriceAnswer>,
    next_band_unit_price: Option<String>,
    #[serde(serialize_with = "as_text")]
    unit_price: UnitPrice,
    units_to_next_band: Option<String>,
}

pub(super) fn quote(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: QuoteRequest = request.typed()?;
    let catalog = loaded.catalog();
    if request.items.is_empty() || request.items.len() > MAX_ITEMS {
        let message =
            format!("there are {} items, a quote has 1 to {MAX_ITEMS}", request.items.len());
        return Err(Error::new(Code::OutOfRange, message).at("/items"));
    }
    let items: Result<Vec<_>> = request
        .items
        .iter()
        .enumerate()
        .map(|(i, item)| read_item(catalog, item).map_err(|error| error.under(i)))
        .collect();
    let items = items.map_err(|error| error.at("/items"))?;
    let quote = tierwise::quote(catalog, &items).map_err(|error| error.at("/items"))?;
    write(&QuoteAnswer {
        amount_due: amount_due(loaded, quote.amount_due),
        catalog: CatalogName {
            fingerprint: loaded.fingerprint(),
            id: catalog.id(),
            version: catalog.version(),
        },
        currency: catalog.currency(),
        rows: quote.rows.iter().map(|row| row_answer(catalog, row)).collect(),
        tiers: quote.tiers.iter().map(|tier| tier_answer(catalog, tier)).collect(),
        total: quote.total,
    })
}

fn read_item(catalog: &Catalog, item: &ItemRequest) -> Result<QuoteItem> {
    let tier = catalog.tier(&item.tier.0).map_err(|error| error.under("tier"))?.index();
    let usage = match (item.accounts, item.days, item.account_days, &item.usage) {
        (Some(accounts), Some(days), None, None) => {
            let product = accounts.0.saturating_mul(days.0);
            let quantity = Quantity::whole(product).map_err(|_| {
                let message = "the accounts have more account-days than a quantity may be";
                Error::new(Code::QuantityTooLarge, message)
            })?;
            ItemUsage::AccountDays(quantity)
        }
        (None, None, Some(days), None) => ItemUsage::AccountDays(Quantity::whole(days.0)?),
        (None, None, None, Some(usage)) => {
            let meters = usage.iter().map(|(meter, quantity)| (meter.clone(), quantity.0));
            ItemUsage::Meters(meters.collect())
        }
        (Some(_), None, None, None) => return Err(missing_key("days")),
        (None, Some(_), None, None) => return Err(missing_key("accounts")),
        _ => {
            let message = "an item has `accounts` and `days`, or `accountDays`, or `usage`";
            return Err(
                Error::new(Code::WrongForm, message).with_help("write exactly one of the three")
            );
        }
    };
    let creations = item.creations.map_or(0, |creations| creations.0);
    if creations > MAX_ACCOUNTS {
        let message = format!("`{creations}` is too much, at most {MAX_ACCOUNTS} are allowed");
        return Err(Error::new(Code::OutOfRange, message).under("creations"));
    }
    Ok(QuoteItem { tier, usage, creations })
}

fn row_answer<'a>(catalog: &'a Catalog, row: &'a QuoteRow) -> RowAnswer<'a> {
    let band = row.band.as_ref();
    RowAnswer {
        amount: row.amount,
        band: band.map(|(_, number, _, _)| *number),
        from: band.map(|(_, _, from, _)| from.to_string()),
        kind: row.kind,
        price: band.map(|(price, ..)| price.as_str()),
        quantity: row.quantity,
        rounded: row.rounded.map(|rounded| rounded.to_string()),
        rule: row.rule,
        text: &row.text,
        tier: catalog.tier_at(row.tier).id(),
        to: band.and_then(|(_, _, _, to)| to.map(|to| to.to_string())),
        unit_price: row.unit_price,
    }
}

fn tier_answer<'a>(catalog: &'a Catalog, tier: &'a TierQuote) -> TierAnswer<'a> {
    let prices = tier.prices.iter().map(|price| PriceAnswer {
        effective_unit_price: price
            .effective_unit_price
            .map(|exact| FractionAnswer { exact, rounded: exact.rounded() }),
        meter: &price.meter,
        next: price.next.map(next_answer),
        price: &price.price,
        quantity: price.quantity,
        total: price.total,
    });
    TierAnswer {
        creations: tier.creations,
        prices: prices.collect(),
        tier: catalog.tier_at(tier.tier).id(),
        total: tier.total,
    }
}

fn next_answer(next: NextUnit) -> NextAnswer {
    NextAnswer {
        band: next.band,
        month_price: next
            .month_price
            .map(|price| MonthPriceAnswer { exact: price.exact, shown: price.shown }),
        next_band_unit_price: next.next_band.map(|(_, price)| price.to_string()),
        unit_price: next.unit_price,
        units_to_next_band: next.next_band.map(|(room, _)| room.to_string()),
    }
}
