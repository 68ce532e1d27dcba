//! Columns: many quantities priced in one call, to exact millionths.

use alloc::{borrow::ToOwned as _, vec::Vec};

use tierwise::{Catalog, DecimalText, ItemUsage, QuoteItem, limits::MAX_QUANTITY};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    bridge::Bridge,
    price::{PriceHandle, whole},
};

/// A part of a column: what JavaScript laid, and what it is priced at.
#[derive(Default)]
pub(crate) struct Columns {
    quantities: Vec<f64>,
    millionths: Vec<u64>,
}

impl Columns {
    /// The items of a basket, four numbers each; none if one of them is not of the plainest kind.
    pub(crate) fn items(&self, catalog: &Catalog, count: usize) -> Option<Vec<QuoteItem>> {
        let items = self.quantities.as_chunks::<4>().0.get(..count)?;
        items.iter().map(|numbers| item(catalog, *numbers)).collect()
    }
}

fn item(catalog: &Catalog, numbers: [f64; 4]) -> Option<QuoteItem> {
    let [Some(tier), Some(accounts), Some(days), Some(creations)] = numbers.map(whole) else {
        return None;
    };
    let tier = catalog.tiers().get(usize::try_from(tier).ok()?)?.index();
    // Each of them has the bound, also where their product is 0.
    if accounts.max(days) > MAX_QUANTITY {
        return None;
    }
    let usage = ItemUsage::of_accounts(accounts, days).ok()?;
    QuoteItem::new(tier, usage, creations).ok()
}

#[wasm_bindgen]
impl Bridge {
    /// Makes room for so many quantities and their totals, and says where the quantities are laid.
    pub fn quantities(&mut self, rows: usize) -> *const f64 {
        self.columns.quantities.resize(rows, 0.0);
        self.columns.millionths.resize(rows, 0);
        self.columns.quantities.as_ptr()
    }

    /// Where the totals are taken.
    pub fn millionths(&self) -> *const u64 {
        self.columns.millionths.as_ptr()
    }

    /// Makes the text of an amount of so many millionths the answer, and gives its length.
    #[wasm_bindgen(js_name = amountText)]
    pub fn amount_text(&mut self, millionths: u64) -> i32 {
        let mut text = DecimalText::default();
        text.set_millionths(millionths);
        self.give(Ok(text.as_str().to_owned()))
    }
}

#[wasm_bindgen]
impl PriceHandle {
    /// Prices the first rows of the column in the bridge. Gives how many were priced: fewer than
    /// asked for, the next is no whole quantity, or its total does not fit.
    pub fn totals(&self, bridge: &mut Bridge, rows: usize) -> usize {
        let Columns { quantities, millionths } = &mut bridge.columns;
        let pairs = quantities.iter().zip(millionths).take(rows);
        for (row, (quantity, total)) in pairs.enumerate() {
            match whole(*quantity).and_then(|units| self.lines.total(units)) {
                Some(priced) => *total = priced,
                None => return row,
            }
        }
        rows
    }
}
