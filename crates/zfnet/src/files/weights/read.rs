//! Bytes to network.

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use super::{Header, METADATA_KEY, Shard, no_shard};
use crate::network::kernels::{Chosen, Kernels};
use crate::network::model::Model;
use crate::network::{Network, Parameters};
use crate::{Error, Result};

impl Shard {
    /// What a file carries.
    ///
    /// # Errors
    /// [`Error::Weights`] for what is no shard of a network.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        Ok(parse(bytes)?.0.shard)
    }
}

impl Network {
    /// Reads a first shard.
    ///
    /// # Errors
    /// [`Error::Weights`] naming the tensor or field that does not fit, [`Error::Architecture`] for an impossible table.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self> {
        let (header, tensors) = parse(bytes)?;
        let mut network = Self::described(header.model, device)?;
        if let Some(familiarity) = &header.familiarity {
            familiarity.check(&network.plan)?;
        }
        network.familiarity = header.familiarity;
        network.take(header.shard, &tensors)?;
        Ok(network)
    }

    /// A network of which no weights are there yet.
    ///
    /// # Errors
    /// As [`Model::plan`].
    pub fn described(model: Model, device: &Device) -> Result<Self> {
        let plan = model.plan()?;
        Ok(Self {
            parameters: vec![None; plan.len()],
            kernels: Chosen::new(Kernels::Own, plan.len()),
            plan,
            model,
            mean: None,
            familiarity: None,
            shards: Vec::new(),
            device: device.clone(),
        })
    }

    /// Builds a whole network from a description and a source of numbers: `values(name, shape)` gives each tensor,
    /// row-major, named as in a file (`conv1.weight`).
    ///
    /// # Errors
    /// [`Error::Weights`] when a tensor comes with too few or too many numbers, or the description does not fit itself.
    pub fn build(
        model: Model,
        device: &Device,
        values: impl FnMut(&str, &[usize]) -> Vec<f32>,
    ) -> Result<Self> {
        let mut network = Self::described(model, device)?;
        network.fill(Shard::All, values)?;
        Ok(network)
    }

    /// Refuses what does not describe this network.
    ///
    /// # Errors
    /// [`Error::Weights`] when it has another name or another table, [`Error::Architecture`] for an impossible one.
    pub fn must_be_of(&self, model: &Model) -> Result<()> {
        model.plan()?;
        match model.name == self.model.name && model.architecture == self.model.architecture {
            true => Ok(()),
            false => Err(Error::weights(
                "second shard",
                format!("a shard of {} with the same architecture", self.model.name),
                &model.name,
            )),
        }
    }

    /// Gives a shard's layers their weights, as [`Self::build`] does.
    ///
    /// # Errors
    /// [`Error::Weights`] when a tensor comes with too few or too many numbers. The network is unchanged then.
    pub fn fill(
        &mut self,
        shard: Shard,
        mut values: impl FnMut(&str, &[usize]) -> Vec<f32>,
    ) -> Result<()> {
        let found = self.gather(shard, |name, shape| {
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
        self.hold(shard, found);
        Ok(())
    }

    /// Reads a further shard of the same network.
    ///
    /// # Errors
    /// As [`Self::read`]; also when the shard belongs to another network. The network is unchanged then.
    pub fn add_shard(&mut self, bytes: &[u8]) -> Result<()> {
        let (header, tensors) = parse(bytes)?;
        self.must_be_of(&header.model)?;
        if let Some(familiarity) = &header.familiarity {
            familiarity.check(&self.plan)?;
        }
        self.take(header.shard, &tensors)?;
        self.familiarity = header.familiarity.or_else(|| self.familiarity.take());
        Ok(())
    }

    fn take(&mut self, shard: Shard, tensors: &SafeTensors<'_>) -> Result<()> {
        let mut expected: Vec<String> = vec!["mean".into()];
        let found = self.gather(shard, |name, shape| {
            let numbers = values(tensors, &name, shape);
            expected.extend([format!("{name}.scale"), name]);
            numbers
        })?;
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
        self.hold(shard, found);
        Ok(())
    }

    /// A shard's weights, by the places of their layers.
    fn gather(
        &self,
        shard: Shard,
        mut numbers: impl FnMut(String, &[usize]) -> Result<Vec<f32>>,
    ) -> Result<Vec<(usize, Parameters)>> {
        let mut found = Vec::new();
        for (at, planned) in self.plan.iter().enumerate() {
            if shard.carries(&planned.layer.op) {
                let parameters = Parameters::gather(planned, &self.device, &mut numbers)?;
                found.extend(parameters.map(|parameters| (at, parameters)));
            }
        }
        Ok(found)
    }

    fn hold(&mut self, shard: Shard, found: Vec<(usize, Parameters)>) {
        for (at, parameters) in found {
            self.parameters[at] = Some(parameters);
            self.kernels.forget(at);
        }
        self.shards.push(shard.name().into());
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
            // Their number, which an iterator of iterators does not know: growing takes three times the room.
            let mut numbers = Vec::with_capacity(data.len());
            for (bytes, scale) in data.chunks(channel.max(1)).zip(&scales) {
                numbers.extend(bytes.iter().map(|b| f32::from(*b as i8) * scale));
            }
            numbers
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
