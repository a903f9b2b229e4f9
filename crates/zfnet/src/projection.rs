//! From a target back to the pixels that made it answer (paper section 2.1).

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::architecture::Op;
use crate::network::{Network, Parameters};
pub use crate::ops::relu::ReluRule;
use crate::ops::{conv, dense, gap, norm, pool, relu};
use crate::trace::{Record, Trace, Unit};
use crate::window::Windows;
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
    let (top, seed) = seed(network, trace, picture, targets)?;
    let mut windows = seed.windows;
    let mut signal = seed.signal;
    for at in (0..=top).rev() {
        (signal, windows) = step_down(network, trace, Some(picture), at, signal, windows, rule);
    }
    Ok(Projections {
        pixels: signal,
        windows,
        activations: seed.activations,
    })
}

struct Seed {
    signal: Tensor<4>,
    windows: Windows,
    activations: Tensor<1>,
}

/// The signal that starts the way down, at the output of which layer.
fn seed(
    network: &Network,
    trace: &Trace,
    picture: usize,
    targets: &Targets,
) -> Result<(usize, Seed)> {
    let device = trace.input.device();
    let one_hot = |maps: usize, chosen: &[usize]| {
        let mut values = vec![0f32; chosen.len() * maps];
        for (target, map) in chosen.iter().enumerate() {
            values[target * maps + map] = 1.0;
        }
        Tensor::<4>::from_data(TensorData::new(values, [chosen.len(), maps, 1, 1]), &device)
    };
    let top = match targets {
        Targets::Units(layer, _) | Targets::Maps(layer, _) => trace.position(layer)?,
        Targets::Classes(_) => match trace.layers.len() == network.plan.len() {
            true => trace.layers.len() - 1,
            false => return Err(network.not_loaded(&network.plan[trace.layers.len()].layer.name)),
        },
    };
    let answer = of_picture(trace.layers[top].answer(), Some(picture));
    let [_, maps, rows, cols] = answer.dims();
    let layer = &trace.layers[top].name;
    let check = |what: &str, count: usize, values: &mut dyn Iterator<Item = usize>| {
        let mut none = true;
        for value in values {
            none = false;
            if value >= count {
                return Err(Error::out_of_range(
                    format!("{what} of {layer}"),
                    count,
                    value,
                ));
            }
        }
        match none {
            true => Err(Error::out_of_range(
                format!("number of targets in {layer}"),
                0,
                0,
            )),
            false => Ok(()),
        }
    };
    let seed = match targets {
        Targets::Units(_, units) => {
            check("map", maps, &mut units.iter().map(|unit| unit[0]))?;
            check("row", rows, &mut units.iter().map(|unit| unit[1]))?;
            check("column", cols, &mut units.iter().map(|unit| unit[2]))?;
            let windows = Windows {
                frame: [rows, cols],
                size: [1, 1],
                origins: units
                    .iter()
                    .map(|[_, row, col]| [*row as isize, *col as isize])
                    .collect(),
            };
            let chosen: Vec<usize> = units.iter().map(|unit| unit[0]).collect();
            let signal = windows.cut(answer) * one_hot(maps, &chosen);
            let activations = signal.clone().sum_dim(1).reshape([units.len()]);
            Seed {
                signal,
                windows,
                activations,
            }
        }
        Targets::Maps(_, chosen) => {
            check("map", maps, &mut chosen.iter().copied())?;
            let signal = answer * one_hot(maps, chosen);
            let activations = signal
                .clone()
                .reshape([chosen.len(), maps * rows * cols])
                .max_dim(1)
                .reshape([chosen.len()]);
            Seed {
                signal,
                windows: Windows::whole([rows, cols], chosen.len()),
                activations,
            }
        }
        Targets::Classes(classes) => {
            check("class", maps, &mut classes.iter().copied())?;
            let signal = one_hot(maps, classes);
            let activations = (answer * signal.clone())
                .sum_dim(1)
                .reshape([classes.len()]);
            Seed {
                signal,
                windows: Windows::whole([rows, cols], classes.len()),
                activations,
            }
        }
    };
    Ok((top, seed))
}

/// One layer down: from its output to its input.
///
/// All targets belong to one picture of the trace, or, where none is named, each to its own, on whole frames.
pub(crate) fn step_down(
    network: &Network,
    trace: &Trace,
    picture: Option<usize>,
    at: usize,
    signal: Tensor<4>,
    windows: Windows,
    rule: ReluRule,
) -> (Tensor<4>, Windows) {
    let Record {
        activation: output,
        switches,
        ..
    } = &trace.layers[at];
    let layer = &network.plan[at];
    let [_, rows, cols] = layer.input;
    match (&layer.layer.op, &network.parameters[at]) {
        (
            &Op::Conv {
                stride,
                pad,
                groups,
                ..
            },
            Some(Parameters::Conv(weight, _)),
        ) => conv::reverse(
            signal,
            &windows,
            weight.clone(),
            conv::Geometry {
                stride,
                pad,
                groups,
            },
            [rows, cols],
        ),
        (Op::Relu, _) => {
            let signal = relu::reverse(signal, &windows, of_picture(output.clone(), picture), rule);
            (signal, windows)
        }
        (
            &Op::MaxPool {
                kernel,
                stride,
                pad,
            },
            _,
        ) => {
            let switches = switches
                .clone()
                .expect("a pooling layer leaves its switches in the trace");
            pool::reverse(
                signal,
                &windows,
                of_picture(switches, picture),
                pool::Geometry {
                    kernel,
                    stride,
                    pad,
                },
                [rows, cols],
            )
        }
        (
            &Op::Lrn {
                region,
                size,
                alpha,
                beta,
                k,
            },
            _,
        ) => {
            let below = trace.below(at);
            let constants = norm::Constants {
                region,
                size,
                alpha,
                beta,
                k,
            };
            norm::reverse(
                signal,
                &windows,
                of_picture(below.clone(), picture),
                constants,
                rule,
            )
        }
        (Op::Gap, _) => gap::reverse(signal, [rows, cols]),
        (Op::Dense { .. }, Some(Parameters::Dense(weight, _))) => {
            dense::reverse(signal, weight.clone(), layer.input)
        }
        (Op::Dropout { .. }, _) => (signal, windows),
        (op, _) => unreachable!("layer {at} ({}) ran without its parameters", op.name()),
    }
}

/// Carries a signal down for a whole batch, each picture on its own trace: from the output of the layer at `from` to that
/// of the layer at `to`, or to the input where none is named.
///
/// # Shapes
/// `signal` is `[pictures, maps, rows, cols]` of the layer it starts at; the result, of the layer (or input) it ends at.
pub(crate) fn carry_down(
    network: &Network,
    trace: &Trace,
    mut signal: Tensor<4>,
    from: usize,
    to: Option<usize>,
    rule: ReluRule,
) -> Tensor<4> {
    let [pictures, _, rows, cols] = signal.dims();
    let mut windows = Windows::whole([rows, cols], pictures);
    for at in (to.map_or(0, |to| to + 1)..=from).rev() {
        (signal, windows) = step_down(network, trace, None, at, signal, windows, rule);
        (windows, signal) = windows.spread_over_frame(signal);
    }
    signal
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

impl Projections {
    /// Reads every projection back as a whole frame, planar `[channels, rows, cols]`, zero where it does not reach.
    ///
    /// # Errors
    /// [`Error::Execution`].
    pub async fn on_whole_input(&self, input: [usize; 2]) -> Result<Vec<Vec<f32>>> {
        let [targets, channels, height, width] = self.pixels.dims();
        let pixels = crate::readback::floats(self.pixels.clone()).await?;
        let frames = (0..targets).map(|target| {
            let [top, left] = self.windows.origins[target];
            let mut frame = vec![0f32; channels * input[0] * input[1]];
            for (line, values) in pixels[target * channels * height * width..]
                [..channels * height * width]
                .chunks(width)
                .enumerate()
            {
                let (channel, row) = (line / height, top + (line % height) as isize);
                if !(0..input[0] as isize).contains(&row) {
                    continue;
                }
                for (col, value) in (left..)
                    .zip(values)
                    .filter(|(col, _)| (0..input[1] as isize).contains(col))
                {
                    frame[(channel * input[0] + row as usize) * input[1] + col as usize] = *value;
                }
            }
            frame
        });
        Ok(frames.collect())
    }
}
