//! Where things lie: what a unit sees of the input, which part of a layer a target can reach, and what comes back there.

pub mod receptive_field;
pub mod signal;
pub mod view;
pub mod window;
