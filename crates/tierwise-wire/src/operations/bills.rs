//! Invoices (section 6).

use alloc::{string::String, vec::Vec};

use tierwise::{
    AccountGroup, Amount, Bill, BillLine, BillLineKind, BillStatus, Catalog, Error, FixedAmount,
    Instant, Period, PeriodUsage, Result, UnitPrice,
};

use super::{
    days::{EventRequest, by_tier, read_events},
    pricing::amount_due,
};
use crate::{
    catalog::LoadedCatalog,
    kinds::{ByTier, OneOf, OrNull, TierId},
    read::{Take, Value, request},
    shape::{Described, Shape},
    write::{Sink, Write, answer, written},
};

/// The name of a period, as a request writes it.
pub(super) struct PeriodName<'a>(&'a str);

impl Described for PeriodName<'_> {
    const SHAPE: Shape = Shape::Period;
}

impl<'a> Take<'a> for PeriodName<'a> {
    fn take(value: &Value<'a>) -> Self {
        PeriodName(Take::take(value))
    }
}

request! {
    /// What a team's accounts did, and the period that is billed.
    struct InvoiceRequest<'a> = "InvoiceRequest" {
        /// The billing period.
        period: PeriodName<'a>,
        /// The team's accounts.
        groups: Vec<GroupRequest<'a>>,
        /// The moment asked about: later events have not happened, its day counts so far (A5).
        as_of: Option<Instant>,
    }
}

request! {
    /// Accounts that do the same things at the same times.
    struct GroupRequest<'a> = "AccountGroup" {
        /// How many accounts, from 1 to 1 000 000 000.
        count: u64,
        /// What each of them did, in order of time.
        events: Vec<EventRequest<'a>>,
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

    fn days(&self) -> Vec<(&'a str, u64)> {
        by_tier(self.loaded.catalog(), &self.usage.account_days)
    }

    fn lines(&self) -> Vec<LineAnswer<'a>> {
        let catalog = self.loaded.catalog();
        self.bill.lines.iter().map(|line| LineAnswer { catalog, line }).collect()
    }
}

answer! {
    /// The bill of a team for a period. The lines add up to the total.
    BillAnswer<'_> = "InvoiceAnswer", |it| {
        /// Account-days by tier, tiers without any left out.
        "account_days": ByTier<&[(&str, u64)]> = ByTier(&it.days()),
        /// The total, rounded once, with the decimals that the catalog rounds to (I3).
        "amount_due": FixedAmount = amount_due(it.loaded, it.bill.amount_due),
        /// Tiers by rising rank, bands rising, then creations (I1).
        "lines": Vec<LineAnswer<'_>> = it.lines(),
        /// The period, in bills of event logs.
        "period": Option<Period> = it.named.map(|(_, period)| period),
        /// Whether the bill can still change, where a moment was asked about (I4).
        "status": Option<OneOf<BillStatus>> = it.status.map(OneOf),
        /// The team, in bills of event logs.
        "team": Option<&str> = it.named.map(|(team, _)| team),
        /// The sum of the lines: of the exact ones, or of rounded ones where the catalog says so
        /// (I2, M6).
        "total": Amount = it.bill.total,
    }
}

struct LineAnswer<'a> {
    catalog: &'a Catalog,
    line: &'a BillLine,
}

answer! {
    /// One line of a bill.
    LineAnswer<'_> = "InvoiceLine", |it| {
        /// Quantity × unit price, exact; negative in a `first_day` line.
        "amount": Amount = it.line.amount,
        /// The first account-day of the band; null in lines that are about none.
        "bandFrom": OrNull<u64> = OrNull(it.line.band.map(|(from, _)| from)),
        /// The last account-day of the band; null if it has no end.
        "bandTo": OrNull<u64> = OrNull(it.line.band.and_then(|(_, to)| to)),
        /// What it is for.
        "kind": OneOf<BillLineKind> = OneOf(it.line.kind),
        /// How many account-days, creations or fees.
        "quantity": u64 = it.line.quantity,
        /// The amount rounded, only where the catalog rounds lines (M6).
        "rounded": Option<Amount> = it.line.rounded,
        /// The tier.
        "tier": TierId<'_> = TierId(it.catalog.tier_at(it.line.tier).id()),
        /// What one of them costs.
        "unitPrice": UnitPrice = it.line.unit_price,
    }
}

/// A bill with what it is made of.
pub(super) struct InvoiceAnswer<'c> {
    loaded: &'c LoadedCatalog,
    usage: PeriodUsage,
    bill: Bill,
    status: Option<BillStatus>,
}

impl Described for InvoiceAnswer<'_> {
    const SHAPE: Shape = <BillAnswer<'_> as Described>::SHAPE;
}

impl Write for InvoiceAnswer<'_> {
    fn write<S: Sink>(&self, out: &mut S) {
        let answer = BillAnswer::of(self.loaded, &self.usage, &self.bill);
        BillAnswer { status: self.status, ..answer }.write(out);
    }
}

pub(super) fn invoice<'c>(
    loaded: &'c LoadedCatalog,
    request: InvoiceRequest<'_>,
) -> Result<InvoiceAnswer<'c>> {
    let InvoiceRequest { period, groups, as_of } = request;
    let catalog = loaded.catalog();
    let period = catalog.calendar().parse_period(period.0);
    let period = period.map_err(|error| error.under("period"))?;
    let in_groups = |error: Error| error.under("groups");
    let mut stories = Vec::with_capacity(groups.len());
    for (i, group) in groups.iter().enumerate() {
        stories.push(read_group(catalog, group).map_err(|error| in_groups(error.under(i)))?);
    }
    let usage = tierwise::usage_of_groups(catalog, period, &stories, as_of).map_err(in_groups)?;
    let bill = Bill::of(catalog, &usage).map_err(in_groups)?;
    let status = as_of.map(|as_of| tierwise::status_at(catalog, period, as_of));
    Ok(InvoiceAnswer { loaded, usage, bill, status })
}

fn read_group(catalog: &Catalog, group: &GroupRequest<'_>) -> Result<AccountGroup> {
    let mut story = AccountGroup::of(group.count)?;
    story.events = read_events(catalog, &group.events).map_err(|error| error.under("events"))?;
    Ok(story)
}
