//! Attention mining: the loss of a head that is to attend to all that its score rests on, and its derivative.
//!
//! L = cross entropy + alpha · score of the true class, or its probability ([`Wanted`]), for the picture without what the head
//! attends to. The map is CAM's, whose dependence on the head's weights is linear, so first derivatives are all it takes; what
//! the masked picture's score owes to the mask comes down through the features, which stay as they are, by the rule of a
//! gradient projection.

use burn::tensor::{Int, Tensor, TensorData, activation};
use serde::{Deserialize, Serialize};

use super::{Attention, Threshold};
use crate::deconvnet::gradients::cross_entropy;
use crate::deconvnet::projection::{ReluRule, carry_down};
use crate::experiments::shared::class_score::scores;
use crate::network::plan::Source;
use crate::network::{Network, Parameters};
use crate::ops::{dense, gap};
use crate::{Error, Result};

/// What is to fall when the attended part is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// The class's score before the softmax, as published. It can fall without end, and a linear head that is trained long
    /// for nothing else forgets the classes.
    Score,
    /// The class's probability, the score after it: it cannot fall without end, but hardly falls where it is near 1.
    #[default]
    Probability,
}

/// The loss's constants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mining {
    /// Weight of the second term.
    pub alpha: f64,
    /// What is taken out.
    pub threshold: Threshold,
    /// What is to fall.
    pub wanted: Wanted,
}

impl Default for Mining {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            threshold: Threshold::default(),
            wanted: Wanted::default(),
        }
    }
}

/// A batch's loss and its derivatives.
#[derive(Debug, Clone)]
pub struct Mined {
    /// Scores of the whole pictures, `[pictures, classes]`.
    pub scores: Tensor<2>,
    /// Mean cross entropy, `[1]`.
    pub classification: Tensor<1>,
    /// Mean of what is to fall, before it is weighed by alpha, `[1]`.
    pub attention: Tensor<1>,
    /// Derivatives of the whole loss by the weights and biases of the dense layer.
    pub gradients: Parameters,
}

/// The loss of a batch whose true classes are known.
///
/// # Shapes
/// `input` is `[pictures, channels, rows, cols]`.
///
/// # Errors
/// [`Error::Architecture`] for a network that does not end in a global average and one dense layer, [`Error::NotLoaded`],
/// [`Error::OutOfRange`] for classes or an input that do not fit.
pub fn mine(
    network: &Network,
    input: Tensor<4>,
    classes: &[usize],
    mining: &Mining,
) -> Result<Mined> {
    let averaging = network.averaging()?;
    let last = &network.plan[averaging.dense];
    let Some(Parameters::Dense(weight, _)) = &network.parameters()[averaging.dense] else {
        return Err(network.not_loaded(&last.layer.name));
    };
    let [pictures, _, rows, cols] = input.dims();
    let width = last.output[0];
    if classes.len() != pictures {
        return Err(Error::refused(
            "classes of a batch",
            format!("{pictures}, one for each picture"),
            classes.len(),
        ));
    }
    if let Some(class) = classes.iter().find(|class| **class >= width) {
        return Err(Error::out_of_range("class", width, *class));
    }
    let device = input.device();
    let trace = network.forward(input.clone())?;
    let said = scores(network, &trace)?;
    let (classification, signal) = cross_entropy(said.clone(), classes, 0.0);
    let averages = trace.layers[averaging.gap].activation.clone();
    let (by_weight, by_bias) = dense::gradient(averages, spread(signal));

    let maps = network.entering(&trace, averaging.gap).clone();
    let [_, count, map_rows, map_cols] = maps.dims();
    let indices: Vec<i32> = classes.iter().map(|class| *class as i32).collect();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [pictures]), &device);
    let own = weight.clone().select(0, indices);
    let own: Tensor<4> = own.reshape([pictures, count, 1, 1]);
    let map = (maps.clone() * own).sum_dim(1); // [pictures, 1, rows, cols]
    let attention = Attention::new(map, [rows, cols], &mining.threshold);
    let without = network.forward(attention.removed_from(input.clone()))?;

    let one_hot = one_hot(classes, width, &device);
    let left = scores(network, &without)?;
    let (fallen, signal) = match mining.wanted {
        Wanted::Score => (left * one_hot.clone(), one_hot.clone()),
        Wanted::Probability => {
            let probability = activation::softmax(left, 1);
            let own = probability.clone() * one_hot.clone();
            let sum = own.clone().sum_dim(1);
            (own.clone(), own - probability * sum)
        }
    };
    let fallen = fallen.sum() / pictures as f64;
    let signal = spread(signal * (mining.alpha / pictures as f64));
    let averages = without.layers[averaging.gap].activation.clone();
    let (left_weight, left_bias) = dense::gradient(averages, signal.clone());
    let pixels = carry_down(
        network,
        &without,
        signal,
        averaging.dense,
        Source::Input,
        ReluRule::Gradient,
    );
    let on_share = (pixels * input).sum_dim(1).mul_scalar(-1.0);
    // The map is a sum over the maps, so its derivative by their weights is a sum over the places.
    let on_map = attention.reverse(on_share);
    let places = (map_rows * map_cols) as f64;
    let on_own: Tensor<2> = gap::forward(maps * on_map)
        .reshape([pictures, count])
        .mul_scalar(places);
    let mined = one_hot.transpose().matmul(on_own);
    Ok(Mined {
        scores: said,
        classification,
        attention: fallen,
        gradients: Parameters::Dense(by_weight + left_weight + mined, by_bias + left_bias),
    })
}

fn spread(signal: Tensor<2>) -> Tensor<4> {
    let [pictures, classes] = signal.dims();
    signal.reshape([pictures, classes, 1, 1])
}

fn one_hot(classes: &[usize], width: usize, device: &burn::tensor::Device) -> Tensor<2> {
    let mut values = vec![0f32; classes.len() * width];
    for (picture, class) in classes.iter().enumerate() {
        values[picture * width + class] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [classes.len(), width]), device)
}
