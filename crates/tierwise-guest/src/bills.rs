//! Quotes and invoices (X1, section 6).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use tierwise::{
    AccountGroup, Action, Amount, Bill, BillLine, BillLineKind, BillStatus, ById, Catalog, Code,
    Error, Event, Instant, ItemUsage, NextUnit, PriceQuote, Quantity, QuoteItem, QuoteRow, Result,
    RowBand, RowKind, TierIndex, TierQuote, limits::MAX_METERS,
};

use crate::{
    read::{amount, price, printed, quantity, text, tier, whole_numbers},
    wit,
};

pub(crate) fn quote(catalog: &Catalog, items: Vec<wit::QuoteItem>) -> Result<wit::QuoteAnswer> {
    read_items(catalog, &items)
        .and_then(|items| tierwise::quote(catalog, &items))
        .map(|quote| wit::QuoteAnswer {
            tiers: list(&quote.tiers, quoted_tier),
            rows: list(&quote.rows, quote_row),
            total: amount(quote.total),
            amount_due: amount_due(catalog, quote.amount_due),
        })
        .map_err(|error| error.under("items"))
}

/// As in JSON: first the types and bounds of all items, then what they mean.
fn read_items(catalog: &Catalog, items: &[wit::QuoteItem]) -> Result<Vec<QuoteItem>> {
    let mut usages = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        usages.push(read_usage(item).map_err(|error| error.under(i))?);
    }
    QuoteItem::check_count(items.len())?;
    let mut read = Vec::with_capacity(items.len());
    for (i, (item, usage)) in items.iter().zip(usages).enumerate() {
        read.push(read_item(catalog, item, usage).map_err(|error| error.under(i))?);
    }
    Ok(read)
}

fn read_usage(item: &wit::QuoteItem) -> Result<ItemUsage> {
    whole_numbers(&[("creations", item.creations)])?;
    match &item.usage {
        wit::ItemUsage::Active(active) => {
            whole_numbers(&[("accounts", active.accounts), ("days", active.days)])?;
            Ok(ItemUsage::AccountDays(Quantity::ZERO))
        }
        wit::ItemUsage::AccountDays(days) => {
            whole_numbers(&[("accountDays", *days)])?;
            Ok(ItemUsage::AccountDays(Quantity::whole(*days)?))
        }
        wit::ItemUsage::Meters(meters) => {
            read_meters(meters).map(ItemUsage::Meters).map_err(|error| error.under("usage"))
        }
    }
}

fn read_meters(meters: &[wit::Metered]) -> Result<ById<Quantity>> {
    if meters.len() > MAX_METERS {
        let message =
            format_args!("there are {} names, at most {MAX_METERS} are allowed", meters.len());
        return Err(Error::new(Code::OutOfRange, message));
    }
    let mut read = ById::default();
    for wit::Metered { meter, quantity } in meters {
        if read.contains(meter) {
            let message = format_args!("the meter `{meter}` stands twice");
            return Err(Error::new(Code::DuplicateKey, message).under(meter));
        }
        let quantity = Quantity::parse(quantity).map_err(|error| error.under(meter))?;
        read.insert(meter.clone(), quantity);
    }
    Ok(read)
}

fn read_item(catalog: &Catalog, item: &wit::QuoteItem, usage: ItemUsage) -> Result<QuoteItem> {
    let tier = tier(catalog, "tier", &item.tier)?.index();
    let usage = match &item.usage {
        wit::ItemUsage::Active(active) => ItemUsage::of_accounts(active.accounts, active.days)?,
        wit::ItemUsage::AccountDays(_) | wit::ItemUsage::Meters(_) => usage,
    };
    QuoteItem::new(tier, usage, item.creations)
}

fn quoted_tier(quote: &TierQuote<'_>) -> wit::TierQuote {
    wit::TierQuote {
        tier: quote.tier.to_owned(),
        prices: list(&quote.prices, price_quote),
        creations: amount(quote.creations),
        total: amount(quote.total),
    }
}

fn price_quote(quote: &PriceQuote<'_>) -> wit::PriceQuote {
    let effective = quote
        .effective_unit_price
        .map(|price| wit::ShownPrice { exact: printed(&price), shown: amount(price.rounded()) });
    wit::PriceQuote {
        price: quote.price.to_owned(),
        meter: quote.meter.to_owned(),
        quantity: quantity(quote.quantity),
        total: amount(quote.total),
        effective_unit_price: effective,
        next: quote.next.as_ref().map(next_unit),
    }
}

fn next_unit(next: &NextUnit) -> wit::NextUnit {
    wit::NextUnit {
        band: next.band,
        unit_price: price(next.unit_price),
        month_price: next.month_price.map(|price| wit::ShownPrice {
            exact: amount(price.exact),
            shown: amount(price.shown),
        }),
        next_band: next.next_band.map(|(room, unit_price)| wit::NextBand {
            room: quantity(room),
            unit_price: price(unit_price),
        }),
    }
}

fn quote_row(row: &QuoteRow<'_>) -> wit::QuoteRow {
    wit::QuoteRow {
        rule: row.rule.to_owned(),
        tier: row.tier.to_owned(),
        band: row.band.map(|RowBand { price, number, from, to }| wit::RowBand {
            price: price.to_owned(),
            number,
            from,
            to,
        }),
        kind: match row.kind {
            RowKind::Units => wit::RowKind::Units,
            RowKind::FlatFee => wit::RowKind::FlatFee,
            RowKind::FirstDay => wit::RowKind::FirstDay,
            RowKind::Creation => wit::RowKind::Creation,
        },
        quantity: quantity(row.quantity),
        unit_price: price(row.unit_price),
        amount: amount(row.amount),
        rounded: row.rounded.map(amount),
        text: printed(row),
    }
}

pub(crate) fn invoice(
    catalog: &Catalog,
    question: &wit::InvoiceQuestion,
) -> Result<wit::InvoiceAnswer> {
    let in_groups = |error: Error| error.under("groups");
    let times = read_times(&question.groups).map_err(in_groups)?;
    let as_of = question.as_of.as_deref().map(Instant::parse).transpose();
    let as_of = as_of.map_err(|error| error.under("as_of"))?;
    let period = catalog.calendar().parse_period(&question.period);
    let period = period.map_err(|error| error.under("period"))?;
    let groups = read_groups(catalog, &question.groups, times).map_err(in_groups)?;
    let usage = tierwise::usage_of_groups(catalog, period, &groups, as_of).map_err(in_groups)?;
    let bill = Bill::of(catalog, &usage).map_err(in_groups)?;
    Ok(wit::InvoiceAnswer {
        account_days: account_days(catalog, &usage.account_days),
        lines: list(&bill.lines, |line| invoice_line(catalog, line)),
        total: amount(bill.total),
        amount_due: amount_due(catalog, bill.amount_due),
        status: as_of.map(|as_of| match tierwise::status_at(catalog, period, as_of) {
            BillStatus::Open => wit::InvoiceStatus::Open,
            BillStatus::Final => wit::InvoiceStatus::Final,
        }),
    })
}

/// The moments of all events, group by group.
fn read_times(groups: &[wit::AccountGroup]) -> Result<Vec<Vec<Instant>>> {
    let mut all = Vec::with_capacity(groups.len());
    for (i, group) in groups.iter().enumerate() {
        whole_numbers(&[("count", group.count)]).map_err(|error| error.under(i))?;
        let mut times = Vec::with_capacity(group.events.len());
        for (j, event) in group.events.iter().enumerate() {
            let time = Instant::parse(&event.at);
            let place = |error: Error| error.under("at").under(j).under("events").under(i);
            times.push(time.map_err(place)?);
        }
        all.push(times);
    }
    Ok(all)
}

fn read_groups(
    catalog: &Catalog,
    groups: &[wit::AccountGroup],
    times: Vec<Vec<Instant>>,
) -> Result<Vec<AccountGroup>> {
    let mut read = Vec::with_capacity(groups.len());
    for (i, (group, times)) in groups.iter().zip(times).enumerate() {
        let mut story = AccountGroup::of(group.count).map_err(|error| error.under(i))?;
        story.events.reserve(times.len());
        for (j, (event, at)) in group.events.iter().zip(times).enumerate() {
            let action = read_action(catalog, &event.action);
            let place = |error: Error| error.under(j).under("events").under(i);
            story.events.push(Event { at, action: action.map_err(place)? });
        }
        read.push(story);
    }
    Ok(read)
}

fn read_action(catalog: &Catalog, action: &wit::Action) -> Result<Action> {
    let find = |id: &str| Ok(tier(catalog, "tier", id)?.index());
    Ok(match action {
        wit::Action::Create(id) => Action::Create(find(id)?),
        wit::Action::Tier(id) => Action::Change(find(id)?),
        wit::Action::Archive => Action::Archive,
        wit::Action::Delete => Action::Delete,
    })
}

/// The pools by tier id. Few tiers: each goes to its place, without the code of sorting.
fn account_days(catalog: &Catalog, days: &[u64]) -> Vec<wit::TierDays> {
    let mut pools: Vec<wit::TierDays> = Vec::new();
    for (tier, &account_days) in catalog.tiers().iter().zip(days).filter(|(_, days)| **days > 0) {
        let place = pools.partition_point(|pool| pool.tier.as_str() < tier.id());
        pools.insert(place, wit::TierDays { tier: tier.id().to_owned(), account_days });
    }
    pools
}

fn invoice_line(catalog: &Catalog, line: &BillLine) -> wit::InvoiceLine {
    wit::InvoiceLine {
        kind: match line.kind {
            BillLineKind::AccountDays => wit::LineKind::AccountDays,
            BillLineKind::FlatFee => wit::LineKind::FlatFee,
            BillLineKind::FirstDay => wit::LineKind::FirstDay,
            BillLineKind::Creation => wit::LineKind::Creation,
        },
        tier: tier_id(catalog, line.tier),
        band: line.band.map(|(from, to)| wit::LineBand { from, to }),
        quantity: line.quantity,
        unit_price: price(line.unit_price),
        amount: amount(line.amount),
        rounded: line.rounded.map(amount),
    }
}

/// Each item written. A loop, as collecting brings more code than there is to do.
fn list<T, U>(items: &[T], write: impl Fn(&T) -> U) -> Vec<U> {
    let mut written = Vec::with_capacity(items.len());
    for item in items {
        written.push(write(item));
    }
    written
}

fn tier_id(catalog: &Catalog, tier: TierIndex) -> String {
    catalog.tier_at(tier).id().to_owned()
}

/// A rounded amount with the decimals that the catalog rounds to (G3).
fn amount_due(catalog: &Catalog, rounded: Amount) -> String {
    text(rounded.with_places(catalog.rounding().places).decimal_parts())
}
