//! What a catalog looks like from outside: its canonical form (F4) and its rate card (semantics.md,
//! section 12) with month prices (P6).

use alloc::vec::Vec;

use tierwise::{
    Amount, Calendar, Catalog, CreationCharge, Display, HISTORY_FEATURE, MESSAGE_METER, Result,
    RoundingMode, Rules, Tier, UnitPrice,
};

use crate::{
    catalog::{Canonical, LoadedCatalog},
    kinds::{OneOf, OrNull, TierId},
    read::{Take, Value},
    shape::{Described, ObjectShape, Shape},
    write::answer,
};

/// The catalog itself is asked for: there is nothing more to say.
pub(super) struct CatalogRequest;

impl Described for CatalogRequest {
    const SHAPE: Shape = Shape::Object(&ObjectShape::new("CatalogRequest", "Nothing.", &[]));
}

impl<'a> Take<'a> for CatalogRequest {
    fn take(_: &Value<'a>) -> Self {
        CatalogRequest
    }
}

/// A catalog and its rate card.
pub(super) struct CatalogAnswer<'c> {
    loaded: &'c LoadedCatalog,
    tiers: Vec<CardTier<'c>>,
}

answer! {
    /// The catalog, its fingerprint and its rate card.
    CatalogAnswer<'_> = "CatalogAnswer", |it| {
        /// The catalog in its canonical form: every default written out.
        "catalog": Canonical<'_> = Canonical(it.loaded.catalog()),
        /// SHA-256 of its canonical JSON, in hex (F4).
        "fingerprint": &str = it.loaded.fingerprint(),
        /// Its prices for people.
        "rateCard": RateCard<'_> = RateCard(it),
    }
}

struct RateCard<'a>(&'a CatalogAnswer<'a>);

impl RateCard<'_> {
    fn catalog(&self) -> &Catalog {
        self.0.loaded.catalog()
    }
}

answer! {
    /// The prices of a catalog for people.
    RateCard<'_> = "RateCard", |it| {
        /// Its currency, by ISO 4217.
        "currency": &str = it.catalog().currency(),
        /// The tier of an account that names none.
        "defaultTier": TierId<'_> = TierId(it.catalog().default_tier().id()),
        /// How month prices are shown (P6).
        "display": &Display = &it.catalog().spec().display,
        /// How time is cut into days and billing periods (G1).
        "period": Calendar = it.catalog().calendar(),
        /// How the total is rounded (I3).
        "rounding": CardRounding<'_> = CardRounding(it.catalog()),
        /// How days and creations count.
        "rules": Rules = it.catalog().rules(),
        /// The tiers by rising rank.
        "tiers": &[CardTier<'_>] = &it.0.tiers,
        /// The catalog's version.
        "version": &str = it.catalog().version(),
    }
}

struct CardRounding<'c>(&'c Catalog);

answer! {
    /// How an amount is rounded.
    CardRounding<'_> = "RateCardRounding", |it| {
        /// Where a tie or a remainder goes.
        "mode": OneOf<RoundingMode> = OneOf(it.0.rounding().mode),
        /// Decimals left.
        "places": u64 = it.0.rounding().places.into(),
    }
}

struct CardTier<'c> {
    tier: &'c Tier,
    bands: Vec<CardBand>,
}

impl CardTier<'_> {
    fn history_limit(&self) -> Option<u64> {
        match self.tier.features().get(HISTORY_FEATURE) {
            Some(max) => *max,
            None => Some(0),
        }
    }
}

answer! {
    /// A tier of a rate card.
    CardTier<'_> = "RateCardTier", |it| {
        /// The bands of its price of account-days, rising.
        "bands": &[CardBand] = &it.bands,
        /// What creating an account on it costs; null for nothing.
        "creationCharge": OrNull<CreationCharge> = OrNull(it.tier.creation_charge()),
        /// How many messages of history it keeps: 0 for none, null for all.
        "historyLimit": OrNull<u64> = OrNull(it.history_limit()),
        /// Its id.
        "id": TierId<'_> = TierId(it.tier.id()),
        /// How many messages a period allows; null without a limit.
        "messageLimit": OrNull<u64> = OrNull(it.tier.limit(MESSAGE_METER).map(|limit| limit.max)),
        /// Its place in the order of tiers (G4).
        "rank": u64 = it.tier.rank(),
    }
}

struct CardBand {
    from: u64,
    month_price: Amount,
    price: UnitPrice,
    to: Option<u64>,
}

answer! {
    /// A band of a rate card.
    CardBand = "RateCardBand", |it| {
        /// The first account-day of the band.
        "from": u64 = it.from,
        /// What an account-day costs, as a price for a month (P6).
        "monthPrice": Amount = it.month_price,
        /// What an account-day costs.
        "price": UnitPrice = it.price,
        /// The last account-day of the band; null if it has no end.
        "to": OrNull<u64> = OrNull(it.to),
    }
}

pub(super) fn catalog(loaded: &LoadedCatalog, _: CatalogRequest) -> Result<CatalogAnswer<'_>> {
    let mut tiers = Vec::new();
    for tier in loaded.catalog().tiers() {
        let mut bands = Vec::new();
        for band in tier.account_days().map(|price| price.bands()).unwrap_or_default() {
            bands.push(CardBand {
                from: band.from(),
                month_price: loaded.catalog().month_price(band.unit_price())?.shown,
                price: band.unit_price(),
                to: band.to(),
            });
        }
        tiers.push(CardTier { tier, bands });
    }
    Ok(CatalogAnswer { loaded, tiers })
}
