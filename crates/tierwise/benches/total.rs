//! The total of one quantity against a loop over bands in `rust_decimal`. Placeholder main.
fn main() {}
