//! What happens to the accounts: created over time, changed often, some of them ended.

use super::Arguments;
use super::clock::{Clock, DAY_MS};
use super::names::TIER_COUNT;
use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use oorandom::Rand64;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Create(u8),
    Tier(u8),
    Archive,
    Delete,
}

pub(crate) struct Event {
    pub(crate) first_day: NaiveDate,
    pub(crate) at_ms: u64,
    pub(crate) team: u64,
    pub(crate) account: u64,
    pub(crate) action: Action,
}

/// An account that may have more events.
#[derive(Clone, Copy)]
struct Account {
    number: u64,
    team: u64,
    /// None after archiving.
    tier: Option<u8>,
}

/// The events of a log, one after the other.
pub(crate) struct Story {
    random: Rand64,
    clock: Clock,
    first_day: NaiveDate,
    events_left: u64,
    accounts: u64,
    created: u64,
    ended: u64,
    active: Vec<Account>,
    archived: Vec<Account>,
    /// For each team the sum of the weights up to it: what a drawn number is looked up in.
    team_weights: Vec<u64>,
    /// Where in `active` something happened last: it often happens to the same account again.
    recent: usize,
}

impl Story {
    pub(crate) fn new(arguments: &Arguments, until: NaiveDate) -> Result<Self> {
        let days = until.signed_duration_since(arguments.from).num_days();
        let days = u64::try_from(days).context("the last month lies before the first day")?;
        let mut sum = 0;
        // Team k is k times smaller than the first: some pass every band, most never the first.
        let team_weights = (1..=arguments.teams)
            .map(|rank| {
                sum += (1_000_000 / rank).max(1);
                sum
            })
            .collect();
        Ok(Self {
            random: Rand64::new(u128::from(arguments.seed)),
            clock: Clock::new(days * DAY_MS, arguments.events),
            first_day: arguments.from,
            events_left: arguments.events,
            accounts: arguments.accounts,
            created: 0,
            ended: 0,
            active: Vec::new(),
            archived: Vec::new(),
            team_weights,
            recent: 0,
        })
    }

    fn create(&mut self) -> (Account, Action) {
        let total = self.team_weights.last().copied().unwrap_or(1);
        let drawn = self.random.rand_range(0..total);
        let team = self.team_weights.partition_point(|&sum| sum <= drawn) as u64;
        // Half start limited, a third without history, the rest with it.
        let tier = match self.random.rand_range(0..6) {
            0..3 => 0,
            3..5 => 1,
            _ => 2,
        };
        let account = Account { number: self.created, team, tier: Some(tier) };
        self.created += 1;
        self.recent = self.active.len();
        self.active.push(account);
        (account, Action::Create(tier))
    }

    /// Creations are three times as frequent at first as they would be if spread evenly.
    fn is_creation_due(&mut self) -> bool {
        let left = self.accounts - self.created;
        let haste = if self.clock.gone_per_mille() < 100 { 3 } else { 1 };
        left > 0 && self.random.rand_range(0..self.events_left) < left.saturating_mul(haste)
    }

    /// About one account in four comes to an end within the log, the rest stay.
    fn is_ending_due(&mut self) -> bool {
        let wanted = self.created / 4;
        self.active.len() > 1
            && self.ended < wanted
            && self.random.rand_range(0..self.events_left + 1) < wanted - self.ended
    }

    fn change(&mut self) -> (Account, Action) {
        let again = self.recent < self.active.len() && self.random.rand_range(0..8) == 0;
        let index = if again { self.recent } else { self.draw(self.active.len()) };
        self.recent = index;
        if self.is_ending_due() {
            let mut account = self.active.swap_remove(index);
            self.ended += 1;
            if self.random.rand_range(0..2) == 0 {
                return (account, Action::Delete);
            }
            account.tier = None;
            self.archived.push(account);
            return (account, Action::Archive);
        }
        let step = if self.random.rand_range(0..2) == 0 { 1 } else { 2 };
        let Some(account) = self.active.get_mut(index) else {
            return self.create();
        };
        let tier = account.tier.map_or(0, |held| (held + step) % TIER_COUNT);
        account.tier = Some(tier);
        (*account, Action::Tier(tier))
    }

    /// Half of the archived accounts are deleted at some time.
    fn is_clearing_due(&mut self) -> bool {
        let archived = self.archived.len() as u64;
        archived > 0 && self.random.rand_range(0..self.events_left * 2) < archived
    }

    fn clear(&mut self) -> (Account, Action) {
        let index = self.draw(self.archived.len());
        (self.archived.swap_remove(index), Action::Delete)
    }

    fn draw(&mut self, length: usize) -> usize {
        let drawn = self.random.rand_range(0..(length as u64).max(1));
        usize::try_from(drawn).unwrap_or_default()
    }
}

impl Iterator for Story {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.events_left == 0 {
            return None;
        }
        let at_ms = self.clock.next_ms(&mut self.random);
        let (account, action) = if self.active.is_empty() || self.is_creation_due() {
            self.create()
        } else if self.is_clearing_due() {
            self.clear()
        } else {
            self.change()
        };
        self.events_left -= 1;
        let Account { number, team, .. } = account;
        Some(Event { first_day: self.first_day, at_ms, team, account: number, action })
    }
}
