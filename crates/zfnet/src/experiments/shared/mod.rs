//! What several experiments need.

pub mod bilinear;
pub(super) mod blur;
pub(super) mod class_score;
pub mod covering;
mod experiment;
pub mod fourier;
pub mod noise;
pub(super) mod order;
pub mod record;
pub mod spectrum;
mod step;

pub use experiment::{Experiment, Subject};
pub use record::Record;
pub use step::{Listener, Step};
