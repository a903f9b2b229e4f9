//! Sizes of what `dist/` sends to a visitor, against their budgets.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::modules::Module;
use crate::workspace::Workspace;
use crate::{bindings, budgets, dist};

/// What stands in other people's pages before a reader asks for more.
const WIDGET: [&str; 4] = ["zf-lens.js", "embed.html", "embed.js", "styles/embed.css"];
/// Scripts and styles that no visit of the page loads, its own worker, the page about embedding and the engine for other pages among them.
const ELSEWHERE: [&str; 8] = [
    "service-worker.js",
    "lens/embedded.js",
    "lens/engine/lens.js",
    "lens/styles/embedded.css",
    "zf-lens.js",
    "embed.js",
    "styles/embed.css",
    "styles/embedding.css",
];

/// The tabs beside the first, the choice of networks, and the camera and films are fetched one by one, when they are opened;
/// what writes pictures and numbers down, when they are taken away; what shares a long question, when one is asked; the Chinese
/// of what failed, when something does.
const LATER: [&str; 15] = [
    "lens/engine/crew.js",
    "lens/engine/device.js",
    "lens/engine/foreign.js",
    "lens/engine/heads.js",
    "lens/engine/reader.js",
    "lens/experiments",
    "lens/export.js",
    "lens/figures.js",
    "lens/live",
    "lens/networks",
    "lens/pdf.js",
    "lens/text/details",
    "embed-code.js",
    "offline",
    "tour",
];

/// One line of the table.
struct Size {
    what: &'static str,
    raw: u64,
    sent: u64,
    budget: u64,
}

/// Prints the table.
pub(crate) fn report(workspace: &Workspace) -> Result<()> {
    println!("{:<28} {:>12} {:>12} {:>12}", "", "raw", "sent", "budget");
    for size in measure(workspace)? {
        println!(
            "{:<28} {:>12} {:>12} {:>12}",
            size.what,
            grouped(size.raw),
            grouped(size.sent),
            grouped(size.budget)
        );
    }
    Ok(())
}

/// Prints the table, and fails when something has outgrown its budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    report(workspace)?;
    let over: Vec<String> = measure(workspace)?
        .iter()
        .filter(|size| size.sent > size.budget)
        .map(|size| {
            format!(
                "{}: expected at most {}, found {}",
                size.what,
                grouped(size.budget),
                grouped(size.sent)
            )
        })
        .collect();
    ensure!(
        over.is_empty(),
        "over budget (crates/xtask/src/budgets.rs): {}",
        over.join("; ")
    );
    Ok(())
}

fn measure(workspace: &Workspace) -> Result<Vec<Size>> {
    let dist = workspace.dist();
    let files = dist::files(&dist)?;
    ensure!(
        !files.is_empty(),
        "dist/ is empty: run `cargo xtask build` first"
    );
    let (tabs, scripts): (Vec<_>, Vec<_>) = files
        .iter()
        .filter(|file| is_script(file))
        .cloned()
        .partition(|file| LATER.iter().any(|later| file.starts_with(later)));
    let first = first_shard(&dist, &files)?;
    let module = |module: Module| vec![PathBuf::from(module.wasm())];
    let mut cache = Cache::read(workspace.web_target().join("compressed-sizes.json"));
    let mut table = Vec::new();
    for (what, files, budget) in [
        ("cpu module", module(Module::Cpu), budgets::CPU_MODULE),
        (
            "cpu-relaxed module",
            module(Module::CpuRelaxed),
            budgets::CPU_MODULE,
        ),
        (
            "webgpu module",
            module(Module::WebGpu),
            budgets::WEBGPU_MODULE,
        ),
        (
            "import module",
            module(Module::Import),
            budgets::IMPORT_MODULE,
        ),
        (
            "figures module",
            module(Module::Figures),
            budgets::FIGURES_MODULE,
        ),
        ("scripts and styles", scripts, budgets::SCRIPTS),
        ("the same of all other tabs", tabs, budgets::TABS),
        (
            "widget, before it is asked",
            WIDGET.map(PathBuf::from).to_vec(),
            budgets::WIDGET,
        ),
    ] {
        let (mut raw, mut sent) = (0, 0);
        for file in files {
            let bytes = fs::read(dist.join(&file))
                .with_context(|| format!("reading dist/{}", file.display()))?;
            raw += length(&bytes);
            sent += cache.compressed(&bytes)?;
        }
        table.push(Size {
            what,
            raw,
            sent,
            budget,
        });
    }
    cache.write()?;
    table.push(Size {
        what: "first weights shard",
        raw: first,
        sent: first,
        budget: budgets::FIRST_SHARD,
    });
    Ok(table)
}

/// Whether a visit of the page may load it, and it is a script or a style. The glue of the modules is alike; a visitor
/// loads one of them.
fn is_script(file: &Path) -> bool {
    let kind = file.extension().and_then(|extension| extension.to_str());
    matches!(kind, Some("js" | "mjs" | "css"))
        && (!file.starts_with("pkg") || file.starts_with("pkg/cpu"))
        && !ELSEWHERE.iter().any(|other| file == Path::new(other))
}

/// Bytes of the bundled network's features. Its classifier comes after the first look; checkpoints of a training and other
/// networks are fetched when a visitor asks for them.
fn first_shard(dist: &Path, files: &[PathBuf]) -> Result<u64> {
    let is_first = |file: &&PathBuf| {
        let name = file.to_string_lossy();
        file.parent() == Some(Path::new("weights"))
            && name.ends_with(".safetensors")
            && name.contains("features")
    };
    let first: Vec<_> = files.iter().filter(is_first).collect();
    ensure!(
        !first.is_empty(),
        "dist/weights: expected a shard with `features` in its name, found none"
    );
    let bytes = first
        .iter()
        .map(|file| Ok(fs::metadata(dist.join(file))?.len()));
    bytes.sum()
}

/// Brotli at its best takes a minute for the larger module, so results are kept by content.
struct Cache {
    file: PathBuf,
    known: BTreeMap<String, u64>,
    used: BTreeMap<String, u64>,
}

impl Cache {
    fn read(file: PathBuf) -> Self {
        let known = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            file,
            known,
            used: BTreeMap::new(),
        }
    }

    fn compressed(&mut self, bytes: &[u8]) -> Result<u64> {
        let key = bindings::digest(bytes);
        let size = match self.known.get(&key) {
            Some(&size) => size,
            None => length(&brotli(bytes)?),
        };
        self.used.insert(key, size);
        Ok(size)
    }

    /// Keeps what was asked for this time.
    fn write(self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, serde_json::to_vec(&self.used)?)
            .with_context(|| format!("writing {}", self.file.display()))
    }
}

/// At quality 11, as static hosts send it.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 24);
    writer
        .write_all(bytes)
        .and_then(|()| writer.flush())
        .context("Brotli")?;
    drop(writer);
    Ok(compressed)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// `1234567` → `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn compresses_to_something_that_can_be_read_again() {
        let text = include_bytes!("sizes.rs");
        let small = brotli(text).expect("compression");
        assert!(small.len() * 2 < text.len());
        let mut again = Vec::new();
        brotli::BrotliDecompress(&mut small.as_slice(), &mut again).expect("decompression");
        assert_eq!(again, text);
    }
}
