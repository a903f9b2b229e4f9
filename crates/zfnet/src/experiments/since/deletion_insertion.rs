//! Deletion and insertion (Petsiuk, Das & Saenko 2018, *RISE*): whether a class's probability rests on the pixels that a map
//! calls relevant.
//!
//! Deletion takes them out of the picture, the strongest first: the sooner the probability falls, the smaller the area under
//! its curve, and the better the map. Insertion brings them in, the strongest first, where nothing of the picture was: the
//! sooner the probability rises, the larger the area. Pixels taken out one by one make a picture such as the network has
//! never seen, so that even chance takes a probability down: what a map is worth shows beside [`by_chance`].

mod record;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::record::{Curves, Measured};
use crate::error::demand;
use crate::experiments::shared::blur::Blur;
use crate::experiments::shared::class_score::scores;
use crate::experiments::shared::noise::Sequence;
use crate::experiments::shared::record::class_index;
use crate::experiments::shared::{Experiment, Listener, Subject};
use crate::network::Network;
use crate::network::trace::{Trace, ranked};
use crate::readback;
use crate::{Error, Result};

/// Pixels along a side of the blur's kernel, and its deviation, in the authors' program.
const KERNEL: usize = 11;
const SIGMA: f64 = 5.0;

/// What is measured, and how finely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "RemovalSettings", default, deny_unknown_fields)]
pub struct Settings {
    /// The class whose probability is watched; the most probable of the whole picture if none is named.
    pub class: Option<usize>,
    /// Steps from none of the pixels to all of them. The authors take 224, a row's worth of pixels each; 28 give
    /// nearly the same area for an eighth of the passes.
    pub steps: usize,
    /// What stands where a pixel was deleted.
    pub deletion: Fill,
    /// What stands where a pixel is not yet inserted.
    pub insertion: Fill,
    /// What an order by chance follows from.
    pub seed: u64,
    /// Pictures that go through the network together.
    pub batch: usize,
}

/// What is asked about one picture.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ask {
    /// How much each pixel counts, row by row, such as an attribution's own `relevance()`; by chance if nothing is said.
    pub relevance: Option<Vec<f32>>,
    /// How it is measured.
    pub settings: Settings,
}

impl Default for Settings {
    /// The authors' fills: what is deleted is nothing, and what insertion begins with is blurred, since the edges of the first
    /// pixels on an even ground would be a shape of their own.
    fn default() -> Self {
        Self {
            class: None,
            steps: 28,
            deletion: Fill::Mean,
            insertion: Fill::Blur,
            seed: 0,
            batch: 8,
        }
    }
}

/// What stands where a pixel of the picture does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "RemovedFill", rename_all = "snake_case")]
pub enum Fill {
    /// The mean that the network subtracts, so that nothing is left: zero.
    Mean,
    /// The picture blurred as the authors do: by a Gaussian of 5 pixels' deviation on 11 by 11 pixels, whose tails are folded
    /// back into these, with the mean beyond the border.
    Blur,
}

impl Fill {
    /// # Shapes
    /// `[1, channels, rows, cols]` → the same.
    fn of(self, input: &Tensor<4>, device: &Device) -> Tensor<4> {
        match self {
            Self::Mean => input.zeros_like(),
            Self::Blur => {
                let [_, _, rows, cols] = input.dims();
                Blur::kernel([rows, cols], &kernel(), device).of(input.clone())
            }
        }
    }
}

/// Which way the pixels go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Out of the picture.
    Deletion,
    /// Into it.
    Insertion,
}

impl Metric {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Deletion, Self::Insertion];

    /// The name used in tables and dumps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Insertion => "insertion",
        }
    }
}

/// A class's probability as pixels go.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename = "RemovalCurve")]
pub struct Curve {
    /// At each point, as far as it is known.
    pub probability: Vec<f32>,
    /// The area below, by trapezoids over the share of the pixels from 0 to 1; `None` before the last point.
    pub area: Option<f64>,
}

/// Both curves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
pub struct DeletionInsertion {
    /// The class that was watched.
    #[serde(deserialize_with = "class_index::deserialize")]
    pub class: usize,
    /// The share of the pixels that are deleted, or inserted, at each point: from 0 to 1.
    pub share: Vec<f64>,
    /// As the strongest pixels are taken out. The smaller the area the better.
    pub deletion: Curve,
    /// As the strongest pixels are brought in. The larger the area the better.
    pub insertion: Curve,
}

impl DeletionInsertion {
    /// One of both curves.
    pub fn curve(&self, metric: Metric) -> &Curve {
        match metric {
            Metric::Deletion => &self.deletion,
            Metric::Insertion => &self.insertion,
        }
    }

    fn enter(&mut self, metric: Metric, probability: f32) {
        let curve = match metric {
            Metric::Deletion => &mut self.deletion,
            Metric::Insertion => &mut self.insertion,
        };
        curve.probability.push(probability);
        let whole = curve.probability.len() == self.share.len();
        curve.area = whole.then(|| area(&self.share, &curve.probability));
    }
}

impl Experiment for DeletionInsertion {
    const NAME: &'static str = "deletion_insertion";
    type Ask = Ask;
    type Part<'a> = &'a Self;

    fn usual(_network: &Network) -> Ask {
        Ask::default()
    }

    async fn ask(
        subject: Subject<'_>,
        ask: &Ask,
        listener: impl for<'a> Listener<&'a Self>,
    ) -> Result<Self> {
        let Subject { network, trace, .. } = subject;
        let settings = &ask.settings;
        let [_, _, rows, cols] = trace.input.dims();
        let chance = || by_chance(settings.seed, rows * cols);
        let relevance = ask.relevance.clone().unwrap_or_else(chance);
        delete_and_insert(network, trace, &relevance, settings, listener).await
    }
}

/// Deletes and inserts the pixels of the one picture of a trace, the most relevant first, and tells `listener` of every batch,
/// counted in points of both curves. What is known when it says to stop is the answer.
///
/// # Shapes
/// `relevance` has a number for each pixel, row by row, such as an attribution's own `relevance()`.
///
/// # Errors
/// Those of [`Removal::new`], or [`Error::Execution`].
pub async fn delete_and_insert(
    network: &Network,
    trace: &Trace,
    relevance: &[f32],
    settings: &Settings,
    mut listener: impl for<'a> Listener<&'a DeletionInsertion>,
) -> Result<DeletionInsertion> {
    let removal = Removal::new(network, trace, relevance, settings).await?;
    let mut found = removal.unknown();
    let points: Vec<(Metric, usize)> = (0..=removal.steps)
        .flat_map(|step| Metric::ALL.map(|metric| (metric, step)))
        .collect();
    let mut done = 0;
    for batch in points.chunks(settings.batch) {
        let pictures = batch
            .iter()
            .map(|(metric, step)| removal.picture(*metric, *step))
            .collect();
        let probabilities = removal.probabilities(Tensor::cat(pictures, 0)).await?;
        for ((metric, _), probability) in batch.iter().zip(probabilities) {
            found.enter(*metric, probability);
        }
        done += batch.len();
        if !listener.goes_on(done, points.len(), &found).await {
            break;
        }
    }
    Ok(found)
}

/// A relevance that says nothing: the order that follows from a seed.
pub fn by_chance(seed: u64, pixels: usize) -> Vec<f32> {
    let mut sequence = Sequence::new(seed, 0);
    (0..pixels).map(|_| sequence.uniform() as f32).collect()
}

/// One picture whose pixels go, in the order of their relevance.
#[derive(Debug)]
pub struct Removal<'a> {
    network: &'a Network,
    input: Tensor<4>,
    /// What stands where a pixel is deleted, and where it is not yet inserted.
    fills: [Tensor<4>; 2],
    /// How many pixels go before this one, row by row.
    rank: Vec<usize>,
    steps: usize,
    class: usize,
}

impl<'a> Removal<'a> {
    /// Puts the pixels in order, equals row by row, and settles which class is watched.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a trace of several pictures, another number of pixels, a relevance that is not a number, no
    /// steps or more than pixels, a batch of 0, or a class that is not there; [`Error::NotLoaded`] without a classifier,
    /// [`Error::Architecture`] for a network that gives no scores, or [`Error::Execution`].
    pub async fn new(
        network: &'a Network,
        trace: &Trace,
        relevance: &[f32],
        settings: &Settings,
    ) -> Result<Self> {
        let [pictures, _, rows, cols] = trace.input.dims();
        let (pixels, found) = (rows * cols, relevance.len());
        let Settings { steps, batch, .. } = *settings;
        demand(pictures == 1, "pictures of the trace", "1", pictures)?;
        demand(found == pixels, "pixels of the relevance", pixels, found)?;
        if let Some(at) = relevance.iter().position(|value| value.is_nan()) {
            let subject = format!("relevance of row {}, column {}", at / cols, at % cols);
            return Err(Error::refused(subject, "a number", "none"));
        }
        let fit = (1..=pixels).contains(&steps);
        demand(fit, "steps of a deletion", format!("1 to {pixels}"), steps)?;
        demand(batch > 0, "pictures of a batch", "at least 1", batch)?;
        let device = trace.input.device();
        Ok(Self {
            network,
            fills: [settings.deletion, settings.insertion]
                .map(|fill| fill.of(&trace.input, &device)),
            input: trace.input.clone(),
            rank: ranks(relevance),
            steps,
            class: watched(network, trace, settings.class).await?,
        })
    }

    /// How many pixels have gone at a step.
    fn gone(&self, step: usize) -> usize {
        step.min(self.steps) * self.rank.len() / self.steps
    }

    /// The picture at a step, from 0, where none of the pixels has gone yet, to the number of steps, where all have; as it
    /// enters the network.
    ///
    /// # Shapes
    /// `[1, channels, rows, cols]`.
    pub fn picture(&self, metric: Metric, step: usize) -> Tensor<4> {
        let gone = self.gone(step);
        let filled = self.rank.iter().map(|rank| match metric {
            Metric::Deletion => *rank < gone,
            Metric::Insertion => *rank >= gone,
        });
        let [_, _, rows, cols] = self.input.dims();
        let filled = TensorData::new(filled.map(f32::from).collect(), [1, 1, rows, cols]);
        let filled = Tensor::<4>::from_data(filled, &self.input.device()); // 1 or 0
        let kept = filled.clone().mul_scalar(-1.0).add_scalar(1.0);
        self.input.clone() * kept + self.fills[metric as usize].clone() * filled
    }

    /// The class's probability for each of these inputs.
    async fn probabilities(&self, inputs: Tensor<4>) -> Result<Vec<f32>> {
        let trace = self.network.forward(inputs)?;
        let probabilities = self.network.model.scores.of(scores(self.network, &trace)?);
        let class = probabilities.narrow(1, self.class, 1);
        readback::floats(class).await
    }

    /// Curves of which nothing is known yet.
    fn unknown(&self) -> DeletionInsertion {
        let pixels = self.rank.len() as f64;
        let share = |step| self.gone(step) as f64 / pixels;
        DeletionInsertion {
            class: self.class,
            share: (0..=self.steps).map(share).collect(),
            deletion: Curve::default(),
            insertion: Curve::default(),
        }
    }
}

/// For each pixel how many are more relevant, or as relevant and further up or left.
fn ranks(relevance: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..relevance.len()).collect();
    // Not `total_cmp`, to which 0 and -0 are two numbers.
    order.sort_by(|a, b| {
        let strongest = relevance[*b].partial_cmp(&relevance[*a]);
        strongest.unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut rank = vec![0; order.len()];
    for (place, pixel) in order.into_iter().enumerate() {
        rank[pixel] = place;
    }
    rank
}

async fn watched(network: &Network, trace: &Trace, class: Option<usize>) -> Result<usize> {
    let scores = scores(network, trace)?;
    let [_, classes] = scores.dims();
    match class {
        Some(class) if class < classes => Ok(class),
        Some(class) => Err(Error::out_of_range("class", classes, class)),
        None => {
            let scores = readback::floats(scores).await?;
            let ranked = ranked(&scores, network.model.scores);
            let first = ranked.first().map(|(class, _)| *class);
            first.ok_or_else(|| Error::out_of_range("class", classes, 0))
        }
    }
}

/// The area below points over `share`, by trapezoids.
fn area(share: &[f64], probability: &[f32]) -> f64 {
    let sides = share.windows(2).zip(probability.windows(2));
    sides
        .map(|(share, height)| (share[1] - share[0]) * f64::from(height[0] + height[1]) / 2.0)
        .sum()
}

/// The blur's weights along a side, which add up to 1.
///
/// The authors make them by blurring a single point (scipy's `gaussian_filter`), which cuts a Gaussian off at four deviations
/// and lets what reaches beyond an end come back from it as from a mirror: little is left of its slope.
fn kernel() -> [f64; KERNEL] {
    let reach = (4.0 * SIGMA) as isize;
    let weight = |away: isize| (-0.5 * (away as f64 / SIGMA).powi(2)).exp();
    let total: f64 = (-reach..=reach).map(weight).sum();
    let (length, mut kernel) = (KERNEL as isize, [0.0; KERNEL]);
    for away in -reach..=reach {
        let at = (length / 2 + away).rem_euclid(2 * length);
        kernel[at.min(2 * length - 1 - at) as usize] += weight(away) / total;
    }
    kernel
}
