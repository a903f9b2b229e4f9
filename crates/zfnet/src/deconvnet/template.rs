//! What a unit's signal is where it comes to the first pool on its way down: under the deconvnet rule its activation times a
//! fixed tensor. Up there nothing decides but filters and rectifiers of the signal itself, in which the picture has no part.

use std::collections::HashSet;

use burn::tensor::Tensor;

use super::projection::{Descent, ReluRule, one_hot};
use super::stage::{Stage, under};
use crate::geometry::signal::Signal;
use crate::geometry::window::Windows;
use crate::network::architecture::Op;
use crate::network::plan::{Plan, Source};
use crate::network::templates::Key;

/// Numbers of one template, beyond which filtering anew costs less than keeping it.
const LARGEST: usize = 1 << 16;

/// The way from a layer down to the first pool.
struct Above {
    stages: Vec<Stage>,
    /// Whose output the templates stand on.
    end: usize,
}

impl Above {
    /// From the convolution at `top`; `None` where it is no way through several convolutions, and a template would save nothing.
    fn of(plan: &Plan, top: usize) -> Option<Self> {
        let (mut stages, mut end) = (Vec::new(), top);
        let mut windows = Windows::whole([1, 1], 1);
        while let Some(stage) = Stage::ending_in(plan, end, Source::Input) {
            let Source::Layer(below) = plan.source(stage.convolution) else {
                break;
            };
            (windows, _) = under(plan, stage.convolution, &windows);
            let [maps, ..] = plan.shape(Source::Layer(below));
            if stage.pool.is_some() || maps * windows.size[0] * windows.size[1] > LARGEST {
                break;
            }
            stages.push(stage);
            end = below;
        }
        (stages.len() > 1).then_some(Self { stages, end })
    }
}

impl Descent<'_> {
    /// The signal of units of the layer at `top`, whose `activations` are `[units]`, where the picture begins to decide about it,
    /// and at which layer's output that is. `None` where it does so at once, where a unit sees nothing but padding, and where burn's operations are to be used.
    pub(super) fn by_templates(
        &self,
        top: usize,
        units: &[[usize; 3]],
        activations: &Tensor<1>,
    ) -> Option<(usize, Signal)> {
        let is_rectified = self.trace.layers[top].followed_by == Some(Op::Relu);
        if self.rule != ReluRule::Deconvnet || !is_rectified {
            return None;
        }
        let plan = &self.network.plan;
        let above = Above::of(plan, top)?;
        let has_filters = |stage: &Stage| stage.filters(self.network).is_some();
        if !above.stages.iter().all(has_filters) {
            return None;
        }
        let Along {
            keys,
            whole,
            clipped,
        } = Along::of(plan, top, &above, units)?;
        let templates = &self.network.kernels.templates;
        let mut known = templates.kept(&keys);
        let mut asked = HashSet::new();
        let is_missing = |key: &Key| !known.contains_key(key) && asked.insert(key.clone());
        let missing: Vec<bool> = keys.iter().map(is_missing).collect();
        let missing: Vec<usize> = (0..units.len()).filter(|at| missing[*at]).collect();
        if !missing.is_empty() {
            let chosen: Vec<_> = missing.iter().map(|at| units[*at]).collect();
            let windows = Windows {
                origins: missing.iter().map(|at| whole.origins[*at]).collect(),
                ..whole.clone()
            };
            let made = self.templates(top, &above, &chosen, &windows)?;
            let fresh = missing.iter().map(|at| keys[*at].clone()).zip(made);
            let fresh: Vec<_> = fresh.collect();
            templates.keep(&fresh);
            known.extend(fresh);
        }
        let all = keys.iter().map(|key| known[key].clone()).collect();
        let activations = activations.clone().reshape([units.len(), 1, 1, 1]);
        let signal = Signal::new(Tensor::cat(all, 0) * activations, whole);
        Some((above.end, signal.cut(clipped).kept_inside()))
    }

    /// The signals of units that answer 1, one by one `[1, maps, rows, cols]`, on their whole windows.
    fn templates(
        &self,
        top: usize,
        above: &Above,
        units: &[[usize; 3]],
        whole: &Windows,
    ) -> Option<Vec<Tensor<4>>> {
        let plan = &self.network.plan;
        let [maps, rows, cols] = plan.shape(Source::Layer(top));
        let chosen: Vec<usize> = units.iter().map(|unit| unit[0]).collect();
        let device = self.trace.input.device();
        let mut signal = Signal::new(
            one_hot(maps, &chosen, &device),
            Windows::of_units([rows, cols], units),
        );
        for stage in &above.stages {
            let filters = stage.filters(self.network)?;
            let kept = signal.kept_inside();
            signal = stage.lowered(plan, &kept, filters, &(None, None), self.rule)?;
        }
        let values = signal.placed(whole);
        let [units, maps, rows, cols] = values.dims();
        let one = |at| {
            values
                .clone()
                .slice([at..at + 1, 0..maps, 0..rows, 0..cols])
        };
        Some((0..units).map(one).collect())
    }
}

/// The way of units down to where their templates stand.
struct Along {
    /// What tells their templates apart.
    keys: Vec<Key>,
    /// Where the templates lie: as if the maps had no borders.
    whole: Windows,
    /// What is left of these where windows are clipped at every layer, as they are without templates.
    clipped: Windows,
}

impl Along {
    /// `None` where a unit sees nothing but padding.
    fn of(plan: &Plan, top: usize, above: &Above, units: &[[usize; 3]]) -> Option<Self> {
        let [_, rows, cols] = plan.shape(Source::Layer(top));
        let mut whole = Windows::of_units([rows, cols], units);
        let mut clipped = whole.clone();
        let mut keys: Vec<Key> = units.iter().map(|unit| (top, unit[0], vec![])).collect();
        for stage in &above.stages {
            // At the end nothing has been cut off yet, and so at the top.
            for (at, (.., inside)) in keys.iter_mut().enumerate() {
                inside.push(whole.inside(at));
            }
            (whole, _) = under(plan, stage.convolution, &whole);
            clipped = under(plan, stage.convolution, &clipped).0.clipped()?;
            let sees = |at| whole.inside(at).iter().all(|inside| !inside.is_empty());
            if !(0..units.len()).all(sees) {
                return None;
            }
        }
        Some(Self {
            keys,
            whole,
            clipped,
        })
    }
}
