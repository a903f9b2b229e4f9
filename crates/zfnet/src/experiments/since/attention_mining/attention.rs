//! From a class's activation map to what is taken out of the picture, and the way back from a signal on what was taken out.

use burn::tensor::{Tensor, activation};

use super::Threshold;
use crate::experiments::shared::bilinear::Enlargement;

/// The attention of a batch, and what its way back needs.
#[derive(Debug, Clone)]
pub struct Attention {
    /// The maps enlarged and from 0 to 1, `[pictures, 1, rows, cols]`.
    pub map: Tensor<4>,
    /// The share of each pixel that is taken out, of that shape.
    pub share: Tensor<4>,
    enlargement: Enlargement,
    /// Where the map that was given is above zero.
    speaks: Tensor<4>,
    /// What scales each enlarged map: one over the largest number less the smallest, or 0 where they are equal and the map
    /// is nothing however it moves, `[pictures, 1, 1, 1]`.
    scale: Tensor<4>,
    /// Where the smallest and the largest lie: each map's sum to 1.
    ends: [Tensor<4>; 2],
    omega: f64,
}

impl Attention {
    /// Of class activation maps `[pictures, 1, rows, cols]`: rectified, enlarged to `size`, scaled so that each reaches from 0
    /// to 1, and put through a soft threshold.
    pub fn new(activation: Tensor<4>, size: [usize; 2], threshold: &Threshold) -> Self {
        let [_, _, rows, cols] = activation.dims();
        let enlargement = Enlargement::new([rows, cols], size, &activation.device());
        let large = enlargement.forward(activation::relu(activation.clone()));
        let [pictures, _, height, width] = large.dims();
        let flat = large.clone().reshape([pictures, height * width]);
        let end = |values: Tensor<2>| values.reshape([pictures, 1, 1, 1]);
        let (least, most) = (end(flat.clone().min_dim(1)), end(flat.max_dim(1)));
        let spread = most.clone() - least.clone();
        let nothing = spread.clone().lower_equal_elem(0.0);
        let something = nothing.clone().bool_not().float();
        let scale = something / spread.mask_fill(nothing, 1.0);
        let map = (large.clone() - least.clone()) * scale.clone();
        let share = activation::sigmoid((map.clone() - threshold.sigma) * threshold.omega);
        let at = |end: Tensor<4>| {
            let here = large
                .clone()
                .equal(end.expand([pictures, 1, height, width]))
                .float();
            // Of several equals each takes its part, as in PyTorch.
            let count = here.clone().sum_dim(2).sum_dim(3);
            here / count
        };
        Self {
            ends: [at(least), at(most)],
            speaks: activation.greater_elem(0.0).float(),
            omega: threshold.omega,
            map,
            share,
            enlargement,
            scale,
        }
    }

    /// The pictures without what is attended to; `input` is `[pictures, channels, rows, cols]`, zero where there is nothing.
    pub fn removed_from(&self, input: Tensor<4>) -> Tensor<4> {
        input.clone() - input * self.share.clone()
    }

    /// What a signal on [`Self::share`], of its shape, is on the maps that were given.
    pub fn reverse(&self, signal: Tensor<4>) -> Tensor<4> {
        let share = self.share.clone();
        let slope = share.clone() * (share.mul_scalar(-1.0).add_scalar(1.0)) * self.omega;
        let signal = signal * slope * self.scale.clone(); // at the map, before it was scaled
        let sum = |signal: Tensor<4>| signal.sum_dim(2).sum_dim(3);
        // The ends of the scale move with the numbers that lie there.
        let rising = sum(signal.clone() * self.map.clone());
        let whole = sum(signal.clone());
        let [least, most] = self.ends.clone();
        let large = signal - most * rising.clone() - least * (whole - rising);
        self.enlargement.reverse(large) * self.speaks.clone()
    }
}
