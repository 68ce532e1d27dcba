//! Chromium, for the tests of the page.

use super::apt;
use crate::project::Project;
use anyhow::{Result, bail};
use std::env;
use std::path::{Path, PathBuf};

const INSTALLED: &str = "/usr/bin/chromium";
const WANTED: &str = "Chromium is needed to test the page: install it and set CHROMIUM to its \
                      executable (on Debian: `apt-get install chromium`)";

/// The browser's executable; on Debian it is installed if it is missing.
pub(crate) fn browser(project: &Project) -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names `{}`, which is no file. {WANTED}", named.display());
    }
    let installed = Path::new(INSTALLED);
    if !installed.is_file() {
        apt::install(project, "chromium", WANTED)?;
    }
    if !installed.is_file() {
        bail!("{INSTALLED} is still missing. {WANTED}");
    }
    Ok(installed.to_path_buf())
}
