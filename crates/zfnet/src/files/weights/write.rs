//! Network to bytes.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, TensorView};

use super::{Header, METADATA_KEY, Precision, Shard, unreadable};
use crate::network::Network;
use crate::network::architecture::Op;
use crate::readback::Readback;
use crate::{Error, Result};

impl Network {
    /// Writes a shard of this network.
    ///
    /// # Errors
    /// [`Error::Weights`] for a head, which [`Network::write_head`] writes, [`Error::NotLoaded`] when a layer of the shard has
    /// no weights, [`Error::Execution`] when the device fails.
    pub async fn write(&self, shard: Shard, precision: Precision) -> Result<Vec<u8>> {
        if shard == Shard::Head {
            return Err(Error::weights(
                "shard to write",
                "features, classifier or all",
                "head",
            ));
        }
        let mut readback = Readback::default();
        let mut parts: Vec<(String, Vec<usize>)> = Vec::new();
        for (planned, parameters) in self.plan.iter().zip(&self.parameters) {
            if !shard.carries(&planned.layer.op) {
                continue;
            }
            let name = &planned.layer.name;
            let Some(parameters) = parameters else {
                return Err(self.not_loaded(name));
            };
            readback = readback.floats(parameters.rows());
            parts.push((format!("{name}.weight"), parameters.shape()));
            // A layer of slopes shifts nothing.
            if planned.layer.op != Op::Prelu {
                let bias = parameters.bias();
                parts.push((format!("{name}.bias"), bias.dims().to_vec()));
                readback = readback.floats(bias);
            }
        }
        if let Some(mean) = self.mean.as_ref().filter(|_| shard != Shard::Classifier) {
            readback = readback.floats(mean.clone());
            parts.push(("mean".into(), mean.dims().to_vec()));
        }
        let mut answers = readback.read().await?;
        let mut stored = Vec::new();
        for (name, shape) in parts {
            let values = answers.floats()?;
            store(&mut stored, name, shape, &values, precision);
        }
        let header = Header {
            model: self.model.clone(),
            shard,
            familiarity: self
                .familiarity
                .clone()
                .filter(|_| shard != Shard::Features),
        };
        let json = serde_json::to_string(&header)
            .map_err(|e| Error::weights("metadata", "JSON", e.to_string()))?;
        let views = stored.iter().map(|(name, dtype, shape, bytes)| {
            TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let views: Vec<_> = views
            .collect::<std::result::Result<_, _>>()
            .map_err(unreadable)?;
        safetensors::serialize(
            views,
            Some(HashMap::from([(METADATA_KEY.to_string(), json)])),
        )
        .map_err(unreadable)
    }
}

fn store(
    stored: &mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
    name: String,
    shape: Vec<usize>,
    values: &[f32],
    precision: Precision,
) {
    let as_f32 = |values: &[f32]| {
        values
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    match precision {
        // One number for each map has no channel to share a scale with.
        Precision::I8 if name.ends_with(".weight") && shape.len() > 1 => {
            let channels = shape[0];
            let scales: Vec<f32> = values
                .chunks(values.len() / channels)
                .map(|channel| channel.iter().fold(0f32, |most, v| most.max(v.abs())) / 127.0)
                .collect();
            let bytes = values
                .chunks(values.len() / channels)
                .zip(&scales)
                .flat_map(|(channel, &scale)| {
                    channel.iter().map(move |v| {
                        if scale == 0.0 {
                            0
                        } else {
                            (v / scale).round() as i8 as u8
                        }
                    })
                })
                .collect();
            stored.push((
                format!("{name}.scale"),
                Dtype::F32,
                vec![channels],
                as_f32(&scales),
            ));
            stored.push((name, Dtype::I8, shape, bytes));
        }
        Precision::F32 | Precision::I8 => stored.push((name, Dtype::F32, shape, as_f32(values))),
        Precision::F16 => {
            let bytes = values
                .iter()
                .flat_map(|v| half::f16::from_f32(*v).to_le_bytes())
                .collect();
            stored.push((name, Dtype::F16, shape, bytes));
        }
        Precision::Bf16 => {
            let bytes = values
                .iter()
                .flat_map(|v| half::bf16::from_f32(*v).to_le_bytes())
                .collect();
            stored.push((name, Dtype::BF16, shape, bytes));
        }
    }
}
