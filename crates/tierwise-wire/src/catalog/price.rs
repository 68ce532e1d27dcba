//! Prices of a catalog file (M): which keys go with which model, and the two forms of bands (F1).

use serde::{Deserialize, Deserializer};
use tierwise::{
    BandFromTo, BandUpTo, Bands, Code, Error, PriceModel, PriceSpec, Result, UnitPrice,
};

use crate::{
    document::{Refused, coded},
    fields::{Parsed, Text, Whole, optional, present},
    refusals::{Later, misplaced_key, missing_key, not_supported},
};

/// Models that the format knows and this version does not price.
const LATER_MODELS: [&str; 7] =
    ["volume", "stairstep", "package", "percentage", "graduated_percentage", "capacity", "dynamic"];
const MODELS: [&str; 3] = ["per_unit", "flat", "graduated"];

#[derive(Deserialize)]
#[serde(try_from = "PriceFields")]
pub(super) struct PriceDocument(pub(super) PriceSpec);

/// Every key of every model.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct PriceFields {
    id: Text,
    meter: Text,
    model: Model,
    #[serde(default, deserialize_with = "optional")]
    unit_price: Option<Parsed<UnitPrice>>,
    #[serde(default, deserialize_with = "optional")]
    amount: Option<Parsed<UnitPrice>>,
    #[serde(default, deserialize_with = "optional")]
    bands: Option<Vec<BandFields>>,
    #[serde(default, deserialize_with = "optional")]
    fee_at_zero: Option<bool>,
    #[serde(default, rename = "convert")]
    _convert: Option<Later>,
    #[serde(default, rename = "included")]
    _included: Option<Later>,
    #[serde(default, rename = "discounts")]
    _discounts: Option<Later>,
    #[serde(default, rename = "maximum")]
    _maximum: Option<Later>,
    #[serde(default, rename = "minimum")]
    _minimum: Option<Later>,
    #[serde(default, rename = "credits")]
    _credits: Option<Later>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    PerUnit,
    Flat,
    Graduated,
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?.0;
        match word.as_str() {
            "per_unit" => Ok(Model::PerUnit),
            "flat" => Ok(Model::Flat),
            "graduated" => Ok(Model::Graduated),
            later if LATER_MODELS.contains(&later) => {
                Err(coded(&not_supported(&format!("the price model `{later}`"))))
            }
            other => {
                let message = format!("`{other}` is not a price model");
                let known = MODELS.into_iter().chain(LATER_MODELS);
                Err(coded(&Error::new(Code::UnknownModel, message).with_nearest(other, known)))
            }
        }
    }
}

impl TryFrom<PriceFields> for PriceDocument {
    type Error = Refused;

    fn try_from(fields: PriceFields) -> std::result::Result<Self, Refused> {
        let model = fields.model()?;
        Ok(PriceDocument(PriceSpec { id: fields.id.0, meter: fields.meter.0, model }))
    }
}

impl PriceFields {
    fn model(&self) -> Result<PriceModel> {
        let (name, allowed): (&str, &[&str]) = match self.model {
            Model::PerUnit => ("a price of model `per_unit`", &["unitPrice"]),
            Model::Flat => ("a price of model `flat`", &["amount", "feeAtZero"]),
            Model::Graduated => ("a price of model `graduated`", &["bands", "feeAtZero"]),
        };
        let written = [
            ("unitPrice", self.unit_price.is_some()),
            ("amount", self.amount.is_some()),
            ("bands", self.bands.is_some()),
            ("feeAtZero", self.fee_at_zero.is_some()),
        ];
        for (key, is_written) in written {
            if is_written && !allowed.contains(&key) {
                return Err(misplaced_key(key, name));
            }
        }
        let fee_at_zero = self.fee_at_zero.unwrap_or(false);
        match self.model {
            Model::PerUnit => {
                let unit_price = self.unit_price.ok_or_else(|| missing_key("unitPrice"))?.0;
                Ok(PriceModel::PerUnit { unit_price })
            }
            Model::Flat => {
                let amount = self.amount.ok_or_else(|| missing_key("amount"))?.0;
                Ok(PriceModel::Flat { amount, fee_at_zero })
            }
            Model::Graduated => {
                let fields = self.bands.as_ref().ok_or_else(|| missing_key("bands"))?;
                let bands = bands(fields).map_err(|error| error.under("bands"))?;
                Ok(PriceModel::Graduated { bands, fee_at_zero })
            }
        }
    }
}

/// Every key of both forms of a band.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct BandFields {
    #[serde(default, deserialize_with = "present")]
    up_to: Option<Option<Whole>>,
    #[serde(default, deserialize_with = "optional")]
    unit_price: Option<Parsed<UnitPrice>>,
    #[serde(default, deserialize_with = "optional")]
    from: Option<Whole>,
    #[serde(default, deserialize_with = "present")]
    to: Option<Option<Whole>>,
    #[serde(default, deserialize_with = "optional")]
    price: Option<Parsed<UnitPrice>>,
    #[serde(default, deserialize_with = "optional")]
    flat_fee: Option<Parsed<UnitPrice>>,
    #[serde(default, rename = "size")]
    _size: Option<Later>,
    #[serde(default, rename = "cap")]
    _cap: Option<Later>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    UpTo,
    FromTo,
}

fn bands(fields: &[BandFields]) -> Result<Bands> {
    let mut form = None;
    for (i, band) in fields.iter().enumerate() {
        let own = band.form().map_err(|error| error.under(i))?;
        if *form.get_or_insert(own) != own {
            return Err(mixed_forms("the bands are in both forms").under(i));
        }
    }
    let under = |i: usize| move |error: Error| error.under(i);
    Ok(match form {
        Some(Form::FromTo) => Bands::FromTo(
            fields
                .iter()
                .enumerate()
                .map(|(i, band)| band.both_limits().map_err(under(i)))
                .collect::<Result<_>>()?,
        ),
        _ => Bands::UpTo(
            fields
                .iter()
                .enumerate()
                .map(|(i, band)| band.upper_limit().map_err(under(i)))
                .collect::<Result<_>>()?,
        ),
    })
}

fn mixed_forms(message: &str) -> Error {
    Error::new(Code::MixedForms, message)
        .with_help("write each band as `{upTo, unitPrice}`, or each as `{from, to, price}`")
}

impl BandFields {
    fn form(&self) -> Result<Form> {
        let is_up_to = self.up_to.is_some() || self.unit_price.is_some();
        let is_from_to = self.from.is_some() || self.to.is_some() || self.price.is_some();
        match (is_up_to, is_from_to) {
            (true, false) => Ok(Form::UpTo),
            (false, true) => Ok(Form::FromTo),
            (true, true) => Err(mixed_forms("the band has keys of both forms")),
            (false, false) => Err(mixed_forms("the band has keys of neither form")),
        }
    }

    fn upper_limit(&self) -> Result<BandUpTo> {
        Ok(BandUpTo {
            up_to: self.up_to.ok_or_else(|| missing_key("upTo"))?.map(|limit| limit.0),
            unit_price: self.unit_price.ok_or_else(|| missing_key("unitPrice"))?.0,
            flat_fee: self.flat_fee(),
        })
    }

    fn both_limits(&self) -> Result<BandFromTo> {
        Ok(BandFromTo {
            from: self.from.ok_or_else(|| missing_key("from"))?.0,
            to: self.to.ok_or_else(|| missing_key("to"))?.map(|limit| limit.0),
            unit_price: self.price.ok_or_else(|| missing_key("price"))?.0,
            flat_fee: self.flat_fee(),
        })
    }

    fn flat_fee(&self) -> UnitPrice {
        self.flat_fee.map_or(UnitPrice::ZERO, |fee| fee.0)
    }
}
