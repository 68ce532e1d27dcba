//! Quotes (X1): a basket in, every amount explained.

use alloc::vec::Vec;

use tierwise::{
    Amount, ById, Catalog, Error, FixedAmount, Fraction, ItemUsage, MonthPrice, NextUnit,
    PriceQuote, Quantity, Quote, QuoteItem, QuoteRow, Result, RowKind, TierQuote, UnitPrice,
};

use super::pricing::{amount_due, find_tier};
use crate::{
    catalog::LoadedCatalog,
    kinds::{ByMeter, OneOf, OrNull, TierId},
    read::{Fields, Take, Value, request},
    shape::{Described, Field, ObjectShape, Shape},
    write::{Digits, Equation, KeptText, Name, Quotient, answer},
};

request! {
    /// A basket.
    struct QuoteRequest<'a> = "QuoteRequest" {
        /// What is in it, 1 to 100 items. Those of one tier are priced together (P4).
        items: Vec<ItemRequest<'a>>,
    }
}

/// One item of a basket as a request writes it.
pub(super) struct ItemRequest<'a> {
    tier: TierId<'a>,
    accounts: Option<u64>,
    days: Option<u64>,
    account_days: Option<u64>,
    usage: Option<ByMeter<ById<Quantity>>>,
    creations: Option<u64>,
}

impl Described for ItemRequest<'_> {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "QuoteItem",
            "One item of a basket: so many accounts for so many days, or account-days, or usage \
             by meter.",
            &[
                Field::of::<TierId<'_>>("tier", "The tier."),
                Field::of::<Option<u64>>("accounts", "How many accounts."),
                Field::of::<Option<u64>>("days", "For how many days each."),
                Field::of::<Option<u64>>("accountDays", "How many account-days."),
                Field::of::<Option<ByMeter<ById<Quantity>>>>("usage", "How much of each meter."),
                Field::of::<Option<u64>>(
                    "creations",
                    "How many of the accounts are created, one after the other, in an empty \
                     pool; at most 1 000 000 000.",
                ),
            ],
        )
        .one_of(&[&["accounts", "days"], &["accountDays"], &["usage"]]),
    );
}

impl<'a> Take<'a> for ItemRequest<'a> {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        ItemRequest {
            tier: fields.next(),
            accounts: fields.next(),
            days: fields.next(),
            account_days: fields.next(),
            usage: fields.next(),
            creations: fields.next(),
        }
    }
}

pub(super) fn quote<'c>(
    loaded: &'c LoadedCatalog,
    request: QuoteRequest<'_>,
) -> Result<QuoteAnswer<'c>> {
    let requests = request.items;
    let in_items = |error: Error| error.under("items");
    QuoteItem::check_count(requests.len()).map_err(in_items)?;
    let catalog = loaded.catalog();
    let mut items = Vec::with_capacity(requests.len());
    for (i, item) in requests.into_iter().enumerate() {
        items.push(read_item(catalog, item).map_err(|error| in_items(error.under(i)))?);
    }
    quote_items(loaded, &items).map_err(in_items)
}

/// The quote of items that are checked already. Errors are those of [`tierwise::quote`].
pub(super) fn quote_items<'c>(
    loaded: &'c LoadedCatalog,
    items: &[QuoteItem],
) -> Result<QuoteAnswer<'c>> {
    Ok(QuoteAnswer { loaded, quote: tierwise::quote(loaded.catalog(), items)? })
}

fn read_item(catalog: &Catalog, item: ItemRequest<'_>) -> Result<QuoteItem> {
    let tier = find_tier(catalog, "tier", item.tier)?.index();
    let usage = match (item.accounts, item.days, item.account_days, item.usage) {
        (.., Some(ByMeter(usage))) => ItemUsage::Meters(usage),
        (.., Some(days), None) => ItemUsage::AccountDays(Quantity::whole(days)?),
        (accounts, days, None, None) => {
            ItemUsage::of_accounts(accounts.unwrap_or_default(), days.unwrap_or_default())?
        }
    };
    QuoteItem::new(tier, usage, item.creations.unwrap_or_default())
}

/// A priced basket.
pub(super) struct QuoteAnswer<'c> {
    loaded: &'c LoadedCatalog,
    quote: Quote<'c>,
}

answer! {
    /// A priced basket. The rows add up to the total.
    QuoteAnswer<'_> = "QuoteAnswer", |it| {
        /// The total, rounded once, with the decimals that the catalog rounds to (I3).
        "amountDue": FixedAmount = amount_due(it.loaded, it.quote.amount_due),
        /// Which catalog answers.
        "catalog": &LoadedCatalog = it.loaded,
        /// Its currency, by ISO 4217.
        "currency": Name<'_> = Name(it.loaded.catalog().currency()),
        /// Every row, tiers by rising rank.
        "rows": &[QuoteRow<'_>] = &it.quote.rows,
        /// What each tier comes to, by rising rank.
        "tiers": &[TierQuote<'_>] = &it.quote.tiers,
        /// The sum of the rows: of the exact ones, or of rounded ones where the catalog says so.
        "total": Amount = it.quote.total,
    }
}

answer! {
    /// Which catalog answers (F4).
    LoadedCatalog = "CatalogName", |it| {
        /// SHA-256 of its canonical JSON, in hex.
        "fingerprint": Name<'_> = Name(it.fingerprint()),
        /// Its id.
        "id": Name<'_> = Name(it.catalog().id()),
        /// Its version.
        "version": KeptText<'_> = KeptText(it.catalog().version()),
    }
}

answer! {
    /// One row of an explanation (X1): quantity × unit price = amount, and by which rule.
    QuoteRow<'_> = "QuoteRow", |it| {
        /// Quantity × unit price, exact; negative in a `first_day` row.
        "amount": Amount = it.amount,
        /// The number of the price's band, from 1; null in rows of creations.
        "band": OrNull<u64> = OrNull(it.band.map(|band| band.number)),
        /// The first unit of the band, as a decimal string.
        "from": OrNull<Digits> = OrNull(it.band.map(|band| Digits(band.from))),
        /// What the row is for.
        "kind": OneOf<RowKind> = OneOf(it.kind),
        /// The id of the price; null in rows of creations.
        "price": OrNull<Name<'_>> = OrNull(it.band.map(|band| Name(band.price))),
        /// How many units.
        "quantity": Quantity = it.quantity,
        /// The amount rounded, only where the catalog rounds lines (M6).
        "rounded": Option<Amount> = it.rounded,
        /// The rule that it follows: `P5`, `M2`, `C1`, `C2` or `C3`.
        "rule": Name<'_> = Name(it.rule),
        /// The row in words: `30 × 0.33 = 9.9`.
        "text": Equation<'_, '_> = Equation(it),
        /// The tier.
        "tier": TierId<'_> = TierId(it.tier),
        /// The last unit of the band, as a decimal string; null if it has no end.
        "to": OrNull<Digits> = OrNull(it.band.and_then(|band| band.to).map(Digits)),
        /// What one unit costs.
        "unitPrice": UnitPrice = it.unit_price,
    }
}

answer! {
    /// What one tier of a basket comes to.
    TierQuote<'_> = "TierQuote", |it| {
        /// What its creations cost.
        "creations": Amount = it.creations,
        /// What each of its prices comes to.
        "prices": &[PriceQuote<'_>] = &it.prices,
        /// The tier.
        "tier": TierId<'_> = TierId(it.tier),
        /// The sum of its rows.
        "total": Amount = it.total,
    }
}

answer! {
    /// What one price of a tier comes to.
    PriceQuote<'_> = "PriceQuote", |it| {
        /// Total ÷ quantity; null at quantity 0.
        "effectiveUnitPrice": OrNull<Fraction> = OrNull(it.effective_unit_price),
        /// The meter that it prices.
        "meter": Name<'_> = Name(it.meter),
        /// What the next whole unit costs; null for a flat price.
        "next": OrNull<NextUnit> = OrNull(it.next),
        /// The id of the price.
        "price": Name<'_> = Name(it.price),
        /// How many units of all items of the tier.
        "quantity": Quantity = it.quantity,
        /// The sum of its rows.
        "total": Amount = it.total,
    }
}

answer! {
    /// An exact quotient and its rounding.
    Fraction = "EffectivePrice", |it| {
        /// A decimal where it ends, else `a/b` in lowest terms.
        "exact": Quotient = Quotient(*it),
        /// Rounded to 6 decimals, half up.
        "rounded": Amount = it.rounded(),
    }
}

answer! {
    /// What the next whole unit costs, and how far the next band is.
    NextUnit = "NextUnit", |it| {
        /// The number of its band, from 1.
        "band": u64 = it.band,
        /// Its price for a month of days, for display; null on other meters than account-days.
        "monthPrice": OrNull<MonthPrice> = OrNull(it.month_price),
        /// What a unit of the next band costs; null in the last band.
        "nextBandUnitPrice": OrNull<UnitPrice> = OrNull(it.next_band.map(|(_, price)| price)),
        /// What it costs.
        "unitPrice": UnitPrice = it.unit_price,
        /// How much may be added before the next band is entered; null in the last band.
        "unitsToNextBand": OrNull<Quantity> = OrNull(it.next_band.map(|(units, _)| units)),
    }
}
