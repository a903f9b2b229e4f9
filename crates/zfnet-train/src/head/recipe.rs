//! Everything that decides a head's training, as values.

use serde::{Deserialize, Serialize};
use zfnet::experiments::since::attention_mining::{Mining, Threshold, Wanted};

use crate::data::{Augmentation, Colour, Cropping, Mixing};
use crate::recipe::changed;
use crate::{Error, Result};

/// How a head is trained on frozen features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadRecipe {
    /// How often every view of every picture is seen by the linear fit.
    pub epochs: f64,
    /// Versions of each picture whose features are computed, once.
    pub views: usize,
    /// What makes them differ.
    pub augmentation: Augmentation,
    /// Views in a step.
    pub batch: usize,
    /// Highest learning rate, on averages of unit deviation; it rises for a few steps and falls along a cosine.
    pub rate: f64,
    /// Share of the last step that is taken again.
    pub momentum: f64,
    /// Share of the weights that is added to their derivative.
    pub weight_decay: f64,
    /// Where all randomness comes from.
    pub seed: u64,
    /// Attention mining after the linear fit.
    pub gain: Option<Gain>,
}

/// How a head is trained on to attend to all that its scores rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// How often every picture is seen.
    pub epochs: f64,
    /// Pictures in a step; each goes up twice and down once.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
    /// Weight of the attention's term in the loss.
    pub alpha: f64,
    /// Sharpness of the threshold.
    pub omega: f64,
    /// Where the threshold lies on the attention map, from 0 to 1.
    pub sigma: f64,
    /// What is to fall when the attended part is taken out.
    pub wanted: Wanted,
}

impl Default for HeadRecipe {
    fn default() -> Self {
        Self {
            epochs: 40.0,
            views: 4,
            augmentation: Augmentation {
                cropping: Cropping::Resized {
                    area: [0.4, 1.0],
                    aspect: [0.75, 4.0 / 3.0],
                },
                flip: true,
                colour: Colour::default(),
                noise: 0.0,
                mixing: Mixing::default(),
            },
            batch: 64,
            rate: 0.02,
            momentum: 0.9,
            weight_decay: 1e-3,
            seed: 1,
            gain: None,
        }
    }
}

impl Default for Gain {
    /// Alpha, omega and sigma of common implementations; the paper states none. The rest is what trained the
    /// bundled head.
    fn default() -> Self {
        let Threshold { omega, sigma } = Threshold::default();
        Self {
            epochs: 0.3,
            batch: 16,
            rate: 0.005,
            alpha: 1.0,
            omega,
            sigma,
            wanted: Wanted::default(),
        }
    }
}

impl Gain {
    /// The constants of the loss.
    pub fn mining(&self) -> Mining {
        Mining {
            alpha: self.alpha,
            threshold: Threshold {
                omega: self.omega,
                sigma: self.sigma,
            },
            wanted: self.wanted,
        }
    }
}

impl HeadRecipe {
    /// What a head of this recipe is called.
    pub fn name(&self) -> &'static str {
        match self.gain {
            Some(_) => "gain",
            None => "gap",
        }
    }

    /// The recipe with one value changed, as [`crate::recipe::Recipe::with`].
    ///
    /// # Errors
    /// [`Error::Input`] for a key that there is not, or a value that does not fit.
    pub fn with(&self, key: &str, value: &str) -> Result<Self> {
        changed(self, key, value)
    }

    /// Checks the values.
    ///
    /// # Errors
    /// [`Error::Input`] naming the value.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str, expected: &str, found: String| {
            Err(Error::input(format!("recipe: {what}"), expected, found))
        };
        let positive = |what: &str, value: f64| match value.is_finite() && value > 0.0 {
            true => Ok(()),
            false => wrong(what, "a number above 0", value.to_string()),
        };
        let some = |what: &str, count: usize| match count {
            0 => wrong(what, "at least 1", "0".into()),
            _ => Ok(()),
        };
        positive("epochs", self.epochs)?;
        positive("rate", self.rate)?;
        some("views", self.views)?;
        some("batch", self.batch)?;
        if !(0.0..1.0).contains(&self.momentum) {
            return wrong("momentum", "from 0 to below 1", self.momentum.to_string());
        }
        if !(self.weight_decay.is_finite() && self.weight_decay >= 0.0) {
            return wrong("weight_decay", "0 or more", self.weight_decay.to_string());
        }
        if let Some(gain) = &self.gain {
            positive("gain.epochs", gain.epochs)?;
            positive("gain.rate", gain.rate)?;
            some("gain.batch", gain.batch)?;
            if !(gain.alpha.is_finite() && gain.alpha >= 0.0) {
                return wrong("gain.alpha", "0 or more", gain.alpha.to_string());
            }
            gain.mining().threshold.check()?;
        }
        if !self.augmentation.mixing.is_none() {
            let expected = "no mixing: a head is fitted to what each picture says";
            return wrong("augmentation.mixing", expected, "mixed pictures".into());
        }
        self.augmentation.check()
    }
}
