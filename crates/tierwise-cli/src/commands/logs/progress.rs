//! How far the reading is, where somebody watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::log::Source;

const KNOWN_SIZE: &str = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const UNKNOWN_SIZE: &str = "{spinner} {bytes} read, {bytes_per_sec}";

/// Told after so many bytes: of a short log never.
const STEP_BYTES: u64 = 1 << 24;

/// A bar on standard error if that is a terminal, and gone when the reading ends.
pub(super) struct Progress {
    bar: ProgressBar,
    untold: u64,
}

impl Progress {
    pub(super) fn of(sources: &[Source]) -> Self {
        let sizes: Option<Vec<u64>> = sources.iter().map(Source::size).collect();
        let template = if sizes.is_some() { KNOWN_SIZE } else { UNKNOWN_SIZE };
        // Hides itself where standard error is no terminal.
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(sizes.map(|sizes| sizes.iter().sum()), target)
            .with_finish(ProgressFinish::AndClear);
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Progress { bar, untold: 0 }
    }

    /// So many more bytes are read.
    pub(super) fn add(&mut self, bytes: u64) {
        self.untold += bytes;
        if self.untold >= STEP_BYTES {
            self.bar.inc(std::mem::take(&mut self.untold));
        }
    }
}
