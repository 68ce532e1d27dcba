//! How far the reading is, where somebody watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::log::Source;

const KNOWN_SIZE: &str = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const UNKNOWN_SIZE: &str = "{spinner} {bytes} read, {bytes_per_sec}";

/// A bar on standard error if that is a terminal, and gone when the reading ends.
pub(super) fn bar(sources: &[Source]) -> ProgressBar {
    let sizes: Option<Vec<u64>> = sources.iter().map(Source::size).collect();
    let template = if sizes.is_some() { KNOWN_SIZE } else { UNKNOWN_SIZE };
    let style = ProgressStyle::with_template(template);
    // Hides itself where standard error is no terminal.
    let target = ProgressDrawTarget::stderr();
    let bar = ProgressBar::with_draw_target(sizes.map(|sizes| sizes.iter().sum()), target)
        .with_finish(ProgressFinish::AndClear);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
