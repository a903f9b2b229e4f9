//! `cargo xtask test`: everything, cheapest first; the first failure ends it.

use anyhow::Result;

use crate::modules::Module;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{bindings, dist, modules, node, process, sizes, toolchain};

pub(crate) fn check(workspace: &Workspace, fast: bool) -> Result<()> {
    let mut steps = Steps::new();
    let result = run(workspace, fast, &mut steps);
    steps.summary();
    result
}

fn run(workspace: &Workspace, fast: bool, steps: &mut Steps) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(process::cargo(&workspace.root).args(arguments));

    steps.step("format", || cargo(&["fmt", "--all", "--check"]))?;
    // The same choice of packages as the alias `cargo xtask`, so that this costs seconds.
    steps.step("tidy", || cargo(&["test", "--quiet", "--package", "xtask"]))?;
    // From here on always the default members, never one package: another choice would be another set of features, and with it
    // another build of burn.
    steps.step("clippy", || {
        cargo(&["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"])
    })?;
    if fast {
        return native(workspace, steps);
    }
    let toolchain = steps.step("WebAssembly toolchain", || toolchain::find(workspace))?;
    for module in Module::ALL {
        steps.step(&format!("clippy of the {} module", module.name()), || {
            modules::lint(workspace, &toolchain, module)
        })?;
    }
    dist::compile(workspace, &toolchain, &Module::ALL, steps)?;
    steps.step("both modules declare the same", || {
        bindings::compare(workspace)
    })?;
    steps.step("packages from npm", || node::install_packages(workspace))?;
    steps.step("types of the page's scripts", || {
        node::check_types(workspace)
    })?;
    native(workspace, steps)?;
    steps.step("assemble dist/", || dist::assemble(workspace))?;
    steps.step("size budgets", || sizes::check(workspace))?;
    steps.step("browser tests", || node::test_in_browser(workspace))
}

fn native(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(process::cargo(&workspace.root).args(arguments));
    let nextest =
        process::ask(process::cargo(&workspace.root).args(["nextest", "--version"])).is_some();
    // `--tests` leaves out examples and benchmarks, which clippy has already checked.
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
