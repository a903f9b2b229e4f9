//! What a unit, a map or a class answers to most: a picture that is climbed to along the derivative, instead of one that
//! is found among photographs.
//!
//! Activation maximisation is Erhan et al. (2009), of class scores Simonyan et al. (2013). Left alone it ends in noise that
//! no photograph holds, so the climb is kept near natural pictures: decay and blur are Yosinski et al. (2015), total
//! variation is Mahendran & Vedaldi (2015), jitter is Mordvintsev et al. (2015), and that it is these which decide what one
//! sees is Olah et al. (2017).

mod record;
mod regulariser;
mod settings;

use burn::tensor::{Tensor, TensorData};

use self::regulariser::variation_slope;
pub use self::settings::{Settings, Target};
use crate::deconvnet::projection::{ReluRule, carry_down};
use crate::experiments::shared::Listener;
use crate::experiments::shared::blur::Blur;
use crate::experiments::shared::class_score::no_scores;
use crate::experiments::shared::noise::Sequence;
use crate::network::Network;
use crate::network::plan::Source;
use crate::network::trace::Trace;
use crate::pictures::rendering::{Picture, Stretch, projection};
use crate::readback::Readback;
use crate::{Error, Result};

/// Shares of the old in Adam's two running means (Kingma & Ba 2015; the second shorter, as the climb is short).
const MOMENTUM: [f64; 2] = [0.9, 0.99];
/// Keeps Adam from dividing by zero.
const EPSILON: f64 = 1e-8;
/// Keeps the slope's length from being zero where a target is silent.
const SILENT: f64 = 1e-20;

/// A picture on the way up, or at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Favourite {
    /// Steps taken.
    pub step: usize,
    /// What the target answers, before any rectifier: to the picture itself where the climb begins and ends, to the jittered one
    /// in between.
    pub answer: f32,
    /// Rows and columns.
    pub size: [usize; 2],
    /// Planes of red, green and blue, from 0 to 1.
    pub pixels: Vec<f32>,
}

impl Favourite {
    /// As a picture.
    pub fn picture(&self) -> Picture {
        let about_grey: Vec<f32> = self.pixels.iter().map(|value| 2.0 * value - 1.0).collect();
        projection(&about_grey, self.size, Stretch::Quantile, Some(1.0)).0
    }
}

/// A whole climb.
#[derive(Debug, Clone, PartialEq)]
pub struct Climb {
    /// What it is made for.
    pub target: Target,
    /// How it climbs.
    pub settings: Settings,
    /// Where it began.
    pub start: Favourite,
    /// Where it ended, or where it is.
    pub end: Favourite,
    /// What the target answered at every frame in between.
    pub answers: Vec<f32>,
}

/// Climbs from a photograph's input tensor `[1, channels, rows, cols]`, or from noise, towards what a target answers to most.
///
/// `listener` sees the climb so far every [`Settings::every`] steps and may end the climb, whose picture so far is then the result.
///
/// # Errors
/// [`Error::UnknownLayer`], [`Error::NotLoaded`], [`Error::OutOfRange`] for a target, a number or an input that does not fit,
/// [`Error::Architecture`] for a network that takes no photographs, or for a class of one that ends in maps, or
/// [`Error::Execution`].
pub async fn climb(
    network: &Network,
    target: &Target,
    from: Option<Tensor<4>>,
    settings: &Settings,
    mut listener: impl for<'a> Listener<&'a Climb>,
) -> Result<Climb> {
    settings.check()?;
    let goal = Goal::new(network, target)?;
    let bounds = Bounds::of(network)?;
    let [channels, rows, cols] = network.model.input_shape();
    let expected = [1, channels, rows, cols];
    let device = network.device();
    let mut z = match from {
        Some(input) if input.dims() == expected => bounds.shares(input),
        Some(input) => {
            return Err(Error::refused(
                "input to climb from",
                format!("{expected:?}"),
                format!("{:?}", input.dims()),
            ));
        }
        None => {
            let noise = Sequence::new(settings.seed, 0).normal(channels * rows * cols);
            let noise = TensorData::new(noise, expected);
            let noise = Tensor::<4>::from_data(noise, device);
            (bounds.middle.clone() + noise * settings.noise).clamp(0.0, 1.0)
        }
    };
    let blur = (settings.blur > 0.0).then(|| Blur::gaussian([rows, cols], settings.blur, device));
    let mut jitter = Sequence::new(settings.seed, 1);
    let start = shown(network, &goal, &bounds, z.clone(), 0).await?;
    let (mut first, mut second) = (z.zeros_like(), z.zeros_like());
    let mut found = Climb {
        target: target.clone(),
        settings: *settings,
        end: start.clone(),
        start,
        answers: Vec::new(),
    };
    let mut step = 0;
    while step < settings.steps {
        step += 1;
        let shift = [0, 1].map(|_| jitter.below(2 * settings.jitter + 1) as isize);
        let shift = shift.map(|by| by - settings.jitter as isize);
        let trace = network.forward(bounds.input(z.clone().roll(&shift, &[2, 3])))?;
        let slope = goal.slope(network, &trace) * bounds.span.clone();
        let slope = slope.roll(&shift.map(|by| -by), &[2, 3]);
        // Of unit length for each number, so that one set of weights suits targets whose scores differ by powers of ten.
        let length = (slope.clone() * slope.clone()).mean().sqrt() + SILENT;
        let slope = slope / length.reshape([1, 1, 1, 1])
            - variation_slope(z.clone()) * settings.variation
            - (z.clone() - bounds.middle.clone()) * settings.decay;
        let [kept, kept_square] = MOMENTUM;
        first = first * kept + slope.clone() * (1.0 - kept);
        second = second * kept_square + slope.clone() * slope * (1.0 - kept_square);
        let rising = |kept: f64| 1.0 - kept.powi(step.min(10_000) as i32);
        let towards = first.clone() / rising(kept);
        let spread = (second.clone() / rising(kept_square)).sqrt() + EPSILON;
        z = (z + towards / spread * settings.rate).clamp(0.0, 1.0);
        if let Some(blur) = blur
            .as_ref()
            .filter(|_| step.is_multiple_of(settings.blur_every))
        {
            z = blur.of(z);
        }
        if step.is_multiple_of(settings.every) && step < settings.steps {
            found.end = read(network, goal.answer(&trace), z.clone(), step).await?;
            found.answers.push(found.end.answer);
            if !listener.goes_on(step, settings.steps, &found).await {
                break;
            }
        }
    }
    found.end = shown(network, &goal, &bounds, z, step).await?;
    // The last frame is the end itself; there is nothing left to stop.
    let _ = listener.goes_on(step, settings.steps, &found).await;
    Ok(found)
}

/// The picture as it is, with the target's answer to just that.
async fn shown(
    network: &Network,
    goal: &Goal,
    bounds: &Bounds,
    z: Tensor<4>,
    step: usize,
) -> Result<Favourite> {
    let trace = network.forward(bounds.input(z.clone()))?;
    read(network, goal.answer(&trace), z, step).await
}

async fn read(
    network: &Network,
    answer: Tensor<1>,
    z: Tensor<4>,
    step: usize,
) -> Result<Favourite> {
    let [_, _, rows, cols] = z.dims();
    let mut answers = Readback::default().floats(answer).floats(z).read().await?;
    let answer = answers.floats()?.first().copied();
    Ok(Favourite {
        step,
        answer: answer.ok_or_else(|| Error::Execution("no answer of the target".into()))?,
        size: [rows, cols],
        pixels: network.model.input.in_colours(answers.floats()?),
    })
}

/// The target in a network: a layer's place in the table, and the weights of its units in what is climbed.
struct Goal {
    at: usize,
    weights: Tensor<4>,
}

impl Goal {
    fn new(network: &Network, target: &Target) -> Result<Self> {
        let at = match target {
            Target::Unit { layer, .. } | Target::Map { layer, .. } => {
                network.plan.position(layer)?
            }
            Target::Class { .. } => network.plan.top(),
        };
        network.must_run(at)?;
        let [maps, rows, cols] = network.plan[at].output;
        if matches!(target, Target::Class { .. }) && rows * cols != 1 {
            return Err(no_scores(&network.plan[at]));
        }
        let name = &network.plan[at].layer.name;
        let below = |what: &str, count: usize, value: usize| match value < count {
            true => Ok(()),
            false => Err(Error::out_of_range(
                format!("{what} of {name}"),
                count,
                value,
            )),
        };
        let plane = rows * cols;
        let mut weights = vec![0f32; maps * plane];
        match *target {
            Target::Unit {
                unit: [map, row, col],
                ..
            } => {
                below("map", maps, map)?;
                below("row", rows, row)?;
                below("column", cols, col)?;
                weights[map * plane + row * cols + col] = 1.0;
            }
            Target::Map { map, .. } | Target::Class { class: map } => {
                let what = match target {
                    Target::Class { .. } => "class",
                    _ => "map",
                };
                below(what, maps, map)?;
                weights[map * plane..][..plane].fill(1.0 / plane as f32);
            }
        }
        let weights = TensorData::new(weights, [1, maps, rows, cols]);
        Ok(Self {
            at,
            weights: Tensor::from_data(weights, network.device()),
        })
    }

    /// What the target answers, `[1]`.
    fn answer(&self, trace: &Trace) -> Tensor<1> {
        (trace.layers[self.at].activation.clone() * self.weights.clone()).sum()
    }

    /// The answer's derivative by the input.
    fn slope(&self, network: &Network, trace: &Trace) -> Tensor<4> {
        let rule = ReluRule::Gradient;
        carry_down(
            network,
            trace,
            self.weights.clone(),
            self.at,
            Source::Input,
            rule,
        )
    }
}

/// The inputs that pictures can have: from black to white, of which the climb takes shares from 0 to 1.
struct Bounds {
    black: Tensor<4>,
    span: Tensor<4>,
    /// The share at which the input is zero: the mean picture.
    middle: Tensor<4>,
}

impl Bounds {
    fn of(network: &Network) -> Result<Self> {
        let plane = network.frame().iter().product::<usize>();
        let even = |value: f32| network.input_of(vec![value; 3 * plane]);
        let black = even(0.0)?;
        let span = even(255.0)? - black.clone();
        let middle = (black.clone().neg() / span.clone()).clamp(0.0, 1.0);
        Ok(Self {
            black,
            span,
            middle,
        })
    }

    fn input(&self, z: Tensor<4>) -> Tensor<4> {
        z * self.span.clone() + self.black.clone()
    }

    fn shares(&self, input: Tensor<4>) -> Tensor<4> {
        ((input - self.black.clone()) / self.span.clone()).clamp(0.0, 1.0)
    }
}
