//! `tierwise days`: account-days per team, period and tier.

use std::collections::BTreeMap;

use serde::Serialize;
use tierwise_wire::LoadedCatalog;

use super::{Scope, outcome};
use crate::{
    accounts::Counting,
    args::LogArgs,
    output::{Outcome, Printer},
    problems::ProblemAnswer,
    table::Table,
    tally::{Tally, TeamCounts},
};

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

pub(crate) fn run(
    catalog: &LoadedCatalog,
    args: &LogArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let scope = Scope::of(catalog, args, printer)?;
    let mut problems = scope.problems();
    let mut tally = Tally::new(catalog.catalog(), scope.as_of);
    let counts = scope.read(&mut problems, &mut tally)?;
    scope.check_team(tally.accounts().teams(), &problems)?;
    let last = scope.last_day(tally.accounts().span())?;
    let teams = tally.finish(last);
    let days = team_days(&scope, &teams);
    if printer.json {
        printer.print_json(&DaysAnswer {
            accounts: counts.accounts,
            days,
            events: counts.events,
            problem_count: problems.count(),
            problems: problems.answers(),
        })?;
    } else {
        printer.print(&(in_words(&scope, &days) + &counts.in_words()))?;
    }
    printer.note(&problems.in_words());
    Ok(outcome(&problems))
}

fn team_days<'a>(scope: &Scope<'a>, teams: &'a TeamCounts) -> Vec<TeamDays<'a>> {
    let tiers = scope.catalog.catalog().tiers();
    let mut days = Vec::new();
    for (team, periods) in teams {
        for (period, counts) in periods.iter().filter(|(period, _)| scope.wants(team, **period)) {
            let by_tier = tiers.iter().map(tierwise::Tier::id).zip(counts.iter().copied());
            let account_days: BTreeMap<_, _> = by_tier.filter(|(_, days)| *days > 0).collect();
            if !account_days.is_empty() {
                days.push(TeamDays { account_days, period: period.to_string(), team });
            }
        }
    }
    days
}

fn in_words(scope: &Scope<'_>, days: &[TeamDays<'_>]) -> String {
    if days.is_empty() {
        return "no account-days\n".to_owned();
    }
    let tiers = scope.catalog.catalog().tiers();
    let rows = days.iter().flat_map(|TeamDays { account_days, period, team }| {
        let tiers = tiers.iter().map(tierwise::Tier::id);
        let counted = tiers.filter_map(|tier| Some((tier, account_days.get(tier)?)));
        counted.map(|(tier, days)| {
            vec![(*team).to_owned(), period.clone(), tier.to_owned(), days.to_string()]
        })
    });
    let sum: u64 = days.iter().flat_map(|team| team.account_days.values()).sum();
    Table::new(&["team", "period", "tier", ">account-days"])
        .rows(rows)
        .total("in all", "account-days", sum.to_string())
        .in_words()
        + "\n"
}
