//! How a filter answers to each frequency, and what a grid can hold of that.

use super::{HIGH, LOW};
use crate::experiments::shared::spectrum::frequencies;

/// A filter's frequency response.
pub(super) struct Response {
    pub(super) size: [usize; 2],
    /// Pixels of the input between neighbours of the layer's own input.
    pub(super) step: [f64; 2],
    /// The transform of each channel.
    pub(super) channels: Vec<Vec<[f64; 2]>>,
}

impl Response {
    /// At each frequency, the channels added up.
    pub(super) fn energy(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.size[0] * self.size[1]];
        for channel in &self.channels {
            for (sum, [real, imaginary]) in sum.iter_mut().zip(channel) {
                *sum += real * real + imaginary * imaginary;
            }
        }
        sum
    }

    /// Distances from zero frequency in cycles per pixel of the input.
    fn distances(&self) -> impl Iterator<Item = f64> {
        let [rows, cols] = self.step;
        frequencies(self.size).map(move |[row, col]| (row / rows).hypot(col / cols))
    }

    /// The mean of something, weighted by the energy; `None` where there is none.
    pub(super) fn mean(&self, energy: &[f64], of: impl Fn(f64) -> f64) -> Option<f64> {
        let total: f64 = energy.iter().sum();
        let weighted = self
            .distances()
            .zip(energy)
            .map(|(at, energy)| of(at) * energy);
        (total > 0.0).then(|| weighted.sum::<f64>() / total)
    }

    pub(super) fn bands(&self, energy: &[f64]) -> Option<[f64; 3]> {
        let low = self.mean(energy, |at| f64::from(u8::from(at < LOW)))?;
        let high = self.mean(energy, |at| f64::from(u8::from(at >= HIGH)))?;
        Some([low, 1.0 - low - high, high])
    }

    /// The share of the energy that a grid of that stride cannot hold.
    pub(super) fn lost(&self, energy: &[f64], stride: [usize; 2]) -> Option<f64> {
        let held = |frequency: f64, stride: usize| match frequency * 2.0 * stride as f64 {
            _ if stride == 1 => 1.0,
            // The limit itself belongs to both sides.
            1.0 => 0.5,
            ratio => f64::from(u8::from(ratio < 1.0)),
        };
        let total: f64 = energy.iter().sum();
        let kept = frequencies(self.size).zip(energy);
        let kept =
            kept.map(|([row, col], energy)| held(row, stride[0]) * held(col, stride[1]) * energy);
        (total > 0.0).then(|| (1.0 - kept.sum::<f64>() / total).max(0.0))
    }
}
