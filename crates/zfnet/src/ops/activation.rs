//! Functions of one number other than max(x, 0), which [`relu`](super::relu) is, and the ways back through them.
//!
//! The rules of the way down speak of rectifiers, so they treat as one what is one: a clip at 0 (ReLU6). The deconvnet rectifies
//! the signal there and does not ask where the unit lay; guided backpropagation asks both. Every other curve passes the signal
//! through its derivative under all three rules, as captum does, which changes nothing but rectifiers.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::relu::ReluRule;
use crate::geometry::signal::Signal;

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "curve", rename_all = "snake_case")]
pub enum Curve {
    /// min(max(x, `min`), `max`); from 0 to 6 it is ReLU6.
    Clip {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// x where it is above 0, else `slope` · x.
    LeakyRelu {
        /// What is left below 0.
        slope: f64,
    },
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// `alpha` · x + `beta`, clipped to 0 … 1.
    HardSigmoid {
        /// Slope.
        alpha: f64,
        /// Value at 0.
        beta: f64,
    },
    /// x · sigmoid(x), also called swish.
    Silu,
    /// x · (x / 6 + 1/2, clipped to 0 … 1) (MobileNetV3).
    HardSwish,
}

/// The two constants of [`Curve::HardSwish`]'s gate.
const HARD_SWISH: (f64, f64) = (1.0 / 6.0, 0.5);

impl Curve {
    /// Whether it is a rectifier to the rules of the way down.
    pub fn rectifies(self) -> bool {
        matches!(self, Self::Clip { min: 0.0, .. })
    }

    /// Every number that it is made of.
    pub(crate) fn constants(self) -> [f64; 2] {
        match self {
            Self::Clip { min, max } => [min, max],
            Self::LeakyRelu { slope } => [slope, 0.0],
            Self::HardSigmoid { alpha, beta } => [alpha, beta],
            Self::Sigmoid | Self::Silu | Self::HardSwish => [0.0; 2],
        }
    }

    /// The derivative at x; at a corner, that of the flatter side.
    fn slope(self, x: Tensor<4>) -> Tensor<4> {
        let between = |x: Tensor<4>, low: f64, high: f64| {
            x.clone().greater_elem(low).float() * x.lower_elem(high).float()
        };
        match self {
            Self::Clip { min, max } => between(x, min, max),
            Self::LeakyRelu { slope } => x.greater_elem(0.0).float() * (1.0 - slope) + slope,
            Self::Sigmoid => {
                let y = activation::sigmoid(x);
                y.clone() * (y.neg() + 1.0)
            }
            Self::HardSigmoid { alpha, beta } => between(x * alpha + beta, 0.0, 1.0) * alpha,
            Self::Silu => {
                let y = activation::sigmoid(x.clone());
                y.clone() + x * y.clone() * (y.neg() + 1.0)
            }
            Self::HardSwish => {
                let (alpha, beta) = HARD_SWISH;
                let gate = (x.clone() * alpha + beta).clamp(0.0, 1.0);
                gate + x.clone() * between(x * alpha + beta, 0.0, 1.0) * alpha
            }
        }
    }
}

/// Bends every number. The shape stays.
pub fn forward(x: Tensor<4>, curve: Curve) -> Tensor<4> {
    match curve {
        Curve::Clip { min, max } => x.clamp(min, max),
        Curve::LeakyRelu { slope } => activation::leaky_relu(x, slope),
        Curve::Sigmoid => activation::sigmoid(x),
        Curve::HardSigmoid { alpha, beta } => (x * alpha + beta).clamp(0.0, 1.0),
        Curve::Silu => x.clone() * activation::sigmoid(x),
        Curve::HardSwish => {
            let (alpha, beta) = HARD_SWISH;
            x.clone() * (x * alpha + beta).clamp(0.0, 1.0)
        }
    }
}

/// Passes the signal back under a rule.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`, `input` (of one picture) `[1, maps, rows, cols]`.
pub fn reverse(signal: Signal, input: Tensor<4>, curve: Curve, rule: ReluRule) -> Signal {
    signal.map(|signal, windows| {
        let rectified = match rule {
            ReluRule::Gradient => signal,
            _ if !curve.rectifies() => signal,
            ReluRule::Deconvnet => return activation::relu(signal),
            ReluRule::Guided => activation::relu(signal),
        };
        rectified * curve.slope(windows.cut(input))
    })
}
