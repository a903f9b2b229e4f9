//! Architecture plus parameters: runs a batch forward and keeps its trace.

use burn::tensor::{Device, Tensor};

use crate::architecture::{Op, PlannedLayer};
use crate::familiarity::Familiarity;
use crate::model::Model;
use crate::ops::{conv, dense, gap, norm, pool, relu};
use crate::trace::{Record, Trace};
use crate::{Error, Result};

/// A network on a device. Layers above the last loaded one are known but cannot run.
#[derive(Debug, Clone)]
pub struct Network {
    /// What a weights file says about the network besides its numbers.
    pub model: Model,
    /// The table with shapes, receptive fields and costs.
    pub plan: Vec<PlannedLayer>,
    pub(crate) parameters: Vec<Option<Parameters>>,
    pub(crate) mean: Option<Tensor<3>>,
    /// What tells whether a picture is of what it knows, if that was learnt.
    pub familiarity: Option<Familiarity>,
    pub(crate) shards: Vec<String>,
    pub(crate) device: Device,
}

/// Weights and biases of one layer; or anything that there is one of for each of them, such as their derivatives.
#[derive(Debug, Clone)]
pub enum Parameters {
    /// Filters `[out, in / groups, kernel rows, kernel cols]`, bias `[out]`.
    Conv(Tensor<4>, Tensor<1>),
    /// Weights `[out, in]`, bias `[out]`.
    Dense(Tensor<2>, Tensor<1>),
}

impl Parameters {
    /// Shape of the weights.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Conv(weight, _) => weight.dims().to_vec(),
            Self::Dense(weight, _) => weight.dims().to_vec(),
        }
    }

    /// Weights as a matrix: a row for each filter or unit, `[out, …]`.
    pub fn rows(&self) -> Tensor<2> {
        match self {
            Self::Conv(weight, _) => weight.clone().flatten(1, 3),
            Self::Dense(weight, _) => weight.clone(),
        }
    }

    /// Biases, `[out]`.
    pub fn bias(&self) -> Tensor<1> {
        match self {
            Self::Conv(_, bias) | Self::Dense(_, bias) => bias.clone(),
        }
    }

    /// Parameters of the same shape from a matrix of [`Self::rows`] and biases.
    ///
    /// # Panics
    /// When the matrix has not as many numbers.
    #[must_use]
    pub fn with(&self, rows: Tensor<2>, bias: Tensor<1>) -> Self {
        match self {
            Self::Conv(weight, _) => Self::Conv(rows.reshape(weight.dims()), bias),
            Self::Dense(..) => Self::Dense(rows, bias),
        }
    }
}

impl Network {
    /// The device that holds the parameters.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Number of layers, from the first, that can run with the weights loaded so far.
    pub fn runnable(&self) -> usize {
        let missing = |(layer, parameters): (&PlannedLayer, &Option<Parameters>)| {
            layer.layer.op.has_parameters() && parameters.is_none()
        };
        self.plan
            .iter()
            .zip(&self.parameters)
            .position(missing)
            .unwrap_or(self.plan.len())
    }

    /// Names of the convolutional layers that can run, the layers that a visitor looks at.
    pub fn convolutions(&self) -> Vec<&str> {
        let layers = self.plan[..self.runnable()].iter();
        layers
            .filter(|l| matches!(l.layer.op, Op::Conv { .. }))
            .map(|l| l.layer.name.as_str())
            .collect()
    }

    /// Name of the last hidden dense layer, the paper's layer 7, if it can run.
    pub fn last_hidden_dense(&self) -> Option<&str> {
        let hidden = self.runnable().min(self.plan.len() - 1);
        let mut layers = self.plan[..hidden].iter().rev();
        layers
            .find(|l| matches!(l.layer.op, Op::Dense { .. }))
            .map(|l| l.layer.name.as_str())
    }

    /// A planned layer by name.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn layer(&self, name: &str) -> Result<&PlannedLayer> {
        self.plan
            .iter()
            .find(|l| l.layer.name == name)
            .ok_or_else(|| Error::UnknownLayer {
                layer: name.into(),
                known: self
                    .plan
                    .iter()
                    .map(|l| l.layer.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// A convolution's filters, `[out, in / groups, rows, cols]`.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::NotLoaded`] when they are not there, [`Error::Architecture`] for a layer that is no
    /// convolution.
    pub fn filters(&self, layer: &str) -> Result<Tensor<4>> {
        let at = self.plan.iter().position(|l| l.layer.name == layer);
        match at.map(|at| (&self.plan[at].layer.op, &self.parameters[at])) {
            Some((_, Some(Parameters::Conv(weight, _)))) => Ok(weight.clone()),
            Some((Op::Conv { .. }, _)) => Err(self.not_loaded(layer)),
            _ => self.layer(layer).and_then(|found| {
                Err(Error::Architecture {
                    layer: layer.into(),
                    expected: "a convolution".into(),
                    found: found.layer.op.name().into(),
                })
            }),
        }
    }

    /// Weights and biases, layer by layer; `None` where a layer has none or its shard is not there.
    pub fn parameters(&self) -> &[Option<Parameters>] {
        &self.parameters
    }

    /// The mean picture `[channels, rows, cols]` that is subtracted, where the network has one.
    pub fn mean(&self) -> Option<&Tensor<3>> {
        self.mean.as_ref()
    }

    /// The same network with another mean picture, `[channels, rows, cols]`.
    #[must_use]
    pub fn with_mean(&self, mean: Option<Tensor<3>>) -> Self {
        Self {
            mean,
            ..self.clone()
        }
    }

    /// The same network with other weights; what it knew by the old ones is forgotten.
    ///
    /// # Errors
    /// [`Error::Weights`] when they are not of the same layers and shapes.
    pub fn with_parameters(&self, parameters: Vec<Option<Parameters>>) -> Result<Self> {
        let shapes = |list: &[Option<Parameters>]| {
            list.iter()
                .map(|p| p.as_ref().map(Parameters::shape))
                .collect::<Vec<_>>()
        };
        let (expected, found) = (shapes(&self.parameters), shapes(&parameters));
        if expected != found {
            return Err(Error::weights(
                "shapes of the layers' weights",
                format!("{expected:?}"),
                format!("{found:?}"),
            ));
        }
        Ok(Self {
            parameters,
            familiarity: None,
            ..self.clone()
        })
    }

    pub(crate) fn not_loaded(&self, layer: &str) -> Error {
        let found = match self.shards.is_empty() {
            true => "none".into(),
            false => self.shards.join(", "),
        };
        Error::NotLoaded {
            layer: layer.into(),
            found,
        }
    }

    /// Runs every layer that has its weights and keeps what the way back needs.
    ///
    /// # Shapes
    /// `input` is `[pictures, channels, rows, cols]` of the size in [`Model::input`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another input size, [`Error::NotLoaded`] when not even the first layer can run.
    pub fn forward(&self, input: Tensor<4>) -> Result<Trace> {
        let [_, channels, rows, cols] = input.dims();
        let expected = self.plan[0].input;
        if [channels, rows, cols] != expected {
            return Err(Error::OutOfRange {
                subject: "input [channels, rows, columns]".into(),
                expected: format!("{expected:?}"),
                found: format!("{:?}", [channels, rows, cols]),
            });
        }
        let depth = self.runnable();
        if depth == 0 {
            return Err(self.not_loaded(&self.plan[0].layer.name));
        }
        Ok(self.run(input, depth, |_, activation| activation))
    }

    /// The same trace with its switches lost: every maximum is taken to have lain in the first place of its window. A projection
    /// of it shows what switches are for (paper section 2.1, unpooling).
    pub fn without_switches(&self, trace: &Trace) -> Trace {
        let mut lost = trace.clone();
        for (planned, record) in self.plan.iter().zip(&mut lost.layers) {
            let Op::MaxPool {
                kernel,
                stride,
                pad,
            } = planned.layer.op
            else {
                continue;
            };
            let [pictures, maps, rows, cols] = record.activation.dims();
            let [_, height, width] = planned.input;
            let geometry = pool::Geometry {
                kernel,
                stride,
                pad,
            };
            let places = pool::first_places(
                geometry,
                [height, width],
                [rows, cols],
                &record.activation.device(),
            );
            record.switches = Some(places.expand([pictures, maps, rows, cols]));
        }
        lost
    }

    /// Runs the first `depth` layers; `disturb` may change what a layer puts out.
    pub(crate) fn run(
        &self,
        input: Tensor<4>,
        depth: usize,
        mut disturb: impl FnMut(usize, Tensor<4>) -> Tensor<4>,
    ) -> Trace {
        let mut x = input.clone();
        let mut layers = Vec::with_capacity(depth);
        for at in 0..depth {
            let (activation, switches) = self.step(at, x);
            let activation = disturb(at, activation);
            x = activation.clone();
            layers.push(Record {
                name: self.plan[at].layer.name.clone(),
                activation,
                switches,
                rectified: self
                    .plan
                    .get(at + 1)
                    .is_some_and(|next| next.layer.op == Op::Relu),
            });
        }
        Trace { input, layers }
    }

    /// One layer, on maps of any size where its operation allows that; switches where it pools.
    pub(crate) fn step(
        &self,
        at: usize,
        x: Tensor<4>,
    ) -> (Tensor<4>, Option<Tensor<4, burn::tensor::Int>>) {
        let activation = match (&self.plan[at].layer.op, &self.parameters[at]) {
            (
                &Op::Conv {
                    stride,
                    pad,
                    groups,
                    ..
                },
                Some(Parameters::Conv(weight, bias)),
            ) => conv::forward(
                x,
                weight.clone(),
                bias.clone(),
                conv::Geometry {
                    stride,
                    pad,
                    groups,
                },
            ),
            (Op::Relu, _) => relu::forward(x),
            (
                &Op::MaxPool {
                    kernel,
                    stride,
                    pad,
                },
                _,
            ) => {
                let (pooled, switches) = pool::forward(
                    x,
                    pool::Geometry {
                        kernel,
                        stride,
                        pad,
                    },
                );
                return (pooled, Some(switches));
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
            ) => norm::forward(
                x,
                norm::Constants {
                    region,
                    size,
                    alpha,
                    beta,
                    k,
                },
            ),
            (Op::Gap, _) => gap::forward(x),
            (Op::Dense { .. }, Some(Parameters::Dense(weight, bias))) => {
                dense::forward(x, weight.clone(), bias.clone())
            }
            (Op::Dropout { .. }, _) => x,
            (op, _) => unreachable!("layer {at} ({}) runs without its parameters", op.name()),
        };
        (activation, None)
    }
}
