//! Seeds of random checks.

use anyhow::{Result, bail};
use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// From the environment, else the time: every run looks somewhere else.
pub(crate) fn seed() -> Result<u64> {
    if let Ok(seed) = env::var("TIERWISE_SEED") {
        let Ok(seed) = seed.parse() else {
            bail!("TIERWISE_SEED must be a whole number, not `{seed}`");
        };
        return Ok(seed);
    }
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
