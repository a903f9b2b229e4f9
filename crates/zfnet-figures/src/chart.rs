//! Curves and bars over a pair of axes.

use crate::axis::Axis;
use crate::scene::{Anchor, Colour};
use crate::sheet::{SMALL, Sheet};

/// Lines of the grid, and the axes.
const GRID: Colour = [226, 225, 222];
const AXIS: Colour = [98, 96, 92];
/// Thickness of a curve, of a bar's spread, and of a line of the grid.
const CURVE: f64 = 2.4;
const SPREAD: f64 = 1.6;
const THIN: f64 = 1.0;
/// From line to line of what is hatched.
const HATCH: f64 = 9.0;
/// Half the length of a mark on an axis, and of the ends of a spread.
const MARK: f64 = 4.0;

/// An area of a sheet with numbers along its left and lower edges.
#[derive(Debug)]
pub struct Chart {
    /// Left, top, right and bottom on the sheet, without the axes' numbers.
    pub area: [usize; 4],
    /// From the left edge to the right.
    pub x: Axis,
    /// From the lower edge to the upper.
    pub y: Axis,
}

impl Chart {
    /// Where numbers lie on the sheet; `None` for what cannot be drawn.
    fn at(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        let [left, top, right, bottom] = self.area.map(|at| at as f64);
        let (x, y) = self.x.place(x).zip(self.y.place(y))?;
        Some([left + x * (right - left), bottom - y * (bottom - top)])
    }

    /// Draws the lines of the grid with their numbers on the left.
    pub fn rows(&self, sheet: &mut Sheet, written: impl Fn(f64) -> String) {
        let [left, _, right, bottom] = self.area;
        sheet.reach(bottom + 1);
        for value in self.y.ticks() {
            let Some([_, y]) = self.at(self.x.low(), value) else {
                continue;
            };
            let lowest = value == self.y.low();
            // Through the middle of pixels, so that it is one of them thick.
            let y = y.floor() + 0.5;
            let ends = [left, right].map(|x| [x as f64, y]);
            sheet.line(ends.into(), THIN, if lowest { AXIS } else { GRID });
            let top = (y as usize).saturating_sub(SMALL.line() / 2);
            let beside = left.saturating_sub(2 * MARK as usize);
            sheet.say(&written(value), beside, top, Anchor::Right, SMALL);
        }
    }

    /// Draws marks along the lower edge with their numbers below, and gives the row below those.
    pub fn marks(&self, sheet: &mut Sheet, written: impl Fn(f64) -> String) -> usize {
        let top = self.area[3] + MARK as usize + 2;
        for value in self.x.ticks() {
            let Some([x, y]) = self.at(value, self.y.low()) else {
                continue;
            };
            let x = x.floor() + 0.5;
            sheet.line(vec![[x, y], [x, y + MARK]], THIN, AXIS);
            sheet.say(&written(value), x as usize, top, Anchor::Middle, SMALL);
        }
        top + SMALL.line()
    }

    /// Writes names at their places along the lower edge, as many as do not touch, and gives the row below them.
    pub fn named(&self, sheet: &mut Sheet, names: &[(f64, String)]) -> usize {
        let top = self.area[3] + MARK as usize + 2;
        let mut free = f64::NEG_INFINITY;
        for (value, name) in names {
            let Some([x, y]) = self.at(*value, self.y.low()) else {
                continue;
            };
            let half = SMALL.extent(name) / 2.0;
            if x - half < free {
                continue;
            }
            free = x + half + MARK;
            let x = x.floor() + 0.5;
            sheet.line(vec![[x, y], [x, y + MARK]], THIN, AXIS);
            sheet.say(name, x as usize, top, Anchor::Middle, SMALL);
        }
        top + SMALL.line()
    }

    /// Hatches what lies between two values along the lower edge.
    pub fn band(&self, sheet: &mut Sheet, from: f64, to: f64) {
        let low = self.y.low();
        let Some(([left, bottom], [right, _])) = self.at(from, low).zip(self.at(to, low)) else {
            return;
        };
        let top = self.area[1] as f64;
        let strokes = ((right - left + bottom - top) / HATCH) as usize;
        for stroke in 1..=strokes {
            // Slanted: left and down are one sum.
            let sum = left + top + stroke as f64 * HATCH;
            let [upper, lower] = [right.min(sum - top), left.max(sum - bottom)];
            let ends = [upper, lower].map(|x| [x, sum - x]);
            sheet.line(ends.into(), THIN, GRID);
        }
    }

    /// A mark for what lies below the scale: a triangle that points further down.
    pub fn below(&self, sheet: &mut Sheet, x: f64, colour: Colour) {
        let Some([x, y]) = self.at(x, self.y.low()) else {
            return;
        };
        let corners = [[-1.0, -1.6], [1.0, -1.6], [0.0, 0.0], [-1.0, -1.6]];
        let corners = corners.map(|[across, down]| [x + across * MARK, y + down * MARK]);
        sheet.line(corners.into(), SPREAD, colour);
    }

    /// Draws a line from the lower edge to the upper where something is pointed at.
    pub fn cursor(&self, sheet: &mut Sheet, x: f64) {
        let Some([x, low]) = self.at(x, self.y.low()) else {
            return;
        };
        let x = x.floor() + 0.5;
        sheet.line(vec![[x, self.area[1] as f64], [x, low]], THIN, AXIS);
    }

    /// Draws a curve through its points from left to right, with a gap where a number is missing.
    pub fn curve(&self, sheet: &mut Sheet, points: &[[f64; 2]], colour: Colour) {
        let mut points = points.to_vec();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let places: Vec<_> = points.iter().map(|[x, y]| self.at(*x, *y)).collect();
        for part in places.split(Option::is_none) {
            let part: Vec<_> = part.iter().copied().flatten().collect();
            for dot in &part {
                sheet.line(vec![*dot], 2.0 * CURVE, colour);
            }
            if part.len() > 1 {
                sheet.line(part, CURVE, colour);
            }
        }
    }

    /// Draws a bar from the lower edge up to a number, and how far that spreads, where it does.
    pub fn bar(
        &self,
        sheet: &mut Sheet,
        [from, to]: [f64; 2],
        value: f64,
        spread: Option<f64>,
        colour: Colour,
    ) {
        let low = self.y.low();
        let Some(([left, top], [right, bottom])) = self.at(from, value).zip(self.at(to, low))
        else {
            return;
        };
        let [left, top, right, bottom] =
            [left, top, right, bottom].map(|at| at.round().max(0.0) as usize);
        let size = [right.saturating_sub(left), bottom.saturating_sub(top)];
        sheet.fill([left, top], size, colour);
        let middle = (from + to) / 2.0;
        let ends = spread.map(|spread| [value - spread, value + spread]);
        let Some([Some(low), Some(high)]) = ends.map(|ends| ends.map(|y| self.at(middle, y)))
        else {
            return;
        };
        sheet.line(vec![low, high], SPREAD, AXIS);
        for [x, y] in [low, high] {
            sheet.line(vec![[x - MARK, y], [x + MARK, y]], SPREAD, AXIS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_numbers_lie_higher_and_none_leaves_the_area() {
        let chart = Chart {
            area: [10, 20, 110, 70],
            x: Axis::between(0.0, 10.0),
            y: Axis::between(0.0, 2.0),
        };
        assert_eq!(chart.at(0.0, 0.0), Some([10.0, 70.0]));
        assert_eq!(chart.at(10.0, 2.0), Some([110.0, 20.0]));
        assert_eq!(chart.at(5.0, 9.0), Some([60.0, 20.0]));
        assert_eq!(chart.at(5.0, f64::NAN), None);
    }
}
