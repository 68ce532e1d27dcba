//! Components that are none, that do not fit, and that misbehave: each is an error with a code of
//! its own, and the host goes on.
#![allow(clippy::unwrap_used, reason = "tests")]

mod guests;

use tierwise_host::{
    BUILT_IN, Catalog, CheckedComponent, Code, Host, MessageKind, QuotaQuestion, limits,
};

const MESSAGING: &str = include_str!("../../../catalogs/messaging.json");

fn refused(bytes: &[u8]) -> Code {
    CheckedComponent::check(bytes).unwrap_err().host_code().unwrap()
}

fn question(tier: &str) -> QuotaQuestion {
    let kind = MessageKind::Message;
    QuotaQuestion { tier: tier.to_owned(), sent: 999, waiting: 0, asked: 2, kind }
}

/// The host answers as ever with the component that this crate is built with.
fn goes_on(host: &Host, catalog: &Catalog) {
    host.swap(CheckedComponent::built_in().unwrap());
    let request = r#"{"tier":"unlimited_msg_chat_history","n":3001}"#;
    assert_eq!(host.ask(catalog, "price_of", request).answer.unwrap(), r#"{"price":"0.33"}"#);
}

#[test]
fn bytes_that_are_no_component_are_told_apart() {
    assert_eq!(refused(b""), Code::EmptyComponent);
    assert_eq!(refused(b"%PDF-1.7"), Code::NotWasm);
    assert_eq!(refused(b"\0asm"), Code::NotWasm);
    assert_eq!(refused(b"(module)"), Code::NotWasm);
    assert_eq!(refused(&wat::parse_str("(module (func))").unwrap()), Code::CoreModule);
    assert_eq!(refused(&vec![0; 1 << 30]), Code::ComponentTooLarge);
    let mut padded = BUILT_IN.to_vec();
    padded.resize(limits::COMPONENT_BYTES + 1, 0);
    assert_eq!(refused(&padded), Code::ComponentTooLarge);
    let mut wrong = BUILT_IN.to_vec();
    // A section of a kind that does not exist.
    wrong.extend([99, 1, 0]);
    assert_eq!(refused(&wrong), Code::InvalidComponent);
}

#[test]
fn a_component_cut_off_anywhere_is_refused() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    let step = 1499;
    let mut codes = Vec::new();
    for end in (0..BUILT_IN.len()).step_by(step) {
        codes.push(refused(&BUILT_IN[..end]));
    }
    codes.push(refused(&BUILT_IN[..BUILT_IN.len() - 1]));
    assert!(matches!(codes[0], Code::EmptyComponent));
    // Within the code of the engine, which is most of it, and at its very end.
    assert!(codes[1..4].iter().all(|code| *code == Code::TruncatedComponent), "{codes:?}");
    assert_eq!(codes.last(), Some(&Code::TruncatedComponent));
    goes_on(&host, &catalog);
}

#[test]
fn a_component_that_asks_for_anything_is_refused() {
    let wit = "package test:test;
        interface clock { now: func() -> u64; }
        world curious { import clock; export run: func() -> u64; }";
    let module = r#"(module
        (import "test:test/clock" "now" (func $now (result i64)))
        (func (export "run") (result i64) (call $now)))"#;
    let error = CheckedComponent::check(&guests::component(wit, "curious", module)).unwrap_err();
    assert_eq!(error.host_code(), Some(Code::ComponentImports));
    assert!(error.message().contains("`test:test/clock`"), "{}", error.message());
    assert!(error.help().contains("WASI"), "{}", error.help());
}

#[test]
fn a_component_of_another_world_is_refused() {
    let wit = "package test:test; world other { export run: func() -> u64; }";
    let module = r#"(module (func (export "run") (result i64) (i64.const 1)))"#;
    let error = CheckedComponent::check(&guests::component(wit, "other", module)).unwrap_err();
    assert_eq!(error.host_code(), Some(Code::WrongWorld));
    assert!(error.message().contains("tierwise:policy/engine"), "{}", error.message());

    // The right name, and one function with another type.
    let wit = guests::WORLD.replace(
        "quota: func(question: quota-question) -> result<quota-answer, error>;",
        "quota: func(question: quota-question) -> result<bool, error>;",
    );
    assert_ne!(wit, guests::WORLD);
    let error = CheckedComponent::check(&guests::of_world(&wit)).unwrap_err();
    assert_eq!(error.host_code(), Some(Code::WrongWorld));
    assert!(error.message().contains("catalog.quota"), "{}", error.message());

    // A later version of the world that is not compatible.
    let wit = guests::WORLD.replace("policy@0.1.0", "policy@0.2.0");
    assert_eq!(refused(&guests::of_world(&wit)), Code::WrongWorld);
}

#[test]
fn a_component_that_does_not_start_within_its_bounds_is_refused() {
    let memory = r#"(memory (export "memory") 4)"#;
    assert!(CheckedComponent::check(&guests::with(memory, "")).is_ok());
    let gigabyte = r#"(memory (export "memory") 16384)"#;
    assert_eq!(refused(&guests::with(gigabyte, "")), Code::MemoryExhausted);
    let forever = "(start $forever) (func $forever (loop $again (br $again)))";
    assert_eq!(refused(&guests::with(memory, forever)), Code::FuelExhausted);
    let deeper = "(start $deeper) (func $deeper (call $deeper))";
    assert_eq!(refused(&guests::with(memory, deeper)), Code::StackExhausted);
    let gives_up = "(start $gives_up) (func $gives_up unreachable)";
    assert_eq!(refused(&guests::with(memory, gives_up)), Code::ComponentTrapped);
    let many = "(table 1000000 funcref)";
    let code = refused(&guests::with(memory, many));
    assert!(matches!(code, Code::MemoryExhausted | Code::InvalidComponent), "{code:?}");
}

#[test]
fn each_way_to_misbehave_has_its_code_and_the_next_call_works() {
    let host = Host::new(CheckedComponent::check(&guests::misbehaving()).unwrap());
    guests::each_way_to_misbehave_has_its_code(&host);
    let catalog = host.load(MESSAGING).answer.unwrap();
    assert!(host.quota(&catalog, &question("any")).answer.unwrap().accepted);
    goes_on(&host, &catalog);
}

#[test]
fn text_beyond_the_bound_is_not_shown_to_the_component() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    let long = " ".repeat(limits::INPUT_BYTES + 1);
    for reply in [host.ask(&catalog, "quota", &long), host.ask(&catalog, &long, "{}")] {
        assert_eq!(reply.answer.unwrap_err().host_code(), Some(Code::TooLarge));
        assert_eq!(reply.usage.fuel, 0);
    }
    assert_eq!(host.load(&long).answer.unwrap_err().host_code(), Some(Code::TooLarge));
    // Up to it, the engine itself says so.
    let error = host.ask(&catalog, "quota", &long[1..][..long.len() - 6]).answer.unwrap_err();
    assert_eq!((error.code(), error.host_code()), ("too_large", None));
    goes_on(&host, &catalog);
}

#[test]
fn a_policy_of_ones_own_takes_the_place_of_the_engine_while_it_runs() {
    let host = Host::built_in().unwrap();
    let catalog = host.load(MESSAGING).answer.unwrap();
    let limited = question("limited_msg_no_chat_history");
    assert!(!host.quota(&catalog, &limited).answer.unwrap().accepted);
    let engine = host.swap(CheckedComponent::check(&guests::misbehaving()).unwrap());
    // The handle is good for the new one, too: it loads the document again.
    assert!(host.quota(&catalog, &limited).answer.unwrap().accepted);
    // A policy that gives up does not allow: it gives no answer.
    assert!(host.ask(&catalog, "traps", "{}").answer.is_err());
    host.swap(engine);
    assert!(!host.quota(&catalog, &limited).answer.unwrap().accepted);
}
