//! What holds for every catalog and every quantity.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rust_decimal::RoundingStrategy;
use tierwise::{
    Account, Action, Amount, BandUpTo, Bands, Catalog, CatalogSpec, CreationRate, CreationRelation,
    Day, EndingDay, Event, Instant, MixedDay, PriceModel, Quantity, Rounding, RoundingMode, Rules,
    TeamLedger, UnitPrice, Word, account_days, example,
};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

/// An amount of so many parts of 10^-12, by its text.
fn amount_of(parts: i128) -> Amount {
    let sign = if parts < 0 { "-" } else { "" };
    let (size, scale) = (parts.unsigned_abs(), 10_u128.pow(12));
    Amount::parse(&format!("{sign}{}.{:012}", size / scale, size % scale)).unwrap()
}

/// What `rust_decimal` calls a mode.
fn strategy(mode: RoundingMode) -> RoundingStrategy {
    match mode {
        RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
        RoundingMode::Up => RoundingStrategy::AwayFromZero,
        RoundingMode::Down => RoundingStrategy::ToZero,
        RoundingMode::Ceil => RoundingStrategy::ToPositiveInfinity,
        RoundingMode::Floor => RoundingStrategy::ToNegativeInfinity,
    }
}

/// The messaging catalog with one price replaced.
fn with_bands(bands: Vec<BandUpTo>, fee_at_zero: bool) -> Catalog {
    let mut spec = example::messaging();
    spec.tiers[2].prices[0].model =
        PriceModel::Graduated { bands: Bands::UpTo(bands), fee_at_zero };
    Catalog::compile(spec).unwrap()
}

prop_compose! {
    fn bands(with_fees: bool)(
        limits in prop::collection::btree_set(1_u64..1_000_000, 0..40),
        prices in prop::collection::vec((0_u64..5_000_000, 0_u64..20_000_000), 41),
    ) -> Vec<BandUpTo> {
        let open: BTreeSet<_> = limits.into_iter().map(Some).collect();
        open.into_iter()
            .chain([None])
            .zip(prices)
            .map(|(up_to, (price, fee))| BandUpTo {
                up_to,
                unit_price: UnitPrice::from_millionths(price).unwrap(),
                flat_fee: UnitPrice::from_millionths(if with_fees { fee } else { 0 }).unwrap(),
            })
            .collect()
    }
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let millionths =
        prop_oneof![0_u64..2_000_000_000_000, (0_u64..2_000_000).prop_map(|n| n * 1_000_000)];
    millionths
        .prop_map(|n| Quantity::parse(&format!("{}.{:06}", n / 1_000_000, n % 1_000_000)).unwrap())
}

fn parts(amount: Amount) -> i128 {
    amount.parts()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p3_a_total_never_falls_and_its_lines_add_up(
        bands in bands(true), fee_at_zero: bool, a in quantity(), b in quantity(),
    ) {
        let catalog = with_bands(bands, fee_at_zero);
        let price = catalog.tiers()[2].account_days().unwrap();
        let total = |q| price.total(q).unwrap();
        let (less, more) = (a.min(b), a.max(b));
        prop_assert!(total(less) <= total(more));
        for q in [a, b] {
            let lines = Amount::sum(price.lines(q).map(|line| line.amount)).unwrap();
            prop_assert_eq!(lines, total(q));
        }
    }

    #[test]
    fn p2_p3_a_total_is_the_sum_of_single_prices(
        bands in bands(false), n in 0_u64..3000, k in 0_u64..2000,
    ) {
        let catalog = with_bands(bands, false);
        let price = catalog.tiers()[2].account_days().unwrap();
        let total = |n| parts(price.total(Quantity::whole(n).unwrap()).unwrap());
        let single = |n| parts(price.band_of_unit(n).unwrap().unit_price().amount());
        prop_assert_eq!(total(n), (1..=n).map(single).sum::<i128>());
        // M3: F(a + b) - F(a) is the price of the units in between.
        prop_assert_eq!(total(n + k) - total(n), (n + 1..=n + k).map(single).sum::<i128>());
    }

    #[test]
    fn g3_what_is_printed_parses_to_the_same(
        parts in -10_i128.pow(28)..10_i128.pow(28),
        price in 0_u64..1_000_000_000_000_000,
        q in quantity(),
    ) {
        let amount = amount_of(parts);
        prop_assert_eq!(amount.parts(), parts);
        prop_assert_eq!(Amount::parse(&amount.to_string()).unwrap(), amount);
        let text = amount.to_string();
        prop_assert!(!text.contains('.') || !text.ends_with(['0', '.']), "{text}");
        let price = UnitPrice::from_millionths(price).unwrap();
        prop_assert_eq!(UnitPrice::parse(&price.to_string()).unwrap(), price);
        prop_assert_eq!(Quantity::parse(&q.to_string()).unwrap(), q);
    }

    #[test]
    fn g1_moments_and_days_print_as_they_parse(ms in 0_i64..7_258_118_400_000) {
        let at = Instant::from_unix_ms(ms).unwrap();
        prop_assert_eq!(Instant::parse(&at.to_string()).unwrap(), at);
        let calendar = example::messaging().calendar;
        let day = calendar.day_of(at);
        prop_assert_eq!(Day::parse(&day.to_string()).unwrap(), day);
        let period = calendar.period_of(day);
        prop_assert!(period.contains(day));
        prop_assert_eq!(calendar.parse_period(&period.to_string()).unwrap(), period);
        let next = calendar.next(period);
        prop_assert_eq!(period.last.next(), next.first);
    }

    #[test]
    fn i3_rounding_moves_by_less_than_a_unit_and_keeps_what_is_round(
        parts in prop_oneof![
            -10_i128.pow(20)..10_i128.pow(20),
            // Ties: halves of a unit that is rounded to.
            (-2000_i128..2000).prop_map(|n| n * 500_000),
        ],
        mode in 0_usize..6,
        places in 0_u32..=6,
    ) {
        let mode = RoundingMode::VALUES[mode];
        let rounding = Rounding { mode, places };
        let amount = amount_of(parts);
        let unit = 10_i128.pow(12 - places);
        let rounded = rounding.round(amount).parts();
        prop_assert_eq!(rounded % unit, 0);
        prop_assert!((rounded - parts).abs() < unit);
        let allowed = match mode {
            RoundingMode::Up => rounded.abs() >= parts.abs(),
            RoundingMode::Down => rounded.abs() <= parts.abs(),
            RoundingMode::Ceil => rounded >= parts,
            RoundingMode::Floor => rounded <= parts,
            RoundingMode::HalfUp | RoundingMode::HalfEven => (rounded - parts).abs() * 2 <= unit,
        };
        prop_assert!(allowed, "{mode:?} {parts} {rounded}");
        prop_assert_eq!(rounding.round(rounding.round(amount)).parts(), rounded);
        let theirs = amount.to_decimal().round_dp_with_strategy(places, strategy(mode));
        prop_assert_eq!(rounding.round(amount).to_decimal(), theirs.normalize());
    }
}

/// Rules, and stories of several accounts in one order of time.
#[derive(Clone, Debug)]
struct World {
    rules: Rules,
    offset: i32,
    /// Minutes from the event before, the account, and what it tries to do.
    attempts: Vec<(u32, usize, u8)>,
}

fn world() -> impl Strategy<Value = World> {
    let minutes = prop_oneof![Just(0_u32), 0_u32..300, 1000_u32..6000, Just(1440)];
    let attempts = prop::collection::vec((minutes, 0_usize..4, 0_u8..6), 1..60);
    (0_usize..2, 0_usize..3, 0_usize..2, -840_i32..=840, attempts).prop_map(
        |(ending, mixed, rate, offset, attempts)| World {
            rules: Rules {
                ending_day: EndingDay::VALUES[ending],
                mixed_day: MixedDay::VALUES[mixed],
                creation_relation: CreationRelation::Additional,
                creation_rate: CreationRate::VALUES[rate],
            },
            offset,
            attempts,
        },
    )
}

impl World {
    fn catalog(&self) -> Catalog {
        let mut spec: CatalogSpec = example::messaging();
        spec.rules = self.rules;
        spec.calendar.utc_offset_minutes = self.offset;
        Catalog::compile(spec).unwrap()
    }

    fn event(&self, catalog: &Catalog, at: Instant, attempt: u8) -> Event {
        let tier = |i: usize| catalog.tiers()[i].index();
        let action = match attempt {
            0 => Action::Create(tier(0)),
            1 => Action::Create(tier(2)),
            2 => Action::Change(tier(0)),
            3 => Action::Change(tier(2)),
            4 => Action::Archive,
            _ => Action::Delete,
        };
        Event { at, action }
    }
}

proptest! {
    #![proptest_config(config())]

    /// Two ways to the same account-days: the ledger counts heads day by day, `account_days`
    /// follows each account by itself.
    #[test]
    fn p4_the_ledger_of_a_team_has_the_days_of_its_accounts(world in world()) {
        let catalog = world.catalog();
        let mut ledger = TeamLedger::new(&catalog);
        let mut steps = Vec::new();
        let mut accounts = [Account::default(); 4];
        let mut stories: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
        let mut ms = Instant::parse("2026-01-20T00:00:00Z").unwrap().unix_ms();
        for (minutes, number, attempt) in &world.attempts {
            ms += i64::from(*minutes) * 60_000;
            let event = world.event(&catalog, Instant::from_unix_ms(ms).unwrap(), *attempt);
            let before = accounts[*number];
            // What cannot have happened is refused, and changes nothing.
            match accounts[*number].apply(&catalog, event) {
                Ok(step) => {
                    let is_creation = matches!(event.action, Action::Create(_));
                    ledger.record(&catalog, &step, is_creation, 1);
                    steps.push((step, is_creation));
                    stories.entry(*number).or_default().push(event);
                }
                Err(_) => prop_assert_eq!(accounts[*number], before),
            }
        }
        let last = catalog.calendar().parse_period("2026-12").unwrap().last;
        let mut from_accounts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for month in 1..=12 {
            let period = catalog.calendar().parse_period(&format!("2026-{month:02}")).unwrap();
            let mut sums = vec![0; 3];
            for story in stories.values() {
                let days =
                    account_days(&catalog, story, period.first, period.last, None).unwrap();
                // A1: at most one account-day a day.
                prop_assert!(days.iter().sum::<u64>() <= period.first.count_to(period.last));
                sums.iter_mut().zip(days).for_each(|(sum, days)| *sum += days);
            }
            if sums.iter().any(|days| *days > 0) {
                from_accounts.insert(period.to_string(), sums);
            }
        }
        let usages = ledger.finish(&catalog, last);
        for month in 1..=12 {
            // A ledger of one period knows what that of all periods knows of it.
            let period = catalog.calendar().parse_period(&format!("2026-{month:02}")).unwrap();
            let mut ledger = TeamLedger::since(&catalog, period);
            for (step, is_creation) in steps.iter().filter(|(step, _)| step.day <= period.last) {
                ledger.record(&catalog, step, *is_creation, 1);
            }
            let usage: Vec<_> = usages.iter().filter(|usage| usage.period == period).collect();
            let found = ledger.finish(&catalog, period.last);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), usage);
        }
        let from_ledger: BTreeMap<_, _> = usages
            .into_iter()
            .filter(|usage| usage.account_days.iter().any(|days| *days > 0))
            .map(|usage| (usage.period.to_string(), usage.account_days))
            .collect();
        prop_assert_eq!(from_ledger, from_accounts);
    }
}

/// An index of another catalog is refused or stands for a tier that exists: it never panics.
#[test]
fn an_index_of_another_catalog_does_not_panic() {
    let large = Catalog::compile(example::messaging()).unwrap();
    let mut spec = example::messaging();
    spec.tiers.truncate(1);
    let small = Catalog::compile(spec).unwrap();
    let foreign = large.tiers()[2].index();
    assert_eq!(small.tier_at(foreign).id(), "limited_msg_no_chat_history");
    let usage = tierwise::ItemUsage::AccountDays(Quantity::ONE);
    let item = tierwise::QuoteItem { tier: foreign, usage, creations: 0 };
    let error = tierwise::quote(&small, &[item]).unwrap_err();
    assert_eq!((error.code(), error.path()), (tierwise::Code::UnknownTier, "/0/tier"));
}
