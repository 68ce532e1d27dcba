//! What may be asked without changing anything but what time has settled.

use tierwise::{Bill, BillStatus, status_at};
use tierwise_lanes::{Moment, PeriodNumber, Standing};
use tierwise_wire::BillAnswer;

use crate::{
    billing::{Book, LEDGER_DAMAGED},
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    model::{AccountRow, DecisionRow, HeadRow, MessageRow},
    policy::{instant, running},
    report::{Planned, Report},
    runner::{Failure, Handle},
    store::{Stored, Transaction},
};

/// Why an account's queue stands as it does.
#[derive(Clone, Debug)]
pub struct Why {
    /// The account.
    pub account: AccountRow,
    /// The first waiting message, if none is out.
    pub head: Option<HeadRow>,
    /// Where its queue stands.
    pub standing: Standing,
    /// When it is looked at again, if nothing changes before.
    pub next_at: Moment,
    /// Messages that count in the running period.
    pub sent: u64,
    /// Messages that wait, counted up to [`MOST_COUNTED`](Self::MOST_COUNTED).
    pub waiting: u64,
    /// What the policy was asked last about it, and what it answered.
    pub decision: Option<DecisionRow>,
}

impl Why {
    /// How far waiting messages are counted.
    pub const MOST_COUNTED: u64 = 1_000_000;
}

/// What a team used in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The period, `YYYY-MM`.
    pub period: String,
    /// The account-days of each tier, rising rank; of the running period up to now, today included
    /// (A5).
    pub account_days: Vec<(String, u64)>,
    /// Messages that count, of all its accounts.
    pub messages: u64,
}

impl Handle {
    /// Why an account's queue stands as it does. Refused: `not_found`.
    pub async fn why(&self, account: &str) -> Result<Why, Failure> {
        check_name("account", account)?;
        let id = account.to_owned();
        Ok(self.between(move |engine| why(engine, &id)).await??)
    }

    /// A message by its id. Refused: `not_found`.
    pub async fn message(&self, account: &str, message: &str) -> Result<MessageRow, Failure> {
        check_name("account", account)?;
        check_name("message", message)?;
        let (account, message) = (account.to_owned(), message.to_owned());
        let find = move |engine: &mut Engine| {
            let mut transaction = engine.store().begin()?;
            let Some(row) = transaction.accounts(&[&account])?.pop() else {
                return Ok(Err(Refusal::no_account(&account)));
            };
            let found = transaction.messages(row.key, &[&message])?.pop().flatten();
            let found = found.filter(|message| row.shows(message));
            Ok(found.ok_or_else(|| Refusal::no_message(&message)))
        };
        Ok(self.between(find).await??)
    }

    /// What a team used in a period, `YYYY-MM`, or in the running one. Refused: `bad_request`,
    /// `not_found` if it never had an account, `store_away`.
    pub async fn usage(&self, team: &str, period: Option<&str>) -> Result<Usage, Failure> {
        check_name("team", team)?;
        let (of, named) = (team.to_owned(), period.map(str::to_owned));
        let days = self.between(move |engine| account_days(engine, &of, named.as_deref()));
        let (number, mut usage) = days.await??;
        usage.messages = self.counted(team, number).await?;
        Ok(usage)
    }

    /// The bill of a team for a period, `YYYY-MM`, or for the running one: canonical JSON. One of
    /// a period that has ended, by the clock as it is now, is final, is kept, and never changes
    /// (I4). Refused: `bad_request`, `not_found` if the team never had an account.
    pub async fn invoice(&self, team: &str, period: Option<&str>) -> Result<String, Failure> {
        check_name("team", team)?;
        let (team, period) = (team.to_owned(), period.map(str::to_owned));
        Ok(self.between(move |engine| invoice(engine, &team, period.as_deref())).await??)
    }

    /// What a change would do, and nothing happens. Refused: those of the change, and
    /// `ledger_damaged`.
    pub async fn report(&self, account: &str, planned: Planned) -> Result<Report, Failure> {
        check_name("account", account)?;
        if let Planned::Tier(tier) = &planned {
            check_name("tier", tier)?;
        }
        let account = account.to_owned();
        Ok(self.between(move |engine| engine.report(&account, &planned)).await??)
    }
}

fn why(engine: &mut Engine, id: &str) -> Stored<Refused<Why>> {
    let policy = engine.policy().clone();
    let mut transaction = engine.store().begin()?;
    let now = transaction.now()?;
    let Some(account) = transaction.accounts(&[id])?.pop() else {
        return Ok(Err(Refusal::no_account(id)));
    };
    let head = match account.lane.out() {
        Some(_) => None,
        None => transaction.heads(&[(account.key, account.lane.tried())])?.pop().flatten(),
    };
    let lane_head = head.as_ref().map(HeadRow::lane_head);
    let most = Why::MOST_COUNTED;
    Ok(Ok(Why {
        standing: account.lane.standing(lane_head, now),
        next_at: account.lane.next_at(lane_head, now),
        sent: account.lane.used(policy.running(now).number),
        waiting: transaction.waiting(account.key, Moment(i64::MIN), Moment::NEVER, most)?,
        decision: transaction.last_decision(account.key)?,
        head,
        account,
    }))
}

fn period_of(
    calendar: &tierwise::Calendar,
    named: Option<&str>,
    now: tierwise::Instant,
) -> Refused<tierwise::Period> {
    match named.map(|name| calendar.parse_period(name)) {
        Some(Ok(period)) => Ok(period),
        Some(Err(error)) => Err(Refusal::bad("period", format_args!("{error}; {}", error.help()))),
        None => Ok(calendar.period_of(calendar.day_of(now))),
    }
}

fn account_days(
    engine: &mut Engine,
    team: &str,
    period: Option<&str>,
) -> Stored<Refused<(PeriodNumber, Usage)>> {
    let policy = engine.policy().clone();
    let catalog = policy.catalog().catalog();
    let calendar = catalog.calendar();
    let mut transaction = engine.store().begin()?;
    let now = instant(transaction.now()?);
    let period = match period_of(&calendar, period, now) {
        Ok(period) => period,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if transaction.life(team, 0, 1)?.is_empty() {
        return Ok(Err(Refusal::no_team(team)));
    }
    let book = match book_until(&mut *transaction, team, catalog, &calendar, period, now) {
        Err(error) if error.code == LEDGER_DAMAGED => {
            return Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)));
        }
        book => book?,
    };
    let used = book.usage(catalog, period, now);
    let tiers = catalog.tiers().iter().map(|tier| tier.id().to_owned());
    let usage = Usage {
        period: period.to_string(),
        account_days: tiers.zip(used.account_days).collect(),
        messages: 0,
    };
    Ok(Ok((running(&calendar, period).number, usage)))
}

fn invoice(engine: &mut Engine, team: &str, period: Option<&str>) -> Stored<Refused<String>> {
    let policy = engine.policy().clone();
    let loaded = policy.catalog();
    let catalog = loaded.catalog();
    let calendar = catalog.calendar();
    let mut transaction = engine.store().begin()?;
    // Locked: nothing is booked meanwhile.
    let mut row = transaction.team(team)?;
    let clock = transaction.now()?;
    let now = instant(clock.max(row.last));
    let period = match period_of(&calendar, period, now) {
        Ok(period) => period,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if row.entries == 0 {
        return Ok(Err(Refusal::no_team(team)));
    }
    let name = period.to_string();
    if let Some(kept) = transaction.invoice(team, &name)? {
        return Ok(Ok(kept));
    }
    // A ledger that a clock ahead has written in is past the period's end sooner than its time is.
    let status = status_at(catalog, period, instant(clock));
    let book = match book_until(&mut *transaction, team, catalog, &calendar, period, now) {
        Err(error) if error.code == LEDGER_DAMAGED => {
            return Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)));
        }
        book => book?,
    };
    let usage = book.usage(catalog, period, now);
    let bill = match Bill::of(catalog, &usage) {
        Ok(bill) => bill,
        Err(error) => return Ok(Err(Refusal::new("too_large", 400, error))),
    };
    let answer = BillAnswer::of(loaded, &usage, &bill).named(team, period).with_status(status);
    let json = answer.to_json();
    if status == BillStatus::Final {
        // Whatever the clock says later, nothing is booked into this period any more.
        row.last = row.last.max(running(&calendar, period).end);
        transaction.write_team(&row)?;
        transaction.put_invoice(team, &name, &json)?;
        transaction.commit()?;
    }
    Ok(Ok(json))
}

/// The team's book with all that happened in a period, and before it.
fn book_until(
    transaction: &mut dyn Transaction,
    team: &str,
    catalog: &tierwise::Catalog,
    calendar: &tierwise::Calendar,
    period: tierwise::Period,
    now: tierwise::Instant,
) -> Stored<Book> {
    let last = Moment(running(calendar, period).end.0.saturating_sub(1));
    Book::until(team, transaction, catalog, instant(last).min(now))
}
