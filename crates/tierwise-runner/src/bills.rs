//! The bills of teams: open ones as they are now, final ones as they are kept (I4).

use serde_json::Value;
use tierwise::{Bill, BillStatus, Calendar, Period, PeriodUsage, status_at};
use tierwise_lanes::Moment;
use tierwise_wire::BillAnswer;

use crate::{
    billing::{Book, LEDGER_DAMAGED},
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    policy::{instant, running},
    runner::{Failure, Handle},
    store::{Stored, Transaction},
};

/// A bill, and the time that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Billed {
    /// The period, `YYYY-MM`.
    pub period: String,
    /// When it begins.
    pub start: Moment,
    /// When the next one begins.
    pub end: Moment,
    /// What [`Handle::invoice`] gives.
    pub bill: Value,
}

impl Billed {
    fn new(calendar: &Calendar, period: Period, bill: &str) -> Self {
        let times = running(calendar, period);
        Billed {
            period: period.to_string(),
            start: times.start,
            end: times.end,
            bill: serde_json::from_str(bill).unwrap_or_default(),
        }
    }

    /// I5: a period that is over and in which nothing happened has no bill.
    fn is_none(&self) -> bool {
        self.bill["status"] == "final" && self.bill["lines"].as_array().is_none_or(Vec::is_empty)
    }
}

impl Handle {
    /// The bill of a team for a period, `YYYY-MM`, or for the running one: canonical JSON. One of
    /// a period that has ended, by the clock as it is now, is final, is kept, and never changes
    /// (I4). Refused: `bad_request`, `not_found` if the team never had an account.
    pub async fn invoice(&self, team: &str, period: Option<&str>) -> Result<String, Failure> {
        check_name("team", team)?;
        let (team, period) = (team.to_owned(), period.map(str::to_owned));
        Ok(self.between(move |engine| invoice(engine, &team, period.as_deref())).await??)
    }

    /// The bill of a team for a period, `YYYY-MM`; none of a period without one (I5), or that has
    /// not begun. Refused: `bad_request`.
    pub async fn billed(&self, team: &str, period: &str) -> Result<Option<Billed>, Failure> {
        let (policy, now) = self.present().await?;
        let calendar = policy.catalog().catalog().calendar();
        let asked = period_of(&calendar, Some(period), instant(now))?;
        let next = calendar.next(asked).to_string();
        let found = self.invoices(team, Some(&next), 1).await?;
        Ok(found.into_iter().find(|bill| bill.period == asked.to_string()))
    }

    /// The bills of a team, the newest first, that of the running period among them; of periods
    /// before one, if one is named; so many at most. A past period without lines has none (I5).
    /// Refused: `bad_request`.
    pub async fn invoices(
        &self,
        team: &str,
        before: Option<&str>,
        most: usize,
    ) -> Result<Vec<Billed>, Failure> {
        check_name("team", team)?;
        let (policy, now) = self.present().await?;
        let catalog = policy.catalog();
        let calendar = catalog.catalog().calendar();
        let now = instant(now);
        let today = calendar.period_of(calendar.day_of(now));
        let earlier = |period: Period| calendar.period_of(period.first.previous());
        let mut period = match before {
            Some(name) => earlier(period_of(&calendar, Some(name), now)?).min(today),
            None => today,
        };
        let of = team.to_owned();
        let ledger = self.read(move |reader| reader.life(&of, 0, 1)).await?;
        let Some(first) = ledger.first().map(|row| calendar.day_of(instant(row.at))) else {
            let empty = empty(catalog, team, today)?;
            let is_asked = period == today && most > 0;
            return Ok(is_asked
                .then(|| Billed::new(&calendar, today, &empty))
                .into_iter()
                .collect());
        };
        let mut bills = Vec::new();
        while bills.len() < most && (period.last >= first || period == today) {
            let bill = self.invoice(team, Some(&period.to_string())).await?;
            let bill = Billed::new(&calendar, period, &bill);
            if !bill.is_none() {
                bills.push(bill);
            }
            period = earlier(period);
        }
        Ok(bills)
    }
}

/// The bill of a team that never had an account.
fn empty(loaded: &tierwise_wire::LoadedCatalog, team: &str, period: Period) -> Refused<String> {
    let usage = PeriodUsage::empty(loaded.catalog(), period);
    let bill = Bill::of(loaded.catalog(), &usage);
    let bill = bill.map_err(|error| Refusal::new("too_large", 400, error))?;
    let answer = BillAnswer::of(loaded, &usage, &bill).named(team, period);
    Ok(answer.with_status(BillStatus::Open).to_json())
}

pub(crate) fn period_of(
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
