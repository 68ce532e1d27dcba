//! Fixed words of the catalog and of requests: one table for parsing, printing and help.

/// A value that stands in JSON as one of a few fixed words.
pub trait Word: Copy + Sized + 'static {
    /// What the words are, for messages: "rounding mode".
    const WHAT: &'static str;
    /// Every word with its value.
    const ALL: &'static [(&'static str, Self)];

    /// The word of this value.
    fn as_str(self) -> &'static str;

    /// The value of a word. Errors: `unknown_value`.
    fn from_word(word: &str) -> crate::Result<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).ok_or_else(
            || {
                crate::Error::new(
                    crate::Code::UnknownValue,
                    format_args!("`{word}` is not a {}", Self::WHAT),
                )
                .with_nearest(word, Self::ALL.iter().map(|(known, _)| *known))
            },
        )
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
            const ALL: &'static [(&'static str, Self)] = &[$(($word, $name::$value),)*];

            fn as_str(self) -> &'static str {
                match self { $($name::$value => $word,)* }
            }
        }
    };
}
pub(crate) use words;
