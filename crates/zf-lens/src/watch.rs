//! One analysis under a progress bar.

use std::ops::ControlFlow;

use indicatif::ProgressBar;

use crate::photos::progress;

/// A progress bar that an analysis moves as it goes on, and that is gone when it ends, however it ends.
pub(crate) struct Watch(ProgressBar);

impl Watch {
    /// A bar that counts `what`; none where it should be quiet.
    pub(crate) fn new(quiet: bool, what: &'static str) -> Self {
        Self(match quiet {
            true => ProgressBar::hidden(),
            false => progress(0, what),
        })
    }

    /// So much is done, of so much; the analysis is to go on.
    pub(crate) fn tell(&self, done: usize, total: usize) -> ControlFlow<()> {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        ControlFlow::Continue(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
