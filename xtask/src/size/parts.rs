//! Which crate each byte of a module comes from, by the names of its functions.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Bytes by part and by function, the largest first.
pub(crate) struct Weights {
    pub(crate) parts: Vec<(String, u64)>,
    pub(crate) functions: Vec<(String, u64)>,
    /// What generic code of the standard library comes to, whichever crate it was made for.
    pub(crate) machinery: Vec<(String, u64)>,
}

/// Generic code that is made anew for each type it is used with: where a module grows unseen.
const MACHINERY: [(&str, &str); 5] = [
    ("core::slice::sort", "sorting"),
    ("alloc::collections::btree", "ordered maps"),
    ("core::ptr::drop_", "dropping values"),
    ("core::fmt", "text formatting"),
    ("core::iter", "iterators"),
];

/// Reads a module that has a `name` section.
pub(crate) fn weigh(module: &[u8]) -> Result<Weights> {
    let mut imported = 0_u32;
    let mut bodies = Vec::new();
    let mut names = BTreeMap::new();
    let mut parts: BTreeMap<String, u64> = BTreeMap::new();
    let mut other = module.len() as u64;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let size = length(&body.range());
                other = other.saturating_sub(size);
                bodies.push(size);
            }
            Payload::DataSection(data) => {
                let size = length(&data.range());
                other = other.saturating_sub(size);
                parts.insert("constant data (texts, tables)".to_owned(), size);
            }
            Payload::CustomSection(custom) => {
                other = other.saturating_sub(length(&custom.range()));
                if let KnownCustom::Name(subsections) = custom.as_known() {
                    for subsection in subsections {
                        if let Name::Function(map) = subsection? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, readable(naming.name));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    parts.insert("types, imports, exports, tables".to_owned(), other);
    let mut functions = Vec::new();
    let mut machinery: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (index, size) in bodies.into_iter().enumerate() {
        let index = u32::try_from(index).context("too many functions")? + imported;
        let name = names.remove(&index).unwrap_or_else(|| format!("function {index}"));
        *parts.entry(part_of(&name)).or_default() += size;
        let is_of = |(path, _): &&(&str, &str)| {
            let name = name.trim_start_matches(['<', '&']);
            name.starts_with(path)
        };
        if let Some((_, what)) = MACHINERY.iter().find(is_of) {
            let (count, bytes) = machinery.entry((*what).to_owned()).or_default();
            *count += 1;
            *bytes += size;
        }
        functions.push((name, size));
    }
    let machinery = machinery.into_iter();
    let machinery = machinery.map(|(what, (count, size))| (format!("{what}, {count} times"), size));
    Ok(Weights {
        parts: largest_first(parts),
        functions: largest_first(functions),
        machinery: largest_first(machinery),
    })
}

fn largest_first(weights: impl IntoIterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut weights: Vec<_> = weights.into_iter().collect();
    weights.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    weights
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The crate that a function is written in: the first crate in its name that is not the standard
/// library's. In `core::ptr::drop_in_place::<tierwise::…>` and the like that one only serves.
fn part_of(name: &str) -> String {
    const STANDARD: &str = "core, alloc, std";
    let words = name.split(|letter: char| !is_identifier(letter));
    let crates: Vec<_> = words.filter(|word| is_crate(name, word)).collect();
    let own = crates.iter().find(|word| !is_standard(word));
    if let Some(own) = own {
        return own.replace('_', "-");
    }
    let part = if !crates.is_empty() || is_standard_symbol(name) {
        STANDARD
    } else if name.starts_with("__wbindgen") || name.starts_with("__externref") {
        "wasm-bindgen"
    } else {
        "exported functions, with what is inlined"
    };
    part.to_owned()
}

fn is_identifier(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// True if the word begins a path in the name, rather than going on with one.
fn is_crate(name: &str, word: &str) -> bool {
    if !word.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_') {
        return false;
    }
    let path = format!("{word}::");
    name.match_indices(&path).any(|(index, _)| {
        let before = name.get(..index).unwrap_or_default();
        !before.ends_with(|letter: char| is_identifier(letter) || letter == ':')
    })
}

fn is_standard(word: &str) -> bool {
    matches!(word, "core" | "alloc" | "std" | "compiler_builtins" | "__rustc")
}

/// Functions of the runtime that have no path: memory and wide arithmetic.
fn is_standard_symbol(name: &str) -> bool {
    const BEGINNINGS: [&str; 9] =
        ["__rust", "__rdl", "mem", "__mul", "__div", "__udiv", "__umod", "__ash", "__lsh"];
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn a_function_belongs_to_the_crate_it_is_about() {
        let parts = [
            ("tierwise::money::parse", "tierwise"),
            ("<tierwise_wire::Answer as serde::ser::Serialize>::serialize", "tierwise-wire"),
            ("<alloc::vec::Vec<T> as serde::de::Deserialize>::deserialize", "serde"),
            ("core::ptr::drop_in_place::<tierwise::catalog::Tier>", "tierwise"),
            ("<&str as core::fmt::Display>::fmt", "core, alloc, std"),
            ("rust_decimal::ops::add::add_impl", "rust-decimal"),
            ("memcpy", "core, alloc, std"),
            ("dlmalloc::sys::System::free", "dlmalloc"),
            ("__rustc::__rust_realloc", "core, alloc, std"),
            ("catalog_quote multivalue shim", "exported functions, with what is inlined"),
        ];
        for (name, part) in parts {
            assert_eq!(part_of(name), part, "{name}");
        }
    }
}
