//! The reader of JSON against `serde_json`: what one accepts, the other does, to the same value.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::float_arithmetic, reason = "serde_json reads numbers as floats")]

use proptest::prelude::*;
use serde_json::Value;
use tierwise_wire::{Code, Document};

/// Pieces that make up JSON, and some that break it.
const PIECES: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"b\"",
    "\\",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\n",
    "\\x",
    "\u{1}",
    "é",
    " ",
    "\n",
    "\t",
    "null",
    "true",
    "false",
    "nul",
    "0",
    "-",
    "1",
    "12",
    "-3",
    "1.5",
    "1.0",
    ".",
    "e",
    "E",
    "+",
    "01",
    "3e2",
    "1e-1",
    "10e-1",
    "\"k\":",
    "\"k\":1",
    "[1,2]",
    "{}",
    "\"\\\"\"",
];

fn config() -> ProptestConfig {
    ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() }
}

fn same(document: &Document, value: &Value) -> bool {
    match (document, value) {
        (Document::Null, Value::Null) => true,
        (Document::Bool(a), Value::Bool(b)) => a == b,
        (Document::Text(a), Value::String(b)) => a == b,
        // Beyond 128 bits there is only "too much".
        (Document::Integer(i128::MAX), Value::Number(b)) => b.as_f64().is_some_and(|b| b > 1e38),
        (Document::Integer(i128::MIN), Value::Number(b)) => b.as_f64().is_some_and(|b| b < -1e38),
        (Document::Integer(a), Value::Number(b)) => {
            b.as_i128() == Some(*a) || b.as_f64().is_some_and(|b| a.to_string().parse() == Ok(b))
        }
        // The smallest fractions are 0 as floats.
        (Document::Fraction, Value::Number(b)) => {
            b.is_f64() && b.as_f64().is_some_and(|b| b % 1.0 != 0.0 || b == 0.0)
        }
        (Document::List(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Document::Map(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        (-1000_i32..1000).prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_serde_writes_is_read_to_the_same(value in value(), pretty: bool) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        let document = Document::from_json(text.as_bytes()).unwrap();
        prop_assert!(same(&document, &value), "{text} {document:?}");
    }

    #[test]
    fn both_accept_and_refuse_the_same_texts(
        pieces in prop::collection::vec(0..PIECES.len(), 0..12),
    ) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let theirs = serde_json::from_str::<Value>(&text);
        match (Document::from_json(text.as_bytes()), theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{text:?} {ours:?}"),
            // serde_json keeps the last of two values under one key.
            (Err(error), Ok(_)) => prop_assert_eq!(error.code(), Code::DuplicateKey, "{:?}", text),
            (Err(error), Err(_)) => prop_assert_eq!(error.code(), Code::BadJson, "{:?}", text),
            // serde_json has no number beyond 10^308.
            (Ok(ours), Err(theirs)) => {
                prop_assert!(theirs.to_string().contains("out of range"), "{text:?} {ours:?}");
            }
        }
    }
}

#[test]
fn whole_numbers_are_exact_however_they_are_written() {
    let read = |text: &str| Document::from_json(text.as_bytes()).unwrap();
    for text in ["30", "30.0", "3e1", "0.3e2", "300e-1", "30.000e0", "3.0E+1"] {
        assert_eq!(read(text), Document::Integer(30), "{text}");
    }
    assert_eq!(read("-0"), Document::Integer(0));
    assert_eq!(read("0e999999999999999999999"), Document::Integer(0));
    assert_eq!(read("9007199254740993"), Document::Integer(9_007_199_254_740_993));
    assert_eq!(read("1e400"), Document::Integer(i128::MAX));
    assert_eq!(read("1e-999999999999999999999"), Document::Fraction);
    assert_eq!(read("0.5"), Document::Fraction);
}

#[test]
fn an_error_of_the_text_names_line_and_column() {
    let error = Document::from_json(b"{\n  \"a\": [1,\n  ]}").unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::BadJson, ""));
    assert!(error.message().ends_with("expected a value at line 3 column 3"), "{error}");
}

#[test]
fn of_several_double_keys_the_first_that_stands_again_is_named() {
    for (text, path) in [
        (r#"{"b":1,"a":2,"a":3,"b":4}"#, "/a"),
        (r#"{"a":1,"b":2,"b":3,"a":4}"#, "/b"),
        (r#"{"c":1,"b":2,"c":3,"c":4,"b":5}"#, "/c"),
        (r#"{"c":1,"b":2,"b":3,"b":4,"c":5,"a":6}"#, "/b"),
    ] {
        let error = Document::from_json(text.as_bytes()).unwrap_err();
        assert_eq!((error.code(), error.path()), (Code::DuplicateKey, path), "{text}");
    }
}
