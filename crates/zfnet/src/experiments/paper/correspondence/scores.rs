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

/// What a part's score says beside that of random positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "CorrespondenceVerdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is lower, and by more than random positions vary.
    Clearly,
    /// It is lower, by less than that.
    Slightly,
    /// It is not lower.
    NotLower,
}

/// Fewer pairs of pictures allow no conclusion.
const LEAST_PAIRS: usize = 3;

/// How many pairs so many pictures make.
pub fn pairs(pictures: usize) -> usize {
    pictures * pictures.saturating_sub(1) / 2
}

/// Whether so many pictures allow a conclusion.
pub fn is_conclusive(pictures: usize) -> bool {
    pairs(pictures) >= LEAST_PAIRS
}

impl LayerScores {
    /// What the scores of so many pictures say of each part; `None` until all have come, and where they allow no conclusion.
    pub fn verdicts(&self, pictures: usize) -> Option<Vec<Verdict>> {
        let verdict = |(own, random): (&Option<Score>, &Option<Score>)| {
            let (own, random) = (own.as_ref()?, random.as_ref()?);
            let lower = random.mean - own.mean;
            Some(match random.spread {
                _ if lower <= 0.0 => Verdict::NotLower,
                Some(spread) if lower <= spread => Verdict::Slightly,
                _ => Verdict::Clearly,
            })
        };
        let parts = self.parts.iter().zip(&self.random);
        let verdicts = is_conclusive(pictures).then(|| parts.map(verdict).collect());
        verdicts.flatten()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_says_something_once_all_have_come_of_enough_pairs() {
        let score = |mean: f32, spread: f32| {
            let spread = Some(spread);
            Some(Score { mean, spread })
        };
        let mut scores = LayerScores {
            layer: "conv5".into(),
            parts: vec![score(0.1, 0.0), score(0.25, 0.5), score(0.3, 0.0)],
            random: vec![score(0.3, 0.1); 3],
            signs: Vec::new(),
        };
        let verdicts = vec![Verdict::Clearly, Verdict::Slightly, Verdict::NotLower];
        assert_eq!(scores.verdicts(3), Some(verdicts));
        assert_eq!(scores.verdicts(2), None);
        scores.parts[1] = None;
        assert_eq!(scores.verdicts(3), None);
    }
}
