//! `tierwise invoice`: one bill per team and period.

use serde::Serialize;
use serde_json::value::RawValue;
use tierwise::{Amount, Bill, BillLine, PeriodUsage, Word};
use tierwise_wire::{BillAnswer, LoadedCatalog};

use super::{Counts, Scope, outcome};
use crate::{
    accounts::Counting,
    args::InvoiceArgs,
    billing::{Billing, TeamUsages},
    output::{Outcome, Printer, heading},
    problems::{ProblemAnswer, Problems},
    table::Table,
    words::count,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvoicesAnswer<'a> {
    accounts: usize,
    events: u64,
    fingerprint: &'a str,
    invoices: Vec<Box<RawValue>>,
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
    /// The bill as the engine writes it.
    fn answer(&self, scope: &Scope<'_>) -> serde_json::Result<Box<RawValue>> {
        let period = self.usage.period;
        let answer = BillAnswer::of(scope.catalog, &self.usage, &self.bill);
        let answer = answer.named(&self.team, period);
        let answer = match scope.status(period) {
            Some(status) => answer.with_status(status),
            None => answer,
        };
        RawValue::from_string(answer.to_json())
    }
}

pub(crate) fn run(
    catalog: &LoadedCatalog,
    args: &InvoiceArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let scope = Scope::of(catalog, &args.log, printer)?;
    let mut problems = scope.problems();
    let mut billing = Billing::new(catalog.catalog(), scope.as_of);
    let counts = scope.read(&mut problems, &mut billing)?;
    scope.check_team(billing.accounts().teams(), &problems)?;
    let last = scope.last_day(billing.accounts().span())?;
    let invoices = invoices(&scope, billing.finish(last)?)?;
    if printer.json {
        printer.print(&in_json(&scope, &invoices, &counts, &problems)?)?;
    } else {
        let words = if args.summary { summary_in_words } else { in_words };
        printer.print(&(words(&scope, &invoices)? + &counts.in_words()))?;
    }
    printer.note(&problems.in_words());
    Ok(outcome(&problems))
}

fn invoices(scope: &Scope<'_>, usages: TeamUsages) -> Result<Vec<Invoice>, tierwise::Error> {
    let mut invoices = Vec::new();
    for (team, periods) in usages {
        for usage in periods.into_iter().filter(|usage| scope.wants(&team, usage.period)) {
            let bill = Bill::of(scope.catalog.catalog(), &usage)?;
            invoices.push(Invoice { team: team.clone(), usage, bill });
        }
    }
    Ok(invoices)
}

fn in_json(
    scope: &Scope<'_>,
    invoices: &[Invoice],
    counts: &Counts,
    problems: &Problems,
) -> serde_json::Result<String> {
    serde_json::to_string(&InvoicesAnswer {
        accounts: counts.accounts,
        events: counts.events,
        fingerprint: scope.catalog.fingerprint(),
        invoices: invoices
            .iter()
            .map(|invoice| invoice.answer(scope))
            .collect::<serde_json::Result<_>>()?,
        problem_count: problems.count(),
        problems: problems.answers(),
    })
}

fn in_words(scope: &Scope<'_>, invoices: &[Invoice]) -> anyhow::Result<String> {
    let catalog = scope.catalog.catalog();
    let mut words = String::new();
    if invoices.is_empty() {
        words += "no invoices: nothing is to be billed\n";
    }
    for Invoice { team, usage, bill } in invoices {
        let status = scope.status(usage.period).map(|status| format!(", {}", status.as_str()));
        let (currency, status) = (catalog.currency(), status.unwrap_or_default());
        words += &heading(&format!("team {team}, {}, {currency}{status}", usage.period));
        let rows = bill.lines.iter().map(|line| row(scope, line));
        let due = bill.amount_due.with_places(catalog.rounding().places).to_string();
        let is_rounded = bill.lines.iter().any(|line| line.rounded.is_some());
        let sum_head = if is_rounded { "rounded" } else { "amount" };
        let heads = ["what", "tier", "band", ">quantity", ".unit price", ".amount", ".rounded"];
        words += &Table::new(&heads)
            .rows(rows)
            .total("total", sum_head, bill.total.to_string())
            .total("amount due", sum_head, due)
            .in_words();
        words += "\n";
    }
    Ok(words)
}

fn row(scope: &Scope<'_>, line: &BillLine) -> Vec<String> {
    let band = match line.band {
        None => String::new(),
        Some((from, None)) => format!("from {from}"),
        Some((from, Some(to))) => format!("{from} to {to}"),
    };
    vec![
        line.kind.as_str().replace('_', " "),
        scope.catalog.catalog().tier_at(line.tier).id().to_owned(),
        band,
        line.quantity.to_string(),
        line.unit_price.to_string(),
        line.amount.to_string(),
        line.rounded.map(|rounded| rounded.to_string()).unwrap_or_default(),
    ]
}

fn summary_in_words(scope: &Scope<'_>, invoices: &[Invoice]) -> anyhow::Result<String> {
    let catalog = scope.catalog.catalog();
    let places = catalog.rounding().places;
    let row = |Invoice { team, usage, bill }: &Invoice| {
        let status = scope.status(usage.period).map(|status| status.as_str().to_owned());
        vec![
            team.to_string(),
            usage.period.to_string(),
            status.unwrap_or_default(),
            usage.account_days.iter().sum::<u64>().to_string(),
            usage.creations.iter().map(|creations| creations.count).sum::<u64>().to_string(),
            bill.total.to_string(),
            bill.amount_due.with_places(places).to_string(),
        ]
    };
    let due = Amount::sum(invoices.iter().map(|invoice| invoice.bill.amount_due))?;
    let due = due.with_places(places).to_string();
    let heads = [
        "team",
        "period",
        "status",
        ">account-days",
        ">charged creations",
        ".total",
        ".amount due",
    ];
    let table = Table::new(&heads)
        .rows(invoices.iter().map(row))
        .total("in all", "amount due", due)
        .in_words();
    let invoices = count(invoices.len() as u64, "invoice");
    Ok(table + &format!("\n{invoices}, in {}\n", catalog.currency()))
}
