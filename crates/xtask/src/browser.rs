//! The system's browsers, which the browser tests drive.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Debian's smallest font with Chinese letters.
const CHINESE: &str = "fonts-wqy-microhei";

/// Chromium: the one named by `CHROMIUM`, or the first known one on the search path, or Debian's, installed now; with letters for
/// all that the page says, since boxes in their place are narrower.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    let fonts = process::ask(Command::new("fc-list").arg(":lang=zh"));
    if fonts.unwrap_or_default().is_empty() {
        process::install_debian(&[CHINESE])?;
    }
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

type Find = fn() -> Option<PathBuf>;

/// A browser that is tested where it is there or can be installed, and named where it is not.
struct Further {
    name: &'static str,
    /// Debian's packages.
    packages: &'static [&'static str],
    /// The variable that tells the tests of a program, and where that program lies.
    programs: &'static [(&'static str, Find)],
}

const FURTHER: [Further; 2] = [
    Further {
        name: "Firefox",
        packages: &["firefox-esr"],
        programs: &[("FIREFOX", || {
            ["firefox-esr", "firefox"].iter().find_map(process::find)
        })],
    },
    // The driver starts a small browser of its own on a screen that nobody sees.
    Further {
        name: "WebKit",
        packages: &["webkit2gtk-driver", "xvfb"],
        programs: &[
            ("WEBKIT_DRIVER", || process::find("WebKitWebDriver")),
            ("WEBKIT_BROWSER", mini_browser),
            ("XVFB", || process::find("Xvfb")),
        ],
    },
];

/// Tells the tests where Firefox and WebKit are; says so where one is missing.
pub(crate) fn tell_of_others(tests: &mut Command) {
    for browser in &FURTHER {
        let find = || -> Option<Vec<_>> {
            let each = browser.programs.iter();
            each.map(|(variable, find)| Some((*variable, find()?)))
                .collect()
        };
        let mut found = find();
        if found.is_none() && process::install_debian(browser.packages).unwrap_or(false) {
            found = find();
        }
        match found {
            Some(programs) => {
                tests.envs(programs);
            }
            None => println!(
                "  not tested in {}: it is not installed (Debian: apt-get install {})",
                browser.name,
                browser.packages.join(" ")
            ),
        }
    }
}

/// It lies beside WebKit's library, in a folder named after processor and version.
fn mini_browser() -> Option<PathBuf> {
    let libraries = Path::new("/usr/lib").read_dir().ok()?;
    let folders = libraries.filter_map(|entry| entry.ok()?.path().read_dir().ok());
    folders
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("MiniBrowser")))
        .find(|file| file.is_file() && file.parent().is_some_and(is_webkit))
}

fn is_webkit(folder: &Path) -> bool {
    folder
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("webkit"))
}
