//! Query parameters as section 1.2 of the contract has them: lists and objects in brackets,
//! booleans as words, and whatever is not known is ignored.

use std::{convert::Infallible, ops::RangeInclusive};

use axum::{extract::FromRequestParts, http::request::Parts};
use percent_encoding::percent_decode_str;
use tierwise_lanes::Moment;

use super::error::ApiError;
use crate::notation;

/// The parameters of a request, as they came. What is wrong is said when it is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// Names and values; a value is none if it is not text.
    pairs: Vec<(String, Option<String>)>,
}

impl Query {
    pub(crate) fn of(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that is not UTF-8 is none that is known.
            Some((decode(name)?, decode(value)))
        });
        Query { pairs: pairs.collect() }
    }

    /// A parameter that stands at most once, by its plain name or as a list of one: what narrows a
    /// request is not overlooked because of how it is written. Refused: `bad_request`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut found = self.pairs.iter().filter(|(key, _)| is_of(key, name));
        let Some((_, value)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(ApiError::bad(name, "it stands more than once"));
        }
        value.as_deref().map_or_else(|| Err(not_text(name)), |value| Ok(Some(value)))
    }

    /// A list: `name[0]=…&name[1]=…`, `name[]=…` or `name=…&name=…`. Refused: `bad_request`.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<&str>, ApiError> {
        let found = self.pairs.iter().filter(|(key, _)| is_of(key, name));
        found.map(|(_, value)| value.as_deref().ok_or_else(|| not_text(name))).collect()
    }

    /// One of some words. Refused: `bad_request`.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> Result<Option<&str>, ApiError> {
        match self.text(name)? {
            Some(word) if !words.contains(&word) => {
                let what = format_args!("one of `{}` is expected", words.join("`, `"));
                Err(ApiError::bad(name, what))
            }
            word => Ok(word),
        }
    }

    /// `true` or `false`; none if it is not there. Refused: `bad_request`.
    pub(crate) fn truth(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::bad(name, "it is neither `true` nor `false`")),
        }
    }

    /// Whether it is `true`. Refused: `bad_request`.
    pub(crate) fn is(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.truth(name)?.unwrap_or(false))
    }

    /// A whole number. Refused: `bad_request`.
    pub(crate) fn number(
        &self,
        name: &str,
        within: RangeInclusive<u32>,
        default: u32,
    ) -> Result<u32, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(default) };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_number && within.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (within.start(), within.end());
            ApiError::bad(name, format_args!("a whole number from {least} to {most} is expected"))
        })
    }

    /// A time within an object: `range[start]=…`. Refused: `bad_request`.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Moment>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        notation::moment(text).map(Some).map_err(|wrong| ApiError::bad(name, wrong))
    }
}

/// Whether a key is a name, or the name with the index of a list.
fn is_of(key: &str, name: &str) -> bool {
    let Some(rest) = key.strip_prefix(name) else { return false };
    let index = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    rest.is_empty() || index.is_some_and(|i| i.bytes().all(|byte| byte.is_ascii_digit()))
}

fn not_text(name: &str) -> ApiError {
    ApiError::bad(name, "text in UTF-8 without NUL characters is expected")
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    // No text that is stored has this character, and not every store can be asked for it.
    (!decoded.contains('\0')).then(|| decoded.into_owned())
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Query::of(parts.uri.query().unwrap_or_default()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_brackets_encoded_or_not_or_repeated() {
        for query in ["a[0]=x&a[1]=y", "a%5B0%5D=x&a%5b1%5d=y", "a=x&a=y", "a[]=x&b=1&a[]=y"] {
            assert_eq!(Query::of(query).list("a").unwrap(), ["x", "y"], "{query}");
        }
        assert!(Query::of("ab=x&a[b]=y&xa=z").list("a").unwrap().is_empty());
    }

    #[test]
    fn objects_name_their_parts() {
        let query = Query::of("range[start]=2026-04-01T09:00:00%2B02:00&range%5Bend%5D=x");
        assert_eq!(query.time("range[start]").unwrap(), Some(Moment(1_775_026_800_000)));
        assert_eq!(query.time("range[end]").unwrap_err().code, "bad_request");
        assert_eq!(query.time("range[middle]").unwrap(), None);
    }

    #[test]
    fn what_stands_twice_or_is_no_word_or_number_is_named() {
        let field = |error: ApiError| error.data["field"].as_str().unwrap().to_owned();
        let query = Query::of("q=1&q=2&yes=TRUE&count=1e1&count2=101&b=%ff&page=&n=%00");
        assert_eq!(field(query.text("q").unwrap_err()), "q");
        assert_eq!(field(query.truth("yes").unwrap_err()), "yes");
        for name in ["count", "count2", "page"] {
            assert_eq!(field(query.number(name, 1..=100, 20).unwrap_err()), name);
        }
        for name in ["b", "n"] {
            let wrong = query.text(name).unwrap_err();
            assert!(wrong.message.contains("UTF-8 without NUL"), "{}", wrong.message);
            assert_eq!(field(wrong), name);
        }
        assert_eq!(Query::of("count=100").number("count", 1..=100, 20).unwrap(), 100);
        assert_eq!(Query::of("count=%2B1").number("count", 1..=100, 20).unwrap_err().status, 400);
    }

    #[test]
    fn a_plus_is_a_space_and_an_encoded_plus_is_a_plus() {
        assert_eq!(Query::of("q=a+b%2Bc%20d").text("q").unwrap(), Some("a b+c d"));
        assert_eq!(Query::of("").text("q").unwrap(), None);
        assert_eq!(Query::of("q").text("q").unwrap(), Some(""));
    }

    #[test]
    fn a_list_of_one_is_that_one_and_a_longer_one_is_too_much() {
        for query in ["a[0]=x", "a[]=x", "a%5B7%5D=x"] {
            assert_eq!(Query::of(query).text("a").unwrap(), Some("x"), "{query}");
        }
        assert_eq!(Query::of("a[0]=x&a=y").text("a").unwrap_err().code, "bad_request");
        assert_eq!(Query::of("a[0]=true").truth("a").unwrap(), Some(true));
    }
}
