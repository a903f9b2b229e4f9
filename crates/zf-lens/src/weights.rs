//! Finding and loading a network's files.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use safetensors::SafeTensors;
use serde::Deserialize;
use zfnet::Network;
use zfnet::files::manifest::{File, Manifest};
use zfnet::files::weights::{METADATA_KEY, Shard};
use zfnet::network::kernels::Kernels;
use zfnet_import::Format;

use crate::device;
use crate::failure::bad_input;

/// Names a manifest, a folder holding one, or a safetensors file; `--weights` comes first.
const VARIABLE: &str = "ZF_LENS_WEIGHTS";
const MANIFEST: &str = "manifest.json";

/// A network and where it came from.
pub(crate) struct Loaded {
    pub(crate) network: Network,
    /// The manifest, or the only file.
    pub(crate) source: PathBuf,
    /// The files read, with their sizes and hashes.
    pub(crate) files: Vec<File>,
    /// Other heads that the manifest lists.
    pub(crate) heads: Vec<File>,
}

/// Loads every shard of a network.
///
/// # Errors
/// When nothing is found, or a file is missing, corrupt or of another network.
pub(crate) fn load(
    given: Option<&Path>,
    device: &Device,
    kernels: Kernels,
) -> anyhow::Result<Loaded> {
    let source = find(given)?;
    let bytes = read(&source)?;
    let is_manifest = source
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !is_manifest {
        let named = || Format::named(&source.to_string_lossy());
        let network = match Format::of(&bytes).or_else(named) {
            Some(format) => imported(&source, &bytes, format, device),
            None => Network::read(&bytes, device),
        };
        let network = network.with_context(|| source.display().to_string())?;
        let files = vec![File::of(
            shard_of(&bytes),
            source.display().to_string(),
            &bytes,
        )];
        return Ok(Loaded {
            network: network.with_kernels(kernels),
            source,
            files,
            heads: Vec::new(),
        });
    }
    let manifest = Manifest::parse(&bytes).with_context(|| source.display().to_string())?;
    let folder = source.parent().unwrap_or(Path::new("."));
    let mut network: Option<Network> = None;
    let (heads, files) = manifest
        .files
        .into_iter()
        .partition::<Vec<File>, _>(|file| file.shard == Shard::Head);
    for file in &files {
        let path = folder.join(&file.path);
        let bytes = read(&path)?;
        let name = || path.display().to_string();
        file.verify(&bytes).with_context(name)?;
        match &mut network {
            Some(network) => network.add_shard(&bytes).with_context(name)?,
            none => *none = Some(Network::read(&bytes, device).with_context(name)?),
        }
    }
    let network =
        network.ok_or_else(|| bad_input(source.display(), "at least one file", "none"))?;
    Ok(Loaded {
        network: network.with_kernels(kernels),
        source,
        files,
        heads,
    })
}

/// A network that another program has written, under the name of its file.
fn imported(path: &Path, bytes: &[u8], format: Format, device: &Device) -> zfnet::Result<Network> {
    let name = path
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned());
    let options = zfnet_import::Options {
        name,
        size: None,
        classes: zfnet_import::imagenet(),
    };
    let imported = match format {
        Format::Onnx => zfnet_import::read(bytes, &options),
        Format::StateDict => zfnet_import::read_state_dict(bytes, None, &options),
    };
    imported?.network(device)
}

/// The features of a network with a head on them, given by its file or by its name in the manifest.
///
/// # Errors
/// When there is none, or it is corrupt or was trained on other features.
pub(crate) fn with_head(loaded: &Loaded, wanted: &str) -> anyhow::Result<Network> {
    let named = |file: &&File| file.name.as_deref() == Some(wanted);
    let path = match loaded.heads.iter().find(named) {
        Some(file) => {
            let folder = loaded.source.parent().unwrap_or(Path::new("."));
            let path = folder.join(&file.path);
            file.verify(&read(&path)?)
                .with_context(|| path.display().to_string())?;
            path
        }
        None if Path::new(wanted).is_file() => PathBuf::from(wanted),
        None => {
            let names = loaded.heads.iter().filter_map(|file| file.name.as_deref());
            let names: Vec<_> = names.collect();
            let expected = match names.is_empty() {
                true => "a file that zf-lens train --head has written".to_owned(),
                false => format!("a head's file, or one of {}", names.join(", ")),
            };
            return Err(bad_input("--head", expected, wanted));
        }
    };
    let network = device::wait(loaded.network.with_head(&read(&path)?));
    network.with_context(|| path.display().to_string())
}

fn find(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let named = given.map(PathBuf::from).or_else(|| {
        std::env::var_os(VARIABLE)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    });
    if let Some(path) = named {
        return Ok(if path.is_dir() {
            path.join(MANIFEST)
        } else {
            path
        });
    }
    let beside_program = std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(PathBuf::from));
    let here = std::env::current_dir().ok();
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    [beside_program, here]
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .chain([repository.as_path()])
        .map(|folder| folder.join("weights").join(MANIFEST))
        .find(|path| path.is_file())
        .map(|path| path.canonicalize().unwrap_or(path))
        .ok_or_else(|| {
            bad_input(
                "weights",
                format!(
                    "--weights, {VARIABLE} or weights/{MANIFEST} above the program or this folder"
                ),
                "none of them",
            )
        })
}

pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| bad_input(path.display(), "a readable weights file", error))
}

/// Which shard a file says it is; [`Network::read`] has already checked the description.
pub(crate) fn shard_of(bytes: &[u8]) -> Shard {
    #[derive(Deserialize)]
    struct Description {
        shard: Shard,
    }
    let metadata = SafeTensors::read_metadata(bytes).ok();
    let json = metadata
        .as_ref()
        .and_then(|(_, metadata)| metadata.metadata().as_ref()?.get(METADATA_KEY));
    let description = json.and_then(|json| serde_json::from_str::<Description>(json).ok());
    description.map_or(Shard::All, |description| description.shard)
}
