//! Python's types, from the wire's tables: records for answers, a method for each operation, typed
//! dictionaries for requests and catalogs.

mod answers;
mod methods;
mod names;
mod requests;
mod source;

use super::{Api, Generated, ObjectType, Side, name_on};
use anyhow::Result;
use tierwise_wire::OPERATIONS;

/// The files of the package that are generated.
pub(super) fn files(api: &Api) -> Result<Vec<Generated>> {
    let answered = |api: &Api| -> Vec<_> {
        let objects = api.objects.iter().filter(|object| object.side == Side::Answered);
        objects.map(|ObjectType { shape, .. }| *shape).collect()
    };
    // What only `catalog` answers is as much as all the rest: it has a room of its own.
    let mut others = Api { operations: Vec::new(), objects: Vec::new() };
    for operation in OPERATIONS.iter().filter(|operation| operation.name != "catalog") {
        others.collect(Side::Answered, &operation.answer);
    }
    let answers = answered(&others);
    let known: Vec<_> = answers.iter().map(|shape| name_on(Side::Answered, shape)).collect();
    let mut cards = answered(api);
    cards.retain(|shape| !known.contains(&name_on(Side::Answered, shape)));
    Ok(vec![
        ("bindings/python/python/tierwise/_answers.py", answers::file("Answers", &answers, &[])?),
        (
            "bindings/python/python/tierwise/_cards.py",
            answers::file("Catalogs and their rate cards", &cards, &known)?,
        ),
        ("bindings/python/python/tierwise/_operations.py", methods::file(api, &known)?),
        ("bindings/python/python/tierwise/types.py", requests::file(api)?),
    ])
}
