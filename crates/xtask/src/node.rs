//! Node.js: the page's scripts made small, their type check, and the browser tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::workspace::Workspace;
use crate::{bindings, browser, dist, notebook, process};

const OLDEST_NODE: u32 = 20;
/// Files of browser tests that run at a time: a page waits as often as it computes.
const TOGETHER: usize = 2;
/// What is weighed here must not share the machine.
const ALONE: &str = "memory.test.mjs";

/// As many files may fail when two share a machine that is slow for a moment, and pass alone. A page that is wrong fails
/// again.
const SHAKY: usize = 3;

/// Scripts, styles and words, as prettier is asked for them.
const STYLED: [&str; 4] = [
    "www/**/*.{js,css}",
    "tests/browser/**/*.mjs",
    "tests/peers/*.{js,mjs}",
    "crates/zfnet-words/words/**/*.json",
];

/// Settings of the type check: code for the page and code for the worker see different globals.
const TYPE_CHECKS: [&str; 2] = ["tsconfig.page.json", "tsconfig.worker.json"];

/// The packages of the tests.
pub(crate) fn install_packages(workspace: &Workspace) -> Result<()> {
    install(&workspace.tests())
}

/// `npm ci` in a folder, unless what is installed is what the lock file asks for.
fn install(tests: &Path) -> Result<()> {
    find_or_install_node()?;
    let lock = tests.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let wanted = bindings::digest(&wanted);
    let stamp = tests.join("node_modules/.installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    process::run(
        Command::new("npm")
            .current_dir(tests)
            .args(["ci", "--no-audit", "--no-fund"]),
    )
    .with_context(|| {
        format!(
            "installing the packages of {} needs a package registry that npm can reach",
            lock.display()
        )
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// The page beside other runtimes, which are installed for this alone.
pub(crate) fn bench_peers(workspace: &Workspace, quick: bool, json: Option<&Path>) -> Result<()> {
    ensure!(
        workspace.dist().join("index.html").is_file(),
        "expected a page in dist/, found none: cargo xtask build"
    );
    install_packages(workspace)?;
    let peers = workspace.tests().join("peers");
    install(&peers)?;
    let mut node = Command::new("node");
    node.arg(peers.join("run.mjs"))
        .env("CHROMIUM", browser::find_or_install()?);
    if quick {
        node.arg("--quick");
    }
    if let Some(json) = json {
        node.arg("--json").arg(json);
    }
    process::run(&mut node)
}

fn version() -> Option<String> {
    process::ask(Command::new("node").arg("--version"))
}

fn is_usable() -> bool {
    process::find("npm").is_some()
        && version()
            .as_deref()
            .and_then(major)
            .is_some_and(|major| major >= OLDEST_NODE)
}

fn find_or_install_node() -> Result<()> {
    if is_usable() {
        return Ok(());
    }
    let installed = version().is_none() && process::install_debian(&["nodejs", "npm"])?;
    ensure!(
        installed && is_usable(),
        "expected Node.js {OLDEST_NODE} or later with npm, found {}. \
         Install it from the system's packages or https://nodejs.org",
        version().unwrap_or_else(|| "none".into())
    );
    Ok(())
}

/// `v20.20.2` → 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Scripts and styles of `www/` into `dist/`, each for itself, without comments, blanks and the names of what is local; as
/// they are written where there is no Node.js or no registry for npm, which the page needs for nothing else.
///
/// # Errors
/// What esbuild says.
pub(crate) fn minify(workspace: &Workspace, files: &[&Path]) -> Result<()> {
    let able = match is_usable() {
        true => install_packages(workspace),
        false => Err(anyhow!(
            "making them smaller needs Node.js {OLDEST_NODE} or later with npm"
        )),
    };
    if let Err(error) = able {
        println!("  scripts as they are written: {error:#}");
        let (www, dist) = (workspace.www(), workspace.dist());
        return files
            .iter()
            .try_for_each(|file| dist::copy(&www.join(file), &dist.join(file)));
    }
    let out = format!("--outdir={}", workspace.dist().display());
    process::run(
        tool(workspace, "esbuild")
            .current_dir(workspace.www())
            .args(["--minify", "--target=esnext", "--charset=utf8"])
            .args(["--legal-comments=none", "--log-level=warning"])
            .args(["--outbase=.", &out, "--allow-overwrite"])
            .args(files),
    )
}

/// A program of the installed packages.
pub(crate) fn tool(workspace: &Workspace, name: &str) -> Command {
    Command::new(workspace.tests().join("node_modules/.bin").join(name))
}

/// Prettier's format, and what oxlint holds for a mistake; their settings lie at the top of the repository.
pub(crate) fn check_style(workspace: &Workspace) -> Result<()> {
    let ask = |name: &str| {
        let mut tool = tool(workspace, name);
        tool.current_dir(&workspace.root);
        tool
    };
    process::run(ask("prettier").args(["--check", "--log-level=warn"]).args(STYLED))
        .context("put in order by: tests/node_modules/.bin/prettier --write 'www/**/*.{js,css}' 'tests/browser/**/*.mjs' 'tests/peers/*.{js,mjs}' 'crates/zfnet-words/words/**/*.json'")?;
    process::run(ask("oxlint").args(["--deny-warnings", "www", "tests/browser", "tests/peers"]))
}

/// Strict types over the page's plain JavaScript, against the declarations that wasm-bindgen wrote.
pub(crate) fn check_types(workspace: &Workspace) -> Result<()> {
    let present: Vec<PathBuf> = TYPE_CHECKS
        .iter()
        .map(|name| workspace.www().join(name))
        .filter(|file| file.is_file())
        .collect();
    ensure!(
        !present.is_empty(),
        "expected www/{} or www/{}, found neither",
        TYPE_CHECKS[0],
        TYPE_CHECKS[1]
    );
    for settings in present {
        process::run(
            tool(workspace, "tsc")
                .arg("--noEmit")
                .arg("--project")
                .arg(&settings)
                .current_dir(&workspace.root),
        )?;
    }
    Ok(())
}

/// Every `tests/browser/*.test.mjs` against `dist/`, in the system's Chromium; the main flow in Firefox and WebKit too, where
/// they can be had, and the notebook's widget where there is a Python for it.
pub(crate) fn test_in_browser(workspace: &Workspace, python: Option<&Path>) -> Result<()> {
    let chromium = browser::find_or_install()?;
    let specs = specs(&workspace.tests().join("browser"))?;
    if specs.is_empty() {
        bail!("tests/browser: expected files named *.test.mjs, found none");
    }
    let (alone, others): (Vec<_>, Vec<_>) =
        specs.into_iter().partition(|spec| spec.ends_with(ALONE));
    let failed = workspace.target.join("failed-browser-tests.txt");
    let run = |specs: &[PathBuf], together: usize| {
        let mut node = Command::new("node");
        node.current_dir(workspace.tests())
            // A page that never becomes ready must not hold up the machine for ever.
            .args(["--test", "--test-timeout=1200000"])
            .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
            .arg("--test-reporter=./browser/failed.mjs")
            .arg(format!("--test-reporter-destination={}", failed.display()))
            .arg(format!("--test-concurrency={together}"))
            .args(specs)
            .env("CHROMIUM", &chromium)
            .env("ZF_LENS_DIST", workspace.dist());
        browser::tell_of_others(&mut node);
        if let Some(python) = python {
            node.env(notebook::VARIABLE, python);
        }
        process::run(&mut node)
    };
    for (specs, together) in [(others, TOGETHER), (alone, 1)] {
        let Err(error) = run(&specs, together) else {
            continue;
        };
        let again = files(&failed)?;
        if again.is_empty() || again.len() > SHAKY {
            return Err(error);
        }
        println!("  once more, alone, what failed beside others: {again:?}");
        run(&again, 1)?;
        println!("  SHAKY: failed at first and passed alone: {again:?}");
    }
    Ok(())
}

/// The files that are named in a list, a line each, each once.
fn files(list: &Path) -> Result<Vec<PathBuf>> {
    let names = fs::read_to_string(list).with_context(|| format!("reading {}", list.display()))?;
    let files: BTreeSet<_> = names.lines().map(PathBuf::from).collect();
    Ok(files.into_iter().collect())
}

fn specs(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut specs = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    specs.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    specs.sort();
    Ok(specs)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
