//! Names as Python writes them.

/// Words that mean something to Python.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
/// Methods of every tuple, which a record is.
const TUPLE_METHODS: [&str; 2] = ["count", "index"];

/// A key of JSON as an attribute of a record: `unitPrice` is `unit_price`, `from` is `from_`.
pub(super) fn attribute(key: &str) -> String {
    let name = snake_case(key);
    if TUPLE_METHODS.contains(&name.as_str()) { format!("{name}_") } else { parameter(key) }
}

/// A key of JSON as a parameter.
pub(super) fn parameter(key: &str) -> String {
    let name = snake_case(key);
    if is_keyword(&name) { format!("{name}_") } else { name }
}

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

fn snake_case(key: &str) -> String {
    let mut name = String::new();
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{attribute, parameter};

    #[test]
    fn keys_become_names_that_python_takes() {
        assert_eq!(attribute("nextBandUnitPrice"), "next_band_unit_price");
        assert_eq!(attribute("from"), "from_");
        assert_eq!(attribute("count"), "count_");
        assert_eq!(parameter("count"), "count");
        assert_eq!(parameter("as_of"), "as_of");
    }
}
