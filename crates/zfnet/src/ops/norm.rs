//! Local response (contrast) normalisation: y = x / sᵝ with s = k + α Σ x².
//!
//! The paper does not say how the deconvnet passes it. Here it is the identity for the deconvnet, as in the published
//! reproduction by Mahendran & Vedaldi (2016), and the true derivative for the rules that are derivatives.

use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::{AvgPoolOptions, PadMode};
use serde::{Deserialize, Serialize};

use super::relu::ReluRule;
use crate::geometry::signal::Signal;
use crate::geometry::window::Windows;

/// Where the squares are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Over neighbouring maps at one position.
    Across,
    /// Over a square of positions in one map.
    Within,
}

/// Local response normalisation: its region and its constants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lrn {
    /// Where the sum runs.
    pub region: Region,
    /// Length of the window (odd), in maps or in pixels per side.
    pub size: usize,
    /// Multiplies the SUM of squares (other programs divide by the window's size first).
    pub alpha: f64,
    /// Exponent.
    pub beta: f64,
    /// Constant.
    #[serde(default = "unit")]
    pub k: f64,
}

fn unit() -> f64 {
    1.0
}

/// Normalises every unit by its neighbourhood. Shape stays `[pictures, maps, rows, cols]`.
pub fn forward(x: Tensor<4>, constants: Lrn) -> Tensor<4> {
    let sums = neighbourhood(x.clone().square(), constants, constants.size / 2);
    x / power(sums * constants.alpha + constants.k, constants.beta)
}

/// Passes the signal down: as it is under the deconvnet's rule, through the derivative otherwise.
///
/// With g the signal, the derivative is `g / sᵝ − 2αβ · x · Σ g x / sᵝ⁺¹`, the sum over the neighbourhood.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`, `input` (of one picture) `[1, maps, rows, cols]`; a normalisation within maps
/// returns windows larger by half its size on every side.
pub fn reverse(signal: Signal, input: Tensor<4>, constants: Lrn, rule: ReluRule) -> Signal {
    if rule == ReluRule::Deconvnet {
        return signal;
    }
    let (signal, windows) = signal.into_parts();
    let Lrn {
        region,
        size,
        alpha,
        beta,
        k,
    } = constants;
    let margin = match region {
        Region::Across => 0,
        Region::Within => size / 2,
    };
    let zero_outside = |windows: &Windows, maps: Tensor<4>| match margin {
        0 => windows.cut(maps),
        _ => {
            // Beyond the frame there is nothing to sum over, while `cut` repeats the border: pad first.
            let padded = maps.pad(
                [(margin * 2, margin * 2), (margin * 2, margin * 2)],
                PadMode::Constant(0.0),
            );
            let [_, _, rows, cols] = padded.dims();
            let shift = 2 * margin as isize;
            let shifted = Windows {
                frame: [rows, cols],
                size: windows.size,
                origins: windows
                    .origins
                    .iter()
                    .map(|[top, left]| [top + shift, left + shift])
                    .collect(),
            };
            shifted.cut(padded)
        }
    };
    let below = windows.grown(margin);
    let squares = zero_outside(&below, input.clone()).square();
    let s = neighbourhood(squares, constants, 0) * alpha + k; // on the signal's windows
    let direct = signal / power(s.clone(), beta);
    let falling = direct.clone() * zero_outside(&windows, input.clone()) / s;
    let spread = neighbourhood(falling, constants, 2 * margin);
    let direct = match margin {
        0 => direct,
        _ => direct.pad([(margin, margin), (margin, margin)], PadMode::Constant(0.0)),
    };
    let derivative = direct - zero_outside(&below, input) * spread * (2.0 * alpha * beta);
    Signal::new(derivative, below).kept_inside()
}

/// sᵝ; for the published exponent by square roots, which every device takes exactly and many times faster than a power.
fn power(s: Tensor<4>, beta: f64) -> Tensor<4> {
    if beta == 0.75 {
        let root = s.sqrt();
        return root.clone() * root.sqrt();
    }
    s.powf_scalar(beta)
}

/// Sums over each unit's neighbourhood; a neighbourhood within maps first puts `pad` zeros around them.
fn neighbourhood(x: Tensor<4>, constants: Lrn, pad: usize) -> Tensor<4> {
    let size = constants.size;
    match constants.region {
        Region::Across => {
            let [pictures, maps, rows, cols] = x.dims();
            let margin = size / 2;
            let padded = x.pad(
                [(0, 0), (margin, margin), (0, 0), (0, 0)],
                PadMode::Constant(0.0),
            );
            let shifted = |by: usize| {
                padded
                    .clone()
                    .slice([0..pictures, by..by + maps, 0..rows, 0..cols])
            };
            (1..size).fold(shifted(0), |sum, by| sum + shifted(by))
        }
        Region::Within => {
            let padded = match pad {
                0 => x,
                _ => x.pad([(pad, pad), (pad, pad)], PadMode::Constant(0.0)),
            };
            let options = AvgPoolOptions::new([size, size]).with_stride([1, 1]);
            avg_pool2d(padded, options) * (size * size) as f64
        }
    }
}
