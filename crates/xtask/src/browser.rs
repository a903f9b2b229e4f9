//! The system's Chromium, which the browser tests drive.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use crate::process;

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
const MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser named by `CHROMIUM`, or the first known one on the search path, or Debian's, installed now.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM") {
        let chosen = PathBuf::from(chosen);
        ensure!(
            chosen.is_file(),
            "CHROMIUM names {}, and there is no such file",
            chosen.display()
        );
        return Ok(chosen);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    if process::install_debian(&["chromium"])?
        && let Some(found) = find()
    {
        return Ok(found);
    }
    bail!(
        "expected one of {} on the search path, found none. Install Chromium \
         (Debian, as root: apt-get install chromium), or name a Chromium or Chrome in the variable CHROMIUM",
        NAMES.join(", ")
    )
}

fn find() -> Option<PathBuf> {
    let macos = || Some(PathBuf::from(MACOS)).filter(|file| file.is_file());
    NAMES.iter().find_map(process::find).or_else(macos)
}
