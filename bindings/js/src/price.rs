//! A price, asked again and again: a quantity in, the text of the amount out, nothing allocated.

use tierwise::{Code, DecimalText, Error, Price, Quantity, Result};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    CatalogHandle,
    bridge::{Bridge, FAILED},
    lines::Lines,
};

/// One price of one tier.
#[wasm_bindgen]
pub struct PriceHandle {
    price: Price,
    pub(crate) lines: Lines,
    text: DecimalText,
}

#[wasm_bindgen]
impl PriceHandle {
    /// The price of a tier on a meter; without a meter, of its account-days. Both names lie in the
    /// bridge's room. None: the error is kept there.
    pub fn find(
        bridge: &mut Bridge,
        catalog: &CatalogHandle,
        from: usize,
        meter: usize,
        to: usize,
    ) -> Option<PriceHandle> {
        let price = find(bridge, catalog, from, meter, to);
        let price = bridge.settle(price)?;
        let lines = Lines::of(&price);
        Some(PriceHandle { price, lines, text: DecimalText::default() })
    }

    /// Where the text of a total ends. It stays there as long as the handle lives.
    #[wasm_bindgen(js_name = textEnd)]
    pub fn text_end(&self) -> *const u8 {
        self.text.as_bytes().as_ptr_range().end
    }

    /// Writes the total of a whole quantity and gives the length of its text; 0 if there is none,
    /// and [`total_of_text`](Self::total_of_text) says why.
    pub fn total(&mut self, quantity: f64) -> usize {
        let total = whole(quantity).and_then(|units| self.lines.total(units));
        match total {
            Some(millionths) => {
                self.text.set_millionths(millionths);
                self.text.as_bytes().len()
            }
            None => 0,
        }
    }

    /// The same for a decimal string, which lies in the room. Below 0: the error is kept.
    #[wasm_bindgen(js_name = totalOfText)]
    pub fn total_of_text(&mut self, bridge: &mut Bridge, from: usize, to: usize) -> i32 {
        let total = bridge.laid_text(from, to).and_then(Quantity::parse);
        let total = total.and_then(|quantity| self.price.total(quantity));
        match bridge.settle(total) {
            Some(total) => {
                self.text.set(total.decimal_parts());
                i32::try_from(self.text.as_bytes().len()).unwrap_or(FAILED)
            }
            None => FAILED,
        }
    }
}

fn find(
    bridge: &Bridge,
    catalog: &CatalogHandle,
    from: usize,
    meter: usize,
    to: usize,
) -> Result<Price> {
    let catalog = catalog.0.catalog();
    let tier = bridge.laid_text(from, meter).and_then(|tier| catalog.tier(tier));
    let tier = tier.map_err(|error| error.under("tier"))?;
    if meter == to {
        return tier.priced_account_days().cloned().map_err(|error| error.under("tier"));
    }
    let meter = bridge.laid_text(meter, to).map_err(|error| error.under("meter"))?;
    catalog.meter(meter).map_err(|error| error.under("meter"))?;
    tier.price_on(meter).cloned().ok_or_else(|| {
        let message = format_args!("tier `{}` has no price on meter `{meter}`", tier.id());
        Error::new(Code::MissingPrice, message).under("meter")
    })
}

/// The whole number that a number of JavaScript stands for; none if it is a fraction. One below
/// zero becomes larger than any quantity.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "compared with what it was")]
#[expect(clippy::cast_precision_loss, reason = "compared with what it was")]
#[expect(clippy::float_cmp, reason = "equal or not whole")]
pub(crate) fn whole(number: f64) -> Option<u64> {
    // Signed, because processors convert those in one step.
    let units = number as i64;
    (units as f64 == number).then_some(units.cast_unsigned())
}
