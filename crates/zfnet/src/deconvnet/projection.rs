//! From a target back to the pixels that made it answer (paper section 2.1).

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::deconvnet::stage::Stage;
use crate::geometry::signal::Signal;
use crate::geometry::window::Windows;
use crate::network::architecture::Op;
use crate::network::plan::Source;
use crate::network::trace::{Record, Trace, Unit};
use crate::network::{Network, Parameters};
pub use crate::ops::relu::ReluRule;
use crate::ops::{
    activation, add, affine, average, concat, conv, dense, gap, norm, pool, prelu, relu, scale,
    shuffle,
};
use crate::{Error, Result};

/// What to project; all targets of one call have one shape and go down in one pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Targets {
    /// Single units of a layer, each on its own cone. The seed is the unit's answer, all else zero.
    Units(String, Vec<[usize; 3]>),
    /// Whole maps of a layer: every unit of the map is a seed.
    Maps(String, Vec<usize>),
    /// Scores of classes before the softmax. The seed is 1, so that the gradient rule gives the score's derivative.
    Classes(Vec<usize>),
}

/// Projections of one call, still on the device.
#[derive(Debug, Clone)]
pub struct Projections {
    /// Signed pixels `[targets, channels, rows, cols]` on the windows below.
    pub pixels: Tensor<4>,
    /// Where each lies in the input, clipped to it where all lie in one place.
    pub windows: Windows,
    /// What each target answered, `[targets]`: the activation of a unit, the strongest of a map, the score of a class.
    pub activations: Tensor<1>,
}

/// Projects targets of one picture of a trace down to the input under a rule.
///
/// Unit and map seeds are answers *after* the rectifier that follows their layer; a silent unit projects to zero.
///
/// # Errors
/// [`Error::UnknownLayer`], [`Error::OutOfRange`] for units, maps, classes or pictures that do not exist or for no
/// target at all, [`Error::NotLoaded`] for a class without a classifier.
pub fn project(
    network: &Network,
    trace: &Trace,
    picture: usize,
    targets: &Targets,
    rule: ReluRule,
) -> Result<Projections> {
    if picture >= trace.pictures() {
        return Err(Error::out_of_range(
            "picture of the batch",
            trace.pictures(),
            picture,
        ));
    }
    let (top, seed) = seed(network, trace, picture, targets, rule)?;
    let descent = Descent {
        network,
        trace,
        picture: Some(picture),
        rule,
    };
    let templated = match targets {
        Targets::Units(_, units) => descent.by_templates(top, units, &seed.activations),
        Targets::Maps(..) | Targets::Classes(_) => None,
    };
    let (from, signal) = templated.unwrap_or((top, seed.signal));
    let (pixels, windows) = descent.carry(signal, from, Source::Input).into_parts();
    Ok(Projections {
        pixels,
        windows,
        activations: seed.activations,
    })
}

struct Seed {
    signal: Signal,
    activations: Tensor<1>,
}

/// The signal that starts the way down, at the output of which layer.
fn seed(
    network: &Network,
    trace: &Trace,
    picture: usize,
    targets: &Targets,
    rule: ReluRule,
) -> Result<(usize, Seed)> {
    let top = match targets {
        Targets::Units(layer, _) | Targets::Maps(layer, _) => trace.position(layer)?,
        Targets::Classes(_) => match network.missing_in(trace) {
            None => network.plan.top(),
            Some(missing) => return Err(network.not_loaded(&missing.layer.name)),
        },
    };
    let record = &trace.layers[top];
    let activation = of_picture(record.activation.clone(), Some(picture));
    targets.check(&record.name, activation.dims())?;
    let mut seed = match targets {
        Targets::Units(_, units) => Seed::of_units(record, activation.clone(), units),
        Targets::Maps(_, maps) => Seed::of_maps(record.answer_of(activation.clone()), maps),
        Targets::Classes(classes) => Seed::of_classes(activation.clone(), classes),
    };
    // The answer stands above the function that follows. A rectifier lets a positive answer back through as it is.
    if let (Some(Op::Activation(curve)), Targets::Units(..) | Targets::Maps(..)) =
        (&record.followed_by, targets)
    {
        seed.signal = activation::reverse(seed.signal, activation, *curve, rule);
    }
    Ok((top, seed))
}

impl Targets {
    /// Whether there are any, and all lie in a layer's output `[1, maps, rows, cols]`.
    fn check(&self, layer: &str, [_, maps, rows, cols]: [usize; 4]) -> Result<()> {
        let places: Vec<(&str, usize, usize)> = match self {
            Self::Units(_, units) => {
                let places = |unit: &[usize; 3]| {
                    let [map, row, col] = *unit;
                    [
                        ("map", maps, map),
                        ("row", rows, row),
                        ("column", cols, col),
                    ]
                };
                units.iter().flat_map(places).collect()
            }
            Self::Maps(_, chosen) => chosen.iter().map(|map| ("map", maps, *map)).collect(),
            Self::Classes(chosen) => chosen.iter().map(|class| ("class", maps, *class)).collect(),
        };
        if places.is_empty() {
            return Err(Error::out_of_range(
                format!("number of targets in {layer}"),
                0,
                0,
            ));
        }
        match places.iter().find(|(_, count, at)| at >= count) {
            Some((what, count, at)) => Err(Error::out_of_range(
                format!("{what} of {layer}"),
                *count,
                *at,
            )),
            None => Ok(()),
        }
    }
}

impl Seed {
    /// The answer of each unit `[map, row, column]` of a layer, on a window of one place.
    fn of_units(record: &Record, activation: Tensor<4>, units: &[[usize; 3]]) -> Self {
        let [_, maps, rows, cols] = activation.dims();
        let windows = Windows::of_units([rows, cols], units);
        let chosen: Vec<usize> = units.iter().map(|unit| unit[0]).collect();
        let one_hot = one_hot(maps, &chosen, &activation.device());
        let signal = record.answer_of(windows.cut(activation)) * one_hot;
        Self {
            activations: signal.clone().sum_dim(1).reshape([units.len()]),
            signal: Signal::new(signal, windows),
        }
    }

    /// All activations of each map.
    fn of_maps(answer: Tensor<4>, chosen: &[usize]) -> Self {
        let [_, maps, rows, cols] = answer.dims();
        let one_hot = one_hot(maps, chosen, &answer.device());
        let signal = answer * one_hot;
        let activations = signal
            .clone()
            .reshape([chosen.len(), maps * rows * cols])
            .max_dim(1)
            .reshape([chosen.len()]);
        Self {
            signal: Signal::whole(signal),
            activations,
        }
    }

    /// One at each class.
    fn of_classes(scores: Tensor<4>, classes: &[usize]) -> Self {
        let [_, count, ..] = scores.dims();
        let signal = one_hot(count, classes, &scores.device());
        let activations = (scores * signal.clone()).sum_dim(1);
        Self {
            activations: activations.reshape([classes.len()]),
            signal: Signal::whole(signal),
        }
    }
}

/// One at each target's own map, and zero elsewhere: `[targets, maps, 1, 1]`.
pub(super) fn one_hot(maps: usize, chosen: &[usize], device: &Device) -> Tensor<4> {
    let mut values = vec![0f32; chosen.len() * maps];
    for (target, map) in chosen.iter().enumerate() {
        values[target * maps + map] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [chosen.len(), maps, 1, 1]), device)
}

/// The way down through what a forward pass left behind.
///
/// All targets belong to one picture of the trace, or, where none is named, each to its own, on whole frames.
pub(crate) struct Descent<'a> {
    pub(crate) network: &'a Network,
    pub(crate) trace: &'a Trace,
    pub(crate) picture: Option<usize>,
    pub(crate) rule: ReluRule,
}

impl Descent<'_> {
    /// Carries a signal from the output of the layer at `from` down to what layers read.
    pub(crate) fn carry(&self, seed: Signal, from: usize, to: Source) -> Signal {
        let [targets, ..] = seed.values().dims();
        let nothing = || {
            let [maps, rows, cols] = self.network.plan.shape(to);
            let device = self.trace.input.device();
            Signal::whole(Tensor::zeros([targets, maps, rows, cols], &device))
        };
        let arrived = self.fold(seed, from, to, |at, signal| {
            let stage = Stage::ending_in(&self.network.plan, at, to);
            let passed = stage.and_then(|stage| {
                let signal = self.pass(&stage, &signal)?;
                Some((stage.convolution, vec![self.laid_out(signal)]))
            });
            Some(passed.unwrap_or_else(|| (at, self.step(at, signal))))
        });
        arrived.unwrap_or_else(nothing)
    }

    /// The fold down. `descend` takes a signal from the output of a layer to all that the layer reads, or, through those that it
    /// alone rests on, to all that one of them reads, and says which one. Where layers share what they read, their signals add
    /// up there.
    ///
    /// `None` where nothing arrives.
    pub(crate) fn fold(
        &self,
        seed: Signal,
        from: usize,
        to: Source,
        mut descend: impl FnMut(usize, Signal) -> Option<(usize, Vec<Signal>)>,
    ) -> Option<Signal> {
        let plan = &self.network.plan;
        let mut arrived = BTreeMap::from([(Source::Layer(from), seed)]);
        for at in plan.down(from, to) {
            let signal = arrived.remove(&Source::Layer(at));
            let Some((lowest, signals)) = signal.and_then(|signal| descend(at, signal)) else {
                continue;
            };
            for (source, signal) in plan.sources(lowest).iter().zip(signals) {
                let signal = match arrived.remove(source) {
                    Some(other) => other.add(signal),
                    None => signal,
                };
                arrived.insert(*source, signal);
            }
        }
        arrived.remove(&to)
    }

    /// One layer down, from its output to each thing that it reads.
    pub(crate) fn step(&self, at: usize, signal: Signal) -> Vec<Signal> {
        let Self { network, trace, .. } = *self;
        let planned = &network.plan[at];
        let [_, rows, cols] = planned.input;
        let sources = network.plan.sources(at);
        let entered = |place: usize| self.of_picture(trace.output(sources[place]));
        let signal = match (&planned.layer.op, &network.parameters[at]) {
            (Op::Add, _) => return add::reverse(signal, sources.len()),
            (Op::Concat, _) => {
                let maps = |source: &Source| network.plan.shape(*source)[0];
                return concat::reverse(signal, sources.iter().map(maps));
            }
            (Op::Scale, _) => return scale::reverse(signal, entered(0), entered(1)),
            (Op::Conv(filters), Some(Parameters::Conv(weight, _))) => {
                let passed = self.pass(&Stage::of(at), &signal);
                passed.unwrap_or_else(|| {
                    conv::reverse(signal, weight.clone(), *filters, [rows, cols])
                })
            }
            (Op::Relu, _) => {
                let output = self.of_picture(&trace.layers[at].activation);
                relu::reverse(signal, output, self.rule)
            }
            (Op::Activation(curve), _) => {
                activation::reverse(signal, entered(0), *curve, self.rule)
            }
            (Op::Prelu, Some(Parameters::Maps(slopes, _))) => {
                prelu::reverse(signal, entered(0), slopes.clone())
            }
            (Op::Affine, Some(Parameters::Maps(weight, _))) => {
                affine::reverse(signal, weight.clone())
            }
            (Op::AvgPool(windows), _) => average::reverse(signal, *windows, [rows, cols]),
            (Op::Shuffle(groups), _) => shuffle::reverse(signal, *groups),
            (Op::MaxPool(windows), _) => {
                pool::reverse(signal, self.switches(at), *windows, [rows, cols])
            }
            (Op::Lrn(constants), _) => {
                let (input, rule) = (entered(0), self.rule);
                let own = network
                    .kernels
                    .denormalise(&signal, &input, constants, rule);
                own.unwrap_or_else(|| norm::reverse(signal, input, *constants, rule))
            }
            (Op::Gap, _) => gap::reverse(signal, [rows, cols]),
            (Op::Dense(_), Some(Parameters::Dense(weight, _))) => {
                dense::reverse(signal, weight.clone(), planned.input)
            }
            (Op::Dropout(_), _) => signal,
            (op, _) => unreachable!("layer {at} ({}) ran without its parameters", op.name()),
        };
        vec![self.laid_out(signal)]
    }

    /// A stage down at once; `None` where burn's operations are to be used, layer by layer.
    fn pass(&self, stage: &Stage, signal: &Signal) -> Option<Signal> {
        let filters = stage.filters(self.network)?;
        let plan = &self.network.plan;
        stage.reverse(plan, signal, filters, &self.passed(stage), self.rule)
    }

    /// The derivatives by a convolution's filters, given the signal at the output of a layer above it, with its place in the plan;
    /// and, if the signal `goes_on`, what comes to its input. `None` where burn's operations are to be used, layer by layer.
    pub(crate) fn learn(
        &self,
        at: usize,
        signal: &Signal,
        goes_on: impl Fn(usize) -> bool,
    ) -> Option<(usize, Parameters, Option<Signal>)> {
        let stage = Stage::ending_in(&self.network.plan, at, Source::Input)?;
        let below = match goes_on(stage.convolution) {
            true => Some(self.laid_out(self.pass(&stage, signal)?)),
            false => None,
        };
        let x = self.network.entering(self.trace, stage.convolution);
        let gradient = stage.gradient(self.network, x, signal, &self.passed(&stage))?;
        Some((stage.convolution, gradient, below))
    }

    /// What a stage's pool and rectifier did on the way up, as far as the rule asks for it.
    fn passed(&self, stage: &Stage) -> (Option<Tensor<4, Int>>, Option<Tensor<4>>) {
        let rectifier = stage.rectifier.filter(|_| self.rule != ReluRule::Deconvnet);
        let fired = rectifier.map(|at| self.of_picture(&self.trace.layers[at].activation));
        (stage.pool.map(|at| self.switches(at)), fired)
    }

    fn laid_out(&self, signal: Signal) -> Signal {
        match self.picture {
            Some(_) => signal,
            None => signal.spread_over_frame(),
        }
    }

    fn switches(&self, at: usize) -> Tensor<4, Int> {
        let switches = self.trace.layers[at].switches.as_ref();
        self.of_picture(switches.expect("a pooling layer leaves its switches in the trace"))
    }

    fn of_picture<K: burn::tensor::kind::Basic>(&self, batch: &Tensor<4, K>) -> Tensor<4, K> {
        of_picture(batch.clone(), self.picture)
    }
}

/// Carries a signal down for a whole batch, each picture on its own trace: from the output of the layer at `from` to the input,
/// or to what another layer reads.
///
/// # Shapes
/// `signal` is `[pictures, maps, rows, cols]` of the layer it starts at; the result, of what it ends at.
pub(crate) fn carry_down(
    network: &Network,
    trace: &Trace,
    signal: Tensor<4>,
    from: usize,
    to: Source,
    rule: ReluRule,
) -> Tensor<4> {
    let descent = Descent {
        network,
        trace,
        picture: None,
        rule,
    };
    descent.carry(Signal::whole(signal), from, to).values()
}

fn of_picture<K: burn::tensor::kind::Basic>(
    batch: Tensor<4, K>,
    picture: Option<usize>,
) -> Tensor<4, K> {
    let [pictures, maps, rows, cols] = batch.dims();
    match picture {
        Some(picture) if pictures > 1 => {
            batch.slice([picture..picture + 1, 0..maps, 0..rows, 0..cols])
        }
        _ => batch,
    }
}

impl From<Unit> for [usize; 3] {
    fn from(unit: Unit) -> Self {
        [unit.map, unit.row, unit.col]
    }
}
