//! The list of a training's checkpoints, `evolution.json`: what to fetch, one after the other, and how to know that it is
//! whole.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::files::manifest::File;
use crate::files::weights::Shard;
use crate::network::Network;
use crate::{Error, Result, text};

/// Version of the list of checkpoints that this program reads and writes.
pub const FORMAT: u32 = 1;

/// The list of a training's checkpoints, `evolution.json`, which lies beside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evolution {
    /// Version of the list, see [`FORMAT`].
    pub format: u32,
    /// Name of the network that the training led to.
    pub network: String,
    /// The checkpoints, the earliest first.
    pub checkpoints: Vec<Checkpoint>,
}

/// The features of a network at one moment of its training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// How often the training had seen every picture.
    pub epoch: f64,
    /// How many pictures it had seen, counting each as often as it came.
    pub pictures: u64,
    /// The file's name; it lies beside the list.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Share of validation pictures whose first class was right; `None` where that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_1: Option<f64>,
    /// How far each layer's weights had gone since the checkpoint before, or since their initialisation: see
    /// [`weights_moved`](crate::experiments::paper::evolution::weights_moved).
    #[serde(default)]
    pub moved: BTreeMap<String, f32>,
}

impl Evolution {
    /// Reads a list of checkpoints.
    ///
    /// # Errors
    /// [`Error::Weights`] when it is no such list, of another format version, names no file, a file that lies elsewhere or one
    /// file twice, or when its checkpoints are not in the order of the training or carry impossible numbers.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let unfit =
            |found: String| Error::weights("evolution", "the JSON of a list of checkpoints", found);
        let text = text::decode(json).map_err(unfit)?;
        let evolution: Self = serde_json::from_str(&text).map_err(|e| unfit(e.to_string()))?;
        if evolution.format != FORMAT {
            return Err(Error::weights(
                "evolution's format version",
                FORMAT.to_string(),
                evolution.format.to_string(),
            ));
        }
        if evolution.checkpoints.is_empty() {
            return Err(Error::weights(
                "evolution",
                "at least one checkpoint",
                "none",
            ));
        }
        let mut paths = HashSet::new();
        let mut last = 0.0;
        for (at, checkpoint) in evolution.checkpoints.iter().enumerate() {
            checkpoint.check(at)?;
            if !paths.insert(&checkpoint.path) {
                return Err(Error::weights(
                    format!("path of checkpoint {at}"),
                    "a file of its own",
                    format!("{} a second time", checkpoint.path),
                ));
            }
            if at > 0 && checkpoint.epoch <= last {
                return Err(Error::weights(
                    format!("epoch of checkpoint {at}"),
                    format!("more than {last}, the one before"),
                    checkpoint.epoch.to_string(),
                ));
            }
            last = checkpoint.epoch;
        }
        Ok(evolution)
    }
}

impl Checkpoint {
    /// The entry for a file's bytes; accuracy and movement are not known yet.
    pub fn of(epoch: f64, pictures: u64, path: impl Into<String>, bytes: &[u8]) -> Self {
        let file = File::of(Shard::Features, path, bytes);
        Self {
            epoch,
            pictures,
            path: file.path,
            bytes: file.bytes,
            sha256: file.sha256,
            top_1: None,
            moved: BTreeMap::new(),
        }
    }

    /// Checks size and hash of what was fetched.
    ///
    /// # Errors
    /// [`Error::Weights`] naming the file.
    pub fn verify(&self, bytes: &[u8]) -> Result<()> {
        File {
            shard: Shard::Features,
            name: None,
            path: self.path.clone(),
            bytes: self.bytes,
            sha256: self.sha256.clone(),
        }
        .verify(bytes)
    }

    /// Reads the checkpoint as an earlier state of `network`: on the same device, for pictures of the same size.
    ///
    /// A training may begin on smaller pictures; filters are the same for any size.
    ///
    /// # Errors
    /// [`Error::Weights`] naming the file when it is not whole, or has another table of layers than `network`.
    pub fn read(&self, bytes: &[u8], network: &Network) -> Result<Network> {
        self.verify(bytes)?;
        let checkpoint = Network::read(bytes, network.device())?;
        let (expected, found) = (
            &network.model.architecture.layers,
            &checkpoint.model.architecture.layers,
        );
        if expected != found {
            let longest = expected.len().max(found.len());
            let at = (0..longest).find(|at| expected.get(*at) != found.get(*at));
            let name = at.and_then(|at| expected.get(at).or(found.get(at)));
            return Err(Error::weights(
                &self.path,
                format!("the layers of {}", network.model.name),
                format!(
                    "other ones, from {} on",
                    name.map_or("the first", |layer| layer.name.as_str())
                ),
            ));
        }
        let size = network.model.input.size;
        match checkpoint.model.input.size == size {
            true => Ok(checkpoint),
            false => checkpoint.at_size(size),
        }
    }

    fn check(&self, at: usize) -> Result<()> {
        let demand = |holds: bool, subject: &str, expected: &str, found: String| match holds {
            true => Ok(()),
            false => Err(Error::weights(
                format!("{subject} of checkpoint {at}"),
                expected,
                found,
            )),
        };
        demand(
            self.epoch.is_finite() && self.epoch >= 0.0,
            "epoch",
            "a number that is not negative",
            self.epoch.to_string(),
        )?;
        demand(
            is_bare_name(&self.path),
            "path",
            "the name of a file beside the list",
            format!("{:?}", self.path),
        )?;
        let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        demand(
            self.sha256.len() == 64 && self.sha256.bytes().all(is_hexadecimal),
            "sha256",
            "64 lower-case hexadecimal digits",
            format!("{:?}", self.sha256),
        )?;
        demand(
            self.top_1.is_none_or(|share| (0.0..=1.0).contains(&share)),
            "top_1",
            "a share from 0 to 1",
            format!("{:?}", self.top_1.unwrap_or_default()),
        )?;
        for (layer, moved) in &self.moved {
            demand(
                moved.is_finite() && *moved >= 0.0,
                &format!("moved.{layer}"),
                "a number that is not negative",
                moved.to_string(),
            )?;
        }
        Ok(())
    }
}

/// Whether a path can only mean a file in the same folder, on any system and in any address.
fn is_bare_name(path: &str) -> bool {
    let plain = |c: char| !c.is_control() && !"/\\:?#%".contains(c);
    !path.is_empty() && path.chars().all(plain) && !path.chars().all(|c| c == '.')
}
