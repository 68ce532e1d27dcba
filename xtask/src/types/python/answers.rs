//! Answers as classes of records.

use super::{names, source};
use crate::types::{Side, forms_on, name_on};
use anyhow::{Result, bail};
use tierwise_wire::shape::{Field, ObjectShape, Presence, Shape};

/// A file of record classes. Those in `known` stand in `_answers.py`.
pub(super) fn file(about: &str, objects: &[&ObjectShape], known: &[String]) -> Result<String> {
    let classes = objects.iter().map(|object| class(object)).collect::<Result<Vec<_>>>()?;
    let body = classes.join("\n\n");
    let mut text = source::opening(&format!("{about} as records"));
    text.push_str(&source::import(0, "._answers", known, &body));
    let tools = ["DAY", "DECIMAL", "PLAIN", "Record", "field", "list_of", "map_of", "optional"];
    text.push_str(&source::import(0, "._records", &tools, &body));
    text.push_str("\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n");
    text.push_str(&source::import(1, "collections.abc", &["Mapping"], &body));
    text.push_str(&source::import(1, "datetime", &["date"], &body));
    text.push_str(&source::import(1, "decimal", &["Decimal"], &body));
    text.push_str(&source::import(1, "typing", &["Literal"], &body));
    text.push('\n');
    let mut names: Vec<_> = objects.iter().map(|object| source::quoted(&name(object))).collect();
    names.sort_unstable();
    text.push_str(&source::bracketed(0, "__all__ = [", &names, "]", ""));
    Ok(format!("{text}\n\n{body}"))
}

fn class(object: &ObjectShape) -> Result<String> {
    let mut text = format!("class {}(Record):\n", name(object));
    text.push_str(&source::documentation(1, object.about(), &[]));
    text.push_str("\n    __slots__ = ()\n");
    let names = object.fields.iter().map(|field| source::quoted(&names::attribute(field.key)));
    text.push_str(&source::tuple(1, "__match_args__ = ", &names.collect::<Vec<_>>()));
    text.push('\n');
    for field in object.fields {
        text.push_str(&attribute(field)?);
    }
    Ok(text)
}

fn attribute(field: &Field) -> Result<String> {
    let (specifier, is_nullable) = match field.presence {
        Presence::Required | Presence::Defaulted => ("field", false),
        Presence::Nullable => ("field", true),
        Presence::Optional | Presence::RequiredFor(_) | Presence::OptionalFor(_) => {
            ("optional", true)
        }
    };
    let mut kind = python_type(field.shape)?;
    if is_nullable {
        kind.push_str(" | None");
    }
    let about = source::text_item(1, field.about());
    let mut items = vec![source::quoted(field.key), kind_of(field.shape)?, about];
    if specifier == "optional" {
        // Type checkers look for it in the class.
        items.push("default=None".to_owned());
    }
    let name = names::attribute(field.key);
    Ok(source::bracketed(1, &format!("{name}: {kind} = {specifier}("), &items, ")", ""))
}

/// The type of a value of an answer.
pub(super) fn python_type(shape: Shape) -> Result<String> {
    Ok(match shape {
        Shape::Boolean => "bool".to_owned(),
        Shape::Whole | Shape::Integer => "int".to_owned(),
        Shape::Text | Shape::Name | Shape::Equation | Shape::TierId => "str".to_owned(),
        Shape::Quotient | Shape::Period | Shape::Instant => "str".to_owned(),
        Shape::Price | Shape::Quantity | Shape::Amount => "Decimal".to_owned(),
        Shape::Day => "date".to_owned(),
        Shape::Word(list) => words(list.words),
        Shape::List(inner) => format!("tuple[{}, ...]", python_type(*inner)?),
        Shape::Names(_, inner) => format!("Mapping[str, {}]", python_type(*inner)?),
        Shape::Object(object) => name(object),
        Shape::Either(one, other) => format!("{} | {}", python_type(*one)?, python_type(*other)?),
        Shape::Forms(forms) => format!("tuple[{}, ...]", only_form(forms)?),
    })
}

/// How the native module makes the value.
fn kind_of(shape: Shape) -> Result<String> {
    Ok(match shape {
        Shape::Price | Shape::Quantity | Shape::Amount => "DECIMAL".to_owned(),
        Shape::Day => "DAY".to_owned(),
        Shape::List(inner) => format!("list_of({})", kind_of(*inner)?),
        Shape::Names(_, inner) => format!("map_of({})", kind_of(*inner)?),
        Shape::Object(object) => name(object),
        Shape::Forms(forms) => format!("list_of({})", only_form(forms)?),
        Shape::Either(..) => bail!("a field has one shape"),
        _ => "PLAIN".to_owned(),
    })
}

/// The name of a record's class.
pub(super) fn name(object: &ObjectShape) -> String {
    name_on(Side::Answered, object)
}

fn only_form(forms: &'static [ObjectShape; 2]) -> Result<String> {
    match forms_on(Side::Answered, forms) {
        [form] => Ok(name(form)),
        _ => bail!("an answer has one form"),
    }
}

pub(super) fn words(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| source::quoted(word)).collect();
    format!("Literal[{}]", words.join(", "))
}
