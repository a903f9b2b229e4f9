//! Convolution and its transpose: y = Cx, and back with Cᵀ; and what a training step changes, the filters themselves.

use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::PadMode;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Tensor, s};
use serde::{Deserialize, Serialize};

use crate::geometry::signal::Signal;
use crate::geometry::window::Pad;

/// Convolution with bias: how many filters, and where they are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv {
    /// Number of feature maps that come out.
    pub out: usize,
    /// Rows and columns of a filter.
    pub kernel: [usize; 2],
    /// Step between neighbouring units, rows and columns.
    #[serde(default = "one_by_one")]
    pub stride: [usize; 2],
    /// Zeros around the input: top, left, bottom, right.
    #[serde(default)]
    pub pad: Pad,
    /// Groups of maps that do not see each other (AlexNet's two halves).
    #[serde(default = "one")]
    pub groups: usize,
    /// Distance between neighbouring places that a filter looks at, rows and columns.
    #[serde(default = "one_by_one", skip_serializing_if = "is_one_by_one")]
    pub dilation: [usize; 2],
}

impl Conv {
    /// Filters of `kernel`, one place after the other, without padding: what goes without saying in a table.
    pub const fn new(out: usize, kernel: [usize; 2]) -> Self {
        Self {
            out,
            kernel,
            stride: [1, 1],
            pad: [0; 4],
            groups: 1,
            dilation: [1, 1],
        }
    }

    /// Rows and columns from the first place that a filter looks at to the last.
    pub fn span(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let steps = self.kernel[axis].saturating_sub(1);
            steps.saturating_mul(self.dilation[axis]).saturating_add(1)
        })
    }
}

fn one_by_one() -> [usize; 2] {
    [1, 1]
}

fn is_one_by_one(pair: &[usize; 2]) -> bool {
    *pair == one_by_one()
}

fn one() -> usize {
    1
}

/// Filters every map.
///
/// # Shapes
/// x `[pictures, in, rows, cols]`, weight `[out, in / groups, kernel rows, kernel cols]`, bias `[out]` → `[pictures, out, …]`.
pub fn forward(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, geometry: Conv) -> Tensor<4> {
    let [top, left, bottom, right] = geometry.pad;
    let options = ConvOptions::new_with_padding(
        geometry.stride,
        [(top, bottom), (left, right)],
        geometry.dilation,
        geometry.groups,
    );
    conv2d(x, weight, Some(bias), options)
}

/// Filters the signal with the transposed filters (each flipped in rows and columns, inputs and outputs swapped).
///
/// The bias takes no part (paper section 2.1). What would fall into the padding is dropped.
///
/// # Shapes
/// signal `[targets, out, window rows, window cols]` → `[targets, in, …]` on windows of the input, whose maps are `input` large.
pub fn reverse(signal: Signal, weight: Tensor<4>, geometry: Conv, input: [usize; 2]) -> Signal {
    let (signal, windows) = signal.into_parts();
    let below = windows.below(
        input,
        geometry.span(),
        geometry.stride,
        [geometry.pad[0], geometry.pad[1]],
    );
    let Conv {
        stride, dilation, ..
    } = geometry;
    let options = ConvTransposeOptions::new(stride, [0, 0], [0, 0], dilation, geometry.groups);
    Signal::new(conv_transpose2d(signal, weight, None, options), below).kept_inside()
}

/// Numbers of one unfolded chunk: enough to keep the matrix product busy, little enough for a small machine.
const CHUNK: usize = 1 << 24;

/// The derivative of Σ signal · y by the filters and biases, summed over the pictures.
///
/// The input is unfolded, so that each filter's derivative is a row of one matrix product: every backend has a fast one,
/// while few have a fast convolution with a kernel as large as a map.
///
/// # Shapes
/// x `[pictures, in, rows, cols]`, signal `[pictures, out, …]` → `[out, in / groups, kernel rows, kernel cols]`, `[out]`.
pub fn gradient(x: Tensor<4>, signal: Tensor<4>, geometry: Conv) -> (Tensor<4>, Tensor<1>) {
    let Conv {
        kernel: [kernel_rows, kernel_cols],
        stride: [down, across],
        pad: [top, left, bottom, right],
        groups,
        dilation,
        ..
    } = geometry;
    let [pictures, out, rows, cols] = signal.dims();
    let bias = signal.clone().sum_dims(&[0, 2, 3]).reshape([out]);
    let x = match geometry.pad {
        [0, 0, 0, 0] => x,
        _ => x.pad([(top, bottom), (left, right)], PadMode::Constant(0.0)),
    };
    let x = x.swap_dims(0, 1); // [in, pictures, rows, cols]
    let signal = signal.swap_dims(0, 1);
    let [maps, ..] = x.dims();
    let [seen, made] = [maps / groups, out / groups];
    let taps = kernel_rows * kernel_cols;
    let at_once = (CHUNK / (seen * taps * rows * cols).max(1)).clamp(1, pictures);
    let group = |group: usize| {
        let chunks = (0..pictures).step_by(at_once).map(|from| {
            let to = (from + at_once).min(pictures);
            let places = (to - from) * rows * cols;
            let unfolded: Vec<Tensor<2>> = (0..taps)
                .map(|tap| {
                    let (row, col) = (tap / kernel_cols, tap % kernel_cols);
                    let (row, col) = (row * dilation[0], col * dilation[1]);
                    x.clone()
                        .slice(s![
                            group * seen..(group + 1) * seen,
                            from..to,
                            row..row + (rows - 1) * down + 1;down,
                            col..col + (cols - 1) * across + 1;across
                        ])
                        .reshape([seen, places])
                })
                .collect();
            let signal = signal
                .clone()
                .slice(s![group * made..(group + 1) * made, from..to])
                .reshape([made, places]);
            signal.matmul(Tensor::cat(unfolded, 0).transpose()) // [out, taps × in]
        });
        chunks
            .reduce(|sum, chunk| sum + chunk)
            .expect("a batch has a picture")
    };
    let weight = Tensor::cat((0..groups).map(group).collect(), 0)
        .reshape([out, kernel_rows, kernel_cols, seen])
        .permute([0, 3, 1, 2]);
    (weight, bias)
}
