//! `tierwise quote`: a basket, with the rows that explain it.

use tierwise::Error;
use tierwise_wire::{Document, LoadedCatalog};

use super::{answer_of, list, number, object, shown, text};
use crate::{
    args::{Item, ItemAmount, QuoteArgs},
    output::{Outcome, Printer, heading},
    table::{Table, pairs},
};

pub(super) fn run(
    catalog: &LoadedCatalog,
    args: &QuoteArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let request = object([("items", Document::List(items(args)?))]);
    let json = catalog.ask_document("quote", &request)?;
    if printer.json {
        printer.print(&json)?;
    } else {
        printer.print(&in_words(catalog, &answer_of(&json)?))?;
    }
    Ok(Outcome::Done)
}

fn items(args: &QuoteArgs) -> Result<Vec<Document>, Error> {
    let items: Result<Vec<_>, (usize, Error)> = match &args.tier {
        Some(tier) => flag_item(args, tier).map(|item| vec![item]).map_err(|error| (0, error)),
        None => {
            let item = |(i, item)| basket_item(item).map_err(|error| (i, error));
            args.item.iter().enumerate().map(item).collect()
        }
    };
    items.map_err(|(i, error)| error.under(i).under("items"))
}

fn flag_item(args: &QuoteArgs, tier: &str) -> Result<Document, Error> {
    let mut entries = vec![("tier".to_owned(), text(tier))];
    let numbers = [
        ("accounts", &args.accounts),
        ("days", &args.days),
        ("accountDays", &args.account_days),
        ("creations", &args.creations),
    ];
    for (key, value) in numbers {
        if let Some(value) = value {
            entries.push((key.to_owned(), number(key, value)?));
        }
    }
    if !args.usage.is_empty() {
        let usage = args.usage.iter().map(|(meter, quantity)| (meter.clone(), text(quantity)));
        entries.push(("usage".to_owned(), Document::Map(usage.collect())));
    }
    Ok(Document::Map(entries))
}

fn basket_item(Item { tier, amount }: &Item) -> Result<Document, Error> {
    Ok(match amount {
        ItemAmount::Accounts { accounts, days } => object([
            ("tier", text(tier)),
            ("accounts", number("accounts", accounts)?),
            ("days", number("days", days)?),
        ]),
        ItemAmount::AccountDays(days) => {
            object([("tier", text(tier)), ("accountDays", number("accountDays", days)?)])
        }
    })
}

fn in_words(catalog: &LoadedCatalog, quote: &Document) -> String {
    let rows: Vec<_> = list(quote, "rows").iter().map(row).collect();
    let is_rounded = list(quote, "rows").iter().any(|row| row.get("rounded").is_some());
    let sum_head = if is_rounded { "rounded" } else { "amount" };
    let currency = shown(quote.get("currency"));
    let heads = ["tier", "what", "band", ">quantity", ".unit price", ".amount", ".rounded", "rule"];
    let mut words = Table::new(&heads)
        .rows(rows)
        .total("total", sum_head, shown(quote.get("total")))
        .total(&format!("amount due, {currency}"), sum_head, shown(quote.get("amountDue")))
        .in_words();
    for tier in list(quote, "tiers") {
        for price in list(tier, "prices") {
            words += "\n";
            words += &price_in_words(&shown(tier.get("tier")), price);
        }
    }
    let (id, version) = (catalog.catalog().id(), catalog.catalog().version());
    words + &format!("\ncatalog {id} version {version}, {}\n", catalog.fingerprint())
}

fn row(row: &Document) -> Vec<String> {
    let band = match (shown(row.get("from")), shown(row.get("to"))) {
        (from, _) if from.is_empty() => String::new(),
        (from, to) if to.is_empty() => format!("from {from}"),
        (from, to) => format!("{from} to {to}"),
    };
    vec![
        shown(row.get("tier")),
        kind_in_words(&shown(row.get("kind"))),
        band,
        shown(row.get("quantity")),
        shown(row.get("unitPrice")),
        shown(row.get("amount")),
        shown(row.get("rounded")),
        shown(row.get("rule")),
    ]
}

fn kind_in_words(kind: &str) -> String {
    match kind {
        "units" => "usage",
        "flat_fee" => "flat fee",
        "first_day" => "first days paid",
        "creation" => "creations",
        other => other,
    }
    .to_owned()
}

fn price_in_words(tier: &str, price: &Document) -> String {
    let text = |document: Option<&Document>, key: &str| {
        shown(document.and_then(|document| document.get(key)))
    };
    let effective = price.get("effectiveUnitPrice");
    let (exact, rounded) = (text(effective, "exact"), text(effective, "rounded"));
    let effective = if exact == rounded { rounded } else { format!("{rounded} (exactly {exact})") };
    let next = price.get("next");
    let month = next.and_then(|next| next.get("monthPrice"));
    let (units, next_price) = (text(next, "unitsToNextBand"), text(next, "nextBandUnitPrice"));
    let next_band =
        if units.is_empty() { units } else { format!("after {units} more, at {next_price}") };
    let lines = [
        ("quantity", text(Some(price), "quantity")),
        ("effective unit price", effective),
        ("next unit", text(next, "unitPrice")),
        ("shown as a month price", text(month, "shown")),
        ("next band", next_band),
    ];
    let meter = text(Some(price), "meter");
    heading(&format!("{tier}: {meter}"))
        + &pairs(lines.into_iter().filter(|(_, value)| !value.is_empty()))
}
