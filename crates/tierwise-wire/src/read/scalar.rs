//! Single values: numbers, money, days and moments; and what to say where another type stands.

use tierwise::{
    Amount, Code, Day, DecimalText, Error, Instant, Quantity, Result, UnitPrice,
    limits::MAX_QUANTITY,
};

use super::{Value, refuse::wrong_type};
use crate::{document::Document, shape::Shape};

/// The value of a document, whatever has not been read yet. Errors: `wrong_type`,
/// `expected_decimal_string`, `out_of_range`, `negative` and those of the type.
pub(super) fn read<'a>(document: &'a Document, shape: &Shape) -> Result<Value<'a>> {
    match shape {
        Shape::Whole => match whole(document)? {
            value if value > i128::from(MAX_QUANTITY) || value < 0 => Err(beyond(value)),
            value => Ok(Value::Number(i64::try_from(value).unwrap_or(0))),
        },
        Shape::Integer => match whole(document)? {
            value if value.unsigned_abs() > u128::from(MAX_QUANTITY) => {
                Err(beyond(value.saturating_abs()))
            }
            value => Ok(Value::Number(i64::try_from(value).unwrap_or(0))),
        },
        Shape::Price => {
            let price = UnitPrice::parse(decimal(document)?)?;
            Ok(millionths(price.millionths()))
        }
        Shape::Quantity => {
            let quantity = match document {
                Document::Integer(value) => Quantity::parse(DecimalText::whole(*value).as_str()),
                _ => Quantity::parse(decimal(document)?),
            };
            Ok(millionths(quantity?.millionths()))
        }
        Shape::Amount => Amount::parse(decimal(document)?).map(Value::Amount),
        Shape::Day => Day::parse(text(document, "a day as a string")?).map(Value::Day),
        Shape::Instant => Instant::parse(text(document, "a time as a string")?).map(Value::Instant),
        _ => Err(wrong_type(expected(shape), document)),
    }
}

/// What a shape expects, for messages.
fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "a boolean",
        Shape::Word(_) => "a word",
        Shape::List(_) | Shape::Forms(_) => "a list",
        Shape::Names(..) | Shape::Object(_) | Shape::Either(..) => "an object",
        _ => "a string",
    }
}

fn text<'a>(document: &'a Document, expected: &str) -> Result<&'a str> {
    document.as_str().ok_or_else(|| wrong_type(expected, document))
}

/// INVARIANT: limits.rs shows that prices and quantities in millionths fit 63 bits.
fn millionths(value: u64) -> Value<'static> {
    Value::Number(i64::try_from(value).unwrap_or(i64::MAX))
}

fn whole(document: &Document) -> Result<i128> {
    match document {
        Document::Integer(value) => Ok(*value),
        _ => Err(wrong_type("a whole number", document)),
    }
}

#[cold]
fn beyond(value: i128) -> Error {
    let (code, what) = if value < 0 {
        (Code::Negative, format_args!("is below zero"))
    } else {
        (Code::OutOfRange, format_args!("is too much, at most {MAX_QUANTITY} is allowed"))
    };
    // The ends of 128 bits stand for all numbers beyond them.
    match value {
        i128::MIN | i128::MAX => Error::new(code, format_args!("the number {what}")),
        // Not with `format_args!`: numbers of 128 bits would bring their own code for that.
        _ => Error::new(code, format_args!("`{}` {what}", DecimalText::whole(value))),
    }
}

/// F2: a decimal is a string.
fn decimal(document: &Document) -> Result<&str> {
    match document {
        Document::Text(text) => Ok(text),
        Document::Integer(_) | Document::Fraction => {
            let message = "a JSON number stands where a decimal string is expected";
            Err(Error::new(Code::ExpectedDecimalString, message)
                .with_help("put it in quotes, like \"0.4\": numbers are not exact"))
        }
        _ => Err(wrong_type("a decimal string", document)),
    }
}
