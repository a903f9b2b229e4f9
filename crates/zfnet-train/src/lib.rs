//! Training: the paper's recipe (section 3) and one for small data, from a folder of pictures to weights that show
//! something.
//!
//! The gradient is the engine's own way down, [`zfnet::deconvnet::gradients`]: what a projection sends to the pixels, a training step
//! stops at the filters.

pub mod checkpoint;
mod clock;
pub mod data;
mod error;
pub mod evaluation;
pub mod export;
pub mod head;
pub mod history;
pub mod initialise;
pub mod measures;
pub mod metrics;
pub mod optimiser;
pub mod recipe;
pub mod report;
pub mod schedule;
mod setup;
pub mod text;
pub mod training;
pub mod workshop;

pub use crate::error::{Error, Result};
