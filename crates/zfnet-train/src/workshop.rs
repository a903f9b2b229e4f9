//! What a training runs on and what it is told, besides its recipe.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zfnet::network::model::ClassName;
use zfnet_words::Words;

use crate::data::{Cache, Dataset};
use crate::{Error, Result};

/// What a training runs on, besides its state.
#[derive(Debug)]
pub struct Workshop {
    /// Where everything is written.
    pub folder: PathBuf,
    /// The pictures.
    pub dataset: Dataset,
    /// What the network will say about itself.
    pub about: About,
    /// Decoded pictures of the training set.
    pub cache: Cache,
    /// Decoded pictures of the validation set.
    pub validation_cache: Cache,
    /// Threads that prepare pictures.
    pub workers: usize,
    /// Name of the device, for the report.
    pub device_name: String,
    /// The report's language.
    pub words: Words,
}

/// What a network says about itself besides what its training knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its name; without one, architecture and preset.
    pub name: Option<String>,
    /// What the classes are called, by the names of their folders; without one, as the folder.
    #[serde(default)]
    pub classes: BTreeMap<String, ClassName>,
    /// Entries of the provenance, such as `data` and `licence`.
    #[serde(default)]
    pub provenance: serde_json::Map<String, serde_json::Value>,
}

impl About {
    /// The names of classes, in the order of their folders.
    ///
    /// # Errors
    /// [`Error::Input`] when some but not all have a name.
    pub fn names(&self, folders: &[String]) -> Result<Vec<ClassName>> {
        let name = |folder: &String| match self.classes.get(folder) {
            Some(name) => Ok(name.clone()),
            None if self.classes.is_empty() => Ok(ClassName {
                en: folder.clone(),
                zh: None,
            }),
            None => Err(Error::input(
                "names of the classes",
                format!("one for {folder}"),
                "none",
            )),
        };
        folders.iter().map(name).collect()
    }
}

impl Workshop {
    /// Files that could not be read so far, with the reason.
    pub fn skipped(&self) -> Vec<(PathBuf, String)> {
        let mut skipped = self.cache.skipped();
        skipped.extend(self.validation_cache.skipped());
        skipped
    }
}
