//! The operations on tensors, where those lie in the processor's memory as numbers that no derivative is asked of; `None`
//! where they do not, and burn's own operations are to be used.

use burn::tensor::{Int, Tensor};

#[cfg(feature = "flex")]
mod flex;
#[cfg(not(feature = "flex"))]
mod nowhere;

/// Equally large windows on a layer's maps, one for each target.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// Rows and columns of the maps.
    pub frame: [usize; 2],
    /// Rows and columns of each window.
    pub size: [usize; 2],
    /// Top and left of each.
    pub origins: &'a [[isize; 2]],
}

/// How a signal comes to a convolution from above: through a pool, a rectifier, both or neither.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// The pool's switches, `[1 or targets, maps, rows, cols]`, and the windows on the maps below it, all their places that can
    /// have signal.
    pub pool: Option<(&'a Tensor<4, Int>, Places<'a>)>,
    /// Whether the rectifier stops negative signal.
    pub positive: bool,
    /// The rectifier's output, `[1 or targets, maps, rows, cols]`, where signal stops in units that did not fire.
    pub fired: Option<&'a Tensor<4>>,
}

#[cfg(feature = "flex")]
pub use flex::{
    convolve, denormalise, descend, gradient, normalise, overlaid, pack, pool, rectify, strongest,
    turn, weigh,
};
#[cfg(not(feature = "flex"))]
pub use nowhere::{
    convolve, denormalise, descend, gradient, normalise, overlaid, pack, pool, rectify, strongest,
    turn, weigh,
};
