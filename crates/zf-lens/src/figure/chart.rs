//! Curves and bars over a pair of axes.

use zfnet::analysis::hierarchy::stroke;

use super::{Anchor, Figure, SMALL};

/// Lines of the grid, and the axes.
const GRID: [u8; 3] = [226, 225, 222];
const AXIS: [u8; 3] = [98, 96, 92];
/// Half the thickness of a curve, of a bar's spread, and of a line of the grid.
const CURVE: f64 = 1.2;
const SPREAD: f64 = 0.8;
const THIN: f64 = 0.5;
/// Half the length of a mark on an axis, and of the ends of a spread.
const MARK: f64 = 4.0;
/// Lines of the grid, at most.
const LINES: f64 = 6.0;

/// Of a step: how far from a round number single precision may be.
const NEXT_TO_NOTHING: f64 = 1e-4;

/// An area of a figure with numbers along its left and lower edges.
pub(crate) struct Chart {
    /// Left, top, right and bottom in the figure, without the axes' numbers.
    pub(crate) area: [usize; 4],
    /// From the left edge to the right, and from the lower edge to the upper.
    pub(crate) x: [f64; 2],
    pub(crate) y: [f64; 2],
}

impl Chart {
    /// Where numbers lie in the figure.
    fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, top, right, bottom] = self.area.map(|at| at as f64);
        let share = |value: f64, [low, high]: [f64; 2]| match high > low {
            true => (value - low) / (high - low),
            false => 0.5,
        };
        [
            left + share(x, self.x) * (right - left),
            bottom - share(y, self.y).clamp(0.0, 1.0) * (bottom - top),
        ]
    }

    /// Draws the lines of the grid with their numbers on the left.
    pub(crate) fn rows(&self, figure: &mut Figure, written: impl Fn(f64) -> String) {
        let [left, _, _, bottom] = self.area;
        figure.reach(bottom + 1);
        for value in ticks(self.y) {
            let [from, to] = self.x.map(|x| self.at(x, value));
            let colour = if value == self.y[0] { AXIS } else { GRID };
            stroke(&mut figure.canvas, from, to, THIN, colour);
            let top = (from[1].round() as usize).saturating_sub(SMALL.line() / 2);
            let beside = left.saturating_sub(2 * MARK as usize);
            figure.say(&written(value), beside, top, Anchor::Right, SMALL);
        }
    }

    /// Draws marks along the lower edge with their numbers below, and gives the row below those.
    pub(crate) fn marks(&self, figure: &mut Figure, written: impl Fn(f64) -> String) -> usize {
        let top = self.area[3] + MARK as usize + 2;
        for value in ticks(self.x) {
            let [x, y] = self.at(value, self.y[0]);
            stroke(&mut figure.canvas, [x, y], [x, y + MARK], THIN, AXIS);
            let text = written(value);
            figure.say(&text, x.round() as usize, top, Anchor::Middle, SMALL);
        }
        top + SMALL.line()
    }

    /// Draws a curve through its points from left to right, with a gap where a number is missing.
    pub(crate) fn curve(&self, figure: &mut Figure, points: &[[f64; 2]], colour: [u8; 3]) {
        let known = |[x, y]: [f64; 2]| x.is_finite() && y.is_finite();
        let mut points = points.to_vec();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        for pair in points
            .windows(2)
            .filter(|pair| pair.iter().all(|p| known(*p)))
        {
            let [from, to] = [pair[0], pair[1]].map(|[x, y]| self.at(x, y));
            stroke(&mut figure.canvas, from, to, CURVE, colour);
        }
        for [x, y] in points.into_iter().filter(|point| known(*point)) {
            let at = self.at(x, y);
            stroke(&mut figure.canvas, at, at, 2.0 * CURVE, colour);
        }
    }

    /// Draws a bar from the lower edge up to a number, and how far that spreads, where it does.
    pub(crate) fn bar(
        &self,
        figure: &mut Figure,
        [from, to]: [f64; 2],
        value: f64,
        spread: Option<f64>,
        colour: [u8; 3],
    ) {
        let ([left, top], [right, bottom]) = (self.at(from, value), self.at(to, self.y[0]));
        let [left, top, right, bottom] =
            [left, top, right, bottom].map(|at| at.round().max(0.0) as usize);
        let size = [right.saturating_sub(left), bottom.saturating_sub(top)];
        figure.fill([left, top], size, colour);
        let Some(spread) = spread else { return };
        let middle = (from + to) / 2.0;
        let [low, high] = [value - spread, value + spread].map(|y| self.at(middle, y));
        let mut line = |from, to| stroke(&mut figure.canvas, from, to, SPREAD, AXIS);
        line(low, high);
        for [x, y] in [low, high] {
            line([x - MARK, y], [x + MARK, y]);
        }
    }
}

/// A round number just above, where an axis may end.
pub(crate) fn ceiling(value: f64) -> f64 {
    match value.is_finite() && value > 0.0 {
        true => {
            let step = step([0.0, value]);
            (value / step - NEXT_TO_NOTHING).ceil() * step
        }
        false => 1.0,
    }
}

/// Round numbers between two others, the ends among them where they are round.
fn ticks([low, high]: [f64; 2]) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite() && high > low) {
        return vec![low];
    }
    let step = step([low, high]);
    let first = (low / step - NEXT_TO_NOTHING).ceil();
    (0..)
        .map(|at| (first + f64::from(at)) * step)
        .take_while(|value| *value <= high + step * NEXT_TO_NOTHING)
        // Rounding may leave next to nothing where zero is meant.
        .map(|value| if value.abs() < step / 2.0 { 0.0 } else { value })
        .collect()
}

/// The least of 1, 2, 2.5, 5 and their multiples by ten that takes few steps from one end to the other.
fn step([low, high]: [f64; 2]) -> f64 {
    let least = (high - low) / LINES;
    let decade = 10f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0].map(|step| step * decade);
    let found = steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9));
    found.unwrap_or(10.0 * decade)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_few_round_numbers() {
        let near = |found: Vec<f64>, expected: &[f64]| {
            let same = found.len() == expected.len();
            let close = found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(same && close, "{found:?}, {expected:?}");
        };
        near(ticks([0.0, 1.0]), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        near(
            ticks([-60.0, 60.0]),
            &[-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0],
        );
        near(ticks([1.0, 1.8]), &[1.0, 1.2, 1.4, 1.6, 1.8]);
        near(ticks([3.0, 3.0]), &[3.0]);
        near(
            vec![ceiling(0.93), ceiling(1.0), ceiling(0.0)],
            &[1.0, 1.0, 1.0],
        );
    }

    #[test]
    fn higher_numbers_lie_higher_and_none_leaves_the_area() {
        let chart = Chart {
            area: [10, 20, 110, 70],
            x: [0.0, 10.0],
            y: [0.0, 2.0],
        };
        assert_eq!(chart.at(0.0, 0.0), [10.0, 70.0]);
        assert_eq!(chart.at(10.0, 2.0), [110.0, 20.0]);
        assert_eq!(chart.at(5.0, 9.0), [60.0, 20.0]);
    }
}
