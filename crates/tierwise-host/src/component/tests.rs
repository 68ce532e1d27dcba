//! What each compiler makes of the same component: the same answers, fuel and ends.
#![allow(clippy::unwrap_used, reason = "tests")]

use wasmparser::{Parser, Payload};
use wasmtime::Strategy;

use super::{BUILT_IN, CheckedComponent};
use crate::{
    Host,
    engine::{Origin, engine},
};

#[allow(dead_code, reason = "the bounds are for the tests of the crate")]
#[path = "../../tests/figures/mod.rs"]
mod figures;
#[path = "../../tests/guests/mod.rs"]
mod guests;

fn compiled(bytes: &[u8], origin: Origin, compiler: Strategy) -> CheckedComponent {
    CheckedComponent::compile(engine(origin, compiler).unwrap(), bytes).unwrap()
}

/// Where there is no Winch, the built-in component takes the fuel that it takes elsewhere.
#[test]
fn both_compilers_count_the_same_fuel_for_the_built_in_component() {
    let quick = compiled(BUILT_IN, Origin::BuiltIn, Strategy::Winch);
    let other = compiled(BUILT_IN, Origin::BuiltIn, Strategy::Cranelift);
    let figures = figures::of_golden_cases(&quick);
    assert!(figures.cases >= 800, "{figures:?}");
    assert_eq!(figures::of_golden_cases(&other), figures);
}

/// The built-in component has the bounds of any other.
#[test]
fn what_winch_compiles_ends_as_what_cranelift_compiles() {
    let misbehaving = guests::misbehaving();
    for compiler in [Strategy::Winch, Strategy::Cranelift] {
        let host = Host::new(compiled(&misbehaving, Origin::BuiltIn, compiler));
        guests::each_way_to_misbehave_has_its_code(&host);
    }
}

/// Winch does not make the floats of all machines alike: it must not have to.
#[test]
fn the_built_in_component_has_no_floats() {
    let mut instructions = 0;
    for payload in Parser::new(0).parse_all(BUILT_IN) {
        let Payload::CodeSectionEntry(function) = payload.unwrap() else { continue };
        for instruction in function.get_operators_reader().unwrap() {
            let name = format!("{:?}", instruction.unwrap());
            assert!(!name.contains("F32") && !name.contains("F64"), "{name}");
            instructions += 1;
        }
    }
    assert!(instructions > 10_000, "{instructions}");
}
