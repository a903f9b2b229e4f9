//! What is climbed to, and how.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What the picture is made for. Answers are those before a rectifier, which has no slope where a unit is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One unit of a layer.
    Unit {
        /// The layer.
        layer: String,
        /// Map, row, column.
        unit: [usize; 3],
    },
    /// The mean of a map.
    Map {
        /// The layer.
        layer: String,
        /// The map.
        map: usize,
    },
    /// A class's score before the softmax.
    Class {
        /// The class.
        class: usize,
    },
}

/// How to climb. Pixels count from 0, black, to 1, white; the slope is scaled to a root mean square of 1 before the weights
/// below are set against it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Steps.
    pub steps: usize,
    /// Adam's rate: about as far as a pixel goes in a step.
    pub rate: f64,
    /// The picture is shifted by up to so many pixels either way before each step, what leaves it on one side coming in on
    /// the other.
    pub jitter: usize,
    /// Weight of total variation: the magnitudes of the differences between neighbours.
    pub variation: f64,
    /// Weight of the pull towards the mean picture.
    pub decay: f64,
    /// Standard deviation of the blur in pixels; 0 for none.
    pub blur: f64,
    /// Steps from one blur to the next.
    pub blur_every: usize,
    /// Standard deviation of the noise that a climb without a photograph begins with.
    pub noise: f64,
    /// What noise and jitter follow from.
    pub seed: u64,
    /// Steps from one frame to the next.
    pub every: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
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
        }
    }
}

/// Most steps of a climb, and most pixels of its jitter and blur: far beyond any use.
const MOST: usize = 100_000;

impl Settings {
    /// For somebody who watches: fewer steps, and more of them shown.
    pub fn watched() -> Self {
        Self {
            steps: 120,
            every: 4,
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let counts = [
            ("steps", self.steps, 1),
            ("jitter", self.jitter, 0),
            ("blur_every", self.blur_every, 1),
            ("every", self.every, 1),
        ];
        for (what, found, least) in counts {
            if !(least..=MOST).contains(&found) {
                return Err(wrong(what, format!("{least} to {MOST}"), found));
            }
        }
        let numbers = [
            ("rate", self.rate),
            ("variation", self.variation),
            ("decay", self.decay),
            ("blur", self.blur),
            ("noise", self.noise),
        ];
        for (what, found) in numbers {
            if !(found >= 0.0 && found <= MOST as f64) {
                return Err(wrong(what, format!("0 to {MOST}"), found));
            }
        }
        Ok(())
    }
}

fn wrong(what: &str, expected: String, found: impl std::fmt::Display) -> Error {
    Error::refused(format!("{what} of a climb"), expected, found)
}
