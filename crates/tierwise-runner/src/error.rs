//! Why something asked for does not happen.

use std::fmt;

use serde_json::{Map, Value};

/// Why a request is refused: nothing of it has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of thing is wrong: a stable word.
    pub code: &'static str,
    /// The HTTP status that says the same.
    pub status: u16,
    /// What is wrong, for people.
    pub message: String,
    /// The same for programs, beside the code: which field, which tier, what is left of a limit.
    pub data: Map<String, Value>,
}

/// What may be refused.
pub type Refused<T> = Result<T, Refusal>;

impl Refusal {
    #[cold]
    pub(crate) fn new(code: &'static str, status: u16, message: impl fmt::Display) -> Self {
        Refusal { code, status, message: message.to_string(), data: Map::new() }
    }

    /// Says more for programs.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    pub(crate) fn no_account(id: &str) -> Self {
        Refusal::new("not_found", 404, format_args!("there is no account `{id}`"))
    }

    pub(crate) fn no_team(id: &str) -> Self {
        Refusal::new("not_found", 404, format_args!("the team `{id}` never had an account"))
    }

    pub(crate) fn no_message(id: &str) -> Self {
        Refusal::new("not_found", 404, format_args!("there is no message `{id}`"))
    }

    pub(crate) fn archived(id: &str) -> Self {
        let message = format_args!("the account `{id}` is archived: it can be read and deleted");
        Refusal::new("account_archived", 409, message)
    }

    pub(crate) fn bad(field: &str, what: impl fmt::Display) -> Self {
        Refusal::new("bad_request", 400, format_args!("`{field}`: {what}")).with("field", field)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
