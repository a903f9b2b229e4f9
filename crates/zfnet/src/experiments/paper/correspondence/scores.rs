//! The shares of units whose signs differ.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::experiments::shared::covering::Rectangle;

/// Share of units whose signs differ, over pairs of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "CorrespondenceScore")]
pub struct Score {
    /// Mean over all pairs.
    pub mean: f32,
    /// Standard deviation over the pairs (with one less than their number); a single pair of pictures has none.
    pub spread: Option<f32>,
}

/// One layer's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "CorrespondenceLayer")]
pub struct LayerScores {
    /// The layer.
    pub layer: String,
    /// Each part's score, in the order of the parts; `None` where it was cancelled before.
    pub parts: Vec<Option<Score>>,
    /// What random positions give for boxes as large as each part's, over the pairs of all positions so far.
    pub random: Vec<Option<Score>>,
    /// Signs of the change, −1, 0 or 1: for each part, for each picture, for each unit.
    #[serde(skip)]
    pub signs: Vec<Vec<Vec<i8>>>,
}

/// How well parts correspond across pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypeScript)]
pub struct Correspondence {
    /// The names of the parts.
    #[serde(skip)]
    pub names: Vec<String>,
    /// A result for each layer that was asked for.
    pub layers: Vec<LayerScores>,
    /// Random boxes: for each part, for each position, for each picture. Parts of equal sizes share theirs.
    #[serde(skip)]
    pub random: Vec<Vec<Vec<Rectangle>>>,
}

/// For each pair of pictures, the share of units whose signs differ.
pub(super) fn differences(signs: &[Vec<i8>]) -> Vec<f32> {
    let share = |a: &[i8], b: &[i8]| {
        let differ = a.iter().zip(b).filter(|(a, b)| a != b).count();
        differ as f32 / a.len().max(1) as f32
    };
    let pairs = (0..signs.len()).flat_map(|i| (i + 1..signs.len()).map(move |j| (i, j)));
    pairs.map(|(i, j)| share(&signs[i], &signs[j])).collect()
}

/// The score of what pairs of so many pictures have in common: random positions of a single pair vary with their places
/// alone, which is another thing than a spread over pairs.
pub(super) fn score(shares: &[f32], pictures: usize) -> Option<Score> {
    let count = shares.len() as f64;
    let mean = shares.iter().map(|share| f64::from(*share)).sum::<f64>() / count;
    let squares: f64 = shares
        .iter()
        .map(|share| (f64::from(*share) - mean).powi(2))
        .sum();
    (!shares.is_empty()).then(|| Score {
        mean: mean as f32,
        spread: (pictures > 2).then(|| (squares / (count - 1.0)).sqrt() as f32),
    })
}
