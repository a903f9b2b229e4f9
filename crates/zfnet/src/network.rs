//! Architecture plus parameters: runs a batch forward and keeps its trace.

use burn::tensor::{Device, Tensor};

use crate::architecture::{Op, PlannedLayer};
use crate::model::Model;
use crate::ops::{conv, dense, norm, pool, relu};
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
    pub(crate) shards: Vec<String>,
    pub(crate) device: Device,
}

/// Weights and biases of one layer.
#[derive(Debug, Clone)]
pub(crate) enum Parameters {
    /// Filters `[out, in / groups, kernel rows, kernel cols]`, bias `[out]`.
    Conv(Tensor<4>, Tensor<1>),
    /// Weights `[out, in]`, bias `[out]`.
    Dense(Tensor<2>, Tensor<1>),
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

    /// The first layer's filters, `[out, in / groups, rows, cols]`.
    ///
    /// # Errors
    /// [`Error::NotLoaded`] when they are not there, [`Error::UnknownLayer`] when no layer is convolutional.
    pub fn filters(&self, layer: &str) -> Result<Tensor<4>> {
        let at = self.plan.iter().position(|l| l.layer.name == layer);
        match at.map(|at| &self.parameters[at]) {
            Some(Some(Parameters::Conv(weight, _))) => Ok(weight.clone()),
            Some(None) => Err(self.not_loaded(layer)),
            _ => self.layer(layer).and_then(|found| {
                Err(Error::Architecture {
                    layer: layer.into(),
                    expected: "a convolution".into(),
                    found: found.layer.op.name().into(),
                })
            }),
        }
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
        let mut x = input.clone();
        let mut layers = Vec::with_capacity(depth);
        for at in 0..depth {
            let (activation, switches) = self.step(at, x);
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
        Ok(Trace { input, layers })
    }

    fn step(&self, at: usize, x: Tensor<4>) -> (Tensor<4>, Option<Tensor<4, burn::tensor::Int>>) {
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
            (Op::Dense { .. }, Some(Parameters::Dense(weight, bias))) => {
                dense::forward(x, weight.clone(), bias.clone())
            }
            (Op::Dropout { .. }, _) => x,
            (op, _) => unreachable!("layer {at} ({}) runs without its parameters", op.name()),
        };
        (activation, None)
    }
}
