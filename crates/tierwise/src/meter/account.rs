//! One account, day by day: what each day counts for (A1–A5), in 24 bytes.

use crate::{
    catalog::{Catalog, EndingDay, MixedDay, TierIndex},
    error::{Code, Error, Result},
    period::{Day, Instant},
    word::words,
};

words! {
    /// What an account does, as logs and requests write it.
    pub enum Verb: "thing that an account does" {
        /// It is created on a tier.
        #[default]
        Create = "create",
        /// It moves to a tier.
        Tier = "tier",
        /// It is archived.
        Archive = "archive",
        /// It is deleted.
        Delete = "delete",
    }
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was created on a tier.
    Create(TierIndex),
    /// It moved to a tier.
    Change(TierIndex),
    /// It was archived.
    Archive,
    /// It was deleted.
    Delete,
}

impl Action {
    /// The tier named by a creation or a change.
    pub fn tier(self) -> Option<TierIndex> {
        match self {
            Action::Create(tier) | Action::Change(tier) => Some(tier),
            Action::Archive | Action::Delete => None,
        }
    }
}

/// Something that happened to an account at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub action: Action,
}

/// Days in a row that each give one account-day on a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first of them.
    pub first: Day,
    /// The last of them, included.
    pub last: Day,
    /// The tier.
    pub tier: TierIndex,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The day of the event.
    pub day: Day,
    /// Earlier days that are settled now: nothing can change them any more.
    pub settled: [Option<Span>; 2],
    /// What the day of the event counted for before it, if the day had ended then (A5).
    pub counted_before: Option<TierIndex>,
    /// What it counts for now, if it ended now.
    pub counts_after: Option<TierIndex>,
    /// The tier that the account was active on before it.
    pub active_before: Option<TierIndex>,
    /// The tier that it is active on now.
    pub active_after: Option<TierIndex>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Unborn,
    Active,
    Archived,
    Deleted,
}

/// The state of an account, as far as days and refusals need it. Feed it the events of one account
/// in order of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    last_at: Instant,
    /// The day of the last event.
    today: Day,
    tier: TierIndex,
    /// Of the tiers held today: the first, and the one of the highest rank (A4).
    first: TierIndex,
    highest: TierIndex,
    phase: Phase,
    /// Whether today counts even if the account isn't active when it ends (A2).
    counts: bool,
}

// A million accounts are a few megabytes.
const _: () = assert!(size_of::<Account>() <= 24);

impl Account {
    /// Takes the next event. Errors, in this order: `event_out_of_order`, `event_after_end`,
    /// `event_before_creation`, `already_created`, `account_archived` (L4), `same_tier` (D1). A
    /// refused event changes nothing.
    #[inline]
    pub fn apply(&mut self, catalog: &Catalog, event: Event) -> Result<Step> {
        self.check(catalog, event)?;
        let calendar = catalog.calendar();
        let day = calendar.day_of(event.at);
        let active_before = self.active();
        let mut settled = [None, None];
        let mut counted_before = self.counted(catalog);
        if day != self.today || self.phase == Phase::Unborn {
            settled = self.until(catalog, day.previous());
            counted_before = active_before;
            self.begin_day(day, event.action, calendar.is_midnight(event.at));
        }
        self.act(catalog, event.action);
        self.last_at = event.at;
        Ok(Step {
            day,
            settled,
            counted_before,
            counts_after: self.counted(catalog),
            active_before,
            active_after: self.active(),
        })
    }

    /// The days from that of the last event to `last`, as far as they count.
    pub fn until(&self, catalog: &Catalog, last: Day) -> [Option<Span>; 2] {
        if self.phase == Phase::Unborn || last < self.today {
            return [None, None];
        }
        let today =
            self.counted(catalog).map(|tier| Span { first: self.today, last: self.today, tier });
        let after = self.active().filter(|_| last > self.today).map(|tier| Span {
            first: self.today.next(),
            last,
            tier,
        });
        [today, after]
    }

    /// The tier that it is active on.
    pub fn active(&self) -> Option<TierIndex> {
        (self.phase == Phase::Active).then_some(self.tier)
    }

    fn check(&self, catalog: &Catalog, event: Event) -> Result<()> {
        let is_create = matches!(event.action, Action::Create(_));
        let refused = |code, message| Err(Error::new(code, message));
        match self.phase {
            Phase::Unborn if is_create => return Ok(()),
            Phase::Unborn => {
                let message = "the account was not created yet";
                return refused(Code::EventBeforeCreation, message);
            }
            _ if event.at < self.last_at => {
                let message = "the event is earlier than the one before it of this account";
                return refused(Code::EventOutOfOrder, message);
            }
            Phase::Deleted => return refused(Code::EventAfterEnd, "the account was deleted"),
            _ if is_create => return refused(Code::AlreadyCreated, "the account exists already"),
            Phase::Archived if event.action != Action::Delete => {
                let message = "the account is archived: it can only be deleted";
                return refused(Code::AccountArchived, message);
            }
            Phase::Active | Phase::Archived => {}
        }
        if event.action == Action::Change(self.tier) {
            let id = catalog.tier_at(self.tier).id();
            let message = format_args!("the account is already on tier `{id}`");
            return Err(Error::new(Code::SameTier, message));
        }
        Ok(())
    }

    /// Starts the day of an event: only a tier held on it so far counts as held.
    fn begin_day(&mut self, day: Day, action: Action, at_midnight: bool) {
        // G1: a change exactly at midnight leaves the tier before it no moment of the day.
        let held = action.tier().filter(|_| at_midnight).unwrap_or(self.tier);
        self.today = day;
        self.counts = false;
        self.first = held;
        self.highest = held;
    }

    fn act(&mut self, catalog: &Catalog, action: Action) {
        match action {
            Action::Create(tier) => {
                self.phase = Phase::Active;
                self.first = tier;
                self.highest = tier;
                self.tier = tier;
                self.counts = true;
            }
            Action::Change(tier) => {
                // A2: moved to a higher tier. Indices go by rank.
                self.counts |= tier > self.tier;
                self.highest = self.highest.max(tier);
                self.tier = tier;
            }
            Action::Archive | Action::Delete => {
                let includes = catalog.rules().ending_day == EndingDay::Included;
                self.counts |= includes && self.phase == Phase::Active;
                self.phase = match action {
                    Action::Archive => Phase::Archived,
                    _ => Phase::Deleted,
                };
            }
        }
    }

    /// What the day of the last event counts for, if it ended now (A2, A4, A5).
    fn counted(&self, catalog: &Catalog) -> Option<TierIndex> {
        if self.phase != Phase::Active && !self.counts {
            return None;
        }
        Some(match catalog.rules().mixed_day {
            MixedDay::Highest => self.highest,
            MixedDay::First => self.first,
            MixedDay::Last => self.tier,
        })
    }
}
