//! `dist/`: what a static host serves. Plain files, relative addresses, no special headers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::modules::Module;
use crate::steps::Steps;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{bindings, modules, networks, node, offline, toolchain, words};

/// The list of a training's checkpoints, in the folder of the weights.
const EVOLUTION: &str = "evolution/evolution.json";
/// The description of a gallery of the training set, likewise.
const GALLERY: &str = "gallery/gallery.json";
/// How the names of files end that lists name.
const ENDINGS: [&str; 3] = [".safetensors", ".jpg", ".webp"];

/// The whole way from the sources to `dist/`.
pub(crate) fn build(workspace: &Workspace, modules: &[Module], steps: &mut Steps) -> Result<()> {
    let toolchain = toolchain::find(workspace)?;
    compile(workspace, &toolchain, modules, steps)?;
    steps.step("assemble dist/", || assemble(workspace))
}

/// The modules and their JavaScript, in `www/pkg/`.
pub(crate) fn compile(
    workspace: &Workspace,
    toolchain: &Toolchain,
    modules: &[Module],
    steps: &mut Steps,
) -> Result<()> {
    for &module in modules {
        let name = module.name();
        let wasm = steps.step(&format!("compile the {name} module"), || {
            modules::compile(workspace, toolchain, module)
        })?;
        steps.step(&format!("bindings of the {name} module"), || {
            bindings::generate(workspace, &wasm, module)
        })?;
    }
    Ok(())
}

/// Makes `dist/` the sum of `www/`, the networks that `weights/networks.json` offers, the weights that their manifests name,
/// and the checkpoints and sheets that `evolution/evolution.json` and `gallery/gallery.json` beside these name if they are
/// there: copies what differs, removes what is no longer there.
pub(crate) fn assemble(workspace: &Workspace) -> Result<()> {
    let (www, weights, dist) = (workspace.www(), workspace.weights(), workspace.dist());
    ensure!(
        www.join("index.html").is_file(),
        "expected www/index.html, found none"
    );
    let mut sources: Vec<(PathBuf, PathBuf)> = Vec::new();
    for file in files(&www)?
        .into_iter()
        .filter(|file| is_for_visitors(file))
    {
        sources.push((www.join(&file), file));
    }
    sources.push((
        workspace.root.join(IMAGENET),
        Path::new("imagenet.json").into(),
    ));
    let offered = Path::new(networks::LIST);
    if weights.join(offered).is_file() {
        sources.push((weights.join(offered), Path::new("weights").join(offered)));
    }
    for manifest in networks::manifests(&weights)? {
        let beside = [EVOLUTION, GALLERY].map(|list| manifest.with_file_name(list));
        let beside = beside
            .into_iter()
            .filter(|list| weights.join(list).is_file());
        let gallery = manifest.with_file_name(GALLERY);
        if weights.join(&gallery).is_file() {
            belongs(
                &read(&weights.join(&gallery))?,
                &read(&weights.join(&manifest))?,
            )
            .with_context(|| weights.join(&gallery).display().to_string())?;
        }
        for list in std::iter::once(manifest.clone()).chain(beside) {
            for file in listed_files(&weights, &list)? {
                sources.push((weights.join(&file), Path::new("weights").join(file)));
            }
        }
    }

    let (spoken, others): (Vec<_>, Vec<_>) = sources.iter().partition(|(_, file)| is_spoken(file));
    for (source, file) in others {
        copy_if_different(source, &dist.join(file))?;
    }
    let spoken: Vec<&Path> = spoken.into_iter().map(|(_, file)| file.as_path()).collect();
    node::minify(workspace, &spoken)?;
    for file in spoken
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "js"))
    {
        words::put_into(&dist.join(file), &workspace.root)?;
    }
    // GitHub's page builder would otherwise swallow files whose names it does not like.
    let marker = dist.join(".nojekyll");
    if !marker.exists() {
        fs::write(&marker, "").with_context(|| format!("writing {}", marker.display()))?;
    }
    let made = [Path::new(".nojekyll"), Path::new(offline::LIST)];
    let wanted: BTreeSet<&Path> = sources
        .iter()
        .map(|(_, file)| file.as_path())
        .chain(made)
        .collect();
    for file in files(&dist)? {
        if !wanted.contains(file.as_path()) {
            fs::remove_file(dist.join(&file))
                .with_context(|| format!("removing {} from dist/", file.display()))?;
        }
    }
    offline::list(&dist)
}

/// The names of ImageNet's classes, for networks of other programs that have a thousand.
const IMAGENET: &str = "crates/zfnet-import/imagenet.json";

/// What is published elsewhere, each with a `dist/` inside it: the notebook's widget and the npm package.
const PACKAGES: [&str; 2] = ["notebook", "npm"];

/// Type declarations and compiler settings serve those who write the page, and packages other pages.
fn is_for_visitors(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !(PACKAGES.iter().any(|package| file.starts_with(package))
        || name.ends_with(".ts")
        || name.starts_with("tsconfig")
        || name.starts_with('.')
        || name.ends_with('~'))
}

/// A list of files, and every file of weights or sheet of a gallery that it names, which lie beside it.
fn listed_files(weights: &Path, list: &Path) -> Result<Vec<PathBuf>> {
    let path = weights.join(list);
    let json = read(&path)?;
    let mut named = BTreeSet::new();
    collect_named(&json, &mut named);
    ensure!(
        !named.is_empty(),
        "{}: expected the names of .safetensors, .jpg or .webp files, found none",
        path.display()
    );
    let beside = |file: PathBuf| list.with_file_name(file);
    for file in &named {
        ensure!(
            weights.join(beside(file.clone())).is_file(),
            "{} names `{}`, and there is no such file",
            path.display(),
            file.display()
        );
    }
    Ok([list.to_path_buf()]
        .into_iter()
        .chain(named.into_iter().map(beside))
        .collect())
}

fn read(path: &Path) -> Result<serde_json::Value> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// Whether a gallery is of the features that lie beside it: the page takes another one for that of a foreign network, whose
/// maps are other maps.
fn belongs(gallery: &serde_json::Value, manifest: &serde_json::Value) -> Result<()> {
    let mut shards = manifest["files"].as_array().into_iter().flatten();
    let features = shards.find(|file| file["shard"] != "classifier" && file["shard"] != "head");
    let expected = features.map(|file| &file["sha256"]).unwrap_or_default();
    let found = &gallery["features_sha256"];
    ensure!(
        expected.is_string() && found == expected,
        "features_sha256: expected {expected}, that of the features in the manifest, found {found}; make the gallery anew with `zf-lens top`"
    );
    Ok(())
}

fn collect_named(json: &serde_json::Value, named: &mut BTreeSet<PathBuf>) {
    match json {
        serde_json::Value::String(text) if ENDINGS.iter().any(|end| text.ends_with(end)) => {
            named.insert(PathBuf::from(text));
        }
        serde_json::Value::Array(items) => {
            items.iter().for_each(|item| collect_named(item, named));
        }
        serde_json::Value::Object(fields) => {
            // A gallery's names are those of photographs, which lie elsewhere.
            let files = fields.iter().filter(|(key, _)| *key != "names");
            files.for_each(|(_, field)| collect_named(field, named));
        }
        _ => {}
    }
}

/// Not older and as long: taken as the same.
fn copy_if_different(source: &Path, copy: &Path) -> Result<()> {
    let before = fs::metadata(source).with_context(|| format!("reading {}", source.display()))?;
    if let Ok(after) = fs::metadata(copy)
        && after.len() == before.len()
        && after.modified()? >= before.modified()?
    {
        return Ok(());
    }
    self::copy(source, copy)
}

pub(crate) fn copy(source: &Path, copy: &Path) -> Result<()> {
    if let Some(folder) = copy.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let bytes = fs::read(source).with_context(|| format!("reading {}", source.display()))?;
    fs::write(copy, bytes).with_context(|| format!("writing {}", copy.display()))
}

/// Scripts and styles go out without what serves their authors.
fn is_spoken(file: &Path) -> bool {
    let kind = file.extension().and_then(|extension| extension.to_str());
    matches!(kind, Some("js" | "css"))
}

/// Every file under a folder, as sorted paths relative to it; nothing when there is no such folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        let path = folder.join(&inner);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&path).with_context(|| format!("reading {}", path.display()))? {
            let entry = entry?;
            let file = inner.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(file);
            } else {
                found.push(file);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_shard_that_a_manifest_names() {
        let manifest = serde_json::json!({
            "format": 1,
            "networks": [{"name": "a", "shards": [{"file": "a.features.safetensors", "bytes": 3}, {"file": "a.classifier.safetensors"}]}],
        });
        let mut named = BTreeSet::new();
        collect_named(&manifest, &mut named);
        let names: Vec<_> = named.iter().map(|file| file.to_string_lossy()).collect();
        assert_eq!(
            names,
            ["a.classifier.safetensors", "a.features.safetensors"]
        );
    }

    #[test]
    fn finds_the_sheets_of_a_gallery_and_not_its_photographs() {
        let gallery = serde_json::json!({
            "names": {"3": "cat/3.jpg"},
            "layers": [{"projections": "a.projections.jpg", "patches": "a.patches.webp"}, {"projections": "b.projections.jpg", "patches": null}],
        });
        let mut named = BTreeSet::new();
        collect_named(&gallery, &mut named);
        let names: Vec<_> = named.iter().map(|file| file.to_string_lossy()).collect();
        assert_eq!(
            names,
            ["a.patches.webp", "a.projections.jpg", "b.projections.jpg"]
        );
    }

    #[test]
    fn checkpoints_lie_beside_their_list() -> Result<()> {
        let weights = std::env::temp_dir().join(format!("zf-lens-xtask-{}", std::process::id()));
        fs::create_dir_all(weights.join("evolution"))?;
        let list = weights.join(EVOLUTION);
        fs::write(
            &list,
            r#"{"checkpoints": [{"path": "epoch-01.safetensors"}]}"#,
        )?;
        let missing = listed_files(&weights, Path::new(EVOLUTION));
        assert!(missing.is_err_and(|error| error.to_string().contains("epoch-01")));
        fs::write(list.with_file_name("epoch-01.safetensors"), "")?;
        let names = listed_files(&weights, Path::new(EVOLUTION))?;
        fs::remove_dir_all(&weights)?;
        assert_eq!(
            names,
            ["evolution/evolution.json", "evolution/epoch-01.safetensors"].map(PathBuf::from)
        );
        Ok(())
    }

    #[test]
    fn a_gallery_of_other_features_is_refused() {
        let manifest = serde_json::json!({"files": [
            {"shard": "classifier", "sha256": "c"}, {"shard": "features", "sha256": "f"}, {"shard": "head", "sha256": "h"},
        ]});
        let gallery = |of: &str| serde_json::json!({ "features_sha256": of });
        assert!(belongs(&gallery("f"), &manifest).is_ok());
        for other in ["c", "h", ""] {
            let refused = belongs(&gallery(other), &manifest).map_err(|error| error.to_string());
            assert!(refused.is_err_and(|words| words.contains("expected \"f\"")));
        }
    }

    #[test]
    fn leaves_out_what_only_authors_need() {
        for file in [
            "pkg/cpu/zfnet_web.d.ts",
            "tsconfig.page.json",
            "pkg/.gitignore",
            "notebook/src/zf_lens/widget.js",
            "npm/zf-lens.js",
        ] {
            assert!(!is_for_visitors(Path::new(file)), "{file}");
        }
        for file in [
            "index.html",
            "pkg/cpu/zfnet_web_bg.wasm",
            "samples/cat.webp",
            "page.js",
        ] {
            assert!(is_for_visitors(Path::new(file)), "{file}");
        }
    }
}
