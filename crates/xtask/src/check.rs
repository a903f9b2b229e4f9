//! `cargo xtask test`: everything, cheapest first; the first failure ends it.

use std::process::Command;

use anyhow::{Context, Result};

use crate::modules::Module;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{bindings, dist, lints, modules, node, notebook, package, process, sizes, toolchain};

pub(crate) fn check(workspace: &Workspace, fast: bool) -> Result<()> {
    let mut steps = Steps::new();
    let result = run(workspace, fast, &mut steps);
    steps.summary();
    result
}

fn run(workspace: &Workspace, fast: bool, steps: &mut Steps) -> Result<()> {
    steps.step("format", || {
        process::run(process::cargo(&workspace.root).args(["fmt", "--all", "--check"]))
    })?;
    // The same choice of packages as the alias `cargo xtask`, so that this costs seconds.
    steps.step("tidy", || {
        process::run(linting(workspace)?.args(["test", "--quiet", "--package", "xtask"]))
    })?;
    if fast {
        return native(workspace, steps);
    }
    let toolchain = steps.step("WebAssembly toolchain", || toolchain::find(workspace))?;
    dist::compile(workspace, &toolchain, &Module::ALL, steps)?;
    let own = [Module::Cpu, Module::WebGpu, Module::Import, Module::Figures];
    for module in own {
        steps.step(&format!("lints of the {} module", module.name()), || {
            modules::lint(workspace, &toolchain, module)
        })?;
    }
    steps.step("both backends declare the same", || {
        bindings::compare(workspace)
    })?;
    steps.step("packages from npm", || node::install_packages(workspace))?;
    steps.step("format and lints of the scripts", || {
        node::check_style(workspace)
    })?;
    steps.step("types of the page's scripts", || {
        node::check_types(workspace)
    })?;
    native(workspace, steps)?;
    steps.step("assemble dist/", || dist::assemble(workspace))?;
    steps.step("size budgets", || sizes::check(workspace))?;
    package::package(workspace, steps)?;
    let python = steps.step("Python for notebooks", || {
        Ok(notebook::environment(workspace))
    })?;
    if let Some(python) = &python {
        steps.step("tests of the notebook's widget", || {
            notebook::test(workspace, python)
        })?;
    }
    steps.step("browser tests", || {
        node::test_in_browser(workspace, python.as_deref())
    })
}

fn native(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(linting(workspace)?.args(arguments));
    let nextest =
        process::ask(process::cargo(&workspace.root).args(["nextest", "--version"])).is_some();
    // Benchmarks too; running the tests then finds everything built.
    steps.step("native build with lints", || {
        cargo(&["build", "--all-targets"])
    })?;
    let tests: &[&str] = if nextest {
        &["nextest", "run", "--no-fail-fast", "--no-tests=pass"]
    } else {
        &["test", "--quiet", "--no-fail-fast", "--tests"]
    };
    steps.step("native tests", || cargo(tests))?;
    steps.step("examples in the documentation", || {
        cargo(&["test", "--quiet", "--doc"])
    })
}

/// Cargo, which lints what it builds.
fn linting(workspace: &Workspace) -> Result<Command> {
    let clippy = process::find("clippy-driver")
        .context("expected clippy beside cargo, found none: rustup component add clippy")?;
    let mut cargo = process::cargo(&workspace.root);
    lints::lint(&mut cargo, &clippy);
    Ok(cargo)
}
