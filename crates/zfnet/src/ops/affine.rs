//! A factor and a shift for each map: a batch normalisation after training, where no convolution can take it in.

use burn::tensor::Tensor;

use crate::geometry::signal::Signal;

/// Scales and shifts every map.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]`, weight and bias `[maps]`.
pub fn forward(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>) -> Tensor<4> {
    x * of_maps(weight) + of_maps(bias)
}

/// Scales the signal; the shift takes no part.
pub fn reverse(signal: Signal, weight: Tensor<1>) -> Signal {
    signal.map(|signal, _| signal * of_maps(weight))
}

/// The derivative of Σ signal · y by the factors and shifts, summed over the pictures: `[maps]` each.
///
/// # Shapes
/// x and signal `[pictures, maps, rows, cols]`.
pub fn gradient(x: Tensor<4>, signal: Tensor<4>) -> (Tensor<1>, Tensor<1>) {
    let [_, maps, ..] = signal.dims();
    let sum = |values: Tensor<4>| values.sum_dims(&[0, 2, 3]).reshape([maps]);
    (sum(signal.clone() * x), sum(signal))
}

/// One number for each map, as maps: `[1, maps, 1, 1]`.
pub(super) fn of_maps(values: Tensor<1>) -> Tensor<4> {
    let [maps] = values.dims();
    values.reshape([1, maps, 1, 1])
}
