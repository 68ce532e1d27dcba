//! `tidy`: what the repository asks of its own files and of the direction of dependencies.

mod dependencies;
mod text;

use crate::process::Call;
use crate::project::Project;
use anyhow::{Result, bail};
use std::fs;

/// Checks every tracked file and every manifest; each breach names its place and the rule.
pub(crate) fn run(project: &Project) -> Result<()> {
    let listed = Call::new(project, "git").args(["ls-files", "-z"]).output()?;
    let mut breaches = Vec::new();
    let (mut files, mut broken_files) = (0, 0);
    for path in listed.split_terminator('\0') {
        // Nothing to check: a file deleted but still in the index, a picture.
        let Ok(content) = fs::read(project.path(path)) else { continue };
        let Ok(content) = String::from_utf8(content) else { continue };
        let found = text::breaches(path, &content);
        files += 1;
        broken_files += usize::from(!found.is_empty());
        breaches.extend(found);
    }
    let wrong_dependencies = dependencies::breaches(project)?;
    let broken_manifests = usize::from(!wrong_dependencies.is_empty());
    breaches.extend(wrong_dependencies);
    for breach in &breaches {
        println!("{breach}");
    }
    let failed = broken_files + broken_manifests;
    println!("tidy: {} passed, {failed} failed", files + 1 - failed);
    if !breaches.is_empty() {
        bail!("{} things to tidy, listed above", breaches.len());
    }
    Ok(())
}
