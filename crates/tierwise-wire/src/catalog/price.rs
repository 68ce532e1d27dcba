//! Prices of a catalog file (M): which keys go with which model, and the two forms of bands (F1).

use alloc::{string::String, vec::Vec};

use tierwise::{BandFromTo, BandUpTo, Bands, Code, PriceModel, PriceSpec, UnitPrice};

use crate::{
    kinds::OrNull,
    read::{Fields, Take, Value, as_read},
    shape::{Described, Field, ObjectShape, Shape, WordList},
    write::{Sink, Write},
};

/// The price models that this version prices, and those that the format knows.
const MODELS: WordList = WordList {
    what: "price model",
    words: &["per_unit", "flat", "graduated"],
    later: &[
        "volume",
        "stairstep",
        "package",
        "percentage",
        "graduated_percentage",
        "capacity",
        "dynamic",
    ],
    unknown: Code::UnknownModel,
};

/// A price model by its place in [`MODELS`].
pub(super) struct Model(pub(super) usize);

impl Described for Model {
    const SHAPE: Shape = Shape::Word(&MODELS);
}

impl<'a> Take<'a> for Model {
    fn take(value: &Value<'a>) -> Self {
        if let Value::Word(place) = value { Model(*place) } else { Model(0) }
    }
}

impl Write for Model {
    fn write<S: Sink>(&self, out: &mut S) {
        MODELS.words.get(self.0).copied().unwrap_or_default().write(out);
    }
}

impl Described for PriceSpec {
    const SHAPE: Shape = Shape::Object(
        &ObjectShape::new(
            "PriceDocument",
            "A price of a tier: one priced meter.",
            &[
                Field::of::<Model>("model", "How the quantity is priced (M)."),
                Field::of::<UnitPrice>("unitPrice", "The price of a unit.")
                    .required_for(&["per_unit"]),
                Field::of::<UnitPrice>("amount", "One amount, whatever the quantity.")
                    .required_for(&["flat"]),
                Field::of::<Bands>("bands", "Rising bands, each part at its own price (P3).")
                    .required_for(&["graduated"]),
                Field::of::<bool>("feeAtZero", "Whether the fee is due at quantity 0 too (M2).")
                    .optional_for(&["flat", "graduated"]),
                Field::of::<String>("id", "Names it within the tier."),
                Field::of::<String>("meter", "The meter that it prices."),
            ],
        )
        .tagged("model")
        .later(&["convert", "included", "discounts", "maximum", "minimum", "credits"]),
    );
}

impl<'a> Take<'a> for PriceSpec {
    fn take(value: &Value<'a>) -> Self {
        let mut fields = Fields::of(value);
        let Model(model) = fields.next();
        let (unit_price, amount, bands) = (fields.next(), fields.next(), fields.next());
        let fee_at_zero = fields.next();
        let model = match model {
            0 => PriceModel::PerUnit { unit_price },
            1 => PriceModel::Flat { amount, fee_at_zero },
            _ => PriceModel::Graduated { bands, fee_at_zero },
        };
        PriceSpec { id: fields.next(), meter: fields.next(), model }
    }
}

as_read! {
    /// A band with its upper limit.
    BandUpTo = "BandUpToDocument" {
        /// The last unit in it; null for the last band.
        up_to as "upTo": OrNull<u64> => |OrNull(up_to)| up_to,
        /// The price of a unit in it.
        unit_price as "unitPrice": UnitPrice,
        /// Due once when it is entered; nothing by default.
        flat_fee as "flatFee": Option<UnitPrice> => Option::unwrap_or_default,
    }
}

as_read! {
    /// A band with both limits.
    BandFromTo = "BandFromToDocument" {
        /// The first unit in it.
        from: u64,
        /// The last unit in it; null for the last band.
        to: OrNull<u64> => |OrNull(to)| to,
        /// The price of a unit in it.
        unit_price as "price": UnitPrice,
        /// Due once when it is entered; nothing by default.
        flat_fee as "flatFee": Option<UnitPrice> => Option::unwrap_or_default,
    }
}

/// Keys of a band that the format knows and this version does not support.
const LATER_BAND_KEYS: &[&str] = &["size", "cap"];

const fn band_form(shape: Shape) -> ObjectShape {
    match shape {
        Shape::Object(shape) => *shape,
        _ => ObjectShape::new("", "", &[]),
    }
}

impl Described for Bands {
    const SHAPE: Shape = Shape::Forms(&[
        band_form(BandUpTo::SHAPE).later(LATER_BAND_KEYS),
        band_form(BandFromTo::SHAPE),
    ]);
}

impl<'a> Take<'a> for Bands {
    fn take(value: &Value<'a>) -> Self {
        fn all<'a, T: Take<'a>>(values: &[Value<'a>]) -> Vec<T> {
            values.iter().map(T::take).collect()
        }
        match value {
            Value::Form(0, values) => Bands::UpTo(all(values)),
            Value::Form(_, values) => Bands::FromTo(all(values)),
            _ => Bands::default(),
        }
    }
}
