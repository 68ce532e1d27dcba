//! Every bound of the engine, with the arithmetic that shows that nothing overflows within them.
//!
//! Beyond a bound there is an error ([`Code::OutOfRange`](crate::Code::OutOfRange),
//! [`Code::AmountTooLarge`](crate::Code::AmountTooLarge) or
//! [`Code::QuantityTooLarge`](crate::Code::QuantityTooLarge)), never a wrap.

#![expect(clippy::as_conversions, reason = "constants: no `From` is `const` yet")]

/// Decimal places of a price or a quantity (G2, F2).
pub const PRICE_PLACES: u32 = 6;
/// Decimal places of an amount: a price times a quantity, exactly.
pub const AMOUNT_PLACES: u32 = 12;
/// Parts of one unit of a price or a quantity.
pub const PRICE_SCALE: u64 = 10_u64.pow(PRICE_PLACES);
/// Parts of one currency unit of an amount.
pub const AMOUNT_SCALE: u128 = 10_u128.pow(AMOUNT_PLACES);

/// A price, in currency units per unit, is below this.
pub const MAX_PRICE: u64 = 1_000_000_000;
/// The largest quantity, in units.
pub const MAX_QUANTITY: u64 = 1_000_000_000_000;
/// The largest amount, in currency units: a line, a total.
pub const MAX_AMOUNT: u128 = 10_000_000_000_000_000;

/// The largest size of a catalog or request document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;
/// The deepest nesting of a document.
pub const MAX_DEPTH: usize = 32;
/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 64;
/// The longest name of a tier, in characters.
pub const MAX_NAME_CHARS: usize = 128;
/// The longest version of a catalog, in characters.
pub const MAX_VERSION_CHARS: usize = 64;
/// Tiers of a catalog.
pub const MAX_TIERS: usize = 100;
/// The highest rank of a tier.
pub const MAX_RANK: u64 = 1000;
/// Prices of a tier.
pub const MAX_PRICES: usize = 32;
/// Bands of a price.
pub const MAX_BANDS: usize = 256;
/// Meters of a catalog.
pub const MAX_METERS: usize = 64;
/// Features of a catalog.
pub const MAX_FEATURES: usize = 64;
/// Effect words of a feature, each way.
pub const MAX_EFFECTS: usize = 8;
/// Items of a quote.
pub const MAX_ITEMS: usize = 100;
/// Accounts that one group of an invoice, or the creations of one quote item, stand for.
pub const MAX_ACCOUNTS: u64 = 1_000_000_000;
/// The longest display month, in days.
pub const MAX_DISPLAY_DAYS: u64 = 366;
/// The farthest that days may begin from UTC midnight, in minutes.
pub const MAX_UTC_OFFSET_MINUTES: i64 = 840;
/// The first year of a time or a day.
pub const MIN_YEAR: i32 = 1970;
/// The last year of a time or a day.
pub const MAX_YEAR: i32 = 2199;
/// The most decimals of a rounded amount.
pub const MAX_ROUNDING_PLACES: u32 = 6;

// A price and a quantity, in parts, fit 64 bits, also signed.
const _: () = assert!(MAX_PRICE as u128 * PRICE_SCALE as u128 <= i64::MAX as u128);
const _: () = assert!(MAX_QUANTITY as u128 * PRICE_SCALE as u128 <= i64::MAX as u128);
// One multiplication of them, and the price so far below it (at most the dearest price for the
// largest quantity, and a flat fee a band), fit an amount many times over: the total of a price
// cannot wrap before it is compared with `MAX_AMOUNT`.
const LARGEST_PRODUCT: u128 =
    MAX_PRICE as u128 * PRICE_SCALE as u128 * MAX_QUANTITY as u128 * PRICE_SCALE as u128;
const LARGEST_FEES: u128 = MAX_BANDS as u128 * MAX_PRICE as u128 * AMOUNT_SCALE;
const _: () = assert!(PRICE_SCALE as u128 * PRICE_SCALE as u128 == AMOUNT_SCALE);
const _: () = assert!(2 * (LARGEST_PRODUCT + LARGEST_FEES) <= i128::MAX as u128);
// An amount within its bound fits the 96 bits of `rust_decimal` and the 38 digits of Decimal128.
const _: () = assert!(MAX_AMOUNT * AMOUNT_SCALE < 1 << 96);
// So does the sum of every line of the longest bill or quote, each as large as a line can be before
// it is compared: bands and fees of every price of every tier, and for each band a creation and a
// first-day line.
const MOST_LINES: u128 = MAX_TIERS as u128 * MAX_PRICES as u128 * MAX_BANDS as u128 * 4;
const LARGEST_SUM: u128 = MOST_LINES * (MAX_AMOUNT * AMOUNT_SCALE) + LARGEST_PRODUCT;
const _: () = assert!(LARGEST_SUM <= i128::MAX as u128);
// Tiers are numbered in a byte.
const _: () = assert!(MAX_TIERS <= u8::MAX as usize);
// The accounts of a group, each of them active for every day of the longest period, fit 64 bits.
const _: () = assert!(MAX_ACCOUNTS as u128 * 31 <= u64::MAX as u128);
