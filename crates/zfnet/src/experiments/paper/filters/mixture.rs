//! What a layer's filters amount to.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use super::Filter;

/// Width of a step of [`Mixture::histogram`], in cycles per pixel of the input.
pub const STEP: f64 = 1.0 / 16.0;
/// Steps of the histogram: up to half a cycle per pixel, and whatever lies beyond in the last.
const STEPS: usize = 8;

/// A layer's filters together. Weak filters count in no mean: their frequencies are those of rounding. Every other
/// filter counts as much as any, however strong it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "FilterMixture")]
pub struct Mixture {
    /// The median of their root mean squares.
    pub median_rms: f64,
    /// The largest of their root mean squares: one filter that dominates its layer stands out here.
    pub largest_rms: f64,
    /// Share of weak filters, which are dead by their weights.
    pub weak: f64,
    /// Share of filters that answered nowhere on the pictures looked at, weak or not; `None` when there was none.
    pub silent: Option<f64>,
    /// Mean of their frequencies, in cycles per pixel of the input; `None` when all are weak.
    pub frequency: Option<f64>,
    /// How far their frequencies are spread: their standard deviation.
    pub spread: Option<f64>,
    /// Filters by frequency, in steps of [`STEP`]; the last step has no upper end.
    pub histogram: Vec<usize>,
    /// Mean shares of energy: low, between, high.
    pub bands: Option<[f64; 3]>,
    /// Mean share of answers to white noise that the stride's grid cannot hold.
    pub aliasing: Option<f64>,
    /// Mean share of answers to the pictures that the stride's grid cannot hold.
    pub aliasing_on_pictures: Option<f64>,
}

impl Mixture {
    pub(super) fn of(filters: &[Filter], median_rms: f64) -> Self {
        let share = |holds: &dyn Fn(&Filter) -> bool| {
            let held = filters.iter().filter(|filter| holds(filter)).count();
            held as f64 / filters.len().max(1) as f64
        };
        let strong = || filters.iter().filter(|filter| !filter.weak);
        let frequencies: Vec<f64> = strong().filter_map(|filter| filter.frequency).collect();
        let frequency = mean(frequencies.iter().copied());
        let band = |at: usize| mean(strong().filter_map(move |filter| Some(filter.bands?[at])));
        let mut histogram = vec![0; STEPS];
        for frequency in &frequencies {
            histogram[((frequency / STEP) as usize).min(STEPS - 1)] += 1;
        }
        let looked = filters.iter().any(|filter| filter.strongest.is_some());
        Self {
            median_rms,
            largest_rms: filters
                .iter()
                .fold(0.0, |most, filter| filter.rms.max(most)),
            weak: share(&|filter| filter.weak),
            silent: looked.then(|| share(&|filter| filter.silent() == Some(true))),
            frequency,
            spread: frequency.and_then(|centre| {
                let squares = frequencies.iter().map(|at| (at - centre).powi(2));
                mean(squares).map(f64::sqrt)
            }),
            histogram,
            bands: band(0)
                .zip(band(1))
                .zip(band(2))
                .map(|((low, middle), high)| [low, middle, high]),
            aliasing: mean(strong().filter_map(|filter| filter.aliasing)),
            aliasing_on_pictures: mean(strong().filter_map(|filter| filter.aliasing_on_pictures)),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| {
        (sum + value, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}
