//! `policies`: the ready policies as components, for `tierwise run --policy`.

use crate::project::Project;
use crate::setup;
use crate::table::{self, grouped};
use anyhow::{Context as _, Result, anyhow};
use std::fs;
use tierwise_componentize::POLICIES;

/// Where they are put, in Cargo's target folder.
const FOLDER: &str = "policies";

/// Builds them into `target/policies`, and prints where each is and what it weighs.
pub(crate) fn run(project: &Project) -> Result<()> {
    setup::rust_targets(project)?;
    let components =
        tierwise_componentize::policies(&project.target("")).map_err(|error| anyhow!("{error}"))?;
    let folder = project.target(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("`{}`", folder.display()))?;
    let mut rows = Vec::new();
    for (name, component) in POLICIES.iter().zip(components) {
        let file = folder.join(name).with_extension("wasm");
        fs::write(&file, &component).with_context(|| format!("`{}`", file.display()))?;
        let bytes = u64::try_from(component.len())?;
        rows.push([project.shown(&file), grouped(bytes)]);
    }
    table::print(["policy", "bytes"], rows);
    Ok(())
}
