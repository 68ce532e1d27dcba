//! Quotes (X1): a basket in, every amount explained.

use alloc::{string::String, vec::Vec};

use tierwise::{
    ById, Catalog, Code, Error, Fraction, ItemUsage, NextUnit, PriceQuote, Quantity, Quote,
    QuoteItem, QuoteRow, Result, TierQuote, Word,
    limits::{MAX_ACCOUNTS, MAX_ITEMS},
};

use super::pricing::{amount_due, find_tier};
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Fields, Read, missing_key},
    writer::{Answer, ObjectWriter, written},
};

struct ItemRequest {
    tier: String,
    accounts: Option<u64>,
    days: Option<u64>,
    account_days: Option<u64>,
    usage: Option<ById<Quantity>>,
    creations: u64,
}

impl Read for ItemRequest {
    fn read(document: &Document) -> Result<Self> {
        let known = ["tier", "accounts", "days", "accountDays", "usage", "creations"];
        let mut fields = Fields::of(document, &known);
        let item = ItemRequest {
            tier: fields.required("tier"),
            accounts: fields.optional("accounts"),
            days: fields.optional("days"),
            account_days: fields.optional("accountDays"),
            usage: fields.optional("usage"),
            creations: fields.optional("creations").unwrap_or_default(),
        };
        fields.made(item)
    }
}

pub(super) fn quote(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["items"]);
    let requests: Vec<ItemRequest> = fields.required("items");
    fields.done()?;
    let in_items = |error: Error| error.under("items");
    if requests.is_empty() || requests.len() > MAX_ITEMS {
        let message =
            format_args!("there are {} items, a quote has 1 to {MAX_ITEMS}", requests.len());
        return Err(in_items(Error::new(Code::OutOfRange, message)));
    }
    let catalog = loaded.catalog();
    let mut items = Vec::with_capacity(requests.len());
    for (i, item) in requests.into_iter().enumerate() {
        items.push(read_item(catalog, item).map_err(|error| in_items(error.under(i)))?);
    }
    let quote = tierwise::quote(catalog, &items).map_err(in_items)?;
    Ok(written(&QuoteAnswer { loaded, quote }))
}

fn read_item(catalog: &Catalog, item: ItemRequest) -> Result<QuoteItem> {
    let tier = find_tier(catalog, "tier", &item.tier)?.index();
    let usage = match (item.accounts, item.days, item.account_days, item.usage) {
        (Some(accounts), Some(days), None, None) => {
            let quantity = Quantity::whole(accounts.saturating_mul(days)).map_err(|_| {
                let message = "the accounts have more account-days than a quantity may be";
                Error::new(Code::QuantityTooLarge, message)
            })?;
            ItemUsage::AccountDays(quantity)
        }
        (None, None, Some(days), None) => ItemUsage::AccountDays(Quantity::whole(days)?),
        (None, None, None, Some(usage)) => ItemUsage::Meters(usage),
        (Some(_), None, None, None) => return Err(missing_key("days")),
        (None, Some(_), None, None) => return Err(missing_key("accounts")),
        _ => {
            let message = "an item has `accounts` and `days`, or `accountDays`, or `usage`";
            return Err(
                Error::new(Code::WrongForm, message).with_help("write exactly one of the three")
            );
        }
    };
    let creations = item.creations;
    if creations > MAX_ACCOUNTS {
        let message = format_args!("`{creations}` is too much, at most {MAX_ACCOUNTS} are allowed");
        return Err(Error::new(Code::OutOfRange, message).under("creations"));
    }
    Ok(QuoteItem { tier, usage, creations })
}

struct QuoteAnswer<'a> {
    loaded: &'a LoadedCatalog,
    quote: Quote,
}

impl Answer for QuoteAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let catalog = self.loaded.catalog();
        let rows: Vec<_> = self.quote.rows.iter().map(|row| RowAnswer { catalog, row }).collect();
        let tiers: Vec<_> =
            self.quote.tiers.iter().map(|tier| TierAnswer { catalog, tier }).collect();
        to.plain("amountDue", &amount_due(self.loaded, self.quote.amount_due));
        to.object("catalog", self.loaded);
        to.text("currency", catalog.currency());
        to.list("rows", &rows);
        to.list("tiers", &tiers);
        to.plain("total", &self.quote.total);
    }
}

/// Which catalog answers (F4).
impl Answer for LoadedCatalog {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.text("fingerprint", self.fingerprint());
        to.text("id", self.catalog().id());
        to.text("version", self.catalog().version());
    }
}

struct RowAnswer<'a> {
    catalog: &'a Catalog,
    row: &'a QuoteRow,
}

impl Answer for RowAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let row = self.row;
        let band = row.band.as_ref();
        to.plain("amount", &row.amount);
        to.number_or_null("band", band.map(|band| band.number));
        to.plain_or_null("from", band.map(|band| &band.from as _));
        to.text("kind", row.kind.as_str());
        to.plain_or_null("price", band.map(|band| &band.price as _));
        to.plain("quantity", &row.quantity);
        if let Some(rounded) = &row.rounded {
            to.plain("rounded", rounded);
        }
        to.text("rule", row.rule);
        to.text("text", &row.text);
        to.text("tier", self.catalog.tier_at(row.tier).id());
        let last = band.and_then(|band| band.to.as_ref());
        to.plain_or_null("to", last.map(|last| last as _));
        to.plain("unitPrice", &row.unit_price);
    }
}

struct TierAnswer<'a> {
    catalog: &'a Catalog,
    tier: &'a TierQuote,
}

impl Answer for TierAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("creations", &self.tier.creations);
        to.list("prices", &self.tier.prices);
        to.text("tier", self.catalog.tier_at(self.tier.tier).id());
        to.plain("total", &self.tier.total);
    }
}

impl Answer for PriceQuote {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let effective = self.effective_unit_price.as_ref();
        to.object_or_null("effectiveUnitPrice", effective.map(|price| price as _));
        to.text("meter", &self.meter);
        to.object_or_null("next", self.next.as_ref().map(|next| next as _));
        to.text("price", &self.price);
        to.plain("quantity", &self.quantity);
        to.plain("total", &self.total);
    }
}

impl Answer for Fraction {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        to.plain("exact", self);
        to.plain("rounded", &self.rounded());
    }
}

impl Answer for NextUnit {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let next = self.next_band.as_ref();
        to.number("band", self.band);
        to.object_or_null("monthPrice", self.month_price.as_ref().map(|price| price as _));
        to.plain_or_null("nextBandUnitPrice", next.map(|(_, price)| price as _));
        to.plain("unitPrice", &self.unit_price);
        to.plain_or_null("unitsToNextBand", next.map(|(room, _)| room as _));
    }
}
