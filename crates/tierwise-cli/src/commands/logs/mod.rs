//! `tierwise invoice` and `tierwise days`: event logs in, bills and account-days out.

mod days;
mod invoice;
mod progress;

use std::io::{IsTerminal, stdin};

use tierwise::{BillStatus, Code, Day, Error, Instant, Period, status_at};
use tierwise_wire::LoadedCatalog;

pub(super) use days::run as days;
pub(super) use invoice::run as invoice;

use crate::{
    accounts::{Counting, FOUND_AT_ONCE},
    args::LogArgs,
    log::{Batch, Entry, Reading, Source},
    output::{Outcome, Printer},
    problems::{Policy, Problem, Problems},
    words::count,
};
use progress::Progress;

/// The most periods that one run counts: a mistyped year would make thousands for every team.
const MAX_PERIODS: u32 = 240;

/// The options of a log command, read.
struct Scope<'a> {
    catalog: &'a LoadedCatalog,
    args: &'a LogArgs,
    period: Option<Period>,
    as_of: Option<Instant>,
    printer: Printer,
}

impl<'a> Scope<'a> {
    fn of(catalog: &'a LoadedCatalog, args: &'a LogArgs, printer: Printer) -> Result<Self, Error> {
        let calendar = catalog.catalog().calendar();
        let period = args.period.as_deref().map(|text| calendar.parse_period(text));
        let period = period.transpose().map_err(|error| error.under("period"))?;
        let as_of = args.as_of.as_deref().map(Instant::parse);
        let as_of = as_of.transpose().map_err(|error| error.under("as_of"))?;
        Ok(Scope { catalog, args, period, as_of, printer })
    }

    fn wants(&self, team: &str, period: Period) -> bool {
        self.args.team.as_deref().is_none_or(|wanted| wanted == team)
            && self.period.is_none_or(|wanted| wanted == period)
    }

    /// Whether the bill of a period can still change (I4); unknown without `as_of`.
    fn status(&self, period: Period) -> Option<BillStatus> {
        self.as_of.map(|as_of| status_at(self.catalog.catalog(), period, as_of))
    }

    /// The last day that counts: the day of `as_of`; else the end of the period asked for, or of
    /// the one with the last event. Errors: `out_of_range` if more than [`MAX_PERIODS`] would be
    /// counted.
    fn last_day(&self, span: Option<(Day, Day)>) -> Result<Day, Error> {
        let calendar = self.catalog.catalog().calendar();
        let (first, last) = span.unwrap_or_default();
        let last = match (self.as_of, self.period) {
            (Some(as_of), _) => calendar.day_of(as_of),
            (None, Some(period)) => return Ok(period.last),
            (None, None) => calendar.period_of(last).last,
        };
        let begins = calendar.period_of(first);
        let mut period = begins;
        for _ in 1..MAX_PERIODS {
            period = calendar.next(period);
        }
        if last > period.last && span.is_some() {
            let ends = calendar.period_of(last);
            let message = format!(
                "the log would be billed from {begins} to {ends}, at most {MAX_PERIODS} periods are"
            );
            return Err(Error::new(Code::OutOfRange, message)
                .with_help("is a year mistyped? else ask for one period with `--period`"));
        }
        Ok(last)
    }

    /// Errors: `unknown_value` if a team is asked for that the log does not have. Its name may
    /// stand in a line that could not be used, so those are told first.
    fn check_team(&self, teams: &[Box<str>], problems: &Problems) -> Result<(), Error> {
        let Some(team) = self.args.team.as_deref() else { return Ok(()) };
        if teams.iter().any(|known| **known == *team) {
            return Ok(());
        }
        self.printer.note(&problems.in_words());
        let message = format!("`{team}` is not a team of the log");
        let error = Error::new(Code::UnknownValue, message);
        Err(error.with_nearest(team, teams.iter().map(|team| &**team)).under("team"))
    }

    /// Reads every log of the arguments; gives what it came to. Errors: of the files; with
    /// `--strict`, the first problem.
    fn read(
        &self,
        problems: &mut Problems,
        counting: &mut impl Counting,
    ) -> anyhow::Result<Counts> {
        let sources = Source::all(&self.args.logs);
        sources.iter().try_for_each(Source::check)?;
        if sources.contains(&Source::Standard) && stdin().is_terminal() {
            self.printer.note("reading events from standard input\n");
        }
        let mut progress = Progress::of(&sources);
        let mut events = 0;
        let reading = Reading::begin(self.catalog, &sources, self.args.format).each(|batch| {
            progress.add(batch.bytes);
            let file = sources.get(batch.source).map(Source::name).unwrap_or_default();
            for entries in batch.entries.chunks(FOUND_AT_ONCE) {
                events += take(batch, entries, &file, problems, counting)?;
            }
            Ok(())
        });
        if reading.is_err() && !self.args.strict {
            // What was found before is told all the same.
            self.printer.note(&problems.in_words());
        }
        reading?;
        let accounts = counting.accounts();
        Ok(Counts { events, accounts: accounts.len(), teams: accounts.teams().len() })
    }

    fn problems(&self) -> Problems {
        let LogArgs { strict, max_problems, .. } = *self.args;
        Problems::new(Policy::of(strict, max_problems, self.printer.json))
    }
}

/// Takes some lines of a file; gives how many were events.
fn take(
    batch: &Batch,
    entries: &[Entry],
    file: &str,
    problems: &mut Problems,
    counting: &mut impl Counting,
) -> Result<u64, Problem> {
    let found = counting.accounts().find_all(&batch.names(entries));
    let mut events = 0;
    for (entry, found) in entries.iter().zip(found) {
        match batch.event(entry).and_then(|event| counting.take(&event, found)) {
            Ok(()) => events += 1,
            Err(error) => {
                let error = if entry.is_unfinished { cut_off(error) } else { error };
                problems.add(Problem { file: file.to_owned(), line: Some(entry.line), error })?;
            }
        }
    }
    Ok(events)
}

/// The error of a last line without a line end.
fn cut_off(error: Error) -> Error {
    let cut = "the file ends inside this line: it may have been cut off";
    let help = match error.help() {
        "" => cut.to_owned(),
        help => format!("{help}; {cut}"),
    };
    error.with_help(help)
}

/// What reading logs came to, for the end of the output.
struct Counts {
    events: u64,
    accounts: usize,
    teams: usize,
}

impl Counts {
    fn in_words(&self) -> String {
        let (events, accounts) = (count(self.events, "event"), self.accounts as u64);
        let (accounts, teams) = (count(accounts, "account"), count(self.teams as u64, "team"));
        format!("{events} of {accounts} in {teams}\n")
    }
}

fn outcome(problems: &Problems) -> Outcome {
    if problems.count() == 0 { Outcome::Done } else { Outcome::Findings }
}
