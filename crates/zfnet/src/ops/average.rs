//! Average pooling, and its transpose: every mean is spread evenly over the places that it was taken of.

use burn::tensor::module::{avg_pool2d, conv_transpose2d};
use burn::tensor::ops::{AvgPoolOptions, ConvTransposeOptions, PadMode};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::geometry::signal::Signal;
use crate::geometry::window::Pad;

/// Mean over windows: where they are put, and what they are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvgPool {
    /// Rows and columns of a window.
    pub kernel: [usize; 2],
    /// Step between neighbouring windows.
    pub stride: [usize; 2],
    /// Places around the input that add nothing: top, left, bottom, right.
    #[serde(default)]
    pub pad: Pad,
    /// How much of the padding counts as places of value 0 in the mean. Programs differ: none of it, all of it, or all but what
    /// was added so that the last window is a whole one.
    #[serde(default)]
    pub counted: Pad,
}

impl AvgPool {
    /// One over the number of places that each window is the mean of: `[1, 1, windows down, windows across]` on maps of `input`
    /// rows and columns.
    fn shares(&self, input: [usize; 2], windows: [usize; 2], device: &Device) -> Tensor<4> {
        let count = |axis: usize, at: usize| {
            let from = (at * self.stride[axis]) as isize - self.pad[axis] as isize;
            let first = from.max(-(self.counted[axis] as isize));
            let end = (input[axis] + self.counted[axis + 2]) as isize;
            (from + self.kernel[axis] as isize).min(end) - first
        };
        // A window of nothing but padding is the mean of no place: its sum is 0, whatever it is divided by.
        let share = |at: usize| {
            let places = count(0, at / windows[1]).max(0) * count(1, at % windows[1]).max(0);
            1.0 / places.max(1) as f32
        };
        let shares: Vec<f32> = (0..windows[0] * windows[1]).map(share).collect();
        Tensor::from_data(
            TensorData::new(shares, [1, 1, windows[0], windows[1]]),
            device,
        )
    }
}

/// The mean of every window.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]` → `[pictures, maps, windows down, windows across]`.
pub fn forward(x: Tensor<4>, geometry: AvgPool) -> Tensor<4> {
    let [_, _, rows, cols] = x.dims();
    let device = x.device();
    let options = AvgPoolOptions::new(geometry.kernel).with_stride(geometry.stride);
    let [top, left, bottom, right] = geometry.pad;
    if geometry.pad == [0; 4] {
        return avg_pool2d(x, options);
    }
    let padded = x.pad([(top, bottom), (left, right)], PadMode::Constant(0.0));
    let means = avg_pool2d(padded, options);
    let [_, _, down, across] = means.dims();
    let shares = geometry.shares([rows, cols], [down, across], &device);
    means * shares * (geometry.kernel[0] * geometry.kernel[1]) as f64
}

/// Spreads every value evenly over the places that its mean was taken of.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]` → `[targets, maps, …]` on windows of the input, whose maps are `input` large.
pub fn reverse(signal: Signal, geometry: AvgPool, input: [usize; 2]) -> Signal {
    let (signal, windows) = signal.into_parts();
    let AvgPool {
        kernel,
        stride,
        pad,
        ..
    } = geometry;
    let below = windows.below(input, kernel, stride, [pad[0], pad[1]]);
    let device = signal.device();
    let shares = windows.cut(geometry.shares(input, windows.frame, &device));
    let [targets, maps, rows, cols] = signal.dims();
    let even = (signal * shares).reshape([targets * maps, 1, rows, cols]);
    let ones = Tensor::ones([1, 1, kernel[0], kernel[1]], &device);
    let options = ConvTransposeOptions::new(stride, [0, 0], [0, 0], [1, 1], 1);
    let [height, width] = below.size;
    let spread =
        conv_transpose2d(even, ones, None, options).reshape([targets, maps, height, width]);
    Signal::new(spread, below).kept_inside()
}
