//! The browser modules: one crate, compiled once for each backend, and for the CPU twice: browsers refuse a module with a single
//! instruction that they do not know; one that reads other people's networks; and one that draws figures.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;
use crate::{lints, process, relaxed};

/// A backend, and with it a module; or what reads networks, or draws figures, for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Module {
    Cpu,
    /// The same with relaxed vector instructions, of which one multiplies and adds.
    #[value(name = "cpu-relaxed")]
    CpuRelaxed,
    #[value(name = "webgpu")]
    WebGpu,
    Import,
    Figures,
}

impl Module {
    pub(crate) const ALL: [Self; 5] = [
        Self::Cpu,
        Self::CpuRelaxed,
        Self::WebGpu,
        Self::Import,
        Self::Figures,
    ];

    /// Its folder in `www/pkg`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::CpuRelaxed => "cpu-relaxed",
            Self::WebGpu => "webgpu",
            Self::Import => "import",
            Self::Figures => "figures",
        }
    }

    /// Its cargo feature: what `?backend=` calls it, and of what has no backend the one whose packages are compiled already.
    fn feature(self) -> &'static str {
        match self {
            Self::Cpu | Self::CpuRelaxed | Self::Import | Self::Figures => "cpu",
            Self::WebGpu => "webgpu",
        }
    }

    /// Its crate.
    fn source(self) -> &'static str {
        match self {
            Self::Import => "zfnet-web-import",
            Self::Figures => "zfnet-web-figures",
            _ => "zfnet-web",
        }
    }

    /// What its files are called.
    pub(crate) fn stem(self) -> &'static str {
        match self {
            Self::Import => "zfnet_web_import",
            Self::Figures => "zfnet_web_figures",
            _ => "zfnet_web",
        }
    }

    /// Where its WebAssembly lies in `dist/`.
    pub(crate) fn wasm(self) -> String {
        format!("pkg/{}/{}_bg.wasm", self.name(), self.stem())
    }

    pub(crate) fn package(self, workspace: &Workspace) -> PathBuf {
        workspace.www().join("pkg").join(self.name())
    }

    /// Its own target directory: the file of a `cdylib` carries no hash, so in a shared one each module would overwrite
    /// the other and be compiled again every time.
    fn target(self, workspace: &Workspace) -> PathBuf {
        let name = match self {
            // Other files beside it.
            Self::Import | Self::Figures => Self::Cpu.name(),
            module => module.name(),
        };
        workspace.web_target().join(name)
    }
}

/// Compiles a module and returns its file.
pub(crate) fn compile(
    workspace: &Workspace,
    toolchain: &Toolchain,
    module: Module,
) -> Result<PathBuf> {
    begin(workspace, module)?;
    process::run(&mut cargo(workspace, toolchain, "build", module)?)?;
    let built = module
        .target(workspace)
        .join(TARGET)
        .join("web")
        .join(format!("{}.wasm", module.stem()));
    ensure!(built.is_file(), "cargo built no {}", built.display());
    Ok(built)
}

/// Gives a module that was never compiled what another one has: all that depends neither on the backend nor on instructions
/// is the same.
fn begin(workspace: &Workspace, module: Module) -> Result<()> {
    let own = module.target(workspace);
    let mut others = Module::ALL.map(|other| other.target(workspace)).into_iter();
    match others.find(|other| *other != own && other.is_dir()) {
        Some(other) if !own.exists() => copy(&other, &own),
        _ => Ok(()),
    }
}

/// Whether every module has this one of its own.
fn is_own(name: &str) -> bool {
    name.contains("zfnet") || relaxed::CRATES.iter().any(|own| name.contains(own))
}

/// With the times of the files, by which cargo knows what is up to date; without the module itself.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let path = to.join(&name);
        if kind.is_dir() {
            copy(&entry.path(), &path)?;
        } else if kind.is_file() && !is_own(&name.to_string_lossy()) {
            fs::copy(entry.path(), &path)?;
            let times = FileTimes::new().set_modified(entry.metadata()?.modified()?);
            File::options().write(true).open(&path)?.set_times(times)?;
        }
    }
    Ok(())
}

/// Lints a module, where its compiler brings a clippy. As a plain library: the file of a `cdylib` carries no hash, and this one
/// must not take the place of what is shipped.
pub(crate) fn lint(workspace: &Workspace, toolchain: &Toolchain, module: Module) -> Result<()> {
    let Some(clippy) = toolchain.clippy() else {
        println!("  this compiler has no clippy");
        return Ok(());
    };
    let mut cargo = cargo(workspace, toolchain, "rustc", module)?;
    // Nobody runs what is linted.
    for name in ["zfnet", module.source()] {
        cargo.args([
            "--config",
            &format!("profile.web.package.{name}.opt-level=0"),
        ]);
    }
    process::run(lints::lint(&mut cargo, &clippy).args(["--lib", "--crate-type", "rlib"]))
}

fn cargo(
    workspace: &Workspace,
    toolchain: &Toolchain,
    command: &str,
    module: Module,
) -> Result<Command> {
    let mut cargo = toolchain.cargo(workspace, command);
    cargo.args([
        "--package",
        module.source(),
        "--profile",
        "web",
        "--no-default-features",
        "--features",
        module.feature(),
    ]);
    cargo.arg("--target-dir").arg(module.target(workspace));
    if module == Module::CpuRelaxed {
        relaxed::compile_with(&mut cargo)?;
    }
    Ok(cargo)
}
