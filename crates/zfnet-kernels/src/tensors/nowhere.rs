//! For a build without a backend that keeps its tensors in the processor's memory.

use burn::tensor::{Int, Tensor};

use super::{Places, Way};
use crate::{conv, norm, pool as pooling, transpose};

/// Nothing.
pub fn pack(_: &Tensor<4>, _: usize, _: [usize; 2]) -> Option<conv::Filters> {
    None
}

/// Nothing.
pub fn convolve(
    _: &Tensor<4>,
    _: &conv::Filters,
    _: &Tensor<1>,
    _: &conv::Geometry,
) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn pool(_: &Tensor<4>, _: &pooling::Geometry) -> Option<(Tensor<4>, Tensor<4, Int>)> {
    None
}

/// Nothing.
pub fn strongest(_: &Tensor<4>, _: usize) -> Option<Vec<(f32, usize)>> {
    None
}

/// Nothing.
pub fn rectify(_: &Tensor<4>) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn normalise(_: &Tensor<4>, _: &norm::Constants) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn denormalise(_: &Tensor<4>, _: &Tensor<4>, _: &norm::Constants) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn overlaid(
    _: &Tensor<4>,
    _: &Places<'_>,
    _: &Tensor<4>,
    _: &Places<'_>,
    _: f32,
) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn weigh(_: &Tensor<4>, _: &Tensor<2>, _: &Tensor<1>) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn turn(_: &Tensor<4>, _: usize) -> Option<transpose::Transposed> {
    None
}

/// Nothing.
pub fn descend(
    _: &Tensor<4>,
    _: &Places<'_>,
    _: &Way<'_>,
    _: &transpose::Transposed,
    _: [usize; 2],
) -> Option<Tensor<4>> {
    None
}

/// Nothing.
pub fn gradient(
    _: &Tensor<4>,
    _: &Tensor<4>,
    _: &Places<'_>,
    _: &Way<'_>,
    _: [usize; 4],
    _: &conv::Geometry,
) -> Option<(Tensor<4>, Tensor<1>)> {
    None
}
