//! The ready policies in a real host: each answers as it says, also at its edges.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, path::Path, sync::OnceLock};

use tierwise_componentize::POLICIES;
use tierwise_host::{
    Catalog, CheckedComponent, ClaimAnswer, ClaimGaps, ClaimHold, ClaimQuestion, Host,
};

const MESSAGING: &str = include_str!("../../../catalogs/messaging.json");
const LIMITED: &str = "limited_msg_no_chat_history";
const UNLIMITED: &str = "unlimited_msg_no_chat_history";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// 15 April 2026, midnight in UTC.
const MIDNIGHT: i64 = 1_776_211_200_000;
/// 1 May 2026.
const MAY: i64 = MIDNIGHT + 16 * DAY_MS;

/// A ready policy; all of them are built once.
fn component(name: &str) -> &'static [u8] {
    static BUILT: OnceLock<[Vec<u8>; POLICIES.len()]> = OnceLock::new();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let built = BUILT.get_or_init(|| tierwise_componentize::policies(target).unwrap());
    &built[POLICIES.iter().position(|known| *known == name).unwrap()]
}

/// A policy and a catalog, with days that begin so long before those of UTC.
struct Scene {
    host: Host,
    catalog: Catalog,
}

impl Scene {
    fn new(name: &str, offset_minutes: i64) -> Self {
        let host = Host::new(CheckedComponent::check(component(name)).unwrap());
        let offset = format!(r#""utcOffsetMinutes": {offset_minutes} }}"#);
        let document = MESSAGING.replace(r#""utcOffsetMinutes": 0 }"#, &offset);
        let catalog = host.load(&document).answer.unwrap();
        Scene { host, catalog }
    }

    fn ask(&self, question: &ClaimQuestion) -> ClaimAnswer {
        self.host.claim(&self.catalog, question).answer.unwrap()
    }
}

fn question(now: i64) -> ClaimQuestion {
    ClaimQuestion {
        tier: UNLIMITED.to_owned(),
        sent: 5,
        counted: false,
        size: 40,
        attempt: 1,
        number: 7,
        due: now,
        now,
        period_end: MAY,
        created: MIDNIGHT,
    }
}

fn send(account: u64, chat: u64) -> ClaimAnswer {
    ClaimAnswer::Send(ClaimGaps { account, chat })
}

fn hold(reason: &str, until: i64) -> ClaimAnswer {
    ClaimAnswer::Hold(ClaimHold { reason: reason.to_owned(), until })
}

#[test]
fn the_limit_of_the_catalog_comes_before_any_pacing() {
    for name in POLICIES {
        let size = component(name).len();
        assert!(size <= 180_000, "{name}: {size} bytes");
        let scene = Scene::new(name, 0);
        let limited = ClaimQuestion { tier: LIMITED.to_owned(), sent: 1000, ..question(MIDNIGHT) };
        assert_eq!(scene.ask(&limited), hold("quota_exhausted", MAY), "{name}");
        // What is asked beside claims is answered by the engine.
        let request = r#"{"tier":"unlimited_msg_chat_history","n":3001}"#;
        let price = scene.host.ask(&scene.catalog, "price_of", request).answer.unwrap();
        assert_eq!(price, r#"{"price":"0.33"}"#, "{name}");
    }
}

#[test]
fn jitter_spreads_gaps_over_all_of_its_range_and_answers_alike_twice() {
    let scene = Scene::new("jitter", 0);
    let mut gaps = BTreeSet::new();
    for number in 0..10_000 {
        let asked = ClaimQuestion { number, ..question(MIDNIGHT) };
        let ClaimAnswer::Send(gap) = scene.ask(&asked) else { panic!("{asked:?}") };
        assert_eq!(gap.chat, 0);
        gaps.insert(gap.account);
    }
    assert!(gaps.iter().all(|gap| (3000..=5000).contains(gap)), "{gaps:?}");
    // Of the 2001 that there are, nearly each comes up, and so do both ends.
    assert!(gaps.len() > 1900, "{}", gaps.len());
    assert!(gaps.range(..3020).count() > 10 && gaps.range(4980..).count() > 10);
    let (now, later) = (question(MIDNIGHT), question(MIDNIGHT + 1));
    assert_eq!(scene.ask(&now), scene.ask(&now), "a ledger is replayed");
    assert_ne!(scene.ask(&now), scene.ask(&later), "the moment counts, too");
}

#[test]
fn pair_limit_asks_for_six_seconds_of_the_same_chat() {
    let scene = Scene::new("pair_limit", 0);
    assert_eq!(scene.ask(&question(MIDNIGHT)), send(0, 6000));
    let again = ClaimQuestion { attempt: 3, counted: true, ..question(MIDNIGHT) };
    assert_eq!(scene.ask(&again), send(0, 6000), "of a repeat, too");
}

#[test]
fn quiet_hours_begin_at_nine_and_end_at_eight_by_the_catalogs_clock() {
    for offset_minutes in [0, 120, -300] {
        let scene = Scene::new("quiet_hours", offset_minutes);
        // Midnight there.
        let midnight = MIDNIGHT - offset_minutes * 60_000;
        let at = |ms: i64| scene.ask(&question(midnight + ms));
        let until = |ms: i64| hold("quiet_hours", midnight + ms);
        let (morning, evening) = (8 * HOUR_MS, 21 * HOUR_MS);
        assert_eq!(at(0), until(morning));
        assert_eq!(at(morning - 1), until(morning));
        assert_eq!(at(morning), send(0, 0));
        assert_eq!(at(evening - 1), send(0, 0));
        assert_eq!(at(evening), until(morning + DAY_MS));
        assert_eq!(at(DAY_MS - 1), until(morning + DAY_MS));
    }
}

#[test]
fn warm_up_lets_twenty_more_go_each_day_and_then_any() {
    let scene = Scene::new("warm_up", 0);
    let created = MIDNIGHT + 5 * HOUR_MS;
    let ask = |sent: u64, now: i64| scene.ask(&ClaimQuestion { created, sent, ..question(now) });
    let days = |count: i64| created + count * DAY_MS;
    let waits = |until: i64| hold("warming_up", until);
    assert_eq!(ask(19, created), send(0, 0));
    assert_eq!(ask(20, created), waits(days(1)));
    assert_eq!(ask(20, days(1) - 1), waits(days(1)));
    // The second day brings forty more.
    assert_eq!(ask(20, days(1)), send(0, 0));
    assert_eq!(ask(60, days(1)), waits(days(2)));
    // One that counts already is repeated.
    let counted = ClaimQuestion { created, sent: 60, counted: true, ..question(days(1)) };
    assert_eq!(scene.ask(&counted), send(0, 0));
    // Of fourteen days, the last: 20 × (1 + … + 14).
    assert_eq!(ask(2099, days(14) - 1), send(0, 0));
    assert_eq!(ask(2100, days(14) - 1), waits(days(14)));
    assert_eq!(ask(1_000_000, days(14)), send(0, 0));
    // A clock that was set back does not make an account older, nor forbid it everything.
    assert_eq!(ask(19, created - DAY_MS), send(0, 0));
}

#[test]
fn warm_up_goes_on_over_the_end_of_a_period() {
    let scene = Scene::new("warm_up", 0);
    // Three days and some hours old when May begins, with nothing sent in it.
    let created = MAY - 3 * DAY_MS - HOUR_MS;
    let ask = |sent: u64| {
        let period_end = MAY + 31 * DAY_MS;
        scene.ask(&ClaimQuestion { created, sent, period_end, ..question(MAY) })
    };
    // It is the fourth day: eighty.
    assert_eq!(ask(79), send(0, 0));
    assert_eq!(ask(80), hold("warming_up", created + 4 * DAY_MS));
}
