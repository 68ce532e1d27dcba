//! Every code of the error catalogue is provoked here, and stands in `docs/errors.md`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use tierwise_wire::{Code, Error, LoadedCatalog};

const MESSAGING: &str = include_str!("../../../catalogs/messaging.json");
const DOCS: &str = include_str!("../../../docs/errors.md");

/// The messaging catalog with one piece of its text replaced.
fn catalog(from: &str, to: &str) -> Error {
    assert!(MESSAGING.contains(from), "the catalog has no {from}");
    LoadedCatalog::load(MESSAGING.replacen(from, to, 1).as_bytes()).unwrap_err()
}

fn ask(operation: &str, request: &str) -> Error {
    LoadedCatalog::messaging().ask(operation, request).unwrap_err()
}

fn events(events: &str) -> Error {
    let request = format!(r#"{{"from":"2026-04-01","to":"2026-04-30","events":[{events}]}}"#);
    ask("account_days", &request)
}

const CREATE: &str =
    r#"{"at":"2026-04-02T00:00:00Z","do":"create","tier":"limited_msg_no_chat_history"}"#;

fn event(day: u32, what: &str) -> String {
    format!(r#"{{"at":"2026-04-{day:02}T00:00:00Z",{what}}}"#)
}

fn total(tier: &str, days: &str) -> Error {
    ask("total", &format!(r#"{{"tier":{tier},"account_days":{days}}}"#))
}

/// The messaging catalog where its limited tier has this list of bands.
fn bands(bands: &str) -> Error {
    catalog(r#"[{ "upTo": null, "unitPrice": "0.034" }]"#, bands)
}

/// A code, the path it stands at, and an error that should be so.
type Provoked = (Code, &'static str, Error);

const FULL: &str = r#""unlimited_msg_chat_history""#;

fn of_the_text() -> Vec<Provoked> {
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let too_deep_at = &*"/0".repeat(32).leak();
    let total = |request: &str| ask("total", request);
    vec![
        (Code::BadJson, "", total("{")),
        (Code::BadJson, "", total("{} {}")),
        (Code::InvalidUtf8, "", LoadedCatalog::load(b"{\"id\":\"\xff\"}").unwrap_err()),
        (Code::TooLarge, "", LoadedCatalog::load(&vec![b' '; 50_000_000]).unwrap_err()),
        (Code::TooDeep, too_deep_at, total(&deep)),
        (Code::DuplicateKey, "/n", ask("price_of", r#"{"tier":"x","n":1,"n":2}"#)),
        (Code::UnknownKey, "/days", total(r#"{"tier":"x","days":1,"account_days":1}"#)),
        (Code::UnknownKey, "/a~1b~0", total(r#"{"a/b~":1}"#)),
        (Code::MissingKey, "/account_days", total(r#"{"tier":"x"}"#)),
        (Code::WrongType, "", total("[]")),
    ]
}

fn of_requests() -> Vec<Provoked> {
    let quote = |item: &str| {
        ask("quote", &format!(r#"{{"items":[{{"tier":"unlimited_msg_chat_history"{item}}}]}}"#))
    };
    let days = |from: &str, to: &str| {
        ask("account_days", &format!(r#"{{"from":"{from}","to":"{to}","events":[]}}"#))
    };
    let too_many = quote(r#","accounts":1000000000,"days":1001"#);
    let too_dear = || {
        let dear = MESSAGING.replacen("0.034", "999999999", 1);
        let request = r#"{"tier":"limited_msg_no_chat_history","account_days":1000000000}"#;
        LoadedCatalog::load(dear.as_bytes()).unwrap().ask("total", request).unwrap_err()
    };
    vec![
        (Code::WrongType, "/tier", total("1", "1")),
        (Code::WrongType, "/account_days", total(FULL, "1.5")),
        (Code::Negative, "/account_days", total(FULL, "-1")),
        (Code::OutOfRange, "/account_days", total(FULL, "1000000000001")),
        (Code::OutOfRange, "/account_days", total(FULL, &"9".repeat(40))),
        (Code::UnknownTier, "/tier", total(r#""premium""#, "1")),
        (Code::AmountTooLarge, "/account_days", too_dear()),
        (Code::WrongForm, "/items/0", quote("")),
        (Code::QuantityTooLarge, "/items/0", too_many),
        (Code::MissingPrice, "/items/0/usage/message", quote(r#","usage":{"message":1}"#)),
        (Code::UnknownOperation, "", ask("totals", "{}")),
        (Code::BadDate, "/from", days("2026-02-29", "2026-03-01")),
        (Code::DateOrder, "/from", days("2026-03-02", "2026-03-01")),
        (Code::BadPeriod, "/period", ask("invoice", r#"{"period":"2026-13","groups":[]}"#)),
    ]
}

fn of_catalogs() -> Vec<Provoked> {
    let price = "/tiers/0/prices/0/bands/0/unitPrice";
    let model = "/tiers/0/prices/0/model";
    let limited = r#""id": "limited_msg_no_chat_history""#;
    let unlimited = r#""id": "unlimited_msg_no_chat_history""#;
    let more =
        r#""prices": [{"id":"more","meter":"account_day","model":"per_unit","unitPrice":"1"},"#;
    let days = r#""message": { "kind": "active_days" }"#;
    vec![
        (Code::ExpectedDecimalString, price, catalog(r#""0.034""#, "0.034")),
        (Code::BadDecimal, price, catalog("0.034", "1e3")),
        (Code::TooManyPlaces, price, catalog("0.034", "0.0340000")),
        (Code::Negative, price, catalog("0.034", "-0.034")),
        (Code::OutOfRange, price, catalog("0.034", "1000000000")),
        (Code::BadId, "/tiers/0/id", catalog(limited, r#""id": "limited msg""#)),
        (Code::UnknownValue, "/rounding/mode", catalog("half_up", "half_down")),
        (Code::UnknownMeter, "/tiers/0/limits/mesage", catalog(r#"{ "message""#, r#"{ "mesage""#)),
        (
            Code::UnknownFeature,
            "/tiers/0/features/history",
            catalog(r#""features": {},"#, r#""features": {"history":{}},"#),
        ),
        (Code::UnknownCurrency, "/currency", catalog("USD", "USX")),
        (Code::UnknownModel, model, catalog("graduated", "gradual")),
        (Code::NotSupported, model, catalog("graduated", "volume")),
        (Code::UnsupportedFormat, "/tierwise", catalog(r#""tierwise": 1"#, r#""tierwise": 2"#)),
        (Code::DuplicateId, "/tiers/1/id", catalog(unlimited, limited)),
        (Code::DuplicatePrice, "/tiers/0/prices/1/meter", catalog(r#""prices": ["#, more)),
        (
            Code::DuplicateMeter,
            "/meters/message",
            catalog(r#""message": { "kind": "count" }"#, days),
        ),
        (Code::RankTie, "/tiers/1/rank", catalog(r#""rank": 2"#, r#""rank": 1"#)),
    ]
}

fn of_bands() -> Vec<Provoked> {
    let up_to = |limits: &[&str]| {
        let band = |limit: &&str| format!(r#"{{"upTo":{limit},"unitPrice":"1"}}"#);
        bands(&format!("[{}]", limits.iter().map(band).collect::<Vec<_>>().join(",")))
    };
    let from = |from: u64| {
        let open = format!(r#"{{"from":{from},"to":null,"price":"1"}}"#);
        bands(&format!(r#"[{{"from":1,"to":5,"price":"1"}},{open}]"#))
    };
    let mixed = r#"[{"upTo":5,"unitPrice":"1"},{"from":6,"to":null,"price":"1"}]"#;
    vec![
        (Code::MixedForms, "/tiers/0/prices/0/bands/1", bands(mixed)),
        (Code::BandOrder, "/tiers/0/prices/0/bands/1/upTo", up_to(&["5", "5", "null"])),
        (Code::NoOpenBand, "/tiers/0/prices/0/bands/0/upTo", up_to(&["5"])),
        (Code::OpenBandNotLast, "/tiers/0/prices/0/bands/0/upTo", up_to(&["null", "null"])),
        (Code::BandGap, "/tiers/0/prices/0/bands/1/from", from(7)),
        (Code::BandOverlap, "/tiers/0/prices/0/bands/1/from", from(5)),
    ]
}

fn of_events() -> Vec<Provoked> {
    let archive = event(3, r#""do":"archive""#);
    let delete = event(3, r#""do":"delete""#);
    let early = event(1, r#""do":"archive""#);
    let change = event(4, r#""do":"tier","tier":"unlimited_msg_chat_history""#);
    let same = CREATE.replace("create", "tier");
    vec![
        (Code::BadTime, "/events/0/at", events(&CREATE.replace("T00", "T24"))),
        (Code::EventOutOfOrder, "/events/1", events(&format!("{CREATE},{early}"))),
        (Code::EventAfterEnd, "/events/2", events(&format!("{CREATE},{delete},{delete}"))),
        (Code::EventBeforeCreation, "/events/0", events(&archive)),
        (Code::AlreadyCreated, "/events/1", events(&format!("{CREATE},{CREATE}"))),
        (Code::AccountArchived, "/events/2", events(&format!("{CREATE},{archive},{change}"))),
        (Code::SameTier, "/events/1", events(&format!("{CREATE},{same}"))),
    ]
}

/// At least one error for each code.
fn provoked() -> Vec<Provoked> {
    [of_the_text(), of_requests(), of_catalogs(), of_bands(), of_events()].concat()
}

#[test]
fn every_code_is_provoked_at_its_path() {
    let mut seen = BTreeSet::new();
    for (code, path, error) in provoked() {
        assert_eq!((error.code(), error.path()), (code, path), "{error:?}");
        seen.insert(code);
    }
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "not provoked: {missing:?}");
}

#[test]
fn every_code_is_documented() {
    for code in Code::ALL {
        assert!(DOCS.contains(&format!("`{code}`")), "docs/errors.md lacks `{code}`");
    }
}

#[test]
fn messages_are_in_lower_case_without_a_full_stop() {
    for (_, _, error) in provoked() {
        let message = error.message();
        assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
        let first = message.chars().next().unwrap();
        assert!(!first.is_uppercase() || message.starts_with("JSON"), "{message}");
        assert!(!message.contains('\u{1}') && !error.help().contains('\u{1}'), "{error:?}");
    }
}

#[test]
fn an_error_stays_small_whatever_the_input_is() {
    let huge = "k".repeat(900_000);
    for error in [
        ask("total", &format!(r#"{{"{huge}":1}}"#)),
        ask("total", &format!(r#"{{"{huge}":1,"{huge}":1}}"#)),
        total(&format!(r#""{huge}""#), "1"),
        catalog("half_up", &huge),
        catalog("graduated", &huge),
        ask(&huge, "{}"),
    ] {
        let size = error.path().len() + error.message().len() + error.help().len();
        assert!(size < 4000, "{size}: {}", error.code());
    }
}

#[test]
fn names_beyond_the_bound_are_refused_before_they_are_sorted() {
    let mut usage = String::new();
    for i in (0..90_000).rev() {
        usage += &format!("\"{i:06}\":1,");
    }
    let item = format!(r#"{{"tier":{FULL},"usage":{{{}}}}}"#, usage.trim_end_matches(','));
    let error = ask("quote", &format!(r#"{{"items":[{item}]}}"#));
    assert_eq!((error.code(), error.path()), (Code::OutOfRange, "/items/0/usage"));
}

#[test]
fn a_number_beyond_128_bits_is_not_named_by_another() {
    for (number, code) in [("1e400", Code::OutOfRange), ("-1e400", Code::Negative)] {
        let error = total(FULL, number);
        assert_eq!(error.code(), code);
        assert!(error.message().starts_with("the number is "), "{error}");
    }
}
