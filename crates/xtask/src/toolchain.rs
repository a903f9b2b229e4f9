//! The compiler for WebAssembly: found, or installed, in a fixed order.
//!
//! 1. the active toolchain, if it has the target;
//! 2. the active toolchain after `rustup target add`, where the toolchain server can be reached;
//! 3. the system's own rustc with its standard library as source (Debian ships both), installed with apt-get if need be;
//! 4. a message that says what to install.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Flags of the compiler for the browser modules; a change here rebuilds burn. Every browser with WebAssembly of the
/// last years has 128-bit vectors.
const RUSTFLAGS: &[&str] = &["-C", "target-feature=+simd128"];

const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];
const DEBIAN_CLIPPY: &str = "rust-web-clippy";

/// `active` or `system`: skips the search, for whoever wants to know that the other one works as well.
const CHOICE: &str = "ZF_LENS_WASM_TOOLCHAIN";

/// A compiler that can build for the browser.
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The toolchain that runs us.
    Active,
    /// The system's own compiler, which builds the standard library from source.
    System(System),
}

#[derive(Debug)]
pub(crate) struct System {
    version: String,
    linker: PathBuf,
}

impl Toolchain {
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let choice = env::var(CHOICE).unwrap_or_default();
        match choice.as_str() {
            "" | "active" => {
                if active_has_target(&workspace.root) || add_target(workspace) {
                    return Ok(Self::Active);
                }
            }
            "system" => {}
            other => bail!("{CHOICE}: expected `active` or `system`, found `{other}`"),
        }
        if choice != "active" {
            if let Some(system) = System::find(&workspace.root) {
                return Ok(Self::System(system));
            }
            if process::install_debian(DEBIAN_PACKAGES).unwrap_or_else(report)
                && let Some(system) = System::find(&workspace.root)
            {
                return Ok(Self::System(system));
            }
        }
        bail!(
            "no compiler for {TARGET}. Install one of:\n  \
             rustup target add {TARGET}\n  \
             apt-get install {}   (Debian 12 and later, as root)\n  \
             any rustc of version 1.95 or later that has the target or, as `rust-src`, its standard library's source",
            DEBIAN_PACKAGES.join(" ")
        )
    }

    /// `cargo COMMAND` for a browser module; the caller adds package, features, profile and target directory.
    pub(crate) fn cargo(&self, workspace: &Workspace, command: &str) -> Command {
        let mut cargo = match self {
            Self::Active => {
                let mut cargo = process::cargo(&workspace.root);
                cargo.arg(command);
                cargo
            }
            Self::System(system) => system.cargo(&workspace.root, command),
        };
        cargo.env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
        cargo.args(["--target", TARGET]);
        cargo
    }

    /// Clippy's compiler of the same version; installs Debian's when it can.
    pub(crate) fn clippy(&self) -> Option<PathBuf> {
        match self {
            Self::Active => process::find("clippy-driver"),
            Self::System(_) => {
                let driver = PathBuf::from("/usr/bin/clippy-driver");
                let present = driver.is_file()
                    || process::install_debian(&[DEBIAN_CLIPPY]).unwrap_or_else(report)
                        && driver.is_file();
                present.then_some(driver)
            }
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => write!(f, "the active toolchain, with its target {TARGET}"),
            Self::System(system) => {
                write!(
                    f,
                    "/usr/bin/rustc {}, standard library from source, linker {}",
                    system.version,
                    system.linker.display()
                )
            }
        }
    }
}

/// A step that could not be taken is told, and the search goes on.
fn report(error: anyhow::Error) -> bool {
    eprintln!("  {error:#}");
    false
}

fn active_has_target(root: &Path) -> bool {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .current_dir(root)
        .args(["--print", "target-libdir", "--target", TARGET]);
    process::ask(&mut rustc).is_some_and(|folder| Path::new(&folder).is_dir())
}

fn add_target(workspace: &Workspace) -> bool {
    let Some(rustup) = process::find("rustup") else {
        return false;
    };
    // Where the server is out of reach the attempt may take its time, so it is made once a day.
    let attempt = workspace.web_target().join("rustup-target-add-failed");
    let recent = |written: SystemTime| {
        written
            .elapsed()
            .is_ok_and(|age| age < Duration::from_secs(24 * 3600))
    };
    if fs::metadata(&attempt)
        .and_then(|file| file.modified())
        .is_ok_and(recent)
    {
        return false;
    }
    println!("  rustup target add {TARGET}");
    let added = process::run(
        Command::new(rustup)
            .current_dir(&workspace.root)
            .args(["target", "add", TARGET]),
    );
    match added {
        Ok(()) => active_has_target(&workspace.root),
        Err(error) => {
            if let Err(unwritten) =
                fs::create_dir_all(workspace.web_target()).and_then(|()| fs::write(&attempt, ""))
            {
                eprintln!("  cannot write {}: {unwritten}", attempt.display());
            }
            report(error)
        }
    }
}

impl System {
    /// `None` unless compiler, cargo, a matching source and a linker are all there.
    fn find(root: &Path) -> Option<Self> {
        let mut rustc = Command::new("/usr/bin/rustc");
        Self::clean(&mut rustc);
        let version = process::ask(rustc.arg("--version"))?;
        let version = version.split_whitespace().nth(1)?.to_owned();
        if minor(&version)? < 95 || !Path::new("/usr/bin/cargo").is_file() {
            return None;
        }
        let mut rustc = Command::new("/usr/bin/rustc");
        Self::clean(&mut rustc);
        let sysroot = process::ask(rustc.args(["--print", "sysroot"]))?;
        let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml");
        source.is_file().then_some(())?;
        Some(Self {
            version,
            linker: linker(root)?,
        })
    }

    fn cargo(&self, root: &Path, command: &str) -> Command {
        let mut cargo = Command::new("/usr/bin/cargo");
        Self::clean(&mut cargo);
        cargo
            .current_dir(root)
            .arg(command)
            .arg("-Zbuild-std=std,panic_abort");
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", "/usr/bin/rustc")
            .env("CARGO", "/usr/bin/cargo");
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
        let first = ["/usr/share/cargo/bin", "/usr/bin"]
            .iter()
            .map(PathBuf::from)
            .filter(|folder| folder.is_dir());
        let path = env::var_os("PATH").unwrap_or_default();
        if let Ok(path) = env::join_paths(first.chain(env::split_paths(&path))) {
            cargo.env("PATH", path);
        }
        cargo
    }

    /// What rustup and cargo told us about themselves must not reach another toolchain.
    fn clean(command: &mut Command) {
        process::forget_package(command);
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTDOC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "RUST_RECURSION_COUNT",
            "LD_LIBRARY_PATH",
        ] {
            command.env_remove(name);
        }
    }
}

/// The linker of the active toolchain is newer than what most systems ship.
fn linker(root: &Path) -> Option<PathBuf> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let host = process::ask(rustc.current_dir(root).args(["--print", "target-libdir"]));
    let bundled = host
        .map(PathBuf::from)
        .and_then(|folder| Some(folder.parent()?.join("bin/rust-lld")));
    bundled
        .filter(|file| file.is_file())
        .or_else(|| process::find("rust-lld"))
        .or_else(|| process::find("wasm-ld"))
}

/// `1.96.0` → 96.
fn minor(version: &str) -> Option<u32> {
    version
        .strip_prefix("1.")?
        .split(['.', '-'])
        .next()?
        .parse()
        .ok()
}

/// Names the toolchain once per build, so that a surprising one is noticed.
pub(crate) fn find(workspace: &Workspace) -> Result<Toolchain> {
    let toolchain =
        Toolchain::find(workspace).context("looking for a compiler for the browser modules")?;
    if let Toolchain::System(_) = &toolchain {
        println!("  {toolchain}");
    }
    Ok(toolchain)
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn reads_the_minor_version() {
        assert_eq!(minor("1.96.0"), Some(96));
        assert_eq!(minor("1.97.0-nightly"), Some(97));
        assert_eq!(minor("2.0.0"), None);
    }
}
