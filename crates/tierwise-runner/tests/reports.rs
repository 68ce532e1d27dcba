//! D11, D12: what the report of a change says is what the change then does, to the account and to
//! the bill, on SQLite and on PostgreSQL.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::collections::BTreeMap;

use serde_json::Value;
use tierwise_lanes::{Lane, Moment, PeriodNumber, Span, Used};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, OldMessage, Received};
use world::{
    FULL, LIMITED, PLAIN, message,
    schema::Schema,
    still::{Place, Side, moment},
};

/// The golden cases.
const SEED: &str = include_str!("../../../tests/vectors/seed.jsonl");

const NOON: &str = "2026-04-10T12:00:00Z";

/// The change itself.
fn made(planned: &Planned, if_report: Option<String>) -> Change {
    match planned {
        Planned::Tier(tier) => {
            let tier = Some(tier.clone());
            Change::Update(Update { tier, if_report, ..Update::default() })
        }
        Planned::Archive => Change::Archive { if_report },
        Planned::Delete => Change::Delete { if_report },
    }
}

/// An account of a team of its own, and what is planned for it.
#[derive(Debug)]
struct Case {
    from: &'static str,
    planned: Planned,
    sent: u64,
    waiting: usize,
    /// Whether it is not only planned.
    is_made: bool,
    team: String,
    id: String,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for from in [LIMITED, PLAIN, FULL] {
            let others = [LIMITED, PLAIN, FULL].into_iter().filter(|tier| *tier != from);
            let tiers = others.map(|tier| Planned::Tier(tier.to_owned()));
            for planned in tiers.chain([Planned::Archive, Planned::Delete]) {
                for (sent, waiting) in [(0, 0), (0, 3), (999, 0), (999, 3), (1000, 0), (1000, 3)] {
                    for is_made in [true, false] {
                        let (team, id) = (format!("team {}", cases.len()), String::new());
                        let planned = planned.clone();
                        cases.push(Case { from, planned, sent, waiting, is_made, team, id });
                    }
                }
            }
        }
        cases
    }

    fn to(&self) -> Option<&str> {
        match &self.planned {
            Planned::Tier(tier) => Some(tier),
            Planned::Archive | Planned::Delete => None,
        }
    }

    /// A login with history, and what comes with it and after it.
    fn arrivals(&self) -> Vec<Request> {
        let received = |id: &str| Received {
            id: id.to_owned(),
            chat_id: "chat".to_owned(),
            sender: "somebody".to_owned(),
            at_ms: moment("2026-01-31T09:00:00Z").0,
            text: "hello".to_owned(),
        };
        let old = |id| OldMessage { message: received(id), from_me: false };
        [
            Event::Open { login: true },
            Event::History { offered: 2, messages: vec![old("old 1"), old("old 2")] },
            Event::Received(received("new")),
            Event::Contact { id: "contact".to_owned(), name: "name".to_owned() },
            Event::Closed { logout: false },
        ]
        .into_iter()
        .map(|event| Request::Arrived(Inbound::new(&self.id, event)))
        .collect()
    }

    fn messages(&self) -> Request {
        let waiting = (0..self.waiting).map(|number| message(&format!("m{number}")));
        let note = NewMessage { is_note: true, ..message("note") };
        let messages = waiting.chain([note]).collect();
        Request::Send { account: self.id.clone(), team: None, require_open: false, messages }
    }
}

/// Accounts that have been there since February, with data, and with messages counted in April.
fn prepare(side: &mut Side) -> Vec<Case> {
    let mut cases = Case::all();
    let new = cases.iter().map(|case| world::account(&case.team, case.from)).collect();
    for (case, id) in cases.iter_mut().zip(side.create(new)) {
        case.id = id;
    }
    side.ask(cases.iter().flat_map(Case::arrivals).collect());
    side.set_clock(NOON);
    let accepted = side.ask(cases.iter().map(Case::messages).collect());
    assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
    let april = tierwise::Day::parse("2026-04-01").unwrap().epoch_days();
    let mut transaction = side.engine().store().begin().unwrap();
    for case in &cases {
        let mut row = transaction.accounts(&[&case.id]).unwrap().pop().unwrap();
        let used = Used { period: PeriodNumber(april.into()), count: case.sent };
        row.lane = Lane::of_row(tierwise_lanes::LaneRow { used, ..*row.lane_row() });
        transaction.write_accounts(&[(&row, Moment::NEVER)]).unwrap();
    }
    transaction.commit().unwrap();
    cases
}

/// D, L: the golden cases of changes of tiers.
fn golden_effects() -> BTreeMap<(String, String, u64), Vec<String>> {
    let mut effects = BTreeMap::new();
    for line in SEED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (asked, answer) = (&case["in"], &case["out"]);
        if case["op"] == "tier_change" && answer["status"] == 200 {
            let text = |key: &str| asked[key].as_str().unwrap().to_owned();
            let of = (text("from"), text("to"), asked["sent"].as_u64().unwrap());
            effects.insert(of, serde_json::from_value(answer["effects"].clone()).unwrap());
        }
    }
    effects
}

/// P2: what a day costs of which there are few.
fn first_price(tier: &str) -> &'static str {
    match tier {
        LIMITED => "0.034",
        PLAIN => "0.3",
        _ => "0.4",
    }
}

fn check_report(case: &Case, report: &Report) {
    let Report { direction, money, limit, .. } = report;
    assert_eq!((report.from.as_str(), report.to.as_deref()), (case.from, case.to()), "{case:?}");
    let rank = |tier: &str| [LIMITED, PLAIN, FULL].iter().position(|known| *known == tier);
    let expected = match &case.planned {
        Planned::Archive => Direction::Archive,
        Planned::Delete => Direction::Delete,
        Planned::Tier(to) if rank(to) > rank(case.from) => Direction::Upgrade,
        Planned::Tier(_) => Direction::Downgrade,
    };
    assert_eq!(*direction, expected, "{case:?}");
    assert_eq!(money.day_before.to_string(), first_price(case.from), "{case:?}");
    let after = case.to().map_or("0", first_price);
    assert_eq!(money.day_after.to_string(), after, "{case:?}");
    let is_limited = case.to() == Some(LIMITED);
    let stopped = (is_limited && case.sent >= 1000).then(|| moment("2026-05-01T00:00:00Z"));
    let limit_after =
        LimitAfter { used: case.sent, max: is_limited.then_some(1000), stopped_until: stopped };
    assert_eq!(*limit, limit_after, "{case:?}");
    let undone: Vec<_> = report.undo.iter().map(|undo| undo.effect.clone()).collect();
    assert_eq!(undone, report.effects, "{case:?}");
    // L4, L5: there is no way back.
    let is_ending = case.to().is_none();
    assert!(!is_ending || report.undo.iter().all(|undo| undo.by.is_none()), "{report:?}");
}

/// Reports on everything, does half of it, and lets the period end.
fn what_is_said_is_what_happens(place: Place) {
    let mut side = Side::new(place);
    let cases = prepare(&mut side);
    let golden = golden_effects();
    let mut reports = Vec::new();
    for case in &cases {
        let report = side.report(&case.id, &case.planned).unwrap();
        check_report(case, &report);
        reports.push(report);
    }
    // A report changes nothing, and another moment of the day changes no report.
    side.set_clock("2026-04-10T23:59:59Z");
    let mut compared = 0;
    for (case, report) in cases.iter().zip(&reports) {
        assert_eq!(side.report(&case.id, &case.planned), Ok(report.clone()), "{case:?}");
        if !case.is_made {
            continue;
        }
        let change = made(&case.planned, Some(report.hash()));
        assert_eq!(side.change(&case.id, change).as_ref(), Ok(&report.effects), "{case:?}");
        if let Some(to) = case.to()
            && let Some(expected) = golden.get(&(case.from.to_owned(), to.to_owned(), case.sent))
        {
            assert_eq!(report.effects, *expected, "{case:?}");
            compared += 1;
        }
        match (side.report(&case.id, &Planned::Delete), &case.planned) {
            (Err(refusal), Planned::Delete) => assert_eq!(refusal.code, "not_found"),
            (Ok(left), Planned::Tier(to)) => {
                assert_eq!((left.removes, &left.from), (report.keeps, to), "{case:?}");
            }
            (Ok(left), Planned::Archive) => assert_eq!(left.removes, report.keeps, "{case:?}"),
            (left, _) => panic!("{case:?}: {left:?}"),
        }
    }
    assert!(compared >= 12, "only {compared} of the golden cases");
    side.set_clock("2026-05-01T00:00:00Z");
    let teams: Vec<_> = cases.iter().map(|case| case.team.clone()).collect();
    for ((case, report), total) in cases.iter().zip(&reports).zip(side.totals(&teams, "2026-04")) {
        let money = report.money;
        let expected = if case.is_made { money.period_after } else { money.period_before };
        assert_eq!(total, expected.to_string(), "{case:?}");
    }
}

/// Whatever a report says, it is held to: by the day, by what others do, by what is removed.
fn a_stale_report_is_refused(place: Place) {
    let mut side = Side::new(place);
    let new = [FULL, FULL].map(|tier| world::account("team", tier)).to_vec();
    let ids = side.create(new);
    let (one, other) = (ids[0].as_str(), ids[1].as_str());
    let plans = [Planned::Tier(PLAIN.to_owned()), Planned::Archive, Planned::Delete];
    let hashes = |side: &mut Side| {
        plans.iter().map(|plan| side.report(one, plan).unwrap().hash()).collect::<Vec<_>>()
    };
    let refused = |side: &mut Side, plan: usize, hash: &str| {
        let before = side.dump(&[one, other], "team");
        let change = made(&plans[plan], Some(hash.to_owned()));
        assert_eq!(side.change(one, change), Err("report_stale"), "{plan}");
        assert_eq!(side.dump(&[one, other], "team"), before, "{plan}: it changed something");
    };
    side.set_clock(NOON);
    let said = hashes(&mut side);
    side.set_clock("2026-04-10T23:59:59.999Z");
    assert_eq!(hashes(&mut side), said, "the same day says the same");
    // G1: at midnight, to the millisecond, a downgrade does what it did the day before.
    side.set_clock("2026-04-11T00:00:00Z");
    assert_eq!(hashes(&mut side)[0], said[0]);
    // Then there is a day less to save.
    side.set_clock("2026-04-11T00:00:00.001Z");
    (0..3).for_each(|plan| refused(&mut side, plan, &said[plan]));

    // Another account of the team changes what the period comes to.
    let said = hashes(&mut side);
    side.change(other, made(&plans[0], None)).unwrap();
    (0..3).for_each(|plan| refused(&mut side, plan, &said[plan]));

    // A clock that is set back says what was true when the ledger's last entry was made.
    let said = hashes(&mut side);
    side.set_clock(NOON);
    assert_eq!(hashes(&mut side), said);

    // An ending would remove one message more, of a kind of which there was one; a change of tier
    // removes no messages.
    let wait = |side: &mut Side, id: &str| {
        let (account, messages) = (one.to_owned(), vec![message(id)]);
        assert!(
            side.ask(vec![Request::Send { account, team: None, require_open: false, messages }])[0]
                .is_ok()
        );
    };
    wait(&mut side, "m1");
    let said = hashes(&mut side);
    wait(&mut side, "m2");
    (1..3).for_each(|plan| refused(&mut side, plan, &said[plan]));
    // A report is about one change.
    let said_now = hashes(&mut side);
    refused(&mut side, 0, &said_now[1]);
    let nickname = Some("name".to_owned());
    let rename = Update { nickname, if_report: Some(said[0].clone()), ..Update::default() };
    assert_eq!(side.change(one, Change::Update(rename)), Err("report_stale"));
    let change = made(&plans[0], Some(said[0].clone()));
    assert_eq!(side.change(one, change), Ok(vec!["history_removed".to_owned()]));
    // Refusals are those of the change.
    let code = |refused: Refused<Report>| refused.unwrap_err().code;
    assert_eq!(code(side.report(one, &plans[0])), "same_tier");
    assert_eq!(code(side.report(one, &Planned::Tier("gold".to_owned()))), "unknown_tier");
    side.change(one, made(&Planned::Archive, None)).unwrap();
    assert_eq!(code(side.report(one, &Planned::Archive)), "account_archived");
    assert_eq!(code(side.report(one, &plans[0])), "account_archived");
    assert_eq!(code(side.report("nobody", &plans[0])), "not_found");
    // An archived account costs nothing any more, before its deletion and after it.
    let money = side.report(one, &Planned::Delete).unwrap().money;
    assert_eq!((money.day_before.to_string().as_str(), money.day_after), ("0", money.day_before));
    assert_eq!(money.period_before, money.period_after);
}

/// The 101 accounts of the guide, in May, as the first band ends.
fn a_team_is_over_the_edge_of_a_band(place: Place) {
    let mut side = Side::new(place);
    let ids = side.create(vec![world::account("team", FULL); 101]);
    let plain = Planned::Tier(PLAIN.to_owned());
    let mut said = |at, id: usize, planned: &Planned| {
        side.set_clock(at);
        let money = side.report(&ids[id], planned).unwrap().money;
        [money.day_before, money.day_after, money.period_before, money.period_after]
            .map(|amount| amount.to_string())
    };
    // 29 × 101 = 2929 days so far: the next is number 2930.
    let days = ["2026-05-29T12:00:00Z", "2026-05-30T12:00:00Z", "2026-05-31T12:00:00Z"];
    assert_eq!(said(days[0], 7, &plain), ["0.4", "0.3", "1243.23", "1243.17"]);
    assert_eq!(said(days[1], 7, &Planned::Archive), ["0.33", "0", "1243.23", "1242.57"]);
    assert_eq!(said(days[1], 100, &plain), ["0.33", "0.3", "1243.23", "1243.2"]);
    // P4: on 1 June every pool is empty. A4: the last day of May stays what it is.
    assert_eq!(said(days[2], 7, &plain), ["0.4", "0.3", "1243.23", "1243.23"]);
    assert_eq!(said(days[2], 7, &Planned::Delete), ["0.4", "0", "1243.23", "1242.9"]);

    // Two go on one day: the second sees what the first did.
    let first = side.report(&ids[0], &Planned::Archive).unwrap();
    side.change(&ids[0], made(&Planned::Archive, Some(first.hash()))).unwrap();
    let second = side.report(&ids[1], &Planned::Delete).unwrap();
    assert_eq!(second.money.period_before, first.money.period_after);
    side.change(&ids[1], made(&Planned::Delete, Some(second.hash()))).unwrap();
    side.set_clock("2026-06-01T00:00:00Z");
    let totals = side.totals(&["team".to_owned()], "2026-05");
    assert_eq!(totals, [second.money.period_after.to_string()]);
    assert_eq!(totals, ["1242.57"]);
}

/// The invoices among the golden cases: their stories are told to the store, and what a report says
/// of the period is the total of the invoice.
fn reports_say_what_golden_invoices_say(place: Place) {
    let mut side = Side::new(place);
    let mut cases = 0;
    for line in SEED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["op"] == "invoice" {
            cases += 1;
            check_invoice(&mut side, &case);
        }
    }
    assert!(cases >= 14, "only {cases} golden cases");
}

fn check_invoice(side: &mut Side, case: &Value) {
    let (name, period) = (case["id"].as_str().unwrap(), case["in"]["period"].as_str().unwrap());
    let total = case["out"]["total"].as_str().unwrap();
    let mut events = Vec::new();
    for (group, told) in case["in"]["groups"].as_array().unwrap().iter().enumerate() {
        for event in told["events"].as_array().unwrap() {
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            let count = told["count"].as_u64().unwrap() as usize;
            events.push((text("at"), group, text("do"), text("tier"), count));
        }
    }
    events.sort();
    let mut accounts: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut last = None;
    for (at, group, verb, tier, count) in events {
        // Each story begins where the one before has ended, by the clock; teams know no order.
        side.set_clock(&at);
        if verb == "create" {
            accounts.insert(group, side.create(vec![world::account(name, &tier); count]));
            continue;
        }
        let planned = match verb.as_str() {
            "tier" => Planned::Tier(tier),
            "archive" => Planned::Archive,
            _ => Planned::Delete,
        };
        for id in accounts.get_mut(&group).unwrap() {
            let report = side.report(id, &planned).unwrap();
            side.change(id, made(&planned, Some(report.hash()))).unwrap();
            last = Some((at.clone(), report.money.period_after));
        }
        if planned == Planned::Delete {
            accounts.remove(&group);
        }
    }
    let mut checked = 0;
    if let Some((at, after)) = last
        && at.starts_with(period)
    {
        assert_eq!(after.to_string(), total, "{name}");
        checked += 1;
    }
    // On the last day of the period, whatever is planned then.
    let last_day = tierwise::Calendar::default().parse_period(period).unwrap().last;
    side.set_clock(&format!("{last_day}T23:00:00Z"));
    for ids in accounts.values() {
        let money = side.report(&ids[0], &Planned::Delete).unwrap().money;
        assert_eq!(money.period_before.to_string(), total, "{name}");
        checked += 1;
    }
    assert!(checked > 0, "{name} was compared with nothing");
}

/// Each runner keeps books of its own; what another one has booked stands in its next report.
#[test]
fn two_runners_report_and_hold_to_the_same() {
    let mut side = Side::new(Place::Postgres(Schema::new()));
    let ids = side.create(vec![world::account("team", FULL); 2]);
    let mut other = side.start();
    let plain = Planned::Tier(PLAIN.to_owned());
    side.set_clock(NOON);
    let first = side.report(&ids[0], &plain).unwrap();
    assert_eq!(other.report(&ids[0], None, &plain).unwrap(), Ok(first.clone()));
    side.change(&ids[1], made(&plain, None)).unwrap();
    let mut change = |hash: String| {
        let (account, change) = (ids[0].clone(), made(&plain, Some(hash)));
        let request = Request::Change { account, team: None, change };
        other.flush(vec![request], 0, &|| Span(0)).unwrap().answers.pop().unwrap()
    };
    assert_eq!(change(first.hash()).unwrap_err().code, "report_stale");
    let second = side.report(&ids[0], &plain).unwrap();
    assert_eq!(second.money.period_before, first.money.period_after);
    assert!(change(second.hash()).is_ok());
    let after = side.report(&ids[0], &Planned::Archive).unwrap();
    assert_eq!(after.money.period_before, second.money.period_after);
}

/// Does it on both stores.
macro_rules! on_both_stores {
    ($($sqlite:ident $postgres:ident $work:ident;)*) => {$(
        #[test]
        fn $sqlite() {
            let folder = tempfile::tempdir().unwrap();
            $work(Place::Sqlite(folder.path().join("queue.db")));
        }

        #[test]
        fn $postgres() {
            $work(Place::Postgres(Schema::new()));
        }
    )*};
}

on_both_stores! {
    d12_on_sqlite_what_is_said_is_what_happens
        d12_on_postgres_what_is_said_is_what_happens
        what_is_said_is_what_happens;
    on_sqlite_a_stale_report_is_refused_and_changes_nothing
        on_postgres_a_stale_report_is_refused_and_changes_nothing
        a_stale_report_is_refused;
    p2_on_sqlite_a_team_is_over_the_edge_of_a_band
        p2_on_postgres_a_team_is_over_the_edge_of_a_band
        a_team_is_over_the_edge_of_a_band;
    on_sqlite_reports_say_what_golden_invoices_say
        on_postgres_reports_say_what_golden_invoices_say
        reports_say_what_golden_invoices_say;
}
