//! A network on its way from a file to a table: rows that say what they read, with their numbers still in the file.

use zfnet::network::architecture::{Curve, Pad, Shape};

use crate::weight::Weight;

/// What a row reads: what enters the network, or another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Input,
    Row(usize),
}

/// A row of the table to be.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// What its maker calls it; made unique at the end.
    pub(crate) name: String,
    pub(crate) from: Vec<Source>,
    pub(crate) op: Op<'a>,
    /// What comes out of it.
    pub(crate) shape: Shape,
}

/// Filters or a matrix: `factor · (weight ∗ x) + bias`, by maps that come out.
#[derive(Debug, Clone)]
pub(crate) struct Filters<'a> {
    /// `[out, in / groups, rows, cols]`, or `[out, in]`.
    pub(crate) weight: Weight<'a>,
    /// What a normalisation after it amounts to; empty for 1.
    pub(crate) factor: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl<'a> Filters<'a> {
    /// Filters as they stand in the file.
    pub(crate) fn new(weight: Weight<'a>, bias: Vec<f32>) -> Self {
        Self {
            weight,
            factor: Vec::new(),
            bias,
        }
    }

    /// Takes in that what comes out is multiplied by `factor` and moved by `shift`.
    pub(crate) fn then(&mut self, factor: &[f32], shift: &[f32]) {
        if self.factor.is_empty() {
            self.factor = vec![1.0; self.bias.len()];
        }
        for (at, own) in self.factor.iter_mut().enumerate() {
            *own *= factor[at];
            self.bias[at] = self.bias[at] * factor[at] + shift[at];
        }
    }
}

/// Where windows are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) pad: Pad,
}

/// What a row does; more than a table of ours can say, until [`crate::simplify`] has been over it.
#[derive(Debug)]
pub(crate) enum Op<'a> {
    Conv {
        windows: Windows,
        dilation: [usize; 2],
        groups: usize,
        filters: Filters<'a>,
    },
    Dense(Filters<'a>),
    Relu,
    MaxPool(Windows),
    AvgPool {
        windows: Windows,
        counted: Pad,
    },
    Lrn {
        size: usize,
        alpha: f64,
        beta: f64,
        k: f64,
    },
    Gap,
    Add,
    Concat,
    /// Two inputs, multiplied; the second may have one place for each map.
    Scale,
    /// Each map times its factor plus its shift.
    Affine {
        factor: Vec<f32>,
        shift: Vec<f32>,
    },
    Activation(Curve),
    Prelu(Vec<f32>),
    Shuffle {
        groups: usize,
    },
    /// Zeros around the maps, which the next row takes in.
    Pad(Pad),
    /// Shares of the classes, at the end alone.
    Softmax,
}

/// What a batch normalisation with known mean and variance amounts to: a factor and a shift for each map.
pub(crate) fn normalisation(
    scale: &[f32],
    shift: &[f32],
    mean: &[f32],
    variance: &[f32],
    epsilon: f64,
) -> (Vec<f32>, Vec<f32>) {
    let of = |at: usize| {
        let factor = f64::from(scale[at]) / (f64::from(variance[at]) + epsilon).sqrt();
        let shift = f64::from(shift[at]) - f64::from(mean[at]) * factor;
        (factor as f32, shift as f32)
    };
    (0..scale.len()).map(of).unzip()
}
