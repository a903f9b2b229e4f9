//! Ctrl-C: once to stop where it is safe, twice to stop at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::failure::report;

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Whether somebody wants this run to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for Ctrl-C.
    ///
    /// # Errors
    /// When the system does not let it.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let stop = Self::default();
        let asked = stop.clone();
        ctrlc::set_handler(move || {
            if asked.0.swap(true, Ordering::SeqCst) {
                report("stopped at once; --resume goes on from the last state saved");
                std::process::exit(INTERRUPTED);
            }
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(stop)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
