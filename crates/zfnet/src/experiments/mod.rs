//! Questions put to the network, one file each. They never import each other; what two need lies in `shared`.

pub mod arithmetic;
pub mod paper;
pub mod shared;
pub mod since;

// What all experiments are to those who offer them, and what every one of them tells on its way.
pub use shared::{Experiment, Listener, Record, Step, Subject};
