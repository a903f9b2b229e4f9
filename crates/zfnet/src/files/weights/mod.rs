//! Bytes to network and back: safetensors with the model's JSON in the metadata, in shards.

mod read;
mod write;

use safetensors::SafeTensorError;
use serde::{Deserialize, Serialize};

use crate::network::architecture::Op;
use crate::network::familiarity::Familiarity;
use crate::network::model::Model;
use crate::{Error, foreign};

pub(crate) use read::values;

/// The metadata key that carries the model's JSON.
pub const METADATA_KEY: &str = "zf-lens";

/// What the names of a golden case's tensors begin with; they lie beside a network's own.
pub const GOLDEN: &str = "golden.";

/// Which part of a network a file carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shard {
    /// The convolutional layers, and what scales their maps: all that projections of their units need.
    Features,
    /// The dense layers.
    Classifier,
    /// Both.
    All,
    /// Other layers on top of the features, see [`crate::files::head`]: not a part of the network, but another one's end.
    Head,
}

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits, exact.
    F32,
    /// IEEE half precision.
    F16,
    /// The upper half of an F32.
    Bf16,
    /// Weights as signed bytes with one F32 scale for each output channel (`….weight.scale`); biases stay F32.
    I8,
}

/// The model's JSON as it stands in a file: the description and which shard it is.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(flatten)]
    model: Model,
    shard: Shard,
    /// It rests on the scores, so it comes with the classifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    familiarity: Option<Familiarity>,
}

impl Shard {
    /// Whether the shard carries the weights of such a layer.
    pub fn carries(self, op: &Op) -> bool {
        match op {
            Op::Conv(_) | Op::Affine | Op::Prelu => matches!(self, Self::Features | Self::All),
            Op::Dense(_) => matches!(self, Self::Classifier | Self::All),
            _ => false,
        }
    }

    /// The name used in metadata and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Features => "features",
            Self::Classifier => "classifier",
            Self::All => "all",
            Self::Head => "head",
        }
    }
}

pub(crate) fn unreadable(error: SafeTensorError) -> Error {
    Error::weights("file", "a whole safetensors file", error.to_string())
}

/// Why bytes that were read are no safetensors file.
pub(crate) fn no_shard(bytes: &[u8]) -> impl FnOnce(SafeTensorError) -> Error + use<'_> {
    |error| match foreign::kind(bytes) {
        Some(kind) => Error::weights("file", "a whole safetensors file", kind),
        None => unreadable(error),
    }
}
