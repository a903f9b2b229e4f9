//! How a run ends: one line on stderr, and an exit code that says whose turn it is.

use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use zfnet_train::data::{EXTENSIONS, LeftOut};

/// Wrong usage or bad input.
const BAD_INPUT: u8 = 2;
/// Anything else that went wrong.
const OTHER: u8 = 1;

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

/// Writes one line to stderr; line breaks and other control characters, as a file's name may hold them, are escaped.
pub(crate) fn report(message: &str) {
    let escaped = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    let line: String = message.trim_end().chars().map(escaped).collect();
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

/// Turns a complaint about the arguments into one line, and lets help and version through.
pub(crate) fn usage(complaint: &clap::Error) -> u8 {
    if !complaint.use_stderr() {
        return match complaint.print() {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => OTHER,
            _ => 0,
        };
    }
    let context = |kind| complaint.get(kind).map(spoken);
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let found = context(ContextKind::InvalidValue).unwrap_or_default();
    let message = match complaint.kind() {
        ErrorKind::InvalidValue if found.is_empty() => {
            format!("{argument}: expected a value, found none")
        }
        ErrorKind::InvalidValue => {
            let known = context(ContextKind::ValidValue).unwrap_or_default();
            format!("{argument}: expected one of {known}, found {found}")
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(complaint)
                .map_or("another value".into(), ToString::to_string);
            format!("{argument}: expected {reason}, found {found}")
        }
        ErrorKind::UnknownArgument => {
            let near = context(ContextKind::SuggestedArg)
                .map_or(String::new(), |name| format!(" (perhaps {name})"));
            format!("expected an argument that --help lists{near}, found {argument}")
        }
        ErrorKind::MissingRequiredArgument => {
            format!("expected {argument}, found no such argument")
        }
        ErrorKind::InvalidSubcommand => {
            let found = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("expected one of {}, found {found}", command_names())
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!(
                "expected one of {}, found no command; zf-lens --help says more",
                command_names()
            )
        }
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg).unwrap_or_default();
            match other.is_empty() || other == argument {
                true => format!("expected {argument} once, found it twice"),
                false => format!("expected {argument} or {other}, found both"),
            }
        }
        _ => {
            let text = complaint.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.strip_prefix("error: ").unwrap_or(line).to_owned()
        }
    };
    report(&message);
    BAD_INPUT
}

fn command_names() -> String {
    use clap::CommandFactory;
    let names: Vec<_> = crate::cli::Cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.join(", ")
}

fn spoken(value: &ContextValue) -> String {
    match value {
        ContextValue::None => String::new(),
        ContextValue::Strings(values) => values.join(", "),
        other => other.to_string(),
    }
}
