//! Questions put to the network, one file each.

pub mod attribution;
pub mod bilinear;
mod class_score;
pub mod correspondence;
pub mod covering;
pub mod derivation;
pub mod evolution;
pub mod favourite;
pub mod filters;
pub mod gain;
pub mod hierarchy;
pub mod invariance;
pub mod noise;
pub mod occlusion;
pub mod spectrum;
mod sweep;
pub mod top;
