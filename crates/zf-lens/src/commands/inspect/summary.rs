//! What a network's weights look like in a few numbers a layer.

use anyhow::Context;
use safetensors::SafeTensors;
use serde::Serialize;
use zfnet::files::weights::Precision;

use crate::device::wait;
use crate::weights::Loaded;

/// A filter counts as dead below this share of its layer's root mean square.
const DEAD: f64 = 0.01;

/// One layer's weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LayerSummary {
    pub(super) layer: String,
    pub(super) shape: Vec<usize>,
    pub(super) min: f32,
    pub(super) max: f32,
    pub(super) rms: f64,
    /// Smallest and largest; none where a layer has no biases, as a PReLU.
    pub(super) bias_min: Option<f32>,
    pub(super) bias_max: Option<f32>,
    /// Outputs whose weights are next to nothing.
    pub(super) dead: Vec<usize>,
}

/// Summaries of all layers that are loaded, in the order of the table.
///
/// # Errors
/// When the device fails.
pub(super) fn of_network(loaded: &Loaded) -> anyhow::Result<Vec<LayerSummary>> {
    let mut found = Vec::new();
    for file in &loaded.files {
        let bytes = wait(loaded.network.write(file.shard, Precision::F32))?;
        let tensors = SafeTensors::deserialize(&bytes).context("weights")?;
        for planned in loaded
            .network
            .plan
            .iter()
            .filter(|planned| file.shard.carries(&planned.layer.op))
        {
            let name = &planned.layer.name;
            let weight = tensors
                .tensor(&format!("{name}.weight"))
                .context("weights")?;
            let bias = tensors.tensor(&format!("{name}.bias"));
            let bias = bias.map_or_else(|_| Vec::new(), |bias| numbers(bias.data()));
            found.push(summarise(
                name,
                weight.shape(),
                &numbers(weight.data()),
                &bias,
            ));
        }
    }
    let place = |layer: &str| loaded.network.plan.position(layer).ok();
    found.sort_by_key(|summary| place(&summary.layer));
    found.dedup_by(|a, b| a.layer == b.layer);
    Ok(found)
}

fn summarise(layer: &str, shape: &[usize], weights: &[f32], bias: &[f32]) -> LayerSummary {
    let rms_of = |values: &[f32]| {
        (values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / values.len().max(1) as f64)
            .sqrt()
    };
    let range = |values: &[f32]| {
        values
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| {
                (low.min(*v), high.max(*v))
            })
    };
    let rms = rms_of(weights);
    let fan_in = weights.len() / shape.first().copied().unwrap_or(1).max(1);
    let dead = weights
        .chunks(fan_in.max(1))
        .enumerate()
        .filter(|(_, filter)| rms_of(filter) <= DEAD * rms)
        .map(|(at, _)| at);
    let (min, max) = range(weights);
    let (bias_min, bias_max) = Some(range(bias)).filter(|_| !bias.is_empty()).unzip();
    LayerSummary {
        layer: layer.into(),
        shape: shape.to_vec(),
        min,
        max,
        rms,
        bias_min,
        bias_max,
        dead: dead.collect(),
    }
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_is_dead_and_a_weak_one_is_not() {
        let summary = summarise(
            "conv1",
            &[3, 2],
            &[1.0, -2.0, 0.0, 0.0, 0.1, 0.1],
            &[0.5, -0.5, 0.0],
        );
        assert_eq!(summary.dead, [1]);
        assert_eq!(
            (summary.min, summary.max, summary.bias_min, summary.bias_max),
            (-2.0, 1.0, Some(-0.5), Some(0.5))
        );
        assert!((summary.rms - (5.02f64 / 6.0).sqrt()).abs() < 1e-6);
    }
}
