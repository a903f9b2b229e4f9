//! Questions put to the network, one file each. They never import each other; what two need lies in `shared`.

pub mod arithmetic;
pub mod paper;
pub mod shared;
pub mod since;

// Each under its own name, wherever it comes from.
pub use paper::{correspondence, evolution, filters, hierarchy, invariance, occlusion, top};
pub use shared::{
    Experiment, Listener, Record, Step, Subject, bilinear, covering, noise, record, spectrum,
};
pub use since::{activation_maximisation, attention_mining, attribution, deletion_insertion};

// And under the names that they had before.
pub use activation_maximisation as favourite;
pub use arithmetic as derivation;
pub use attention_mining as gain;
