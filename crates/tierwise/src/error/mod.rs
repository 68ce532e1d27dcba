//! Errors as data: what is wrong, where, and how to mend it.

mod nearest;

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

pub use nearest::nearest;

/// The result of everything here that can be refused.
pub type Result<T> = core::result::Result<T, Error>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What kind of thing is wrong: a stable word for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }
        }
    };
}

codes! {
    /// The text is not JSON (or YAML, or TOML).
    BadJson = "bad_json",
    /// The bytes are not UTF-8.
    InvalidUtf8 = "invalid_utf8",
    /// The document is larger than [`MAX_DOCUMENT_BYTES`](crate::limits::MAX_DOCUMENT_BYTES).
    TooLarge = "too_large",
    /// The document is nested deeper than [`MAX_DEPTH`](crate::limits::MAX_DEPTH).
    TooDeep = "too_deep",
    /// The same key stands twice in one object.
    DuplicateKey = "duplicate_key",
    /// A key that has no meaning there.
    UnknownKey = "unknown_key",
    /// A required key is absent.
    MissingKey = "missing_key",
    /// A value of another JSON type was expected.
    WrongType = "wrong_type",
    /// None, or several, of the forms that exclude each other.
    WrongForm = "wrong_form",
    /// Money or a fraction as a JSON number.
    ExpectedDecimalString = "expected_decimal_string",
    /// Not a decimal.
    BadDecimal = "bad_decimal",
    /// More decimals than allowed.
    TooManyPlaces = "too_many_places",
    /// Below zero where that means nothing.
    Negative = "negative",
    /// Beyond a bound of [`limits`](crate::limits).
    OutOfRange = "out_of_range",
    /// A sum beyond [`MAX_AMOUNT`](crate::limits::MAX_AMOUNT).
    AmountTooLarge = "amount_too_large",
    /// Quantities that add up beyond [`MAX_QUANTITY`](crate::limits::MAX_QUANTITY).
    QuantityTooLarge = "quantity_too_large",
    /// An id that is empty, too long, or has other characters.
    BadId = "bad_id",
    /// A word that is not one of those allowed.
    UnknownValue = "unknown_value",
    /// No such operation.
    UnknownOperation = "unknown_operation",
    /// No such tier (D8).
    UnknownTier = "unknown_tier",
    /// No such meter.
    UnknownMeter = "unknown_meter",
    /// No such feature.
    UnknownFeature = "unknown_feature",
    /// Not a currency of ISO 4217.
    UnknownCurrency = "unknown_currency",
    /// No such price model.
    UnknownModel = "unknown_model",
    /// Known to the format, not to this version.
    NotSupported = "not_supported",
    /// A catalog of another format.
    UnsupportedFormat = "unsupported_format",
    /// The second of two ids that must differ.
    DuplicateId = "duplicate_id",
    /// The second price on one meter of a tier.
    DuplicatePrice = "duplicate_price",
    /// The second meter of kind `active_days`.
    DuplicateMeter = "duplicate_meter",
    /// Two tiers of the same rank.
    RankTie = "rank_tie",
    /// Bands in the `upTo` and in the `from`/`to` form.
    MixedForms = "mixed_forms",
    /// Bands that do not rise (P1).
    BandOrder = "band_order",
    /// A gap between bands (P1).
    BandGap = "band_gap",
    /// Bands that overlap (P1).
    BandOverlap = "band_overlap",
    /// The last band has an end (P1).
    NoOpenBand = "no_open_band",
    /// A band without end that is not the last (P1).
    OpenBandNotLast = "open_band_not_last",
    /// The tier has no price on that meter.
    MissingPrice = "missing_price",
    /// Not a time of RFC 3339 within the years allowed.
    BadTime = "bad_time",
    /// Not a day within the years allowed.
    BadDate = "bad_date",
    /// Not a period within the years allowed.
    BadPeriod = "bad_period",
    /// `from` lies after `to`.
    DateOrder = "date_order",
    /// An event earlier than the one before it.
    EventOutOfOrder = "event_out_of_order",
    /// An event of an account that was deleted.
    EventAfterEnd = "event_after_end",
    /// An event of an account that was not created yet.
    EventBeforeCreation = "event_before_creation",
    /// A second creation of one account.
    AlreadyCreated = "already_created",
    /// A change to an archived account (L4).
    AccountArchived = "account_archived",
    /// A change to the tier the account has (D1).
    SameTier = "same_tier",
}

/// How much of a wrong text an error repeats, in characters.
const MAX_SHOWN_CHARS: usize = 40;
/// How long a message or a help may be, in characters.
const MAX_MESSAGE_CHARS: usize = 1000;
/// How much of one key a path holds, in characters.
const MAX_KEY_CHARS: usize = 128;

/// A text cut to what an error may repeat.
pub(crate) fn short(text: &str) -> String {
    cut(&text, MAX_SHOWN_CHARS)
}

/// A text of at most so many characters, so that an error stays small whatever the input is.
#[inline(never)]
fn cut(text: &dyn fmt::Display, most: usize) -> String {
    let text = format!("{text}");
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text,
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with an input: [`code`](Error::code), [`path`](Error::path),
/// [`message`](Error::message) and [`help`](Error::help).
///
/// ```
/// use tierwise::{Code, UnitPrice};
/// let error = UnitPrice::parse("0.1234567").unwrap_err();
/// assert_eq!(error.code(), Code::TooManyPlaces);
/// assert_eq!(error.to_string(), "`0.1234567` has 7 decimals, at most 6 are allowed");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    path: String,
    message: String,
    help: String,
}

impl Error {
    /// An error about the value at hand; [`under`](Self::under) says where that stands.
    #[cold]
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self::build(code, &message)
    }

    #[cold]
    #[inline(never)]
    fn build(code: Code, message: &dyn fmt::Display) -> Self {
        let (path, help) = (String::new(), String::new());
        Error(Box::new(Inner { code, path, message: cut(message, MAX_MESSAGE_CHARS), help }))
    }

    /// The same error with a word on how to mend it.
    #[must_use]
    pub fn with_help(self, help: impl fmt::Display) -> Self {
        self.with(&help)
    }

    #[cold]
    #[inline(never)]
    fn with(mut self, help: &dyn fmt::Display) -> Self {
        self.0.help = cut(help, MAX_MESSAGE_CHARS);
        self
    }

    /// The same error, help included, about a name that is not one of `known`.
    #[must_use]
    pub fn with_nearest<'a>(self, name: &str, mut known: impl Iterator<Item = &'a str>) -> Self {
        self.near(name, &mut known)
    }

    #[cold]
    #[inline(never)]
    fn near(self, name: &str, known: &mut dyn Iterator<Item = &str>) -> Self {
        let known: Vec<&str> = known.collect();
        let help = nearest::help(name, &known);
        self.with(&help)
    }

    /// The same error seen from the object or list that holds the value under `key`.
    #[must_use]
    pub fn under(self, key: impl fmt::Display) -> Self {
        self.below(&key)
    }

    #[cold]
    #[inline(never)]
    fn below(mut self, key: &dyn fmt::Display) -> Self {
        let mut path = String::from("/");
        for letter in cut(key, MAX_KEY_CHARS).chars() {
            match letter {
                '~' => path.push_str("~0"),
                '/' => path.push_str("~1"),
                letter => path.push(letter),
            }
        }
        path.push_str(&self.0.path);
        self.0.path = path;
        self
    }

    /// The same error below a JSON pointer that is whole already.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn at(mut self, pointer: &str) -> Self {
        self.0.path = format!("{pointer}{}", self.0.path);
        self
    }

    /// The kind of error, stable, for programs.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The JSON pointer (RFC 6901) of the wrong value within the input.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong and what was expected, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How to mend it; may be empty.
    pub fn help(&self) -> &str {
        &self.0.help
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("path", &self.0.path)
            .field("message", &self.0.message)
            .field("help", &self.0.help)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.0.path)?;
        }
        f.write_str(&self.0.message)
    }
}

impl core::error::Error for Error {}
