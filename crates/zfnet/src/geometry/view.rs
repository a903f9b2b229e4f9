//! A part of the input: what a unit sees of it, or what is shown of it.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::geometry::receptive_field::ReceptiveField;
use crate::geometry::window::Windows;

/// A rectangle of the input in pixels. It may reach outside: a receptive field does, into the padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "Window")]
pub struct View {
    /// First row; negative where the receptive field reaches into the padding.
    pub top: isize,
    /// First column.
    pub left: isize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl View {
    /// All of a frame.
    pub fn whole([height, width]: [usize; 2]) -> Self {
        Self {
            top: 0,
            left: 0,
            height,
            width,
        }
    }

    /// What a unit (row, column) sees; the whole frame where the receptive field is as large in rows or columns.
    pub fn of_unit(field: ReceptiveField, unit: [usize; 2], frame: [usize; 2]) -> Self {
        match Self::size(field, frame) == frame {
            true => Self::whole(frame),
            false => Self::seen_by(field, unit, unit),
        }
    }

    /// Rows and columns of what the units of a layer see.
    pub fn size(field: ReceptiveField, frame: [usize; 2]) -> [usize; 2] {
        // A field larger than the input would only add an empty margin.
        match (0..2).any(|axis| field.size[axis] >= frame[axis]) {
            true => frame,
            false => field.size,
        }
    }

    /// What the units from `first` to `last` (row, column) see.
    pub fn seen_by(field: ReceptiveField, first: [usize; 2], last: [usize; 2]) -> Self {
        let start = |axis: usize, at: [usize; 2]| {
            field.offset[axis] + field.stride[axis].saturating_mul(at[axis]) as isize
        };
        let length = |axis: usize| (start(axis, last) - start(axis, first)) as usize;
        Self {
            top: start(0, first),
            left: start(1, first),
            height: length(0) + field.size[0],
            width: length(1) + field.size[1],
        }
    }

    /// Where a target's window lies on the input.
    pub(crate) fn of_window(windows: &Windows, target: usize) -> Self {
        let ([top, left], [height, width]) = (windows.origins[target], windows.size);
        Self {
            top,
            left,
            height,
            width,
        }
    }

    /// Rows and columns.
    pub fn shape(self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// The row below the last.
    pub fn bottom(self) -> isize {
        self.top + self.height as isize
    }

    /// The column right of the last.
    pub fn right(self) -> isize {
        self.left + self.width as isize
    }

    /// Top, left, bottom and right, the last two exclusive.
    pub fn corners(self) -> [isize; 4] {
        [self.top, self.left, self.bottom(), self.right()]
    }

    /// The part inside a frame; empty if there is none.
    #[must_use]
    pub fn clipped(self, [rows, cols]: [usize; 2]) -> Self {
        let [top, bottom] = [self.top, self.bottom()].map(|at| at.clamp(0, rows as isize));
        let [left, right] = [self.left, self.right()].map(|at| at.clamp(0, cols as isize));
        Self {
            top,
            left,
            height: (bottom - top) as usize,
            width: (right - left) as usize,
        }
    }

    /// This part, or the whole frame where nothing of this one can be drawn.
    #[must_use]
    pub fn drawable(self, frame: [usize; 2]) -> Self {
        match self.shape().contains(&0) {
            true => Self::whole(frame),
            false => self,
        }
    }

    /// What planar values `[channels, rows, cols]` on this part are on another one: zero where they do not reach.
    pub fn carry(self, values: &[f32], onto: Self) -> Vec<f32> {
        let plane = (self.height * self.width).max(1);
        let mut carried = vec![0f32; values.len() / plane * onto.height * onto.width];
        let top = self.top.max(onto.top);
        let left = self.left.max(onto.left);
        let width = (self.right().min(onto.right()) - left).max(0) as usize;
        let rows = top..self.bottom().min(onto.bottom());
        if width == 0 || rows.is_empty() {
            return carried;
        }
        let place = |view: Self, row: isize| {
            (row - view.top) as usize * view.width + (left - view.left) as usize
        };
        let planes = carried.chunks_mut(onto.height * onto.width);
        for (from, to) in values.chunks(plane).zip(planes) {
            for row in rows.clone() {
                let line = &from[place(self, row)..][..width];
                to[place(onto, row)..][..width].copy_from_slice(line);
            }
        }
        carried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carrying_keeps_what_is_inside_and_zeroes_what_is_not() {
        let values: Vec<f32> = (1..=6).map(|value| value as f32).collect();
        let part = View {
            top: -1,
            left: 1,
            height: 2,
            width: 3,
        };
        let whole = View::whole([2, 3]);
        let cut = whole.carry(&values, part);
        assert_eq!(cut, [0.0, 0.0, 0.0, 2.0, 3.0, 0.0]);
        assert_eq!(part.carry(&cut, whole), [0.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
        let beside = View { left: 3, ..whole };
        assert_eq!(whole.carry(&values, beside), [0.0; 6]);
    }

    #[test]
    fn a_part_is_clipped_to_the_frame_and_may_become_empty() {
        let field = ReceptiveField {
            size: [7, 7],
            stride: [2, 2],
            offset: [-1, 0],
        };
        let view = View::seen_by(field, [0, 3], [0, 3]);
        assert_eq!(view.corners(), [-1, 6, 6, 13]);
        assert_eq!(view.clipped([10, 10]).corners(), [0, 6, 6, 10]);
        assert_eq!(view.clipped([10, 4]).shape(), [6, 0]);
        assert_eq!(
            view.clipped([10, 4]).drawable([10, 4]),
            View::whole([10, 4])
        );
    }
}
