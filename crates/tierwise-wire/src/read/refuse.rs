//! The errors of documents that do not fit their shape.

use core::fmt;

use alloc::string::String;

use tierwise::{Code, Error, limits::MAX_METERS};

use crate::{document::Document, shape::WordList};

#[cold]
pub(super) fn wrong_type(expected: &str, found: &Document) -> Error {
    let message = format_args!("expected {expected}, found {}", found.kind());
    Error::new(Code::WrongType, message)
}

#[cold]
pub(super) fn unknown_key(key: &str, known: &mut dyn Iterator<Item = &'static str>) -> Error {
    Error::new(Code::UnknownKey, format_args!("`{key}` is not a key here"))
        .with_nearest(key, known)
        .under(key)
}

#[cold]
pub(super) fn missing_key(key: &str) -> Error {
    Error::new(Code::MissingKey, format_args!("the key `{key}` is missing")).under(key)
}

#[cold]
pub(super) fn misplaced_key(key: &str, tag: &str, word: &str) -> Error {
    let message = format_args!("`{key}` is not a key where `{tag}` is `{word}`");
    Error::new(Code::UnknownKey, message).under(key)
}

#[cold]
pub(super) fn not_supported(what: &dyn fmt::Display) -> Error {
    let message = format_args!("{what} is known to the format, not yet to this version");
    Error::new(Code::NotSupported, message)
}

#[cold]
pub(super) fn unknown_word(word: &str, list: &WordList) -> Error {
    let what = list.what;
    if list.later.contains(&word) {
        return not_supported(&format_args!("the {what} `{word}`"));
    }
    let known = list.words.iter().chain(list.later).copied();
    Error::new(list.unknown, format_args!("`{word}` is not a {what}")).with_nearest(word, known)
}

#[cold]
pub(super) fn too_many_names(count: usize) -> Error {
    let message = format_args!("there are {count} names, at most {MAX_METERS} are allowed");
    Error::new(Code::OutOfRange, message)
}

#[cold]
pub(super) fn forms_mixed(message: &str) -> Error {
    Error::new(Code::MixedForms, message)
        .with_help("write each band as `{upTo, unitPrice}`, or each as `{from, to, price}`")
}

/// Of these sets of keys, none stands or several.
#[cold]
pub(super) fn not_one_form(sets: &[&[&str]]) -> Error {
    let mut forms = String::new();
    for set in sets {
        for (i, key) in set.iter().enumerate() {
            forms.push_str(match (forms.is_empty(), i) {
                (true, _) => "`",
                (false, 0) => ", or `",
                (false, _) => " and `",
            });
            forms.push_str(key);
            forms.push('`');
        }
    }
    Error::new(Code::WrongForm, format_args!("it must have {forms}"))
        .with_help("write exactly one of them")
}
