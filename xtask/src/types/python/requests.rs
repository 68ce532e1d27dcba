//! What requests and catalogs are made of, as typed dictionaries.

use super::{answers, names, source};
use crate::types::{Api, ObjectType, Side, name_on};
use anyhow::{Result, bail};
use tierwise_wire::shape::{Field, ObjectShape, Presence, Shape};

/// The file of the typed dictionaries.
pub(super) fn file(api: &Api) -> Result<String> {
    let objects: Vec<_> = objects(api).collect();
    let classes = objects.iter().map(|object| class(object)).collect::<Result<Vec<_>>>()?;
    let body = classes.join("\n\n");
    let about = "What requests and catalogs are made of, for type checkers: typed dictionaries";
    let mut text = source::opening(about);
    text.push_str(&source::import(0, "collections.abc", &["Mapping", "Sequence"], &body));
    text.push_str(&source::import(0, "datetime", &["date", "datetime"], &body));
    text.push_str(&source::import(0, "decimal", &["Decimal"], &body));
    text.push_str(&source::import(0, "typing", &["Literal", "TypedDict"], &body));
    let mut names: Vec<_> = objects.iter().map(|object| source::quoted(&name(object))).collect();
    names.sort_unstable();
    text.push('\n');
    text.push_str(&source::bracketed(0, "__all__ = [", &names, "]", ""));
    Ok(format!("{text}\n\n{body}"))
}

/// The objects within requests and catalogs, each after those that it holds. A request itself is
/// the parameters of a method.
pub(super) fn objects(api: &Api) -> impl Iterator<Item = &'static ObjectShape> {
    let is_request = |object: &ObjectType| {
        api.operations.iter().any(|operation| {
            matches!(operation.request, Shape::Object(shape) if shape.name() == object.shape.name())
        })
    };
    let asked = api.objects.iter().filter(|object| object.side == Side::Asked);
    asked.filter(move |object| !is_request(object)).map(|object| object.shape)
}

/// The name of a dictionary's type.
pub(super) fn name(object: &ObjectShape) -> String {
    name_on(Side::Asked, object)
}

/// A class; keys that may be left out stand in a class of their own, as Python 3.10 wants it.
fn class(object: &ObjectShape) -> Result<String> {
    let (given, optional): (Vec<&Field>, Vec<&Field>) = object
        .fields
        .iter()
        .partition(|field| matches!(field.presence, Presence::Required | Presence::Nullable));
    let name = name(object);
    if optional.is_empty() || given.is_empty() {
        let total = if given.is_empty() { ", total=False" } else { "" };
        return body(&format!("{name}(TypedDict{total})"), object.about(), object.fields.iter());
    }
    let always = format!("What every `{name}` has.");
    let always = body(&format!("_{name}(TypedDict)"), &always, given.into_iter())?;
    let all = body(&format!("{name}(_{name}, total=False)"), object.about(), optional.into_iter())?;
    Ok(format!("{always}\n\n{all}"))
}

fn body<'a>(head: &str, about: &str, fields: impl Iterator<Item = &'a Field>) -> Result<String> {
    let fields: Vec<_> = fields.collect();
    if fields.iter().any(|field| names::is_keyword(field.key)) {
        return functional(head, about, &fields);
    }
    let mut text = format!("class {head}:\n{}\n", source::documentation(1, about, &[]));
    for field in fields {
        text.push_str(&format!("    {}: {}\n", field.key, value_type(field)?));
        text.push_str(&source::documentation(1, field.about(), &[]));
    }
    Ok(text)
}

/// The form that allows keys like `from`, which cannot be attributes.
fn functional(head: &str, about: &str, fields: &[&Field]) -> Result<String> {
    let Some(name) = head.strip_suffix("(TypedDict)") else {
        bail!("`{head}` has a key that is a keyword of Python, among keys that may be left out")
    };
    let mut text = format!("{name} = TypedDict(\n    \"{name}\",\n    {{\n");
    for field in fields {
        let (key, kind) = (source::quoted(field.key), source::quoted(&value_type(field)?));
        text.push_str(&format!("        {key}: {kind},\n"));
    }
    text.push_str("    },\n)\n");
    Ok(text + &source::documentation(0, about, &[]))
}

fn value_type(field: &Field) -> Result<String> {
    let null = if field.presence == Presence::Nullable { " | None" } else { "" };
    Ok(format!("{}{null}", python_type(field.shape)?))
}

/// The type of a value of a request.
pub(super) fn python_type(shape: Shape) -> Result<String> {
    Ok(match shape {
        Shape::Price | Shape::Amount => "Decimal | str".to_owned(),
        Shape::Quantity => "Decimal | int | str".to_owned(),
        Shape::Day => "date | str".to_owned(),
        Shape::Instant => "datetime | str".to_owned(),
        Shape::List(inner) => format!("Sequence[{}]", python_type(*inner)?),
        Shape::Names(_, inner) => format!("Mapping[str, {}]", python_type(*inner)?),
        Shape::Word(list) => answers::words(list.words),
        Shape::Object(object) => name(object),
        Shape::Forms([one, other]) => {
            format!("Sequence[{}] | Sequence[{}]", name(one), name(other))
        }
        Shape::Either(..) => bail!("a part of a request has one shape"),
        Shape::Name | Shape::Equation => bail!("a name is a part of answers"),
        Shape::Boolean | Shape::Whole | Shape::Integer => answers::python_type(shape)?,
        Shape::Text | Shape::TierId | Shape::Quotient | Shape::Period => "str".to_owned(),
    })
}
