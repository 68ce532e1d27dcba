//! What figures are held to.

use crate::table;
use anyhow::{Result, bail};

/// A bound: what it is about, what was found, what was wanted, whether it holds.
pub(super) type Bound = (String, String, String, bool);

/// Prints them. Errors: of those that are missed, how many there are.
pub(super) fn check(whose: &str, bounds: Vec<Bound>) -> Result<()> {
    let missed = bounds.iter().filter(|(.., holds)| !holds).count();
    println!();
    let rows = bounds.into_iter().map(|(what, found, wanted, holds)| {
        [what, found, wanted, if holds { "ok" } else { "MISSED" }.to_owned()]
    });
    table::print(["bound", "found", "wanted", ""], rows);
    if missed > 0 {
        bail!("{missed} of the {whose}'s bounds missed");
    }
    Ok(())
}
