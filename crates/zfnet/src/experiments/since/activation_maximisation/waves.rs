//! The climb along waves: MACO's phases, or what a photograph is accentuated by.
//!
//! A Fourier series goes round: what leaves the picture on one side comes in on the other. So the waves make a larger picture
//! than is shown, and of what lies outside only crops see a little.

use burn::tensor::{Tensor, TensorData};

use super::adam::Adam;
use super::bounds::{Bounds, cut, placed};
use super::crops::Crop;
use super::parametrisation::{Free, Parametrisation};
use super::settings::{Method, Settings};
use super::target::Goal;
use super::{SILENT, unit_length};
use crate::deconvnet::projection::{ReluRule, carry_down};
use crate::experiments::shared::noise::Sequence;
use crate::geometry::view::View;
use crate::network::Network;
use crate::network::plan::Source;
use crate::network::trace::Trace;

/// What lies around what is shown, on each side, as a share of it: more than the crops reach.
const MARGIN: f64 = 0.125;
/// Which convolution the photograph's maps are compared in, if it lies below the targets.
const EARLY: usize = 1;

/// Where it is.
pub(super) struct Waves {
    parametrisation: Parametrisation,
    numbers: Tensor<4>,
    adam: Adam,
    random: Sequence,
    /// The part of the input that is made, and its bounds.
    view: View,
    bounds: Bounds,
    /// The same part in the larger picture.
    shown: View,
    /// The photograph as large as the picture, in shares, and where its maps are compared.
    photograph: Option<(Tensor<4>, Source)>,
    /// The magnitudes of all slopes so far, `[1, 1, rows, cols]`.
    seen: Tensor<4>,
}

impl Waves {
    /// From random phases, or from a photograph's shares `[1, channels, rows, cols]`.
    pub(super) fn new(
        network: &Network,
        goal: &Goal,
        bounds: &Bounds,
        from: Option<Tensor<4>>,
        view: View,
        settings: &Settings,
    ) -> Self {
        let device = network.device();
        let margin = view
            .shape()
            .map(|length| (length as f64 * MARGIN).ceil() as usize);
        let around = Crop::around(view.shape(), margin, device);
        let shown = View {
            top: margin[0] as isize,
            left: margin[1] as isize,
            ..view
        };
        let larger = |part: Tensor<4>| around.of(part);
        let part = bounds.part(view);
        let photograph = from.map(|from| larger(cut(from, view)));
        let ground = photograph.clone();
        let ground = ground.unwrap_or_else(|| larger(part.middle.clone()));
        let free = match settings.method {
            Method::Accentuate => Free::Parts,
            _ => Free::Phases,
        };
        let [_, _, rows, cols] = ground.dims();
        let parametrisation = Parametrisation::new(network, ground, free);
        let numbers = parametrisation.start(settings.seed, device);
        Self {
            parametrisation,
            adam: Adam::new(&numbers),
            numbers,
            random: Sequence::new(settings.seed, 1),
            view,
            bounds: part,
            shown,
            photograph: photograph.map(|photograph| (photograph, early(network, goal))),
            seen: Tensor::zeros([1, 1, rows, cols], device),
        }
    }

    /// The whole frame: what is made, and the mean picture around it.
    pub(super) fn picture(&self, network: &Network, bounds: &Bounds) -> Tensor<4> {
        let picture = self.parametrisation.picture(self.numbers.clone());
        let part = self.bounds.input(cut(picture, self.shown));
        bounds.shares(placed(part, self.view, network.frame()))
    }

    /// How much every pixel of the frame was asked for so far, `[1, 1, rows, cols]` (Fel et al. 2023, section 3.3): the
    /// magnitudes of all slopes.
    pub(super) fn seen(&self, network: &Network) -> Tensor<4> {
        let part = cut(self.seen.clone(), self.shown);
        placed(part, self.view, network.frame())
    }

    /// A step up, and what the network made of the crops of the picture before it.
    pub(super) fn step(
        &mut self,
        network: &Network,
        goal: &Goal,
        settings: &Settings,
        step: usize,
    ) -> Trace {
        let picture = self.parametrisation.picture(self.numbers.clone());
        let crops = self.crops(&picture, settings, network);
        let grain = self.grain(&picture, settings);
        let input = self.input(&picture, &crops, grain.clone(), network);
        let trace = network.run(input, goal.depth(), |_, activation| activation);
        let back = |slopes: Tensor<4>| {
            let slopes = cut(slopes, self.view) * self.bounds.span.clone();
            let [_, channels, rows, cols] = slopes.dims();
            let one = |(at, crop): (usize, &Crop)| {
                crop.transposed(
                    slopes
                        .clone()
                        .slice([at..at + 1, 0..channels, 0..rows, 0..cols]),
                )
            };
            let sum = crops.iter().enumerate().map(one).reduce(|a, b| a + b);
            sum.unwrap_or_else(|| picture.zeros_like())
        };
        let slopes = goal
            .places
            .iter()
            .map(|place| unit_length(back(place.slopes(network, &trace))) * place.weight);
        let mut slope = slopes
            .reduce(|sum, slope| sum + slope)
            .unwrap_or_else(|| picture.zeros_like());
        self.seen = self.seen.clone() + slope.clone().abs().sum_dim(1);
        if let Some((photograph, layer)) = self.photograph.as_ref().filter(|_| settings.near > 0.0)
        {
            let input = self.input(photograph, &crops, grain, network);
            let away = distance(network, &trace, input, *layer);
            let pull = unit_length(back(away.slope)) * away.share.reshape([1, 1, 1, 1]);
            slope = slope - pull * settings.near;
        }
        let slope = self
            .parametrisation
            .slope(self.numbers.clone(), picture, slope);
        let left = 1.0 - (step - 1) as f64 / settings.steps as f64;
        let by = self.adam.towards(slope) * (settings.rate * left);
        self.numbers = self.numbers.clone() + by;
        trace
    }

    fn crops(&mut self, picture: &Tensor<4>, settings: &Settings, network: &Network) -> Vec<Crop> {
        let [_, _, rows, cols] = picture.dims();
        let reach = (settings.crop, settings.jitter as f64);
        let (size, shown) = ([rows, cols], self.shown.shape());
        let one = |_| Crop::random(size, shown, reach, &mut self.random, network.device());
        (0..settings.crops).map(one).collect()
    }

    /// Noise on what is shown of every crop, if any is wanted.
    fn grain(&mut self, picture: &Tensor<4>, settings: &Settings) -> Option<Tensor<4>> {
        let [rows, cols] = self.shown.shape();
        let shape = [settings.crops, picture.dims()[1], rows, cols];
        (settings.grain > 0.0).then(|| {
            let noise = self.random.normal(shape.iter().product());
            Tensor::from_data(TensorData::new(noise, shape), &picture.device()) * settings.grain
        })
    }

    /// Crops of a picture as they enter the network, the mean picture around them.
    fn input(
        &self,
        picture: &Tensor<4>,
        crops: &[Crop],
        grain: Option<Tensor<4>>,
        network: &Network,
    ) -> Tensor<4> {
        let crops = crops.iter().map(|crop| crop.of(picture.clone()));
        let mut crops = Tensor::cat(crops.collect(), 0);
        if let Some(grain) = grain {
            crops = crops + grain;
        }
        placed(self.bounds.input(crops), self.view, network.frame())
    }
}

/// How far pictures are from a photograph, and whither.
struct Distance {
    /// The length of the difference of a layer's maps, as a share of theirs for the photograph: `[1]`.
    share: Tensor<1>,
    /// The direction in which it grows, at the input.
    slope: Tensor<4>,
}

/// Of the pictures of a trace from those of another input.
fn distance(network: &Network, trace: &Trace, from: Tensor<4>, layer: Source) -> Distance {
    let expected = match layer {
        Source::Input => from,
        Source::Layer(at) => {
            let run = network.run(from, at + 1, |_, activation| activation);
            run.output(layer).clone()
        }
    };
    let difference = trace.output(layer).clone() - expected.clone();
    let length = |maps: Tensor<4>| (maps.clone() * maps).sum().sqrt() + SILENT;
    let share = length(difference.clone()) / length(expected);
    let slope = match layer {
        Source::Input => difference,
        Source::Layer(at) => {
            let rule = ReluRule::Gradient;
            carry_down(network, trace, difference, at, Source::Input, rule)
        }
    };
    Distance { share, slope }
}

/// The second convolution, or the first, whichever lies below all targets; or else the input.
fn early(network: &Network, goal: &Goal) -> Source {
    let lowest = goal.places.iter().map(|place| place.at).min();
    let early = network.convolutions().into_iter().take(EARLY + 1).rev();
    let below = early
        .filter_map(|name| network.plan.position(name).ok())
        .find(|at| Some(*at) < lowest);
    below.map_or(Source::Input, Source::Layer)
}
