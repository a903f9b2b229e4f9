//! The classes' scores, what one of them owes to everything below it, and a layer's maps weighed by that.

use burn::tensor::{Tensor, TensorData};

use crate::deconvnet::projection::{ReluRule, carry_down};
use crate::network::Network;
use crate::network::plan::{PlannedLayer, Source};
use crate::network::trace::Trace;
use crate::{Error, Result};

/// The scores of a trace that reached the top, before any softmax: `[pictures, classes]`.
///
/// # Errors
/// [`Error::NotLoaded`] for a trace that ends below the top, [`Error::OutOfRange`] for one of another network,
/// [`Error::Architecture`] for a network that ends in maps.
pub(crate) fn scores(network: &Network, trace: &Trace) -> Result<Tensor<2>> {
    if let Some(missing) = network.missing_in(trace) {
        return Err(network.not_loaded(&missing.layer.name));
    }
    let (expected, found) = (network.plan.len(), trace.layers.len());
    if found > expected {
        return Err(Error::refused("layers of the trace", expected, found));
    }
    trace
        .logits()
        .ok_or_else(|| no_scores(network.plan.output()))
}

/// What is wrong with a network whose last layer has maps.
pub(crate) fn no_scores(last: &PlannedLayer) -> Error {
    let [_, rows, cols] = last.output;
    Error::Architecture {
        layer: last.layer.name.clone(),
        expected: "one number for each class".into(),
        found: format!("maps of {rows}×{cols}"),
    }
}

/// The scores, `[pictures, classes]`, where the whole network ran and ends in a classifier.
pub(crate) fn scores_if_any(network: &Network, trace: &Trace) -> Option<Tensor<2>> {
    network.plan.classes()?;
    match network.missing_in(trace) {
        None => trace.logits(),
        Some(_) => None,
    }
}

/// The derivative of a class's score (or what another rule makes of it) for each picture of a trace that reached the top, by the
/// input or by what a layer puts out: `[pictures, maps, rows, cols]` of that.
pub(crate) fn slope(
    network: &Network,
    trace: &Trace,
    class: usize,
    to: Source,
    rule: ReluRule,
) -> Tensor<4> {
    let (pictures, top) = (trace.pictures(), network.plan.top());
    let [_, classes, rows, cols] = trace.layers[top].activation.dims();
    let mut one = vec![0f32; pictures * classes];
    one.iter_mut()
        .skip(class)
        .step_by(classes)
        .for_each(|value| *value = 1.0);
    let shape = [pictures, classes, rows, cols];
    let signal = Tensor::from_data(TensorData::new(one, shape), &trace.input.device());
    carry_down(network, trace, signal, top, to, rule)
}

/// Σ mean derivative · map of the layer at `at`, `[pictures, 1, rows, cols]`; signed. Its rectified form is Grad-CAM.
pub(crate) fn weighed_maps(network: &Network, trace: &Trace, class: usize, at: usize) -> Tensor<4> {
    let derivative = slope(network, trace, class, Source::Layer(at), ReluRule::Gradient);
    let weights = derivative.mean_dim(2).mean_dim(3);
    (trace.layers[at].activation.clone() * weights).sum_dim(1)
}
