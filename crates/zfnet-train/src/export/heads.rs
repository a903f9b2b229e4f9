//! A head beside the features that it was trained on.

use std::path::Path;

use zfnet::Network;
use zfnet::files::head::Head;
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::Shard;

use super::{MANIFEST, write_all};
use crate::{Error, Result};

/// Adds a head's file to a folder of shards and to its manifest, in place of a head of the same name.
///
/// `network` is the one that the folder holds.
///
/// # Errors
/// [`Error::Engine`] for a file that is no head, or one of other features; [`Error::File`].
pub fn add_head(folder: &Path, network: &Network, bytes: &[u8]) -> Result<File> {
    let head = Head::read(bytes)?;
    pollster::block_on(network.with_head(bytes))?;
    let path = folder.join(MANIFEST);
    let json = std::fs::read(&path).map_err(Error::file(&path))?;
    let mut manifest = Manifest::parse(&json)?;
    let plain = |name: &str| name.replace(['/', '\\'], "-");
    let name = format!(
        "{}.{}.head.safetensors",
        plain(&manifest.name),
        plain(&head.name)
    );
    let file = File {
        name: Some(head.name),
        ..File::of(Shard::Head, &name, bytes)
    };
    manifest
        .files
        .retain(|other| other.shard != Shard::Head || other.name != file.name);
    manifest.files.push(file.clone());
    let json = serde_json::to_string_pretty(&manifest)
        .map_err(|e| Error::input("manifest", "JSON", e.to_string()))?;
    write_all(folder, &[(&name, bytes), (MANIFEST, json.as_bytes())])?;
    Ok(file)
}
