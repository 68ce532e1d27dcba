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

/// One error for each code: where it stands, and how it comes about.
#[rustfmt::skip]
fn provoked() -> Vec<(Code, &'static str, Error)> {
    let full = r#""unlimited_msg_chat_history""#;
    let archive = event(3, r#""do":"archive""#);
    let rename = event(4, r#""do":"tier","tier":"unlimited_msg_chat_history""#);
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    let quote = |item: &str| ask("quote", &format!(r#"{{"items":[{item}]}}"#));
    vec![
        (Code::BadJson, "", ask("total", "{")),
        (Code::BadJson, "", ask("total", "{} {}")),
        (Code::InvalidUtf8, "", LoadedCatalog::load(b"{\"id\":\"\xff\"}").unwrap_err()),
        (Code::TooLarge, "", LoadedCatalog::load(&vec![b' '; 50_000_000]).unwrap_err()),
        (Code::TooDeep, &"/0".repeat(32).leak()[..], ask("total", &deep)),
        (Code::DuplicateKey, "/n", ask("price_of", r#"{"tier":"x","n":1,"n":2}"#)),
        (Code::UnknownKey, "/days", ask("total", r#"{"tier":"x","days":1,"account_days":1}"#)),
        (Code::UnknownKey, "/a~1b~0", ask("total", r#"{"a/b~":1}"#)),
        (Code::MissingKey, "/account_days", ask("total", r#"{"tier":"x"}"#)),
        (Code::WrongType, "/tier", total("1", "1")),
        (Code::WrongType, "/account_days", total(full, "1.5")),
        (Code::WrongType, "", ask("total", "[]")),
        (Code::WrongForm, "/items/0", quote(&format!(r#"{{"tier":{full}}}"#))),
        (Code::ExpectedDecimalString, "/tiers/0/prices/0/bands/0/unitPrice", catalog(r#""0.034""#, "0.034")),
        (Code::BadDecimal, "/tiers/0/prices/0/bands/0/unitPrice", catalog("0.034", "1e3")),
        (Code::TooManyPlaces, "/tiers/0/prices/0/bands/0/unitPrice", catalog("0.034", "0.0340000")),
        (Code::Negative, "/tiers/0/prices/0/bands/0/unitPrice", catalog("0.034", "-0.034")),
        (Code::Negative, "/account_days", total(full, "-1")),
        (Code::OutOfRange, "/account_days", total(full, "1000000000001")),
        (Code::OutOfRange, "/account_days", total(full, &"9".repeat(40))),
        (Code::OutOfRange, "/tiers/0/prices/0/bands/0/unitPrice", catalog("0.034", "1000000000")),
        (Code::AmountTooLarge, "/account_days", {
            let dear = MESSAGING.replacen("0.034", "999999999", 1);
            let dear = LoadedCatalog::load(dear.as_bytes()).unwrap();
            dear.ask("total", r#"{"tier":"limited_msg_no_chat_history","account_days":1000000000}"#).unwrap_err()
        }),
        (Code::QuantityTooLarge, "/items/0", quote(&format!(r#"{{"tier":{full},"accounts":1000000000,"days":1001}}"#))),
        (Code::BadId, "/tiers/0/id", catalog(r#""id": "limited_msg_no_chat_history""#, r#""id": "limited msg""#)),
        (Code::UnknownValue, "/rounding/mode", catalog("half_up", "half_down")),
        (Code::UnknownOperation, "", ask("totals", "{}")),
        (Code::UnknownTier, "/tier", total(r#""premium""#, "1")),
        (Code::UnknownMeter, "/tiers/0/limits/mesage", catalog(r#""limits": { "message""#, r#""limits": { "mesage""#)),
        (Code::UnknownFeature, "/tiers/0/features/history", catalog(r#""features": {},"#, r#""features": {"history":{}},"#)),
        (Code::UnknownCurrency, "/currency", catalog("USD", "USX")),
        (Code::UnknownModel, "/tiers/0/prices/0/model", catalog("graduated", "gradual")),
        (Code::NotSupported, "/tiers/0/prices/0/model", catalog("graduated", "volume")),
        (Code::UnsupportedFormat, "/tierwise", catalog(r#""tierwise": 1"#, r#""tierwise": 2"#)),
        (Code::DuplicateId, "/tiers/1/id", catalog(r#""id": "unlimited_msg_no_chat_history""#, r#""id": "limited_msg_no_chat_history""#)),
        (Code::DuplicatePrice, "/tiers/0/prices/1/meter", catalog(r#""prices": ["#, r#""prices": [{"id":"more","meter":"account_day","model":"per_unit","unitPrice":"1"},"#)),
        (Code::DuplicateMeter, "/meters/message", catalog(r#""message": { "kind": "count" }"#, r#""message": { "kind": "active_days" }"#)),
        (Code::RankTie, "/tiers/1/rank", catalog(r#""rank": 2"#, r#""rank": 1"#)),
        (Code::MixedForms, "/tiers/0/prices/0/bands/1", bands(r#"[{"upTo":5,"unitPrice":"1"},{"from":6,"to":null,"price":"1"}]"#)),
        (Code::BandOrder, "/tiers/0/prices/0/bands/1/upTo", bands(r#"[{"upTo":5,"unitPrice":"1"},{"upTo":5,"unitPrice":"1"},{"upTo":null,"unitPrice":"1"}]"#)),
        (Code::BandGap, "/tiers/0/prices/0/bands/1/from", bands(r#"[{"from":1,"to":5,"price":"1"},{"from":7,"to":null,"price":"1"}]"#)),
        (Code::BandOverlap, "/tiers/0/prices/0/bands/1/from", bands(r#"[{"from":1,"to":5,"price":"1"},{"from":5,"to":null,"price":"1"}]"#)),
        (Code::NoOpenBand, "/tiers/0/prices/0/bands/0/upTo", bands(r#"[{"upTo":5,"unitPrice":"1"}]"#)),
        (Code::OpenBandNotLast, "/tiers/0/prices/0/bands/0/upTo", bands(r#"[{"upTo":null,"unitPrice":"1"},{"upTo":null,"unitPrice":"1"}]"#)),
        (Code::MissingPrice, "/items/0/usage/message", quote(&format!(r#"{{"tier":{full},"usage":{{"message":1}}}}"#))),
        (Code::BadTime, "/events/0/at", events(&CREATE.replace("T00", "T24"))),
        (Code::BadDate, "/from", ask("account_days", r#"{"from":"2026-02-29","to":"2026-03-01","events":[]}"#)),
        (Code::BadPeriod, "/period", ask("invoice", r#"{"period":"2026-13","groups":[]}"#)),
        (Code::DateOrder, "/from", ask("account_days", r#"{"from":"2026-03-02","to":"2026-03-01","events":[]}"#)),
        (Code::EventOutOfOrder, "/events/1", events(&format!("{CREATE},{}", event(1, r#""do":"archive""#)))),
        (Code::EventAfterEnd, "/events/2", events(&format!("{CREATE},{0},{0}", event(3, r#""do":"delete""#)))),
        (Code::EventBeforeCreation, "/events/0", events(&archive)),
        (Code::AlreadyCreated, "/events/1", events(&format!("{CREATE},{CREATE}"))),
        (Code::AccountArchived, "/events/2", events(&format!("{CREATE},{archive},{rename}"))),
        (Code::SameTier, "/events/1", events(&format!("{CREATE},{}", CREATE.replace("create", "tier")))),
    ]
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
