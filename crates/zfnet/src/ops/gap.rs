//! Global average pooling: each map becomes its mean (Lin et al. 2013, *Network in Network*), the last step before the one
//! dense layer of a network whose class activation maps can be drawn (Zhou et al. 2016).

use burn::tensor::Tensor;

use crate::geometry::signal::Signal;

/// The mean of every map.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]` → `[pictures, maps, 1, 1]`.
pub fn forward(x: Tensor<4>) -> Tensor<4> {
    x.mean_dim(2).mean_dim(3)
}

/// Spreads each map's signal evenly over its places: the transpose of the mean.
///
/// # Shapes
/// signal `[targets, maps, 1, 1]` → `[targets, maps, rows, cols]` on windows that cover the input's whole maps.
pub fn reverse(signal: Signal, [rows, cols]: [usize; 2]) -> Signal {
    let [targets, maps, _, _] = signal.values().dims();
    let even = signal.values() / (rows * cols) as f64;
    Signal::whole(even.expand([targets, maps, rows, cols]))
}
