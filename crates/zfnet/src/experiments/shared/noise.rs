//! Random numbers that follow from a seed and the place they are used at, so that whoever knows both has them too.
//!
//! SplitMix64 (Steele et al. 2014) for the bits, Box & Muller (1958) for the normal distribution; both are a few lines in
//! any language.

/// The golden ratio's share of 2⁶⁴, SplitMix64's step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub struct Sequence {
    state: u64,
}

impl Sequence {
    /// The sequence number `place` of a seed.
    pub fn new(seed: u64, place: u64) -> Self {
        Self {
            state: mixed(mixed(seed).wrapping_add(place)),
        }
    }

    /// The next 53 bits, as a number from 0 to 1, without 1.
    pub fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(STEP);
        (mixed(self.state) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `count`, which is at least 1.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// `count` numbers of the standard normal distribution.
    pub fn normal(&mut self, count: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            // 1 − u is never 0, so the logarithm is finite.
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            let angle = std::f64::consts::TAU * self.uniform();
            values.push((radius * angle.cos()) as f32);
            values.push((radius * angle.sin()) as f32);
        }
        values.truncate(count);
        values
    }
}

/// SplitMix64's output function.
fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_has_its_moments_and_places_differ() {
        let values = Sequence::new(3, 0).normal(40_001);
        let moment = |power: i32| {
            let sum: f64 = values.iter().map(|v| f64::from(*v).powi(power)).sum();
            sum / values.len() as f64
        };
        assert_eq!(values.len(), 40_001);
        assert!(moment(1).abs() < 0.02, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.03, "variance {}", moment(2));
        assert!((moment(4) - 3.0).abs() < 0.2, "fourth moment {}", moment(4));
        let other = Sequence::new(3, 1).normal(40_001);
        let together: f64 = values
            .iter()
            .zip(&other)
            .map(|(a, b)| f64::from(a * b))
            .sum();
        assert!((together / 40_001.0).abs() < 0.02, "two places are related");
        assert_eq!(values, Sequence::new(3, 0).normal(40_001));
    }

    #[test]
    fn whole_numbers_stay_below_their_count_and_reach_it() {
        let mut sequence = Sequence::new(9, 4);
        let drawn: std::collections::BTreeSet<usize> =
            (0..500).map(|_| sequence.below(7)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    }
}
