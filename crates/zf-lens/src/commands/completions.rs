//! `zf-lens completions`: a shell's completion script.

use std::io::Write;

use anyhow::Context;
use clap_complete::Shell;

use crate::failure::Outcome;

/// Which shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell that will read the script
    shell: Shell,
}

/// Writes the script of a command line.
///
/// # Errors
/// When nobody reads stdout.
pub(crate) fn run(arguments: &Arguments, mut cli: clap::Command) -> anyhow::Result<Outcome> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli, "zf-lens", &mut script);
    std::io::stdout()
        .lock()
        .write_all(&script)
        .context("standard output")?;
    Ok(Outcome::Done)
}
