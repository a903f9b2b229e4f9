//! A training's checkpoints on disk, of which one at a time is in memory.

use std::path::{Path, PathBuf};

use anyhow::Context;
use zfnet::Network;
use zfnet::files::checkpoints::{Checkpoint, Evolution};

use crate::failure::bad_input;
use crate::lens::Lens;

const LIST: &str = "evolution.json";
/// Where the list lies when none is named: in this folder beside the weights.
const FOLDER: &str = "evolution";

/// The list of checkpoints, and where they are.
pub(super) struct History {
    folder: PathBuf,
    evolution: Evolution,
}

impl History {
    /// Reads the list and tries every file in it, so that a broken one is not taken for the photographs' fault.
    ///
    /// # Errors
    /// When the list or one of its files is missing, corrupt, or of another network.
    pub(super) fn open(asked: Option<&Path>, lens: &Lens) -> anyhow::Result<Self> {
        let beside = || {
            let folder = lens.loaded.source.parent().unwrap_or(Path::new("."));
            folder.join(FOLDER).join(LIST)
        };
        let list = match asked {
            Some(folder) if folder.is_dir() => folder.join(LIST),
            Some(file) => file.to_path_buf(),
            None => beside(),
        };
        let json = std::fs::read(&list).map_err(|error| {
            let expected = match asked {
                Some(_) => "a readable list of checkpoints",
                None => "a list of checkpoints beside the weights, or --checkpoints",
            };
            bad_input(list.display(), expected, error)
        })?;
        let evolution = Evolution::parse(&json).with_context(|| list.display().to_string())?;
        let name = &lens.network().model.name;
        if evolution.network != *name {
            return Err(bad_input(
                list.display(),
                format!("checkpoints of {name}"),
                format!("those of {}", evolution.network),
            ));
        }
        let folder = list.parent().unwrap_or(Path::new(".")).to_path_buf();
        let history = Self { folder, evolution };
        for checkpoint in history.checkpoints() {
            history.read(checkpoint, lens.network())?;
        }
        Ok(history)
    }

    /// The checkpoints, the earliest first.
    pub(super) fn checkpoints(&self) -> &[Checkpoint] {
        &self.evolution.checkpoints
    }

    /// Loads one checkpoint of `network`; the caller lets go of it before the next.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn read(
        &self,
        checkpoint: &Checkpoint,
        network: &Network,
    ) -> anyhow::Result<Network> {
        let path = self.folder.join(&checkpoint.path);
        let bytes = std::fs::read(&path)
            .map_err(|error| bad_input(path.display(), "a readable checkpoint", error))?;
        let earlier = checkpoint.read(&bytes, network);
        earlier.with_context(|| path.display().to_string())
    }
}
