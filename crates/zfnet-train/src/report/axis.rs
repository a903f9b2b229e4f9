//! From values to places between 0 and 1, and the round values that are written beside them.

/// One axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    /// From zero to a round number at or above the largest value.
    pub(super) fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        let largest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let high = match largest > 0.0 {
            true => (largest / step(largest)).ceil() * step(largest),
            false => 1.0,
        };
        Self {
            low: 0.0,
            high,
            logarithmic: false,
        }
    }

    /// From zero to the largest value exactly, for what goes along rather than up.
    pub(super) fn up_to(largest: f64) -> Self {
        let high = if largest > 0.0 && largest.is_finite() {
            largest
        } else {
            1.0
        };
        Self {
            low: 0.0,
            high,
            logarithmic: false,
        }
    }

    /// Logarithmic where most values are far below the largest, as of a rate that is divided again and again; else from
    /// zero.
    pub(super) fn for_rates(values: &[f64]) -> Self {
        let mut positive: Vec<f64> = values
            .iter()
            .copied()
            .filter(|v| *v > 0.0 && v.is_finite())
            .collect();
        positive.sort_by(f64::total_cmp);
        match (
            positive.get(positive.len() / 2),
            positive.first(),
            positive.last(),
        ) {
            (Some(median), Some(low), Some(high)) if median * 5.0 < *high => Self {
                low: 10f64.powf(low.log10().floor()),
                high: 10f64.powf(high.log10().ceil()),
                logarithmic: true,
            },
            _ => Self::from_zero(positive.into_iter()),
        }
    }

    /// Where a value lies, 0 at the low end and 1 at the high one; `None` for what cannot be drawn.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = match self.logarithmic {
            true if value <= 0.0 => return None,
            true => (value / self.low).log10() / (self.high / self.low).log10(),
            false => (value - self.low) / (self.high - self.low),
        };
        place.is_finite().then(|| place.clamp(0.0, 1.0))
    }

    /// Round values along the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let [first, last] = [self.low, self.high].map(|end| end.log10().round() as i32);
            // Of many decades, every second or third says enough.
            let every = ((last - first) / 6 + 1) as usize;
            return (first..=last)
                .step_by(every)
                .map(|power| 10f64.powi(power))
                .collect();
        }
        let step = step(self.high);
        let count = (self.high / step + 1e-9).floor() as usize;
        (0..=count).map(|at| at as f64 * step).collect()
    }
}

/// The step of 1, 2 or 5 times a power of ten that makes four to ten of it in `high`, five where possible.
fn step(high: f64) -> f64 {
    let rough = high / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps
        .into_iter()
        .find(|step| *step >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::super::text::number;
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_end() {
        let cases: [(f64, &[&str]); 4] = [
            (3.3, &["0", "1", "2", "3", "4"]),
            (1.0, &["0", "0.2", "0.4", "0.6", "0.8", "1"]),
            (0.002, &["0", "0.0005", "0.001", "0.0015", "0.002"]),
            (25.0, &["0", "5", "10", "15", "20", "25"]),
        ];
        for (largest, expected) in cases {
            let written: Vec<String> = Axis::from_zero([largest].into_iter())
                .ticks()
                .into_iter()
                .map(number)
                .collect();
            assert_eq!(written, expected, "up to {largest}");
        }
    }

    #[test]
    fn a_rate_that_is_divided_again_and_again_is_drawn_in_decades() {
        let divided = Axis::for_rates(&[1e-2, 1e-3, 1e-4, 1e-4, 1e-5]);
        assert_eq!(divided.ticks().len(), 4);
        assert_eq!(divided.place(1e-2), Some(1.0));
        assert!((divided.place(1e-5).unwrap()).abs() < 1e-9);
        assert!((divided.place(1e-3).unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(divided.place(0.0), None);
        let cosine: Vec<f64> = (0..100)
            .map(|at| 1e-2 * (1.0 + (f64::from(at) / 100.0 * std::f64::consts::PI).cos()) / 2.0)
            .collect();
        assert_eq!(Axis::for_rates(&cosine).place(0.0), Some(0.0));
    }

    #[test]
    fn nothing_to_draw_is_an_axis_all_the_same() {
        for axis in [
            Axis::from_zero([f64::NAN].into_iter()),
            Axis::up_to(0.0),
            Axis::for_rates(&[]),
        ] {
            assert_eq!(axis.place(0.0), Some(0.0));
            assert_eq!(axis.place(f64::NAN), None);
            assert!(axis.ticks().len() > 1);
        }
    }
}
