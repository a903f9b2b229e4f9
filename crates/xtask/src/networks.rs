//! `weights/networks.json`: the networks that the page offers, the bundled one first.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The list, in the folder of the weights.
pub(crate) const LIST: &str = "networks.json";
/// What a network's files are listed in; the bundled one's in the folder of the weights.
const MANIFEST: &str = "manifest.json";

/// The manifest of each network that is offered, relative to the folder of the weights; of the bundled one alone where there
/// is no list. A list that says something else than the manifests do is refused: a visitor decides by it.
pub(crate) fn manifests(weights: &Path) -> Result<Vec<PathBuf>> {
    if !weights.join(LIST).is_file() {
        return Ok(vec![MANIFEST.into()]);
    }
    let list = read(&weights.join(LIST))?;
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut manifests = Vec::with_capacity(entries.len());
    for entry in entries {
        let file = PathBuf::from(text(&entry["manifest"]));
        let manifest = read(&weights.join(&file))?;
        let shards = manifest["files"].as_array();
        let features = shards
            .into_iter()
            .flatten()
            .find(|file| matches!(text(&file["shard"]), "features" | "all"));
        let bytes = features.map(|file| &file["bytes"]);
        ensure!(
            entry["name"] == manifest["name"] && bytes == Some(&entry["bytes"]),
            "{LIST}: expected {} with {} bytes of features, as {} says, found {} with {}",
            manifest["name"],
            bytes.unwrap_or(&Value::Null),
            file.display(),
            entry["name"],
            entry["bytes"]
        );
        manifests.push(file);
    }
    ensure!(
        manifests
            .first()
            .is_some_and(|first| first == Path::new(MANIFEST)),
        "{LIST}: expected the bundled network's {MANIFEST} first, found {:?}",
        manifests.first()
    );
    Ok(manifests)
}

fn read(path: &Path) -> Result<Value> {
    let json = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&json).with_context(|| format!("{} is not JSON", path.display()))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_must_say_what_the_manifests_say() -> Result<()> {
        let weights = std::env::temp_dir().join(format!("zf-lens-networks-{}", std::process::id()));
        fs::create_dir_all(weights.join("other"))?;
        assert_eq!(manifests(&weights)?, [PathBuf::from(MANIFEST)]);
        let manifest = |name: &str| {
            format!(
                r#"{{"name": "{name}", "files": [{{"shard": "classifier", "bytes": 1}}, {{"shard": "features", "bytes": 7}}]}}"#
            )
        };
        fs::write(weights.join(MANIFEST), manifest("one"))?;
        fs::write(weights.join("other").join(MANIFEST), manifest("two"))?;
        let offer = |first: &str, bytes: u64| {
            let list = format!(
                r#"[{{"name": "{first}", "manifest": "manifest.json", "bytes": 7}}, {{"name": "two", "manifest": "other/manifest.json", "bytes": {bytes}}}]"#
            );
            fs::write(weights.join(LIST), list)
        };
        offer("one", 7)?;
        let found = manifests(&weights)?;
        offer("one", 8)?;
        let larger = manifests(&weights);
        offer("three", 7)?;
        let renamed = manifests(&weights);
        fs::remove_dir_all(&weights)?;
        assert_eq!(
            found,
            ["manifest.json", "other/manifest.json"].map(PathBuf::from)
        );
        assert!(larger.is_err_and(|error| error.to_string().contains("found \"two\" with 8")));
        assert!(renamed.is_err_and(|error| error.to_string().contains("\"three\"")));
        Ok(())
    }
}
