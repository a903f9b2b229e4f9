//! Dropout (Hinton et al. 2012): the identity outside training.

use serde::{Deserialize, Serialize};

/// Dropout: the identity outside training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dropout {
    /// Probability of dropping a unit in training.
    pub p: f64,
}
