//! Photographs decoded by several threads before they are asked for, in order and within a bound of memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use zfnet::network::model::Input;
use zfnet::{Crop, Prepared};

use super::stop::Stop;
use crate::failure::bad_input;
use crate::photos::prepare;

/// Photographs that each thread may have ready; they are as small as the network's input.
const READY: usize = 2;
/// How long to wait for a photograph before looking whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// The photographs of a list, one after the other.
pub(super) struct Ahead {
    workers: Vec<Receiver<anyhow::Result<Prepared>>>,
    next: usize,
}

impl Ahead {
    /// Starts a thread for each core; each makes every so manyth photograph, and ends when nobody asks any more.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(super) fn start(paths: Vec<PathBuf>, input: &Input, crop: Crop) -> anyhow::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let count = cores.min(paths.len()).max(1);
        let paths = Arc::new(paths);
        let start = |first: usize| {
            let (send, receive) = sync_channel(READY);
            let (paths, input) = (Arc::clone(&paths), input.clone());
            let work = move || {
                for path in paths.iter().skip(first).step_by(count) {
                    if send.send(decoded(path, &input, crop)).is_err() {
                        break;
                    }
                }
            };
            thread::Builder::new()
                .name(format!("photographs {first}"))
                .spawn(work)
                .context("a thread that decodes photographs")?;
            Ok(receive)
        };
        Ok(Self {
            workers: (0..count).map(start).collect::<anyhow::Result<_>>()?,
            next: 0,
        })
    }

    /// The next photograph, or why it cannot be read; `None` when a stop is wanted.
    pub(super) fn next(&mut self, stop: &Stop) -> Option<anyhow::Result<Prepared>> {
        let worker = &self.workers[self.next % self.workers.len()];
        while !stop.is_wanted() {
            match worker.recv_timeout(PATIENCE) {
                Ok(photograph) => {
                    self.next += 1;
                    return Some(photograph);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Some(Err(anyhow!("a thread that decodes photographs has ended")));
                }
            }
        }
        None
    }
}

/// One photograph; a decoder that panics on it has found a bad file, and the others are still wanted.
fn decoded(path: &Path, input: &Input, crop: Crop) -> anyhow::Result<Prepared> {
    catch_unwind(AssertUnwindSafe(|| prepare(path, input, crop))).unwrap_or_else(|_| {
        Err(bad_input(
            path.display(),
            "a picture",
            "one that its decoder cannot cope with",
        ))
    })
}
