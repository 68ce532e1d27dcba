//! What many do at once to one account is as if they had done it one after the other: an account as
//! plain as can be, and a search for an order that explains every answer.

use std::{
    collections::{BTreeMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};

pub(crate) const TIERS: [&str; 3] =
    ["limited_msg_no_chat_history", "unlimited_msg_no_chat_history", "unlimited_msg_chat_history"];

/// How many do something at once.
const MANY: u64 = 16;

/// How much each of them does.
const EACH: u64 = 7;

/// Messages that they speak of.
const NUMBERS: u64 = 5;

/// What somebody plans to do: tiers by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Plan {
    To(usize),
    Archive,
    Delete,
}

/// What somebody does. Messages are named by a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// Asks what a plan would do.
    Report(Plan),
    /// Does it, if the report with this hash still holds.
    Carry(Plan, Option<String>),
    /// Sends a message with one of two contents.
    Send(u8, bool),
    Withdraw(u8),
    Skip(u8),
    Retry(u8),
    /// Retries all that are cancelled.
    RetryAll,
    Open,
    Close,
    Read,
    /// The messages with numbers, and whether each waits.
    List,
}

/// What the answer was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Said {
    Done(Vec<String>),
    Refused(String),
    Hash(String),
    Counted(u64),
    Seen {
        tier: String,
        is_archived: bool,
        is_connecting: bool,
        /// None where it is not shown.
        waiting: Option<u64>,
    },
    Listed(BTreeMap<u8, bool>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Life {
    Active,
    Archived,
    Deleted,
}

/// What decides what a report says: life, tier, the highest tier of the day, the plan, and what
/// waits if it is an ending.
type Basis = (Life, usize, usize, Plan, u64);

/// The account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    life: Life,
    tier: usize,
    highest: usize,
    is_connecting: bool,
    /// Messages without a number that wait.
    others: u64,
    limit: u64,
    /// By number: which content, and whether it waits.
    messages: BTreeMap<u8, (bool, bool)>,
    /// What reports were called.
    hashes: BTreeMap<Basis, String>,
}

impl Account {
    /// A new one on the first tier, which has a limit, and with so many messages waiting.
    pub(crate) fn new(limit: u64, others: u64) -> Self {
        Account {
            life: Life::Active,
            tier: 0,
            highest: 0,
            is_connecting: false,
            others,
            limit,
            messages: BTreeMap::new(),
            hashes: BTreeMap::new(),
        }
    }

    /// The same, with a cancelled message of a content.
    pub(crate) fn with_cancelled(mut self, number: u8, content: bool) -> Self {
        self.messages.insert(number, (content, false));
        self
    }

    fn waiting(&self) -> u64 {
        self.others + self.messages.values().filter(|(_, waits)| *waits).count() as u64
    }

    fn basis(&self, plan: Plan) -> Basis {
        let waiting = if matches!(plan, Plan::To(_)) { 0 } else { self.waiting() };
        (self.life, self.tier, self.highest, plan, waiting)
    }

    /// Whether an answer is what it should be at this point; then the account is as it is after it.
    fn explains(&mut self, act: &Act, said: &Said) -> bool {
        match act {
            Act::Report(plan) => match (self.refusal(*plan), said) {
                (Some(code), _) => is_refused(said, code),
                (None, Said::Hash(hash)) => self.is_called(self.basis(*plan), hash),
                (None, _) => false,
            },
            Act::Carry(plan, expected) => self.carries(*plan, expected.as_deref(), said),
            Act::Read => *said == self.seen(said),
            Act::List => *said == self.listed(),
            Act::RetryAll => self.retries_all(said),
            _ => match self.life {
                Life::Deleted => is_refused(said, "not_found"),
                // Its messages are gone, so that both are true of one that is named.
                Life::Archived if matches!(act, Act::Withdraw(_)) => {
                    is_refused(said, "account_archived") || is_refused(said, "not_found")
                }
                Life::Archived => is_refused(said, "account_archived"),
                Life::Active => self.does(act, said),
            },
        }
    }

    fn refusal(&self, plan: Plan) -> Option<&'static str> {
        match (self.life, plan) {
            (Life::Deleted, _) => Some("not_found"),
            (Life::Archived, Plan::Delete) => None,
            (Life::Archived, _) => Some("account_archived"),
            (_, Plan::To(tier)) if tier == self.tier => Some("same_tier"),
            _ => None,
        }
    }

    fn is_called(&mut self, basis: Basis, hash: &str) -> bool {
        self.hashes.entry(basis).or_insert_with(|| hash.to_owned()) == hash
    }

    fn carries(&mut self, plan: Plan, expected: Option<&str>, said: &Said) -> bool {
        if let Some(code) = self.refusal(plan) {
            return is_refused(said, code);
        }
        if let Some(expected) = expected {
            let basis = self.basis(plan);
            if is_refused(said, "report_stale") {
                return self.hashes.get(&basis).is_none_or(|hash| hash != expected);
            }
            if !self.is_called(basis, expected) {
                return false;
            }
        }
        let effects = self.change(plan);
        matches!(said, Said::Done(done) if *done == effects)
    }

    /// Makes a change; its effects.
    fn change(&mut self, plan: Plan) -> Vec<&'static str> {
        let drops = self.waiting() > 0;
        let was_active = self.life == Life::Active;
        let mut effects = Vec::new();
        let mut say = |holds: bool, effect| effects.extend(holds.then_some(effect));
        match plan {
            Plan::To(tier) => {
                say(self.tier == 2, "history_removed");
                say(tier == 2, "rescan_needed");
                say(tier == 0, "limit_set");
                say(self.tier == 0, "limit_lifted");
                self.tier = tier;
                self.highest = self.highest.max(tier);
                return effects;
            }
            Plan::Archive => {
                say(true, "subscription_ended");
                say(drops, "queue_dropped");
                say(true, "synced_data_removed");
                self.life = Life::Archived;
            }
            Plan::Delete => {
                say(was_active, "subscription_ended");
                say(drops, "queue_dropped");
                say(true, "all_data_removed");
                self.life = Life::Deleted;
            }
        }
        self.messages.clear();
        self.others = 0;
        self.is_connecting = false;
        effects
    }

    fn does(&mut self, act: &Act, said: &Said) -> bool {
        let waiting = self.waiting();
        let done = *said == Said::Done(Vec::new());
        match act {
            Act::Send(number, content) => match self.messages.get(number) {
                Some((other, _)) if other != content => is_refused(said, "id_reused"),
                Some(_) => done,
                None if self.tier == 0 && waiting >= self.limit => {
                    is_refused(said, "quota_exhausted")
                }
                None => {
                    self.messages.insert(*number, (*content, true));
                    done
                }
            },
            Act::Withdraw(number) => match self.messages.remove(number) {
                Some(_) => done,
                None => is_refused(said, "not_found"),
            },
            Act::Skip(number) => match self.messages.get_mut(number) {
                Some((_, waits @ true)) => {
                    *waits = false;
                    done
                }
                Some(_) => is_refused(said, "message_settled"),
                None => is_refused(said, "not_found"),
            },
            Act::Retry(number) => match self.messages.get_mut(number) {
                Some((_, waits)) => {
                    *waits = true;
                    done
                }
                None => is_refused(said, "not_found"),
            },
            Act::Open | Act::Close => {
                self.is_connecting = *act == Act::Open;
                done
            }
            _ => false,
        }
    }

    /// Whatever became of the account, this is about its team.
    fn retries_all(&mut self, said: &Said) -> bool {
        let mut changed = 0;
        for (_, waits) in self.messages.values_mut().filter(|(_, waits)| !waits) {
            *waits = true;
            changed += 1;
        }
        *said == Said::Counted(changed)
    }

    fn seen(&self, said: &Said) -> Said {
        if self.life == Life::Deleted {
            return Said::Refused("not_found".to_owned());
        }
        let shows = matches!(said, Said::Seen { waiting: Some(_), .. });
        Said::Seen {
            tier: TIERS[self.tier].to_owned(),
            is_archived: self.life == Life::Archived,
            is_connecting: self.is_connecting,
            waiting: shows.then(|| self.waiting()),
        }
    }

    fn listed(&self) -> Said {
        if self.life == Life::Deleted {
            return Said::Refused("not_found".to_owned());
        }
        let messages = self.messages.iter();
        Said::Listed(messages.map(|(number, (_, waits))| (*number, *waits)).collect())
    }
}

fn is_refused(said: &Said, code: &str) -> bool {
    matches!(said, Said::Refused(refused) if refused == code)
}

/// Something that somebody did, between two moments.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    begun: u64,
    ended: u64,
    act: Act,
    said: Said,
}

/// A clock that never stands still: of two calls that do not overlap it tells the first.
#[derive(Debug, Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    /// Does something, and notes when.
    pub(crate) fn call(&self, act: Act, work: impl FnOnce(&Act) -> Said) -> Call {
        let begun = self.tick();
        let said = work(&act);
        Call { begun, ended: self.tick(), act, said }
    }
}

/// What was searched already without success: what was done, and how the account was.
type Dead = HashSet<(u128, Account)>;

/// So many places are looked at: a search that takes more says nothing.
const MOST_LOOKED_AT: usize = 2_000_000;

/// Whether the calls, each somewhere between its beginning and its end, can have been done one
/// after the other (Wing and Gong, with what was searched remembered, as Lowe does).
pub(crate) fn is_linearizable(account: &Account, calls: &[Call]) -> bool {
    assert!(calls.len() <= 128, "a bit for each");
    let mut order: Vec<_> = calls.iter().collect();
    order.sort_by_key(|call| call.ended);
    search(account, &order, 0, &mut Dead::new())
}

fn search(account: &Account, calls: &[&Call], mut done: u128, dead: &mut Dead) -> bool {
    // What changes nothing wherever it stands, and has its answer here, may as well be the next:
    // nothing is branched for it.
    let possible = loop {
        let left = || (0..calls.len()).filter(|place| done & (1 << place) == 0);
        // None may be left out beyond the end of the first that is left.
        let Some(first_end) = left().map(|place| calls[place].ended).min() else { return true };
        let begun = left().filter(|place| calls[*place].begun < first_end);
        let explained = begun.filter_map(|place| {
            let mut after = account.clone();
            after.explains(&calls[place].act, &calls[place].said).then_some((place, after))
        });
        let possible: Vec<_> = explained.collect();
        let is_idle = |(place, after): &&(usize, Account)| {
            !matches!(calls[*place].said, Said::Done(_) | Said::Counted(1..)) && after == account
        };
        match possible.iter().find(is_idle) {
            Some((place, _)) => done |= 1 << place,
            None => break possible,
        }
    };
    if !dead.insert((done, account.clone())) {
        return false;
    }
    assert!(dead.len() < MOST_LOOKED_AT, "no order is found in {MOST_LOOKED_AT} places");
    possible.into_iter().any(|(place, after)| search(&after, calls, done | (1 << place), dead))
}

/// Numbers by chance, the same for the same seed.
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn pick(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn plan(&mut self) -> Plan {
        match self.pick(16) {
            0 | 1 => Plan::Archive,
            2 => Plan::Delete,
            other => Plan::To((other % 3) as usize),
        }
    }

    /// What somebody does next, who knows the last report. All that are cancelled are retried only
    /// where nobody cancels others meanwhile: which they are is read before.
    fn act(&mut self, report: Option<&(Plan, String)>, skips: bool) -> Act {
        if let Some((plan, hash)) = report
            && self.pick(3) > 0
        {
            return Act::Carry(*plan, Some(hash.clone()));
        }
        let number = self.pick(NUMBERS) as u8;
        match self.pick(16) {
            0..3 => Act::Report(self.plan()),
            3 => Act::Carry(self.plan(), None),
            4..8 => Act::Send(number, self.pick(3) == 0),
            8 | 9 => Act::Withdraw(number),
            10 if skips => Act::Skip(number),
            11 | 12 if skips => Act::Retry(number),
            10..13 => Act::RetryAll,
            13 => [Act::Open, Act::Close][self.pick(2) as usize].clone(),
            _ => Act::Read,
        }
    }
}

/// The answers of so many at once, each of whom does so much; then what is left.
pub(crate) fn at_once(
    seed: u64,
    skips: bool,
    does: &(impl Fn(&Act, u64) -> Said + Sync),
) -> Vec<Call> {
    let clock = Clock::default();
    let one = |number: u64| {
        let mut chance = Chance(seed.wrapping_mul(1000).wrapping_add(number));
        let mut report = None;
        let mut calls = Vec::new();
        for _ in 0..EACH {
            let act = chance.act(report.as_ref(), skips);
            let call = clock.call(act, |act| does(act, number));
            report = match (&call.act, &call.said) {
                (Act::Report(plan), Said::Hash(hash)) => Some((*plan, hash.clone())),
                _ => None,
            };
            calls.push(call);
        }
        calls
    };
    let mut calls: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..MANY).map(|number| scope.spawn(move || one(number))).collect();
        started.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    for act in [Act::Read, Act::List] {
        calls.push(clock.call(act, |act| does(act, 0)));
    }
    calls
}

/// How often each kind of answer came.
pub(crate) type Codes = BTreeMap<String, u64>;

/// Counts the answers by their kinds.
pub(crate) fn count(calls: &[Call], codes: &mut Codes) {
    for call in calls {
        let kind = match &call.said {
            Said::Refused(code) => code.clone(),
            Said::Done(effects) if effects.is_empty() => "done".to_owned(),
            Said::Done(effects) => effects[0].clone(),
            Said::Hash(_) => "report".to_owned(),
            Said::Counted(changed) => format!("counted {}", changed.min(&1)),
            Said::Seen { .. } | Said::Listed(_) => "seen".to_owned(),
        };
        *codes.entry(kind).or_default() += 1;
    }
}

/// The kinds that cannot be missing came: without that nothing is shown.
pub(crate) fn assert_seen(codes: &Codes) {
    let kinds = ["done", "report", "report_stale", "same_tier", "not_found", "seen"];
    for kind in kinds {
        assert!(codes.contains_key(kind), "`{kind}` never came: {codes:?}");
    }
}

#[test]
fn an_order_that_explains_the_answers_is_found_and_only_such_a_one() {
    let call = |begun, ended, act: &Act, said: &Said| Call {
        begun,
        ended,
        act: act.clone(),
        said: said.clone(),
    };
    let (new, done) = (Account::new(1, 0), Said::Done(Vec::new()));
    let refused = Said::Refused("quota_exhausted".to_owned());
    let (one, two) = (Act::Send(1, false), Act::Send(2, false));
    // They overlap: the second was the first.
    let both = [call(0, 3, &one, &refused), call(1, 2, &two, &done)];
    assert!(is_linearizable(&new, &both));
    // It had not begun when the other was answered.
    let late = [call(0, 1, &one, &refused), call(2, 3, &two, &done)];
    assert!(!is_linearizable(&new, &late));
    let twice = [call(0, 3, &one, &done), call(1, 2, &two, &done)];
    assert!(!is_linearizable(&new, &twice));
}
