//! The Rust targets beside the host's own.

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result};

/// What the module for JavaScript is built for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// A target without a standard library, to show that the core needs none.
pub(crate) const BARE_TARGET: &str = "thumbv7m-none-eabi";

/// Adds the targets that are missing.
pub(crate) fn rust_targets(project: &Project) -> Result<()> {
    let how = "the Rust targets come with rustup (rustup.rs); without it, install a Rust \
               toolchain that has `wasm32-unknown-unknown` and `thumbv7m-none-eabi`";
    let installed = Call::new(project, "rustup").args(["target", "list", "--installed"]);
    let installed = installed.output().context(how)?;
    for target in [WASM_TARGET, BARE_TARGET] {
        if !installed.lines().any(|line| line == target) {
            Call::new(project, "rustup").args(["target", "add", target]).run().context(how)?;
        }
    }
    Ok(())
}
