//! `tierwise invoice` and `tierwise days`: event logs in, bills and account-days out.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tierwise::{Amount, Bill, Day, Error, Instant, Period, PeriodUsage, Word, status_at};
use tierwise_wire::{BillAnswer, LoadedCatalog};

use crate::{
    args::{InvoiceArgs, LogArgs},
    billing::Billing,
    log::{self, Record, Source},
    output::{Outcome, Printer, heading, table},
    problems::{ProblemAnswer, Problems},
    tally::Tally,
};

/// The options of a log command, read.
struct Scope<'a> {
    args: &'a LogArgs,
    period: Option<Period>,
    as_of: Option<Instant>,
}

impl<'a> Scope<'a> {
    fn of(catalog: &LoadedCatalog, args: &'a LogArgs) -> Result<Self, Error> {
        let calendar = catalog.catalog().calendar();
        let period = args.period.as_deref().map(|text| calendar.parse_period(text)).transpose()?;
        let as_of = args.as_of.as_deref().map(Instant::parse).transpose()?;
        Ok(Scope { args, period, as_of })
    }

    fn wants(&self, team: &str, period: Period) -> bool {
        self.args.team.as_deref().is_none_or(|wanted| wanted == team)
            && self.period.is_none_or(|wanted| wanted == period)
    }

    /// The last day that counts: the end of the period asked for, or of the one with the last
    /// event; the day of `as_of` if that is earlier or given.
    fn last_day(&self, catalog: &LoadedCatalog, span: Option<(Day, Day)>) -> Day {
        let calendar = catalog.catalog().calendar();
        if let Some(as_of) = self.as_of {
            return calendar.day_of(as_of);
        }
        let last_event = span.map_or(Day::default(), |(_, last)| calendar.period_of(last).last);
        self.period.map_or(last_event, |period| period.last)
    }
}

/// What reading logs came to, for the end of the output.
struct Counts {
    records: u64,
    accounts: usize,
    teams: usize,
}

impl Counts {
    fn in_words(&self) -> String {
        let Counts { records, accounts, teams } = self;
        format!("{records} events of {accounts} accounts in {teams} teams\n")
    }
}

/// Reads every log of the arguments.
fn read_all(
    scope: &Scope<'_>,
    problems: &mut Problems,
    take: &mut dyn FnMut(&Record<'_>) -> Result<(), Error>,
) -> anyhow::Result<u64> {
    let sources = Source::all(&scope.args.logs);
    let bar = progress_bar(&sources);
    let mut records = 0;
    for source in &sources {
        let counts =
            log::read(source, scope.args.format, problems, &mut |bytes| bar.inc(bytes), take)?;
        records += counts.records;
    }
    bar.finish_and_clear();
    Ok(records)
}

/// A bar on standard error if that is a terminal; of bytes where sizes are known.
fn progress_bar(sources: &[Source]) -> ProgressBar {
    let sizes: Option<Vec<u64>> = sources.iter().map(Source::size).collect();
    let bar = match sizes {
        Some(sizes) => {
            let style = ProgressStyle::with_template(
                "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            );
            let bar = ProgressBar::new(sizes.iter().sum());
            if let Ok(style) = style { bar.with_style(style) } else { bar }
        }
        None => ProgressBar::no_length(),
    };
    // Hides itself where standard error is no terminal.
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar
}

/// With `--strict`, why nothing is answered.
fn strict_failure(problems: &Problems, printer: Printer) -> Option<anyhow::Result<Outcome>> {
    problems.should_stop().then(|| {
        if printer.json {
            printer.print_json(&StrictAnswer { problems: problems.answers() })?;
        } else {
            printer.note(&problems.in_words());
        }
        Ok(Outcome::Findings)
    })
}

fn outcome(problems: &Problems) -> Outcome {
    if problems.count() == 0 { Outcome::Done } else { Outcome::Findings }
}

#[derive(Serialize)]
struct StrictAnswer<'a> {
    problems: Vec<ProblemAnswer<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvoicesAnswer<'a> {
    accounts: usize,
    events: u64,
    fingerprint: &'a str,
    invoices: Vec<BillAnswer<'a>>,
    problem_count: u64,
    problems: Vec<ProblemAnswer<'a>>,
}

/// One invoice, ready to be shown.
struct Invoice {
    team: Box<str>,
    usage: PeriodUsage,
    bill: Bill,
}

impl Invoice {
    fn answer<'a>(&'a self, catalog: &'a LoadedCatalog, scope: &Scope<'_>) -> BillAnswer<'a> {
        let period = self.usage.period;
        let answer = BillAnswer::of(catalog, &self.usage, &self.bill).named(&self.team, period);
        match scope.as_of {
            Some(as_of) => answer.with_status(status_at(catalog.catalog(), period, as_of)),
            None => answer,
        }
    }
}

pub(super) fn invoice(
    catalog: &LoadedCatalog,
    args: &InvoiceArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let scope = Scope::of(catalog, &args.log)?;
    let mut problems = Problems::new(args.log.strict);
    let mut billing = Billing::new(catalog.catalog(), scope.as_of);
    let records = read_all(&scope, &mut problems, &mut |record| billing.take(record))?;
    if let Some(failure) = strict_failure(&problems, printer) {
        return failure;
    }
    let accounts = billing.account_count();
    let last = scope.last_day(catalog, billing.span());
    let usages = billing.finish(last)?;
    let counts = Counts { records, accounts, teams: usages.len() };
    let mut invoices = Vec::new();
    for (team, periods) in usages {
        for usage in periods.into_iter().filter(|usage| scope.wants(&team, usage.period)) {
            let bill = Bill::of(catalog.catalog(), &usage)?;
            invoices.push(Invoice { team: team.clone(), usage, bill });
        }
    }
    if printer.json {
        printer.print_json(&InvoicesAnswer {
            accounts,
            events: records,
            fingerprint: catalog.fingerprint(),
            invoices: invoices.iter().map(|invoice| invoice.answer(catalog, &scope)).collect(),
            problem_count: problems.count(),
            problems: problems.answers(),
        })?;
    } else if args.summary {
        printer.print(&summary_in_words(catalog, &scope, &invoices, &counts)?)?;
    } else {
        printer.print(&invoices_in_words(catalog, &scope, &invoices, &counts))?;
    }
    printer.note(&problems.in_words());
    Ok(outcome(&problems))
}

fn status_in_words(catalog: &LoadedCatalog, scope: &Scope<'_>, period: Period) -> String {
    scope.as_of.map_or(String::new(), |as_of| {
        status_at(catalog.catalog(), period, as_of).as_str().to_owned()
    })
}

fn invoices_in_words(
    catalog: &LoadedCatalog,
    scope: &Scope<'_>,
    invoices: &[Invoice],
    counts: &Counts,
) -> String {
    let mut words = String::new();
    for Invoice { team, usage, bill } in invoices {
        let status = status_in_words(catalog, scope, usage.period);
        let status = if status.is_empty() { status } else { format!(", {status}") };
        words += &heading(&format!("team {team}, {}{status}", usage.period));
        let rows = bill.lines.iter().map(|line| {
            let band = match line.band {
                None => String::new(),
                Some((from, None)) => format!("from {from}"),
                Some((from, Some(to))) => format!("{from} to {to}"),
            };
            vec![
                line.kind.as_str().replace('_', " "),
                catalog.catalog().tier_at(line.tier).id().to_owned(),
                band,
                line.quantity.to_string(),
                line.unit_price.to_string(),
                line.rounded.unwrap_or(line.amount).to_string(),
            ]
        });
        let due = bill.amount_due.with_places(catalog.catalog().rounding().places).to_string();
        let blank = || vec![String::new(); 4];
        let totals = [("total", bill.total.to_string()), ("amount due", due)];
        let totals = totals.map(|(what, amount)| {
            let mut row = vec![what.to_owned()];
            row.extend(blank());
            row.push(amount);
            row
        });
        let heads = ["what", "tier", "band", ">quantity", ">unit price", ">amount"];
        words += &table(&heads, rows.chain(totals));
        words += "\n";
    }
    words + &counts.in_words()
}

fn summary_in_words(
    catalog: &LoadedCatalog,
    scope: &Scope<'_>,
    invoices: &[Invoice],
    counts: &Counts,
) -> anyhow::Result<String> {
    let places = catalog.catalog().rounding().places;
    let rows = invoices.iter().map(|Invoice { team, usage, bill }| {
        vec![
            team.to_string(),
            usage.period.to_string(),
            status_in_words(catalog, scope, usage.period),
            usage.account_days.iter().sum::<u64>().to_string(),
            usage.creations.values().sum::<u64>().to_string(),
            bill.total.to_string(),
            bill.amount_due.with_places(places).to_string(),
        ]
    });
    let heads =
        ["team", "period", "status", ">account-days", ">creations", ">total", ">amount due"];
    let due = Amount::sum(invoices.iter().map(|invoice| invoice.bill.amount_due))?;
    let currency = catalog.catalog().currency();
    let due = format!(
        "\n{} invoices, {} {currency} due in all\n",
        invoices.len(),
        due.with_places(places)
    );
    Ok(table(&heads, rows) + &due + &counts.in_words())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DaysAnswer<'a> {
    accounts: usize,
    days: Vec<TeamDays<'a>>,
    events: u64,
    problem_count: u64,
    problems: Vec<ProblemAnswer<'a>>,
}

#[derive(Serialize)]
struct TeamDays<'a> {
    account_days: BTreeMap<&'a str, u64>,
    period: String,
    team: &'a str,
}

pub(super) fn days(
    catalog: &LoadedCatalog,
    args: &LogArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let scope = Scope::of(catalog, args)?;
    let mut problems = Problems::new(args.strict);
    let mut tally = Tally::new(catalog.catalog(), scope.as_of);
    let records = read_all(&scope, &mut problems, &mut |record| tally.take(record))?;
    if let Some(failure) = strict_failure(&problems, printer) {
        return failure;
    }
    let accounts = tally.account_count();
    let last = scope.last_day(catalog, tally.span());
    let teams = tally.finish(last);
    let counts = Counts { records, accounts, teams: teams.len() };
    let tiers = catalog.catalog().tiers();
    let mut days = Vec::new();
    for (team, periods) in &teams {
        for (period, counts) in periods.iter().filter(|(period, _)| scope.wants(team, **period)) {
            let by_tier = tiers.iter().map(tierwise::Tier::id).zip(counts.iter().copied());
            days.push(TeamDays {
                account_days: by_tier.filter(|(_, days)| *days > 0).collect(),
                period: period.to_string(),
                team,
            });
        }
    }
    if printer.json {
        printer.print_json(&DaysAnswer {
            accounts,
            days,
            events: records,
            problem_count: problems.count(),
            problems: problems.answers(),
        })?;
    } else {
        let rows = days.iter().flat_map(|team| {
            team.account_days.iter().map(|(tier, days)| {
                vec![
                    team.team.to_owned(),
                    team.period.clone(),
                    (*tier).to_owned(),
                    days.to_string(),
                ]
            })
        });
        let rows = table(&["team", "period", "tier", ">account-days"], rows);
        printer.print(&(rows + "\n" + &counts.in_words()))?;
    }
    printer.note(&problems.in_words());
    Ok(outcome(&problems))
}
