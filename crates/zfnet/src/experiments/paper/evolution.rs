//! How features evolved during training (paper section 4, figure 4): a training's checkpoints, what a map of each of them sees
//! in a picture, and how far every layer went from one to the next.
//!
//! Nothing here holds a checkpoint's weights: whoever asks reads one, asks, and drops it before the next one. Traces may
//! stay, so that the answers of two checkpoints can be compared without their weights.

mod growth;
mod record;

use std::collections::BTreeMap;

use burn::tensor::Tensor;

pub use self::growth::{FeatureMap, Follower, Growth, Seen, Settings, Stage};
use crate::deconvnet::projection::{Projections, ReluRule, Targets, project};
use crate::error::demand;
use crate::network::Network;
use crate::network::trace::{Trace, Unit};
use crate::readback::Readback;
use crate::{Error, Result};

/// What one map of a checkpoint sees in a picture.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The map's strongest unit.
    pub unit: Unit,
    /// Its answer, after the rectifier that follows; not above 0 for a map that is silent on this picture.
    pub activation: f32,
    /// Its projection, the only one.
    pub projections: Projections,
}

/// The strongest unit of a map on the first picture of a checkpoint's trace, projected.
///
/// # Errors
/// [`Error::UnknownLayer`], [`Error::OutOfRange`] for a map that the layer does not have, or [`Error::Execution`].
pub async fn frame(
    network: &Network,
    trace: &Trace,
    layer: &str,
    map: usize,
    rule: ReluRule,
) -> Result<Frame> {
    let answers = trace.strongest(0, &[layer]).await?.swap_remove(0);
    let answer = answers
        .get(map)
        .ok_or_else(|| Error::out_of_range(format!("map of {layer}"), answers.len(), map))?;
    let target = Targets::Units(layer.into(), vec![answer.unit.into()]);
    Ok(Frame {
        unit: answer.unit,
        activation: answer.activation,
        projections: project(network, trace, 0, &target, rule)?,
    })
}

/// The `count` maps of a layer with the strongest units on the first picture of a trace, the strongest first; fewer
/// where the layer has fewer. Equals keep the order of the maps.
///
/// # Errors
/// [`Error::UnknownLayer`] or [`Error::Execution`].
pub async fn strongest_maps(trace: &Trace, layer: &str, count: usize) -> Result<Vec<usize>> {
    let mut answers = trace.strongest(0, &[layer]).await?.swap_remove(0);
    answers.sort_by(|a, b| b.activation.total_cmp(&a.activation));
    answers.truncate(count);
    Ok(answers.into_iter().map(|answer| answer.unit.map).collect())
}

/// How far each layer's answers to one picture went between two checkpoints: ‖b − a‖ / ‖b‖, layer by layer, `a` before
/// and `b` after.
///
/// 0 for a layer that answers as before; 1 for one that began to answer, and also for one that fell silent.
///
/// # Errors
/// [`Error::UnknownLayer`] for a layer that did not run, [`Error::OutOfRange`] for traces of other shapes, or
/// [`Error::Execution`].
pub async fn moved(before: &Trace, after: &Trace, layers: &[&str]) -> Result<Vec<f32>> {
    let mut pairs = Vec::with_capacity(layers.len());
    for layer in layers {
        let (a, b) = (before.layer(layer)?.answer(), after.layer(layer)?.answer());
        same_shape(layer, &b.dims(), &a.dims())?;
        pairs.push((a, b));
    }
    distances(pairs).await
}

/// How far each layer's weights went between two checkpoints: ‖b − a‖ / ‖b‖, for every layer whose weights both have.
///
/// Biases are left out. Where the training went on to larger pictures, the earlier network is brought to their size
/// first, as the training did.
///
/// # Errors
/// [`Error::UnknownLayer`] or [`Error::OutOfRange`] for networks of other layers, [`Error::Architecture`] where the
/// earlier one has no room for the later one's pictures, or [`Error::Execution`].
pub async fn weights_moved(before: &Network, after: &Network) -> Result<BTreeMap<String, f32>> {
    let size = after.model.input.size;
    let resized = match before.model.input.size == size {
        true => None,
        false => Some(before.with_mean(None).at_size(size)?),
    };
    let before = resized.as_ref().unwrap_or(before);
    let mut names = Vec::new();
    let mut pairs = Vec::new();
    let loaded = after.plan.iter().zip(after.parameters());
    for (name, b) in loaded.filter_map(|(planned, b)| Some((&planned.layer.name, b.as_ref()?))) {
        if let Some(a) = &before.parameters()[before.plan.position(name)?] {
            same_shape(name, &b.shape(), &a.shape())?;
            names.push(name.clone());
            pairs.push((a.rows(), b.rows()));
        }
    }
    Ok(names.into_iter().zip(distances(pairs).await?).collect())
}

/// ‖b − a‖ / ‖b‖ of each pair, in one read.
async fn distances<const D: usize>(pairs: Vec<(Tensor<D>, Tensor<D>)>) -> Result<Vec<f32>> {
    let count = pairs.len();
    let mut readback = Readback::default();
    for (a, b) in pairs {
        let step = b.clone() - a;
        readback = readback
            .floats((step.clone() * step).sum())
            .floats((b.clone() * b).sum());
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut answers = readback.read().await?;
    let mut sum = || -> Result<f32> {
        let values = answers.floats()?;
        values
            .first()
            .copied()
            .ok_or_else(|| Error::Execution("a sum of no numbers".into()))
    };
    (0..count)
        .map(|_| {
            let (step, length) = (sum()?, sum()?);
            match (step, length) {
                (step, length) if !(step + length).is_finite() => Err(Error::Execution(format!(
                    "squares that sum to {step} and {length}"
                ))),
                (0.0, _) => Ok(0.0),
                (_, 0.0) => Ok(1.0),
                _ => Ok((step / length).sqrt()),
            }
        })
        .collect()
}

fn same_shape(layer: &str, expected: &[usize], found: &[usize]) -> Result<()> {
    demand(
        expected == found,
        format!("shape of {layer} in the checkpoint before"),
        format!("{expected:?}"),
        format!("{found:?}"),
    )
}
