//! Records of answers as the JSON of `tests/vectors/FORMAT.md`.

use tierwise_host::{
    Description, Direction, DispatchAnswer, EndingAnswer, Holdings, InvoiceAnswer, InvoiceLine,
    InvoiceStatus, LineKind, NextUnit, PriceQuote, QuotaAnswer, QuoteAnswer, QuoteRow, Refusal,
    RowKind, ShownPrice, TierChangeAnswer, TierQuote,
};
use tierwise_wire::Document;

fn object(entries: Vec<(&str, Document)>) -> Document {
    Document::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn text(text: impl ToString) -> Document {
    Document::Text(text.to_string())
}

fn number(number: impl Into<i128>) -> Document {
    Document::Integer(number.into())
}

fn list<T>(items: Vec<T>, write: fn(T) -> Document) -> Document {
    Document::List(items.into_iter().map(write).collect())
}

fn or_null<T>(value: Option<T>, write: impl FnOnce(T) -> Document) -> Document {
    value.map_or(Document::Null, write)
}

pub(crate) fn quota(answer: QuotaAnswer) -> Document {
    object(vec![
        ("accepted", Document::Bool(answer.accepted)),
        ("left", or_null(answer.left, number)),
        ("status", number(if answer.accepted { 200 } else { 402 })),
    ])
}

pub(crate) fn dispatch(answer: DispatchAnswer) -> Document {
    let held = match answer {
        DispatchAnswer::Send => None,
        DispatchAnswer::AccountNotOpen => Some("account_not_open"),
        DispatchAnswer::QuotaExhausted => Some("quota_exhausted"),
    };
    object(vec![("send", Document::Bool(held.is_none())), ("held_because", or_null(held, text))])
}

fn refusal(refusal: Refusal) -> Document {
    object(vec![("code", text(refusal.code)), ("status", number(refusal.status))])
}

pub(crate) fn tier_change(answer: TierChangeAnswer) -> Document {
    match answer {
        TierChangeAnswer::Refused(reason) => refusal(reason),
        TierChangeAnswer::Done(done) => object(vec![
            ("direction", text(if done.direction == Direction::Up { "up" } else { "down" })),
            ("effects", list(done.effects, text)),
            ("status", number(200)),
        ]),
    }
}

fn holdings(has: Holdings) -> Document {
    object(vec![
        ("history", number(has.history)),
        ("live", number(has.live)),
        ("sent", number(has.sent)),
        ("waiting", number(has.waiting)),
        ("notes", number(has.notes)),
        ("contacts", number(has.contacts)),
    ])
}

pub(crate) fn ending(answer: EndingAnswer) -> Document {
    match answer {
        EndingAnswer::Refused(reason) => refusal(reason),
        EndingAnswer::Done(done) => object(vec![
            ("effects", list(done.effects, text)),
            ("keeps", holdings(done.keeps)),
            ("status", number(200)),
        ]),
    }
}

pub(crate) fn history(stored: u64) -> Document {
    object(vec![("stored", number(stored))])
}

pub(crate) fn creation_charge(charge: String) -> Document {
    object(vec![("charge", text(charge))])
}

pub(crate) fn quote(which: Description, quote: QuoteAnswer) -> Document {
    let catalog = object(vec![
        ("fingerprint", text(which.fingerprint)),
        ("id", text(which.id)),
        ("version", text(which.version)),
    ]);
    object(vec![
        ("catalog", catalog),
        ("currency", text(which.currency)),
        ("tiers", list(quote.tiers, tier_quote)),
        ("rows", list(quote.rows, quote_row)),
        ("total", text(quote.total)),
        ("amountDue", text(quote.amount_due)),
    ])
}

fn tier_quote(tier: TierQuote) -> Document {
    object(vec![
        ("tier", text(tier.tier)),
        ("prices", list(tier.prices, price_quote)),
        ("creations", text(tier.creations)),
        ("total", text(tier.total)),
    ])
}

fn price_quote(price: PriceQuote) -> Document {
    let shown_as = |key: &'static str| {
        move |price: ShownPrice| {
            object(vec![("exact", text(price.exact)), (key, text(price.shown))])
        }
    };
    let next = |next: NextUnit| {
        let (room, after) = next.next_band.map(|band| (band.room, band.unit_price)).unzip();
        object(vec![
            ("band", number(next.band)),
            ("unitPrice", text(next.unit_price)),
            ("monthPrice", or_null(next.month_price, shown_as("shown"))),
            ("unitsToNextBand", or_null(room, text)),
            ("nextBandUnitPrice", or_null(after, text)),
        ])
    };
    object(vec![
        ("price", text(price.price)),
        ("meter", text(price.meter)),
        ("quantity", text(price.quantity)),
        ("total", text(price.total)),
        ("effectiveUnitPrice", or_null(price.effective_unit_price, shown_as("rounded"))),
        ("next", or_null(price.next, next)),
    ])
}

fn quote_row(row: QuoteRow) -> Document {
    let kind = match row.kind {
        RowKind::Units => "units",
        RowKind::FlatFee => "flat_fee",
        RowKind::FirstDay => "first_day",
        RowKind::Creation => "creation",
    };
    let (price, number_and_ends) =
        row.band.map(|band| (band.price, (band.number, band.from, band.to))).unzip();
    let mut entries = vec![
        ("rule", text(row.rule)),
        ("tier", text(row.tier)),
        ("price", or_null(price, text)),
        ("kind", text(kind)),
        ("band", or_null(number_and_ends, |(band, _, _)| number(band))),
        ("from", or_null(number_and_ends, |(_, from, _)| text(from))),
        ("to", or_null(number_and_ends.and_then(|(_, _, to)| to), text)),
        ("quantity", text(row.quantity)),
        ("unitPrice", text(row.unit_price)),
        ("amount", text(row.amount)),
        ("text", text(row.text)),
    ];
    entries.extend(row.rounded.map(|amount| ("rounded", text(amount))));
    object(entries)
}

pub(crate) fn invoice(invoice: InvoiceAnswer) -> Document {
    let days = invoice.account_days.into_iter();
    let days = days.map(|pool| (pool.tier, number(pool.account_days))).collect();
    let mut entries = vec![
        ("account_days", Document::Map(days)),
        ("lines", list(invoice.lines, invoice_line)),
        ("total", text(invoice.total)),
        ("amount_due", text(invoice.amount_due)),
    ];
    entries.extend(invoice.status.map(|status| {
        ("status", text(if status == InvoiceStatus::Open { "open" } else { "final" }))
    }));
    object(entries)
}

fn invoice_line(line: InvoiceLine) -> Document {
    let kind = match line.kind {
        LineKind::AccountDays => "account_days",
        LineKind::FlatFee => "flat_fee",
        LineKind::FirstDay => "first_day",
        LineKind::Creation => "creation",
    };
    let mut entries = vec![
        ("kind", text(kind)),
        ("tier", text(line.tier)),
        ("bandFrom", or_null(line.band, |band| number(band.from))),
        ("bandTo", or_null(line.band.and_then(|band| band.to), number)),
        ("quantity", number(line.quantity)),
        ("unitPrice", text(line.unit_price)),
        ("amount", text(line.amount)),
    ];
    entries.extend(line.rounded.map(|amount| ("rounded", text(amount))));
    object(entries)
}
