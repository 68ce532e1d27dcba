//! The component within its bounds: size, fuel, memory, nothing from outside; and the same fuel for
//! the same question.
#![allow(clippy::unwrap_used, reason = "tests")]

mod figures;

use std::{fmt::Write as _, thread};

use figures::{MAX_COMPONENT_BYTES, MAX_FUEL, MAX_LOAD_FUEL, MAX_MEMORY_BYTES, MESSAGING};
use tierwise_host::{BUILT_IN, CheckedComponent, Host, MessageKind, QuotaQuestion, limits};

/// What the component weighs as it is, in bytes: whoever makes it larger knows.
const SIZE_SO_FAR_BYTES: usize = 170_000;

#[test]
fn the_component_is_within_its_size() {
    let (size, packed) = (BUILT_IN.len(), figures::packed_size());
    assert!(packed <= MAX_COMPONENT_BYTES, "{packed} bytes compressed");
    assert!(size <= SIZE_SO_FAR_BYTES, "{size} bytes, {SIZE_SO_FAR_BYTES} so far");
}

/// An empty linker is what the host has, too; here it stands alone.
#[test]
fn the_component_starts_with_nothing_linked_to_it() {
    use wasmtime::{
        Engine, Store,
        component::{Component, Linker},
    };
    let engine = Engine::default();
    let component = Component::new(&engine, BUILT_IN).unwrap();
    assert_eq!(component.component_type().imports(&engine).count(), 0);
    let linker: Linker<()> = Linker::new(&engine);
    linker.instantiate(&mut Store::new(&engine, ()), &component).unwrap();
}

#[test]
fn golden_cases_take_no_more_fuel_and_memory_than_they_may() {
    let component = CheckedComponent::built_in().unwrap();
    let figures = figures::of_golden_cases(&component);
    assert!(figures.cases >= 800, "{figures:?}");
    assert!((1..=MAX_FUEL).contains(&figures.dearest.1), "{figures:?}");
    assert!((1..=MAX_LOAD_FUEL).contains(&figures.dearest_load.1), "{figures:?}");
    assert!((1..=MAX_MEMORY_BYTES).contains(&figures.memory_bytes), "{figures:?}");
    // Again, compiled anew: to the last unit.
    assert_eq!(figures::of_golden_cases(&CheckedComponent::built_in().unwrap()), figures);
}

fn question(sent: u64) -> QuotaQuestion {
    QuotaQuestion {
        tier: "limited_msg_no_chat_history".to_owned(),
        sent,
        waiting: 1,
        asked: 1,
        kind: MessageKind::Message,
    }
}

#[test]
fn the_same_question_takes_the_same_fuel_in_an_instance_that_answered_others() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    let request = r#"{"items":[{"tier":"unlimited_msg_chat_history","accounts":101,"days":30}]}"#;
    let fresh = (host.quota(&catalog, &question(5)), host.ask(&catalog, "quote", request));
    for other in 0..200 {
        let items = r#"{"tier":"unlimited_msg_chat_history","accountDays":3},"#.repeat(other % 90);
        let _ = host.ask(&catalog, "quote", &format!(r#"{{"items":[{items}]}}"#));
        let _ = host.ask(&catalog, "total", r#"{"tier":"no such tier"}"#);
        let warm = (host.quota(&catalog, &question(5)), host.ask(&catalog, "quote", request));
        assert_eq!(warm.0.usage.fuel, fresh.0.usage.fuel, "after {other}");
        assert_eq!(warm.1.usage.fuel, fresh.1.usage.fuel, "after {other}");
        assert_eq!(warm.1.answer.unwrap(), *fresh.1.answer.as_ref().unwrap());
    }
}

/// Requests of hundreds of kilobytes, and as deep as they may be.
#[test]
fn the_largest_requests_are_answered_within_the_bounds() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    // Accounts that change their tier every minute, as many as fit.
    let mut events = String::from(
        r#"{"at":"2026-04-01T00:00:00Z","do":"create","tier":"unlimited_msg_chat_history"}"#,
    );
    for i in 1..10_000_usize {
        let tier = ["unlimited_msg_chat_history", "limited_msg_no_chat_history"][i % 2];
        let (day, hour, minute) = (1 + i / 1440, i / 60 % 24, i % 60);
        let at = format!("2026-04-{day:02}T{hour:02}:{minute:02}:00Z");
        write!(events, r#",{{"at":"{at}","do":"tier","tier":"{tier}"}}"#).unwrap();
    }
    let group = format!(r#"{{"count":3,"events":[{events}]}}"#);
    let request = format!(r#"{{"period":"2026-04","groups":[{group}]}}"#);
    let reply = host.ask(&catalog, "invoice", &request);
    assert!(reply.answer.unwrap().contains(r#""account_days":{"#));
    // Lists of what no item is: a mebibyte of them would be beyond the fuel.
    let size = tierwise::limits::MAX_DOCUMENT_BYTES / 4;
    for item in ["1,", "[],", "\"\",", "{\"a\":1},", "\"\\u0001\","] {
        let request = format!("{{\"items\":[{}1]}}", item.repeat(size / item.len()));
        let reply = host.ask(&catalog, "quote", &request);
        let error = reply.answer.unwrap_err();
        assert_eq!(error.host_code(), None, "{item}: {error}");
    }
    let names = (0..20_000).fold(String::new(), |mut names, i| {
        write!(names, "\"{i:06}\":1,").unwrap();
        names
    });
    let reply = host.ask(&catalog, "quote", &format!("{{{names}\"items\":[]}}"));
    assert_eq!(reply.answer.unwrap_err().host_code(), None);
    for depth in [30, 31, 32, 33, 34, 100_000] {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let error = host.ask(&catalog, "quota", &deep).answer.unwrap_err();
        assert_eq!(error.host_code(), None, "{depth}: {error}");
        assert_eq!(error.code(), if depth < 32 { "unknown_key" } else { "too_deep" });
    }
}

#[test]
fn many_threads_ask_at_once() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    let request = r#"{"items":[{"tier":"unlimited_msg_chat_history","accounts":101,"days":30}]}"#;
    let expected = host.ask(&catalog, "quote", request);
    let threads = usize::try_from(limits::INSTANCES).unwrap() + 16;
    thread::scope(|scope| {
        for number in 0..threads {
            let (host, catalog, expected) = (&host, &catalog, &expected);
            scope.spawn(move || {
                let own =
                    host.load(&MESSAGING.replace("messaging-accounts", "own")).answer.unwrap();
                for sent in 990..1010 {
                    let answer = host.quota(catalog, &question(sent)).answer.unwrap();
                    assert_eq!(answer.left, Some(1000_u64.saturating_sub(sent + 1)));
                    let reply = host.ask(catalog, "quote", request);
                    assert_eq!(reply.usage.fuel, expected.usage.fuel);
                    assert_eq!(reply.answer, expected.answer);
                    assert_eq!(host.describe(&own).answer.unwrap().id, "own");
                    if number == 0 && sent % 8 == 0 {
                        // Meanwhile, another takes its place.
                        host.swap(CheckedComponent::built_in().unwrap());
                    }
                }
            });
        }
    });
}

#[test]
fn more_catalogs_than_there_are_instances_are_all_answered() {
    let host = Host::built_in().unwrap();
    let load = |i: u32| host.load(&MESSAGING.replace("messaging-accounts", &format!("c{i}")));
    let catalogs: Vec<_> = (0..limits::INSTANCES + 16).map(|i| load(i).answer.unwrap()).collect();
    for round in 0..2 {
        for (i, catalog) in catalogs.iter().enumerate() {
            let id = host.describe(catalog).answer.unwrap().id;
            assert_eq!(id, format!("c{i}"), "round {round}");
        }
    }
    // Those that nobody holds any more make room, those that do not load leave nothing behind.
    drop(catalogs);
    for i in 0..1000 {
        assert!(load(i).answer.is_ok());
        assert_eq!(host.load("{}").answer.unwrap_err().code(), "missing_key");
    }
    assert!(format!("{host:?}").contains("idle: 0"), "{host:?}");
}
