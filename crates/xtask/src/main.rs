//! Everything that needs the repository: set up, build, serve, test, bench.

mod bench;
mod bindings;
mod browser;
mod budgets;
mod check;
mod dist;
mod lints;
mod modules;
mod networks;
mod node;
mod notebook;
mod offline;
mod package;
mod process;
mod relaxed;
#[cfg(test)]
mod rooms;
mod serve;
mod sizes;
mod steps;
#[cfg(test)]
mod tidy;
mod toolchain;
mod words;
mod workspace;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Parser;

use modules::Module;
use steps::Steps;
use workspace::Workspace;

/// Everything that needs the repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Build the page and serve it on this machine.
    Serve {
        /// The port, and no other; without it, 8080 or the next one that is free.
        #[arg(long, value_name = "N")]
        port: Option<u16>,
        /// Open it in the browser.
        #[arg(long)]
        open: bool,
        /// Serve dist/ as it is.
        #[arg(long)]
        no_build: bool,
    },
    /// Build the page into dist/, a plain static folder.
    Build {
        /// Only this backend's module.
        #[arg(long, value_name = "MODULE")]
        only: Option<Module>,
    },
    /// Make an npm package of dist/ in dist-npm/, and one file of it, dist.zip.
    Package,
    /// Run every check, cheapest first.
    Test {
        /// Leave out WebAssembly and the browser.
        #[arg(long)]
        fast: bool,
    },
    /// Run the benchmarks.
    Bench(bench::Wishes),
    /// Sizes of what dist/ sends to a visitor, against their budgets.
    Sizes,
    /// Find or install every tool that the other commands need.
    Setup,
}

fn main() -> ExitCode {
    if let Some(code) = relaxed::stand_in() {
        return code;
    }
    match run(Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Serve {
            port,
            open,
            no_build,
        } => {
            if !no_build {
                // In a process of its own: making the bindings takes a gigabyte, which a server need not keep.
                process::run(Command::new(env::current_exe()?).arg("build"))?;
            }
            serve::serve(&workspace.dist(), port, open)
        }
        Task::Build { only } => {
            let modules = only.map_or_else(|| Module::ALL.to_vec(), |module| vec![module]);
            in_steps(|steps| dist::build(&workspace, &modules, steps))
        }
        Task::Package => in_steps(|steps| package::package(&workspace, steps)),
        Task::Test { fast } => check::check(&workspace, fast),
        Task::Bench(wishes) => bench::bench(&workspace, &wishes),
        Task::Sizes => sizes::report(&workspace),
        Task::Setup => setup(&workspace),
    }
}

/// Runs what succeeds in steps, and says at the end what each took.
fn in_steps(work: impl FnOnce(&mut Steps) -> Result<()>) -> Result<()> {
    let mut steps = Steps::new();
    work(&mut steps)?;
    steps.summary();
    Ok(())
}

fn setup(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new();
    let toolchain = steps.step("WebAssembly toolchain", || {
        toolchain::Toolchain::find(workspace)
    })?;
    println!("  {toolchain}");
    steps.step("Node.js and its packages", || {
        node::install_packages(workspace)
    })?;
    let chromium = steps.step("Chromium", browser::find_or_install)?;
    println!("  {}", chromium.display());
    steps.step("Python for notebooks", || {
        Ok(notebook::environment(workspace))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(line: &str) -> Result<Task, clap::Error> {
        Task::try_parse_from(format!("xtask {line}").split_whitespace())
    }

    #[test]
    fn options_are_taken_in_any_order_and_spelling() {
        Task::command().debug_assert();
        for line in ["serve --open --port 81", "serve --port=81 --open"] {
            assert!(
                matches!(
                    parsed(line),
                    Ok(Task::Serve {
                        port: Some(81),
                        open: true,
                        no_build: false
                    })
                ),
                "{line}"
            );
        }
        for module in Module::ALL {
            let line = format!("build --only {}", module.name());
            assert!(
                matches!(parsed(&line), Ok(Task::Build { only: Some(only) }) if only == module),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, kind, named) in [
            (
                "serve --port many",
                ErrorKind::ValueValidation,
                "--port <N>",
            ),
            ("serve --port 70000", ErrorKind::ValueValidation, "65535"),
            ("serve --prot 1", ErrorKind::UnknownArgument, "--prot"),
            (
                "build --only cuda",
                ErrorKind::InvalidValue,
                "cpu, cpu-relaxed, webgpu",
            ),
            ("tset", ErrorKind::InvalidSubcommand, "test"),
        ] {
            let error = parsed(line)
                .err()
                .map(|error| (error.kind(), error.to_string()));
            let found = error.is_some_and(|(found, words)| found == kind && words.contains(named));
            assert!(found, "{line}: expected {kind:?} that names {named}");
        }
    }
}
