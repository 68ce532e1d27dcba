//! Documents to checked values, by their shape: one reader for every request and for the catalog.
//!
//! Errors name the path of what does not fit. An object is read key by key: first whether each of
//! its keys is known, then each value, in the order of its shape.

mod refuse;
mod scalar;
mod take;

use alloc::{string::String, vec::Vec};

use tierwise::{
    Amount, Day, Instant, Result,
    limits::{MAX_FEATURES, MAX_METERS},
};

use self::refuse::{
    forms_mixed, misplaced_key, missing_key, not_one_form, not_supported, too_many_names,
    unknown_key, unknown_word, wrong_type,
};
pub(crate) use take::{Fields, Take, as_read, request};

use crate::{
    document::Document,
    shape::{Field, ObjectShape, Presence, Shape, WordList},
};

/// A value of a known shape, checked, its texts still in the document.
#[derive(Default)]
pub(crate) enum Value<'a> {
    /// Left out, or null where that is allowed.
    #[default]
    Absent,
    Boolean(bool),
    /// A whole number; a price or a quantity in millionths.
    Number(i64),
    Amount(Amount),
    Text(&'a str),
    Day(Day),
    Instant(Instant),
    /// The place of a word in its list.
    Word(usize),
    List(Vec<Value<'a>>),
    Names(Vec<(&'a str, Value<'a>)>),
    /// By the place of the field.
    Object(Vec<Value<'a>>),
    /// Objects in the form of that place.
    Form(usize, Vec<Value<'a>>),
}

type Entries = [(String, Document)];

/// The value of a document. Errors: `wrong_type`, `unknown_key`, `missing_key` and those of the
/// values.
pub(crate) fn read<'a>(document: &'a Document, shape: &Shape) -> Result<Value<'a>> {
    match (shape, document) {
        (Shape::Boolean, Document::Bool(value)) => Ok(Value::Boolean(*value)),
        (Shape::Text | Shape::TierId | Shape::Period, Document::Text(text)) => {
            Ok(Value::Text(text))
        }
        (Shape::Word(list), Document::Text(word)) => word_of(word, list).map(Value::Word),
        (Shape::List(shape), Document::List(list)) => read_list(list, shape).map(Value::List),
        (Shape::Names(_, shape), Document::Map(entries)) => read_names(entries, shape),
        (Shape::Object(shape), Document::Map(entries)) => read_object(entries, shape),
        (Shape::Forms(forms), Document::List(list)) => read_forms(list, forms),
        _ => scalar::read(document, shape),
    }
}

fn read_list<'a>(list: &'a [Document], shape: &Shape) -> Result<Vec<Value<'a>>> {
    let mut values = Vec::with_capacity(list.len());
    for (i, document) in list.iter().enumerate() {
        values.push(read(document, shape).map_err(|error| error.under(i))?);
    }
    Ok(values)
}

fn read_names<'a>(entries: &'a Entries, shape: &Shape) -> Result<Value<'a>> {
    // As many as a catalog has meters, or features.
    if entries.len() > MAX_METERS.max(MAX_FEATURES) {
        return Err(too_many_names(entries.len()));
    }
    let mut values = Vec::with_capacity(entries.len());
    for (name, document) in entries {
        let value = read(document, shape).map_err(|error| error.under(name))?;
        values.push((name.as_str(), value));
    }
    Ok(Value::Names(values))
}

fn word_of(word: &str, list: &WordList) -> Result<usize> {
    let known = list.words.iter().position(|known| *known == word);
    known.ok_or_else(|| unknown_word(word, list))
}

fn find<'a>(entries: &'a Entries, key: &str) -> Option<&'a Document> {
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// Whether an object has only keys of these shapes. Errors: `unknown_key`, `not_supported`.
fn check_keys(entries: &Entries, shapes: &[ObjectShape]) -> Result<()> {
    let own = shapes.iter().flat_map(|shape| shape.fields).map(|field| field.key);
    let keys = || own.clone().chain(later(shapes));
    if let Some((key, _)) = entries.iter().find(|(key, _)| keys().all(|known| known != key)) {
        return Err(unknown_key(key, &mut keys()));
    }
    match later(shapes).find(|key| find(entries, key).is_some()) {
        Some(key) => Err(not_supported(&"this key").under(key)),
        None => Ok(()),
    }
}

/// Keys that are known and not supported.
fn later(shapes: &[ObjectShape]) -> impl Iterator<Item = &'static str> {
    shapes.iter().flat_map(|shape| shape.later).copied()
}

fn read_object<'a>(entries: &'a Entries, shape: &ObjectShape) -> Result<Value<'a>> {
    check_keys(entries, core::slice::from_ref(shape))?;
    let mut tag = Tag::default();
    let mut values = Vec::with_capacity(shape.fields.len());
    for field in shape.fields {
        let value = read_field(entries, field, tag)?;
        if shape.tag == Some(field.key) {
            tag = Tag::of(field, &value);
            check_places(entries, shape, tag)?;
        }
        values.push(value);
    }
    check_alternatives(entries, shape.alternatives)?;
    Ok(Value::Object(values))
}

/// The word that decides which fields an object has.
#[derive(Clone, Copy, Default)]
struct Tag {
    key: &'static str,
    word: &'static str,
}

impl Tag {
    /// The tag's word; its first where it is left out.
    fn of(field: &Field, value: &Value<'_>) -> Self {
        let Shape::Word(list) = field.shape else { return Tag::default() };
        let place = if let Value::Word(place) = value { *place } else { 0 };
        Tag { key: field.key, word: list.words.get(place).copied().unwrap_or_default() }
    }

    /// Whether a field stands beside this tag's word.
    fn allows(self, field: &Field) -> bool {
        match field.presence {
            Presence::RequiredFor(words) | Presence::OptionalFor(words) => {
                words.contains(&self.word)
            }
            Presence::Required | Presence::Nullable | Presence::Optional | Presence::Defaulted => {
                true
            }
        }
    }
}

/// Refuses fields that belong beside other words of the tag.
fn check_places(entries: &Entries, shape: &ObjectShape, tag: Tag) -> Result<()> {
    let misplaced = |field: &&Field| !tag.allows(field) && find(entries, field.key).is_some();
    match shape.fields.iter().find(misplaced) {
        Some(field) => Err(misplaced_key(field.key, tag.key, tag.word)),
        None => Ok(()),
    }
}

fn read_field<'a>(entries: &'a Entries, field: &Field, tag: Tag) -> Result<Value<'a>> {
    let is_required = match field.presence {
        Presence::Required | Presence::Nullable => true,
        Presence::RequiredFor(_) => tag.allows(field),
        Presence::Optional | Presence::Defaulted | Presence::OptionalFor(_) => false,
    };
    match find(entries, field.key) {
        None if is_required => Err(missing_key(field.key)),
        None => Ok(Value::Absent),
        Some(Document::Null) if field.presence == Presence::Nullable => Ok(Value::Absent),
        Some(document) => read(document, &field.shape).map_err(|error| error.under(field.key)),
    }
}

/// Of several sets of keys one stands, whole.
fn check_alternatives(entries: &Entries, sets: &[&[&str]]) -> Result<()> {
    let stands = |key: &str| find(entries, key).is_some();
    let mut begun = sets.iter().filter(|set| set.iter().any(|key| stands(key)));
    match (begun.next(), begun.next()) {
        (Some(set), None) => match set.iter().find(|key| !stands(key)) {
            Some(key) => Err(missing_key(key)),
            None => Ok(()),
        },
        _ if sets.is_empty() => Ok(()),
        _ => Err(not_one_form(sets)),
    }
}

/// Objects that are all in the form of the first (F1).
fn read_forms<'a>(list: &'a [Document], forms: &[ObjectShape; 2]) -> Result<Value<'a>> {
    let mut chosen = None;
    for (i, document) in list.iter().enumerate() {
        let own = form_of(document, forms).map_err(|error| error.under(i))?;
        if *chosen.get_or_insert(own) != own {
            return Err(forms_mixed("the bands are in both forms").under(i));
        }
    }
    let [first, second] = forms;
    let place = chosen.unwrap_or(0);
    let form = if place == 0 { first } else { second };
    let mut values = Vec::with_capacity(list.len());
    for (i, document) in list.iter().enumerate() {
        let Document::Map(entries) = document else { continue };
        values.push(read_object(entries, form).map_err(|error| error.under(i))?);
    }
    Ok(Value::Form(place, values))
}

/// Which of two forms an object has, by the keys that only one of them knows.
fn form_of(document: &Document, forms: &[ObjectShape; 2]) -> Result<usize> {
    let Document::Map(entries) = document else {
        return Err(wrong_type("an object", document));
    };
    let knows = |form: &ObjectShape, key: &str| form.fields.iter().any(|field| field.key == key);
    let [first, second] = forms;
    check_keys(entries, forms)?;
    let has_own =
        |form, other| entries.iter().any(|(key, _)| knows(form, key) && !knows(other, key));
    match (has_own(first, second), has_own(second, first)) {
        (true, false) => Ok(0),
        (false, true) => Ok(1),
        (true, true) => Err(forms_mixed("the band has keys of both forms")),
        (false, false) => Err(forms_mixed("the band has keys of neither form")),
    }
}

/// A checked document, as what it stands for.
pub(crate) fn take<'a, T: Take<'a>>(document: &'a Document) -> Result<T> {
    read(document, &T::SHAPE).map(|value| T::take(&value))
}
