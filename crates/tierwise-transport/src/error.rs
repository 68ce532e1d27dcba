//! What is wrong with an option, and with something that came in.

use std::fmt;

/// An option of a transport that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// Which: a JSON pointer into the options.
    pub path: &'static str,
    /// What is wrong, and what was expected. Never a secret.
    pub message: String,
}

impl OptionError {
    /// The word for programs.
    pub const CODE: &'static str = "bad_option";

    pub(crate) fn new(path: &'static str, message: impl Into<String>) -> Self {
        OptionError { path, message: message.into() }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "option `{}`: {}", self.path, self.message)
    }
}

impl std::error::Error for OptionError {}

/// Why something that came in is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundError {
    /// Which kind of fault.
    pub code: InboundCode,
    /// Where: a JSON pointer into the body, empty for the whole of it, or the name of a header.
    pub path: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// The kinds of fault of something that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InboundCode {
    /// A header or parameter that is needed is not there, or cannot be read.
    BadHeader,
    /// No key fits the signature.
    BadSignature,
    /// The token is another.
    BadToken,
    /// Signed too long ago.
    TooOld,
    /// Signed in the future.
    TooNew,
    /// The body is longer than is read.
    TooLarge,
    /// The body is not JSON of the documented form.
    BadJson,
    /// An event of a type that is not known.
    UnknownType,
    /// It could not be kept, or is being kept at this moment: to be brought again.
    NotKept,
}

impl InboundCode {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            InboundCode::BadHeader => "bad_header",
            InboundCode::BadSignature => "bad_signature",
            InboundCode::BadToken => "bad_token",
            InboundCode::TooOld => "too_old",
            InboundCode::TooNew => "too_new",
            InboundCode::TooLarge => "too_large",
            InboundCode::BadJson => "bad_json",
            InboundCode::UnknownType => "unknown_type",
            InboundCode::NotKept => "not_kept",
        }
    }

    /// The HTTP status that a server answers with.
    ///
    /// ```
    /// use tierwise_transport::InboundCode;
    ///
    /// assert_eq!(InboundCode::TooOld.status(), 401);
    /// assert_eq!(InboundCode::TooLarge.status(), 413);
    /// ```
    pub fn status(self) -> u16 {
        match self {
            InboundCode::BadHeader
            | InboundCode::BadSignature
            | InboundCode::TooOld
            | InboundCode::TooNew => 401,
            InboundCode::BadToken => 403,
            InboundCode::TooLarge => 413,
            InboundCode::BadJson | InboundCode::UnknownType => 400,
            InboundCode::NotKept => 503,
        }
    }
}

impl InboundError {
    pub(crate) fn new(
        code: InboundCode,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        InboundError { code, path: path.into(), message: message.into() }
    }

    /// The HTTP status that a server answers with.
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

impl fmt::Display for InboundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "`{}`: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for InboundError {}
