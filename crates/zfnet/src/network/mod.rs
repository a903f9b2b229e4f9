//! Architecture plus parameters: runs a batch forward and keeps its trace.

pub mod architecture;
pub mod architectures;
pub mod familiarity;
pub mod kernels;
pub mod model;
mod parameters;
pub mod plan;
mod planning;
pub(crate) mod templates;
pub mod topology;
pub mod trace;

use burn::tensor::{Device, Int, Tensor};

use crate::error::demand;
use crate::network::architecture::Op;
use crate::network::familiarity::Familiarity;
use crate::network::kernels::{Chosen, Kernels};
use crate::network::model::Model;
pub use crate::network::parameters::Parameters;
use crate::network::plan::{Plan, PlannedLayer};
use crate::network::trace::{Record, Trace};
use crate::ops::{
    activation, add, affine, average, concat, conv, dense, gap, norm, pool, prelu, relu, scale,
    shuffle,
};
use crate::{Error, Result};

/// A network on a device. Layers above the last loaded one are known but cannot run.
#[derive(Debug, Clone)]
pub struct Network {
    /// What a weights file says about the network besides its numbers.
    pub model: Model,
    /// The layers with shapes, receptive fields and costs, and how they hang together.
    pub plan: Plan,
    pub(crate) parameters: Vec<Option<Parameters>>,
    pub(crate) mean: Option<Tensor<3>>,
    /// What tells whether a picture is of what it knows, if that was learnt.
    pub familiarity: Option<Familiarity>,
    pub(crate) shards: Vec<String>,
    pub(crate) device: Device,
    pub(crate) kernels: Chosen,
}

impl Network {
    /// The device that holds the parameters.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Rows and columns of the input.
    pub fn frame(&self) -> [usize; 2] {
        self.model.input.size
    }

    /// Number of layers, in the order of the plan, that can run with the weights loaded so far.
    pub fn runnable(&self) -> usize {
        self.plan.frontier(|at| self.parameters[at].is_some())
    }

    /// The first layer that cannot run, for its weights are not there.
    pub fn missing(&self) -> Option<&PlannedLayer> {
        self.plan.iter().nth(self.runnable())
    }

    /// The layers that can run.
    pub fn running(&self) -> impl Iterator<Item = &PlannedLayer> {
        self.plan.iter().take(self.runnable())
    }

    /// Whether a layer, given by its place in the plan, can run.
    pub fn runs(&self, at: usize) -> bool {
        at < self.runnable()
    }

    /// Refuses a layer that cannot run.
    pub(crate) fn must_run(&self, at: usize) -> Result<()> {
        match self.missing() {
            Some(missing) if !self.runs(at) => Err(self.not_loaded(&missing.layer.name)),
            _ => Ok(()),
        }
    }

    /// The first layer that did not run when a trace was left; `None` where it holds the scores.
    pub fn missing_in(&self, trace: &Trace) -> Option<&PlannedLayer> {
        self.plan.iter().nth(trace.layers.len())
    }

    /// Names of the convolutional layers that can run.
    pub fn convolutions(&self) -> Vec<&str> {
        self.running()
            .filter(|l| matches!(l.layer.op, Op::Conv(_)))
            .map(|l| l.layer.name.as_str())
            .collect()
    }

    /// Names of the layers to look at that can run: convolutions, and where branches meet.
    pub fn looked_at(&self) -> Vec<&str> {
        let places = (0..self.runnable()).filter(|at| self.plan.is_looked_at(*at));
        places.map(|at| self.plan[at].layer.name.as_str()).collect()
    }

    /// Names of the layers that a look at a picture begins with, as [`Plan::milestones`] tells them, of those that can run.
    pub fn milestones(&self) -> Vec<&str> {
        let places = self.plan.milestones(self.runnable()).into_iter();
        places.map(|at| self.plan[at].layer.name.as_str()).collect()
    }

    /// Name of the last hidden dense layer, the paper's layer 7, if it can run.
    pub fn last_hidden_dense(&self) -> Option<&str> {
        let output = &self.plan.output().layer.name;
        self.running()
            .filter(|l| matches!(l.layer.op, Op::Dense(_)) && l.layer.name != *output)
            .map(|l| l.layer.name.as_str())
            .last()
    }

    /// A planned layer by name.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`].
    pub fn layer(&self, name: &str) -> Result<&PlannedLayer> {
        self.plan.position(name).map(|at| &self.plan[at])
    }

    /// A convolution's filters, `[out, in / groups, rows, cols]`.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`], [`Error::NotLoaded`] when they are not there, [`Error::Architecture`] for a layer that is no
    /// convolution.
    pub fn filters(&self, layer: &str) -> Result<Tensor<4>> {
        let at = self.plan.position(layer)?;
        match (&self.plan[at].layer.op, &self.parameters[at]) {
            (_, Some(Parameters::Conv(weight, _))) => Ok(weight.clone()),
            (Op::Conv(_), _) => Err(self.not_loaded(layer)),
            (op, _) => Err(Error::Architecture {
                layer: layer.into(),
                expected: "a convolution".into(),
                found: op.name().into(),
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
            kernels: self.kernels.anew(self.plan.len()),
            ..self.clone()
        })
    }

    /// The same network, computed with other operations.
    #[must_use]
    pub fn with_kernels(&self, kernels: Kernels) -> Self {
        Self {
            kernels: Chosen::new(kernels, self.plan.len()),
            ..self.clone()
        }
    }

    /// Does what the first picture would have to wait for: puts filters into the order in which they are read.
    pub fn prepare(&self) {
        for (at, planned) in self.plan.iter().enumerate() {
            let parameters = self.parameters[at].as_ref();
            self.kernels.pack(at, &planned.layer.op, parameters);
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

    /// How well a picture of a batch fits, by its scores; `None` where that was not learnt.
    ///
    /// # Errors
    /// As [`familiarity::Seen::of`] and [`Familiarity::of`].
    pub async fn known(
        &self,
        trace: &Trace,
        picture: usize,
        logits: &[f32],
    ) -> Result<Option<familiarity::Fit>> {
        match &self.familiarity {
            None => Ok(None),
            Some(familiarity) => {
                let seen =
                    familiarity::Seen::of(trace, picture, familiarity.layer(), logits).await?;
                familiarity.of(&seen).map(Some)
            }
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
        self.check_input(&input)?;
        let depth = self.runnable();
        match depth {
            0 => Err(self.not_loaded(&self.plan.first().layer.name)),
            _ => Ok(self.run(input, depth, |_, activation| activation)),
        }
    }

    /// Refuses an input `[pictures, channels, rows, cols]` of another size than the network's.
    pub(crate) fn check_input(&self, input: &Tensor<4>) -> Result<()> {
        let (expected, found) = (self.plan.input(), input.dims());
        demand(
            found[1..] == expected,
            "input [channels, rows, columns]",
            format!("{expected:?}"),
            format!("{:?}", &found[1..]),
        )
    }

    /// The same trace with its switches lost: every maximum is taken to have lain in the first place of its window. A projection
    /// of it shows what switches are for (paper section 2.1, unpooling).
    pub fn without_switches(&self, trace: &Trace) -> Trace {
        let mut lost = trace.clone();
        for (planned, record) in self.plan.iter().zip(&mut lost.layers) {
            if let Op::MaxPool(pooling) = planned.layer.op {
                let [pictures, maps, rows, cols] = record.activation.dims();
                let [_, height, width] = planned.input;
                let device = record.activation.device();
                let places = pool::first_places(pooling, [height, width], [rows, cols], &device);
                record.switches = Some(places.expand([pictures, maps, rows, cols]));
            }
        }
        lost
    }

    /// The fold up: runs the first `depth` layers of the plan; `disturb` may change what a layer puts out.
    pub(crate) fn run(
        &self,
        input: Tensor<4>,
        depth: usize,
        mut disturb: impl FnMut(usize, Tensor<4>) -> Tensor<4>,
    ) -> Trace {
        let mut trace = Trace {
            input,
            layers: Vec::with_capacity(depth),
        };
        for at in 0..depth {
            let inputs = self.plan.sources(at).iter();
            let inputs = inputs.map(|source| trace.output(*source).clone());
            let (activation, switches) = self.step(at, inputs.collect());
            let follows = self.plan.activation(at);
            trace.layers.push(Record {
                name: self.plan[at].layer.name.clone(),
                activation: disturb(at, activation),
                switches,
                followed_by: (follows != at).then(|| self.plan[follows].layer.op.clone()),
            });
        }
        trace
    }

    /// What enters a layer that reads one other, `[pictures, maps, rows, cols]`.
    pub(crate) fn entering<'t>(&self, trace: &'t Trace, at: usize) -> &'t Tensor<4> {
        trace.output(self.plan.source(at))
    }

    /// One layer, on maps of any size where its operation allows that; switches where it pools.
    pub(crate) fn step(
        &self,
        at: usize,
        inputs: Vec<Tensor<4>>,
    ) -> (Tensor<4>, Option<Tensor<4, Int>>) {
        self.compute(at, &self.plan[at].layer.op, inputs)
    }

    /// An operation with the parameters of a layer, which need not be the layer's own: its padding may be another.
    pub(crate) fn compute(
        &self,
        at: usize,
        op: &Op,
        mut inputs: Vec<Tensor<4>>,
    ) -> (Tensor<4>, Option<Tensor<4, Int>>) {
        let parameters = self.parameters[at].as_ref();
        match op {
            Op::Add => return (add::forward(inputs), None),
            Op::Concat => return (concat::forward(inputs), None),
            _ => {}
        }
        let x = inputs.swap_remove(0);
        if let Some(done) = self.kernels.forward(at, op, parameters, &x) {
            return done;
        }
        let activation = match (op, parameters) {
            (Op::Conv(filters), Some(Parameters::Conv(weight, bias))) => {
                conv::forward(x, weight.clone(), bias.clone(), *filters)
            }
            (Op::Relu, _) => relu::forward(x),
            (Op::Activation(curve), _) => activation::forward(x, *curve),
            (Op::Prelu, Some(Parameters::Maps(slopes, _))) => prelu::forward(x, slopes.clone()),
            (Op::Affine, Some(Parameters::Maps(weight, bias))) => {
                affine::forward(x, weight.clone(), bias.clone())
            }
            (Op::MaxPool(windows), _) => {
                let (pooled, switches) = pool::forward(x, *windows);
                return (pooled, Some(switches));
            }
            (Op::AvgPool(windows), _) => average::forward(x, *windows),
            (Op::Lrn(constants), _) => norm::forward(x, *constants),
            (Op::Gap, _) => gap::forward(x),
            (Op::Scale, _) => scale::forward(x, inputs.swap_remove(0)),
            (Op::Shuffle(groups), _) => shuffle::forward(x, *groups),
            (Op::Dense(_), Some(Parameters::Dense(weight, bias))) => {
                dense::forward(x, weight.clone(), bias.clone())
            }
            (Op::Dropout(_), _) => x,
            (op, _) => unreachable!("layer {at} ({}) runs without its parameters", op.name()),
        };
        (activation, None)
    }
}
