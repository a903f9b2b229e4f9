//! What a weights file says about its network besides the numbers; the JSON under the metadata key `zf-lens`.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zfnet_typescript::TypeScript;

use crate::network::architecture::{Architecture, Shape};
use crate::network::plan::Plan;
use crate::{Error, Result};

/// Version of the weights format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// A network's description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Version of the format, see [`FORMAT`].
    pub format: u32,
    /// Name of the network.
    pub name: String,
    /// The table of layers.
    pub architecture: Architecture,
    /// What the network wants to be fed.
    pub input: Input,
    /// Names of the classes, in the order of the last layer's units; may be empty for a net without names.
    #[serde(default)]
    pub classes: Vec<ClassName>,
    /// What makes shares of the last layer's numbers.
    #[serde(default, skip_serializing_if = "Scores::is_usual")]
    pub scores: Scores,
    /// Data, licence, recipe, accuracy: free form, shown as it is.
    #[serde(default)]
    pub provenance: serde_json::Value,
}

/// How a picture becomes an input tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")] // the JSON says more than the value, see `std`
pub struct Input {
    /// Rows and columns of the input; in JSON one number where they are equal, as they mostly are.
    #[serde(with = "size")]
    pub size: [usize; 2],
    /// The picture's shorter side is scaled to this before the centre is cut out; where rows and columns differ, the shorter
    /// side of the largest part that has their ratio.
    pub resize_short_side: usize,
    /// Order of the channels.
    #[serde(default)]
    pub channels: Channels,
    /// The value of a full white pixel: 255, or 1.
    #[serde(default = "full_range")]
    pub range: f32,
    /// Subtracted from each channel; its length is the number of channels.
    pub mean: Vec<f32>,
    /// Each channel is divided by this after the mean is subtracted; empty for 1. In JSON it is as long as `mean` when it is
    /// written, and may be empty or left out when it is read.
    #[serde(default)]
    pub std: Vec<f32>,
}

/// Side of the input that usual lengths are made for.
const ORDINARY: f64 = 224.0;

impl Input {
    /// What lengths that are made for an input of 224 are multiplied by: 1, or halved as often as such an input must be to
    /// come nearest, so that inputs of about its size keep round numbers.
    pub fn scale_of_lengths(&self) -> f64 {
        let halved = (ORDINARY / self.short_side().max(1) as f64).log2();
        (-halved.round().max(0.0)).exp2()
    }

    /// The fewer of rows and columns.
    pub fn short_side(&self) -> usize {
        self.size[0].min(self.size[1])
    }

    /// Rows, of which there are as many as columns: what is trained here looks at squares.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there are not.
    pub fn side(&self) -> Result<usize> {
        match self.size {
            [rows, cols] if rows == cols => Ok(rows),
            [rows, cols] => Err(Error::refused(
                "input of the network",
                "as many rows as columns",
                format!("{rows} rows and {cols} columns"),
            )),
        }
    }

    /// Pixels of a photograph that a part of it is high when it is so many wide, at least one: it has the input's ratio.
    pub fn height_of(&self, width: u32) -> u32 {
        let [rows, cols] = self.size.map(|length| length as f64);
        ((f64::from(width) * rows / cols.max(1.0)).round() as u32).max(1)
    }

    /// The colour that is subtracted: red, green and blue, from 0 to 255; mid grey where none is.
    pub(crate) fn mean_colour(&self) -> [f64; 3] {
        let source = |channel| match (self.mean.len(), self.channels) {
            (1, _) => 0,
            (_, Channels::Rgb) => channel,
            (_, Channels::Bgr) => 2 - channel,
        };
        [0, 1, 2].map(|channel| {
            let mean = self.mean.get(source(channel));
            mean.map_or(128.0, |mean| {
                f64::from(*mean) * 255.0 / f64::from(self.range)
            })
        })
    }

    /// Planes of red, green and blue of a picture `[channels, rows, cols]` of the input: three of the same of a grey one.
    pub fn in_colours(&self, values: Vec<f32>) -> Vec<f32> {
        match self.mean.len() {
            1 => values.repeat(3),
            _ => self.in_rgb_order(values),
        }
    }

    /// The same, with the deviations that go without saying.
    fn complete(mut self) -> Self {
        if self.std.is_empty() {
            self.std = vec![1.0; self.mean.len()];
        }
        self
    }

    /// Puts planar values `[channels, rows, cols]` of the input, or of a first-layer filter, into the order red, green, blue; where
    /// there is one channel alone, it stays alone.
    pub fn in_rgb_order(&self, mut values: Vec<f32>) -> Vec<f32> {
        if self.channels == Channels::Bgr && self.mean.len() == 3 {
            let plane = values.len() / 3;
            let (blue, rest) = values.split_at_mut(plane);
            blue.swap_with_slice(&mut rest[plane..]);
        }
        values
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Self::serialize(&self.clone().complete(), serializer)
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::deserialize(deserializer).map(Self::complete)
    }
}

/// What makes shares of the last layer's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// One of the classes is there: eˣ over the sum of all.
    #[default]
    Softmax,
    /// Any of them may be there: 1 / (1 + e⁻ˣ) each.
    Sigmoid,
    /// The numbers are what they are.
    None,
}

impl Scores {
    /// Each class's share, or what else its number stands for, in the order of the classes.
    pub fn shares(self, logits: &[f32]) -> Vec<f32> {
        match self {
            Self::Softmax => {
                let highest = logits.iter().copied().fold(f32::MIN, f32::max);
                let weights: Vec<f32> = logits.iter().map(|x| (x - highest).exp()).collect();
                let total: f32 = weights.iter().sum();
                weights.into_iter().map(|weight| weight / total).collect()
            }
            Self::Sigmoid => logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
            Self::None => logits.to_vec(),
        }
    }

    /// The same on the device, `[pictures, classes]`.
    pub(crate) fn of(self, logits: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Softmax => activation::softmax(logits, 1),
            Self::Sigmoid => activation::sigmoid(logits),
            Self::None => logits,
        }
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Order of the channels of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// A class's name in the languages there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
pub struct ClassName {
    /// English.
    pub en: String,
    /// Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
}

/// One number for a square, rows and columns else.
mod size {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "a size that is neither a number nor [rows, cols]"
    )]
    enum Size {
        Square(usize),
        Rectangle([usize; 2]),
    }

    pub(super) fn serialize<S: Serializer>(size: &[usize; 2], to: S) -> Result<S::Ok, S::Error> {
        match size {
            [rows, cols] if rows == cols => rows.serialize(to),
            size => size.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[usize; 2], D::Error> {
        Ok(match Size::deserialize(from)? {
            Size::Square(side) => [side; 2],
            Size::Rectangle(size) => size,
        })
    }
}

fn full_range() -> f32 {
    255.0
}

impl Model {
    /// Shape of the input, `[channels, rows, columns]`.
    pub fn input_shape(&self) -> Shape {
        let [rows, cols] = self.input.size;
        [self.input.mean.len(), rows, cols]
    }

    /// Checks the description against itself and works out the plan of its layers.
    ///
    /// # Errors
    /// [`Error::Weights`] for a format, class list or input description that does not fit, [`Error::Architecture`] for an
    /// impossible table.
    pub fn plan(&self) -> Result<Plan> {
        if self.format != FORMAT {
            return Err(Error::weights(
                "format version",
                FORMAT.to_string(),
                self.format.to_string(),
            ));
        }
        let Input {
            resize_short_side,
            range,
            mean,
            std,
            ..
        } = &self.input;
        let size = self.input.short_side();
        if *resize_short_side < size {
            return Err(Error::weights(
                "input.resize_short_side",
                format!("at least size, {size}"),
                resize_short_side.to_string(),
            ));
        }
        if !(std.is_empty() || std.len() == mean.len()) {
            return Err(Error::weights(
                "input.std",
                format!("{} numbers, as many as mean", mean.len()),
                std.len().to_string(),
            ));
        }
        let finite = mean.iter().chain(std).chain([range]).all(|v| v.is_finite());
        if !finite || *range <= 0.0 || std.iter().any(|s| *s <= 0.0) {
            return Err(Error::weights(
                "input",
                "finite numbers, range and std above 0",
                format!("range {range}, mean {mean:?}, std {std:?}"),
            ));
        }
        let plan = self.architecture.plan(self.input_shape())?;
        if let Some(outputs) = plan.classes()
            && !self.classes.is_empty()
            && self.classes.len() != outputs
        {
            return Err(Error::weights(
                "classes",
                format!("{outputs} names, one for each unit of the last layer"),
                self.classes.len().to_string(),
            ));
        }
        Ok(plan)
    }

    /// The index of a class given by name (any language) or by number.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there is no such class.
    pub fn class(&self, name_or_index: &str) -> Result<usize> {
        let named = |class: &ClassName| {
            class.en.eq_ignore_ascii_case(name_or_index)
                || class.zh.as_deref() == Some(name_or_index)
        };
        let outputs = self.plan()?.classes().unwrap_or(0);
        self.classes
            .iter()
            .position(named)
            .or_else(|| name_or_index.parse().ok().filter(|index| *index < outputs))
            .ok_or_else(|| {
                Error::refused(
                    "class",
                    match self.classes.is_empty() {
                        true => format!("an index below {outputs}"),
                        false => {
                            let names: Vec<_> =
                                self.classes.iter().map(|class| class.en.as_str()).collect();
                            format!("an index below {outputs} or one of {}", names.join(", "))
                        }
                    },
                    name_or_index,
                )
            })
    }
}
