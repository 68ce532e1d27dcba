//! The bill of one team for one period (section 6).

use alloc::{collections::BinaryHeap, vec::Vec};

use crate::{
    catalog::{Catalog, CreationCharge, CreationRelation, RoundingApply, TierIndex},
    error::{Code, Error, Result},
    limits::MAX_ACCOUNTS,
    meter::{Account, Creations, Event, PeriodUsage, TeamLedger},
    money::{Amount, Quantity, UnitPrice, quantity_too_large},
    period::{Instant, Period},
    price::{LineKind, PriceLine},
    word::words,
};

words! {
    /// What a line of a bill is for, in the order of the lines (I1).
    pub enum BillLineKind: "kind of line" {
        /// Account-days of a pool in one band (P5).
        #[default]
        AccountDays = "account_days",
        /// The flat fee of a band that the pool entered (M).
        FlatFee = "flat_fee",
        /// What creations pay of the usage, under `first_day` (C3).
        FirstDay = "first_day",
        /// Creations of one charge (C1).
        Creation = "creation",
    }
}

words! {
    /// Whether a bill can still change (I4).
    pub enum BillStatus: "status of an invoice" {
        /// The period runs.
        #[default]
        Open = "open",
        /// It has ended.
        Final = "final",
    }
}

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// What it is for.
    pub kind: BillLineKind,
    /// The tier.
    pub tier: TierIndex,
    /// The first and the last account-day of the band, if it is about one; the last one open.
    pub band: Option<(u64, Option<u64>)>,
    /// How many.
    pub quantity: u64,
    /// What one costs.
    pub unit_price: UnitPrice,
    /// What they cost, exactly; negative in a `first_day` line.
    pub amount: Amount,
    /// The amount rounded, where the catalog rounds lines (M6).
    pub rounded: Option<Amount>,
}

/// The bill of one team for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The lines, in the order of I1.
    pub lines: Vec<BillLine>,
    /// Their exact sum, or the sum of rounded lines where the catalog says so (I2, M6).
    pub total: Amount,
    /// The total, rounded once (I3).
    pub amount_due: Amount,
}

impl Bill {
    /// Prices what a team used. Errors: `quantity_too_large`, `amount_too_large`.
    pub fn of(catalog: &Catalog, usage: &PeriodUsage) -> Result<Self> {
        let creations = creation_lines(usage)?;
        let mut lines = Vec::new();
        for (tier, days) in catalog.tiers().iter().zip(&usage.account_days) {
            let Some(price) = tier.account_days().filter(|_| *days > 0) else { continue };
            let quantity = Quantity::whole(*days).map_err(|_| quantity_too_large())?;
            lines.extend(price.lines(quantity).map(|line| usage_line(tier.index(), &line)));
        }
        if catalog.rules().creation_relation == CreationRelation::FirstDay {
            // C3: only a day-rate charge pays the first day.
            let is_day_rate = |tier: TierIndex| {
                catalog.tier_at(tier).creation_charge() == Some(CreationCharge::DayRate)
            };
            let paid = creations
                .iter()
                .filter(|line| is_day_rate(line.tier))
                .map(|line| BillLine { amount: line.amount.negated(), ..*line })
                .map(|line| BillLine { kind: BillLineKind::FirstDay, ..line });
            lines.extend(paid);
        }
        lines.extend(creations);
        Self::total(catalog, lines)
    }

    /// What the account-days of a tier come to, with the fees of its bands; less what creations
    /// have paid already, where the catalog has it so (C3). Errors: `amount_too_large`.
    pub fn amount_of(&self, tier: TierIndex) -> Result<Amount> {
        self.sum(|line| line.tier == tier && line.kind != BillLineKind::Creation)
    }

    /// What creations come to (C1, C2). Errors: `amount_too_large`.
    pub fn creation_amount(&self) -> Result<Amount> {
        self.sum(|line| line.kind == BillLineKind::Creation)
    }

    fn sum(&self, is_of_it: impl Fn(&BillLine) -> bool) -> Result<Amount> {
        let lines = self.lines.iter().filter(|line| is_of_it(line));
        Amount::sum(lines.map(|line| line.rounded.unwrap_or(line.amount)))
    }

    fn total(catalog: &Catalog, mut lines: Vec<BillLine>) -> Result<Self> {
        for line in &mut lines {
            line.amount.checked()?;
            if catalog.rounding_apply() == RoundingApply::Line {
                line.rounded = Some(catalog.rounding().round_line(line.amount));
            }
        }
        let total = Amount::sum(lines.iter().map(|line| line.rounded.unwrap_or(line.amount)))?;
        Ok(Bill { lines, total, amount_due: catalog.rounding().round(total) })
    }
}

fn usage_line(tier: TierIndex, line: &PriceLine) -> BillLine {
    BillLine {
        kind: match line.kind {
            LineKind::Units => BillLineKind::AccountDays,
            LineKind::FlatFee => BillLineKind::FlatFee,
        },
        tier,
        band: Some((line.from, line.to)),
        quantity: line.quantity.floor(),
        unit_price: line.unit_price,
        amount: line.amount,
        rounded: None,
    }
}

/// One line per tier and charge: tiers by rising rank, the higher charge first (I1).
pub(crate) fn creation_lines(usage: &PeriodUsage) -> Result<Vec<BillLine>> {
    let mut lines = Vec::with_capacity(usage.creations.len());
    for Creations { tier, charge, count } in &usage.creations {
        let quantity = Quantity::whole(*count).map_err(|_| quantity_too_large())?;
        lines.push(BillLine {
            kind: BillLineKind::Creation,
            tier: *tier,
            band: None,
            quantity: *count,
            unit_price: *charge,
            amount: charge.times(quantity),
            rounded: None,
        });
    }
    Ok(lines)
}

/// Accounts that do the same things at the same times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountGroup {
    /// How many accounts.
    pub count: u64,
    /// What each of them does, in order of time.
    pub events: Vec<Event>,
}

impl AccountGroup {
    /// So many accounts that did nothing yet. Errors: `out_of_range` at `/count`.
    pub fn of(count: u64) -> Result<Self> {
        if !(1..=MAX_ACCOUNTS).contains(&count) {
            let message = format_args!("`{count}` accounts are not 1 to {MAX_ACCOUNTS}");
            return Err(Error::new(Code::OutOfRange, message).under("count"));
        }
        Ok(AccountGroup { count, events: Vec::new() })
    }
}

/// What one team used in one period, from the stories of all its accounts.
///
/// Events are taken by time; those at the same moment by group, then by their place in it, then
/// account by account: each creation sees the earlier ones (C2). With `as_of`, later events have
/// not happened yet and its day counts as if it ended then (A5). Errors: those of
/// [`Account::apply`] below `/i/events/j`.
pub fn usage_of_groups(
    catalog: &Catalog,
    period: Period,
    groups: &[AccountGroup],
    as_of: Option<Instant>,
) -> Result<PeriodUsage> {
    let mut steps = Vec::new();
    // In order of time; at the same moment, in the order in which they are put in.
    let mut order = BinaryHeap::new();
    for (i, group) in groups.iter().enumerate() {
        let mut account = Account::default();
        for (j, event) in group.events.iter().enumerate() {
            let step = account
                .apply(catalog, *event)
                .map_err(|error| error.under(j).under("events").under(i))?;
            let is_creation = matches!(event.action, crate::Action::Create(_));
            if step.day <= period.last && as_of.is_none_or(|as_of| event.at <= as_of) {
                order.push((event.at, steps.len()));
                steps.push((step, is_creation, group.count));
            }
        }
    }
    let mut ledger = TeamLedger::since(catalog, period);
    for (_, place) in order.into_sorted_vec() {
        if let Some((step, is_creation, count)) = steps.get(place) {
            ledger.record(catalog, step, *is_creation, *count);
        }
    }
    let last = match as_of {
        Some(as_of) => catalog.calendar().day_of(as_of),
        None => period.last,
    };
    Ok(ledger.usage(catalog, period, last))
}

/// Whether a period has ended by a moment (I4).
pub fn status_at(catalog: &Catalog, period: Period, as_of: Instant) -> BillStatus {
    if catalog.calendar().day_of(as_of) > period.last {
        BillStatus::Final
    } else {
        BillStatus::Open
    }
}
