//! A network as the files that are shipped: two shards, their manifest and a model card; and what storing it with fewer bits
//! has cost.

mod card;
mod evolution;
mod fidelity;
mod heads;

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use zfnet::Network;
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::model::FORMAT;

use crate::evaluation::Evaluated;
use crate::{Error, Result};

pub use card::{Measured, card};
pub use evolution::evolution;
pub use fidelity::{Comparison, Fidelity};
pub use heads::add_head;

/// Name of the list of files.
pub const MANIFEST: &str = "manifest.json";
/// Name of the description for people.
pub const CARD: &str = "MODEL_CARD.md";

/// A file's entry in the manifest, and its bytes.
pub type Stored = (File, Vec<u8>);

/// The short name of a precision, as in file names.
pub fn precision_name(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "f32",
        Precision::F16 => "f16",
        Precision::Bf16 => "bf16",
        Precision::I8 => "i8",
    }
}

/// A network's two shards, the features first: that is the order in which they are of use.
///
/// # Errors
/// [`Error::Engine`] when a layer has no weights or the device fails.
pub fn shards(network: &Network, precision: Precision) -> Result<Vec<Stored>> {
    let name = network.model.name.replace(['/', '\\'], "-");
    [Shard::Features, Shard::Classifier]
        .into_iter()
        .map(|shard| {
            let bytes = pollster::block_on(network.write(shard, precision))?;
            let path = format!(
                "{name}.{}.{}.safetensors",
                shard.name(),
                precision_name(precision)
            );
            Ok((File::of(shard, path, &bytes), bytes))
        })
        .collect()
}

/// The network that somebody gets who reads the shards, on the device of the one they were made from.
///
/// # Errors
/// [`Error::Engine`] when a number did not survive, such as one too large for 16 bits.
pub fn reread(shards: &[Stored], of: &Network) -> Result<Network> {
    let mut read: Option<Network> = None;
    for (_, bytes) in shards {
        match &mut read {
            Some(network) => network.add_shard(bytes)?,
            none => *none = Some(Network::read(bytes, of.device())?),
        }
    }
    read.ok_or_else(|| Error::input("shards", "at least one", "none"))
}

/// The same network with its accuracy on a validation set in its provenance, in place of what stood there.
#[must_use]
pub fn with_accuracy(
    network: &Network,
    evaluated: &Evaluated,
    crop: &str,
    precision: Precision,
) -> Network {
    let validation = json!({
        "pictures": evaluated.pictures,
        "top1": rounded(evaluated.top_1),
        "top5": rounded(evaluated.top_5),
        "crop": crop,
        "precision": precision_name(precision),
    });
    let mut network = network.clone();
    let provenance = match network.model.provenance.take() {
        Value::Object(entries) => Value::Object(entries),
        Value::Null => json!({}),
        other => json!({ "note": other }),
    };
    network.model.provenance = provenance;
    let accuracy = &mut network.model.provenance["accuracy"];
    if !accuracy.is_object() {
        *accuracy = json!({});
    }
    accuracy["validation"] = validation;
    network
}

/// To four digits: more than a validation set of a few thousand pictures can tell.
fn rounded(share: f64) -> f64 {
    (share * 1e4).round() / 1e4
}

/// Writes shards, manifest and card into a folder.
///
/// All of them are on the disk under other names before the first gets its own, and the manifest comes last: whoever is
/// interrupted has the old files, or a manifest whose hashes tell that a file is not its own.
///
/// # Errors
/// [`Error::Input`] when there is something already and it is not to be `replaced`; [`Error::File`] when the disk refuses.
pub fn write(
    folder: &Path,
    name: &str,
    shards: &[Stored],
    card: &str,
    replaced: bool,
) -> Result<()> {
    let there = folder.is_dir() && {
        let mut entries = std::fs::read_dir(folder).map_err(Error::file(folder))?;
        entries.next().is_some()
    };
    if (folder.exists() && !folder.is_dir()) || (there && !replaced) {
        let found = if there {
            "one with files in it"
        } else {
            "a file"
        };
        return Err(Error::input(
            folder.display().to_string(),
            "a new folder, an empty one, or leave to replace files (--force)",
            found,
        ));
    }
    let manifest = Manifest {
        format: FORMAT,
        name: name.to_owned(),
        files: shards.iter().map(|(file, _)| file.clone()).collect(),
        drawings: None,
    };
    let json = serde_json::to_string_pretty(&manifest)
        .map_err(|e| Error::input("manifest", "JSON", e.to_string()))?;
    let shards = shards.iter();
    let files: Vec<(&str, &[u8])> = shards
        .map(|(file, bytes)| (file.path.as_str(), bytes.as_slice()))
        .chain([(CARD, card.as_bytes())])
        .chain([(MANIFEST, json.as_bytes())])
        .collect();
    let new = !folder.exists();
    std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let written = write_all(folder, &files);
    if written.is_err() && new {
        // Only an empty folder goes; whatever else is in it is not ours.
        let _ = std::fs::remove_dir(folder);
    }
    written
}

fn write_all(folder: &Path, files: &[(&str, &[u8])]) -> Result<()> {
    let temporary = |name: &str| folder.join(format!(".{name}.{}.part", std::process::id()));
    let prepared = files.iter().try_for_each(|(name, bytes)| {
        let path = temporary(name);
        std::fs::File::create(&path)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .map_err(Error::file(&path))
    });
    let finished = prepared.and_then(|()| {
        files.iter().try_for_each(|(name, _)| {
            let path = folder.join(name);
            std::fs::rename(temporary(name), &path).map_err(Error::file(&path))
        })
    });
    if finished.is_err() {
        for (name, _) in files {
            let _ = std::fs::remove_file(temporary(name));
        }
    }
    finished
}

#[cfg(test)]
mod tests;
