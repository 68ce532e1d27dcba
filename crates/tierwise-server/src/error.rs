//! Why the service does not start, ends, or does not answer.

use std::fmt;

/// What went wrong: a word for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// What kind of thing is wrong: a stable word.
    pub code: String,
    /// What is wrong, and what was expected.
    pub message: String,
    /// Whether a rule says so, and nothing is broken.
    pub is_refusal: bool,
}

impl ServerError {
    /// An error of a kind.
    #[cold]
    pub fn new(code: &str, message: impl fmt::Display) -> Self {
        ServerError { code: code.to_owned(), message: message.to_string(), is_refusal: false }
    }

    /// What a rule refuses.
    pub(crate) fn refusal(code: &str, message: impl fmt::Display) -> Self {
        ServerError { is_refusal: true, ..ServerError::new(code, message) }
    }

    pub(crate) fn config(message: impl fmt::Display) -> Self {
        ServerError::new("bad_config", message)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServerError {}

impl From<tierwise_runner::StoreError> for ServerError {
    fn from(error: tierwise_runner::StoreError) -> Self {
        ServerError::new(error.code, error)
    }
}
