//! What was measured: a time with its spread, and what one time is to another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far apart two times must lie, bounds included, for one to be called slower: less is a matter of the day.
const NOISE: f64 = 1.05;

/// One row: nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) median_ns: f64,
    pub(super) mean_ns: f64,
    /// Bounds of the median at 95 % confidence.
    pub(super) lower_ns: f64,
    pub(super) upper_ns: f64,
}

/// What one time is to another, with the least and the most that it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    median: f64,
    lower: f64,
    upper: f64,
}

impl Figure {
    /// Of times, in any order; the bounds are those of the sign test. `None` where there are none.
    pub(super) fn of(times: &[f64]) -> Option<Self> {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let last = count.checked_sub(1)?;
        let half = count as f64 / 2.0;
        let reach = 0.98 * (count as f64).sqrt();
        let upper = ((half + reach).ceil() as usize).min(last);
        Some(Self {
            median_ns: f64::midpoint(sorted[last / 2], sorted[count / 2]),
            mean_ns: sorted.iter().sum::<f64>() / count as f64,
            lower_ns: sorted[last - upper],
            upper_ns: sorted[upper],
        })
    }

    /// `None` where either may be nothing, as a difference of times can be.
    pub(super) fn to(&self, other: &Self) -> Option<Ratio> {
        (self.lower_ns > 0.0 && other.lower_ns > 0.0).then(|| Ratio {
            median: self.median_ns / other.median_ns,
            lower: self.lower_ns / other.upper_ns,
            upper: self.upper_ns / other.lower_ns,
        })
    }
}

impl Ratio {
    /// What it says of the first of both times, where it is more than noise.
    pub(super) fn verdict(&self) -> Option<&'static str> {
        match self {
            Self { lower, .. } if *lower > NOISE => Some("slower"),
            Self { upper, .. } if *upper < 1.0 / NOISE => Some("faster"),
            _ => None,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, lower, upper] = [self.median_ns, self.lower_ns, self.upper_ns].map(readable);
        write!(f, "{median:>10}  ({lower} to {upper})")
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            median,
            lower,
            upper,
        } = self;
        write!(f, "{median:.2} ({lower:.2} to {upper:.2})")
    }
}

fn readable(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds.abs() {
        n if n < 1e3 => (nanoseconds, "ns"),
        n if n < 1e6 => (nanoseconds / 1e3, "µs"),
        n if n < 1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    format!("{value:.2} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_the_unit() {
        assert_eq!(readable(1.5e6), "1.50 ms");
        assert_eq!(readable(2.5e9), "2.50 s");
        assert_eq!(readable(-2.5e3), "-2.50 µs");
    }

    #[test]
    fn takes_the_median_and_its_bounds_from_the_times() {
        assert_eq!(Figure::of(&[]), None);
        let few = Figure::of(&[3.0, 1.0, 2.0, 6.0]).expect("there are some");
        let [median, mean, lower, upper] = [2.5, 3.0, 1.0, 6.0];
        let expected = Figure {
            median_ns: median,
            mean_ns: mean,
            lower_ns: lower,
            upper_ns: upper,
        };
        assert_eq!(few, expected);
        let times: Vec<f64> = (1..=100).map(f64::from).collect();
        let many = Figure::of(&times).expect("there are some");
        // The 40th and the 61st of a hundred hold the median between them 19 times of 20.
        assert_eq!(
            (many.median_ns, many.lower_ns, many.upper_ns),
            (50.5, 40.0, 61.0)
        );
    }

    #[test]
    fn calls_slower_only_what_is_beyond_its_spread() {
        let figure = |median_ns: f64, spread: f64| Figure {
            median_ns,
            mean_ns: median_ns,
            lower_ns: median_ns - spread,
            upper_ns: median_ns + spread,
        };
        let before = figure(100.0, 2.0);
        let verdict = |now: Figure| now.to(&before).expect("both take time").verdict();
        assert_eq!(verdict(figure(120.0, 2.0)), Some("slower"));
        assert_eq!(verdict(figure(120.0, 20.0)), None);
        assert_eq!(verdict(figure(103.0, 0.0)), None);
        assert_eq!(verdict(figure(80.0, 2.0)), Some("faster"));
        let same = before.to(&before).expect("it takes time");
        assert_eq!(same.to_string(), "1.00 (0.96 to 1.04)");
        assert_eq!(figure(1.0, 2.0).to(&before), None);
    }
}
