//! Prices of a catalog file (M): which keys go with which model, and the two forms of bands (F1).

use alloc::string::String;

use tierwise::{BandFromTo, BandUpTo, Bands, Code, Error, PriceModel, PriceSpec, Result};

use crate::{
    document::Document,
    fields::{Fields, Read, misplaced_key, not_supported, read_list, wrong_type},
};

/// Models that the format knows and this version does not price.
const LATER_MODELS: [&str; 7] =
    ["volume", "stairstep", "package", "percentage", "graduated_percentage", "capacity", "dynamic"];
/// Keys that the format knows and this version does not support.
const LATER_KEYS: [&str; 6] = ["convert", "included", "discounts", "maximum", "minimum", "credits"];
const LATER_BAND_KEYS: [&str; 2] = ["size", "cap"];

/// Models, each with the keys of its own.
const MODELS: [(&str, Model, &[&str]); 3] = [
    ("per_unit", Model::PerUnit, &["unitPrice"]),
    ("flat", Model::Flat, &["amount", "feeAtZero"]),
    ("graduated", Model::Graduated, &["bands", "feeAtZero"]),
];
/// Keys that belong to some model.
const MODEL_KEYS: [&str; 4] = ["unitPrice", "amount", "bands", "feeAtZero"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Model {
    #[default]
    PerUnit,
    Flat,
    Graduated,
}

pub(super) fn read_price(document: &Document) -> Result<PriceSpec> {
    let known = [&["id", "meter", "model"], &MODEL_KEYS[..], &LATER_KEYS[..]].concat();
    let mut fields = Fields::of(document, &known);
    fields.none_of(&LATER_KEYS);
    let (name, model, own_keys) = fields.required_part("model", read_model);
    for key in MODEL_KEYS {
        if fields.get(key).is_some() && !own_keys.contains(&key) {
            fields.refuse(misplaced_key(key, &format_args!("a price of model `{name}`")));
        }
    }
    let fee_at_zero = fields.optional("feeAtZero").unwrap_or_default();
    let model = match model {
        Model::PerUnit => PriceModel::PerUnit { unit_price: fields.required("unitPrice") },
        Model::Flat => PriceModel::Flat { amount: fields.required("amount"), fee_at_zero },
        Model::Graduated => {
            PriceModel::Graduated { bands: fields.required_part("bands", read_bands), fee_at_zero }
        }
    };
    let price = PriceSpec { id: fields.required("id"), meter: fields.required("meter"), model };
    fields.made(price)
}

fn read_model(document: &Document) -> Result<(&'static str, Model, &'static [&'static str])> {
    let name = String::read(document)?;
    if let Some(model) = MODELS.iter().find(|(known, ..)| *known == name) {
        return Ok(*model);
    }
    if LATER_MODELS.contains(&name.as_str()) {
        return Err(not_supported(&format_args!("the price model `{name}`")));
    }
    let known = MODELS.iter().map(|(known, ..)| *known).chain(LATER_MODELS);
    Err(Error::new(Code::UnknownModel, format_args!("`{name}` is not a price model"))
        .with_nearest(&name, known))
}

/// The two forms of a band; all bands of a price are in the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    UpTo,
    FromTo,
}

fn read_bands(document: &Document) -> Result<Bands> {
    let Document::List(list) = document else { return Err(wrong_type("a list", document)) };
    let mut form = None;
    for (i, band) in list.iter().enumerate() {
        let own = form_of(band).map_err(|error| error.under(i))?;
        if *form.get_or_insert(own) != own {
            return Err(mixed_forms("the bands are in both forms").under(i));
        }
    }
    Ok(match form {
        Some(Form::FromTo) => Bands::FromTo(read_list(document, read_from_to)?),
        _ => Bands::UpTo(read_list(document, read_up_to)?),
    })
}

fn form_of(document: &Document) -> Result<Form> {
    let known = ["upTo", "unitPrice", "flatFee", "from", "to", "price", "size", "cap"];
    let mut fields = Fields::of(document, &known);
    fields.none_of(&LATER_BAND_KEYS);
    let has_any = |keys: &[&str]| keys.iter().any(|key| fields.get(key).is_some());
    let form = match (has_any(&["upTo", "unitPrice"]), has_any(&["from", "to", "price"])) {
        (true, false) => Ok(Form::UpTo),
        (false, true) => Ok(Form::FromTo),
        (true, true) => Err(mixed_forms("the band has keys of both forms")),
        (false, false) => Err(mixed_forms("the band has keys of neither form")),
    };
    fields.done()?;
    form
}

fn mixed_forms(message: &str) -> Error {
    Error::new(Code::MixedForms, message)
        .with_help("write each band as `{upTo, unitPrice}`, or each as `{from, to, price}`")
}

fn read_up_to(document: &Document) -> Result<BandUpTo> {
    let mut fields = Fields::of(document, &["upTo", "unitPrice", "flatFee"]);
    let band = BandUpTo {
        up_to: fields.nullable("upTo"),
        unit_price: fields.required("unitPrice"),
        flat_fee: fields.optional("flatFee").unwrap_or_default(),
    };
    fields.made(band)
}

fn read_from_to(document: &Document) -> Result<BandFromTo> {
    let mut fields = Fields::of(document, &["from", "to", "price", "flatFee"]);
    let band = BandFromTo {
        from: fields.required("from"),
        to: fields.nullable("to"),
        unit_price: fields.required("price"),
        flat_fee: fields.optional("flatFee").unwrap_or_default(),
    };
    fields.made(band)
}
