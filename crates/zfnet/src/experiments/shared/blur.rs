//! Blurring pictures, as a matrix on either side, which every device multiplies fast.

use burn::tensor::{Device, Tensor, TensorData};

/// A blur along rows and along columns.
#[derive(Debug, Clone)]
pub(crate) struct Blur {
    /// What every new row takes from every old one, `[rows, rows]`, and every new column, `[cols, cols]`.
    matrices: [Tensor<2>; 2],
}

impl Blur {
    /// By a Gaussian of this deviation in pixels; near the border there are fewer neighbours, and their weights still make 1.
    pub(crate) fn gaussian(size: [usize; 2], sigma: f64, device: &Device) -> Self {
        let row = |length: usize, to: usize| -> Vec<f32> {
            let weight = |from: usize| {
                let away = (to as f64 - from as f64) / sigma;
                (-0.5 * away * away).exp()
            };
            let weights: Vec<f64> = (0..length).map(weight).collect();
            let total: f64 = weights.iter().sum();
            weights
                .iter()
                .map(|weight| (weight / total) as f32)
                .collect()
        };
        Self::of_weights(size, row, device)
    }

    /// By a kernel that is the same forwards and backwards; beyond the border lie zeros.
    pub(crate) fn kernel(size: [usize; 2], kernel: &[f64], device: &Device) -> Self {
        let weight = |to: usize, from: usize| {
            let at = (from + kernel.len() / 2).checked_sub(to);
            at.and_then(|at| kernel.get(at)).map_or(0.0, |w| *w as f32)
        };
        let row = |length: usize, to: usize| (0..length).map(|from| weight(to, from)).collect();
        Self::of_weights(size, row, device)
    }

    /// `row` is what one new place takes from so many old ones.
    fn of_weights(
        size: [usize; 2],
        row: impl Fn(usize, usize) -> Vec<f32>,
        device: &Device,
    ) -> Self {
        let matrix = |length: usize| {
            let weights = (0..length).flat_map(|to| row(length, to)).collect();
            Tensor::from_data(TensorData::new(weights, [length, length]), device)
        };
        Self {
            matrices: size.map(matrix),
        }
    }

    /// # Shapes
    /// z `[pictures, channels, rows, cols]` → the same.
    pub(crate) fn of(&self, z: Tensor<4>) -> Tensor<4> {
        let [rows, cols] = &self.matrices;
        along(along(z, cols), rows)
    }
}

/// Multiplies along the last axis, which becomes the one before it: `[.., rows, cols]` → `[.., matrix rows, rows]`.
pub(crate) fn along(z: Tensor<4>, matrix: &Tensor<2>) -> Tensor<4> {
    let [pictures, channels, rows, cols] = z.dims();
    let new = matrix.dims()[0];
    z.reshape([pictures * channels * rows, cols])
        .matmul(matrix.clone().transpose())
        .reshape([pictures, channels, rows, new])
        .swap_dims(2, 3)
}
