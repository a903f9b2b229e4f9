//! What a training leaves in its folder while it goes on: metrics, checkpoints of the features, weights, the report.

use std::path::{Path, PathBuf};

use zfnet::experiments::paper::evolution::weights_moved;
use zfnet::files::checkpoints::{Checkpoint, Evolution, FORMAT};
use zfnet::files::manifest::File;
use zfnet::files::weights::{Precision, Shard};
use zfnet::network::model::ClassName;
use zfnet::{Crop, Network, Photo};

use crate::checkpoint::{Progress, write_whole};
use crate::evaluation::Evaluated;
use crate::metrics::{Metrics, Row};
use crate::report::{self, Content, Snapshot};
use crate::workshop::Workshop;
use crate::{Error, Result, text};

/// The finished network, all layers in single precision.
pub const WEIGHTS: &str = "weights.safetensors";
/// The folder of checkpoints, and their list within it.
pub const EVOLUTION: [&str; 2] = ["evolution", "evolution.json"];
/// The report.
pub const REPORT: &str = "report.html";
const METRICS: &str = "metrics.csv";
const SNAPSHOTS: &str = "snapshots.json";
/// Photographs of the validation set whose projections the report shows.
const SHOWN: usize = 3;

/// Epochs of the paper's figure 4, of the 64 that it shows.
const EPOCHS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 64.0];

impl Progress {
    /// Epochs whose features are kept: the paper's, or the same points in proportion for a shorter training.
    pub fn kept_epochs(&self) -> [f64; 8] {
        let last = EPOCHS[EPOCHS.len() - 1];
        let scale = (self.recipe.epochs / last).min(1.0);
        EPOCHS.map(|epoch| epoch * scale)
    }

    /// Whether the features are to be kept after the step just done.
    pub fn keeps(&self) -> bool {
        let whole = self.whole_steps();
        let step_of = |epoch: f64| {
            let step = (epoch * self.steps_per_epoch() as f64).round() as u64;
            step.clamp(1, whole.max(1))
        };
        // Features that are another network's, or that stay as they are, have no history.
        (1..=whole).contains(&self.step)
            && self
                .kept_epochs()
                .into_iter()
                .any(|epoch| step_of(epoch) == self.step)
    }
}

/// The files of a training's folder.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    metrics: Metrics,
    snapshots: Vec<Snapshot>,
}

impl History {
    /// Opens a folder, anew or where a training stopped.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Input`] for a file that is not what its name says.
    pub fn open(folder: &Path, resumed: Option<&Progress>) -> Result<Self> {
        let metrics = Metrics::open(folder.join(METRICS), resumed.map(|progress| progress.step))?;
        let path = folder.join(SNAPSHOTS);
        let snapshots = match resumed {
            Some(progress) if path.exists() => {
                let all: Vec<Snapshot> = text::json(&path, "snapshots as JSON")?;
                // A kill between the snapshot and the state leaves one that will be taken again.
                all.into_iter()
                    .filter(|s| s.epoch <= progress.epoch())
                    .collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            metrics,
            snapshots,
        })
    }

    /// Adds a row to the metrics.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn append(&mut self, row: &Row) -> Result<()> {
        self.metrics.append(row)
    }

    /// Keeps the features of a moment, with how far the layers went since the checkpoint before.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Engine`].
    pub fn keep(
        &mut self,
        before: &Network,
        now: &Network,
        finished: &Network,
        top_1: f64,
        progress: &Progress,
        workshop: &Workshop,
    ) -> Result<()> {
        let folder = self.folder.join(EVOLUTION[0]);
        std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let bytes = pollster::block_on(finished.write(Shard::Features, Precision::I8))?;
        let name = format!("step-{:06}.features.i8.safetensors", progress.step);
        write_whole(&folder.join(&name), &bytes)?;
        let file = File::of(Shard::Features, name, &bytes);
        let path = folder.join(EVOLUTION[1]);
        let mut evolution = match std::fs::read(&path) {
            Ok(json) if !self.snapshots.is_empty() => Evolution::parse(&json)?,
            _ => Evolution {
                format: FORMAT,
                network: finished.model.name.clone(),
                checkpoints: Vec::new(),
            },
        };
        let epoch = progress.epoch();
        evolution
            .checkpoints
            .retain(|checkpoint| checkpoint.epoch < epoch);
        evolution.checkpoints.push(Checkpoint {
            epoch,
            pictures: progress.step * progress.recipe.batch as u64,
            path: file.path,
            bytes: file.bytes,
            sha256: file.sha256,
            top_1: Some(top_1),
            moved: pollster::block_on(weights_moved(before, now))?,
        });
        write_json(&path, &evolution)?;
        let photos = shown(finished, workshop)?;
        self.snapshots.retain(|snapshot| snapshot.epoch < epoch);
        self.snapshots
            .push(report::snapshot(finished, &photos, epoch)?);
        write_json(&self.folder.join(SNAPSHOTS), &self.snapshots)
    }

    /// Writes the weights and the report as they are now.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Engine`].
    pub fn write(
        &self,
        finished: &Network,
        evaluated: &Evaluated,
        progress: &Progress,
        workshop: &Workshop,
    ) -> Result<()> {
        let bytes = pollster::block_on(finished.write(Shard::All, Precision::F32))?;
        write_whole(&self.folder.join(WEIGHTS), &bytes)?;
        let recipe = serde_json::to_value(&progress.recipe)
            .map_err(|e| Error::input("the recipe", "JSON", e.to_string()))?;
        let rows = Metrics::read(self.folder.join(METRICS))?;
        let names = workshop.about.names(&workshop.dataset.classes)?;
        let said = |name: &ClassName| {
            workshop
                .words
                .either(&name.en, name.zh.as_deref())
                .to_owned()
        };
        let classes: Vec<String> = names.iter().map(said).collect();
        let html = report::html(&Content {
            title: &finished.model.name,
            recipe: &recipe,
            rows: &rows,
            classes: &classes,
            confusion: Some(&evaluated.confusion),
            checkpoints: &self.snapshots,
            skipped: &workshop.skipped(),
            device: &workshop.device_name,
            words: workshop.words,
        });
        write_whole(&self.folder.join(REPORT), html.as_bytes())
    }
}

/// The photographs whose projections the report follows: the first of the first, the middle and the last class.
fn shown(network: &Network, workshop: &Workshop) -> Result<Vec<zfnet::Prepared>> {
    let samples = &workshop.dataset.validation;
    let classes = workshop.dataset.classes.len();
    let chosen = (0..SHOWN.min(classes)).map(|at| at * (classes - 1) / (SHOWN - 1).max(1));
    let mut photos = Vec::new();
    for class in chosen {
        let own = samples.iter().filter(|sample| sample.class == class);
        let photo = own.take(10).find_map(|sample| {
            let bytes = std::fs::read(&sample.path).ok()?;
            Photo::decode(&bytes).ok()
        });
        if let Some(photo) = photo {
            photos.push(photo.prepare(&network.model.input, Crop::Centre)?);
        }
    }
    Ok(photos)
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let json = serde_json::to_vec_pretty(value)
        .map_err(|e| Error::input(path.display().to_string(), "JSON", e.to_string()))?;
    write_whole(path, &json)
}
