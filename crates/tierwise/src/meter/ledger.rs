//! The account-days and creations of one team, in one pass over its events in order of time.
//!
//! Memory grows with the tiers and the periods, not with accounts or events: the ledger only knows
//! how many accounts are active and how many count today.

use alloc::{vec, vec::Vec};
use core::cmp::Reverse;

use super::account::Step;
use crate::{
    catalog::{Catalog, CreationCharge, CreationRate, TierIndex},
    money::UnitPrice,
    period::{Day, Period},
};

/// What one team used in one period: enough to write its bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodUsage {
    /// The period.
    pub period: Period,
    /// Account-days by tier, rising rank: the pools (P4).
    pub account_days: Vec<u64>,
    /// Creations by tier and charge (C1, C2), in the order of I1.
    pub creations: Vec<Creations>,
}

/// Creations on one tier at one charge above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creations {
    /// The tier.
    pub tier: TierIndex,
    /// What one costs.
    pub charge: UnitPrice,
    /// How many.
    pub count: u64,
}

impl PeriodUsage {
    /// A period in which nothing happened yet.
    pub fn empty(catalog: &Catalog, period: Period) -> Self {
        let account_days = vec![0; catalog.tiers().len()];
        PeriodUsage { period, account_days, creations: Vec::new() }
    }

    /// Whether nothing is to be billed (I5).
    pub fn is_empty(&self) -> bool {
        self.creations.is_empty() && self.account_days.iter().all(|days| *days == 0)
    }

    /// The highest charge of its creations; nothing without any.
    pub fn dearest_creation(&self) -> UnitPrice {
        let charges = self.creations.iter().map(|creations| creations.charge);
        charges.max().unwrap_or(UnitPrice::ZERO)
    }

    /// Books `count` creations on a tier whose pool has `pool` account-days already (C1–C2). Each
    /// takes a place in the pool, so that the next sees it.
    pub fn book_creations(&mut self, catalog: &Catalog, index: TierIndex, pool: u64, count: u64) {
        let tier = catalog.tier_at(index);
        match (tier.creation_charge(), tier.account_days()) {
            (Some(CreationCharge::Fixed(charge)), _) => self.book(index, charge, count),
            (Some(CreationCharge::DayRate), Some(price)) => match catalog.rules().creation_rate {
                CreationRate::FirstBand => {
                    if let Some(band) = price.bands().first() {
                        self.book(index, band.unit_price(), count);
                    }
                }
                CreationRate::Marginal => price
                    .units_between(pool, pool.saturating_add(count))
                    .for_each(|(band, count)| self.book(index, band.unit_price(), count)),
            },
            (Some(CreationCharge::DayRate) | None, _) => {}
        }
    }

    fn book(&mut self, tier: TierIndex, charge: UnitPrice, count: u64) {
        if charge.is_zero() || count == 0 {
            return;
        }
        // I1: tiers by rising rank, the higher charge first.
        let before =
            |other: &Creations| (other.tier, Reverse(other.charge)) < (tier, Reverse(charge));
        let place = self.creations.partition_point(before);
        match self.creations.get_mut(place) {
            Some(same) if same.tier == tier && same.charge == charge => {
                same.count = same.count.saturating_add(count);
            }
            _ => self.creations.insert(place, Creations { tier, charge, count }),
        }
    }
}

/// The running counts of one team. Feed it the [`Step`]s of its accounts in order of time.
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let tier = catalog.tier("unlimited_msg_chat_history")?.index();
/// let at = Instant::parse("2026-04-01T09:00:00Z")?;
/// let created = Event { at, action: Action::Create(tier) };
///
/// // 101 accounts, all created on 1 April and kept.
/// let step = Account::default().apply(&catalog, created)?;
/// let mut ledger = TeamLedger::new(&catalog);
/// ledger.record(&catalog, &step, true, 101);
/// let april = catalog.calendar().parse_period("2026-04")?;
/// let usage = ledger.finish(&catalog, april.last);
/// let bill = Bill::of(&catalog, &usage[0])?;
/// assert_eq!(bill.total.to_string(), "1250.3");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TeamLedger {
    /// The running day; none before the first event.
    day: Option<Day>,
    period: Option<PeriodUsage>,
    /// Accounts active now, by tier.
    active: Vec<u64>,
    /// Accounts that the running day counts, by tier, if it ended now (A5).
    today: Vec<u64>,
    finished: Vec<PeriodUsage>,
}

impl TeamLedger {
    /// A team without accounts.
    pub fn new(catalog: &Catalog) -> Self {
        let none = vec![0; catalog.tiers().len()];
        TeamLedger {
            day: None,
            period: None,
            active: none.clone(),
            today: none,
            finished: Vec::new(),
        }
    }

    /// A team of whose bills only those from a period on are asked for: steps before it say who
    /// was active when it began, and nothing more.
    pub fn since(catalog: &Catalog, period: Period) -> Self {
        TeamLedger {
            day: Some(period.first),
            period: Some(PeriodUsage::empty(catalog, period)),
            ..TeamLedger::new(catalog)
        }
    }

    /// The day of the last step, or the first that is asked for.
    pub fn day(&self) -> Option<Day> {
        self.day
    }

    /// Takes the next step of an account, or the same step of `weight` accounts one after the
    /// other. `is_creation` books the creation charge (C1).
    #[inline]
    pub fn record(&mut self, catalog: &Catalog, step: &Step, is_creation: bool, weight: u64) {
        if self.day.is_some_and(|day| step.day < day) {
            // What is active when a day begins counts for it, if it ended then.
            move_count(&mut self.today, step.active_before, step.active_after, weight);
            move_count(&mut self.active, step.active_before, step.active_after, weight);
            return;
        }
        self.advance(catalog, step.day);
        if is_creation
            && let Some(tier) = step.active_after
            && let Some(period) = &mut self.period
        {
            let days = period.account_days.get(tier.get()).copied().unwrap_or(0);
            let pool = days.saturating_add(self.today.get(tier.get()).copied().unwrap_or(0));
            period.book_creations(catalog, tier, pool, weight);
        }
        move_count(&mut self.today, step.counted_before, step.counts_after, weight);
        move_count(&mut self.active, step.active_before, step.active_after, weight);
    }

    /// Counts the days to `last`, included, and gives the periods that have something to bill.
    pub fn finish(mut self, catalog: &Catalog, last: Day) -> Vec<PeriodUsage> {
        if self.day.is_some_and(|day| day <= last) {
            self.advance(catalog, last.next());
        }
        self.close_period();
        self.finished
    }

    /// What the team used in a period, counted to the day `last`, included: the running day as if
    /// it ended now (A5), later ones as if every account stayed as it is.
    pub fn usage(self, catalog: &Catalog, period: Period, last: Day) -> PeriodUsage {
        let finished = self.finish(catalog, last.min(period.last));
        let usage = finished.into_iter().find(|usage| usage.period == period);
        usage.unwrap_or_else(|| PeriodUsage::empty(catalog, period))
    }

    /// Closes the running day and those after it, up to `day`, which begins.
    #[inline]
    fn advance(&mut self, catalog: &Catalog, day: Day) {
        if self.day != Some(day) {
            self.advance_days(catalog, day);
        }
    }

    fn advance_days(&mut self, catalog: &Catalog, day: Day) {
        let mut running = self.day.unwrap_or(day);
        while running < day {
            // INVARIANT: a period is open whenever a day is.
            let Some(period) = &mut self.period else { break };
            add_days(&mut period.account_days, &self.today, 1);
            self.today.copy_from_slice(&self.active);
            running = running.next();
            // The days in between are all alike: every active account counts for its tier.
            let last = period.period.last.min(day.previous());
            let alike = running.count_to(last);
            add_days(&mut period.account_days, &self.active, alike);
            if alike > 0 {
                running = last.next();
            }
            if !period.period.contains(running) {
                let next = catalog.calendar().next(period.period);
                self.close_period();
                self.period = Some(PeriodUsage::empty(catalog, next));
            }
        }
        if self.period.is_none() {
            let period = catalog.calendar().period_of(day);
            self.period = Some(PeriodUsage::empty(catalog, period));
        }
        self.day = Some(day);
    }

    fn close_period(&mut self) {
        self.finished.extend(self.period.take().filter(|period| !period.is_empty()));
    }
}

fn add_days(sums: &mut [u64], counts: &[u64], days: u64) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum = sum.saturating_add(count.saturating_mul(days));
    }
}

#[inline]
fn move_count(counts: &mut [u64], from: Option<TierIndex>, to: Option<TierIndex>, weight: u64) {
    if from == to {
        return;
    }
    if let Some(count) = from.and_then(|tier| counts.get_mut(tier.get())) {
        *count = count.saturating_sub(weight);
    }
    if let Some(count) = to.and_then(|tier| counts.get_mut(tier.get())) {
        *count = count.saturating_add(weight);
    }
}
