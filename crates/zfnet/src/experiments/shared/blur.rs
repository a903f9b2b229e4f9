//! Blurring square pictures, as a matrix on either side, which every device multiplies fast.

use burn::tensor::{Device, Tensor, TensorData};

/// A blur along rows and along columns.
#[derive(Debug, Clone)]
pub(crate) struct Blur {
    /// What every new place takes from every old one, `[size, size]`.
    matrix: Tensor<2>,
}

impl Blur {
    /// By a Gaussian of this deviation in pixels; near the border there are fewer neighbours, and their weights still make 1.
    pub(crate) fn gaussian(size: usize, sigma: f64, device: &Device) -> Self {
        let mut matrix = Vec::with_capacity(size * size);
        for to in 0..size {
            let weights: Vec<f64> = (0..size)
                .map(|from| {
                    let away = (to as f64 - from as f64) / sigma;
                    (-0.5 * away * away).exp()
                })
                .collect();
            let total: f64 = weights.iter().sum();
            matrix.extend(weights.iter().map(|weight| (weight / total) as f32));
        }
        Self::of_weights(size, matrix, device)
    }

    /// By a kernel that is the same forwards and backwards; beyond the border lie zeros.
    pub(crate) fn kernel(size: usize, kernel: &[f64], device: &Device) -> Self {
        let weight = |to: usize, from: usize| {
            let at = (from + kernel.len() / 2).checked_sub(to);
            at.and_then(|at| kernel.get(at)).map_or(0.0, |w| *w as f32)
        };
        let row = |to: usize| (0..size).map(move |from| weight(to, from));
        Self::of_weights(size, (0..size).flat_map(row).collect(), device)
    }

    fn of_weights(size: usize, weights: Vec<f32>, device: &Device) -> Self {
        Self {
            matrix: Tensor::from_data(TensorData::new(weights, [size, size]), device),
        }
    }

    /// # Shapes
    /// z `[pictures, channels, size, size]` → the same.
    pub(crate) fn of(&self, z: Tensor<4>) -> Tensor<4> {
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
