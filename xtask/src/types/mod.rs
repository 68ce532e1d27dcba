//! `types`: requests and answers as types of other languages, from the engine's own tables.

mod python;
mod readers;
mod typescript;

use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::fs;
use tierwise_wire::shape::{Field, ObjectShape, Presence, Shape, WordList};
use tierwise_wire::{CATALOG, OPERATIONS};

/// A file that is generated, and what it should say.
type Generated = (&'static str, String);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only compare the files with what they should say.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let api = Api::of_the_engine();
    let mut files: Vec<Generated> = vec![
        ("bindings/js/src/wire.ts", typescript::written(&api)),
        ("bindings/js/src/answers.ts", readers::written(&api)),
    ];
    files.extend(python::files(&api)?);
    for (name, text) in files {
        let path = project.path(name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            println!("{name} is up to date");
        } else if arguments.check {
            bail!("{name} is not what the engine's tables say: run `cargo xtask types`");
        } else {
            fs::write(&path, text).with_context(|| format!("writing `{name}`"))?;
            println!("{name} is written");
        }
    }
    Ok(())
}

/// Whether a type is what somebody writes, or what the engine answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Asked,
    Answered,
}

/// A type of an object: its shape on one side.
struct ObjectType {
    side: Side,
    shape: &'static ObjectShape,
}

/// An operation with its types.
struct OperationTypes {
    name: &'static str,
    about: &'static str,
    request: Shape,
    answer: Shape,
}

/// Everything that is to be typed.
struct Api {
    operations: Vec<OperationTypes>,
    /// Those within an object come before it.
    objects: Vec<ObjectType>,
}

impl Api {
    fn of_the_engine() -> Self {
        let mut api = Api { operations: Vec::new(), objects: Vec::new() };
        api.collect(Side::Asked, &CATALOG);
        for operation in OPERATIONS {
            let (request, answer) = (operation.request, operation.answer);
            api.collect(Side::Asked, &request);
            api.collect(Side::Answered, &answer);
            let (name, about) = (operation.name, operation.about);
            api.operations.push(OperationTypes { name, about, request, answer });
        }
        api
    }

    fn collect(&mut self, side: Side, shape: &Shape) {
        match shape {
            Shape::List(inner) | Shape::Names(_, inner) => self.collect(side, inner),
            Shape::Object(object) => self.collect_object(side, object),
            Shape::Forms(forms) => {
                for form in forms_on(side, forms) {
                    self.collect_object(side, form);
                }
            }
            Shape::Either(one, other) => {
                self.collect(side, one);
                self.collect(side, other);
            }
            _ => {}
        }
    }

    fn collect_object(&mut self, side: Side, shape: &'static ObjectShape) {
        let name = name_on(side, shape);
        if self.objects.iter().any(|known| name_on(known.side, known.shape) == name) {
            return;
        }
        for field in shape.fields {
            self.collect(side, &field.shape);
        }
        self.objects.push(ObjectType { side, shape });
    }
}

/// Answers hold the canonical form of catalogs, which has one form of bands.
fn forms_on(side: Side, forms: &'static [ObjectShape; 2]) -> &'static [ObjectShape] {
    match side {
        Side::Asked => forms,
        Side::Answered => forms.split_at(1).0,
    }
}

/// The name of an object's type. A part of a catalog file that an answer holds is in its canonical
/// form, where every default is written out.
fn name_on(side: Side, shape: &ObjectShape) -> String {
    match shape.name().strip_suffix("Document") {
        Some(part) if side == Side::Answered => format!("Canonical{part}"),
        _ => shape.name().to_owned(),
    }
}

/// The words of a field that decides which others there are.
fn words_of_tag(shape: &ObjectShape) -> Option<(&'static Field, &'static WordList)> {
    let field = shape.fields.iter().find(|field| Some(field.key) == shape.tag)?;
    if let Shape::Word(list) = field.shape { Some((field, list)) } else { None }
}

/// Whether an object has a field beside a word of its tag.
fn stands_beside(field: &Field, word: &str) -> bool {
    match field.presence {
        Presence::RequiredFor(words) | Presence::OptionalFor(words) => words.contains(&word),
        _ => true,
    }
}

/// Whether a field may be missing.
fn may_be_missing(side: Side, field: &Field) -> bool {
    match field.presence {
        Presence::Optional => true,
        Presence::Defaulted | Presence::OptionalFor(_) => side == Side::Asked,
        Presence::Required | Presence::Nullable | Presence::RequiredFor(_) => false,
    }
}

/// A name of an operation as one of a type: `tier_change`, `TierChange`.
fn type_name(operation: &str) -> String {
    let mut name = String::new();
    for word in operation.split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// A text in lines of at most so many columns.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
