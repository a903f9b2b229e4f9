//! How a climb goes.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::{Error, Result};

/// What is changed, and what keeps it near natural pictures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, TypeScript,
)]
#[serde(rename = "FavouriteMethod", rename_all = "lowercase")]
pub enum Method {
    /// Pixels, kept smooth by total variation, decay, jitter and blur.
    #[default]
    Pixels,
    /// Phases of waves whose magnitudes are those of photographs: magnitude constrained optimisation (Fel et al. 2023).
    Maco,
    /// Waves on a photograph, whose maps in an early layer stay near: feature accentuation (Hamblin et al. 2024).
    Accentuate,
}

impl Method {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::Pixels, Self::Maco, Self::Accentuate];

    /// The one that shows most, with a photograph to begin with or without.
    pub fn usual(with_photograph: bool) -> Self {
        match with_photograph {
            true => Self::Accentuate,
            false => Self::Maco,
        }
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pixels => "pixels",
            Self::Maco => "maco",
            Self::Accentuate => "accentuate",
        }
    }
}

/// How to climb. In an object what is left out has its usual value for the object's method; without one, that of pixels.
///
/// Pixels count from 0, black, to 1, white; the slope is scaled to a root mean square of 1 before the weights
/// below are set against it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "FavouriteSettings", from = "Given")]
pub struct Settings {
    /// What is changed. What a method does not use is zero, and one crop of everything.
    pub method: Method,
    /// Steps.
    pub steps: usize,
    /// Adam's rate, about as far as a number goes in a step: a pixel, a phase in radians, a wave in shares of what is natural.
    /// That of waves falls to zero towards the end.
    pub rate: f64,
    /// The picture is shifted by up to so many pixels either way before each step: what leaves it on one side comes in on the
    /// other, or, of waves, which reach beyond what is shown, from there.
    pub jitter: usize,
    /// Weight of total variation: the magnitudes of the differences between neighbours.
    pub variation: f64,
    /// Weight of the pull towards the mean picture.
    pub decay: f64,
    /// Standard deviation of the blur in pixels; 0 for none.
    pub blur: f64,
    /// Steps from one blur to the next.
    pub blur_every: usize,
    /// Standard deviation of the noise that a climb by pixels begins with where it has no photograph.
    pub noise: f64,
    /// What noise, phases, jitter and crops follow from.
    pub seed: u64,
    /// Steps from one frame to the next.
    pub every: usize,
    /// The shortest side of a random crop, as a share of what the target sees.
    pub crop: f64,
    /// Crops in each step.
    pub crops: usize,
    /// Standard deviation of the noise on each crop.
    pub grain: f64,
    /// Weight of the distance from the photograph in an early layer, as a share of what the layer answers to it.
    pub near: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(Method::Pixels)
    }
}

/// Settings as they are given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    method: Method,
    steps: Option<usize>,
    rate: Option<f64>,
    jitter: Option<usize>,
    variation: Option<f64>,
    decay: Option<f64>,
    blur: Option<f64>,
    blur_every: Option<usize>,
    noise: Option<f64>,
    seed: Option<u64>,
    every: Option<usize>,
    crop: Option<f64>,
    crops: Option<usize>,
    grain: Option<f64>,
    near: Option<f64>,
}

impl From<Given> for Settings {
    fn from(given: Given) -> Self {
        let usual = Self::of(given.method);
        Self {
            method: given.method,
            steps: given.steps.unwrap_or(usual.steps),
            rate: given.rate.unwrap_or(usual.rate),
            jitter: given.jitter.unwrap_or(usual.jitter),
            variation: given.variation.unwrap_or(usual.variation),
            decay: given.decay.unwrap_or(usual.decay),
            blur: given.blur.unwrap_or(usual.blur),
            blur_every: given.blur_every.unwrap_or(usual.blur_every),
            noise: given.noise.unwrap_or(usual.noise),
            seed: given.seed.unwrap_or(usual.seed),
            every: given.every.unwrap_or(usual.every),
            crop: given.crop.unwrap_or(usual.crop),
            crops: given.crops.unwrap_or(usual.crops),
            grain: given.grain.unwrap_or(usual.grain),
            near: given.near.unwrap_or(usual.near),
        }
    }
}

/// Most steps of a climb, and most pixels of its jitter and blur: far beyond any use.
const MOST: usize = 100_000;
/// Most crops in a step.
const CROPS: usize = 64;

impl Settings {
    /// The usual ones of a method.
    pub fn of(method: Method) -> Self {
        let pixels = Self {
            method,
            steps: 200,
            rate: 0.02,
            jitter: 4,
            variation: 0.2,
            decay: 0.05,
            blur: 0.0,
            blur_every: 4,
            noise: 0.05,
            seed: 0,
            every: 8,
            crop: 1.0,
            crops: 1,
            grain: 0.0,
            near: 0.0,
        };
        let waves = Self {
            jitter: 8,
            variation: 0.0,
            decay: 0.0,
            noise: 0.0,
            ..pixels
        };
        match method {
            Method::Pixels => pixels,
            Method::Maco => Self {
                steps: 128,
                rate: 1.0,
                crop: 0.6,
                grain: 0.12,
                ..waves
            },
            Method::Accentuate => Self {
                steps: 96,
                rate: 0.1,
                crop: 0.8,
                grain: 0.05,
                near: 2.0,
                ..waves
            },
        }
    }

    /// For somebody who watches: fewer steps, and more of them shown.
    pub fn watched(method: Method) -> Self {
        let usual = Self::of(method);
        Self {
            steps: usual.steps.min(120),
            every: 4,
            ..usual
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let counts = [
            ("steps", self.steps, 1, MOST),
            ("jitter", self.jitter, 0, MOST),
            ("blur_every", self.blur_every, 1, MOST),
            ("every", self.every, 1, MOST),
            ("crops", self.crops, 1, CROPS),
        ];
        for (what, found, least, most) in counts {
            if !(least..=most).contains(&found) {
                return Err(wrong(what, format!("{least} to {most}"), found));
            }
        }
        let numbers = [
            ("rate", self.rate),
            ("variation", self.variation),
            ("decay", self.decay),
            ("blur", self.blur),
            ("noise", self.noise),
            ("grain", self.grain),
            ("near", self.near),
        ];
        for (what, found) in numbers {
            if !(found >= 0.0 && found <= MOST as f64) {
                return Err(wrong(what, format!("0 to {MOST}"), found));
            }
        }
        if !(self.crop >= 0.1 && self.crop <= 1.0) {
            return Err(wrong("crop", "0.1 to 1", self.crop));
        }
        self.check_method()
    }

    /// Refuses what the method would not look at.
    fn check_method(&self) -> Result<()> {
        let of_pixels = [
            ("variation", self.variation, 0.0),
            ("decay", self.decay, 0.0),
            ("blur", self.blur, 0.0),
            ("noise", self.noise, 0.0),
        ];
        let of_crops = [
            ("crop", self.crop, 1.0),
            ("crops", self.crops as f64, 1.0),
            ("grain", self.grain, 0.0),
        ];
        let of_a_photograph = [("near", self.near, 0.0)];
        let unused: &[&[(&str, f64, f64)]] = match self.method {
            Method::Pixels => &[&of_crops, &of_a_photograph],
            Method::Maco => &[&of_pixels, &of_a_photograph],
            Method::Accentuate => &[&of_pixels],
        };
        for (what, found, expected) in unused.iter().copied().flatten() {
            if found != expected {
                let subject = format!("{what} of a climb by {}", self.method.name());
                return Err(Error::refused(subject, expected, found));
            }
        }
        Ok(())
    }
}

fn wrong(what: &str, expected: impl ToString, found: impl std::fmt::Display) -> Error {
    Error::refused(format!("{what} of a climb"), expected, found)
}
