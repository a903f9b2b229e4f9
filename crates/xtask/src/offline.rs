//! What the page needs to work without a network: the list of its files, and a service worker that knows which list is its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::{bindings, dist};

/// The list, in `dist/`.
pub(crate) const LIST: &str = "files.json";
const WORKER: &str = "service-worker.js";
/// What the worker's first line sets; see `www/service-worker.js`.
const STAMP: &str = "self.LIST=";

#[derive(Serialize)]
struct List {
    format: u32,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: String,
    bytes: usize,
    sha256: String,
    /// Whether nothing opens without it.
    app: bool,
}

/// Writes the list of everything in `dist/` that a page may ask for, and the list's hash into the worker: a change of any
/// file is a change of the worker, which is how browsers find out.
pub(crate) fn list(dist: &Path) -> Result<()> {
    let mut files = Vec::new();
    for path in dist::files(dist)?
        .into_iter()
        .filter(|path| is_asked_for(path))
    {
        let file = dist.join(&path);
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        files.push(File {
            path: in_address(&path),
            bytes: bytes.len(),
            sha256: bindings::digest(&bytes),
            app: is_app(&path),
        });
    }
    let json = serde_json::to_vec(&List { format: 1, files })?;
    write_if_different(&dist.join(LIST), &json)?;

    let worker = dist.join(WORKER);
    let script =
        fs::read_to_string(&worker).with_context(|| format!("reading {}", worker.display()))?;
    let plain = match script.split_once('\n') {
        Some((first, rest)) if first.starts_with(STAMP) => rest,
        _ => &script,
    };
    let stamped = format!("{STAMP}\"{}\";\n{plain}", bindings::digest(&json));
    write_if_different(&worker, stamped.as_bytes())
}

/// The worker and the list are the browser's affair; what is shown elsewhere of the page is not asked for by it.
fn is_asked_for(path: &Path) -> bool {
    let hidden = path.to_string_lossy().starts_with('.');
    !(hidden
        || path == Path::new(LIST)
        || path == Path::new(WORKER)
        || path.starts_with("screenshots"))
}

/// The program for graphics cards and the numbers and pictures of the networks are kept on request; every list of them is
/// part of the page, so that a page and its networks are of one version.
fn is_app(path: &Path) -> bool {
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    !path.starts_with("pkg/webgpu") && (is_json || !path.starts_with("weights"))
}

/// With the strokes of an address.
pub(crate) fn in_address(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn write_if_different(file: &PathBuf, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_is_another_worker() -> Result<()> {
        let dist = std::env::temp_dir().join(format!("zf-lens-offline-{}", std::process::id()));
        fs::create_dir_all(dist.join("weights"))?;
        for module in ["pkg/cpu", "pkg/cpu-relaxed", "pkg/webgpu"] {
            fs::create_dir_all(dist.join(module))?;
        }
        fs::create_dir_all(dist.join("screenshots"))?;
        for (path, text) in [
            ("index.html", "a page"),
            ("weights/manifest.json", "{}"),
            ("weights/a.safetensors", "numbers"),
            ("pkg/cpu/a.wasm", "program"),
            ("pkg/cpu-relaxed/a.wasm", "program"),
            ("pkg/webgpu/a.wasm", "program"),
            ("screenshots/card.jpg", "picture"),
            (".nojekyll", ""),
            (WORKER, "work();\n"),
        ] {
            fs::write(dist.join(path), text)?;
        }
        list(&dist)?;
        let first = fs::read_to_string(dist.join(WORKER))?;
        let json: serde_json::Value = serde_json::from_slice(&fs::read(dist.join(LIST))?)?;
        let listed: Vec<_> = json["files"].as_array().into_iter().flatten().collect();
        let paths: Vec<_> = listed
            .iter()
            .map(|file| (&file["path"], &file["app"]))
            .collect();
        assert_eq!(
            serde_json::to_value(paths)?,
            serde_json::json!([
                ["index.html", true],
                ["pkg/cpu/a.wasm", true],
                ["pkg/cpu-relaxed/a.wasm", true],
                ["pkg/webgpu/a.wasm", false],
                ["weights/a.safetensors", false],
                ["weights/manifest.json", true]
            ])
        );
        assert_eq!(listed[0]["bytes"], 6);
        list(&dist)?;
        assert_eq!(
            fs::read_to_string(dist.join(WORKER))?,
            first,
            "nothing has changed"
        );
        fs::write(dist.join("index.html"), "another")?;
        list(&dist)?;
        let second = fs::read_to_string(dist.join(WORKER))?;
        fs::remove_dir_all(&dist)?;
        assert_ne!(second, first);
        assert!(
            second.starts_with(STAMP) && second.ends_with("\nwork();\n"),
            "{second}"
        );
        assert_eq!(second.matches(STAMP).count(), 1);
        Ok(())
    }
}
