//! Replays a golden case: a small network with the numbers that an independent program found for it.
//!
//! The tests replay them natively and in the browser, and the page replays one at start to see whether its device
//! computes what it should.

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use crate::deconvnet::projection::{ReluRule, Targets, project};
pub use crate::files::weights::GOLDEN as PREFIX;
use crate::files::weights::values;
use crate::network::Network;
use crate::network::kernels::Kernels;
use crate::readback;
use crate::{Error, Result};

/// How a replay went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// Numbers compared.
    pub checks: usize,
    /// The largest difference, relative to the largest expected number of its tensor.
    pub worst: f32,
    /// Which tensor it was in.
    pub worst_in: String,
    /// The largest difference allowed.
    pub tolerance: f32,
}

impl Replay {
    /// Whether every number was near enough.
    pub fn passed(&self) -> bool {
        self.worst <= self.tolerance
    }

    fn compare(&mut self, name: &str, expected: &[f32], found: &[f32]) {
        let largest = expected.iter().fold(1e-6f32, |most, v| most.max(v.abs()));
        let difference = match expected.len() == found.len() {
            true => expected.iter().zip(found).fold(0f32, |most, (e, f)| {
                most.max(if f.is_finite() {
                    (e - f).abs()
                } else {
                    f32::INFINITY
                })
            }),
            false => f32::INFINITY,
        };
        self.checks += expected.len();
        if difference / largest > self.worst {
            self.worst = difference / largest;
            self.worst_in = name.into();
        }
    }
}

#[derive(Deserialize)]
struct Golden {
    tolerance: f32,
    #[serde(default)]
    projections: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    tensor: String,
    #[serde(default)]
    image: usize,
    rule: ReluRule,
    target: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    Unit {
        layer: String,
        map: usize,
        row: usize,
        col: usize,
    },
    Map {
        layer: String,
        map: usize,
    },
    Class(usize),
}

impl From<&Target> for Targets {
    fn from(target: &Target) -> Self {
        match target {
            Target::Unit {
                layer,
                map,
                row,
                col,
            } => Self::Units(layer.clone(), vec![[*map, *row, *col]]),
            Target::Map { layer, map } => Self::Maps(layer.clone(), vec![*map]),
            Target::Class(class) => Self::Classes(vec![*class]),
        }
    }
}

/// What a golden file holds besides its network.
struct Case<'f> {
    golden: Golden,
    tensors: SafeTensors<'f>,
}

impl<'f> Case<'f> {
    fn read(bytes: &'f [u8]) -> Result<Self> {
        let broken = |e: safetensors::SafeTensorError| {
            Error::weights("golden file", "a whole safetensors file", e.to_string())
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let json = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get("golden"));
        let golden = json
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| {
                Error::weights(
                    "metadata",
                    "the key golden with the case's description",
                    "none that can be read",
                )
            })?;
        Ok(Self { golden, tensors })
    }

    fn holds(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// The numbers of a tensor, whole ones too.
    fn expected(&self, name: &str) -> Result<Vec<f32>> {
        let view = self.tensors.tensor(name).map_err(|_| {
            Error::weights(
                format!("tensor {name}"),
                "numbers to compare with",
                "no such tensor",
            )
        })?;
        let whole = |four: &[u8; 4]| i32::from_le_bytes(*four) as f32;
        match view.dtype() {
            Dtype::I32 => Ok(view.data().as_chunks().0.iter().map(whole).collect()),
            _ => values(&self.tensors, name, view.shape()),
        }
    }
}

/// Runs the network of a golden file and compares every activation, switch and projection that the file holds.
///
/// # Errors
/// [`Error::Weights`] for a file that is no golden case; device failures as [`Error::Execution`]. Differing numbers are
/// not an error but in the result.
pub async fn replay(bytes: &[u8], device: &Device, kernels: Kernels) -> Result<Replay> {
    let network = Network::read(bytes, device)?.with_kernels(kernels);
    let case = Case::read(bytes)?;
    let mut result = Replay {
        checks: 0,
        worst: 0.0,
        worst_in: "none".into(),
        tolerance: case.golden.tolerance,
    };
    let [channels, rows, cols] = network.model.input_shape();
    let input = case.expected("golden.input")?;
    let pictures = input.len() / (channels * rows * cols);
    let input = TensorData::new(input, [pictures, channels, rows, cols]);
    let trace = network.forward(Tensor::<4>::from_data(input, device))?;
    for record in &trace.layers {
        let name = format!("golden.activation.{}", record.name);
        if case.holds(&name) {
            let found = readback::floats(record.activation.clone()).await?;
            result.compare(&name, &case.expected(&name)?, &found);
        }
        let name = format!("golden.switches.{}", record.name);
        if let Some(switches) = record.switches.clone().filter(|_| case.holds(&name)) {
            let found = readback::floats(switches.float()).await?;
            result.compare(&name, &case.expected(&name)?, &found);
        }
    }
    for projection in &case.golden.projections {
        let Expected {
            tensor,
            image,
            rule,
            target,
        } = projection;
        let projections = project(&network, &trace, *image, &target.into(), *rule)?;
        let found = projections.on_whole_input([rows, cols]).await?;
        result.compare(tensor, &case.expected(tensor)?, &found[0]);
    }
    Ok(result)
}
