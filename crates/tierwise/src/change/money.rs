//! What a change does to money (D11): the account's next day, and the team's bill of the period.

use crate::{
    catalog::Catalog,
    error::Result,
    invoice::Bill,
    meter::{Account, Action, Event, TeamLedger},
    money::{Amount, Quantity, quantity_too_large},
    period::Day,
};

/// What a change does to the money of a team: with it, and without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeMoney {
    /// What the account's next day costs as it is.
    pub day_before: Amount,
    /// What it costs after the change: nothing after an ending.
    pub day_after: Amount,
    /// The total of the team's bill for the running period if every account stays as it is.
    pub period_before: Amount,
    /// The same with the change, made now.
    pub period_after: Amount,
}

/// What an event of an account, now, does to the money of its team. `ledger` and `account` have
/// everything that happened before it.
///
/// * The **next day** is tomorrow. It takes the next place in the pool of its tier, after every
///   account-day that the pool has with today (P2, P4, A5): as a creation would (C2). Other
///   accounts' days of tomorrow come after it. Where tomorrow begins a period, it is the first.
/// * The **period** is the one that the event lies in. Its days still to come are counted with
///   every account as it is (A2), today with the event as it counts then (A4).
///
/// Errors: those of [`Account::apply`], `quantity_too_large`, `amount_too_large`.
///
/// ```
/// use tierwise::*;
/// let catalog = Catalog::compile(example::messaging())?;
/// let (limited, full) = ("limited_msg_no_chat_history", "unlimited_msg_chat_history");
/// let tier = |id| catalog.tier(id).map(Tier::index);
/// let at = |text| Instant::parse(text);
///
/// // One account, limited since March, moves to the tier with history on 10 April.
/// let (mut account, mut ledger) = (Account::default(), TeamLedger::new(&catalog));
/// let created = Event { at: at("2026-03-01T09:00:00Z")?, action: Action::Create(tier(limited)?) };
/// ledger.record(&catalog, &account.apply(&catalog, created)?, true, 1);
/// let upgrade = Event { at: at("2026-04-10T12:00:00Z")?, action: Action::Change(tier(full)?) };
/// let money = change_money(&catalog, &ledger, &account, upgrade)?;
///
/// assert_eq!(money.day_before.to_string(), "0.034");
/// assert_eq!(money.day_after.to_string(), "0.4");
/// // 30 × 0.034, or 9 × 0.034 + 21 × 0.4: today counts for the higher tier (A4).
/// assert_eq!(money.period_before.to_string(), "1.02");
/// assert_eq!(money.period_after.to_string(), "8.706");
/// # Ok::<(), Error>(())
/// ```
pub fn change_money(
    catalog: &Catalog,
    ledger: &TeamLedger,
    account: &Account,
    event: Event,
) -> Result<ChangeMoney> {
    let today = catalog.calendar().day_of(event.at);
    let (mut account_after, mut ledger_after) = (*account, ledger.clone());
    let step = account_after.apply(catalog, event)?;
    ledger_after.record(catalog, &step, matches!(event.action, Action::Create(_)), 1);
    Ok(ChangeMoney {
        day_before: next_day(catalog, ledger, account, today)?,
        day_after: next_day(catalog, &ledger_after, &account_after, today)?,
        period_before: period_bill(catalog, ledger, today)?,
        period_after: period_bill(catalog, &ledger_after, today)?,
    })
}

/// What the day after `today` costs for an account as it is.
fn next_day(
    catalog: &Catalog,
    ledger: &TeamLedger,
    account: &Account,
    today: Day,
) -> Result<Amount> {
    let priced = account.active().and_then(|index| {
        let price = catalog.tier_at(index).account_days()?;
        Some((index, price))
    });
    // No account, or a tier without a price of days, has days that cost something.
    let Some((index, price)) = priced else { return Ok(Amount::ZERO) };
    let period = catalog.calendar().period_of(today.next());
    let usage = ledger.clone().usage(catalog, period, today);
    let pool = usage.account_days.get(index.get()).copied().unwrap_or(0);
    price.of_one_more(Quantity::whole(pool).map_err(|_| quantity_too_large())?)
}

/// The total of the bill of the period that a day lies in, if every account stays as it is.
fn period_bill(catalog: &Catalog, ledger: &TeamLedger, today: Day) -> Result<Amount> {
    let period = catalog.calendar().period_of(today);
    let usage = ledger.clone().usage(catalog, period, period.last);
    Ok(Bill::of(catalog, &usage)?.total)
}
