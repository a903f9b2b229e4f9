//! The list of a model's files, `manifest.json`: what to fetch, how large it is, and how to know that it is whole.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::weights::Shard;
use crate::{Error, Result, foreign, text};

/// A model's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the weights format.
    pub format: u32,
    /// Name of the network.
    pub name: String,
    /// The files, in the order in which they are useful.
    pub files: Vec<File>,
    /// What the classes look like to the network, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawings: Option<Drawings>,
}

/// A picture with a square tile for each class, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawings {
    /// Where it is, relative to the manifest.
    pub path: String,
    /// Tiles in a row.
    pub columns: usize,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it carries.
    pub shard: Shard,
    /// Which head it is, for a head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is, relative to the manifest.
    pub path: String,
    /// Its size; a server's content-length may be that of a compressed transfer.
    pub bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Weights`] when it is no manifest, of another format version, or names no file.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let unfit = |found: String| Error::weights("manifest", "a manifest's JSON", found);
        let text = text::decode(json).map_err(unfit)?;
        let manifest: Self = serde_json::from_str(&text).map_err(|e| unfit(e.to_string()))?;
        if manifest.format != crate::network::model::FORMAT {
            return Err(Error::weights(
                "manifest's format version",
                crate::network::model::FORMAT.to_string(),
                manifest.format.to_string(),
            ));
        }
        match manifest.files.is_empty() {
            true => Err(Error::weights("manifest", "at least one file", "none")),
            false => Ok(manifest),
        }
    }
}

impl File {
    /// The entry for a file's bytes.
    pub fn of(shard: Shard, path: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            shard,
            name: None,
            path: path.into(),
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        }
    }

    /// Checks size and hash of what was fetched.
    ///
    /// # Errors
    /// [`Error::Weights`] naming the file.
    pub fn verify(&self, bytes: &[u8]) -> Result<()> {
        if bytes.len() as u64 != self.bytes {
            let found = match foreign::kind(bytes) {
                Some(kind) => format!("{} bytes: {kind}", bytes.len()),
                None => format!("{} bytes", bytes.len()),
            };
            return Err(Error::weights(
                &self.path,
                format!("{} bytes", self.bytes),
                found,
            ));
        }
        let found = sha256(bytes);
        match found == self.sha256 {
            true => Ok(()),
            false => Err(Error::weights(
                &self.path,
                format!("SHA-256 {}", self.sha256),
                found,
            )),
        }
    }
}

/// SHA-256 of a file's bytes, as manifests write it: 64 digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits for each byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
