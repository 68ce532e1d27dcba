//! Invoices (section 6).

use alloc::{string::String, vec::Vec};

use tierwise::{
    AccountGroup, Bill, BillLine, BillStatus, Catalog, Code, Error, Period, PeriodUsage, Result,
    Word, limits::MAX_ACCOUNTS,
};

use super::{
    days::{EventRequest, by_tier, read_events},
    pricing::amount_due,
};
use crate::{
    catalog::LoadedCatalog,
    document::Document,
    fields::{Fields, Read},
    writer::{Answer, ObjectWriter, written},
};

struct GroupRequest {
    count: u64,
    events: Vec<EventRequest>,
}

impl Read for GroupRequest {
    fn read(document: &Document) -> Result<Self> {
        let mut fields = Fields::of(document, &["count", "events"]);
        let group =
            GroupRequest { count: fields.required("count"), events: fields.required("events") };
        fields.made(group)
    }
}

/// A bill as canonical JSON shows it: the answer of `invoice`.
pub struct BillAnswer<'a> {
    loaded: &'a LoadedCatalog,
    usage: &'a PeriodUsage,
    bill: &'a Bill,
    named: Option<(&'a str, Period)>,
    status: Option<BillStatus>,
}

impl<'a> BillAnswer<'a> {
    /// The bill of what was used.
    pub fn of(loaded: &'a LoadedCatalog, usage: &'a PeriodUsage, bill: &'a Bill) -> Self {
        BillAnswer { loaded, usage, bill, named: None, status: None }
    }

    /// The same with whose it is, and for which period.
    #[must_use]
    pub fn named(mut self, team: &'a str, period: Period) -> Self {
        self.named = Some((team, period));
        self
    }

    /// The same with whether it can still change (I4).
    #[must_use]
    pub fn with_status(mut self, status: BillStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// The canonical JSON.
    pub fn to_json(&self) -> String {
        written(self)
    }
}

impl Answer for BillAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let catalog = self.loaded.catalog();
        let lines: Vec<_> =
            self.bill.lines.iter().map(|line| LineAnswer { catalog, line }).collect();
        to.numbers("account_days", &by_tier(catalog, &self.usage.account_days));
        to.plain("amount_due", &amount_due(self.loaded, self.bill.amount_due));
        to.list("lines", &lines);
        if let Some((_, period)) = &self.named {
            to.plain("period", period);
        }
        if let Some(status) = self.status {
            to.text("status", status.as_str());
        }
        if let Some((team, _)) = self.named {
            to.text("team", team);
        }
        to.plain("total", &self.bill.total);
    }
}

struct LineAnswer<'a> {
    catalog: &'a Catalog,
    line: &'a BillLine,
}

impl Answer for LineAnswer<'_> {
    fn write(&self, to: &mut ObjectWriter<'_>) {
        let line = self.line;
        to.plain("amount", &line.amount);
        to.number_or_null("bandFrom", line.band.map(|(from, _)| from));
        to.number_or_null("bandTo", line.band.and_then(|(_, to)| to));
        to.text("kind", line.kind.as_str());
        to.number("quantity", line.quantity);
        if let Some(rounded) = &line.rounded {
            to.plain("rounded", rounded);
        }
        to.text("tier", self.catalog.tier_at(line.tier).id());
        to.plain("unitPrice", &line.unit_price);
    }
}

pub(super) fn invoice(loaded: &LoadedCatalog, request: &Document) -> Result<String> {
    let mut fields = Fields::of(request, &["period", "groups", "as_of"]);
    let period: String = fields.required("period");
    let groups: Vec<GroupRequest> = fields.required("groups");
    let as_of = fields.optional("as_of");
    fields.done()?;
    let catalog = loaded.catalog();
    let period = catalog.calendar().parse_period(&period).map_err(|error| error.under("period"))?;
    let in_groups = |error: Error| error.under("groups");
    let mut stories = Vec::with_capacity(groups.len());
    for (i, group) in groups.iter().enumerate() {
        stories.push(read_group(catalog, group).map_err(|error| in_groups(error.under(i)))?);
    }
    let usage = tierwise::usage_of_groups(catalog, period, &stories, as_of).map_err(in_groups)?;
    let bill = Bill::of(catalog, &usage).map_err(in_groups)?;
    let answer = BillAnswer::of(loaded, &usage, &bill);
    Ok(match as_of {
        Some(as_of) => answer.with_status(tierwise::status_at(catalog, period, as_of)).to_json(),
        None => answer.to_json(),
    })
}

fn read_group(catalog: &Catalog, group: &GroupRequest) -> Result<AccountGroup> {
    let count = group.count;
    if !(1..=MAX_ACCOUNTS).contains(&count) {
        let message = format_args!("`{count}` accounts are not 1 to {MAX_ACCOUNTS}");
        return Err(Error::new(Code::OutOfRange, message).under("count"));
    }
    let events = read_events(catalog, &group.events).map_err(|error| error.under("events"))?;
    Ok(AccountGroup { count, events })
}
