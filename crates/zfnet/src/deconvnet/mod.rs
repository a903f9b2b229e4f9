//! The way down (paper section 2.1): from targets to the pixels that made them answer, to tiles of those, and to the filters'
//! derivatives.

pub mod gradients;
pub mod projection;
mod stage;
mod template;
pub mod tile;
