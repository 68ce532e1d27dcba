//! What a catalog says of a price (M), before it is checked.

use alloc::{string::String, vec::Vec};

use crate::money::UnitPrice;

/// A price of a tier as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSpec {
    /// Names it within the tier.
    pub id: String,
    /// The meter that it prices.
    pub meter: String,
    /// How it prices it.
    pub model: PriceModel,
}

/// A price model (M) with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceModel {
    /// Quantity × unit price.
    PerUnit {
        /// The price of a unit.
        unit_price: UnitPrice,
    },
    /// One amount, whatever the quantity.
    Flat {
        /// The amount.
        amount: UnitPrice,
        /// Whether it is due at quantity 0 too (M2).
        fee_at_zero: bool,
    },
    /// Each part of the quantity at its own band's price (P3).
    Graduated {
        /// The bands.
        bands: Bands,
        /// Whether the first band's flat fee is due at quantity 0 too (M2).
        fee_at_zero: bool,
    },
}

/// Bands in one of the two forms that a catalog may use (F1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bands {
    /// Only the upper limit of each band is written.
    UpTo(Vec<BandUpTo>),
    /// Both limits are written, and are checked to fit (P1).
    FromTo(Vec<BandFromTo>),
}

impl Default for Bands {
    fn default() -> Self {
        Bands::UpTo(Vec::new())
    }
}

/// A band with its upper limit, included; none for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandUpTo {
    /// The last unit in it.
    pub up_to: Option<u64>,
    /// The price of a unit in it.
    pub unit_price: UnitPrice,
    /// Due once when it is entered.
    pub flat_fee: UnitPrice,
}

/// A band with both limits, included; no upper one for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandFromTo {
    /// The first unit in it.
    pub from: u64,
    /// The last unit in it.
    pub to: Option<u64>,
    /// The price of a unit in it.
    pub unit_price: UnitPrice,
    /// Due once when it is entered.
    pub flat_fee: UnitPrice,
}
