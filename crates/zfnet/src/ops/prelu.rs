//! max(x, 0) + a · min(x, 0) with an a of each map's own that is learnt (He et al. 2015, *Delving Deep into Rectifiers*).

use burn::tensor::{Tensor, activation};

use super::affine::of_maps;
use crate::geometry::signal::Signal;

/// Flattens what is below 0.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]`, slopes `[maps]`.
pub fn forward(x: Tensor<4>, slopes: Tensor<1>) -> Tensor<4> {
    activation::relu(x.clone()) - activation::relu(x.neg()) * of_maps(slopes)
}

/// Passes the signal through the derivative, under every rule: it is no rectifier.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`, `input` (of one picture) `[1, maps, rows, cols]`, slopes `[maps]`.
pub fn reverse(signal: Signal, input: Tensor<4>, slopes: Tensor<1>) -> Signal {
    signal.map(|signal, windows| {
        let below = windows.cut(input).lower_equal_elem(0.0);
        let flat = signal.clone() * of_maps(slopes);
        signal.mask_where(below, flat)
    })
}

/// The derivative of Σ signal · y by the slopes, summed over the pictures: `[maps]`.
///
/// # Shapes
/// x and signal `[pictures, maps, rows, cols]`.
pub fn gradient(x: Tensor<4>, signal: Tensor<4>) -> Tensor<1> {
    let [_, maps, ..] = signal.dims();
    (signal * activation::relu(x.neg()).neg())
        .sum_dims(&[0, 2, 3])
        .reshape([maps])
}
