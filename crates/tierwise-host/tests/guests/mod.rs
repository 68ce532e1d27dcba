//! Components made for tests: WebAssembly text between the names that the world asks for.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "tests")]

use tierwise_host::{Code, Host, Reply, limits};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// What the engine's own world looks like.
pub(crate) const WORLD: &str = include_str!("../../../tierwise-guest/wit/policy.wit");

/// The functions of the world as core WebAssembly has them, but for `load` and `ask`.
const OTHERS: &str = r#"
  (func (export "E#[method]catalog.describe") (param i32) (result i32) unreachable)
  (func (export "E#[method]catalog.quota")
    (param i32 i32 i32 i64 i64 i64 i32) (result i32) (call $quota))
  (func (export "E#[method]catalog.dispatch")
    (param i32 i32 i32 i64 i32) (result i32) unreachable)
  (func (export "E#[method]catalog.claim")
    (param i32 i32 i32 i64 i32 i64 i64 i64 i64 i64 i64 i64) (result i32)
    (call $claim (local.get 2)))
  (func (export "E#[method]catalog.tier-change")
    (param i32 i32 i32 i32 i32 i64 i32) (result i32) unreachable)
  (func (export "E#[method]catalog.ending")
    (param i32 i32 i32 i32 i64 i64 i64 i64 i64 i64) (result i32) unreachable)
  (func (export "E#[method]catalog.history")
    (param i32 i32 i32 i64 i32 i32 i64) (result i32) unreachable)
  (func (export "E#[method]catalog.creation-charge")
    (param i32 i32 i32 i64) (result i32) unreachable)
  (func (export "E#[method]catalog.quote") (param i32 i32 i32) (result i32) (call $quote))
  (func (export "E#[method]catalog.invoice")
    (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
"#;

/// Memory, an allocator that never gives back, and a `load` that takes any document.
const BASIS: &str = r#"
  (import "[export]E" "[resource-new]catalog" (func $new (param i32) (result i32)))
  (global $free (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $place i32)
    (local.set $place (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7))
      (i32.const -8)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (drop (memory.grow (i32.const 32))))
    (local.get $place))
  (func (export "E#[static]catalog.load") (param i32 i32) (result i32)
    (i32.store8 (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (call $new (i32.const 1)))
    (i32.const 0))
  (func $answer (param $text i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (local.get $text))
    (i32.store (i32.const 8) (local.get $length))
    (i32.const 0))
"#;

/// The rest of the functions, without a use.
const UNREACHABLE: &str = r#"
  (func (export "E#[method]catalog.ask") (param i32 i32 i32 i32 i32) (result i32) unreachable)
  (func $quota (result i32) unreachable)
  (func $quote (result i32) unreachable)
  (func $claim (param i32) (result i32) unreachable)
"#;

/// Accepts every message.
const ACCEPTING: &str = r#"
  (func $quota (result i32)
    (i32.store8 (i32.const 0) (i32.const 0))
    (i32.store8 (i32.const 8) (i32.const 1))
    (i32.store8 (i32.const 16) (i32.const 0))
    (i32.const 0))
"#;

/// A component of the world that accepts every message, and claims by a function of WebAssembly
/// text: `$claim`, with the length of the tier's id. Whatever else it is asked, it traps.
pub(crate) fn claiming(claim: &str) -> Vec<u8> {
    let others = r#"
  (func (export "E#[method]catalog.ask") (param i32 i32 i32 i32 i32) (result i32) unreachable)
  (func $quote (result i32) unreachable)"#;
    of_the_world(r#"(memory (export "memory") 4)"#, &format!("{others}{ACCEPTING}{claim}"))
}

/// A component of the world whose functions misbehave as the operation asked for says: one letter.
pub(crate) fn misbehaving() -> Vec<u8> {
    let functions = r#"
  (table $table 10 funcref)
  (data (i32.const 1024) "{}\ff\fe")
  (func $forever (loop $again (br $again)))
  (func $deeper (param i64) (result i64)
    (i64.add (call $deeper (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
  (func (export "E#[method]catalog.ask") (param $self i32)
    (param $name i32) (param i32 i32 i32) (result i32)
    (local $letter i32)
    (local.set $letter (i32.load8_u (local.get $name)))
    ;; l: loops for ever
    (if (i32.eq (local.get $letter) (i32.const 108)) (then (call $forever)))
    ;; g: asks for a gigabyte
    (if (i32.eq (local.get $letter) (i32.const 103))
      (then (drop (memory.grow (i32.const 16384)))))
    ;; e: asks for a table of a million elements
    (if (i32.eq (local.get $letter) (i32.const 101))
      (then (drop (table.grow $table (ref.null func) (i32.const 1000000)))))
    ;; r: calls itself for ever
    (if (i32.eq (local.get $letter) (i32.const 114)) (then (drop (call $deeper (i64.const 1)))))
    ;; t: gives up
    (if (i32.eq (local.get $letter) (i32.const 116)) (then unreachable))
    ;; z: divides by zero
    (if (i32.eq (local.get $letter) (i32.const 122))
      (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    ;; b: writes where there is no memory
    (if (i32.eq (local.get $letter) (i32.const 98))
      (then (i32.store (i32.const -8) (i32.const 1))))
    ;; s: answers with a string of 32 MB
    (if (i32.eq (local.get $letter) (i32.const 115))
      (then (drop (memory.grow (i32.const 500)))
        (return (call $answer (i32.const 0) (i32.const 32000000)))))
    ;; o: answers with a string that ends outside its memory
    (if (i32.eq (local.get $letter) (i32.const 111))
      (then (return (call $answer (i32.const 0) (i32.const 1000000000)))))
    ;; u: answers with bytes that are not UTF-8
    (if (i32.eq (local.get $letter) (i32.const 117))
      (then (return (call $answer (i32.const 1024) (i32.const 4)))))
    ;; d: answers with something that is neither an answer nor an error
    (if (i32.eq (local.get $letter) (i32.const 100))
      (then (drop (call $answer (i32.const 1024) (i32.const 2)))
        (i32.store8 (i32.const 0) (i32.const 7)) (return (i32.const 0))))
    (call $answer (i32.const 1024) (i32.const 2)))
  (func $claim (param i32) (result i32) unreachable)
  ;; a quote without tiers, with 4,096 rows whose strings are each the same mebibyte
  (func $quote (result i32)
    (local $row i32)
    (drop (memory.grow (i32.const 64)))
    (memory.fill (i32.const 131072) (i32.const 0) (i32.const 458752))
    (local.set $row (i32.const 131072))
    (loop $next
      (i32.store (local.get $row) (i32.const 2097152))
      (i32.store offset=4 (local.get $row) (i32.const 1048576))
      (local.set $row (i32.add (local.get $row) (i32.const 112)))
      (br_if $next (i32.lt_u (local.get $row) (i32.const 589824))))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 64))
    (i32.store (i32.const 12) (i32.const 131072))
    (i32.store (i32.const 16) (i32.const 4096))
    (i32.const 0))"#;
    of_the_world(r#"(memory (export "memory") 4)"#, &format!("{ACCEPTING}{functions}"))
}

/// Asks a [`misbehaving`] component to misbehave, in each of its ways; between them it answers.
pub(crate) fn each_way_to_misbehave_has_its_code(host: &Host) {
    let catalog = host.load("{}").answer.unwrap();
    let ways = [
        ("loops for ever", Code::FuelExhausted),
        ("gigabyte asked for", Code::MemoryExhausted),
        ("elements of a table asked for", Code::MemoryExhausted),
        ("recurses", Code::StackExhausted),
        ("traps", Code::ComponentTrapped),
        ("zero divides", Code::ComponentTrapped),
        ("beyond its memory", Code::ComponentTrapped),
        ("string without end", Code::AnswerTooLarge),
        ("outside of its memory", Code::InvalidAnswer),
        ("utf-8 it is not", Code::InvalidAnswer),
        ("discriminant unknown", Code::InvalidAnswer),
    ];
    for (way, code) in ways {
        assert_eq!(host.ask(&catalog, "fine", "{}").answer.unwrap(), "{}", "before it {way}");
        let Reply { answer, usage } = host.ask(&catalog, way, "{}");
        let error = answer.unwrap_err();
        assert_eq!(error.host_code(), Some(code), "{way}: {error}");
        assert_eq!(error.code(), code.as_str());
        assert!(usage.memory_bytes <= limits::MEMORY_BYTES, "{way}: {usage}");
        assert!(usage.fuel <= limits::FUEL_PER_CALL, "{way}: {usage}");
        assert_eq!(host.ask(&catalog, "fine", "{}").answer.unwrap(), "{}", "after it {way}");
    }
    // A few kilobytes inside that would be gigabytes outside.
    let error = host.quote(&catalog, &[]).answer.unwrap_err();
    assert_eq!(error.host_code(), Some(Code::AnswerTooLarge), "{error}");
}

/// A component of the world that is fit but for its memory, its start, or whatever is put in.
pub(crate) fn with(memory: &str, more: &str) -> Vec<u8> {
    of_the_world(memory, &format!("{UNREACHABLE}{more}"))
}

/// A component of a world much like the engine's, with the same core functions.
pub(crate) fn of_world(wit: &str) -> Vec<u8> {
    let memory = r#"(memory (export "memory") 4)"#;
    made(wit, memory, UNREACHABLE)
}

fn of_the_world(memory: &str, functions: &str) -> Vec<u8> {
    made(WORLD, memory, functions)
}

fn made(wit: &str, memory: &str, functions: &str) -> Vec<u8> {
    let version = if wit.contains("policy@0.1.0") { "0.1.0" } else { "0.2.0" };
    let engine = format!("tierwise:policy/engine@{version}");
    let text = format!("(module {BASIS} {memory} {functions} {OTHERS})");
    let text = text
        .replace("E#", &format!("{engine}#"))
        .replace("[export]E", &format!("[export]{engine}"));
    component(wit, "policy", &text)
}

/// A component of any world, from the text of its core module.
pub(crate) fn component(wit: &str, world: &str, module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}
