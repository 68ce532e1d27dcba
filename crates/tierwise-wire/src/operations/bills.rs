//! Invoices (section 6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tierwise::{
    AccountGroup, Amount, Bill, BillLine, BillLineKind, BillStatus, Code, Error, Instant,
    PeriodUsage, Result, UnitPrice, Word, limits::MAX_ACCOUNTS,
};

use super::{
    days::{EventRequest, by_tier, read_events},
    pricing::amount_due,
    write,
};
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Parsed, Text, Whole, as_text, as_word, optional},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct InvoiceRequest {
    period: Text,
    groups: Vec<GroupRequest>,
    #[serde(default, deserialize_with = "optional")]
    as_of: Option<Parsed<Instant>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct GroupRequest {
    count: Whole,
    events: Vec<EventRequest>,
}

/// A bill as canonical JSON shows it: the answer of `invoice`.
#[derive(Debug, Serialize)]
pub struct BillAnswer<'a> {
    account_days: BTreeMap<&'a str, u64>,
    amount_due: String,
    lines: Vec<LineAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'a str>,
    #[serde(serialize_with = "as_text")]
    total: Amount,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineAnswer<'a> {
    #[serde(serialize_with = "as_text")]
    amount: Amount,
    band_from: Option<u64>,
    band_to: Option<u64>,
    #[serde(serialize_with = "as_word")]
    kind: BillLineKind,
    quantity: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounded: Option<String>,
    tier: &'a str,
    #[serde(serialize_with = "as_text")]
    unit_price: UnitPrice,
}

impl<'a> BillAnswer<'a> {
    /// The bill of what was used.
    pub fn of(loaded: &'a LoadedCatalog, usage: &PeriodUsage, bill: &Bill) -> Self {
        let catalog = loaded.catalog();
        let line = |line: &BillLine| LineAnswer {
            amount: line.amount,
            band_from: line.band.map(|(from, _)| from),
            band_to: line.band.and_then(|(_, to)| to),
            kind: line.kind,
            quantity: line.quantity,
            rounded: line.rounded.map(|rounded| rounded.to_string()),
            tier: catalog.tier_at(line.tier).id(),
            unit_price: line.unit_price,
        };
        BillAnswer {
            account_days: by_tier(catalog, &usage.account_days),
            amount_due: amount_due(loaded, bill.amount_due),
            lines: bill.lines.iter().map(line).collect(),
            period: None,
            status: None,
            team: None,
            total: bill.total,
        }
    }

    /// The same with whose it is, and for which period.
    #[must_use]
    pub fn named(mut self, team: &'a str, period: tierwise::Period) -> Self {
        self.team = Some(team);
        self.period = Some(period.to_string());
        self
    }

    /// The same with whether it can still change (I4).
    #[must_use]
    pub fn with_status(mut self, status: BillStatus) -> Self {
        self.status = Some(status.as_str());
        self
    }
}

pub(super) fn invoice(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let request: InvoiceRequest = request.typed()?;
    let catalog = loaded.catalog();
    let period =
        catalog.calendar().parse_period(&request.period.0).map_err(|error| error.at("/period"))?;
    let as_of = request.as_of.map(|as_of| as_of.0);
    let in_groups = |error: Error| error.at("/groups");
    let groups: Result<Vec<_>> = request
        .groups
        .iter()
        .map(|group| read_group(loaded, group))
        .enumerate()
        .map(below)
        .collect();
    let groups = groups.map_err(in_groups)?;
    let usage = tierwise::usage_of_groups(catalog, period, &groups, as_of).map_err(in_groups)?;
    let bill = Bill::of(catalog, &usage).map_err(in_groups)?;
    let answer = BillAnswer::of(loaded, &usage, &bill);
    write(&match as_of {
        Some(as_of) => answer.with_status(tierwise::status_at(catalog, period, as_of)),
        None => answer,
    })
}

fn below<T>((i, result): (usize, Result<T>)) -> Result<T> {
    result.map_err(|error| error.under(i))
}

fn read_group(loaded: &LoadedCatalog, group: &GroupRequest) -> Result<AccountGroup> {
    let count = group.count.0;
    if !(1..=MAX_ACCOUNTS).contains(&count) {
        let message = format!("`{count}` accounts are not 1 to {MAX_ACCOUNTS}");
        return Err(Error::new(Code::OutOfRange, message).under("count"));
    }
    let events =
        read_events(loaded.catalog(), &group.events).map_err(|error| error.under("events"))?;
    Ok(AccountGroup { count, events })
}
