//! A network on its device, what it calls things, and where what is made of a photograph goes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zfnet::network::model::Scores;
use zfnet::network::trace::ranked;
use zfnet::{Crop, Network, Prepared, Trace, readback};
use zfnet_figures::Context;

use crate::device::{self, wait};
use crate::failure::bad_input;
use crate::globals::Globals;
use crate::language::words;
use crate::photos::{Source, place_of};
use crate::weights::{self, Loaded};

/// A network on its device, ready to be asked.
pub(crate) struct Lens {
    pub(crate) loaded: Loaded,
    pub(crate) device: &'static str,
    pub(crate) crop: Crop,
}

impl Lens {
    pub(crate) fn open(globals: &Globals) -> anyhow::Result<Self> {
        let (device, name) = device::open(globals.device)?;
        let loaded = weights::load(
            globals.weights.as_deref(),
            &device,
            globals.kernels.engine(),
        )?;
        Ok(Self {
            loaded,
            device: name,
            crop: globals.crop.unwrap_or(Crop::Centre),
        })
    }

    /// The same, with another head on its features.
    ///
    /// # Errors
    /// When there is no such head, or it was trained on other features.
    pub(crate) fn with_head(&self, wanted: &str) -> anyhow::Result<Self> {
        let network = weights::with_head(&self.loaded, wanted)?;
        let loaded = Loaded {
            network,
            source: self.loaded.source.clone(),
            files: self.loaded.files.clone(),
            heads: self.loaded.heads.clone(),
        };
        Ok(Self { loaded, ..*self })
    }

    pub(crate) fn network(&self) -> &Network {
        &self.loaded.network
    }

    /// Rows and columns of the input.
    pub(crate) fn frame(&self) -> [usize; 2] {
        self.network().frame()
    }

    /// What a figure says besides its answer.
    pub(crate) fn context(&self) -> Context<'_> {
        let model = &self.network().model;
        Context {
            network: &model.name,
            classes: &model.classes,
            device: self.device,
            words: words(),
        }
    }

    /// The layer asked for, or the last one to look at: a convolution, or where branches meet.
    ///
    /// # Errors
    /// When the network has no such layer, or its weights are not there.
    pub(crate) fn layer(&self, asked: Option<&str>) -> anyhow::Result<String> {
        let network = self.network();
        let last = network.looked_at().last().copied();
        let name = asked.or(last).unwrap_or(&network.plan.first().layer.name);
        let at = network.plan.position(name)?;
        match network.missing().filter(|_| !network.runs(at)) {
            Some(missing) => Err(zfnet::Error::NotLoaded {
                layer: missing.layer.name.clone(),
                found: self
                    .loaded
                    .files
                    .iter()
                    .map(|file| file.shard.name())
                    .collect::<Vec<_>>()
                    .join(", "),
            }
            .into()),
            None => Ok(name.into()),
        }
    }

    /// A class as files are named after it, and tables for programs: the same in every language.
    pub(crate) fn class_key(&self, index: usize) -> String {
        match self.network().model.classes.get(index) {
            Some(class) => class.en.clone(),
            None => format!("class {index}"),
        }
    }

    /// A class as people say it.
    pub(crate) fn class_name(&self, index: usize) -> String {
        self.context().class_name(index)
    }

    /// Says in a photograph's JSON what was looked at, and by what.
    pub(crate) fn sign(&self, value: &mut Value, source: &Source, prepared: &Prepared) {
        value["photo"] = json!(source.path.to_string_lossy());
        value["network"] = json!(self.network().model.name);
        value["device"] = json!(self.device);
        value["square"] = json!(place_of(prepared));
    }

    /// A class as JSON.
    pub(crate) fn class(&self, index: usize) -> Value {
        match self.network().model.classes.get(index) {
            Some(class) => json!({ "index": index, "en": class.en, "zh": class.zh }),
            None => json!({ "index": index }),
        }
    }
}

/// The most probable class of the one picture of a trace.
///
/// # Errors
/// When the network gives no scores, or the device fails.
pub(crate) fn most_probable(command: &str, trace: &Trace) -> anyhow::Result<usize> {
    let expected = "a network that ends in one number for each class";
    let scores = trace.logits();
    let scores = wait(readback::floats(
        scores.ok_or_else(|| bad_input(command, expected, "maps"))?,
    ))?;
    // Whatever is made of them, the highest score stays the highest.
    let first = ranked(&scores, Scores::None)
        .first()
        .map(|(class, _)| *class);
    first.ok_or_else(|| bad_input(command, "at least one class", "none"))
}

/// Where an output goes: the path asked for, or a folder of that name where there are several photographs, or a file
/// in the current folder.
pub(crate) fn destination(
    asked: Option<&Path>,
    many: bool,
    source: &Source,
    suffix: &str,
) -> PathBuf {
    let mut name = source.name.clone().into_os_string();
    name.push(suffix);
    match asked {
        Some(folder) if many || folder.is_dir() => folder.join(name),
        Some(file) => file.to_path_buf(),
        None => name.into(),
    }
}
