//! The bills of teams: open ones as they are now, final ones as they are kept (I4).

use std::sync::Arc;

use serde_json::Value;
use tierwise::{Bill, BillStatus, Calendar, Instant, Period, PeriodUsage, status_at};
use tierwise_lanes::Moment;
use tierwise_wire::BillAnswer;

use crate::{
    billing::{Book, LEDGER_DAMAGED, PART},
    error::{Refusal, Refused},
    flush::{Engine, edge::check_name},
    model::{LifeRow, TeamRow},
    policy::{Policy, Running, instant, running},
    runner::{Failure, Handle},
    store::{Reader, Stored},
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
    /// (I4). Refused: `bad_request`, `not_found` if the team never had an account, and for a period
    /// that is still to come.
    pub async fn invoice(&self, team: &str, period: Option<&str>) -> Result<String, Failure> {
        check_name("team", team)?;
        let (policy, clock) = self.present().await?;
        begun(&policy.catalog().catalog().calendar(), period, clock)?;
        let asked = Asked { team: team.to_owned(), period: period.map(str::to_owned), policy };
        let book = if self.has_readers() {
            let of = asked.clone();
            match self.count(move |reader| of.read(reader, clock)).await?? {
                Read::Bill(json) => return Ok(json),
                Read::Ended(book) => *book,
            }
        } else {
            Book::new(asked.policy.catalog().catalog())
        };
        // The last one is made and kept where nothing is booked meanwhile.
        Ok(self.between(move |engine| asked.last(engine, book)).await??)
    }

    /// The bill of a team for a period, `YYYY-MM`; none of a period without one (I5), or that has
    /// not begun. Refused: `bad_request`.
    pub async fn billed(&self, team: &str, period: &str) -> Result<Option<Billed>, Failure> {
        let (policy, now) = self.present().await?;
        let calendar = policy.catalog().catalog().calendar();
        let asked = period_of(&calendar, Some(period), instant(now))?;
        check_name("team", team)?;
        // Of the last month that has a name there is no next one.
        let found = self.bills_from(team, Some(asked), 1).await?;
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
        let calendar = policy.catalog().catalog().calendar();
        let before =
            before.map(|name| period_of(&calendar, Some(name), instant(now))).transpose()?;
        let from = before.map(|before| calendar.period_of(before.first.previous()));
        self.bills_from(team, from, most).await
    }

    /// The bills of a team for a period and for those before it, the running one at most.
    async fn bills_from(
        &self,
        team: &str,
        from: Option<Period>,
        most: usize,
    ) -> Result<Vec<Billed>, Failure> {
        let (policy, now) = self.present().await?;
        let catalog = policy.catalog();
        let calendar = catalog.catalog().calendar();
        let today = calendar.period_of(calendar.day_of(instant(now)));
        let earlier = |period: Period| calendar.period_of(period.first.previous());
        let mut period = from.map_or(today, |from| from.min(today));
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

impl Handle {
    /// Has a team's ledger read, the first time that what it comes to is asked for where nobody may
    /// wait for that.
    pub(crate) async fn read_ledger(&self, team: &str) {
        if self.books.has(team) || check_name("team", team).is_err() {
            return;
        }
        let Ok((policy, _)) = self.present().await else { return };
        let (of, by) = (team.to_owned(), policy.clone());
        let known = self.books.clone();
        let read = move |reader: &mut dyn Reader| {
            // Whoever asked at the same time may have had it read meanwhile.
            if known.has(&of) {
                return Ok(None);
            }
            let catalog = by.catalog().catalog();
            let mut book = Book::new(catalog);
            book.read(catalog, None, &mut |after| reader.life(&of, after, PART))?;
            Ok(Some(book))
        };
        // If it cannot be read, whoever asks hears so from the flush.
        let Ok(Some(book)) = self.count(read).await else { return };
        let team = team.to_owned();
        let take = move |engine: &mut Engine| {
            if Arc::ptr_eq(&policy, engine.policy()) {
                engine.books().take(&team, book);
            }
            Ok(())
        };
        let _ = self.between(take).await;
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

/// A period by its name, or the running one, and its times. Refused: `bad_request`; `not_found` if
/// it is still to come.
pub(crate) fn begun(
    calendar: &Calendar,
    named: Option<&str>,
    now: Moment,
) -> Refused<(Period, Running)> {
    let period = period_of(calendar, named, instant(now))?;
    let times = running(calendar, period);
    if times.start > now {
        let future = format_args!("the period `{period}` has not begun");
        return Err(Refusal::new("not_found", 404, future));
    }
    Ok((period, times))
}

/// Which bill is asked for.
#[derive(Clone)]
struct Asked {
    team: String,
    period: Option<String>,
    policy: Arc<Policy>,
}

/// What reading comes to.
enum Read {
    /// A bill.
    Bill(String),
    /// The period has ended: the team's book with all that happened in it, and before it.
    Ended(Box<Book>),
}

impl Asked {
    /// Reads the bill that is kept, or makes one of what the ledger has at a moment.
    fn read(&self, reader: &mut dyn Reader, clock: Moment) -> Stored<Refused<Read>> {
        let row = reader.team(&self.team)?;
        let asked = match self.about(&row, clock) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(kept) = reader.invoice(&self.team, &asked.period.to_string())? {
            return Ok(Ok(Read::Bill(kept)));
        }
        let mut book = Book::new(self.policy.catalog().catalog());
        // What is booked meanwhile has happened later.
        let mut life = |after| {
            let left = row.entries.saturating_sub(after).min(u64::from(PART));
            reader.life(&self.team, after, u32::try_from(left).unwrap_or(PART))
        };
        if let Err(refusal) = self.fill(&mut book, &asked, &mut life)? {
            return Ok(Err(refusal));
        }
        match asked.status {
            BillStatus::Final => Ok(Ok(Read::Ended(Box::new(book)))),
            BillStatus::Open => Ok(self.bill(&book, &asked).map(Read::Bill)),
        }
    }

    /// Makes the last bill of a period and keeps it, from a book that was read before.
    fn last(&self, engine: &mut Engine, mut book: Book) -> Stored<Refused<String>> {
        if !Arc::ptr_eq(&self.policy, engine.policy()) {
            // Another catalog reads the ledger otherwise.
            book = Book::new(self.policy.catalog().catalog());
        }
        let mut transaction = engine.store().begin()?;
        // Locked: nothing is booked meanwhile.
        let mut row = transaction.team(&self.team)?;
        let clock = transaction.now()?;
        let asked = match self.about(&row, clock) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = asked.period.to_string();
        if let Some(kept) = transaction.invoice(&self.team, &name)? {
            return Ok(Ok(kept));
        }
        let mut life = |after| transaction.life(&self.team, after, PART);
        if let Err(refusal) = self.fill(&mut book, &asked, &mut life)? {
            return Ok(Err(refusal));
        }
        let json = match self.bill(&book, &asked) {
            Ok(json) => json,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if asked.status == BillStatus::Final {
            // Whatever the clock says later, nothing is booked into this period any more.
            row.last = row.last.max(asked.end());
            transaction.write_team(&row)?;
            transaction.put_invoice(&self.team, &name, &json)?;
            transaction.commit()?;
        }
        Ok(Ok(json))
    }

    /// The period that is meant, and how its bill stands by a clock.
    fn about(&self, row: &TeamRow, clock: Moment) -> Refused<About> {
        let catalog = self.policy.catalog().catalog();
        let calendar = catalog.calendar();
        let now = instant(clock.max(row.last));
        let period = period_of(&calendar, self.period.as_deref(), now)?;
        if row.entries == 0 {
            return Err(Refusal::no_team(&self.team));
        }
        // A ledger that a clock ahead has written in is past the period's end sooner than its time
        // is.
        let status = status_at(catalog, period, instant(clock));
        Ok(About { calendar, period, now, status })
    }

    /// Reads on, to the end of the period.
    fn fill(
        &self,
        book: &mut Book,
        asked: &About,
        life: &mut dyn FnMut(u64) -> Stored<Vec<LifeRow>>,
    ) -> Stored<Refused<()>> {
        let last = instant(Moment(asked.end().0.saturating_sub(1))).min(asked.now);
        match book.read(self.policy.catalog().catalog(), Some(last), life) {
            Err(error) if error.code == LEDGER_DAMAGED => {
                Ok(Err(Refusal::new(LEDGER_DAMAGED, 500, error)))
            }
            read => read.map(Ok),
        }
    }

    fn bill(&self, book: &Book, asked: &About) -> Refused<String> {
        let loaded = self.policy.catalog();
        let usage = book.usage(loaded.catalog(), asked.period, asked.now);
        let bill = Bill::of(loaded.catalog(), &usage);
        let bill = bill.map_err(|error| Refusal::new("too_large", 400, error))?;
        let answer = BillAnswer::of(loaded, &usage, &bill).named(&self.team, asked.period);
        Ok(answer.with_status(asked.status).to_json())
    }
}

/// A period, now, and how its bill stands.
struct About {
    calendar: Calendar,
    period: Period,
    now: Instant,
    status: BillStatus,
}

impl About {
    fn end(&self) -> Moment {
        running(&self.calendar, self.period).end
    }
}
