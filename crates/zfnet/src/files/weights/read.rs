//! Bytes to network.

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use super::{Header, METADATA_KEY, Shard, no_shard};
use crate::network::kernels::{Chosen, Kernels};
use crate::network::model::Model;
use crate::network::{Network, Parameters};
use crate::{Error, Result};

impl Network {
    /// Reads a first shard.
    ///
    /// # Errors
    /// [`Error::Weights`] naming the tensor or field that does not fit, [`Error::Architecture`] for an impossible table.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self> {
        let (header, tensors) = parse(bytes)?;
        let plan = header.model.plan()?;
        if let Some(familiarity) = &header.familiarity {
            familiarity.check(&plan)?;
        }
        let mut network = Self {
            parameters: vec![None; plan.len()],
            kernels: Chosen::new(Kernels::Own, plan.len()),
            plan,
            model: header.model,
            mean: None,
            familiarity: header.familiarity,
            shards: Vec::new(),
            device: device.clone(),
        };
        network.take(header.shard, &tensors)?;
        Ok(network)
    }

    /// Builds a whole network from a description and a source of numbers: `values(name, shape)` gives each tensor,
    /// row-major, named as in a file (`conv1.weight`).
    ///
    /// # Errors
    /// [`Error::Weights`] when a tensor comes with too few or too many numbers, or the description does not fit itself.
    pub fn build(
        model: Model,
        device: &Device,
        mut values: impl FnMut(&str, &[usize]) -> Vec<f32>,
    ) -> Result<Self> {
        let plan = model.plan()?;
        let mut network = Self {
            parameters: Vec::with_capacity(plan.len()),
            kernels: Chosen::new(Kernels::Own, plan.len()),
            plan,
            model,
            mean: None,
            familiarity: None,
            shards: vec![Shard::All.name().into()],
            device: device.clone(),
        };
        for planned in &network.plan {
            let parameters = Parameters::gather(planned, device, |name, shape| {
                let numbers = values(&name, shape);
                let count = shape.iter().product::<usize>();
                match numbers.len() == count {
                    true => Ok(numbers),
                    false => Err(Error::weights(
                        format!("tensor {name}"),
                        format!("{count} numbers for shape {shape:?}"),
                        numbers.len().to_string(),
                    )),
                }
            })?;
            network.parameters.push(parameters);
        }
        Ok(network)
    }

    /// Reads a further shard of the same network.
    ///
    /// # Errors
    /// As [`Self::read`]; also when the shard belongs to another network. The network is unchanged then.
    pub fn add_shard(&mut self, bytes: &[u8]) -> Result<()> {
        let (header, tensors) = parse(bytes)?;
        header.model.plan()?;
        if header.model.name != self.model.name
            || header.model.architecture != self.model.architecture
        {
            return Err(Error::weights(
                "second shard",
                format!("a shard of {} with the same architecture", self.model.name),
                header.model.name,
            ));
        }
        if let Some(familiarity) = &header.familiarity {
            familiarity.check(&self.plan)?;
        }
        self.take(header.shard, &tensors)?;
        self.familiarity = header.familiarity.or_else(|| self.familiarity.take());
        Ok(())
    }

    fn take(&mut self, shard: Shard, tensors: &SafeTensors<'_>) -> Result<()> {
        let mut expected: Vec<String> = vec!["mean".into()];
        let mut found = Vec::new();
        for (at, planned) in self.plan.iter().enumerate() {
            if !shard.carries(&planned.layer.op) {
                continue;
            }
            let parameters = Parameters::gather(planned, &self.device, |name, shape| {
                let numbers = values(tensors, &name, shape);
                expected.extend([format!("{name}.scale"), name]);
                numbers
            })?;
            found.extend(parameters.map(|parameters| (at, parameters)));
        }
        let mut names = tensors.names();
        names.sort(); // the file's own order is not kept, and a message should not change from run to run
        for name in names {
            if !expected.iter().any(|known| known == name) && !name.starts_with(super::GOLDEN) {
                return Err(Error::weights(
                    format!("tensor {name}"),
                    format!("a tensor of the {} shard's layers", shard.name()),
                    "a layer that the architecture or the shard does not have",
                ));
            }
        }
        if tensors.tensor("mean").is_ok() {
            self.mean = Some(tensor(tensors, "mean", self.plan.input(), &self.device)?);
        }
        for (at, parameters) in found {
            self.parameters[at] = Some(parameters);
            self.kernels.forget(at);
        }
        self.shards.push(shard.name().into());
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Result<(Header, SafeTensors<'_>)> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(no_shard(bytes))?;
    let json = metadata
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(METADATA_KEY))
        .ok_or_else(|| {
            Error::weights(
                "metadata",
                format!("the key {METADATA_KEY} with the network's description"),
                "no such key",
            )
        })?;
    // The version first: a newer format may describe things that this one cannot even name.
    #[derive(Deserialize)]
    struct Version {
        format: u32,
        #[serde(default)]
        shard: serde_json::Value,
    }
    let not_json = |e: serde_json::Error| {
        Error::weights(
            "metadata",
            "the JSON of a network's description",
            e.to_string(),
        )
    };
    let Version { format, shard } = serde_json::from_str(json).map_err(not_json)?;
    if format != crate::network::model::FORMAT {
        return Err(Error::weights(
            "format version",
            crate::network::model::FORMAT.to_string(),
            format.to_string(),
        ));
    }
    if shard == Shard::Head.name() {
        return Err(Error::weights(
            "shard",
            "features, classifier or all, which make a network",
            "head, which goes on top of one",
        ));
    }
    let header = serde_json::from_str(json).map_err(not_json)?;
    Ok((
        header,
        SafeTensors::deserialize(bytes).map_err(no_shard(bytes))?,
    ))
}

fn tensor<const D: usize>(
    tensors: &SafeTensors<'_>,
    name: &str,
    shape: [usize; D],
    device: &Device,
) -> Result<Tensor<D>> {
    let numbers = values(tensors, name, &shape)?;
    Ok(Tensor::from_data(TensorData::new(numbers, shape), device))
}

/// The numbers of a tensor of the given shape, in whatever precision they are stored.
pub(crate) fn values(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let subject = || format!("tensor {name}");
    let view = tensors
        .tensor(name)
        .map_err(|_| Error::weights(subject(), format!("shape {shape:?}"), "no such tensor"))?;
    if view.shape() != shape {
        return Err(Error::weights(
            subject(),
            format!("shape {shape:?}"),
            format!("shape {:?}", view.shape()),
        ));
    }
    let data = view.data();
    let numbers: Vec<f32> = match view.dtype() {
        Dtype::F32 => data
            .as_chunks()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect(),
        Dtype::F16 => data
            .as_chunks()
            .0
            .iter()
            .map(|b| half::f16::from_le_bytes(*b).to_f32())
            .collect(),
        Dtype::BF16 => data
            .as_chunks()
            .0
            .iter()
            .map(|b| half::bf16::from_le_bytes(*b).to_f32())
            .collect(),
        Dtype::I8 => {
            let channels = shape.first().copied().unwrap_or(1);
            let scales = values(tensors, &format!("{name}.scale"), &[channels])?;
            let channel = data.len() / channels.max(1);
            data.chunks(channel.max(1))
                .zip(&scales)
                .flat_map(|(bytes, scale)| bytes.iter().map(move |b| f32::from(*b as i8) * scale))
                .collect()
        }
        other => {
            return Err(Error::weights(
                subject(),
                "F32, F16, BF16 or I8",
                format!("{other:?}"),
            ));
        }
    };
    match numbers.iter().position(|v| !v.is_finite()) {
        Some(at) => Err(Error::weights(
            subject(),
            "finite numbers",
            format!("{} at position {at}", numbers[at]),
        )),
        None => Ok(numbers),
    }
}
