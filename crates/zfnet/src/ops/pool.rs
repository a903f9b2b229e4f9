//! Max pooling with switches, and unpooling (paper section 2.1 and figure 1).

use burn::tensor::module::max_pool2d_with_indices;
use burn::tensor::ops::{IndexingUpdateOp, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::geometry::signal::Signal;
use crate::geometry::window::Pad;

/// Maximum over windows: where they are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxPool {
    /// Rows and columns of a window.
    pub kernel: [usize; 2],
    /// Step between neighbouring windows.
    pub stride: [usize; 2],
    /// Padding that never wins: top, left, bottom, right.
    #[serde(default)]
    pub pad: Pad,
}

/// The maximum of every window and its switch: the row-major index, in the unpadded map, of the first maximum.
///
/// # Shapes
/// x `[pictures, maps, rows, cols]` → pooled and switches `[pictures, maps, windows down, windows across]`.
pub fn forward(x: Tensor<4>, geometry: MaxPool) -> (Tensor<4>, Tensor<4, Int>) {
    let [top, left, bottom, right] = geometry.pad;
    let options = MaxPoolOptions::new(geometry.kernel)
        .with_stride(geometry.stride)
        .with_padding_pairs([(top, bottom), (left, right)]);
    max_pool2d_with_indices(x, options)
}

/// Switches that know nothing of a picture: the first place of every window that lies on the map.
///
/// # Shapes
/// `[1, 1, windows down, windows across]` on maps of `input` rows and columns.
pub fn first_places(
    geometry: MaxPool,
    input: [usize; 2],
    windows: [usize; 2],
    device: &Device,
) -> Tensor<4, Int> {
    let first =
        |axis: usize, at: usize| (at * geometry.stride[axis]).saturating_sub(geometry.pad[axis]);
    let places: Vec<i32> = (0..windows[0] * windows[1])
        .map(|at| first(0, at / windows[1]) * input[1] + first(1, at % windows[1]))
        .map(|place| place as i32)
        .collect();
    Tensor::from_data(
        TensorData::new(places, [1, 1, windows[0], windows[1]]),
        device,
    )
}

/// Unpools: puts every value back at its switch.
///
/// Where overlapping windows chose one place, their values add: unpooling is the transpose of the selection that pooling
/// made, which is also what a derivative needs.
///
/// # Shapes
/// signal `[targets, maps, window rows, window cols]`, switches (of one picture) `[1, maps, pooled rows, pooled cols]`
/// → `[targets, maps, …]` on windows of the input, whose maps are `input` large.
pub fn reverse(
    signal: Signal,
    switches: Tensor<4, Int>,
    geometry: MaxPool,
    input: [usize; 2],
) -> Signal {
    let (signal, windows) = signal.into_parts();
    let below = windows.below(
        input,
        geometry.kernel,
        geometry.stride,
        [geometry.pad[0], geometry.pad[1]],
    );
    let [targets, maps, rows, cols] = signal.dims();
    let [height, width] = below.size;
    let device = signal.device();
    let columns = input[1] as i64;
    let switches = windows.cut(switches);
    let places = if width as i64 == columns {
        switches // a row of the window is as long as a row of the frame: only the corner differs
    } else {
        switches
            .clone()
            .div_scalar(columns)
            .mul_scalar(width as i64)
            + switches.remainder_scalar(columns)
    };
    // Positions outside the frame have borrowed switches, which may lie outside the window; no signal comes from there.
    let places = (places - below.corners(&device)).clamp(0, (height * width) as i64 - 1);
    let unpooled = Tensor::<3>::zeros([targets, maps, height * width], &device).scatter(
        2,
        places.reshape([targets, maps, rows * cols]),
        signal.reshape([targets, maps, rows * cols]),
        IndexingUpdateOp::Add,
    );
    Signal::new(unpooled.reshape([targets, maps, height, width]), below).kept_inside()
}
