//! `zf-lens`: look into a convolutional network from the command line.
//!
//! Exit codes: 0 done, 2 wrong usage or bad input, 1 anything else. Errors are one line on stderr.

mod cli;
mod commands;
mod csv;
mod device;
mod dump;
mod failure;
mod figure;
mod globals;
mod help;
mod language;
mod lens;
mod options;
mod output;
mod photos;
mod runner;

mod watch;
mod weights;

use std::process::ExitCode;

fn main() -> ExitCode {
    if device::answered_probe() {
        return ExitCode::SUCCESS;
    }
    std::panic::set_hook(Box::new(|panic| {
        let panic = panic.to_string();
        let line = panic.split_whitespace().collect::<Vec<_>>().join(" ");
        failure::report(&format!("internal error: {line}"));
    }));
    let finished = std::panic::catch_unwind(|| match cli::parse() {
        Ok(cli) => failure::conclude(cli.run()),
        Err(complaint) => cli::usage(&complaint),
    });
    ExitCode::from(finished.unwrap_or(1))
}
