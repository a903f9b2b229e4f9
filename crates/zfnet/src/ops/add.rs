//! The sum of several layers' maps (He et al. 2016, *Deep Residual Learning*).

use burn::tensor::Tensor;

use crate::geometry::signal::Signal;

/// Adds maps of one shape.
pub fn forward(inputs: Vec<Tensor<4>>) -> Tensor<4> {
    inputs
        .into_iter()
        .reduce(|sum, x| sum + x)
        .expect("a sum has terms")
}

/// Every term gets the whole signal.
pub fn reverse(signal: Signal, terms: usize) -> Vec<Signal> {
    vec![signal; terms]
}
