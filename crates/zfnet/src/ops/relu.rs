//! Rectification, and the three ways back through it: the only place where the methods differ.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::geometry::signal::Signal;

/// What a rectifier lets through on the way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename = "Rule", rename_all = "snake_case")]
pub enum ReluRule {
    /// Positive signal, whatever the unit did on the way up (Zeiler & Fergus, section 2.1).
    #[default]
    Deconvnet,
    /// Positive signal through units that fired (Springenberg et al. 2014, guided backpropagation).
    Guided,
    /// Any signal through units that fired: the derivative (Simonyan et al. 2013).
    Gradient,
}

/// max(x, 0), any shape.
pub fn forward(x: Tensor<4>) -> Tensor<4> {
    activation::relu(x)
}

/// Rectifies the signal under a rule.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`, `output` (what the rectifier gave, of one picture) `[1, maps, rows, cols]`.
pub fn reverse(signal: Signal, output: Tensor<4>, rule: ReluRule) -> Signal {
    signal.map(|signal, windows| {
        let fired = |signal: Tensor<4>| {
            let silent = windows.cut(output).lower_equal_elem(0.0);
            signal.mask_fill(silent, 0.0)
        };
        match rule {
            ReluRule::Deconvnet => activation::relu(signal),
            ReluRule::Guided => fired(activation::relu(signal)),
            ReluRule::Gradient => fired(signal),
        }
    })
}
