//! What requests and answers look like, as tables. The reader works by them, and the types of other
//! languages are generated from them: what they say cannot drift from what the engine does.

use tierwise::Code;

/// What a value looks like in JSON.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0 to [`MAX_QUANTITY`](tierwise::limits::MAX_QUANTITY).
    Whole,
    /// A whole number that may be negative.
    Integer,
    /// A string.
    Text,
    /// A string of an answer that is the catalog's own, or fixed: an id, a currency, a rule.
    Name,
    /// The equation of a row, which its other fields are enough to write (X1).
    Equation,
    /// The id of a tier of the catalog.
    TierId,
    /// A price as a decimal string, from 0, at most 6 decimals.
    Price,
    /// A quantity as a decimal string with at most 6 decimals; a request may write a whole number.
    Quantity,
    /// An amount of money as a decimal string with at most 12 decimals, maybe negative.
    Amount,
    /// An exact quotient as a string: a decimal where it ends, else `a/b`.
    Quotient,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A moment of RFC 3339.
    Instant,
    /// The name of a billing period: `YYYY-MM`, or `YYYY-MM-DD` where it begins on another day.
    Period,
    /// One of a few fixed words.
    Word(&'static WordList),
    /// A list.
    List(&'static Shape),
    /// An object whose keys are names.
    Names(NameKind, &'static Shape),
    /// An object with known keys.
    Object(&'static ObjectShape),
    /// A list of objects, all in the same of two forms (F1).
    Forms(&'static [ObjectShape; 2]),
    /// The one or the other: an answer, or why it is refused.
    Either(&'static Shape, &'static Shape),
}

/// What the keys of an object name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// Tiers of the catalog.
    Tier,
    /// Meters of the catalog.
    Meter,
    /// Features of the catalog.
    Feature,
}

/// A few fixed words.
#[derive(Clone, Copy, Debug)]
pub struct WordList {
    /// What they are, for messages: "rounding mode".
    pub what: &'static str,
    /// The words.
    pub words: &'static [&'static str],
    /// Words that the format knows and this version does not support.
    pub later: &'static [&'static str],
    /// The code of the error for another word.
    pub unknown: Code,
}

/// An object with known keys.
#[derive(Clone, Copy, Debug)]
pub struct ObjectShape {
    #[cfg_attr(not(feature = "notes"), expect(dead_code, reason = "read by generators of types"))]
    name: Note,
    #[cfg_attr(not(feature = "notes"), expect(dead_code, reason = "read by generators of types"))]
    about: Note,
    /// Its fields, in the order in which they are read or written.
    pub fields: &'static [Field],
    /// The field whose word decides which other fields there are; without it, its first word holds.
    pub tag: Option<&'static str>,
    /// Keys that the format knows and this version does not support.
    pub later: &'static [&'static str],
    /// Sets of keys of which exactly one stands, whole.
    pub alternatives: &'static [&'static [&'static str]],
}

/// One key of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    /// What stands there.
    pub shape: Shape,
    #[cfg_attr(not(feature = "notes"), expect(dead_code, reason = "read by generators of types"))]
    about: Note,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It must, and may be null.
    Nullable,
    /// It may be left out.
    Optional,
    /// It may be left out for a default, which the canonical form writes out.
    Defaulted,
    /// It must where the object's tag is one of these words, and may not elsewhere.
    RequiredFor(&'static [&'static str]),
    /// It may where the object's tag is one of these words, and may not elsewhere.
    OptionalFor(&'static [&'static str]),
}

/// Words for readers of generated types. Only kept where types are generated (the feature
/// `notes`): a module for browsers has no use for them.
#[derive(Clone, Copy, Debug)]
struct Note {
    #[cfg(feature = "notes")]
    text: &'static str,
}

impl Note {
    #[cfg(feature = "notes")]
    const fn new(text: &'static str) -> Self {
        Note { text }
    }

    #[cfg(not(feature = "notes"))]
    const fn new(_: &'static str) -> Self {
        Note {}
    }
}

impl ObjectShape {
    /// An object of these fields.
    pub(crate) const fn new(
        name: &'static str,
        about: &'static str,
        fields: &'static [Field],
    ) -> Self {
        let (name, about) = (Note::new(name), Note::new(about));
        ObjectShape { name, about, fields, tag: None, later: &[], alternatives: &[] }
    }

    /// The same with a field that decides which others there are.
    pub(crate) const fn tagged(mut self, tag: &'static str) -> Self {
        self.tag = Some(tag);
        self
    }

    /// The same with keys that are known and not supported.
    pub(crate) const fn later(mut self, keys: &'static [&'static str]) -> Self {
        self.later = keys;
        self
    }

    /// The same with sets of keys of which one stands.
    pub(crate) const fn one_of(mut self, sets: &'static [&'static [&'static str]]) -> Self {
        self.alternatives = sets;
        self
    }

    /// Its name among the types.
    #[cfg(feature = "notes")]
    pub const fn name(&self) -> &'static str {
        self.name.text
    }

    /// What it is.
    #[cfg(feature = "notes")]
    pub const fn about(&self) -> &'static str {
        self.about.text
    }
}

/// Whether keys rise by their bytes.
pub(crate) const fn are_rising(keys: &[&str]) -> bool {
    let mut i = 1;
    while i < keys.len() {
        if !is_before(keys[i - 1].as_bytes(), keys[i].as_bytes()) {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_before(before: &[u8], after: &[u8]) -> bool {
    let mut i = 0;
    while i < before.len() && i < after.len() {
        if before[i] != after[i] {
            return before[i] < after[i];
        }
        i += 1;
    }
    before.len() < after.len()
}

impl Field {
    /// A field of a described type.
    pub(crate) const fn of<T: Described>(key: &'static str, about: &'static str) -> Self {
        Field { key, presence: T::PRESENCE, shape: T::SHAPE, about: Note::new(about) }
    }

    /// The same, required for some words of the object's tag and nowhere else.
    pub(crate) const fn required_for(mut self, words: &'static [&'static str]) -> Self {
        self.presence = Presence::RequiredFor(words);
        self
    }

    /// The same, allowed for some words of the object's tag and nowhere else.
    pub(crate) const fn optional_for(mut self, words: &'static [&'static str]) -> Self {
        self.presence = Presence::OptionalFor(words);
        self
    }

    /// What it means.
    #[cfg(feature = "notes")]
    pub const fn about(&self) -> &'static str {
        self.about.text
    }
}

/// A type that stands for a value in JSON.
pub trait Described {
    /// What the value looks like.
    const SHAPE: Shape;
    /// Whether a field of it must be there.
    const PRESENCE: Presence = Presence::Required;
}
