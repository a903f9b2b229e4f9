//! Everything that needs the repository: set up, build, serve, test, bench.

mod arguments;
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
#[cfg(test)]
mod rooms;
mod serve;
mod sizes;
mod steps;
#[cfg(test)]
mod tidy;
mod toolchain;
#[cfg(test)]
mod words;
mod workspace;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::Result;

use arguments::Arguments;
use modules::Module;
use steps::Steps;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  serve [--port N] [--open] [--no-build]   build the page and serve it at http://127.0.0.1:N/ (8080, or the next free port)
  build [--only cpu|webgpu]                build the page into dist/, a plain static folder
  package                                  make an npm package of dist/ in dist-npm/, and one file of it, dist.zip
  test [--fast]                            every check, cheapest first; --fast leaves out WebAssembly and the browser
  bench [--quick] [--json FILE]            run the benchmarks; write every figure to FILE
        [--against FILE]                   and say what each is to that of an earlier run's FILE
        [--pytorch PYTHON]                 and to PyTorch's, which that Python has
  sizes                                    sizes of what dist/ sends to a visitor, against their budgets
  setup                                    find or install every tool that the commands above need";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::from(if error.is::<arguments::WrongUsage>() {
                2
            } else {
                1
            })
        }
    }
}

fn dispatch() -> Result<()> {
    let mut arguments = Arguments::from_environment();
    let command = arguments.command(USAGE)?;
    match command.as_str() {
        "serve" => {
            let port = arguments.parsed::<u16>("--port", "a port number")?;
            let open = arguments.flag("--open");
            let no_build = arguments.flag("--no-build");
            arguments.finish()?;
            let workspace = Workspace::locate()?;
            if !no_build {
                // In a process of its own: making the bindings takes a gigabyte, which a server need not keep.
                process::run(Command::new(env::current_exe()?).arg("build"))?;
            }
            serve::serve(&workspace.dist(), port, open)
        }
        "build" => {
            let only = arguments.parsed::<Module>("--only", "cpu or webgpu")?;
            arguments.finish()?;
            let modules = only.map_or_else(|| Module::ALL.to_vec(), |module| vec![module]);
            let mut steps = Steps::new();
            dist::build(&Workspace::locate()?, &modules, &mut steps)?;
            steps.summary();
            Ok(())
        }
        "package" => {
            arguments.finish()?;
            let mut steps = Steps::new();
            package::package(&Workspace::locate()?, &mut steps)?;
            steps.summary();
            Ok(())
        }
        "test" => {
            let fast = arguments.flag("--fast");
            arguments.finish()?;
            check::check(&Workspace::locate()?, fast)
        }
        "bench" => {
            let file = "a file name";
            let wishes = bench::Wishes {
                json: arguments.parsed("--json", file)?,
                against: arguments.parsed("--against", file)?,
                python: arguments.parsed("--pytorch", "a Python that has PyTorch")?,
                quick: arguments.flag("--quick"),
            };
            arguments.finish()?;
            bench::bench(&Workspace::locate()?, &wishes)
        }
        "sizes" => {
            arguments.finish()?;
            sizes::report(&Workspace::locate()?)
        }
        "setup" => {
            arguments.finish()?;
            setup(&Workspace::locate()?)
        }
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(arguments::wrong_usage(format!(
            "expected a command (serve, build, package, test, bench, sizes, setup), found `{other}`"
        ))),
    }
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
