//! From a catalog as written to one that answers: every check of `docs/catalog.md`.

use alloc::{boxed::Box, vec, vec::Vec};

use super::{Catalog, CatalogSpec, CreationCharge, MeterKind, Tier, TierIndex, TierSpec, currency};
use crate::{
    by_id::ById,
    error::{Code, Error, Result, short},
    limits::{
        MAX_DISPLAY_DAYS, MAX_EFFECTS, MAX_FEATURES, MAX_ID_BYTES, MAX_METERS, MAX_NAME_CHARS,
        MAX_PRICES, MAX_QUANTITY, MAX_RANK, MAX_ROUNDING_PLACES, MAX_TIERS, MAX_UTC_OFFSET_MINUTES,
        MAX_VERSION_CHARS,
    },
    money::{Rounding, UnitPrice},
    price::{BandUpTo, Bands, Price, PriceModel, PriceSpec, check_bands},
};

pub(super) fn compile(mut spec: CatalogSpec) -> Result<Catalog> {
    let rounding = check_head(&spec)?;
    check_meters(&spec)?;
    check_features(&spec)?;
    if spec.tiers.is_empty() || spec.tiers.len() > MAX_TIERS {
        let message =
            format_args!("there are {} tiers, a catalog has 1 to {MAX_TIERS}", spec.tiers.len());
        return Err(Error::new(Code::OutOfRange, message).at("/tiers"));
    }
    let mut tiers = Vec::with_capacity(spec.tiers.len());
    for (i, tier) in spec.tiers.iter().enumerate() {
        let compiled = compile_tier(&spec, tier, tiers.as_slice())
            .map_err(|error| error.under(i).under("tiers"))?;
        tiers.push(compiled);
    }
    normalise_bands(&mut spec.tiers, &tiers);
    let tiers = by_rank(tiers);
    let mut catalog =
        Catalog { spec: Box::new(spec), rounding, tiers, default_tier: TierIndex::new(0) };
    if let Some(id) = &catalog.spec.default_tier {
        catalog.default_tier = catalog.tier(id).map_err(|error| error.at("/defaultTier"))?.index;
    }
    Ok(catalog)
}

fn check_head(spec: &CatalogSpec) -> Result<Rounding> {
    check_id(&spec.id).map_err(|error| error.at("/id"))?;
    check_length("a version", &spec.version, MAX_VERSION_CHARS)
        .map_err(|error| error.at("/version"))?;
    let Some(minor) = currency::minor_units(&spec.currency) else {
        let message = format_args!("`{}` is not a currency of ISO 4217", short(&spec.currency));
        return Err(Error::new(Code::UnknownCurrency, message)
            .with_nearest(&spec.currency, currency::codes())
            .at("/currency"));
    };
    let offset = i64::from(spec.calendar.utc_offset_minutes);
    if offset.abs() > MAX_UTC_OFFSET_MINUTES {
        return Err(out_of_range(offset, -MAX_UTC_OFFSET_MINUTES, MAX_UTC_OFFSET_MINUTES)
            .at("/period/utcOffsetMinutes"));
    }
    if !(1..=28).contains(&spec.calendar.anchor_day) {
        return Err(out_of_range(spec.calendar.anchor_day, 1, 28).at("/period/anchorDay"));
    }
    if !(1..=MAX_DISPLAY_DAYS).contains(&spec.display.days) {
        return Err(out_of_range(spec.display.days, 1, MAX_DISPLAY_DAYS).at("/display/days"));
    }
    if spec.display.step.is_zero() {
        return Err(Error::new(Code::OutOfRange, "the step must be above 0").at("/display/step"));
    }
    let places = spec.rounding.places.unwrap_or(minor);
    if places > MAX_ROUNDING_PLACES {
        return Err(out_of_range(places, 0, MAX_ROUNDING_PLACES).at("/rounding/places"));
    }
    Ok(Rounding { mode: spec.rounding.mode, places })
}

fn check_meters(spec: &CatalogSpec) -> Result<()> {
    check_count("meters", spec.meters.len(), MAX_METERS).map_err(|error| error.at("/meters"))?;
    let mut days: Option<&str> = None;
    for (id, kind) in spec.meters.iter() {
        check_id(id).map_err(|error| error.under(id).at("/meters"))?;
        if *kind == MeterKind::ActiveDays
            && let Some(first) = days.replace(id)
        {
            let message = format_args!("`{first}` counts account-days already, one meter may");
            return Err(Error::new(Code::DuplicateMeter, message).under(id).at("/meters"));
        }
    }
    Ok(())
}

fn check_features(spec: &CatalogSpec) -> Result<()> {
    check_count("features", spec.features.len(), MAX_FEATURES)
        .map_err(|error| error.at("/features"))?;
    for (id, feature) in spec.features.iter() {
        let check = || {
            check_id(id)?;
            if let Some(unit) = &feature.unit {
                check_id(unit).map_err(|error| error.under("unit"))?;
            }
            for (key, words) in [("onLoss", &feature.on_loss), ("onGain", &feature.on_gain)] {
                check_count("effects", words.len(), MAX_EFFECTS)
                    .map_err(|error| error.under(key))?;
                for (i, word) in words.iter().enumerate() {
                    check_id(word).map_err(|error| error.under(i).under(key))?;
                }
            }
            Ok(())
        };
        check().map_err(|error: Error| error.under(id).at("/features"))?;
    }
    Ok(())
}

fn compile_tier(spec: &CatalogSpec, tier: &TierSpec, before: &[Tier]) -> Result<Tier> {
    check_id(&tier.id).map_err(|error| error.under("id"))?;
    if before.iter().any(|other| other.id == tier.id) {
        let message = format_args!("there is a tier `{}` already", tier.id);
        return Err(Error::new(Code::DuplicateId, message).under("id"));
    }
    if let Some(name) = &tier.name {
        check_length("a name", name, MAX_NAME_CHARS).map_err(|error| error.under("name"))?;
    }
    if !(1..=MAX_RANK).contains(&tier.rank) {
        return Err(out_of_range(tier.rank, 1, MAX_RANK).under("rank"));
    }
    if let Some(other) = before.iter().find(|other| other.rank == tier.rank) {
        let message = format_args!("tier `{}` has rank {} already", other.id, tier.rank);
        return Err(Error::new(Code::RankTie, message)
            .with_help("ranks say which change is an upgrade: give each tier its own")
            .under("rank"));
    }
    check_allowances(spec, tier)?;
    let prices = compile_prices(spec, tier)?;
    let account_days = prices.iter().position(|price| is_account_days(&spec.meters, price.meter()));
    if tier.creation_charge == Some(CreationCharge::DayRate) && account_days.is_none() {
        let message = "the day rate needs a price on a meter of kind `active_days`";
        return Err(Error::new(Code::MissingPrice, message).under("mode").under("creationCharge"));
    }
    Ok(Tier {
        index: TierIndex::default(),
        id: tier.id.clone(),
        name: tier.name.clone(),
        rank: tier.rank,
        features: tier.features.clone(),
        limits: tier.limits.clone(),
        creation_charge: tier.creation_charge,
        prices,
        account_days,
    })
}

fn check_allowances(spec: &CatalogSpec, tier: &TierSpec) -> Result<()> {
    for (id, max) in tier.features.iter() {
        let in_feature = |error: Error| error.under(id).under("features");
        if !spec.features.contains(id) {
            let message = format_args!("`{}` is not a feature of the catalog", short(id));
            return Err(in_feature(
                Error::new(Code::UnknownFeature, message).with_nearest(id, spec.features.ids()),
            ));
        }
        check_max(max.unwrap_or(0)).map_err(in_feature)?;
    }
    for (id, limit) in tier.limits.iter() {
        let in_limit = |error: Error| error.under(id).under("limits");
        if !spec.meters.contains(id) {
            return Err(in_limit(unknown_meter(spec, id)));
        }
        check_max(limit.max).map_err(in_limit)?;
    }
    Ok(())
}

fn check_max(max: u64) -> Result<()> {
    if max > MAX_QUANTITY {
        return Err(out_of_range(max, 0, MAX_QUANTITY).under("max"));
    }
    Ok(())
}

fn compile_prices(spec: &CatalogSpec, tier: &TierSpec) -> Result<Vec<Price>> {
    check_count("prices", tier.prices.len(), MAX_PRICES).map_err(|error| error.under("prices"))?;
    let mut prices: Vec<Price> = Vec::with_capacity(tier.prices.len());
    for (i, price) in tier.prices.iter().enumerate() {
        let compiled =
            compile_price(spec, price, &prices).map_err(|error| error.under(i).under("prices"))?;
        prices.push(compiled);
    }
    Ok(prices)
}

fn compile_price(spec: &CatalogSpec, price: &PriceSpec, before: &[Price]) -> Result<Price> {
    check_id(&price.id).map_err(|error| error.under("id"))?;
    if before.iter().any(|other| other.id() == price.id) {
        let message = format_args!("the tier has a price `{}` already", price.id);
        return Err(Error::new(Code::DuplicateId, message).under("id"));
    }
    if !spec.meters.contains(&price.meter) {
        return Err(unknown_meter(spec, &price.meter).under("meter"));
    }
    if let Some(other) = before.iter().find(|other| other.meter() == price.meter) {
        let message = format_args!("price `{}` prices meter `{}` already", other.id(), price.meter);
        return Err(Error::new(Code::DuplicatePrice, message).under("meter"));
    }
    let up_to = match &price.model {
        PriceModel::PerUnit { unit_price } => one_band(*unit_price, UnitPrice::ZERO),
        PriceModel::Flat { amount, .. } => one_band(UnitPrice::ZERO, *amount),
        PriceModel::Graduated { bands, .. } => {
            check_bands(bands.clone()).map_err(|error| error.under("bands"))?
        }
    };
    Ok(Price::compile(price.id.clone(), price.meter.clone(), price.model.clone(), &up_to))
}

fn one_band(unit_price: UnitPrice, flat_fee: UnitPrice) -> Vec<BandUpTo> {
    vec![BandUpTo { up_to: None, unit_price, flat_fee }]
}

/// The tiers by rising rank, numbered. Few of them: each goes to its place.
fn by_rank(tiers: Vec<Tier>) -> Vec<Tier> {
    let mut ordered: Vec<Tier> = Vec::with_capacity(tiers.len());
    for tier in tiers {
        let place = ordered.partition_point(|other| other.rank < tier.rank);
        ordered.insert(place, tier);
    }
    for (i, tier) in ordered.iter_mut().enumerate() {
        tier.index = TierIndex::new(i);
    }
    ordered
}

/// Writes every band in the `upTo` form, so that a catalog has one canonical form (F4).
fn normalise_bands(specs: &mut [TierSpec], tiers: &[Tier]) {
    let prices = specs.iter_mut().flat_map(|tier| &mut tier.prices);
    for (spec, price) in prices.zip(tiers.iter().flat_map(|tier| &tier.prices)) {
        if let PriceModel::Graduated { bands, .. } = &mut spec.model {
            let up_to = price.bands().iter().map(|band| BandUpTo {
                up_to: band.to(),
                unit_price: band.unit_price(),
                flat_fee: band.flat_fee(),
            });
            *bands = Bands::UpTo(up_to.collect());
        }
    }
}

fn is_account_days(meters: &ById<MeterKind>, meter: &str) -> bool {
    meters.get(meter) == Some(&MeterKind::ActiveDays)
}

pub(super) fn unknown_meter(spec: &CatalogSpec, id: &str) -> Error {
    Error::new(Code::UnknownMeter, format_args!("`{}` is not a meter of the catalog", short(id)))
        .with_nearest(id, spec.meters.ids())
}

fn check_id(id: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(Error::new(Code::BadId, format_args!("`{}` is not an id", short(id)))
        .with_help(format_args!("use 1 to {MAX_ID_BYTES} ASCII letters, digits, `_`, `-` or `.`")))
}

fn check_length(what: &str, text: &str, max: usize) -> Result<()> {
    let length = text.chars().count();
    if (1..=max).contains(&length) {
        return Ok(());
    }
    let message = format_args!("{what} has {length} characters, 1 to {max} are allowed");
    Err(Error::new(Code::OutOfRange, message))
}

fn check_count(what: &str, count: usize, max: usize) -> Result<()> {
    if count <= max {
        return Ok(());
    }
    let message = format_args!("there are {count} {what}, at most {max} are allowed");
    Err(Error::new(Code::OutOfRange, message))
}

fn out_of_range<T: core::fmt::Display>(value: T, least: T, most: T) -> Error {
    Error::new(Code::OutOfRange, format_args!("`{value}` is not in {least} to {most}"))
}
