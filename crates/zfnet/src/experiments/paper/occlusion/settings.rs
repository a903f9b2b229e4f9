//! What an occlusion covers and watches.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::experiments::shared::covering::Fill;
use crate::network::model::Input;

/// What to cover and what to look at. The paper does not state the square's size, stride or grey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "OcclusionAsk", default)]
pub struct Settings {
    /// Rows and columns of the square, in pixels of the input.
    pub size: usize,
    /// Distance of neighbouring positions; all squares lie inside the input.
    pub stride: usize,
    /// What the square is filled with.
    pub fill: Fill,
    /// The layer whose map is watched; the last convolution or join if none is named.
    pub layer: Option<String>,
    /// The map; the strongest on the picture that is not covered if none is named.
    pub map: Option<usize>,
    /// Which map is the strongest.
    pub strongest: Strongest,
    /// The class whose probability is watched; the most probable of the picture that is not covered if none is named.
    pub class: Option<usize>,
    /// Squares that go through the network together.
    pub batch: usize,
    /// Compute every layer whole for every square: slower, with the same result.
    pub whole: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            size: 48,
            stride: 8,
            fill: Fill::default(),
            layer: None,
            map: None,
            strongest: Strongest::default(),
            class: None,
            batch: 16,
            whole: false,
        }
    }
}

impl Settings {
    /// The default for this input: the square and its steps are as large in it as in an ordinary one.
    pub fn for_input(input: &Input) -> Self {
        let ordinary = Self::default();
        let length = |ordinary: usize| {
            ((ordinary as f64 * input.scale_of_lengths()).round() as usize).max(1)
        };
        Self {
            size: length(ordinary.size),
            stride: length(ordinary.stride),
            ..ordinary
        }
    }
}

/// What makes a map the strongest of its layer; the first of equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename = "StrongestBy", rename_all = "lowercase")]
pub enum Strongest {
    /// Its largest single answer.
    #[default]
    Unit,
    /// The sum of its answers.
    Sum,
}
