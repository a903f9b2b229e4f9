//! From values to places between 0 and 1, and the round values that are written beside them.

/// Steps along an axis, at most.
const STEPS: f64 = 6.0;
/// What is smaller than the largest by more decades than these lies below a logarithmic scale.
const DECADES: f64 = 4.0;
/// Round numbers of a decade.
const ROUND: [f64; 3] = [1.0, 2.0, 5.0];
/// Of a step: how far from a round number single precision may be.
const NEXT_TO_NOTHING: f64 = 1e-4;

/// One axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    /// From one value to another.
    pub fn between(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            logarithmic: false,
        }
    }

    /// From zero to a round number at or above the largest value.
    pub fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        let largest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let high = match largest > 0.0 {
            true => (largest / step(largest) - NEXT_TO_NOTHING).ceil() * step(largest),
            false => 1.0,
        };
        Self::between(0.0, high)
    }

    /// From zero to the largest value exactly, for what goes along rather than up.
    pub fn up_to(largest: f64) -> Self {
        let high = if largest > 0.0 && largest.is_finite() {
            largest
        } else {
            1.0
        };
        Self::between(0.0, high)
    }

    /// Logarithmic where most values are far below the largest, as of a rate that is divided again and again; else from
    /// zero.
    pub fn for_rates(values: &[f64]) -> Self {
        let positive = values.iter().copied().filter(|v| *v > 0.0 && v.is_finite());
        let mut positive: Vec<f64> = positive.collect();
        positive.sort_by(f64::total_cmp);
        let median = positive.get(positive.len() / 2);
        match (median, positive.first(), positive.last()) {
            (Some(median), Some(low), Some(high)) if median * 5.0 < *high => Self {
                low: 10f64.powf(low.log10().floor()),
                high: 10f64.powf(high.log10().ceil()),
                logarithmic: true,
            },
            _ => Self::from_zero(positive.into_iter()),
        }
    }

    /// From one value above zero to another, by their logarithms.
    pub fn logarithmic(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            logarithmic: true,
        }
    }

    /// By logarithms, round the values above zero: from 1, 2 or 5 of a decade to another, over no more than [`DECADES`].
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let positive = values.filter(|value| *value > 0.0 && value.is_finite());
        let ends = positive.fold([f64::INFINITY, 0.0], |[low, high], value| {
            [value.min(low), value.max(high)]
        });
        match ends {
            [low, high] if high > 0.0 => {
                let high = round_up(high);
                let low = round_down(low.max(high * 10f64.powf(-DECADES)));
                Self::logarithmic(if low < high { low } else { high / 10.0 }, high)
            }
            _ => Self::between(0.0, 1.0),
        }
    }

    /// The value at the low end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Where a value lies, 0 at the low end and 1 at the high one; `None` for what cannot be drawn.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = match self.logarithmic {
            true if value <= 0.0 => return None,
            true => (value / self.low).log10() / (self.high / self.low).log10(),
            false if self.high > self.low => (value - self.low) / (self.high - self.low),
            // All the values there are are one.
            false if value.is_finite() => 0.5,
            false => return None,
        };
        place.is_finite().then(|| place.clamp(0.0, 1.0))
    }

    /// Round values along the axis, the ends among them where they are round.
    pub fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let [first, last] =
                [self.low, self.high].map(|end| (end.log10() + NEXT_TO_NOTHING).floor() as i32);
            // Of many decades, every second or third says enough; of few, what lies between them too.
            let every = ((last - first) / 6 + 1) as usize;
            let steps = if last - first < 3 {
                &ROUND[..]
            } else {
                &ROUND[..1]
            };
            let powers = (first..=last).step_by(every).map(|power| 10f64.powi(power));
            let all = powers.flat_map(|power| steps.iter().map(move |step| step * power));
            let ends = self.low * (1.0 - NEXT_TO_NOTHING)..=self.high * (1.0 + NEXT_TO_NOTHING);
            return all.filter(|value| ends.contains(value)).collect();
        }
        let Self { low, high, .. } = *self;
        if !(low.is_finite() && high.is_finite() && high > low) {
            return vec![low];
        }
        let step = step(high - low);
        let first = (low / step - NEXT_TO_NOTHING).ceil();
        (0..)
            .map(|at| (first + f64::from(at)) * step)
            .take_while(|value| *value <= high + step * NEXT_TO_NOTHING)
            // Rounding may leave next to nothing where zero is meant.
            .map(|value| if value.abs() < step / 2.0 { 0.0 } else { value })
            .collect()
    }
}

/// The power of ten at or below a value.
fn decade(value: f64) -> f64 {
    10f64.powf(value.log10().floor())
}

/// The least of 1, 2, 5 and their multiples by ten that a value does not exceed.
fn round_up(value: f64) -> f64 {
    let decade = decade(value);
    let mut steps = ROUND.into_iter().map(|step| step * decade);
    let found = steps.find(|step| *step >= value * (1.0 - NEXT_TO_NOTHING));
    found.unwrap_or(10.0 * decade)
}

/// The largest of them that does not exceed a value.
fn round_down(value: f64) -> f64 {
    let decade = decade(value);
    let mut steps = ROUND.into_iter().rev().map(|step| step * decade);
    let found = steps.find(|step| *step <= value * (1.0 + NEXT_TO_NOTHING));
    found.unwrap_or(decade)
}

/// The least of them that takes few steps over a span.
fn step(span: f64) -> f64 {
    round_up(span / STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_few_round_numbers_and_reach_the_end() {
        let near = |axis: Axis, expected: &[f64]| {
            let found = axis.ticks();
            let mut both = found.iter().zip(expected);
            let close = both.all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(
                found.len() == expected.len() && close,
                "{axis:?}: {found:?}"
            );
        };
        let from_zero = |largest: f64| Axis::from_zero([largest].into_iter());
        near(Axis::up_to(1.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        near(
            Axis::between(-60.0, 60.0),
            &[-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0],
        );
        near(Axis::between(1.0, 1.8), &[1.0, 1.2, 1.4, 1.6, 1.8]);
        near(Axis::between(3.0, 3.0), &[3.0]);
        let around = |low: f64, high: f64| Axis::around([0.0, high, low].into_iter());
        near(around(0.04, 0.4), &[0.02, 0.05, 0.1, 0.2, 0.5]);
        near(around(0.3, 0.3), &[0.2, 0.5]);
        near(around(1e-9, 1.0), &[1e-4, 1e-3, 1e-2, 0.1, 1.0]);
        near(around(0.02, 0.02), &[0.002, 0.005, 0.01, 0.02]);
        near(from_zero(3.3), &[0.0, 1.0, 2.0, 3.0, 4.0]);
        near(from_zero(0.93), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        near(from_zero(0.002), &[0.0, 0.0005, 0.001, 0.0015, 0.002]);
        near(from_zero(25.0), &[0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        near(from_zero(0.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }

    #[test]
    fn a_rate_that_is_divided_again_and_again_is_drawn_in_decades() {
        let divided = Axis::for_rates(&[1e-2, 1e-3, 1e-4, 1e-4, 1e-5]);
        assert_eq!(divided.ticks().len(), 4);
        assert_eq!(divided.place(1e-2), Some(1.0));
        assert!(divided.place(1e-5).is_some_and(|place| place < 1e-9));
        let middle = divided.place(1e-3).unwrap_or_default();
        assert!((middle - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(divided.place(0.0), None);
        let turn = |at: i32| 1.0 + (f64::from(at) / 100.0 * std::f64::consts::PI).cos();
        let cosine: Vec<f64> = (0..100).map(|at| 5e-3 * turn(at)).collect();
        assert_eq!(Axis::for_rates(&cosine).place(0.0), Some(0.0));
    }

    #[test]
    fn nothing_to_draw_is_an_axis_all_the_same() {
        let nothing = [f64::NAN].into_iter();
        for axis in [
            Axis::from_zero(nothing),
            Axis::up_to(0.0),
            Axis::for_rates(&[]),
        ] {
            assert_eq!(axis.place(0.0), Some(0.0));
            assert_eq!(axis.place(f64::NAN), None);
            assert!(axis.ticks().len() > 1);
        }
        assert_eq!(Axis::between(3.0, 3.0).place(3.0), Some(0.5));
    }
}
