//! What a change would do, said beforehand, and the hash that holds somebody to it (D11, D12).

use sha2::{Digest as _, Sha256};
use tierwise::{AccountState, Action, ChangeMoney, Code, Instant, MESSAGE_METER, Tier, Undo};
use tierwise_lanes::Moment;

use crate::{
    billing::{Book, Books, LEDGER_DAMAGED},
    error::{Refusal, Refused},
    model::{AccountRow, Ended, Held},
    policy::{Policy, Running, instant},
    store::{Stored, Transaction},
};

/// A change that is asked about beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// A move to a tier.
    Tier(String),
    /// An archive.
    Archive,
    /// A deletion.
    Delete,
}

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To a tier of a higher rank (G4).
    Upgrade,
    /// To a tier of a lower rank (G4).
    Downgrade,
    /// The account ends, and is kept.
    Archive,
    /// It ends, and its data go.
    Delete,
}

impl Direction {
    /// The word for it: `upgrade`, `downgrade`, `archive` or `delete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
            Direction::Archive => "archive",
            Direction::Delete => "delete",
        }
    }

    pub(crate) const fn of_ending(ended: Ended) -> Self {
        match ended {
            Ended::Archived => Direction::Archive,
            Ended::Deleted => Direction::Delete,
        }
    }
}

/// What a change of tier, an archive or a deletion does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The account.
    pub account: String,
    /// The tier that it has.
    pub from: String,
    /// The tier that it would have; none if it ends.
    pub to: Option<String>,
    /// Which way the change goes.
    pub direction: Direction,
    /// What the change would bring with it, in order: exactly what it answers with.
    pub effects: Vec<String>,
    /// What would be removed.
    pub removes: Held,
    /// What would be kept.
    pub keeps: Held,
    /// The currency of the money, ISO 4217.
    pub currency: String,
    /// What the account's next day costs, and what the team's bill for the running period comes to
    /// if all goes on as it is: with the change, and without.
    pub money: ChangeMoney,
    /// The message limit after the change.
    pub limit: LimitAfter,
    /// For each effect, in order, what undoes it.
    pub undo: Vec<UndoOf>,
    /// SHA-256 of the catalog that all of this is computed by.
    pub catalog_fingerprint: String,
}

/// The message limit as it would be after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitAfter {
    /// Messages that count in the running period (Q2).
    pub used: u64,
    /// The most of a period on the tier that the account would have; none without a limit, and none
    /// after an ending, when nothing goes at all.
    pub max: Option<u64>,
    /// When messages would go again; none unless the limit would stop them (D6).
    pub stopped_until: Option<Moment>,
}

/// What undoes an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOf {
    /// The effect.
    pub effect: String,
    /// What undoes it; none if nothing does.
    pub by: Option<Undo>,
}

impl Report {
    /// What stands for the report: SHA-256, in lower-case hex, of what it says of the account's
    /// tier, of effects, removals and money.
    pub fn hash(&self) -> String {
        let Held { history, live, sent, waiting, notes, contacts } = self.removes;
        let ChangeMoney { day_before, day_after, period_before, period_after } = self.money;
        let amounts = [day_before, day_after, period_before, period_after];
        let said = serde_json::json!([
            self.account,
            self.from,
            self.to,
            self.direction.as_str(),
            self.effects,
            [history, live, sent, waiting, notes, contacts],
            self.currency,
            amounts.map(|amount| amount.to_string()),
        ]);
        let digest = Sha256::digest(said.to_string());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refused: `report_stale` if somebody was told something else.
    pub(crate) fn expect_hash(&self, expected: &str) -> Refused<()> {
        if self.hash() == expected { Ok(()) } else { Err(stale()) }
    }
}

/// Why a change is not made that does something else than its report said.
pub(crate) fn stale() -> Refusal {
    let stale = "the change would not do any more what its report said: ask for a new report";
    Refusal::new("report_stale", 409, stale)
}

/// What the policy says of a change.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) direction: Direction,
    pub(crate) effects: Vec<String>,
}

/// What a report is made of: the account as it is, under its lock, and what the policy says of the
/// change.
pub(crate) struct Inquiry<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) running: Running,
    pub(crate) now: Moment,
    pub(crate) row: &'a AccountRow,
    pub(crate) held: Held,
    /// The tier that the account would have; none if it ends.
    pub(crate) to: Option<&'a str>,
    pub(crate) said: &'a Said,
}

impl Inquiry<'_> {
    /// The report. It locks the account's team, so that a change in the same transaction does what
    /// it says. Refused: `too_large`, `ledger_damaged`, `policy_error`. Errors: those of the store,
    /// and `ledger_damaged`.
    pub(crate) fn report(
        &self,
        transaction: &mut dyn Transaction,
        books: &mut Books,
    ) -> Stored<Refused<Report>> {
        // The moment that the change would have in the ledger.
        let at = self.now.max(transaction.team(&self.row.team)?.last);
        let book = books.of(&self.row.team, transaction, self.policy.catalog().catalog())?;
        Ok(self.money(book, instant(at)).map(|money| self.report_with(money)))
    }

    fn money(&self, book: &Book, at: Instant) -> Refused<ChangeMoney> {
        let catalog = self.policy.catalog().catalog();
        let action = match (self.said.direction, self.tier()) {
            (Direction::Archive, _) => Action::Archive,
            (Direction::Delete, _) => Action::Delete,
            (_, Some(tier)) => Action::Change(tier.index()),
            (_, None) => {
                let unknown = format_args!("the catalog has no tier `{}`", self.to.unwrap_or(""));
                return Err(Refusal::new("policy_error", 500, unknown));
            }
        };
        book.money(catalog, self.row.key, tierwise::Event { at, action }).map_err(|error| {
            match error.code() {
                Code::QuantityTooLarge | Code::AmountTooLarge => {
                    Refusal::new("too_large", 400, error)
                }
                Code::EventBeforeCreation => {
                    let none = format_args!("the team's ledger does not have `{}`", self.row.id);
                    Refusal::new(LEDGER_DAMAGED, 500, none)
                }
                // A component of one's own lets go what cannot be booked.
                _ => Refusal::new("policy_error", 500, error),
            }
        })
    }

    fn tier(&self) -> Option<&Tier> {
        self.to.and_then(|id| self.policy.catalog().catalog().find_tier(id))
    }

    fn report_with(&self, money: ChangeMoney) -> Report {
        let (Inquiry { row, held, .. }, Said { direction, effects }) = (self, self.said);
        let removes = removed(*direction, effects, *held);
        let catalog = self.policy.catalog();
        let used = row.lane.used(self.running.number);
        let from = catalog.catalog().find_tier(&row.tier);
        let undo_of = |effect: &String| UndoOf {
            effect: effect.clone(),
            by: from.and_then(|from| tierwise::undo_of(effect, from, used)),
        };
        Report {
            account: row.id.clone(),
            from: row.tier.clone(),
            to: self.to.map(str::to_owned),
            direction: *direction,
            effects: effects.clone(),
            removes,
            keeps: kept(*held, removes),
            currency: catalog.catalog().currency().to_owned(),
            money,
            limit: self.limit(used),
            undo: effects.iter().map(undo_of).collect(),
            catalog_fingerprint: catalog.fingerprint().to_owned(),
        }
    }

    fn limit(&self, used: u64) -> LimitAfter {
        let max = self.tier().and_then(|tier| tier.limit(MESSAGE_METER)).map(|limit| limit.max);
        let sends = |tier: &Tier| tierwise::dispatch(tier, used, AccountState::Open).is_ok();
        let is_stopped = self.tier().is_some_and(|tier| !sends(tier));
        LimitAfter { used, max, stopped_until: is_stopped.then_some(self.running.end) }
    }
}

/// What a change removes of what an account holds (section 10).
fn removed(direction: Direction, effects: &[String], held: Held) -> Held {
    match direction {
        Direction::Archive => Held { notes: 0, contacts: 0, ..held },
        Direction::Delete => held,
        Direction::Upgrade | Direction::Downgrade => {
            let removes_history = effects.iter().any(|effect| effect == "history_removed");
            Held { history: if removes_history { held.history } else { 0 }, ..Held::default() }
        }
    }
}

fn kept(held: Held, removes: Held) -> Held {
    Held {
        history: held.history - removes.history,
        live: held.live - removes.live,
        sent: held.sent - removes.sent,
        waiting: held.waiting - removes.waiting,
        notes: held.notes - removes.notes,
        contacts: held.contacts - removes.contacts,
    }
}
