//! What a layer's filters are like (paper section 4.1, figure 6), in numbers: dead filters, a mixture of very high and very
//! low frequencies with few between, and what a large stride makes of it. The paper describes them and gives no numbers;
//! every definition here is ours.
//!
//! - **Weak**: a filter whose root mean square is below a share ([`Settings::weak_below`]) of the median of its layer's. By its
//!   weights it is dead; that says nothing of what its bias or later layers make of it.
//! - **Silent**: a filter whose map answers nowhere on any picture looked at. That depends on the pictures: silence on one is
//!   no death, and only silence on all that the network was trained with is.
//! - **Frequency**: the centroid of the filter's energy over the distance from zero frequency, in cycles per pixel of the
//!   input. The energy is that of its frequency response, the transform with zeros around it, which is how strongly it
//!   answers to a grating; so filters of different sizes can be compared. Channels are added up. The mean is left in: a blob
//!   of one colour is low. A filter of k pixels cannot be narrower than about 1/k, so that a small filter of one colour does
//!   not come out at 0. White noise has 0.38.
//! - **Bands**: the shares of that energy below [`LOW`], between, and from [`HIGH`] on. White noise has 0.05, 0.15 and 0.80.
//! - **Aliasing**: the share of a filter's answers that the grid of its stride cannot hold: energy above 0.5 / stride cycles
//!   per pixel along either axis, before the rectifier and whatever is pooled afterwards. Of answers to white noise, which
//!   is a property of the filter alone (a filter without any preference has 1 − 1/stride²), and of answers to the pictures
//!   looked at, which have little energy up there.

mod mixture;
mod pictures;
mod record;
mod response;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::mixture::{Mixture, STEP};
use self::pictures::Spectra;
use self::response::Response;
use crate::experiments::shared::spectrum::transform;
use crate::network::architecture::{Conv, Op};
use crate::network::model::Input;
use crate::network::plan::Source;
use crate::pictures::rendering::{self, Picture, Stretch};
use crate::readback::{self, Readback};
use crate::{Error, Network, Result};

/// Cycles per pixel of the input below which energy is low: waves of more than eight pixels.
pub const LOW: f64 = 1.0 / 8.0;
/// Cycles per pixel of the input from which on energy is high: waves of four pixels and less.
pub const HIGH: f64 = 1.0 / 4.0;
/// Filters and blocks of pictures are transformed at least at this size.
const GRID: usize = 64;

/// The strongest maps of a layer that are usually shown beside its filters, as in the figure.
pub const MAPS: usize = 16;

/// What counts as next to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// A filter is weak when its root mean square is below this share of its layer's median.
    pub weak_below: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { weak_below: 0.1 }
    }
}

/// One filter's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "MeasuredFilter")]
pub struct Filter {
    /// Root mean square of its weights.
    pub rms: f64,
    /// Whether that is next to nothing.
    pub weak: bool,
    /// The centroid of its energy, in cycles per pixel of the input; `None` for a filter of zeros.
    pub frequency: Option<f64>,
    /// Shares of its energy: low, between, high.
    pub bands: Option<[f64; 3]>,
    /// The share of its answers to white noise that its stride's grid cannot hold.
    pub aliasing: Option<f64>,
    /// Its largest answer to the pictures looked at, after the rectifier that follows; `None` when there was none.
    pub strongest: Option<f32>,
    /// The share of its answers to the pictures looked at that its stride's grid cannot hold; `None` where it answers to
    /// none, above the first layer, and where filters see only some of the channels or more than 64 pixels of a row or column.
    pub aliasing_on_pictures: Option<f64>,
}

impl Filter {
    /// Whether its map answers nowhere on any picture looked at; `None` when there was none.
    pub fn silent(&self) -> Option<bool> {
        self.strongest.map(|strongest| strongest <= 0.0)
    }
}

/// A layer's filters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "MeasuredFilters")]
pub struct Filters {
    /// The layer.
    pub layer: String,
    /// Filters, channels of each, rows, columns.
    pub shape: [usize; 4],
    /// The layer's stride, rows and columns.
    pub stride: [usize; 2],
    /// Pictures looked at.
    pub pictures: usize,
    /// What all of them amount to.
    pub mixture: Mixture,
    /// Each of them, in the order of the maps.
    pub filters: Vec<Filter>,
}

/// Measures a layer's filters, and what they answer to one picture after the other.
#[derive(Debug, Clone)]
pub struct Meter<'a> {
    network: &'a Network,
    /// The layer's place in the table.
    at: usize,
    stride: [usize; 2],
    settings: Settings,
    shape: [usize; 4],
    weights: Vec<f32>,
    strongest: Vec<f32>,
    pictures: usize,
    spectra: Option<Spectra>,
}

impl<'a> Meter<'a> {
    /// Begins with the weights alone; the first convolution's if no layer is named.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::Architecture`] for a layer that is no convolution, [`Error::NotLoaded`],
    /// [`Error::OutOfRange`] for a share that is none, or [`Error::Execution`].
    pub async fn new(
        network: &'a Network,
        layer: Option<&str>,
        settings: Settings,
    ) -> Result<Self> {
        if !(settings.weak_below.is_finite() && settings.weak_below >= 0.0) {
            return Err(Error::refused(
                "share of the median below which a filter is weak",
                "a number that is not negative",
                settings.weak_below,
            ));
        }
        let convolution = |op: &Op| matches!(op, Op::Conv(_));
        let first = network.plan.iter().find(|l| convolution(&l.layer.op));
        let name = match (layer, first) {
            (Some(name), _) => name,
            (None, Some(first)) => &first.layer.name,
            (None, None) => &network.plan.first().layer.name,
        };
        let at = network.plan.position(name)?;
        let found = &network.plan[at];
        let Op::Conv(Conv { stride, .. }) = found.layer.op else {
            return Err(Error::Architecture {
                layer: name.into(),
                expected: "a convolution".into(),
                found: found.layer.op.name().into(),
            });
        };
        let filters = network.filters(name)?;
        let shape = filters.dims();
        let [_, channels, height, width] = shape;
        let [entering, rows, cols] = found.input;
        // Only the input's own spectrum is known, and only where each filter looks at all of its channels.
        let source = network.plan.source(at);
        let known = source == Source::Input && channels == entering && height.max(width) <= GRID;
        let spectra = known.then(|| Spectra::new([rows, cols], channels));
        Ok(Self {
            network,
            at,
            stride,
            settings,
            shape,
            weights: readback::floats(filters).await?,
            strongest: vec![f32::NEG_INFINITY; shape[0]],
            pictures: 0,
            spectra,
        })
    }

    /// Looks at pictures `[pictures, channels, rows, cols]` as they enter the network.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another input size, [`Error::NotLoaded`] when a layer below has no weights, or
    /// [`Error::Execution`].
    pub async fn look(&mut self, input: Tensor<4>) -> Result<()> {
        let [pictures, channels, rows, cols] = input.dims();
        self.network.check_input(&input)?;
        self.network.must_run(self.at)?;
        let trace = self
            .network
            .run(input, self.at + 1, |_, activation| activation);
        let answer = trace.layers[self.at].answer();
        let [_, maps, answer_rows, answer_cols] = answer.dims();
        let largest = answer
            .swap_dims(0, 1)
            .reshape([maps, pictures * answer_rows * answer_cols])
            .max_dim(1);
        let mut answers = Readback::default()
            .floats(largest)
            .floats(trace.input.clone())
            .read()
            .await?;
        for (strongest, answer) in self.strongest.iter_mut().zip(answers.floats()?) {
            *strongest = strongest.max(answer);
        }
        let pixels = answers.floats()?;
        if let Some(spectra) = &mut self.spectra {
            let each = pixels.chunks(channels * rows * cols);
            each.for_each(|picture| spectra.add(picture));
        }
        self.pictures += pictures;
        Ok(())
    }

    /// What is known so far.
    pub fn filters(&self) -> Filters {
        let [count, channels, rows, cols] = self.shape;
        let each: Vec<_> = self.weights.chunks(channels * rows * cols).collect();
        let rms: Vec<f64> = each
            .iter()
            .map(|weights| root_mean_square(weights))
            .collect();
        let median = median(&rms);
        let numbers = each.iter().zip(&rms).enumerate();
        let filters = numbers.map(|(at, (weights, rms))| {
            let response = self.response(weights);
            let energy = response.energy();
            Filter {
                rms: *rms,
                weak: *rms < self.settings.weak_below * median || *rms == 0.0,
                frequency: response.mean(&energy, |frequency| frequency),
                bands: response.bands(&energy),
                aliasing: response.lost(&energy, self.stride),
                strongest: (self.pictures > 0).then(|| self.strongest[at]),
                aliasing_on_pictures: self.spectra.as_ref().and_then(|spectra| {
                    response.lost(&spectra.answered(&response.channels), self.stride)
                }),
            }
        });
        let filters: Vec<_> = filters.collect();
        debug_assert_eq!(filters.len(), count);
        Filters {
            layer: self.network.plan[self.at].layer.name.clone(),
            shape: self.shape,
            stride: self.stride,
            pictures: self.pictures,
            mixture: Mixture::of(&filters, median),
            filters,
        }
    }

    /// Filters, channels, rows and columns of the weights that [`Self::weights`] gives.
    pub fn shape(&self) -> [usize; 4] {
        self.shape
    }

    /// The weights, in the network's order of channels.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    fn response(&self, weights: &[f32]) -> Response {
        let [_, _, rows, cols] = self.shape;
        let size = [rows.max(GRID), cols.max(GRID)];
        let plan = &self.network.plan;
        let below = plan.field(plan.source(self.at));
        Response {
            size,
            step: below.stride.map(|step| step as f64),
            channels: weights
                .chunks(rows * cols)
                .map(|plane| transform(plane, [rows, cols], size))
                .collect(),
        }
    }
}

/// Filters `[filters, channels, rows, cols]`, as `shape` says, on one or three channels in the order of `input`: as they are
/// drawn, each on its own scale or all on one.
pub fn tiles(
    input: &Input,
    weights: &[f32],
    [_, channels, rows, cols]: [usize; 4],
    shared: bool,
) -> Vec<Picture> {
    let each = weights.chunks((channels * rows * cols).max(1));
    let white = rendering::magnitude(weights);
    let largest = |filter: &[f32]| filter.iter().fold(0f32, |most, v| most.max(v.abs()));
    let tile = |filter: &[f32]| {
        let scale = if shared { white } else { largest(filter) };
        let values = input.in_rgb_order(filter.to_vec());
        rendering::projection(&values, [rows, cols], Stretch::Quantile, Some(scale)).0
    };
    each.map(tile).collect()
}

fn root_mean_square(values: &[f32]) -> f64 {
    let squares = values.iter().map(|value| f64::from(*value).powi(2));
    (squares.sum::<f64>() / values.len().max(1) as f64).sqrt()
}

/// The middle of the sorted values; the mean of the two in the middle where their number is even.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => 0.0,
        (half, 0) => f64::midpoint(sorted[half - 1], sorted[half]),
        (half, _) => sorted[half],
    }
}
