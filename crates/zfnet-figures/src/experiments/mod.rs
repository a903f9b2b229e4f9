//! Each experiment's figure.

pub mod activation_maximisation;
pub mod arithmetic;
pub mod attention_mining;
pub mod attribution;
pub mod card;
pub mod comparison;
pub mod correspondence;
mod deletion_insertion;
pub mod evolution;
pub mod filters;
pub mod invariance;
pub mod maps;
pub mod occlusion;
mod pictures;
pub mod projection;
pub mod region;
pub mod top;

pub use self::pictures::{Projected, outline, over};

/// What was found, as it is written down: JavaScript hands it on, and looks at none of it.
pub type Unread<Found> = Found;
