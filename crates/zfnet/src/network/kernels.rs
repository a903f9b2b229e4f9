//! Who computes a layer: the operations as [`ops`](crate::ops) writes them in burn's words, on any device; or, where the
//! numbers lie in the processor's memory and no derivative is asked of them, the faster ones of `zfnet-kernels`.
//!
//! Both are the same operations: places of maxima and what is no number are treated alike, and sums differ by the order in
//! which they are rounded.

use std::sync::{Arc, OnceLock};

use burn::tensor::{Int, Tensor};
pub use zfnet_kernels::conv::warm_up;
use zfnet_kernels::{conv, norm, pool, tensors, transpose};

use crate::geometry::signal::Signal;
use crate::geometry::window::Windows;
use crate::network::architecture::{Op, Region};
use crate::network::parameters::Parameters;
use crate::network::templates::Templates;
use crate::ops::relu::ReluRule;
use crate::ops::{Conv, Lrn, relu};

/// Which operations a network computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kernels {
    /// Our own, wherever there are some.
    #[default]
    Own,
    /// Burn's alone: slower, and what our own are held against.
    Plain,
}

/// max(x, 0), which is the same to the bit whoever computes it.
pub(crate) fn rectify(x: Tensor<4>) -> Tensor<4> {
    tensors::rectify(&x).unwrap_or_else(|| relu::forward(x))
}

/// A network's choice, with its filters as our own operations read them: packed when they are first needed, and no more after
/// that.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    kernels: Kernels,
    packed: Vec<Arc<Packed>>,
    /// What was filtered for the way down once for all pictures.
    pub(crate) templates: Arc<Templates>,
}

/// One layer's filters, for the way up and for the way down.
#[derive(Debug, Default)]
struct Packed {
    up: OnceLock<Option<conv::Filters>>,
    down: OnceLock<Option<transpose::Transposed>>,
}

/// A normalisation over neighbouring maps; `None` for one within maps.
fn across(constants: &Lrn) -> Option<norm::Constants> {
    (constants.region == Region::Across).then_some(norm::Constants {
        size: constants.size,
        alpha: constants.alpha as f32,
        beta: constants.beta as f32,
        k: constants.k as f32,
    })
}

impl Chosen {
    /// For so many layers, none of them packed.
    pub(crate) fn new(kernels: Kernels, layers: usize) -> Self {
        Self {
            kernels,
            packed: (0..layers).map(|_| Arc::default()).collect(),
            templates: Arc::default(),
        }
    }

    /// The same choice for other parameters, of so many layers.
    pub(crate) fn anew(&self, layers: usize) -> Self {
        Self::new(self.kernels, layers)
    }

    /// Forgets what was packed of a layer, which has got other filters.
    pub(crate) fn forget(&mut self, at: usize) {
        self.packed[at] = Arc::default();
        self.templates = Arc::default();
    }

    /// An operation with the parameters of the layer at `at` of the plan; `None` where burn's operations are to be used.
    pub(crate) fn forward(
        &self,
        at: usize,
        op: &Op,
        parameters: Option<&Parameters>,
        x: &Tensor<4>,
    ) -> Option<(Tensor<4>, Option<Tensor<4, Int>>)> {
        if self.kernels == Kernels::Plain {
            return None;
        }
        let activation = match (op, parameters) {
            (Op::Conv(filters), Some(Parameters::Conv(weight, bias))) => {
                let geometry = self.geometry(filters)?;
                let packed = self.filters(at, weight, filters)?;
                tensors::convolve(x, packed, bias, &geometry)?
            }
            (Op::MaxPool(windows), _) => {
                let geometry = pool::Geometry {
                    kernel: windows.kernel,
                    stride: windows.stride,
                    pad: windows.pad,
                };
                let (pooled, switches) = tensors::pool(x, &geometry)?;
                return Some((pooled, Some(switches)));
            }
            (Op::Relu, _) => tensors::rectify(x)?,
            (Op::Lrn(constants), _) => tensors::normalise(x, &across(constants)?)?,
            (Op::Dense(_), Some(Parameters::Dense(weight, bias))) => {
                tensors::weigh(x, weight, bias)?
            }
            _ => return None,
        };
        Some((activation, None))
    }

    /// Where our own operations put a convolution's filters; `None` where burn's operations are to be used.
    pub(crate) fn geometry(&self, layer: &Conv) -> Option<conv::Geometry> {
        let is_own = self.kernels == Kernels::Own && layer.dilation == [1, 1];
        is_own.then_some(conv::Geometry {
            stride: layer.stride,
            pad: layer.pad,
        })
    }

    /// A convolution's filters for the way up; `None` where burn's operations are to be used.
    fn filters(&self, at: usize, weight: &Tensor<4>, layer: &Conv) -> Option<&conv::Filters> {
        let packed = self.packed[at]
            .up
            .get_or_init(|| tensors::pack(weight, layer.groups, layer.stride));
        packed.as_ref()
    }

    /// Packs a layer's filters now, so that the first picture need not wait for that.
    pub(crate) fn pack(&self, at: usize, op: &Op, parameters: Option<&Parameters>) {
        if let (Op::Conv(layer), Some(Parameters::Conv(weight, _))) = (op, parameters)
            && self.geometry(layer).is_some()
        {
            self.filters(at, weight, layer);
        }
    }

    /// A signal's way down through a normalisation of `input`, of which there is one picture or one for each target; `None` where
    /// burn's operations are to be used.
    pub(crate) fn denormalise(
        &self,
        signal: &Signal,
        input: &Tensor<4>,
        constants: &Lrn,
        rule: ReluRule,
    ) -> Option<Signal> {
        if self.kernels == Kernels::Plain || rule == ReluRule::Deconvnet {
            return None;
        }
        let windows = signal.windows().clone();
        let input = windows.cut(input.clone());
        let values = tensors::denormalise(&signal.values(), &input, &across(constants)?)?;
        Some(Signal::new(values, windows).kept_inside())
    }

    /// What `windows` on maps `[1, maps, rows, cols]` hold, with each target's own values laid over them, and `outside` where no map
    /// is; `None` where burn's operations are to be used.
    pub(crate) fn overlaid(
        &self,
        maps: &Tensor<4>,
        windows: &Windows,
        values: &Tensor<4>,
        at: &Windows,
        outside: f32,
    ) -> Option<Tensor<4>> {
        let is_own = self.kernels == Kernels::Own;
        let laid = || tensors::overlaid(maps, &windows.places(), values, &at.places(), outside);
        is_own.then(laid).flatten()
    }

    /// A convolution's filters for the way down; `None` where burn's operations are to be used.
    pub(crate) fn turned(
        &self,
        at: usize,
        weight: &Tensor<4>,
        layer: &Conv,
    ) -> Option<&transpose::Transposed> {
        self.geometry(layer)?;
        let turned = self.packed[at]
            .down
            .get_or_init(|| tensors::turn(weight, layer.groups));
        turned.as_ref()
    }
}
