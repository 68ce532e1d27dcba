//! The operations as methods with keyword parameters.

use super::{answers, names, requests, source};
use crate::types::{Api, OperationTypes, wrapped};
use anyhow::{Result, bail};
use tierwise_wire::shape::{Field, ObjectShape, Presence, Shape};

/// The file of the class that a catalog inherits its methods from. The answers of `known` stand
/// in `_answers.py`, others in `_cards.py`.
pub(super) fn file(api: &Api, known: &[String]) -> Result<String> {
    let operations = &api.operations;
    let methods = operations.iter().map(method).collect::<Result<Vec<_>>>()?.join("\n");
    let mut text = source::opening("The operations of the engine, each a method of a catalog");
    let names = answer_names(operations)?;
    let (answers, cards): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| known.contains(name));
    text.push_str(&source::import(0, "._answers", &answers, &methods));
    text.push_str(&source::import(0, "._cards", &cards, &methods));
    text.push_str("\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n");
    text.push_str(&source::import(1, "collections.abc", &["Mapping", "Sequence"], &methods));
    text.push_str(&source::import(1, "datetime", &["date", "datetime"], &methods));
    text.push_str(&source::import(1, "decimal", &["Decimal"], &methods));
    text.push_str(&source::import(1, "typing", &["Literal"], &methods));
    text.push_str("\n    from ._engine import Engine\n");
    let mut typed: Vec<_> = requests::objects(api).map(requests::name).collect();
    typed.sort_unstable();
    text.push_str(&source::import(1, ".types", &typed, &methods));
    text.push('\n');
    let operations: Vec<_> =
        operations.iter().map(|operation| source::quoted(operation.name)).collect();
    text.push_str(&source::bracketed(0, "OPERATIONS = (", &operations, ")", ""));
    text.push_str("\"\"\"The names of all operations, for `Catalog.ask`.\"\"\"\n\n\n");
    text.push_str("class Operations:\n");
    let about = "The questions that a catalog answers. Each is a method with keyword parameters.";
    text.push_str(&source::documentation(1, about, &[]));
    text.push_str("\n    __slots__ = (\"_engine\",)\n\n    _engine: Engine\n\n");
    Ok(text + &methods)
}

fn answer_names(operations: &[OperationTypes]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for operation in operations {
        found.extend(shapes(operation.answer)?.iter().map(|object| answers::name(object)));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The objects that an answer may be.
fn shapes(answer: Shape) -> Result<Vec<&'static ObjectShape>> {
    match answer {
        Shape::Object(object) => Ok(vec![object]),
        Shape::Either(one, other) => Ok([shapes(*one)?, shapes(*other)?].concat()),
        _ => bail!("an answer is an object"),
    }
}

fn method(operation: &OperationTypes) -> Result<String> {
    let Shape::Object(request) = operation.request else { bail!("a request is an object") };
    let answer = answers::python_type(operation.answer)?;
    let (given, optional): (Vec<&Field>, Vec<&Field>) =
        request.fields.iter().partition(|field| is_given(field));
    let mut parameters = vec!["self".to_owned()];
    if !request.fields.is_empty() {
        parameters.push("*".to_owned());
    }
    for field in &given {
        let null = if field.presence == Presence::Nullable { " | None" } else { "" };
        let kind = requests::python_type(field.shape)?;
        parameters.push(format!("{}: {kind}{null}", names::parameter(field.key)));
    }
    for field in &optional {
        let kind = requests::python_type(field.shape)?;
        parameters.push(format!("{}: {kind} | None = None", names::parameter(field.key)));
    }
    let start = format!("def {}(", operation.name);
    let mut text = source::bracketed(1, &start, &parameters, ")", &format!(" -> {answer}:"));
    text.push_str(&documentation(operation, request));
    text.push_str(&question(request));
    let mut arguments = vec![source::quoted(operation.name), "request".to_owned()];
    let shapes = shapes(operation.answer)?;
    arguments.extend(shapes.iter().map(|object| format!("{}._shape", answers::name(object))));
    let call = format!("answer: {answer} = self._engine.answer(");
    text.push_str(&source::bracketed(2, &call, &arguments, ")", ""));
    text.push_str("        return answer\n");
    Ok(text)
}

/// The statements that make the request of the parameters. Its keys come in canonical order, as
/// of two values that cannot be read the first is the one that an error names.
fn question(request: &ObjectShape) -> String {
    let mut fields: Vec<&Field> = request.fields.iter().collect();
    fields.sort_unstable_by_key(|field| field.key);
    let opening = fields.iter().take_while(|field| is_given(field)).count();
    let (opening, rest) = fields.split_at(opening);
    let named = |field: &Field| (source::quoted(field.key), names::parameter(field.key));
    let entries: Vec<_> = opening
        .iter()
        .map(|field| {
            let (key, name) = named(field);
            format!("{key}: {name}")
        })
        .collect();
    let mut text = source::bracketed(2, "request: dict[str, object] = {", &entries, "}", "");
    for field in rest {
        let (key, name) = named(field);
        if is_given(field) {
            text.push_str(&format!("        request[{key}] = {name}\n"));
        } else {
            text.push_str(&format!("        if {name} is not None:\n"));
            text.push_str(&format!("            request[{key}] = {name}\n"));
        }
    }
    text
}

fn is_given(field: &Field) -> bool {
    matches!(field.presence, Presence::Required | Presence::Nullable)
}

fn documentation(operation: &OperationTypes, request: &ObjectShape) -> String {
    let mut letters = operation.about.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let summary = format!("{first}{}.", letters.as_str());
    let mut paragraphs = Vec::new();
    if !request.fields.is_empty() {
        paragraphs.push(wrapped(request.about(), 92).join("\n"));
        let mut parameters = "Args:".to_owned();
        for field in request.fields {
            let entry = source::entry(2, &names::parameter(field.key), field.about());
            parameters.push_str(&format!("\n    {entry}"));
        }
        paragraphs.push(parameters);
    }
    let mut codes = Vec::new();
    request.fields.iter().for_each(|field| collect_codes(field.shape, &mut codes));
    let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    let raises = if codes.is_empty() {
        "what is wrong with the question, and where.".to_owned()
    } else {
        format!("what is wrong with the question, and where, like {}.", codes.join(", "))
    };
    let raises = source::entry(2, "TierwiseError", &raises);
    paragraphs.push(format!("Raises:\n    {raises}"));
    source::documentation(2, &summary, &paragraphs)
}

/// The codes of the errors that values of a shape have of their own, the first of them first.
fn collect_codes(shape: Shape, codes: &mut Vec<&'static str>) {
    let own: &[&'static str] = match shape {
        Shape::TierId => &["unknown_tier"],
        Shape::Whole => &["negative", "out_of_range"],
        Shape::Integer => &["out_of_range"],
        Shape::Price | Shape::Quantity => {
            &["bad_decimal", "negative", "too_many_places", "out_of_range"]
        }
        Shape::Amount => &["bad_decimal", "too_many_places", "out_of_range"],
        Shape::Day => &["bad_date"],
        Shape::Instant => &["bad_time", "naive_datetime"],
        Shape::Period => &["bad_period"],
        Shape::Word(list) => &[list.unknown.as_str()],
        Shape::List(inner) | Shape::Names(_, inner) => return collect_codes(*inner, codes),
        Shape::Object(object) => {
            return object.fields.iter().for_each(|field| collect_codes(field.shape, codes));
        }
        Shape::Forms(forms) => {
            let fields = forms.iter().flat_map(|form| form.fields);
            return fields.for_each(|field| collect_codes(field.shape, codes));
        }
        _ => &[],
    };
    for code in own {
        if !codes.contains(code) {
            codes.push(code);
        }
    }
}
