//! Another head on a network's features: their last maps are averaged, and one dense layer names the class (the form that
//! class activation maps need, Zhou et al. 2016). A head is a file of a few kilobytes that goes on top of the features that
//! it was trained on, and shares their weights.

use std::collections::HashMap;

use burn::tensor::{Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::manifest::hexadecimal;
use crate::files::weights::{METADATA_KEY, Shard, no_shard, unreadable, values};
use crate::network::architecture::{Architecture, Dense, Layer, Op};
use crate::network::model::{ClassName, FORMAT, Model};
use crate::network::{Network, Parameters};
use crate::readback::{self, Readback};
use crate::{Error, Result};

/// What a head's file says of it besides its numbers; the JSON under the metadata key `zf-lens`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the weights format.
    pub format: u32,
    /// That it is a head: [`Shard::Head`].
    pub shard: Shard,
    /// Its name, such as `gap`.
    pub name: String,
    /// What it goes on top of.
    pub features: Features,
    /// Its own layers, from the average to the scores.
    pub architecture: Architecture,
    /// Names of the classes, in the order of its scores.
    #[serde(default)]
    pub classes: Vec<ClassName>,
    /// Data, recipe, accuracy: free form, shown as it is.
    #[serde(default)]
    pub provenance: serde_json::Value,
}

/// The layers that a head goes on top of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Name of their network.
    pub network: String,
    /// The last of them, whose output enters the head.
    pub last: String,
    /// SHA-256 of their weights and biases, in lower-case hexadecimal: of the numbers as the network computes with them (F32,
    /// little-endian, in the order of the table), whatever file they come from.
    pub sha256: String,
}

/// Where a network averages its maps, and where it weighs the averages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Averaging {
    /// Place in [`Network::plan`] of the global average.
    pub gap: usize,
    /// Place of the dense layer above, the last layer.
    pub dense: usize,
}

impl Head {
    /// What a head's file says of it.
    ///
    /// # Errors
    /// [`Error::Weights`] when it is none, or of another format version.
    pub fn read(shard: &[u8]) -> Result<Self> {
        description(shard)
    }

    /// A head of that name for so many classes on a network's features, up to its [last maps](crate::network::plan::Plan::last_maps).
    ///
    /// # Errors
    /// [`Error::Architecture`] for a network without maps, or whose last maps are of one place, [`Error::NotLoaded`] when its
    /// weights are not there, [`Error::Execution`].
    pub async fn gap(network: &Network, name: &str, classes: usize) -> Result<Self> {
        let plan = &network.plan;
        let several = |at: &usize| plan[*at].output[1..] != [1, 1];
        let last = plan.last_maps().filter(several);
        let last = last.ok_or_else(|| Error::Architecture {
            layer: plan.output().layer.name.clone(),
            expected: "maps of several places below it, which a head can average".into(),
            found: "none".into(),
        })?;
        Ok(Self {
            format: FORMAT,
            shard: Shard::Head,
            name: name.into(),
            features: Features {
                network: network.model.name.clone(),
                last: plan[last].layer.name.clone(),
                sha256: network.features_sha256(last).await?,
            },
            architecture: Architecture {
                layers: vec![
                    Layer::new("gap", Op::Gap),
                    Layer::new("scores", Op::Dense(Dense { out: classes })),
                ],
            },
            classes: Vec::new(),
            provenance: serde_json::Value::Null,
        })
    }
}

/// Whether a network ends in a head that was trained on with attention mining (GAIN), as the head says of itself.
pub fn mined(model: &Model) -> bool {
    model.provenance["head"]["recipe"]["gain"].is_object()
}

impl Network {
    /// Whether scores are averages of maps, or averages that are weighed once: whether there are class activation maps.
    pub fn averages(&self) -> bool {
        self.plan[self.plan.top()].layer.op == Op::Gap || self.averaging().is_ok()
    }

    /// Where the network averages its maps, if it ends in a global average and one dense layer.
    ///
    /// # Errors
    /// [`Error::Architecture`] when it does not.
    pub fn averaging(&self) -> Result<Averaging> {
        let dense = self.plan.top();
        let below = self.plan.upto(dense).into_iter().filter(|at| *at != dense);
        let gap = { below }
            .rfind(|at| !matches!(self.plan[*at].layer.op, Op::Dropout(_)))
            .filter(|at| self.plan[*at].layer.op == Op::Gap);
        match (gap, &self.plan[dense].layer.op) {
            (Some(gap), Op::Dense(_)) => Ok(Averaging { gap, dense }),
            (_, op) => Err(Error::Architecture {
                layer: self.plan[dense].layer.name.clone(),
                expected: "a network that ends in a global average of its maps and one dense layer"
                    .into(),
                found: match op {
                    Op::Dense(_) => "a dense layer on other than averages".into(),
                    op => op.name().into(),
                },
            }),
        }
    }

    /// The features of this network with a head on them; the features' weights are shared, not copied.
    ///
    /// # Errors
    /// [`Error::Weights`] when `shard` is no head or one of other features, [`Error::NotLoaded`] without the features'
    /// weights, [`Error::Architecture`] for an impossible table, [`Error::Execution`].
    pub async fn with_head(&self, shard: &[u8]) -> Result<Self> {
        let head = Head::read(shard)?;
        let last = self.place_below(&head)?;
        let found = self.features_sha256(last).await?;
        if found != head.features.sha256 {
            let named = |network: &str, sha256: &str| {
                format!(
                    "{network} with SHA-256 {}…",
                    &sha256[..sha256.len().min(12)]
                )
            };
            return Err(Error::weights(
                format!("head {}", head.name),
                format!(
                    "the features that it was trained on, {}",
                    named(&head.features.network, &head.features.sha256)
                ),
                named(&self.model.name, &found),
            ));
        }
        let tensors = SafeTensors::deserialize(shard).map_err(no_shard(shard))?;
        let blank = self.headed(&head, |_, _| None)?;
        let own = blank.plan.iter().skip(last + 1);
        let own = own.filter(|planned| planned.layer.op.has_parameters());
        let mut read = HashMap::new();
        for planned in own {
            let name = &planned.layer.name;
            let [maps, rows, cols] = planned.input;
            let [out, _, _] = planned.output;
            let shape = [out, maps * rows * cols];
            let weight = values(&tensors, &format!("{name}.weight"), &shape)?;
            let bias = values(&tensors, &format!("{name}.bias"), &[out])?;
            let weight = Tensor::from_data(TensorData::new(weight, shape), &self.device);
            let bias = Tensor::from_data(TensorData::new(bias, [out]), &self.device);
            read.insert(name.clone(), Parameters::Dense(weight, bias));
        }
        self.headed(&head, |name, _| read.remove(name))
    }

    /// The features of this network with a head on them whose weights `parameters(layer, shape)` gives; a layer for which
    /// it gives none is known but cannot run. Whether the head was trained on these features is not asked.
    ///
    /// # Errors
    /// [`Error::UnknownLayer`] when the layer below the head is not there, [`Error::NotLoaded`] when its weights are not,
    /// [`Error::Architecture`] for an impossible table, [`Error::Weights`] for weights of another shape.
    pub fn headed(
        &self,
        head: &Head,
        mut parameters: impl FnMut(&str, &[usize]) -> Option<Parameters>,
    ) -> Result<Self> {
        let last = self.place_below(head)?;
        let mut model = self.model.clone();
        model.name = format!("{}-{}", self.model.name, head.name);
        model.architecture.layers.truncate(last + 1);
        let own = head.architecture.layers.iter().cloned();
        model.architecture.layers.extend(own);
        model.classes.clone_from(&head.classes);
        model.provenance = serde_json::json!({
            "features": self.model.provenance,
            "head": head.provenance,
        });
        let plan = model.plan()?;
        let mut all = self.parameters[..=last].to_vec();
        for planned in plan.iter().skip(last + 1) {
            let name = &planned.layer.name;
            let [maps, rows, cols] = planned.input;
            let shape = [planned.output[0], maps * rows * cols];
            let given = match planned.layer.op {
                Op::Dense(_) => parameters(name, &shape),
                _ => None,
            };
            if let Some(given) = given.as_ref().filter(|given| given.shape() != shape) {
                return Err(Error::weights(
                    format!("tensor {name}.weight"),
                    format!("shape {shape:?}"),
                    format!("shape {:?}", given.shape()),
                ));
            }
            all.push(given);
        }
        let mut shards = self.shards.clone();
        shards.push(Shard::Head.name().into());
        let network = Self {
            kernels: self.kernels.anew(plan.len()),
            model,
            plan,
            parameters: all,
            familiarity: None,
            shards,
            ..self.clone()
        };
        network.averaging()?;
        Ok(network)
    }

    /// Writes the head of a network that [`Self::headed`] made: its dense layers in F32.
    ///
    /// # Errors
    /// [`Error::NotLoaded`] when one has no weights, [`Error::Execution`].
    pub async fn write_head(&self, head: &Head) -> Result<Vec<u8>> {
        let last = self.place_below(head)?;
        let mut stored: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
        for (planned, parameters) in self.plan.iter().zip(&self.parameters).skip(last + 1) {
            let name = &planned.layer.name;
            let parameters = match parameters {
                Some(parameters) => parameters,
                None if planned.layer.op.has_parameters() => return Err(self.not_loaded(name)),
                None => continue,
            };
            let weight = readback::floats(parameters.rows()).await?;
            let bias = readback::floats(parameters.bias()).await?;
            let bytes = |numbers: Vec<f32>| numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
            let out = bias.len();
            stored.push((format!("{name}.weight"), parameters.shape(), bytes(weight)));
            stored.push((format!("{name}.bias"), vec![out], bytes(bias)));
        }
        let json = serde_json::to_string(head)
            .map_err(|e| Error::weights("metadata", "JSON", e.to_string()))?;
        let views = stored.iter().map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let views: Vec<_> = views
            .collect::<std::result::Result<_, _>>()
            .map_err(unreadable)?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), json)]);
        safetensors::serialize(views, Some(metadata)).map_err(unreadable)
    }

    /// The place of the layer that a head goes on top of.
    fn place_below(&self, head: &Head) -> Result<usize> {
        let at = self.plan.position(&head.features.last)?;
        self.must_run(at)?;
        Ok(at)
    }

    /// SHA-256 of the weights and biases of the layers up to `last`.
    async fn features_sha256(&self, last: usize) -> Result<String> {
        let mut readback = Readback::default();
        let mut tensors = 0;
        for at in self.plan.upto(last) {
            let planned = &self.plan[at];
            match &self.parameters[at] {
                Some(parameters) => {
                    readback = readback.floats(parameters.rows()).floats(parameters.bias());
                    tensors += 2;
                }
                None if planned.layer.op.has_parameters() => {
                    return Err(self.not_loaded(&planned.layer.name));
                }
                None => {}
            }
        }
        let mut answers = readback.read().await?;
        let mut hash = Sha256::new();
        for _ in 0..tensors {
            let bytes: Vec<u8> = answers
                .floats()?
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            hash.update(bytes);
        }
        Ok(hexadecimal(&hash.finalize()))
    }
}

fn description(shard: &[u8]) -> Result<Head> {
    let (_, metadata) = SafeTensors::read_metadata(shard).map_err(no_shard(shard))?;
    let entries = metadata.metadata().as_ref();
    let json = entries
        .and_then(|entries| entries.get(METADATA_KEY))
        .ok_or_else(|| {
            Error::weights(
                "head",
                format!("the key {METADATA_KEY} in its metadata"),
                "no such key",
            )
        })?;
    let unfit = |e: serde_json::Error| Error::weights("head", "a head's JSON", e.to_string());
    // What kind of file first: a network has none of a head's other fields.
    #[derive(Deserialize)]
    struct Kind {
        format: u32,
        #[serde(default)]
        shard: serde_json::Value,
    }
    let Kind { format, shard } = serde_json::from_str(json).map_err(unfit)?;
    if format != FORMAT {
        return Err(Error::weights(
            "format version",
            FORMAT.to_string(),
            format.to_string(),
        ));
    }
    match shard == Shard::Head.name() {
        true => serde_json::from_str(json).map_err(unfit),
        false => Err(Error::weights(
            "head",
            "the shard \"head\"",
            format!("the shard {shard}"),
        )),
    }
}
