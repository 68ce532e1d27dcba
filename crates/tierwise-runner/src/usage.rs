//! What a team used in a period, account by account: read beside the flushes, computed by the
//! engine.

use std::{collections::BTreeMap, sync::Arc};

use tierwise::{Amount, Bill, Catalog, CountedDays, Event, Period};
use tierwise_lanes::Moment;

use crate::{
    billing::{Book, LEDGER_DAMAGED, event_of},
    bills::period_of,
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    model::{AccountKey, LifeRow},
    policy::{Policy, Running, instant, running},
    runner::{Failure, Handle},
    store::{Named, Reader, Stored},
};

/// Entries of a ledger that are read at a time.
const PART: u32 = 1000;

/// What a team used in a period. The amounts of tiers and creations add up to the total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The period, `YYYY-MM`.
    pub period: String,
    /// When it begins.
    pub start: Moment,
    /// When the next one begins.
    pub end: Moment,
    /// The moment up to which it is counted: now, or the end of a period that has ended. Its day
    /// counts as if it ended then (A5).
    pub as_of: Moment,
    /// The currency of all amounts, ISO 4217.
    pub currency: String,
    /// What was used of each tier, rising rank.
    pub tiers: Vec<TierUsage>,
    /// What creations come to, a decimal (C1).
    pub creations: String,
    /// All of it, a decimal.
    pub total: String,
    /// Messages that count, of all its accounts.
    pub messages: u64,
    /// The accounts that have a part in it, in the order of their creation.
    pub accounts: Vec<AccountUsage>,
    /// Whether the team ever had an account.
    pub is_known: bool,
}

/// What a team used of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierUsage {
    /// The tier.
    pub tier: String,
    /// The account-days of its pool (P4).
    pub account_days: u64,
    /// What they cost, a decimal (P3).
    pub amount: String,
}

/// What one account used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountUsage {
    /// Its id.
    pub account: String,
    /// Its name; none if it is deleted (L6).
    pub nickname: Option<String>,
    /// Its account-days by tier, rising rank, without those that have none.
    pub account_days: Vec<(String, u64)>,
    /// Its messages that count (Q2).
    pub messages: u64,
    /// The first and the last day that count, `YYYY-MM-DD`; none if no day does.
    pub days: Option<(String, String)>,
}

impl Handle {
    /// The policy that decides, and what time it is by the store's clock.
    pub async fn present(&self) -> Result<(Arc<Policy>, Moment), Failure> {
        self.between(|engine: &mut Engine| {
            let policy = engine.policy().clone();
            Ok((policy, engine.store().begin()?.now()?))
        })
        .await
    }

    /// What a team used in a period, `YYYY-MM`, or in the running one. Refused: `bad_request`,
    /// `not_found` for a period that is still to come, `store_away`, `ledger_damaged`, `too_large`.
    pub async fn usage(&self, team: &str, period: Option<&str>) -> Result<Usage, Failure> {
        check_name("team", team)?;
        let (policy, now) = self.present().await?;
        let calendar = policy.catalog().catalog().calendar();
        let period = period_of(&calendar, period, instant(now))?;
        let team = team.to_owned();
        Ok(self.read(move |reader| usage(reader, &team, &policy, period, now)).await??)
    }
}

fn usage(
    reader: &mut dyn Reader,
    team: &str,
    policy: &Policy,
    period: Period,
    now: Moment,
) -> Stored<Refused<Usage>> {
    let catalog = policy.catalog().catalog();
    let times = running(&catalog.calendar(), period);
    if times.start > now {
        let future = format_args!("the period `{period}` has not begun");
        return Ok(Err(Refusal::new("not_found", 404, future)));
    }
    // A ledger may be ahead of a clock that was set back: what stands in it has happened.
    let mut latest = now;
    let mut book = Book::new(catalog);
    let mut lives: BTreeMap<AccountKey, Vec<Event>> = BTreeMap::new();
    let entries = each_entry(reader, team, |row| {
        if row.at < times.end {
            latest = latest.max(row.at);
            book.take(row, catalog)?;
            lives.entry(row.account).or_default().push(event_of(row, catalog)?);
        }
        Ok(())
    });
    match entries {
        Ok(()) => {}
        Err(error) if error.code == LEDGER_DAMAGED => {
            return Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)));
        }
        Err(error) => return Err(error),
    }
    let names = reader.named(team)?;
    let counted = reader.counted_by_account(team, times.number)?;
    let asked = Asked { catalog, period, times, as_of: latest.min(times.end) };
    Ok(asked.usage(&book, &lives, &names, &counted))
}

/// Reads a team's ledger from its beginning.
fn each_entry(
    reader: &mut dyn Reader,
    team: &str,
    mut take: impl FnMut(&LifeRow) -> Stored<()>,
) -> Stored<()> {
    let mut after = 0;
    loop {
        let part = reader.life(team, after, PART)?;
        part.iter().try_for_each(&mut take)?;
        match part.last() {
            Some(last) => after = last.entry,
            None => return Ok(()),
        }
    }
}

/// What is asked about.
struct Asked<'a> {
    catalog: &'a Catalog,
    period: Period,
    times: Running,
    as_of: Moment,
}

impl Asked<'_> {
    fn usage(
        &self,
        book: &Book,
        lives: &BTreeMap<AccountKey, Vec<Event>>,
        names: &[Named],
        counted: &BTreeMap<AccountKey, u64>,
    ) -> Refused<Usage> {
        let too_large = |error: tierwise::Error| Refusal::new("too_large", 400, error);
        let used = book.usage(self.catalog, self.period, self.last());
        let bill = Bill::of(self.catalog, &used).map_err(too_large)?;
        let mut tiers = Vec::with_capacity(used.account_days.len());
        for (tier, account_days) in self.catalog.tiers().iter().zip(&used.account_days) {
            let amount = bill.amount_of(tier.index()).map_err(too_large)?;
            let (tier, account_days) = (tier.id().to_owned(), *account_days);
            tiers.push(TierUsage { tier, account_days, amount: text(amount) });
        }
        let mut accounts = Vec::new();
        for Named { account, id, nickname } in names {
            let events = lives.get(account).map(Vec::as_slice).unwrap_or_default();
            let days = self.days(events)?;
            let messages = counted.get(account).copied().unwrap_or_default();
            let was_created = events.first().is_some_and(|event| self.is_within(event));
            if days.ends.is_some() || messages > 0 || was_created {
                accounts.push(self.account(id, nickname.as_deref(), &days, messages));
            }
        }
        Ok(Usage {
            period: self.period.to_string(),
            start: self.times.start,
            end: self.times.end,
            as_of: self.as_of,
            currency: self.catalog.currency().to_owned(),
            tiers,
            creations: text(bill.creation_amount().map_err(too_large)?),
            total: text(bill.total),
            messages: counted.values().sum(),
            accounts,
            is_known: !names.is_empty(),
        })
    }

    /// The last moment that counts.
    fn last(&self) -> tierwise::Instant {
        instant(self.as_of.min(Moment(self.times.end.0.saturating_sub(1))))
    }

    fn days(&self, events: &[Event]) -> Refused<CountedDays> {
        let Period { first, last, .. } = self.period;
        let as_of = Some(self.last());
        let days = tierwise::counted_days(self.catalog, events, first, last, as_of);
        days.map_err(|error| Refusal::new(LEDGER_DAMAGED, 500, error))
    }

    fn is_within(&self, event: &Event) -> bool {
        let day = self.catalog.calendar().day_of(event.at);
        self.period.contains(day)
    }

    fn account(
        &self,
        id: &str,
        nickname: Option<&str>,
        days: &CountedDays,
        messages: u64,
    ) -> AccountUsage {
        let tiers = self.catalog.tiers().iter().map(|tier| tier.id().to_owned());
        let by_tier = tiers.zip(days.by_tier.iter().copied());
        AccountUsage {
            account: id.to_owned(),
            nickname: nickname.map(str::to_owned),
            account_days: by_tier.filter(|(_, days)| *days > 0).collect(),
            messages,
            days: days.ends.map(|(first, last)| (first.to_string(), last.to_string())),
        }
    }
}

fn text(amount: Amount) -> String {
    amount.to_string()
}

/// What an account of a team may do in the running period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The features of its tier.
    pub features: Vec<String>,
    /// The most messages of a period; none without a limit (Q1).
    pub limit: Option<u64>,
    /// Messages that count against it (Q2).
    pub sent: u64,
}

impl Handle {
    /// What an account of a team may do in the running period. Refused: `not_found`, `store_away`.
    pub async fn access(&self, team: &str, account: &str) -> Result<Access, Failure> {
        let (policy, now) = self.present().await?;
        let shown = self.account_of(team, account).await?;
        let row = &shown.row;
        let tier = policy.catalog().catalog().find_tier(&row.tier);
        let names = |tier: &tierwise::Tier| {
            tier.features().iter().map(|(name, _)| name.to_owned()).collect()
        };
        let features: Option<Vec<_>> = tier.map(names);
        Ok(Access {
            features: features.unwrap_or_default(),
            limit: policy.limit(&row.tier),
            sent: row.lane.used(policy.running(now).number),
        })
    }
}
