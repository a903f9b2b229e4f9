//! A training recipe as values.

mod presets;

use serde::{Deserialize, Serialize};
use zfnet::network::architecture::Architecture;
use zfnet::network::architectures::NAMES;

pub use self::presets::PRESETS;
use crate::data::{Augmentation, Order};
use crate::{Error, Result};

/// Everything that decides what a training does, besides its data. It is written into the weights' provenance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the preset that it started from.
    pub preset: String,
    /// The network.
    pub architecture: Table,
    /// Units of fc6 and of fc7; the architecture's own number when there is none.
    pub dense: Option<usize>,
    /// How often every picture is seen while every layer is trained; 0 for a network whose convolutions are another's and
    /// stay as they are.
    pub epochs: f64,
    /// Pictures in a step.
    pub batch: usize,
    /// Shorter side of the pictures that crops are cut from, in pixels.
    pub short_side: usize,
    /// Size of the network's input as the training goes on. The last size is that of the finished network.
    pub sizes: Vec<Stage>,
    /// Shorter side of a picture whose centre is looked at when all is done, as a multiple of the input's size.
    pub resize: f64,
    /// What is subtracted from a picture.
    pub mean: Mean,
    /// What happens to a picture before the network sees it.
    pub augmentation: Augmentation,
    /// Where the weights start.
    pub initialisation: Initialisation,
    /// How steps follow from derivatives.
    pub optimiser: Optimiser,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Probability that a unit of fc6 or fc7 is dropped out.
    pub dropout: f64,
    /// Share of the wanted probability that is spread over all classes.
    pub label_smoothing: f32,
    /// Convolution filters with a larger root mean square are scaled back to it.
    pub filter_rms: Option<f64>,
    /// The first layer is held still for so many epochs.
    pub hold_first: f64,
    /// Weights are averaged over steps, the past counting this much at each; the average is what is evaluated and kept.
    pub average: Option<f64>,
    /// What follows: the dense layers alone.
    #[serde(default)]
    pub finish: Option<Finish>,
    /// Where all randomness comes from.
    pub seed: u64,
}

/// The end of a training: the convolutions, which are what is looked at, stay as they are, and the dense layers are trained on,
/// at the finished size, on pictures closer to those that they will be asked about.
///
/// It costs little, since nothing passes down through the convolutions, and mends what growing pictures and strong
/// augmentation leave behind in the layers that depend on places most (Touvron et al. 2019 do so to the same end).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// How often every picture is seen.
    pub epochs: f64,
    /// The highest learning rate; it rises for a hundred steps, or a quarter of all, and falls along a cosine.
    pub rate: f64,
    /// What happens to a picture before the network sees it.
    pub augmentation: Augmentation,
}

/// A network's table of layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Table {
    /// One of [`zfnet::network::architectures::NAMES`].
    Named(String),
    /// One of one's own; its last layer has as many units as there are classes.
    Own(Architecture),
}

impl Table {
    /// The table for so many classes.
    ///
    /// # Errors
    /// [`Error::Input`] for a name that is none.
    pub fn layers(&self, dense: Option<usize>, classes: usize) -> Result<Architecture> {
        match self {
            Self::Own(table) => Ok(table.clone()),
            Self::Named(name) => Architecture::named(name, dense, classes)
                .ok_or_else(|| Error::input("architecture", NAMES.join(", "), name)),
        }
    }

    /// What to call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Own(_) => "own",
        }
    }
}

/// A part of the training with one size of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The share of all steps at which the stage ends, up to 1.
    pub until: f64,
    /// Rows and columns of the input.
    pub size: usize,
}

/// What is subtracted from a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mean {
    /// The mean picture of the training set, pixel by pixel.
    Pixel,
    /// The mean of each channel.
    Channel,
}

/// Where the weights start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Initialisation {
    /// Normal numbers of this deviation, biases zero.
    Gaussian {
        /// Standard deviation.
        deviation: f64,
    },
    /// Filters from the pictures, layer by layer (Coates & Ng 2012; Krähenbühl et al. 2016), see [`crate::initialise`].
    KMeans {
        /// Patches that the first layer's filters are learnt from; layers above take two fifths of it.
        patches: usize,
        /// Standard deviation of the first layer's answers before rectification, in the input's units.
        first: f64,
        /// The same for the other convolutions.
        deviation: f64,
        /// Mean answer before rectification, as a share of the deviation.
        shift: f64,
    },
}

/// Stochastic gradient descent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// Share of the last step that is taken again.
    pub momentum: f64,
    /// Share of the weights that is added to their derivative.
    pub weight_decay: f64,
    /// Whether a layer's derivative is first scaled to the length of its weights (You et al. 2017, LARS), so that the
    /// learning rate is the share of a layer that a step may change.
    pub trust_ratio: bool,
}

/// How the learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Divided whenever the validation error has stopped falling; the paper did so by hand.
    Plateau {
        /// At the start.
        rate: f64,
        /// What it is divided by.
        divisor: f64,
        /// Epochs without a better validation error before it is.
        patience: u32,
    },
    /// Up in a straight line, then down along half a cosine to zero.
    Cosine {
        /// At its highest.
        rate: f64,
        /// Steps on the way up.
        warm_up: u64,
    },
}

impl Recipe {
    /// The order in which the steps see the pictures.
    pub(crate) fn order(&self) -> Order {
        Order {
            seed: self.seed,
            batch: self.batch,
        }
    }

    /// Checks the values against each other.
    ///
    /// # Errors
    /// [`Error::Input`] naming the value.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str, expected: &str, found: String| {
            Err(Error::input(format!("recipe: {what}"), expected, found))
        };
        match &self.finish {
            Some(finish) => {
                let Finish { epochs, rate, .. } = finish;
                for (what, value) in [("finish.epochs", *epochs), ("finish.rate", *rate)] {
                    if !(value > 0.0 && value.is_finite()) {
                        return wrong(what, "a number above 0", value.to_string());
                    }
                }
                finish.augmentation.check()?;
                if !(self.epochs >= 0.0 && self.epochs.is_finite()) {
                    return wrong("epochs", "0 or more", self.epochs.to_string());
                }
            }
            None if self.epochs > 0.0 && self.epochs.is_finite() => {}
            None => return wrong("epochs", "a number above 0", self.epochs.to_string()),
        }
        if self.batch == 0 {
            return wrong("batch", "at least one picture", self.batch.to_string());
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return wrong("dropout", "from 0 to below 1", self.dropout.to_string());
        }
        if !(0.0..1.0).contains(&self.label_smoothing) {
            let found = self.label_smoothing.to_string();
            return wrong("label_smoothing", "from 0 to below 1", found);
        }
        if !(0.0..1.0).contains(&self.optimiser.momentum) {
            let found = self.optimiser.momentum.to_string();
            return wrong("momentum", "from 0 to below 1", found);
        }
        if self.optimiser.weight_decay < 0.0 {
            let found = self.optimiser.weight_decay.to_string();
            return wrong("weight_decay", "0 or more", found);
        }
        if self.average.is_some_and(|past| !(0.0..1.0).contains(&past)) {
            return wrong(
                "average",
                "from 0 to below 1",
                format!("{:?}", self.average),
            );
        }
        self.augmentation.check()?;
        let rate = self.schedule.rate();
        if !(rate > 0.0 && rate.is_finite()) {
            return wrong("rate", "a number above 0", rate.to_string());
        }
        if !(1.0..=8.0).contains(&self.resize) {
            return wrong("resize", "from 1 to 8", self.resize.to_string());
        }
        let ends: Vec<f64> = self.sizes.iter().map(|stage| stage.until).collect();
        let rising = ends.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || ends.last() != Some(&1.0) || ends[0] <= 0.0 {
            return wrong(
                "sizes",
                "stages that end later and later, the last at 1",
                format!("{ends:?}"),
            );
        }
        if self.mean == Mean::Pixel && self.sizes.len() > 1 {
            return wrong(
                "sizes",
                "one size, with a mean for every pixel",
                self.sizes.len().to_string(),
            );
        }
        Ok(())
    }

    /// The recipe with one value changed: `key` names it with dots (`optimiser.momentum`), `value` is JSON, or a bare word.
    ///
    /// # Errors
    /// [`Error::Input`] for a key that there is not, or a value that does not fit.
    pub fn with(&self, key: &str, value: &str) -> Result<Self> {
        changed(self, key, value)
    }

    /// The recipe with its end alone: another network's convolutions stay as they are.
    #[must_use]
    pub fn frozen(mut self) -> Self {
        let small_data = Self::small_data().finish;
        self.finish = self.finish.or(small_data);
        self.epochs = 0.0;
        self
    }

    /// The recipe for so many epochs in all, its parts in proportion.
    #[must_use]
    pub fn with_epochs(mut self, epochs: f64) -> Self {
        let finish = self.finish.as_ref().map_or(0.0, |finish| finish.epochs);
        let share = epochs / (self.epochs + finish);
        self.epochs *= share;
        if let Some(finish) = &mut self.finish {
            finish.epochs *= share;
        }
        self
    }

    /// Size of the finished network's input.
    pub fn size(&self) -> usize {
        self.sizes.last().map_or(224, |stage| stage.size)
    }

    /// Shorter side of a picture whose centre is looked at, for an input of so many pixels.
    pub fn view(&self, size: usize) -> usize {
        (size as f64 * self.resize).round() as usize
    }

    /// Size of the pictures at a share of all steps.
    pub fn size_at(&self, share: f64) -> usize {
        let stage = self.sizes.iter().find(|stage| share < stage.until);
        stage.map_or(self.size(), |stage| stage.size)
    }
}

impl Finish {
    /// How its learning rate changes over so many steps.
    pub fn schedule(&self, steps: u64) -> Schedule {
        Schedule::Cosine {
            rate: self.rate,
            // A handful of pictures makes few steps, which must not all be on the way up.
            warm_up: (steps / 4).min(100),
        }
    }
}

impl Schedule {
    /// The highest rate.
    pub fn rate(&self) -> f64 {
        match self {
            Self::Plateau { rate, .. } | Self::Cosine { rate, .. } => *rate,
        }
    }

    /// The same schedule with another highest rate.
    #[must_use]
    pub fn with_rate(mut self, highest: f64) -> Self {
        match &mut self {
            Self::Plateau { rate, .. } | Self::Cosine { rate, .. } => *rate = highest,
        }
        self
    }
}

/// Any recipe with one value changed, as [`Recipe::with`].
pub(crate) fn changed<T: Serialize + serde::de::DeserializeOwned>(
    recipe: &T,
    key: &str,
    value: &str,
) -> Result<T> {
    let unfit =
        |found: String| Error::input(format!("recipe: {key}"), "a value of the recipe", found);
    let mut all = serde_json::to_value(recipe).map_err(|e| unfit(e.to_string()))?;
    let pointer = format!("/{}", key.replace('.', "/"));
    let place = all
        .pointer_mut(&pointer)
        .ok_or_else(|| unfit("no such key".into()))?;
    *place = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    serde_json::from_value(all).map_err(|e| unfit(e.to_string()))
}
