//! Convolution and its transpose: y = Cx, and back with Cᵀ.

use burn::tensor::Tensor;
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

use crate::architecture::Pad;
use crate::window::Windows;

/// Where the filters are put.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    /// Step between neighbouring units.
    pub stride: [usize; 2],
    /// Zeros around the input: top, left, bottom, right.
    pub pad: Pad,
    /// Groups of maps that do not see each other.
    pub groups: usize,
}

/// Filters every map.
///
/// # Shapes
/// x `[pictures, in, rows, cols]`, weight `[out, in / groups, kernel rows, kernel cols]`, bias `[out]` → `[pictures, out, …]`.
pub fn forward(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, geometry: Geometry) -> Tensor<4> {
    let [top, left, bottom, right] = geometry.pad;
    let options = ConvOptions::new_with_padding(
        geometry.stride,
        [(top, bottom), (left, right)],
        [1, 1],
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
pub fn reverse(
    signal: Tensor<4>,
    windows: &Windows,
    weight: Tensor<4>,
    geometry: Geometry,
    input: [usize; 2],
) -> (Tensor<4>, Windows) {
    let [_, _, kernel_rows, kernel_cols] = weight.dims();
    let below = windows.below(
        input,
        [kernel_rows, kernel_cols],
        geometry.stride,
        [geometry.pad[0], geometry.pad[1]],
    );
    let options =
        ConvTransposeOptions::new(geometry.stride, [0, 0], [0, 0], [1, 1], geometry.groups);
    let (below, signal) = below.keep_inside(conv_transpose2d(signal, weight, None, options));
    (signal, below)
}
