//! Checked values as the types they stand for. INVARIANT: a value was read by the shape of the type
//! that takes it, so that nothing can fail here; what cannot be stands as the type's default.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use tierwise::{Amount, ById, Day, Instant, Quantity, UnitPrice, Word};

use super::Value;
use crate::{
    kinds::{ByFeature, ByMeter, OneOf, OrDefault, OrElse, OrNull, TierId, TierName},
    shape::Described,
};

/// A type that a checked value stands for.
pub(crate) trait Take<'a>: Described + Sized {
    /// The value as this type.
    fn take(value: &Value<'a>) -> Self;
}

/// The values of an object's fields, to be taken in the order of its shape.
pub(crate) struct Fields<'v, 'a>(&'v [Value<'a>]);

impl<'v, 'a> Fields<'v, 'a> {
    pub(crate) fn of(value: &'v Value<'a>) -> Self {
        if let Value::Object(values) = value { Fields(values) } else { Fields(&[]) }
    }

    #[inline(never)]
    fn next_value(&mut self) -> &'v Value<'a> {
        let Some((value, rest)) = self.0.split_first() else { return &Value::Absent };
        self.0 = rest;
        value
    }

    /// The value of the next field.
    pub(crate) fn next<T: Take<'a>>(&mut self) -> T {
        T::take(self.next_value())
    }
}

#[inline(never)]
fn whole(value: &Value<'_>) -> u64 {
    if let Value::Number(value) = value { u64::try_from(*value).unwrap_or(0) } else { 0 }
}

fn text<'a>(value: &Value<'a>) -> &'a str {
    if let Value::Text(text) = value { text } else { "" }
}

macro_rules! taken {
    ($($type:ty = $value:ident => $taken:expr;)*) => {
        $(impl<'a> Take<'a> for $type {
            fn take($value: &Value<'a>) -> Self {
                $taken
            }
        })*
    };
}

taken! {
    bool = value => matches!(value, Value::Boolean(true));
    u64 = value => whole(value);
    i64 = value => if let Value::Number(value) = value { *value } else { 0 };
    &'a str = value => text(value);
    String = value => text(value).to_owned();
    TierId<'a> = value => TierId(text(value));
    TierName = value => TierName(text(value).to_owned());
    UnitPrice = value => UnitPrice::from_millionths(whole(value)).unwrap_or_default();
    Quantity = value => Quantity::from_millionths(whole(value)).unwrap_or_default();
    Amount = value => if let Value::Amount(value) = value { *value } else { Amount::ZERO };
    Day = value => if let Value::Day(value) = value { *value } else { Day::default() };
    Instant = value => if let Value::Instant(value) = value { *value } else { Instant::default() };
}

impl<'a, T: Word + Default> Take<'a> for OneOf<T> {
    fn take(value: &Value<'a>) -> Self {
        let place = if let Value::Word(place) = value { *place } else { 0 };
        OneOf(T::VALUES.get(place).copied().unwrap_or_default())
    }
}

fn if_there<'a, T: Take<'a>>(value: &Value<'a>) -> Option<T> {
    match value {
        Value::Absent => None,
        value => Some(T::take(value)),
    }
}

impl<'a, T: Take<'a>> Take<'a> for Option<T> {
    fn take(value: &Value<'a>) -> Self {
        if_there(value)
    }
}

impl<'a, T: Take<'a>> Take<'a> for OrNull<T> {
    fn take(value: &Value<'a>) -> Self {
        OrNull(if_there(value))
    }
}

impl<'a, T: Take<'a>> Take<'a> for OrElse<T> {
    fn take(value: &Value<'a>) -> Self {
        OrElse(if_there(value))
    }
}

impl<'a, T: Take<'a> + Default> Take<'a> for OrDefault<T> {
    fn take(value: &Value<'a>) -> Self {
        OrDefault(if_there(value).unwrap_or_default())
    }
}

impl<'a, T: Take<'a>> Take<'a> for Vec<T> {
    fn take(value: &Value<'a>) -> Self {
        match value {
            Value::List(values) => values.iter().map(T::take).collect(),
            _ => Vec::new(),
        }
    }
}

fn by_id<'a, T: Take<'a>>(value: &Value<'a>) -> ById<T> {
    let mut named = ById::default();
    if let Value::Names(values) = value {
        for (name, value) in values {
            named.insert((*name).to_owned(), T::take(value));
        }
    }
    named
}

impl<'a, T: Take<'a>> Take<'a> for ByMeter<ById<T>> {
    fn take(value: &Value<'a>) -> Self {
        ByMeter(by_id(value))
    }
}

impl<'a, T: Take<'a>> Take<'a> for ByFeature<ById<T>> {
    fn take(value: &Value<'a>) -> Self {
        ByFeature(by_id(value))
    }
}

/// A request: a type with a field for each key, and the table of its shape. A field is named as its
/// key, or `field as "key"`.
macro_rules! request {
    (
        $(#[doc = $about:literal])*
        struct $name:ident$(<$life:lifetime>)? = $word:literal {
            $($(#[doc = $doc:literal])* $field:ident $(as $key:literal)?: $type:ty,)*
        }
    ) => {
        $(#[doc = $about])*
        pub(super) struct $name$(<$life>)? {
            $($(#[doc = $doc])* pub(super) $field: $type,)*
        }

        $crate::read::as_read! {
            $(#[doc = $about])*
            $name$(<$life>)? = $word {
                $($(#[doc = $doc])* $field $(as $key)?: $type,)*
            }
        }
    };
}
pub(crate) use request;

/// The same for a type of the core: its fields are set from the values, or from what `=>` makes of
/// them.
macro_rules! as_read {
    (
        $(#[doc = $about:literal])*
        $name:ident<$life:lifetime> = $word:literal { $($fields:tt)* }
    ) => {
        $crate::read::as_read! { @ [$($about)*] $life ($name<$life>) $name $word { $($fields)* } }
    };
    (
        $(#[doc = $about:literal])*
        $name:ident = $word:literal { $($fields:tt)* }
    ) => {
        $crate::read::as_read! { @ [$($about)*] 'a ($name) $name $word { $($fields)* } }
    };
    (@ [$($about:literal)*] $life:lifetime ($type:ty) $name:ident $word:literal {
        $(
            $(#[doc = $doc:literal])*
            $field:ident $(as $key:literal)?: $kind:ty $(=> $made:expr)?,
        )*
    }) => {
        impl<$life> $crate::shape::Described for $type {
            const SHAPE: $crate::shape::Shape =
                $crate::shape::Shape::Object(&$crate::shape::ObjectShape::new(
                    $word,
                    concat!($($about, "\n",)*),
                    &[$($crate::shape::Field::of::<$kind>(
                        $crate::read::as_read!(@key $field $($key)?),
                        concat!($($doc, "\n",)*),
                    ),)*],
                ));
        }

        impl<$life> $crate::read::Take<$life> for $type {
            fn take(value: &$crate::read::Value<$life>) -> Self {
                let mut fields = $crate::read::Fields::of(value);
                $name { $($field: {
                    let value: $kind = fields.next();
                    $crate::read::as_read!(@made value $(=> $made)?)
                },)* }
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@made $value:ident) => { $value };
    (@made $value:ident => $made:expr) => { ($made)($value) };
}
pub(crate) use as_read;
