//! Filters as signals: how fine their grain is, and which of them are next to nothing.

use serde::{Deserialize, Serialize};
use zfnet::{Network, readback};

use super::signal;
use crate::Result;

/// Cycles per pixel above which a filter's energy counts as high.
pub const LIMIT: f64 = 0.3;
/// A filter is negligible when its root mean square is at most this share of its layer's.
pub const NEGLIGIBLE: f64 = 0.01;

/// A layer's filters as signals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filters {
    /// The layer.
    pub layer: String,
    /// How many it has.
    pub count: usize,
    /// Share of their energy above [`LIMIT`]; `None` when they have no energy.
    pub high_frequencies: Option<f64>,
    /// Filters whose weights are next to nothing, see [`NEGLIGIBLE`].
    pub negligible: Vec<usize>,
}

impl Filters {
    /// Measures a convolution's filters.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when the layer is no convolution that is loaded, or the device fails.
    pub(crate) fn of(network: &Network, layer: &str) -> Result<Self> {
        let weights = network.filters(layer)?;
        let [count, channels, rows, cols] = weights.dims();
        let values = pollster::block_on(readback::floats(weights))?;
        let square = |values: &[f32]| values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        let weakest = square(&values) / count as f64 * NEGLIGIBLE * NEGLIGIBLE;
        let negligible = values
            .chunks(channels * rows * cols)
            .enumerate()
            .filter(|(_, filter)| square(filter) <= weakest)
            .map(|(at, _)| at)
            .collect();
        Ok(Self {
            layer: layer.to_owned(),
            count,
            high_frequencies: high_frequencies(&values, [rows, cols]),
            negligible,
        })
    }
}

/// The share of the energy of filters, planes of `[rows, cols]` one after the other, that lies above [`LIMIT`]; `None` when there
/// is no energy.
pub fn high_frequencies(filters: &[f32], [rows, cols]: [usize; 2]) -> Option<f64> {
    let [low, high] = filters.chunks(rows * cols).fold([0.0; 2], |sum, plane| {
        let [low, high] = signal::energies(plane, [rows, cols], LIMIT);
        [sum[0] + low, sum[1] + high]
    });
    let share = high / (low + high);
    share.is_finite().then_some(share)
}
