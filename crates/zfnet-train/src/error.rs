//! What can go wrong while training, sorted by who can act on it.

use std::path::{Path, PathBuf};

/// Every error of this crate; each message says what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Occurs when a folder, a file or an option does not hold what it should.
    #[error("{subject}: expected {expected}, found {found}")]
    Input {
        /// What the complaint is about.
        subject: String,
        /// What would have been right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Occurs when a file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Occurs when the loss is no number any more.
    #[error("step {step}: expected a finite loss, found {loss}; {hint}")]
    Diverged {
        /// The step.
        step: u64,
        /// The loss.
        loss: f32,
        /// What can be done.
        hint: String,
    },
    /// Occurs when a network gives scores that are no numbers.
    #[error("scores: expected finite numbers, found {0}")]
    Scores(f32),
    /// Occurs when a background thread ended before its work was done.
    #[error("a thread that prepares pictures failed: {0}")]
    Thread(String),
    /// Occurs in the engine.
    #[error(transparent)]
    Engine(#[from] zfnet::Error),
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn input(
        subject: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Input {
            subject: subject.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Names the file that the system complained about.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<'_> {
        |reason| Self::File {
            path: path.to_path_buf(),
            reason,
        }
    }
}
