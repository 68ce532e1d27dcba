//! The canonical form of a catalog (F4): every default written out, bands in the `upTo` form,
//! canonical money, keys rising. It is a catalog file itself.

use alloc::string::String;

use tierwise::{
    BandUpTo, Bands, ById, Calendar, Catalog, CatalogSpec, CreationCharge, CreationMode, Day,
    Display, FeatureSpec, Limit, PeriodKind, PriceModel, PriceSpec, RoundingSpec, Rules, TierSpec,
    UnitPrice,
};

use super::{
    document::{Allowance, CatalogDocument, Meter},
    price::Model,
};
use crate::{
    kinds::{ByFeature, ByMeter, OneOf, OrNull, TierId},
    shape::{Described, Shape},
    write::as_written,
};

/// A catalog, to be written in its canonical form.
pub(crate) struct Canonical<'c>(pub(crate) &'c Catalog);

impl Described for Canonical<'_> {
    const SHAPE: Shape = CatalogDocument::SHAPE;
}

impl Canonical<'_> {
    fn spec(&self) -> &CatalogSpec {
        self.0.spec()
    }

    fn rounding(&self) -> RoundingSpec {
        let rounding = self.0.rounding();
        let apply = self.0.rounding_apply();
        RoundingSpec { mode: rounding.mode, places: Some(rounding.places), apply }
    }
}

as_written! { Canonical<'_>, |it| {
    "currency": &str = it.0.currency(),
    "defaultTier": TierId<'_> = TierId(it.0.default_tier().id()),
    "display": &Display = &it.spec().display,
    "effectiveFrom": Option<Day> = it.spec().effective_from,
    "features": ByFeature<&ById<FeatureSpec>> = ByFeature(&it.spec().features),
    "id": &str = it.0.id(),
    "meters": ByMeter<&ById<Meter>> = ByMeter(&it.spec().meters.clone().map(Meter)),
    "period": Calendar = it.0.calendar(),
    "rounding": RoundingSpec = it.rounding(),
    "rules": Rules = it.0.rules(),
    "tiers": &[TierSpec] = &it.spec().tiers,
    "tierwise": u64 = 1,
    "version": &str = it.0.version(),
} }

as_written! { Display, |it| {
    "days": u64 = it.days,
    "step": UnitPrice = it.step,
} }

as_written! { FeatureSpec, |it| {
    "onGain": &[String] = &it.on_gain,
    "onLoss": &[String] = &it.on_loss,
    "unit": Option<&str> = it.unit.as_deref(),
} }

as_written! { Meter, |it| {
    "kind": OneOf<_> = OneOf(it.0),
} }

as_written! { Calendar, |it| {
    "anchorDay": Option<u64> =
        (it.kind == PeriodKind::AnchoredMonth).then_some(u64::from(it.anchor_day)),
    "kind": OneOf<_> = OneOf(it.kind),
    "utcOffsetMinutes": i64 = it.utc_offset_minutes.into(),
} }

as_written! { RoundingSpec, |it| {
    "apply": OneOf<_> = OneOf(it.apply),
    "mode": OneOf<_> = OneOf(it.mode),
    "places": Option<u64> = it.places.map(u64::from),
} }

as_written! { Rules, |it| {
    "creationRate": OneOf<_> = OneOf(it.creation_rate),
    "creationRelation": OneOf<_> = OneOf(it.creation_relation),
    "endingDay": OneOf<_> = OneOf(it.ending_day),
    "mixedDay": OneOf<_> = OneOf(it.mixed_day),
} }

as_written! { TierSpec, |it| {
    "creationCharge": Option<CreationCharge> = it.creation_charge,
    "features": ByFeature<&ById<Allowance>> =
        ByFeature(&it.features.clone().map(|max| Allowance { max })),
    "id": TierId<'_> = TierId(&it.id),
    "limits": ByMeter<&ById<Limit>> = ByMeter(&it.limits),
    "name": Option<&str> = it.name.as_deref(),
    "prices": &[PriceSpec] = &it.prices,
    "rank": u64 = it.rank,
} }

as_written! { Allowance, |it| {
    "max": Option<u64> = it.max,
} }

as_written! { Limit, |it| {
    "kind": OneOf<_> = OneOf(it.kind),
    "max": u64 = it.max,
} }

fn mode_of(charge: CreationCharge) -> (CreationMode, Option<UnitPrice>) {
    match charge {
        CreationCharge::Fixed(amount) => (CreationMode::Fixed, Some(amount)),
        CreationCharge::DayRate => (CreationMode::DayRate, None),
    }
}

as_written! { CreationCharge, |it| {
    "amount": Option<UnitPrice> = mode_of(*it).1,
    "mode": OneOf<_> = OneOf(mode_of(*it).0),
} }

/// What the canonical form says of a price's model.
#[derive(Default)]
struct ModelKeys<'a> {
    amount: Option<UnitPrice>,
    bands: Option<&'a [BandUpTo]>,
    fee_at_zero: Option<bool>,
    place: usize,
    unit_price: Option<UnitPrice>,
}

fn keys_of(model: &PriceModel) -> ModelKeys<'_> {
    match model {
        PriceModel::PerUnit { unit_price } => {
            ModelKeys { place: 0, unit_price: Some(*unit_price), ..ModelKeys::default() }
        }
        PriceModel::Flat { amount, fee_at_zero } => ModelKeys {
            place: 1,
            amount: Some(*amount),
            fee_at_zero: Some(*fee_at_zero),
            ..ModelKeys::default()
        },
        PriceModel::Graduated { bands, fee_at_zero } => ModelKeys {
            place: 2,
            // A compiled catalog has its bands in this form.
            bands: if let Bands::UpTo(bands) = bands { Some(bands) } else { None },
            fee_at_zero: Some(*fee_at_zero),
            ..ModelKeys::default()
        },
    }
}

as_written! { PriceSpec, |it| {
    "amount": Option<UnitPrice> = keys_of(&it.model).amount,
    "bands": Option<&[BandUpTo]> = keys_of(&it.model).bands,
    "feeAtZero": Option<bool> = keys_of(&it.model).fee_at_zero,
    "id": &str = &it.id,
    "meter": &str = &it.meter,
    "model": Model = Model(keys_of(&it.model).place),
    "unitPrice": Option<UnitPrice> = keys_of(&it.model).unit_price,
} }

as_written! { BandUpTo, |it| {
    "flatFee": Option<UnitPrice> = (!it.flat_fee.is_zero()).then_some(it.flat_fee),
    "unitPrice": UnitPrice = it.unit_price,
    "upTo": OrNull<u64> = OrNull(it.up_to),
} }
