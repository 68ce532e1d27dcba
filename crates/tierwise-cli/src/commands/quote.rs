//! `tierwise quote`: a basket, with the rows that explain it.

use anyhow::bail;
use tierwise_wire::{Document, LoadedCatalog};

use super::{answer_of, list, number, object, shown, text};
use crate::{
    args::QuoteArgs,
    output::{Outcome, Printer, heading, table},
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

fn items(args: &QuoteArgs) -> anyhow::Result<Vec<Document>> {
    if let Some(tier) = &args.tier {
        return Ok(vec![flag_item(args, tier)?]);
    }
    args.item.iter().map(|item| basket_item(item)).collect()
}

fn flag_item(args: &QuoteArgs, tier: &str) -> anyhow::Result<Document> {
    let mut entries = vec![("tier".to_owned(), text(tier))];
    let numbers = [
        ("accounts", &args.accounts),
        ("days", &args.days),
        ("accountDays", &args.account_days),
        ("creations", &args.creations),
    ];
    for (key, value) in numbers {
        entries.extend(value.as_ref().map(|value| (key.to_owned(), number(value))));
    }
    let mut usage = Vec::new();
    for pair in &args.usage {
        let Some((meter, quantity)) = pair.split_once('=') else {
            bail!("`{pair}` is not a usage: write METER=QUANTITY");
        };
        usage.push((meter.to_owned(), text(quantity)));
    }
    if !usage.is_empty() {
        entries.push(("usage".to_owned(), Document::Map(usage)));
    }
    Ok(Document::Map(entries))
}

/// `TIER=ACCOUNTSxDAYS` or `TIER=ACCOUNT_DAYS`.
fn basket_item(item: &str) -> anyhow::Result<Document> {
    let Some((tier, amount)) = item.split_once('=') else {
        bail!("`{item}` is not an item: write TIER=ACCOUNTSxDAYS or TIER=ACCOUNT_DAYS");
    };
    Ok(match amount.split_once(['x', '×']) {
        Some((accounts, days)) => {
            object([("tier", text(tier)), ("accounts", number(accounts)), ("days", number(days))])
        }
        None => object([("tier", text(tier)), ("accountDays", number(amount))]),
    })
}

fn in_words(catalog: &LoadedCatalog, quote: &Document) -> String {
    let rows = list(quote, "rows").iter().map(|row| {
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
    });
    let heads = ["tier", "what", "band", ">quantity", ">unit price", ">amount", ">rounded", "rule"];
    let mut rows: Vec<Vec<String>> = rows.collect();
    let mut heads = heads.to_vec();
    if rows.iter().all(|row| row.get(6).is_some_and(String::is_empty)) {
        heads.remove(6);
        for row in &mut rows {
            row.remove(6);
        }
    }
    let currency = shown(quote.get("currency"));
    let mut words = table(&heads, rows);
    words += "\n";
    let totals = [
        vec!["total".to_owned(), shown(quote.get("total")), currency.clone()],
        vec!["amount due".to_owned(), shown(quote.get("amountDue")), currency],
    ];
    words += &table(&["", ">", ""], totals)
        .lines()
        .skip(2)
        .map(|l| l.to_owned() + "\n")
        .collect::<String>();
    for tier in list(quote, "tiers") {
        for price in list(tier, "prices") {
            words += "\n";
            words += &price_in_words(&shown(tier.get("tier")), price);
        }
    }
    words
        + &format!(
            "\ncatalog {} version {}, {}\n",
            catalog.catalog().id(),
            catalog.catalog().version(),
            catalog.fingerprint()
        )
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
    let mut lines = Vec::new();
    let mut add = |what: &str, value: String| {
        if !value.is_empty() {
            lines.push(vec![what.to_owned(), value]);
        }
    };
    add("quantity", shown(price.get("quantity")));
    if let Some(effective) = price.get("effectiveUnitPrice") {
        let (exact, rounded) = (shown(effective.get("exact")), shown(effective.get("rounded")));
        let exact = if exact == rounded { String::new() } else { format!(" (exactly {exact})") };
        if !rounded.is_empty() {
            add("effective unit price", rounded + &exact);
        }
    }
    if let Some(next) = price.get("next") {
        add("next unit", shown(next.get("unitPrice")));
        if let Some(month) = next.get("monthPrice") {
            add("shown as a month price", shown(month.get("shown")));
        }
        let (units, price) =
            (shown(next.get("unitsToNextBand")), shown(next.get("nextBandUnitPrice")));
        if !units.is_empty() {
            add("next band", format!("after {units} more, at {price}"));
        }
    }
    let meter = shown(price.get("meter"));
    heading(&format!("{tier}: {meter}"))
        + &table(&["", ""], lines)
            .lines()
            .skip(2)
            .map(|line| line.to_owned() + "\n")
            .collect::<String>()
}
