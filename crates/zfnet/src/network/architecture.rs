//! A network as a table of layers. No tensors here.

use serde::{Deserialize, Serialize};

pub use crate::geometry::receptive_field::ReceptiveField;
pub use crate::geometry::window::Pad;
pub use crate::ops::{AvgPool, Conv, Curve, Dense, Dropout, Lrn, MaxPool, Region, Shuffle};

/// Maps, rows, columns. A dense layer's output is `[units, 1, 1]`.
pub type Shape = [usize; 3];

/// What a layer reads by this name is what enters the network.
pub const INPUT: &str = "input";

/// The layers of a network, first to last; the last one's output is the network's.
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
    /// The layers above in the table whose outputs it reads, in the order in which its operation takes them; [`INPUT`] for what
    /// enters the network. Empty for the row above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// What the layer does.
    #[serde(flatten)]
    pub op: Op,
}

impl Layer {
    /// A layer that reads the row above.
    pub fn new(name: impl Into<String>, op: Op) -> Self {
        Self {
            name: name.into(),
            from: Vec::new(),
            op,
        }
    }
}

/// What a layer does. The set is closed: a fold up and a fold down match on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Convolution with bias.
    Conv(Conv),
    /// max(x, 0).
    Relu,
    /// Another function of one number.
    Activation(Curve),
    /// max(x, 0) + a · min(x, 0), with an a for each map.
    Prelu,
    /// A factor and a shift for each map.
    Affine,
    /// Maximum over windows; the place of each maximum is its switch.
    MaxPool(MaxPool),
    /// Mean over windows.
    AvgPool(AvgPool),
    /// Local response (contrast) normalisation, `x / (k + alpha · Σ x²)^beta`.
    Lrn(Lrn),
    /// Global average pooling: the mean of every map.
    Gap,
    /// The sum of several layers' maps.
    Add,
    /// Several layers' maps, one behind the other.
    Concat,
    /// One layer's maps times another's, or times a number for each map.
    Scale,
    /// Maps dealt out among groups.
    Shuffle(Shuffle),
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
            Self::Activation(_) => "activation",
            Self::Prelu => "prelu",
            Self::Affine => "affine",
            Self::MaxPool(_) => "max_pool",
            Self::AvgPool(_) => "avg_pool",
            Self::Lrn(_) => "lrn",
            Self::Gap => "gap",
            Self::Add => "add",
            Self::Concat => "concat",
            Self::Scale => "scale",
            Self::Shuffle(_) => "shuffle",
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
                dilation,
            }) => [
                &[*out, *groups],
                &kernel[..],
                &stride[..],
                &pad[..],
                &dilation[..],
            ]
            .concat(),
            Self::MaxPool(MaxPool {
                kernel,
                stride,
                pad,
            }) => [&kernel[..], &stride[..], &pad[..]].concat(),
            Self::AvgPool(AvgPool {
                kernel,
                stride,
                pad,
                counted,
            }) => [&kernel[..], &stride[..], &pad[..], &counted[..]].concat(),
            Self::Shuffle(Shuffle { groups }) => vec![*groups],
            Self::Lrn(Lrn { size, .. }) => vec![*size],
            Self::Dense(Dense { out }) => vec![*out],
            Self::Relu
            | Self::Activation(_)
            | Self::Prelu
            | Self::Affine
            | Self::Gap
            | Self::Add
            | Self::Concat
            | Self::Scale
            | Self::Dropout(_) => Vec::new(),
        }
    }

    /// How many layers it may read.
    pub(super) fn inputs(&self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::Add | Self::Concat => 1..=usize::MAX,
            Self::Scale => 2..=2,
            _ => 1..=1,
        }
    }

    /// Whether what it puts out is each number for itself, bent as a unit's activation is.
    pub(crate) fn is_nonlinearity(&self) -> bool {
        matches!(self, Self::Relu | Self::Activation(_))
    }

    /// Whether the layer carries weights.
    pub fn has_parameters(&self) -> bool {
        matches!(
            self,
            Self::Conv(_) | Self::Dense(_) | Self::Affine | Self::Prelu
        )
    }
}
