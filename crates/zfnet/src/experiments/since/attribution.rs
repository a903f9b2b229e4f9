//! Which parts of a picture a class's score rests on: the family of methods that followed the deconvnet, on one engine.
//!
//! They differ in the rectifier's rule, in where the way down ends, and in the pictures that are averaged over. Each file
//! below is one of them. CAM needs a network that ends in a global average of its maps, such as a head that
//! [`Network::with_head`] puts on.

mod cam;
mod grad_cam;
mod gradient;
mod integrated_gradients;
mod method;
mod record;
mod score_cam;
mod smooth_grad;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

pub use self::method::{Baseline, Method, Numbers};
pub use self::record::Explained;
pub use self::score_cam::ScoreCam;
pub use self::smooth_grad::noise;
use crate::deconvnet::projection::ReluRule;
use crate::experiments::shared::Listener;
use crate::experiments::shared::class_score;
use crate::experiments::shared::order::first_largest;
use crate::network::Network;
use crate::network::plan::Source;
use crate::network::trace::Trace;
use crate::readback;
use crate::{Error, Result};

/// How many pictures usually go through the network at once where a method needs many.
pub const BATCH: usize = 8;

/// What a method found.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// How it was found.
    pub method: Method,
    /// Of which class's score it speaks.
    pub class: usize,
    /// That score, before the softmax.
    pub score: f32,
    /// Channels, rows and columns: those of the input, or one channel for a method that gives a map.
    pub shape: [usize; 3],
    /// Planar numbers of that shape, channels in the network's order.
    pub values: Vec<f32>,
    /// The map before it was enlarged, for the methods that give one.
    pub coarse: Option<Coarse>,
    /// How nearly the parts make up the whole, for integrated gradients.
    pub completeness: Option<Completeness>,
    /// Standard deviation of SmoothGrad's noise, in the numbers of the input.
    pub sigma: Option<f32>,
}

/// A map in the size of the layer it is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Coarse {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Row by row.
    pub values: Vec<f32>,
}

/// What all parts together make, and what they should.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TypeScript)]
pub struct Completeness {
    /// The sum of the attribution over all pixels and channels.
    pub sum: f64,
    /// The picture's score less the baseline's.
    pub difference: f64,
}

impl Attribution {
    /// How much each place counts, never negative, row by row, to compare methods by.
    ///
    /// Derivatives are taken by their largest magnitude over the channels (Simonyan et al. 2013), shares of a score by the
    /// magnitude of their sum; of a map, which may be signed, what speaks for the class.
    pub fn relevance(&self) -> Vec<f32> {
        let [channels, rows, cols] = self.shape;
        let plane = rows * cols;
        let at_place =
            |at: usize| (0..channels).map(move |channel| self.values[channel * plane + at]);
        (0..plane)
            .map(|at| match self.method.shares_out_a_score() {
                true => at_place(at).sum::<f32>().abs(),
                false if self.method.gives_a_map() => self.values[at].max(0.0),
                false => at_place(at).fold(0f32, |most, value| most.max(value.abs())),
            })
            .collect()
    }

    /// The smallest share of all places that holds half of the energy, the sum of the squared [`Self::relevance`]: the
    /// smaller, the more the method points at one place. 0 where nothing counts.
    pub fn half_of_the_energy(&self) -> f64 {
        let relevance = self.relevance().into_iter();
        let mut energy: Vec<f64> = relevance.map(|value| f64::from(value).powi(2)).collect();
        energy.sort_by(|a, b| b.total_cmp(a));
        let half = energy.iter().sum::<f64>() / 2.0;
        let mut sum = 0.0;
        let places = energy.iter().take_while(|energy| {
            let wanted = sum < half;
            sum += **energy;
            wanted
        });
        places.count() as f64 / energy.len().max(1) as f64
    }

    /// Row and column of the place that counts most, the first of equals.
    pub fn strongest(&self) -> [usize; 2] {
        first_largest(&self.relevance(), self.shape[2])
    }

    /// How alike two methods, or a method's answers for two classes, are: the correlation of their [`Self::relevance`], from
    /// -1 to 1. `None` where they are of different sizes or one of them is the same everywhere.
    pub fn likeness(&self, other: &Self) -> Option<f64> {
        let [mine, theirs] = [self, other].map(Self::relevance);
        let mean = |values: &[f32]| {
            values.iter().copied().map(f64::from).sum::<f64>() / values.len().max(1) as f64
        };
        let means = [mean(&mine), mean(&theirs)];
        let [mut both, mut square, mut other_square] = [0.0; 3];
        for (a, b) in mine.iter().zip(&theirs) {
            let (a, b) = (f64::from(*a) - means[0], f64::from(*b) - means[1]);
            both += a * b;
            square += a * a;
            other_square += b * b;
        }
        let scale = (square * other_square).sqrt();
        (mine.len() == theirs.len() && scale > 0.0).then(|| both / scale)
    }
}

/// Attributes a class's score to the pixels of the one picture of a trace.
///
/// `batch` pictures go through the network at once where a method needs many: more of them are quicker, fewer can be stopped
/// sooner. `progress` hears before the first pass and after every batch of them. `None` is the answer when it says to stop.
///
/// # Errors
/// [`Error::NotLoaded`] without a classifier, [`Error::Architecture`] for a network that gives no scores or a layer that has
/// no maps, [`Error::UnknownLayer`], [`Error::OutOfRange`] for a class, a number in the method or a trace of several pictures
/// that do not fit, or [`Error::Execution`].
pub async fn attribute(
    network: &Network,
    trace: &Trace,
    class: usize,
    method: &Method,
    batch: usize,
    mut listener: impl for<'a> Listener<Option<&'a Attribution>>,
) -> Result<Option<Attribution>> {
    method.check()?;
    let question = Question::new(network, trace, class, method, batch).await?;
    let tell = &mut listener;
    match method {
        Method::Saliency | Method::InputXGradient | Method::GuidedBackprop => {
            gradient::attribute(&question, tell).await
        }
        Method::SmoothGrad {
            samples,
            noise,
            seed,
        } => smooth_grad::attribute(&question, *samples, *noise, *seed, tell).await,
        Method::IntegratedGradients { steps, baseline } => {
            integrated_gradients::attribute(&question, *steps, *baseline, tell).await
        }
        Method::Cam => cam::attribute(&question, tell).await,
        Method::GradCam { layer } => grad_cam::attribute(&question, layer, tell).await,
        Method::GuidedGradCam { layer } => grad_cam::guided(&question, layer, tell).await,
        Method::ScoreCam { layer } => score_cam::attribute(question, layer, tell).await,
    }
}

/// What is asked: of which network, about which picture and class.
#[derive(Debug)]
struct Question<'a> {
    network: &'a Network,
    trace: &'a Trace,
    class: usize,
    method: Method,
    score: f32,
    batch: usize,
}

impl<'a> Question<'a> {
    async fn new(
        network: &'a Network,
        trace: &'a Trace,
        class: usize,
        method: &Method,
        batch: usize,
    ) -> Result<Self> {
        let scores = class_score::scores(network, trace)?;
        let [pictures, classes] = scores.dims();
        if pictures != 1 {
            return Err(Error::refused("pictures of the trace", "1", pictures));
        }
        if class >= classes {
            return Err(Error::out_of_range("class", classes, class));
        }
        let score = readback::floats(scores).await?[class];
        Ok(Self {
            network,
            trace,
            class,
            method: method.clone(),
            score,
            batch: batch.max(1),
        })
    }

    /// Channels, rows and columns of the input.
    fn input(&self) -> [usize; 3] {
        let [_, channels, rows, cols] = self.trace.input.dims();
        [channels, rows, cols]
    }

    /// The score's derivative by the input (or what another rule makes of it) for each picture of a trace.
    fn down(&self, trace: &Trace, rule: ReluRule) -> Tensor<4> {
        class_score::slope(self.network, trace, self.class, Source::Input, rule)
    }

    /// The class's score for each picture of a trace.
    fn scores(&self, trace: &Trace) -> Tensor<1> {
        let scores = &trace.layers[self.network.plan.top()].activation;
        let [pictures, _, rows, cols] = scores.dims();
        scores
            .clone()
            .slice([0..pictures, self.class..self.class + 1, 0..rows, 0..cols])
            .reshape([pictures])
    }

    /// The numbers found, as an attribution of the input's shape or, with a map of a layer, of its rows and columns.
    fn answer(&self, values: Vec<f32>, coarse: Option<Coarse>) -> Attribution {
        let [channels, rows, cols] = self.input();
        let channels = if coarse.is_some() { 1 } else { channels };
        Attribution {
            method: self.method.clone(),
            class: self.class,
            score: self.score,
            shape: [channels, rows, cols],
            values,
            coarse,
            completeness: None,
            sigma: None,
        }
    }
}
