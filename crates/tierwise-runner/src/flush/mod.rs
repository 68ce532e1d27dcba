//! One flush: everything that was asked for since the last one, in one transaction.

mod accept;
mod admin;
mod arrive;
mod claim;
mod complete;
mod desk;
pub(crate) mod edge;
mod edit;
mod ending;
mod ids;
mod life;
mod many;
mod people;
mod plan;
mod repeat;

use std::{collections::HashMap, sync::Arc};

use tierwise_lanes::{Lane, Moment, Retries, Span};

use crate::{
    billing::{Books, LEDGER_DAMAGED},
    error::{Refusal, Refused},
    model::Epoch,
    policy::Policy,
    request::{Action, Answer, Request},
    store::{Store, StoreError, Stored, Transaction},
};
use claim::Claims;
use complete::TakenOver;
pub(crate) use complete::word_of;
pub use desk::PolicyCall;
use desk::{Desk, Stop};

/// How often it is looked for runners that are gone, and the longest pause between two flushes.
const LOOK_AROUND: Span = Span(500);

/// How long accounts that another runner has on its desk are left to it.
const ASK_AGAIN: Span = Span(25);

/// Messages that one flush begins at most where several runners share the accounts, if no more have
/// ended: what it leaves is ready for the others, who would have nothing to do if one had all lanes
/// in hand.
const SHARE: usize = 256;

/// Of the lanes whose messages ended, one in so many goes to whoever looks first, beyond the share:
/// those that a runner keeps need not be written as ready, and soon everybody has as many.
const PASSED_ON: usize = 32;

/// Lanes of a dead runner that one flush takes over.
const TAKEN_OVER: u32 = 500;

/// Rows that one flush removes.
const REMOVED: u32 = 500;

/// How far the clock may go back before what was held is looked at again.
const SET_BACK: Span = Span::seconds(60);

/// Decides and stores; knows no threads, no network and no clock but the store's.
pub struct Engine {
    store: Box<dyn Store>,
    policy: Arc<Policy>,
    policy_number: i64,
    terms: Terms,
    epoch: Epoch,
    books: Books,
    is_shared: bool,
    others: Others,
    may_have_removals: bool,
    /// The latest time that the store's clock has told, since it was last set back.
    latest: Moment,
}

/// How a runner works.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long a runner may be silent before others take over.
    pub lease: Span,
    /// How long an attempt may take; with a margin less than the lease.
    pub attempt: Span,
    /// Repeats (Q10).
    pub retries: Retries,
    /// The transports that accounts may have.
    pub transports: Vec<String>,
}

impl Terms {
    /// Whether an attempt may begin so long after the flush that claimed its message
    /// [showed](Flushed::shown) that the runner lives: when it ends, at the latest, nobody else may
    /// have taken over. By a clock that nobody sets.
    pub fn may_begin(&self, since: Span) -> bool {
        let end = since.0.saturating_add(self.attempt.0).saturating_add(MARGIN.0);
        end < self.lease.0
    }
}

impl Default for Terms {
    /// A lease of 8 seconds, attempts of 5 at most, and the mock network.
    fn default() -> Self {
        Terms {
            lease: Span::seconds(8),
            attempt: Span::seconds(5),
            retries: Retries::default(),
            transports: vec!["mock".to_owned()],
        }
    }
}

/// What clocks of two machines may differ by in the time of a lease.
const MARGIN: Span = Span::seconds(1);

/// The other runners of a store, as far as this one has seen them live.
#[derive(Debug, Default)]
struct Others {
    looked: Option<Span>,
    /// How many beats each had, and since when.
    seen: HashMap<Epoch, (u64, Span)>,
}

/// What came of a flush.
#[derive(Debug)]
pub struct Flushed {
    /// The answers, in the order of the requests.
    pub answers: Vec<Refused<Answer>>,
    /// What is to be done now.
    pub actions: Vec<Action>,
    /// What the policy was asked.
    pub policy_calls: Vec<PolicyCall>,
    /// Events that were passed over, as they belong to an opening that is over.
    pub passed_over: u64,
    /// When the next flush should begin, if nothing is asked for before.
    pub wake: Moment,
    /// Now, by the store's clock.
    pub now: Moment,
    /// When this runner showed that it lives, by the clock that nobody sets: its lease counts from
    /// then.
    pub shown: Span,
}

impl Engine {
    /// A runner on a store. Errors: `tiers_missing` if the catalog lacks a tier that a ledger
    /// names: then nothing is changed; those of the store.
    pub fn start(mut store: Box<dyn Store>, policy: Arc<Policy>, terms: Terms) -> Stored<Self> {
        let is_shared = store.is_shared();
        let mut transaction = store.begin()?;
        if let Some(missing) = missing_tiers(&mut *transaction, &policy)? {
            return Err(StoreError::new(TIERS_MISSING, missing));
        }
        let epoch = transaction.register()?;
        let policy_number =
            transaction.policy(policy.component_hash(), policy.catalog().fingerprint())?;
        // Another policy than the last one may decide otherwise.
        transaction.reconsider(false)?;
        let latest = transaction.now()?;
        transaction.bring_back(latest.after(Lane::BELIEVED))?;
        transaction.commit()?;
        Ok(Engine {
            store,
            policy,
            policy_number,
            terms,
            epoch,
            is_shared,
            books: Books::default(),
            others: Others::default(),
            may_have_removals: true,
            latest,
        })
    }

    /// The number of this runner.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The policy that decides.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Has another policy decide from now on. Refused: `tiers_missing`, and the present one stays.
    /// Errors: those of the store.
    pub fn swap(&mut self, policy: Arc<Policy>) -> Stored<Refused<()>> {
        let mut transaction = self.store.begin()?;
        if !transaction.beat(self.epoch)? {
            return Err(is_gone());
        }
        if let Some(missing) = missing_tiers(&mut *transaction, &policy)? {
            return Ok(Err(Refusal::new(TIERS_MISSING, 409, missing)));
        }
        let (component, catalog) = (policy.component_hash(), policy.catalog().fingerprint());
        let number = transaction.policy(component, catalog)?;
        transaction.reconsider(false)?;
        transaction.commit()?;
        if catalog != self.policy.catalog().fingerprint() {
            self.books.forget();
        }
        (self.policy, self.policy_number) = (policy, number);
        Ok(Ok(()))
    }

    /// Does what was asked for, and gives free lanes their next message, at most so many. `elapsed`
    /// says how long the runner has been running, by a clock that nobody sets. Errors: those of the
    /// store: then nobody knows what is stored, and the runner has to end.
    pub fn flush(
        &mut self,
        requests: Vec<Request>,
        slots: usize,
        elapsed: &dyn Fn() -> Span,
    ) -> Stored<Flushed> {
        let begun = elapsed();
        let mut transaction = self.store.begin()?;
        let now = transaction.now()?;
        if now.after(SET_BACK) < self.latest {
            drop(transaction);
            self.look_again()?;
            return self.flush(requests, slots, elapsed);
        }
        self.latest = self.latest.max(now);
        if !transaction.beat(self.epoch)? {
            return Err(is_gone());
        }
        let mut desk = Desk {
            transaction,
            now,
            running: self.policy.running(now),
            policy: &self.policy,
            policy_number: self.policy_number,
            terms: &self.terms,
            epoch: self.epoch,
            books: &mut self.books,
            rows: Default::default(),
            keys: Default::default(),
            inserts: Vec::new(),
            inserted: Default::default(),
            settled: Vec::new(),
            decisions: Vec::new(),
            chat_gaps: Vec::new(),
            old_gaps: Vec::new(),
            outcomes: Vec::new(),
            actions: Vec::new(),
            policy_calls: Vec::new(),
            passed_over: 0,
            affairs: Default::default(),
        };
        let let_in = |request| edge::check(&request).map(|()| request);
        let requests: Vec<_> = requests.into_iter().map(let_in).collect();
        desk.fetch(requests.iter().flatten())?;
        let mut taken = TakenOver::default();
        if self.others.is_time(begun) {
            let time = (begun, elapsed);
            self.others.look(&mut *desk.transaction, self.epoch, time, self.terms.lease)?;
            taken = desk.take_over(TAKEN_OVER)?;
        }
        // What was to be removed by one that is gone is now ours to remove.
        self.may_have_removals |= taken.any;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(desk.answer_or_refuse(request)?);
        }
        let share = self.others.share(slots, desk.outcomes.len());
        let Claims { has_more, left } = desk.claim(share)?;
        // It is not for want of slots that more do not begin.
        let has_more = has_more || (left == 0 && share < slots);
        desk.write()?;
        let removes = self.may_have_removals || desk.removes();
        self.may_have_removals = removes && desk.remove(REMOVED)?;
        desk.write_tokens()?;
        let Desk { mut transaction, actions, policy_calls, passed_over, .. } = desk;
        let wake = match transaction.next_ready()? {
            _ if self.may_have_removals || has_more || taken.has_more => now,
            Some(next) if next > now => next,
            // Another runner has it on its desk.
            Some(_) if left > 0 => now.after(ASK_AGAIN),
            // The end of an attempt comes first.
            _ => Moment::NEVER,
        };
        // Nobody buries it while its transaction is open, and whoever looks then sees its new beat:
        // what came before, however far the server is, costs nothing of its lease.
        let shown = elapsed();
        transaction.commit()?;
        let wake = if self.is_shared { wake.min(now.after(LOOK_AROUND)) } else { wake };
        // The rest of what was taken over is not left until the next look.
        self.others.looked = self.others.looked.filter(|_| !taken.has_more);
        Ok(Flushed { answers, actions, policy_calls, passed_over, wake, now, shown })
    }

    /// The clock was set back: has the policy asked again about what it held, and accounts looked
    /// at whose gap or repeat is too far ahead. In a transaction of its own, as it locks accounts
    /// in another order than a flush. Errors: those of the store.
    fn look_again(&mut self) -> Stored<()> {
        let mut transaction = self.store.begin()?;
        let now = transaction.now()?;
        if !transaction.beat(self.epoch)? {
            return Err(is_gone());
        }
        transaction.reconsider(false)?;
        transaction.bring_back(now.after(Lane::BELIEVED))?;
        transaction.commit()?;
        let by_ms = self.latest.0.saturating_sub(now.0);
        tracing::warn!(by_ms, "the clock was set back: what was held is looked at again");
        self.latest = now;
        Ok(())
    }

    /// Ends in order: the attempts that are still open are unknown, and nobody waits for a lease.
    /// Errors: those of the store.
    pub fn stop(mut self) -> Stored<()> {
        let mut transaction = self.store.begin()?;
        transaction.leave(self.epoch)?;
        transaction.commit()
    }

    /// Whether others may leave something to do, without a word.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Whether the time of an account has come. Errors: those of the store.
    pub(crate) fn is_any_ready(&mut self) -> Stored<bool> {
        self.store.is_any_ready()
    }

    /// Does what is well done in an idle moment. Errors: those of the store.
    pub fn rest(&mut self) -> Stored<()> {
        self.store.rest()
    }

    /// What teams' ledgers come to.
    pub(crate) fn books(&mut self) -> &mut Books {
        &mut self.books
    }

    /// The store, for questions between two flushes.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }
}

/// The code of a catalog without a tier that a ledger names.
const TIERS_MISSING: &str = "tiers_missing";

/// What is wrong with a catalog that lacks tiers of the ledgers: bills are made from the whole of a
/// ledger, so those of each team that ever had such a tier would be refused.
fn missing_tiers(transaction: &mut dyn Transaction, policy: &Policy) -> Stored<Option<String>> {
    let catalog = policy.catalog().catalog();
    let mut missing = transaction.tiers()?;
    missing.retain(|tier| catalog.find_tier(tier).is_none());
    missing.sort_unstable();
    Ok((!missing.is_empty()).then(|| {
        let missing = missing.join("`, `");
        format!(
            "the catalog lacks tiers that accounts have or had: `{missing}`; keep them in it, or \
             no bill of their teams could be made"
        )
    }))
}

/// Why a runner ends that shows too late that it lives.
fn is_gone() -> StoreError {
    let message = "another runner took over, as this one was silent for too long";
    StoreError::new("runner_gone", message)
}

impl Others {
    fn is_time(&self, elapsed: Span) -> bool {
        self.looked.is_none_or(|looked| elapsed.0 >= looked.0.saturating_add(LOOK_AROUND.0))
    }

    /// How many of the free slots this runner takes, after so many of its messages ended.
    fn share(&self, slots: usize, ended: usize) -> usize {
        match self.seen.is_empty() {
            true => slots,
            false => slots.min(SHARE.max(ended - ended / PASSED_ON)),
        }
    }

    /// Looks how the other runners are. One without a beat for as long as a lease is gone.
    fn look(
        &mut self,
        transaction: &mut dyn Transaction,
        own: Epoch,
        (begun, elapsed): (Span, &dyn Fn() -> Span),
        lease: Span,
    ) -> Stored<()> {
        self.looked = Some(begun);
        let others = transaction.others(own)?;
        // A flush may wait for locks, or stand still, between its beginning and this look. A beat
        // was perhaps only just before the look: silence counts from after it to before the next.
        let read = elapsed();
        self.seen.retain(|epoch, _| others.iter().any(|(other, _)| other == epoch));
        for (other, beats) in others {
            let seen = self.seen.entry(other).or_insert((beats, read));
            if seen.0 != beats {
                *seen = (beats, read);
            } else if begun.0 > seen.1.0.saturating_add(lease.0) {
                transaction.bury(other, beats)?;
            }
        }
        Ok(())
    }
}

impl Desk<'_> {
    fn answer_or_refuse(&mut self, request: Refused<Request>) -> Stored<Refused<Answer>> {
        match request.map_err(Stop::Refused).and_then(|asked| self.answer(asked)) {
            Ok(answer) => Ok(Ok(answer)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            // One team's: nothing was written, and the others go on.
            Err(Stop::Store(error)) if error.code == LEDGER_DAMAGED => {
                Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)))
            }
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn answer(&mut self, request: Request) -> Result<Answer, Stop> {
        match request {
            Request::Completed(completion) => {
                self.complete(completion)?;
                Ok(Answer::Kept)
            }
            Request::Called { account, opening } => {
                self.end_call(&account, opening)?;
                Ok(Answer::Kept)
            }
            Request::Send { account, team, require_open, messages } => {
                self.accept(&account, team.as_deref(), require_open, messages)
            }
            Request::Many(many) => self.change_many(&many),
            Request::Create(account) => self.create(account),
            Request::Trade(trade) => self.trade(trade),
            Request::People(change) => self.change_people(change),
            Request::Change { account, team, change } => {
                let key = self.find(&account, team.as_deref())?;
                self.change(key, change)
            }
            Request::Arrived(inbound) => {
                self.arrive(inbound, None)?;
                Ok(Answer::Kept)
            }
            Request::ArrivedBy { transport, inbound } => {
                self.arrive(inbound, Some(&transport))?;
                Ok(Answer::Kept)
            }
        }
    }
}
