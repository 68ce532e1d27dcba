//! What a team used in a period, account by account: read beside the flushes, computed by the
//! engine.

use std::{collections::HashMap, sync::Arc};

use tierwise::{Amount, Bill, Catalog, Day, Period, Span, Step};
use tierwise_lanes::Moment;

use crate::{
    billing::{Book, LEDGER_DAMAGED, PART},
    bills::begun,
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    model::{AccountKey, LifeStep},
    policy::{Policy, Running, instant},
    runner::{Failure, Handle},
    store::{Named, Reader, Stored},
};

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
    /// The accounts that have a part in it, in the order of their creation, if they are asked for.
    pub accounts: Vec<AccountUsage>,
    /// Whether the team ever had an account.
    pub is_known: bool,
}

/// Of which accounts an answer says what they used: of a team with many it is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfAccounts {
    /// Of none.
    Nobody,
    /// Of one, by its id.
    One(String),
    /// Of all that used something.
    All,
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
    pub account_days: Vec<(Arc<str>, u64)>,
    /// Its messages that count (Q2).
    pub messages: u64,
    /// The first and the last day that count; none if no day does.
    pub days: Option<(Day, Day)>,
}

impl Handle {
    /// The policy that decides, and what time it is by the store's clock.
    pub async fn present(&self) -> Result<(Arc<Policy>, Moment), Failure> {
        self.look(|engine: &mut Engine| {
            let policy = engine.policy().clone();
            Ok((policy, engine.store().begin()?.now()?))
        })
        .await
    }

    /// What a team used in a period, `YYYY-MM`, or in the running one; of which accounts, too.
    /// Refused: `bad_request`, `not_found` for a period that is still to come, `store_away`,
    /// `ledger_damaged`, `too_large`.
    pub async fn usage(
        &self,
        team: &str,
        period: Option<&str>,
        of: OfAccounts,
    ) -> Result<Usage, Failure> {
        check_name("team", team)?;
        let (policy, now) = self.present().await?;
        let calendar = policy.catalog().catalog().calendar();
        let (period, times) = begun(&calendar, period, now)?;
        let team = team.to_owned();
        let read = move |reader: &mut dyn Reader| {
            let catalog = policy.catalog().catalog();
            Asked { catalog, team: &team, period, times, of: &of }.read(reader, now)
        };
        Ok(self.count(read).await??)
    }
}

/// What is asked about.
struct Asked<'a> {
    catalog: &'a Catalog,
    team: &'a str,
    period: Period,
    times: Running,
    of: &'a OfAccounts,
}

/// The days of one account that are settled, as its ledger is read.
#[derive(Default)]
struct Days {
    by_tier: Vec<u64>,
    ends: Option<(Day, Day)>,
    was_created: bool,
}

impl Days {
    /// Adds those of a span that lie in a period. Spans come in order of time.
    fn add(&mut self, span: Span, period: Period) {
        let (first, last) = (span.first.max(period.first), span.last.min(period.last));
        let counted = first.count_to(last);
        if counted == 0 {
            return;
        }
        let place = span.tier.get();
        if self.by_tier.len() <= place {
            self.by_tier.resize(place.saturating_add(1), 0);
        }
        if let Some(sum) = self.by_tier.get_mut(place) {
            *sum = sum.saturating_add(counted);
        }
        self.ends = Some((self.ends.map_or(first, |(first, _)| first), last));
    }
}

/// What a ledger comes to: in all, and account by account if that is asked for.
struct Walked {
    book: Book,
    days: HashMap<AccountKey, Days>,
    as_of: Moment,
    is_known: bool,
}

impl Asked<'_> {
    fn read(&self, reader: &mut dyn Reader, now: Moment) -> Stored<Refused<Usage>> {
        let mut walked = match self.walk(reader, now) {
            Err(error) if error.code == LEDGER_DAMAGED => {
                return Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)));
            }
            walked => walked?,
        };
        let usage = match self.in_all(&walked, reader.counted_of(self.team, self.times.number)?) {
            Ok(usage) => usage,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let accounts = self.accounts(reader, &mut walked)?;
        Ok(Ok(Usage { accounts, ..usage }))
    }

    /// Reads a team's ledger from its beginning to the end of the period.
    fn walk(&self, reader: &mut dyn Reader, now: Moment) -> Stored<Walked> {
        // A ledger may be ahead of a clock that was set back: what stands in it has happened.
        let mut latest = now;
        let (mut book, mut days) = (Book::new(self.catalog), HashMap::<_, Days>::new());
        let (mut after, mut is_known) = (0, false);
        loop {
            let part = reader.life(self.team, after, PART)?;
            let Some(last) = part.last() else { break };
            (after, is_known) = (last.entry, true);
            // Time does not go back in a ledger.
            let is_last = last.at >= self.times.end;
            for row in part.iter().filter(|row| row.at < self.times.end) {
                latest = latest.max(row.at);
                let step = book.take(row, self.catalog)?;
                if *self.of != OfAccounts::Nobody {
                    self.note(days.entry(row.account).or_default(), &row.step, &step);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(Walked { book, days, as_of: latest.min(self.times.end), is_known })
    }

    fn note(&self, days: &mut Days, life: &LifeStep, step: &Step) {
        let settled = step.settled.into_iter().flatten();
        settled.for_each(|span| days.add(span, self.period));
        let is_creation = matches!(life, LifeStep::Create(_));
        days.was_created |= is_creation && self.period.contains(step.day);
    }

    fn in_all(&self, walked: &Walked, messages: u64) -> Refused<Usage> {
        let too_large = |error: tierwise::Error| Refusal::new("too_large", 400, error);
        let used = walked.book.usage(self.catalog, self.period, self.last(walked));
        let bill = Bill::of(self.catalog, &used).map_err(too_large)?;
        let mut tiers = Vec::with_capacity(used.account_days.len());
        for (tier, account_days) in self.catalog.tiers().iter().zip(&used.account_days) {
            let amount = bill.amount_of(tier.index()).map_err(too_large)?;
            let (tier, account_days) = (tier.id().to_owned(), *account_days);
            tiers.push(TierUsage { tier, account_days, amount: text(amount) });
        }
        Ok(Usage {
            period: self.period.to_string(),
            start: self.times.start,
            end: self.times.end,
            as_of: walked.as_of,
            currency: self.catalog.currency().to_owned(),
            tiers,
            creations: text(bill.creation_amount().map_err(too_large)?),
            total: text(bill.total),
            messages,
            accounts: Vec::new(),
            is_known: walked.is_known,
        })
    }

    /// The last moment that counts.
    fn last(&self, walked: &Walked) -> tierwise::Instant {
        instant(walked.as_of.min(Moment(self.times.end.0.saturating_sub(1))))
    }

    fn accounts(&self, reader: &mut dyn Reader, walked: &mut Walked) -> Stored<Vec<AccountUsage>> {
        let mut accounts = Vec::new();
        if *self.of == OfAccounts::Nobody {
            return Ok(accounts);
        }
        let tiers: Vec<Arc<str>> = self.catalog.tiers().iter().map(|it| it.id().into()).collect();
        let day = self.catalog.calendar().day_of(self.last(walked));
        let mut after = AccountKey(i64::MIN);
        loop {
            let part = reader.named(self.team, self.times.number, after, PART)?;
            let Some(last) = part.last() else { return Ok(accounts) };
            after = last.account;
            for named in part {
                if matches!(self.of, OfAccounts::One(id) if *id != named.id) {
                    continue;
                }
                let mut days = walked.days.remove(&named.account).unwrap_or_default();
                let account = walked.book.account(named.account);
                let open = account.until(self.catalog, self.period.last.min(day));
                open.into_iter().flatten().for_each(|span| days.add(span, self.period));
                if days.ends.is_some() || named.counted > 0 || days.was_created {
                    accounts.push(used(named, &days, &tiers));
                }
            }
        }
    }
}

fn used(named: Named, days: &Days, tiers: &[Arc<str>]) -> AccountUsage {
    let by_tier = tiers.iter().cloned().zip(days.by_tier.iter().copied());
    AccountUsage {
        account: named.id,
        nickname: named.nickname,
        account_days: by_tier.filter(|(_, days)| *days > 0).collect(),
        messages: named.counted,
        days: days.ends,
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
