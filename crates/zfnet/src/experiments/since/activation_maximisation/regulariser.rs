//! What keeps a climb near natural pictures.

use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor, TensorData};

/// Rounds the corner of |d| at 0, in shares of the way from black to white: less than what 8 bits can tell apart.
const CORNER: f64 = 1e-3;

/// The derivative of total variation Σ √(d² + ε²), over the differences d of all neighbours in rows and in columns, each on
/// its own; Mahendran & Vedaldi (2015) take the length of both together.
///
/// # Shapes
/// z `[pictures, channels, rows, cols]` → the same.
pub(super) fn variation_slope(z: Tensor<4>) -> Tensor<4> {
    let [_, _, rows, cols] = z.dims();
    let along = |z: &Tensor<4>, axis: usize, length: usize| {
        let before = z.clone().narrow(axis, 0, length - 1);
        let difference = z.clone().narrow(axis, 1, length - 1) - before;
        let size = (difference.clone() * difference.clone() + CORNER * CORNER).sqrt();
        let sign = difference / size;
        let padded = |first: usize, last: usize| {
            let pad = match axis {
                2 => [(first, last), (0, 0)],
                _ => [(0, 0), (first, last)],
            };
            sign.clone().pad(pad, PadMode::Constant(0.0))
        };
        padded(1, 0) - padded(0, 1)
    };
    let mut slope = z.zeros_like();
    for (axis, length) in [(2, rows), (3, cols)] {
        if length > 1 {
            slope = slope + along(&z, axis, length);
        }
    }
    slope
}

/// A Gaussian blur of square pictures as a matrix on either side, which every device multiplies fast.
pub(super) struct Blur {
    matrix: Tensor<2>,
}

impl Blur {
    /// `None` where nothing is blurred.
    pub(super) fn new(size: usize, sigma: f64, device: &Device) -> Option<Self> {
        if sigma <= 0.0 {
            return None;
        }
        let mut matrix = Vec::with_capacity(size * size);
        for to in 0..size {
            let weights: Vec<f64> = (0..size)
                .map(|from| {
                    let away = (to as f64 - from as f64) / sigma;
                    (-0.5 * away * away).exp()
                })
                .collect();
            // Near the border there are fewer neighbours; their weights still make 1.
            let total: f64 = weights.iter().sum();
            matrix.extend(weights.iter().map(|weight| (weight / total) as f32));
        }
        Some(Self {
            matrix: Tensor::from_data(TensorData::new(matrix, [size, size]), device),
        })
    }

    /// # Shapes
    /// z `[pictures, channels, size, size]` → the same.
    pub(super) fn of(&self, z: Tensor<4>) -> Tensor<4> {
        let [pictures, channels, size, _] = z.dims();
        let along = |z: Tensor<4>| {
            z.reshape([pictures * channels * size, size])
                .matmul(self.matrix.clone().transpose())
                .reshape([pictures, channels, size, size])
                .swap_dims(2, 3)
        };
        along(along(z))
    }
}
