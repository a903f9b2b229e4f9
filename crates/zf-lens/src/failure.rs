//! How a run ends: one line on stderr, and an exit code that says whose turn it is.

use std::io::Write;

use zfnet_train::data::{EXTENSIONS, LeftOut};

use crate::language::words;

/// Wrong usage or bad input.
pub(crate) const BAD_INPUT: u8 = 2;
/// Anything else that went wrong.
pub(crate) const OTHER: u8 = 1;

/// How a command that ran to its end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for is there.
    Done,
    /// The good input is done; the bad was named on stderr and left out.
    SomeSkipped,
}

impl Outcome {
    /// How two parts of a command went together.
    pub(crate) fn and(self, other: Self) -> Self {
        match self {
            Self::Done => other,
            Self::SomeSkipped => self,
        }
    }
}

/// Input that the program cannot work with; the message says what was expected and what was found.
#[derive(Debug)]
pub(crate) struct BadInput(pub(crate) String);

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadInput {}

/// An error that is the caller's to mend.
pub(crate) fn bad_input(
    subject: impl std::fmt::Display,
    expected: impl std::fmt::Display,
    found: impl std::fmt::Display,
) -> anyhow::Error {
    BadInput(format!("{subject}: expected {expected}, found {found}")).into()
}

/// Whether the caller can mend it, so that the next photograph may still work.
pub(crate) fn is_bad_input(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<BadInput>()
            || matches!(cause.downcast_ref(), Some(engine) if !matches!(engine, zfnet::Error::Execution(_)))
            || matches!(cause.downcast_ref(), Some(zfnet_train::Error::Input { .. }))
            || matches!(cause.downcast_ref(), Some(zfnet_train::Error::Engine(engine)) if !matches!(engine, zfnet::Error::Execution(_)))
    })
}

/// Writes one line to stderr, in the language of the run; line breaks and other control characters, as a file's name may hold
/// them, are escaped.
pub(crate) fn report(message: &str) {
    let message = words().message(message.trim_end());
    let escaped = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    let line: String = message.chars().map(escaped).collect();
    // There is nobody left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr(), "zf-lens: {line}");
}

/// Names what a folder of classes holds and no class is made of. A folder without pictures is no mistake.
pub(crate) fn name_left_out(left_out: &LeftOut) -> Outcome {
    let extensions = EXTENSIONS.join(", ");
    for folder in &left_out.empty {
        let folder = folder.display();
        report(&format!(
            "{folder}: left out: no pictures ({extensions}) in it"
        ));
    }
    for complaint in &left_out.unreadable {
        report(complaint);
    }
    match left_out.unreadable.is_empty() {
        true => Outcome::Done,
        false => Outcome::SomeSkipped,
    }
}

/// Says what went wrong, if anything did, and gives the exit code.
pub(crate) fn conclude(result: anyhow::Result<Outcome>) -> u8 {
    match result {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::SomeSkipped) => BAD_INPUT,
        // Whoever reads our output has seen enough (`zf-lens … | head`).
        Err(error) if error.chain().any(is_broken_pipe) => 0,
        Err(error) => {
            report(&format!("{error:#}"));
            if is_bad_input(&error) {
                BAD_INPUT
            } else {
                OTHER
            }
        }
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
