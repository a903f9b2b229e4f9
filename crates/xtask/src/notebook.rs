//! The widget for notebooks: a Python with JupyterLab to try it in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};

use crate::workspace::Workspace;
use crate::{bindings, process};

const NAMES: [&str; 2] = ["python3", "python"];
const OLDEST_PYTHON: u32 = 10;
/// Where the tests are told of it.
pub(crate) const VARIABLE: &str = "NOTEBOOK_PYTHON";

/// What can be said without a browser.
pub(crate) fn test(workspace: &Workspace, python: &Path) -> Result<()> {
    let notebook = workspace.www().join("notebook");
    process::run(
        Command::new(python)
            .current_dir(&notebook)
            .env("PYTHONPATH", notebook.join("src"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(["-m", "unittest", "discover", "--start-directory", "tests"]),
    )
}

/// A Python with what `tests/notebook-requirements.txt` names; says so where there is none and none can be made.
pub(crate) fn environment(workspace: &Workspace) -> Option<PathBuf> {
    find_or_make(workspace)
        .map_err(|error| println!("  not tested in notebooks: {error:#}"))
        .ok()
}

fn find_or_make(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.tests().join("notebook-requirements.txt");
    let wanted =
        fs::read(&requirements).with_context(|| format!("reading {}", requirements.display()))?;
    let wanted = bindings::digest(&wanted);
    let folder = workspace.target.join("notebook-python");
    let python = if cfg!(windows) {
        folder.join("Scripts/python.exe")
    } else {
        folder.join("bin/python")
    };
    let stamp = folder.join(".installed-from");
    // The Python that it was made from may have gone since.
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted)
        && minor(&python).is_some()
    {
        return Ok(python);
    }
    let from = find()?;
    process::quietly(
        Command::new(from)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .context("making a virtual environment (Debian: apt-get install python3-venv)")?;
    process::quietly(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--retries", "1", "--requirement"])
            .arg(&requirements),
    )
    .context(
        "installing tests/notebook-requirements.txt needs a package index that pip can reach",
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(python)
}

fn find() -> Result<PathBuf> {
    let on_path = || NAMES.iter().find_map(process::find);
    let mut found = on_path();
    if found.is_none() && process::install_debian(&["python3", "python3-venv"]).unwrap_or(false) {
        found = on_path();
    }
    let python = found
        .ok_or_else(|| anyhow!("there is no Python (Debian: apt-get install python3-venv)"))?;
    let minor = minor(&python).unwrap_or_default();
    ensure!(
        minor >= OLDEST_PYTHON,
        "expected Python 3.{OLDEST_PYTHON} or later, found 3.{minor}"
    );
    Ok(python)
}

/// `11` of Python 3.11; `None` where it does not start.
fn minor(python: &Path) -> Option<u32> {
    let print = "import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)";
    process::ask(Command::new(python).args(["-c", print]))?
        .parse()
        .ok()
}
