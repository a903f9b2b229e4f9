//! Pool, rectifier and convolution as one operation on the way down, where the kernels for the CPU compute it: most of what an
//! unpooled signal holds is zero, and nothing dense lies between them.

use burn::tensor::{Int, Tensor};
use zfnet_kernels::tensors::{self, Way};
use zfnet_kernels::transpose::Transposed;

use crate::geometry::signal::Signal;
use crate::geometry::window::Windows;
use crate::network::architecture::Op;
use crate::network::plan::{Plan, Source};
use crate::network::{Network, Parameters};
use crate::ops::relu::ReluRule;

/// A convolution with the rectifier and the pool on top of it, given by their places in the plan.
pub(super) struct Stage {
    pub(super) pool: Option<usize>,
    pub(super) rectifier: Option<usize>,
    pub(super) convolution: usize,
}

impl Stage {
    /// A convolution alone.
    pub(super) fn of(convolution: usize) -> Self {
        Self {
            pool: None,
            rectifier: None,
            convolution,
        }
    }

    /// The stage that ends in a layer and lies above `to`, if there is one: no layer of it but the last is read by others.
    pub(super) fn ending_in(plan: &Plan, at: usize, to: Source) -> Option<Self> {
        let is = |at: Option<usize>, wanted: fn(&Op) -> bool| {
            at.filter(|at| Source::Layer(*at) > to && wanted(&plan[*at].layer.op))
        };
        let under = |passed: Option<usize>, at: Option<usize>| match passed {
            Some(passed) => plan.alone_under(passed),
            None => at,
        };
        let pool = is(Some(at), |op| matches!(op, Op::MaxPool(_)));
        let unpooled = under(pool, Some(at));
        let rectifier = is(unpooled, |op| *op == Op::Relu);
        let convolution = is(under(rectifier, unpooled), |op| matches!(op, Op::Conv(_)))?;
        Some(Self {
            pool,
            rectifier,
            convolution,
        })
    }

    /// The convolution's filters for the way down; `None` where burn's operations are to be used.
    pub(super) fn filters<'n>(&self, network: &'n Network) -> Option<&'n Transposed> {
        match (
            &network.plan[self.convolution].layer.op,
            &network.parameters[self.convolution],
        ) {
            (Op::Conv(filters), Some(Parameters::Conv(weight, _))) => {
                let kernels = &network.kernels;
                kernels.turned(self.convolution, weight, filters)
            }
            _ => None,
        }
    }

    /// A signal from the output of the stage to its input; `None` where burn's operations are to be used.
    ///
    /// # Shapes
    /// As the reverses of [`ops`](crate::ops) take them; `passed`: switches of the pool, and what the rectifier gave, where the rule
    /// asks for that.
    pub(super) fn reverse(
        &self,
        plan: &Plan,
        signal: &Signal,
        filters: &Transposed,
        passed: &(Option<Tensor<4, Int>>, Option<Tensor<4>>),
        rule: ReluRule,
    ) -> Option<Signal> {
        let lowered = self.lowered(plan, signal, filters, passed, rule)?;
        Some(lowered.kept_inside())
    }

    /// As [`Self::reverse`], with what comes to lie outside the input's frame.
    pub(super) fn lowered(
        &self,
        plan: &Plan,
        signal: &Signal,
        filters: &Transposed,
        (switches, fired): &(Option<Tensor<4, Int>>, Option<Tensor<4>>),
        rule: ReluRule,
    ) -> Option<Signal> {
        let windows = signal.windows();
        let unpooled = self.unpooled(plan, windows)?;
        let way = Way {
            pool: switches
                .as_ref()
                .map(|switches| (switches, unpooled.places())),
            positive: self.rectifier.is_some() && rule != ReluRule::Gradient,
            fired: fired.as_ref(),
        };
        let (below, stride) = under(plan, self.convolution, &unpooled);
        let values = tensors::descend(&signal.values(), &windows.places(), &way, filters, stride)?;
        Some(Signal::new(values, below))
    }

    /// The derivatives of Σ signal · y by the convolution's filters and biases, summed over the pictures, y being the output of the
    /// stage and x its input; `None` where burn's operations are to be used.
    ///
    /// # Shapes
    /// As of [`conv::gradient`](crate::ops::conv::gradient), with a signal on whole maps.
    pub(super) fn gradient(
        &self,
        network: &Network,
        x: &Tensor<4>,
        signal: &Signal,
        (switches, fired): &(Option<Tensor<4, Int>>, Option<Tensor<4>>),
    ) -> Option<Parameters> {
        let (Op::Conv(layer), Some(Parameters::Conv(weight, _))) = (
            &network.plan[self.convolution].layer.op,
            &network.parameters[self.convolution],
        ) else {
            return None;
        };
        let geometry = network.kernels.geometry(layer)?;
        let windows = signal.windows();
        let unpooled = self.unpooled(&network.plan, windows)?;
        let way = Way {
            pool: switches
                .as_ref()
                .map(|switches| (switches, unpooled.places())),
            positive: false,
            fired: fired.as_ref(),
        };
        let (signal, places) = (signal.values(), windows.places());
        let (weight, bias) =
            tensors::gradient(x, &signal, &places, &way, weight.dims(), &geometry)?;
        Some(Parameters::Conv(weight, bias))
    }

    /// The windows that a signal has when it comes to the rectifier; `None` where nothing of them lies on the maps.
    fn unpooled(&self, plan: &Plan, windows: &Windows) -> Option<Windows> {
        match self.pool {
            Some(pool) => under(plan, pool, windows).0.clipped(),
            None => Some(windows.clone()),
        }
    }
}

/// The windows below a layer that has some of its own, and their stride.
pub(super) fn under(plan: &Plan, at: usize, windows: &Windows) -> (Windows, [usize; 2]) {
    let [_, rows, cols] = plan[at].input;
    let (kernel, stride, pad) = match &plan[at].layer.op {
        Op::Conv(filters) => (filters.kernel, filters.stride, filters.pad),
        Op::MaxPool(pool) => (pool.kernel, pool.stride, pool.pad),
        op => unreachable!("layer {at} ({}) has no windows", op.name()),
    };
    let below = windows.below([rows, cols], kernel, stride, [pad[0], pad[1]]);
    (below, stride)
}
