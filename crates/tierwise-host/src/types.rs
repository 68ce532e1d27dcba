//! Which function of a component has another type than the world says: for the error's message, as
//! wasmtime says what differs, not where.

use wasmtime::{
    Engine,
    component::{
        Component, Type,
        types::{ComponentFunc, ComponentItem, ResultType},
    },
};

use crate::component::BUILT_IN;

/// The first function whose type is another than that of the built-in component.
pub(crate) fn another_function(engine: &Engine, component: &Component) -> Option<String> {
    let built_in = Component::from_binary(engine, BUILT_IN).ok()?;
    let found = functions(engine, component);
    let differs = |(name, expected): &(String, ComponentFunc)| {
        let found = found.iter().find(|(other, _)| other == name);
        !found.is_some_and(|(_, found)| is_same(expected, found))
    };
    functions(engine, &built_in).into_iter().find(differs).map(|(name, _)| name)
}

/// The functions of every interface that a component exports.
fn functions(engine: &Engine, component: &Component) -> Vec<(String, ComponentFunc)> {
    let mut functions = Vec::new();
    for (_, export) in component.component_type().exports(engine) {
        if let ComponentItem::ComponentInstance(interface) = export.ty {
            for (name, item) in interface.exports(engine) {
                if let ComponentItem::ComponentFunc(function) = item.ty {
                    functions.push((name.to_owned(), function));
                }
            }
        }
    }
    functions
}

fn is_same(expected: &ComponentFunc, found: &ComponentFunc) -> bool {
    let params = |function: &ComponentFunc| -> Vec<Type> {
        function.params().map(|(_, of_type)| of_type).collect()
    };
    let results = |function: &ComponentFunc| -> Vec<Type> { function.results().collect() };
    are_same(&params(expected), &params(found)) && are_same(&results(expected), &results(found))
}

/// Compares types part by part; handles of the components' own resources stand for each other.
fn are_same(expected: &[Type], found: &[Type]) -> bool {
    let parts = |of_type: &ResultType| -> Vec<Type> {
        of_type.ok().into_iter().chain(of_type.err()).collect()
    };
    let same = |(expected, found): (&Type, &Type)| match (expected, found) {
        (Type::Own(_), Type::Own(_)) | (Type::Borrow(_), Type::Borrow(_)) => true,
        (Type::Result(expected), Type::Result(found)) => are_same(&parts(expected), &parts(found)),
        (expected, found) => expected == found,
    };
    expected.len() == found.len() && expected.iter().zip(found).all(same)
}
