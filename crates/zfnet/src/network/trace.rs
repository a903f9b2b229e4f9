//! What one forward pass leaves behind: every layer's activation and every pool's switches.

use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};
use zfnet_kernels::tensors;

use crate::network::architecture::Op;
use crate::network::kernels;
use crate::network::model::Scores;
use crate::network::plan::Source;
use crate::ops::activation;
use crate::readback::Readback;
use crate::{Error, Result};

/// The memory of a forward pass over a batch of pictures.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What entered the first layer, `[pictures, channels, rows, cols]`.
    pub input: Tensor<4>,
    /// One record for each layer that ran, in the order of the table.
    pub layers: Vec<Record>,
}

/// What one layer left behind.
#[derive(Debug, Clone)]
pub struct Record {
    /// The layer's name.
    pub name: String,
    /// Its output, `[pictures, maps, rows, cols]`.
    pub activation: Tensor<4>,
    /// Where the maxima were, for a pooling layer: row-major indices into its unpadded input map.
    pub switches: Option<Tensor<4, Int>>,
    /// The rectifier (or other function of one number) that follows, so that the unit's answer is what that makes of its
    /// activation.
    pub followed_by: Option<Op>,
}

/// One unit of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Feature map.
    pub map: usize,
    /// Row in the map.
    pub row: usize,
    /// Column in the map.
    pub col: usize,
}

/// A unit and how strongly it answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The unit.
    #[serde(flatten)]
    pub unit: Unit,
    /// Its activation, after the rectifier that follows.
    pub activation: f32,
}

impl Record {
    /// The layer's answer: its activation after the rectifier that follows, if one does.
    pub fn answer(&self) -> Tensor<4> {
        self.answer_of(self.activation.clone())
    }

    /// The strongest answer of each map and its place, where the numbers lie in the processor's memory. A rectifier leaves the
    /// largest where it was, or makes all of them zero.
    fn strongest(&self, picture: usize) -> Option<Vec<(f32, usize)>> {
        let rectified = match &self.followed_by {
            None => false,
            Some(Op::Relu) => true,
            Some(_) => return None,
        };
        let mut strongest = tensors::strongest(&self.activation, picture)?;
        for (activation, place) in &mut strongest {
            if rectified && *activation <= 0.0 {
                (*activation, *place) = (0.0, 0);
            }
        }
        Some(strongest)
    }

    /// The answer, for some of the layer's activations.
    pub(crate) fn answer_of(&self, activation: Tensor<4>) -> Tensor<4> {
        match &self.followed_by {
            Some(Op::Activation(curve)) => activation::forward(activation, *curve),
            Some(_) => kernels::rectify(activation),
            None => activation,
        }
    }
}

impl Trace {
    /// Number of pictures in the batch.
    pub fn pictures(&self) -> usize {
        self.input.dims()[0]
    }

    /// The record of a layer.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`] when no layer of that name ran.
    pub fn layer(&self, name: &str) -> Result<&Record> {
        self.position(name).map(|at| &self.layers[at])
    }

    pub(crate) fn position(&self, name: &str) -> Result<usize> {
        self.layers
            .iter()
            .position(|record| record.name == name)
            .ok_or_else(|| Error::UnknownLayer {
                layer: name.into(),
                known: self
                    .layers
                    .iter()
                    .map(|record| record.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// What a layer may read: the input, or what another layer put out.
    pub(crate) fn output(&self, source: Source) -> &Tensor<4> {
        match source {
            Source::Input => &self.input,
            Source::Layer(at) => &self.layers[at].activation,
        }
    }

    /// The last layer's output before any softmax, `[pictures, classes]`; `None` if the classifier did not run.
    pub fn logits(&self) -> Option<Tensor<2>> {
        let last = &self.layers.last()?.activation;
        let [pictures, classes, rows, cols] = last.dims();
        (rows * cols == 1).then(|| last.clone().reshape([pictures, classes]))
    }

    /// The strongest unit of every map of the named layers, for one picture of the batch; ties go to the first in
    /// row-major order. One read for all of them.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::OutOfRange`] for the picture, or [`Error::Execution`].
    pub async fn strongest(&self, picture: usize, layers: &[&str]) -> Result<Vec<Vec<Answer>>> {
        if picture >= self.pictures() {
            return Err(Error::out_of_range(
                "picture of the batch",
                self.pictures(),
                picture,
            ));
        }
        let mut readback = Readback::default();
        // Those that are known at once, and the rest by what the device will answer.
        let mut found = Vec::with_capacity(layers.len());
        for name in layers {
            let record = self.layer(name)?;
            let [_, maps, rows, cols] = record.activation.dims();
            let known = record.strongest(picture);
            if known.is_none() {
                let flat = record
                    .answer()
                    .slice([picture..picture + 1, 0..maps, 0..rows, 0..cols])
                    .reshape([maps, rows * cols]);
                readback = readback
                    .floats(flat.clone().max_dim(1))
                    .integers(flat.argmax(1));
            }
            found.push((known, cols));
        }
        let mut answers = readback.read().await?;
        let strongest = found.into_iter().map(|(known, cols)| {
            let strongest = match known {
                Some(known) => known,
                None => {
                    let activations = answers.floats()?;
                    let places = answers.integers()?.into_iter();
                    let places = places.map(|place| place as usize);
                    activations.into_iter().zip(places).collect()
                }
            };
            let answer = |(map, (activation, place)): (usize, (f32, usize))| Answer {
                unit: Unit {
                    map,
                    row: place / cols,
                    col: place % cols,
                },
                activation,
            };
            Ok(strongest.into_iter().enumerate().map(answer).collect())
        });
        strongest.collect()
    }
}

/// Class indices with their shares, highest score first; equal scores keep their order.
pub fn ranked(logits: &[f32], scores: Scores) -> Vec<(usize, f32)> {
    let shares = scores.shares(logits);
    let mut ranked: Vec<_> = shares.into_iter().enumerate().collect();
    ranked.sort_by(|(a, _), (b, _)| logits[*b].total_cmp(&logits[*a]));
    ranked
}

#[cfg(test)]
mod tests {
    use super::{Scores, ranked};

    #[test]
    fn shares_sum_to_one_and_equal_scores_keep_their_order() {
        let logits = [1.0, 3.0, 3.0, 90.0 - 100.0];
        let classes = |scores| ranked(&logits, scores).into_iter().unzip();
        let (order, shares): (Vec<_>, Vec<_>) = classes(Scores::Softmax);
        assert_eq!(order, [1, 2, 0, 3]);
        let sum: f32 = shares.iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "sum {sum}");
        assert_eq!(classes(Scores::Sigmoid).0, order);
        assert_eq!(ranked(&[0.0], Scores::Sigmoid), [(0, 0.5)]);
        assert_eq!(classes(Scores::None), (order, vec![3.0, 3.0, 1.0, -10.0]));
    }
}
