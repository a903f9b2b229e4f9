//! What is climbed to, and where in a network it stands.

use burn::tensor::ops::PadMode;
use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::deconvnet::projection::{Descent, ReluRule, carry_down};
use crate::experiments::shared::class_score::no_scores;
use crate::geometry::signal::Signal;
use crate::geometry::view::View;
use crate::geometry::window::Windows;
use crate::network::Network;
use crate::network::plan::Source;
use crate::network::trace::Trace;
use crate::{Error, Result};

/// What the picture is made for. Answers are those before a rectifier, which has no slope where a unit is silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "FavouriteTarget", rename_all = "snake_case")]
pub enum Target {
    /// One unit of a layer.
    Unit {
        /// The layer.
        layer: String,
        /// Map, row, column.
        unit: [usize; 3],
    },
    /// The mean of a map: the channel objective of Olah et al. (2017).
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

impl Target {
    /// The middle unit of a map, which sees the least of what lies around the picture.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn middle(network: &Network, layer: &str, map: usize) -> Result<Self> {
        let [_, rows, cols] = network.layer(layer)?.output;
        Ok(Self::Unit {
            layer: layer.to_owned(),
            unit: [map, rows / 2, cols / 2],
        })
    }

    /// The part of the input that it sees: a unit's receptive field, as far as it lies inside, else all of it.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn view(&self, network: &Network) -> Result<View> {
        let frame = network.frame();
        Ok(match self {
            Self::Unit { layer, unit } => {
                let place = [unit[1], unit[2]];
                View::seen_by(network.layer(layer)?.field, place, place)
                    .clipped(frame)
                    .drawable(frame)
            }
            _ => View::whole(frame),
        })
    }
}

/// A second target, and how much it weighs beside the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "FavouriteSecond", deny_unknown_fields)]
pub struct Second {
    /// What is made for as well.
    pub target: Target,
    /// The length of its slope, where that of the first is 1; below zero, what is to be avoided.
    pub weight: f64,
}

/// One target, or two at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// What the picture is made for.
    pub target: Target,
    /// What it is made for as well.
    pub and: Option<Second>,
}

impl From<Target> for Objective {
    fn from(target: Target) -> Self {
        Self { target, and: None }
    }
}

/// Largest weight of a second target, either way.
const HEAVIEST: f64 = 100.0;

impl Objective {
    fn targets(&self) -> impl Iterator<Item = (&Target, f64)> {
        let second = self.and.iter();
        let second = second.map(|second| (&second.target, second.weight));
        std::iter::once((&self.target, 1.0)).chain(second)
    }

    /// The smallest part of the input that holds what its targets see.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn view(&self, network: &Network) -> Result<View> {
        let views: Result<Vec<View>> = self.targets().map(|(one, _)| one.view(network)).collect();
        let hull = |one: View, other: View| {
            let (top, left) = (one.top.min(other.top), one.left.min(other.left));
            View {
                top,
                left,
                height: (one.bottom().max(other.bottom()) - top) as usize,
                width: (one.right().max(other.right()) - left) as usize,
            }
        };
        let whole = View::whole(network.frame());
        Ok(views?.into_iter().reduce(hull).unwrap_or(whole))
    }
}

/// The targets in a network.
pub(super) struct Goal {
    pub(super) places: Vec<Place>,
}

/// A target's layer, its place in the table, and the weights of its units in what is climbed.
pub(super) struct Place {
    pub(super) at: usize,
    weights: Tensor<4>,
    /// Row and column of the one unit that counts, if there is but one.
    unit: Option<[usize; 2]>,
    pub(super) weight: f64,
}

impl Goal {
    pub(super) fn new(network: &Network, objective: &Objective) -> Result<Self> {
        let weights = -HEAVIEST..=HEAVIEST;
        let place = |(target, weight)| match weights.contains(&weight) {
            true => Place::new(network, target, weight),
            false => Err(Error::refused(
                "weight of a second target",
                format!("{} to {HEAVIEST}", -HEAVIEST),
                weight,
            )),
        };
        let places: Result<_> = objective.targets().map(place).collect();
        Ok(Self { places: places? })
    }

    /// How many layers of the table have to run.
    pub(super) fn depth(&self) -> usize {
        let tops = self.places.iter().map(|place| place.at + 1);
        tops.max().unwrap_or_default()
    }
}

impl Place {
    fn new(network: &Network, target: &Target, weight: f64) -> Result<Self> {
        let at = match target {
            Target::Unit { layer, .. } | Target::Map { layer, .. } => {
                network.plan.position(layer)?
            }
            Target::Class { .. } => network.plan.top(),
        };
        network.must_run(at)?;
        let [maps, rows, cols] = network.plan[at].output;
        if matches!(target, Target::Class { .. }) && rows * cols != 1 {
            return Err(no_scores(&network.plan[at]));
        }
        let name = &network.plan[at].layer.name;
        let below = |what: &str, count: usize, value: usize| match value < count {
            true => Ok(()),
            false => Err(Error::out_of_range(
                format!("{what} of {name}"),
                count,
                value,
            )),
        };
        let plane = rows * cols;
        let mut weights = vec![0f32; maps * plane];
        let unit = match *target {
            Target::Unit {
                unit: [map, row, col],
                ..
            } => {
                below("map", maps, map)?;
                below("row", rows, row)?;
                below("column", cols, col)?;
                weights[map * plane + row * cols + col] = 1.0;
                Some([row, col])
            }
            Target::Map { map, .. } | Target::Class { class: map } => {
                let what = match target {
                    Target::Class { .. } => "class",
                    _ => "map",
                };
                below(what, maps, map)?;
                weights[map * plane..][..plane].fill(1.0 / plane as f32);
                None
            }
        };
        let weights = TensorData::new(weights, [1, maps, rows, cols]);
        Ok(Self {
            at,
            weights: Tensor::from_data(weights, network.device()),
            unit,
            weight,
        })
    }

    /// What the target answers to the pictures of a trace, on average: `[1]`.
    pub(super) fn answer(&self, trace: &Trace) -> Tensor<1> {
        let activation = trace.layers[self.at].activation.clone();
        match trace.pictures() {
            1 => (activation * self.weights.clone()).sum(),
            pictures => (activation * self.weights.clone()).sum() / pictures as f64,
        }
    }

    /// The answer's derivative by the input of one picture.
    pub(super) fn slope(&self, network: &Network, trace: &Trace) -> Tensor<4> {
        let rule = ReluRule::Gradient;
        carry_down(
            network,
            trace,
            self.weights.clone(),
            self.at,
            Source::Input,
            rule,
        )
    }

    /// The derivatives of the answers to all pictures of a trace, `[pictures, channels, rows, cols]`, as [`Self::slope`]: of one
    /// unit only what it sees is computed.
    pub(super) fn slopes(&self, network: &Network, trace: &Trace) -> Tensor<4> {
        let pictures = trace.pictures();
        let [_, maps, rows, cols] = self.weights.dims();
        let Some([row, col]) = self.unit else {
            let signal = self.weights.clone().repeat(&[pictures, 1, 1, 1]);
            let rule = ReluRule::Gradient;
            return carry_down(network, trace, signal, self.at, Source::Input, rule);
        };
        let one = [0..1, 0..maps, row..row + 1, col..col + 1];
        let of = |picture: usize| {
            let windows = Windows {
                frame: [rows, cols],
                size: [1, 1],
                origins: vec![[row as isize, col as isize]],
            };
            let descent = Descent {
                network,
                trace,
                picture: Some(picture),
                rule: ReluRule::Gradient,
            };
            let signal = Signal::new(self.weights.clone().slice(one.clone()), windows);
            let (values, windows) = descent.carry(signal, self.at, Source::Input).into_parts();
            let margins = [0, 1].map(|axis| {
                let before = windows.origins[0][axis] as usize;
                (before, windows.frame[axis] - before - windows.size[axis])
            });
            values.pad(margins, PadMode::Constant(0.0))
        };
        Tensor::cat((0..pictures).map(of).collect(), 0)
    }
}
