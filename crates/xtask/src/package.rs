//! The npm package, made of `dist/` and of `www/npm/`; and `dist/` as one file, for those who have no npm.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::modules::Module;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{dist, node, offline, process};

/// The package, ready for `npm publish`.
const PACKAGE: &str = "dist-npm";
/// `dist/` in one file.
const ZIP: &str = "dist.zip";
/// The page in the package.
const SITE: &str = "site";
/// Of the page, what the package goes without: half of its size for one tab, and what is shown of the page elsewhere.
const LEFT_OUT: [&str; 2] = ["weights/evolution", "screenshots"];
/// What stands in `www/npm/` for what the workspace says.
const VERSION: &str = "\"version\": \"0.0.0\"";
const LICENCE: &str = "\"license\": \"UNKNOWN\"";
/// The weights' own, beside that of the code.
const OF_WEIGHTS: &str = "CC-BY-SA-4.0";

/// Makes both from what `dist/` holds.
pub(crate) fn package(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let dist = workspace.dist();
    for module in Module::ALL {
        let wasm = module.wasm();
        ensure!(
            dist.join("index.html").is_file() && dist.join(&wasm).is_file(),
            "expected a page with all modules in dist/, found no {wasm}: cargo xtask build"
        );
    }
    let npm = workspace.root.join(PACKAGE);
    steps.step("files of the package", || copy(workspace, &npm))?;
    steps.step("types of the package", || declare(workspace, &npm))?;
    steps.step("description of the element", || describe(workspace, &npm))?;
    steps.step(ZIP, || pack(&dist, &workspace.root.join(ZIP)))?;
    for (what, bytes) in [
        (PACKAGE, size(&npm)?),
        (ZIP, fs::metadata(workspace.root.join(ZIP))?.len()),
    ] {
        println!("  {what}: {:.1} MB", bytes as f64 / 1e6);
    }
    Ok(())
}

fn copy(workspace: &Workspace, npm: &Path) -> Result<()> {
    if npm.exists() {
        fs::remove_dir_all(npm).with_context(|| format!("removing {}", npm.display()))?;
    }
    let (dist, site) = (workspace.dist(), npm.join(SITE));
    let is_left_out = |file: &Path| LEFT_OUT.iter().any(|folder| file.starts_with(folder));
    for file in dist::files(&dist)? {
        if !is_left_out(&file) {
            dist::copy(&dist.join(&file), &site.join(&file))?;
        }
    }
    // As they are written: what they say to bundlers stands in comments.
    let www = workspace.www();
    for file in dist::files(&www.join("lens/engine"))? {
        dist::copy(
            &www.join("lens/engine").join(&file),
            &site.join("lens/engine").join(&file),
        )?;
    }
    dist::copy(&www.join("zf-lens.js"), &site.join("zf-lens.js"))?;
    offline::list(&site)?;

    let own = workspace.www().join("npm");
    for file in ["README.md", "zf-lens.js"] {
        dist::copy(&own.join(file), &npm.join(file))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        dist::copy(&workspace.root.join(licence), &npm.join(licence))?;
    }
    dist::copy(
        &workspace.weights().join("MODEL_CARD.md"),
        &npm.join("MODEL_CARD.md"),
    )?;
    let written =
        fs::read_to_string(own.join("package.json")).context("reading www/npm/package.json")?;
    let stated = stated(
        &written,
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_LICENSE"),
        env!("CARGO_PKG_REPOSITORY"),
    )?;
    fs::write(npm.join("package.json"), stated).context("writing package.json")
}

/// `package.json` with what the workspace says of itself.
fn stated(written: &str, version: &str, licence: &str, repository: &str) -> Result<String> {
    for line in [VERSION, LICENCE] {
        ensure!(
            written.contains(line),
            "www/npm/package.json: expected {line}, found none"
        );
    }
    let source = match repository {
        "" => String::new(),
        url => format!(",\n  \"repository\": {{ \"type\": \"git\", \"url\": \"git+{url}.git\" }}"),
    };
    Ok(written
        .replace(VERSION, &format!("\"version\": \"{version}\""))
        .replace(
            LICENCE,
            &format!("\"license\": \"({licence}) AND {OF_WEIGHTS}\"{source}"),
        ))
}

/// Declarations from the comments of the scripts, beside those that wasm-bindgen wrote.
fn declare(workspace: &Workspace, npm: &Path) -> Result<()> {
    node::install_packages(workspace)?;
    let (own, types) = (workspace.www().join("npm"), npm.join("types"));
    process::run(
        node::tool(workspace, "tsc")
            .arg("--project")
            .arg(own.join("tsconfig.json"))
            .arg("--outDir")
            .arg(&types),
    )?;
    let bindings = "pkg/cpu/zfnet_web.d.ts";
    dist::copy(&workspace.www().join(bindings), &types.join(bindings))?;
    dist::copy(&own.join("index.d.ts"), &types.join("index.d.ts"))
}

fn describe(workspace: &Workspace, npm: &Path) -> Result<()> {
    let mut analyzer: Command = node::tool(workspace, "cem");
    analyzer.current_dir(npm).arg("analyze").arg("--config");
    process::run(analyzer.arg(workspace.www().join("npm/manifest.config.mjs")))
}

/// Everything below one folder of the page's name; what is small already is stored as it is.
fn pack(dist: &Path, file: &Path) -> Result<()> {
    let out = fs::File::create(file).with_context(|| format!("writing {}", file.display()))?;
    let mut zip = ZipWriter::new(BufWriter::new(out));
    for path in dist::files(dist)? {
        let kind = path.extension().and_then(|kind| kind.to_str());
        let method = match kind {
            Some("safetensors" | "jpg" | "webp" | "png") => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("zf-lens/{}", offline::in_address(&path)), options)?;
        let bytes =
            fs::read(dist.join(&path)).with_context(|| format!("reading {}", path.display()))?;
        zip.write_all(&bytes)?;
    }
    zip.finish()?
        .flush()
        .with_context(|| format!("writing {}", file.display()))
}

fn size(folder: &Path) -> Result<u64> {
    let sizes = dist::files(folder)?
        .into_iter()
        .map(|file| Ok(fs::metadata(folder.join(file))?.len()));
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_states_what_the_workspace_says() -> Result<()> {
        let written = include_str!("../../../www/npm/package.json");
        let plain: serde_json::Value = serde_json::from_str(&stated(written, "1.2.3", "MIT", "")?)?;
        assert_eq!(plain["version"], "1.2.3");
        assert_eq!(plain["license"], "(MIT) AND CC-BY-SA-4.0");
        assert!(plain["repository"].is_null());
        let known = stated(written, "1.2.3", "MIT", "https://example.org/a")?;
        let known: serde_json::Value = serde_json::from_str(&known)?;
        assert_eq!(known["repository"]["url"], "git+https://example.org/a.git");
        assert!(stated("{}", "1.2.3", "MIT", "").is_err());
        Ok(())
    }

    #[test]
    fn the_zip_holds_every_file_as_it_is() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("zf-lens-package-{}", std::process::id()));
        let dist = folder.join("dist");
        fs::create_dir_all(dist.join("weights"))?;
        for (path, text) in [
            ("index.html", "a page"),
            ("weights/a.safetensors", "numbers"),
        ] {
            fs::write(dist.join(path), text)?;
        }
        pack(&dist, &folder.join(ZIP))?;
        let mut zip = zip::ZipArchive::new(fs::File::open(folder.join(ZIP))?)?;
        let names: Vec<_> = (0..zip.len())
            .map(|at| Ok(zip.by_index(at)?.name()?.into_owned()))
            .collect::<Result<_>>()?;
        let page = std::io::read_to_string(zip.by_name("zf-lens/index.html")?)?;
        fs::remove_dir_all(&folder)?;
        assert_eq!(
            names,
            ["zf-lens/index.html", "zf-lens/weights/a.safetensors"]
        );
        assert_eq!(page, "a page");
        Ok(())
    }
}
