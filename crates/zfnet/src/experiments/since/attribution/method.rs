//! The methods by name, with what each can be told.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::error::demand;
use crate::{Error, Result};

/// Most passes that a sampled method takes.
const MOST_PASSES: usize = 100_000;

/// A way to share out a class's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(
    rename = "AttributionMethod",
    tag = "method",
    rename_all = "snake_case"
)]
pub enum Method {
    /// The score's derivative by the pixels (Simonyan et al. 2013).
    Saliency,
    /// The derivative times the pixels, as they enter the network (Shrikumar et al. 2016).
    InputXGradient,
    /// The mean derivative over noisy copies of the picture (Smilkov et al. 2017).
    SmoothGrad {
        /// Noisy copies.
        samples: usize,
        /// The noise's standard deviation, as a share of the input's range.
        noise: f64,
        /// What the noise follows from.
        seed: u64,
    },
    /// The derivative's mean on the straight line from a baseline to the picture, times the way between them (Sundararajan
    /// et al. 2017). The mean is taken at the middles of equal steps.
    IntegratedGradients {
        /// Steps of the line.
        steps: usize,
        /// Where the line begins.
        baseline: Baseline,
    },
    /// The way down through units that fired, of positive signal only (Springenberg et al. 2014).
    GuidedBackprop,
    /// The maps that a network averages, each weighed by its weight in the one dense layer above (Zhou et al. 2016); or, where
    /// averages are the scores, the class's own map; signed.
    Cam,
    /// A layer's maps, each weighed by its mean derivative (Selvaraju et al. 2017).
    GradCam {
        /// The layer; its maps are taken after the rectifier that follows.
        layer: String,
    },
    /// Guided backpropagation times the enlarged Grad-CAM (Selvaraju et al. 2017).
    GuidedGradCam {
        /// As in [`Self::GradCam`].
        layer: String,
    },
    /// A layer's maps, each weighed by the score of the picture seen through it alone (Wang et al. 2020).
    ScoreCam {
        /// As in [`Self::GradCam`].
        layer: String,
    },
}

/// A picture without content, as integrated gradients start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// The mean that is subtracted: zero everywhere in the input.
    #[default]
    Mean,
    /// Black.
    Black,
    /// White.
    White,
}

/// What methods can be told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TypeScript)]
#[serde(rename = "AttributionNumbers")]
pub struct Numbers {
    /// Noisy copies.
    pub samples: usize,
    /// The noise's standard deviation, as a share of the input's range.
    pub noise: f64,
    /// What the noise follows from.
    pub seed: u64,
    /// Steps of the line from a baseline to the picture.
    pub steps: usize,
    /// Where the line begins.
    pub baseline: Baseline,
}

impl Default for Numbers {
    /// Those of the publications, or of common practice where these give a range.
    fn default() -> Self {
        Self {
            samples: 50,
            noise: 0.15,
            seed: 0,
            steps: 64,
            baseline: Baseline::default(),
        }
    }
}

impl Numbers {
    /// For somebody who waits: about half as many passes.
    pub fn watched() -> Self {
        Self {
            samples: 24,
            steps: 32,
            ..Self::default()
        }
    }
}

impl Method {
    /// Every method that any network has an answer to, which leaves out [`Self::Cam`]; maps are those of `layer`.
    pub fn all(layer: &str, numbers: Numbers) -> Vec<Self> {
        let layer = || layer.to_owned();
        let Numbers {
            samples,
            noise,
            seed,
            steps,
            baseline,
        } = numbers;
        vec![
            Self::Saliency,
            Self::InputXGradient,
            Self::SmoothGrad {
                samples,
                noise,
                seed,
            },
            Self::IntegratedGradients { steps, baseline },
            Self::GuidedBackprop,
            Self::GradCam { layer: layer() },
            Self::GuidedGradCam { layer: layer() },
            Self::ScoreCam { layer: layer() },
        ]
    }

    /// The name used in JSON and dumps.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Saliency => "saliency",
            Self::InputXGradient => "input_x_gradient",
            Self::SmoothGrad { .. } => "smooth_grad",
            Self::IntegratedGradients { .. } => "integrated_gradients",
            Self::GuidedBackprop => "guided_backprop",
            Self::Cam => "cam",
            Self::GradCam { .. } => "grad_cam",
            Self::GuidedGradCam { .. } => "guided_grad_cam",
            Self::ScoreCam { .. } => "score_cam",
        }
    }

    /// Whether the result is one map for all channels.
    pub fn gives_a_map(&self) -> bool {
        matches!(
            self,
            Self::Cam | Self::GradCam { .. } | Self::ScoreCam { .. }
        )
    }

    /// Whether the result's numbers are parts of a score, which may be added, and not derivatives.
    pub(super) fn shares_out_a_score(&self) -> bool {
        matches!(
            self,
            Self::InputXGradient | Self::IntegratedGradients { .. }
        )
    }

    /// Checks the numbers.
    pub(super) fn check(&self) -> Result<()> {
        let passes = |what: &str, count: usize| {
            demand(
                (1..=MOST_PASSES).contains(&count),
                format!("{what} of {}", self.name()),
                format!("1 to {MOST_PASSES}"),
                count,
            )
        };
        match self {
            Self::SmoothGrad { samples, noise, .. } => {
                if !(noise.is_finite() && *noise >= 0.0) {
                    return Err(Error::refused(
                        "noise of smooth_grad",
                        "a share of the input's range, 0 or more",
                        noise,
                    ));
                }
                passes("samples", *samples)
            }
            Self::IntegratedGradients { steps, .. } => passes("steps", *steps),
            _ => Ok(()),
        }
    }
}
