//! A network as a table of layers. No tensors here.

use serde::{Deserialize, Serialize};

pub use crate::geometry::receptive_field::ReceptiveField;
pub use crate::geometry::window::Pad;
pub use crate::ops::{Conv, Dense, Dropout, Lrn, MaxPool, Region};

/// Maps, rows, columns. A dense layer's output is `[units, 1, 1]`.
pub type Shape = [usize; 3];

/// The layers of a network, first to last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Architecture {
    /// The table.
    pub layers: Vec<Layer>,
}

/// One named row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The field's usual name: `conv1`, `relu1`, `pool1`, `norm1`, … `fc8`.
    pub name: String,
    /// What the layer does.
    #[serde(flatten)]
    pub op: Op,
}

/// What a layer does. The set is closed: a fold up and a fold down match on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Convolution with bias.
    Conv(Conv),
    /// max(x, 0).
    Relu,
    /// Maximum over windows; the place of each maximum is its switch.
    MaxPool(MaxPool),
    /// Local response (contrast) normalisation, `x / (k + alpha · Σ x²)^beta`.
    Lrn(Lrn),
    /// Global average pooling: the mean of every map.
    Gap,
    /// Fully connected layer with bias.
    Dense(Dense),
    /// Dropout: the identity outside training.
    Dropout(Dropout),
}

impl Op {
    /// The name used in the table's JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv(_) => "conv",
            Self::Relu => "relu",
            Self::MaxPool(_) => "max_pool",
            Self::Lrn(_) => "lrn",
            Self::Gap => "gap",
            Self::Dense(_) => "dense",
            Self::Dropout(_) => "dropout",
        }
    }

    /// Every number of the row that sizes are made of.
    pub(super) fn numbers(&self) -> Vec<usize> {
        match self {
            Self::Conv(Conv {
                out,
                kernel,
                stride,
                pad,
                groups,
            }) => [&[*out, *groups], &kernel[..], &stride[..], &pad[..]].concat(),
            Self::MaxPool(MaxPool {
                kernel,
                stride,
                pad,
            }) => [&kernel[..], &stride[..], &pad[..]].concat(),
            Self::Lrn(Lrn { size, .. }) => vec![*size],
            Self::Dense(Dense { out }) => vec![*out],
            Self::Relu | Self::Gap | Self::Dropout(_) => Vec::new(),
        }
    }

    /// How many classes a layer gives scores, if it is the last.
    pub(crate) fn classes(&self) -> Option<usize> {
        match self {
            Self::Dense(dense) => Some(dense.out),
            _ => None,
        }
    }

    /// Whether the layer carries weights.
    pub fn has_parameters(&self) -> bool {
        matches!(self, Self::Conv(_) | Self::Dense(_))
    }
}

impl Architecture {
    /// How many classes have a score; `None` for a table that does not end in a dense layer.
    pub fn classes(&self) -> Option<usize> {
        self.layers.last().and_then(|layer| layer.op.classes())
    }
}
