//! The operations on tensors, where those lie in the processor's memory as numbers that no derivative is asked of; `None`
//! where they do not, and burn's own operations are to be used.

#[cfg(feature = "flex")]
mod flex;
#[cfg(not(feature = "flex"))]
mod nowhere;

#[cfg(feature = "flex")]
pub use flex::{convolve, normalise, pack, pool, weigh};
#[cfg(not(feature = "flex"))]
pub use nowhere::{convolve, normalise, pack, pool, weigh};
