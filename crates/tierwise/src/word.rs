//! Fixed words of the catalog and of requests: one table for parsing, printing and help.

/// A value that stands in JSON as one of a few fixed words.
pub trait Word: Copy + Sized + 'static {
    /// What the words are, for messages: "rounding mode".
    const WHAT: &'static str;
    /// Every word.
    const WORDS: &'static [&'static str];
    /// Their values, in the same order.
    const VALUES: &'static [Self];

    /// The word of this value.
    fn as_str(self) -> &'static str;

    /// The value of a word. Errors: `unknown_value`.
    fn from_word(word: &str) -> crate::Result<Self> {
        let place = Self::WORDS.iter().position(|known| *known == word);
        place.and_then(|place| Self::VALUES.get(place).copied()).ok_or_else(|| {
            let message = format_args!("`{word}` is not a {}", Self::WHAT);
            crate::Error::new(crate::Code::UnknownValue, message)
                .with_nearest(word, Self::WORDS.iter().copied())
        })
    }
}

macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident: $what:literal {
            $($(#[$value_doc:meta])* $value:ident = $word:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_doc])* $value,)* }

        impl $crate::word::Word for $name {
            const WHAT: &'static str = $what;
            const WORDS: &'static [&'static str] = &[$($word,)*];
            const VALUES: &'static [Self] = &[$($name::$value,)*];

            fn as_str(self) -> &'static str {
                match self { $($name::$value => $word,)* }
            }
        }
    };
}
pub(crate) use words;
