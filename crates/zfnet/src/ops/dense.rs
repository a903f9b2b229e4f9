//! Fully connected layers, the last steps up and the first steps down.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::geometry::signal::Signal;

/// Fully connected layer with bias; spatial input is flattened as [maps, rows, columns].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dense {
    /// Number of units that come out.
    pub out: usize,
}

/// Weights every input for every unit.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]`, flattened in that order; weight `[out, maps·rows·cols]`; bias `[out]` → `[pictures, out, 1, 1]`.
pub fn forward(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<4> {
    let [pictures, maps, rows, cols] = x.dims();
    let [out, _] = weight.dims();
    let flat = x.reshape([pictures, maps * rows * cols]);
    (flat.matmul(weight.transpose()) + bias.unsqueeze()).reshape([pictures, out, 1, 1])
}

/// Sends the signal back through the transposed weights; the bias takes no part.
///
/// # Shapes
/// signal `[targets, out, 1, 1]` → `[targets, maps, rows, cols]` on windows that cover the input's whole maps.
pub fn reverse(signal: Signal, weight: Tensor<2>, input: [usize; 3]) -> Signal {
    let [targets, out, _, _] = signal.values().dims();
    let [maps, rows, cols] = input;
    let flat = signal.values().reshape([targets, out]).matmul(weight);
    Signal::whole(flat.reshape([targets, maps, rows, cols]))
}

/// The derivative of Σ signal · y by the weights and biases, summed over the pictures.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]`, signal `[pictures, out, 1, 1]` → `[out, maps·rows·cols]`, `[out]`.
pub fn gradient(x: Tensor<4>, signal: Tensor<4>) -> (Tensor<2>, Tensor<1>) {
    let [pictures, maps, rows, cols] = x.dims();
    let [_, out, _, _] = signal.dims();
    let signal = signal.reshape([pictures, out]);
    let bias = signal.clone().sum_dim(0).reshape([out]);
    let x = x.reshape([pictures, maps * rows * cols]);
    (signal.transpose().matmul(x), bias)
}
