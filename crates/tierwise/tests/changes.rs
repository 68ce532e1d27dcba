//! What a change does to money, and what undoes it, said beforehand (D11).
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use tierwise::{
    Account, AccountGroup, Action, Amount, BandUpTo, Bands, Bill, Catalog, CreationRate,
    CreationRelation, EndingDay, Event, Instant, MixedDay, Period, PriceModel, Quantity,
    RoundingApply, Rules, TeamLedger, Undo, UnitPrice, Word, change_money, ending, example,
    tier_change, undo_of, usage_of_groups,
};

/// Accounts of the team.
const ACCOUNTS: usize = 4;

/// Rules, and the stories of a few accounts in one order of time.
#[derive(Clone, Debug)]
struct World {
    rules: Rules,
    offset: i32,
    rounds_lines: bool,
    /// Minutes from the event before, the account, and what it tries to do.
    attempts: Vec<(u32, usize, u8)>,
}

fn world() -> impl Strategy<Value = World> {
    let minutes = prop_oneof![1_u32..300, 1000_u32..6000, Just(1440)];
    let attempts = prop::collection::vec((minutes, 0_usize..ACCOUNTS, 0_u8..9), 1..40);
    let rules = (0_usize..2, 0_usize..3, 0_usize..2, 0_usize..2);
    let rules = rules.prop_map(|(ending, mixed, relation, rate)| Rules {
        ending_day: EndingDay::VALUES[ending],
        mixed_day: MixedDay::VALUES[mixed],
        creation_relation: CreationRelation::VALUES[relation],
        creation_rate: CreationRate::VALUES[rate],
    });
    (rules, -840_i32..=840, any::<bool>(), attempts).prop_map(
        |(rules, offset, rounds_lines, attempts)| World { rules, offset, rounds_lines, attempts },
    )
}

impl World {
    /// The messaging catalog, whose prices fall after a few days already, with fees.
    fn catalog(&self) -> Catalog {
        let mut spec = example::messaging();
        spec.rules = self.rules;
        spec.calendar.utc_offset_minutes = self.offset;
        if self.rounds_lines {
            spec.rounding.apply = RoundingApply::Line;
        }
        for (tier, first) in spec.tiers.iter_mut().zip([34_u64, 300, 400]) {
            let band = |up_to, price: u64, fee: u64| BandUpTo {
                up_to,
                unit_price: UnitPrice::from_millionths(price * 1000).unwrap(),
                flat_fee: UnitPrice::from_millionths(fee * 1000).unwrap(),
            };
            let bands = vec![
                band(Some(7), first, 0),
                band(Some(31), first - 5, 20),
                band(None, first - 11, 3),
            ];
            tier.prices[0].model =
                PriceModel::Graduated { bands: Bands::UpTo(bands), fee_at_zero: false };
        }
        Catalog::compile(spec).unwrap()
    }
}

fn action(catalog: &Catalog, attempt: u8) -> Action {
    let tier = |place: usize| catalog.tiers()[place].index();
    match attempt {
        0 => Action::Create(tier(0)),
        1 => Action::Create(tier(1)),
        2 => Action::Create(tier(2)),
        3 | 4 => Action::Change(tier(0)),
        5 => Action::Change(tier(1)),
        6 => Action::Change(tier(2)),
        7 => Action::Archive,
        _ => Action::Delete,
    }
}

type Stories = [Vec<Event>; ACCOUNTS];

/// The bill of a period from the stories of all accounts, which no ledger has read before.
fn bill(catalog: &Catalog, stories: &Stories, period: Period) -> Amount {
    let told = stories.iter().filter(|story| !story.is_empty());
    let groups: Vec<_> =
        told.map(|events| AccountGroup { count: 1, events: events.clone() }).collect();
    let usage = usage_of_groups(catalog, period, &groups, None).unwrap();
    Bill::of(catalog, &usage).unwrap().total
}

/// What one more day costs on a tier after those that are counted with the day of a moment, by
/// adding up the prices of all of them one by one.
fn one_more(catalog: &Catalog, stories: &Stories, place: usize, at: Instant) -> Amount {
    let day = catalog.calendar().day_of(at);
    let period = catalog.calendar().period_of(day.next());
    let told = stories.iter().filter(|story| !story.is_empty());
    let groups: Vec<_> =
        told.map(|events| AccountGroup { count: 1, events: events.clone() }).collect();
    let counted = if period.contains(day) {
        usage_of_groups(catalog, period, &groups, Some(at)).unwrap().account_days[place]
    } else {
        0
    };
    let price = catalog.tiers()[place].account_days().unwrap();
    let to = |n| price.lines(Quantity::whole(n).unwrap()).map(|line| line.amount);
    let before = to(counted).map(Amount::negated);
    Amount::sum(to(counted + 1).chain(before)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Before each event of a team it is said what it does to money; then it happens, and the bill,
    /// made anew from all stories, is the one that was said.
    #[test]
    fn d11_what_is_said_of_money_is_what_the_bill_then_says(world in world()) {
        let catalog = world.catalog();
        let mut ledger = TeamLedger::new(&catalog);
        let mut accounts = [Account::default(); ACCOUNTS];
        let mut stories = Stories::default();
        let mut ms = Instant::parse("2026-01-20T00:00:00Z").unwrap().unix_ms();
        for (minutes, number, attempt) in &world.attempts {
            ms += i64::from(*minutes) * 60_000;
            let at = Instant::from_unix_ms(ms).unwrap();
            let event = Event { at, action: action(&catalog, *attempt) };
            let account = &mut accounts[*number];
            let said = change_money(&catalog, &ledger, account, event);
            let before = account.active();
            let step = match account.apply(&catalog, event) {
                Ok(step) => step,
                Err(refused) => {
                    prop_assert_eq!(said.unwrap_err(), refused);
                    continue;
                }
            };
            let said = said.unwrap();
            let period = catalog.calendar().period_of(catalog.calendar().day_of(at));
            let day = |stories: &Stories, tier: Option<tierwise::TierIndex>| {
                tier.map_or(Amount::ZERO, |tier| one_more(&catalog, stories, tier.get(), at))
            };
            prop_assert_eq!(said.period_before, bill(&catalog, &stories, period));
            prop_assert_eq!(said.day_before, day(&stories, before));
            stories[*number].push(event);
            prop_assert_eq!(said.period_after, bill(&catalog, &stories, period));
            prop_assert_eq!(said.day_after, day(&stories, account.active()));
            ledger.record(&catalog, &step, matches!(event.action, Action::Create(_)), 1);
        }
    }
}

/// D11: 101 accounts with history in April, the example of the guide, and what the last of them
/// does as the first band ends.
#[test]
fn d11_the_next_day_has_the_price_of_the_band_that_it_lies_in() {
    let catalog = Catalog::compile(example::messaging()).unwrap();
    let tier = |place: usize| catalog.tiers()[place].index();
    let at = |text| Instant::parse(text).unwrap();
    let mut account = Account::default();
    let mut ledger = TeamLedger::new(&catalog);
    let created = Event { at: at("2026-02-01T09:00:00Z"), action: Action::Create(tier(2)) };
    let step = account.apply(&catalog, created).unwrap();
    ledger.record(&catalog, &step, true, 101);
    let said = |at, action| {
        let money = change_money(&catalog, &ledger, &account, Event { at, action }).unwrap();
        [money.day_before, money.day_after, money.period_before, money.period_after]
            .map(|amount| amount.to_string())
    };
    let down = Action::Change(tier(1));
    // 29 × 101 = 2929 days in May so far, the next is number 2930; 30 × 101 = 3030.
    let days = ["2026-05-29T12:00:00Z", "2026-05-30T12:00:00Z", "2026-05-31T12:00:00Z"];
    // 3131 days in May. A day of the last account is one of those above 3000.
    assert_eq!(said(at(days[0]), down), ["0.4", "0.3", "1243.23", "1243.17"]);
    assert_eq!(said(at(days[1]), down), ["0.33", "0.3", "1243.23", "1243.2"]);
    // P4: on 1 June every pool is empty. A4: the last day of May stays what it is.
    assert_eq!(said(at(days[2]), down), ["0.4", "0.3", "1243.23", "1243.23"]);
    // A2: the day of an ending does not count.
    assert_eq!(said(at(days[1]), Action::Archive), ["0.33", "0", "1243.23", "1242.57"]);
    assert_eq!(said(at(days[2]), Action::Delete), ["0.4", "0", "1243.23", "1242.9"]);
}

/// D11: for every effect of sections 8 and 10, what undoes it.
#[test]
fn d11_every_effect_says_what_undoes_it() {
    let catalog = Catalog::compile(example::messaging()).unwrap();
    let mut found = std::collections::BTreeMap::new();
    for from in catalog.tiers() {
        for to in catalog.tiers().iter().filter(|to| to.index() != from.index()) {
            for sent in [0, 1000] {
                let change = tier_change(&catalog, from, to.id(), sent, false).unwrap();
                found.extend(
                    change.1.into_iter().map(|word| (word.clone(), undo_of(&word, from, sent))),
                );
            }
        }
        let has = tierwise::Holdings { waiting: 1, ..Default::default() };
        for end in [tierwise::Ending::Archive, tierwise::Ending::Delete] {
            let (effects, _) = ending(&catalog, end, false, true, has).unwrap();
            found.extend(effects.into_iter().map(|word| (word.clone(), undo_of(&word, from, 0))));
        }
    }
    let found: Vec<_> = found.iter().map(|(word, undo)| (word.as_str(), *undo)).collect();
    let expected = [
        ("all_data_removed", None),
        ("history_removed", Some(Undo::ChangeBackAndScan)),
        ("limit_lifted", Some(Undo::ChangeBack)),
        ("limit_set", Some(Undo::ChangeBack)),
        ("logged_out", None),
        ("queue_dropped", None),
        ("rescan_needed", Some(Undo::Scan)),
        ("sending_resumed", None),
        ("sending_stopped", Some(Undo::ChangeBackOrNextPeriod)),
        ("subscription_ended", None),
        ("synced_data_removed", None),
    ];
    assert_eq!(found, expected);
    // The tier of before is at its limit as well: a change back does not have it send.
    let limited = &catalog.tiers()[0];
    assert_eq!(undo_of("sending_stopped", limited, 1000), Some(Undo::NextPeriod));
    assert_eq!(undo_of("sending_stopped", limited, 999), Some(Undo::ChangeBackOrNextPeriod));
    assert_eq!(undo_of("a_word_of_the_catalog", limited, 0), None);
}
