//! Questions put to the network, one file each.

pub mod attribution;
pub mod correspondence;
pub mod covering;
pub mod evolution;
pub mod favourite;
pub mod invariance;
pub mod noise;
pub mod occlusion;
mod sweep;
