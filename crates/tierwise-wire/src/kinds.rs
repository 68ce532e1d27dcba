//! The kinds of values that requests and answers are made of: each knows its shape.

use alloc::{string::String, vec::Vec};

use tierwise::{Amount, ById, Code, Day, FixedAmount, Instant, Period, Quantity, UnitPrice, Word};

use crate::shape::{Described, NameKind, Presence, Shape, WordList};

/// The id of a tier.
#[derive(Clone, Copy, Default)]
pub(crate) struct TierId<'a>(pub(crate) &'a str);

/// The id of a tier, kept.
pub(crate) struct TierName(pub(crate) String);

/// A fixed word.
#[derive(Clone, Copy, Default)]
pub(crate) struct OneOf<T>(pub(crate) T);

/// What may be null.
#[derive(Clone, Copy)]
pub(crate) struct OrNull<T>(pub(crate) Option<T>);

/// What may be left out, for a default that is not its type's.
#[derive(Clone, Copy)]
pub(crate) struct OrElse<T>(pub(crate) Option<T>);

/// What may be left out, for its type's default.
#[derive(Clone, Copy)]
pub(crate) struct OrDefault<T>(pub(crate) T);

/// Values by tier.
pub(crate) struct ByTier<T>(pub(crate) T);
/// Values by meter.
#[derive(Default)]
pub(crate) struct ByMeter<T>(pub(crate) T);
/// Values by feature.
#[derive(Default)]
pub(crate) struct ByFeature<T>(pub(crate) T);

macro_rules! shapes {
    ($($type:ty => $shape:ident,)*) => {
        $(impl Described for $type {
            const SHAPE: Shape = Shape::$shape;
        })*
    };
}

shapes! {
    bool => Boolean,
    u64 => Whole,
    i64 => Integer,
    &str => Text,
    String => Text,
    TierId<'_> => TierId,
    TierName => TierId,
    UnitPrice => Price,
    Quantity => Quantity,
    Amount => Amount,
    FixedAmount => Amount,
    Day => Day,
    Instant => Instant,
    Period => Period,
}

impl<T: Word> Described for OneOf<T> {
    const SHAPE: Shape = Shape::Word(&WordList {
        what: T::WHAT,
        words: T::WORDS,
        later: &[],
        unknown: Code::UnknownValue,
    });
}

impl<T: Described> Described for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Optional;
}

impl<T: Described> Described for OrNull<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Nullable;
}

impl<T: Described> Described for OrDefault<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Defaulted;
}

impl<T: Described> Described for OrElse<T> {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = Presence::Defaulted;
}

impl<T: Described> Described for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: Described> Described for &T {
    const SHAPE: Shape = T::SHAPE;
    const PRESENCE: Presence = T::PRESENCE;
}

impl<T: Described> Described for &[T] {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: Described> Described for ByMeter<ById<T>> {
    const SHAPE: Shape = Shape::Names(NameKind::Meter, &T::SHAPE);
}

impl<T: Described> Described for ByFeature<ById<T>> {
    const SHAPE: Shape = Shape::Names(NameKind::Feature, &T::SHAPE);
}

impl<T: Described> Described for ByMeter<&ById<T>> {
    const SHAPE: Shape = Shape::Names(NameKind::Meter, &T::SHAPE);
}

impl<T: Described> Described for ByFeature<&ById<T>> {
    const SHAPE: Shape = Shape::Names(NameKind::Feature, &T::SHAPE);
}

impl<T: Described> Described for ByTier<&[(&str, T)]> {
    const SHAPE: Shape = Shape::Names(NameKind::Tier, &T::SHAPE);
}

impl<T: Described, E: Described> Described for core::result::Result<T, E> {
    const SHAPE: Shape = Shape::Either(&T::SHAPE, &E::SHAPE);
}
