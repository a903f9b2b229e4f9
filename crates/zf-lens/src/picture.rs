//! From planar numbers to PNG files: cutting out receptive fields, enlarging them, laying them side by side.

use std::path::Path;

use anyhow::Context;
use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder};
use zfnet::Prepared;
use zfnet::architecture::ReceptiveField;
use zfnet::model::Input;
use zfnet::rendering::Picture;
use zfnet::window::Windows;

use crate::output;

/// What lies between the pictures of a sheet.
pub(crate) const PAPER: [u8; 4] = [255, 255, 255, 255];
/// Outlines a receptive field; a colour that both light and dark readers and colour-blind ones see on photographs.
const OUTLINE: [u8; 4] = [230, 159, 0, 255];
/// A map's share where it lies over a photograph.
const COVER: f32 = 0.6;

/// A rectangle of the input: top, left, bottom, right, the last two exclusive. May reach outside the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) top: isize,
    pub(crate) left: isize,
    pub(crate) bottom: isize,
    pub(crate) right: isize,
}

impl Area {
    /// What the units from `first` to `last` (row, column) see.
    pub(crate) fn seen_by(field: ReceptiveField, first: [usize; 2], last: [usize; 2]) -> Self {
        let start = |axis: usize, at: [usize; 2]| {
            field.offset[axis] + (field.stride[axis] * at[axis]) as isize
        };
        Self {
            top: start(0, first),
            left: start(1, first),
            bottom: start(0, last) + field.size[0] as isize,
            right: start(1, last) + field.size[1] as isize,
        }
    }

    /// The whole frame.
    pub(crate) fn frame([rows, cols]: [usize; 2]) -> Self {
        Self {
            top: 0,
            left: 0,
            bottom: rows as isize,
            right: cols as isize,
        }
    }

    /// The part inside the frame; empty if there is none.
    pub(crate) fn clipped(self, [rows, cols]: [usize; 2]) -> Self {
        let row = |at: isize| at.clamp(0, rows as isize);
        let col = |at: isize| at.clamp(0, cols as isize);
        Self {
            top: row(self.top),
            left: col(self.left),
            bottom: row(self.bottom),
            right: col(self.right),
        }
    }

    pub(crate) fn size(self) -> [usize; 2] {
        [
            (self.bottom - self.top).max(0) as usize,
            (self.right - self.left).max(0) as usize,
        ]
    }

    pub(crate) fn corners(self) -> [isize; 4] {
        [self.top, self.left, self.bottom, self.right]
    }

    /// This area, or the whole frame where nothing of this one can be drawn.
    pub(crate) fn drawable(self, frame: [usize; 2]) -> Self {
        if self.size().contains(&0) {
            Self::frame(frame)
        } else {
            self
        }
    }

    /// As the one window of a batch.
    pub(crate) fn window(self, frame: [usize; 2]) -> Windows {
        Windows {
            frame,
            size: self.size(),
            origins: vec![[self.top, self.left]],
        }
    }
}

/// Cuts an area out of planar values `[channels, rows, cols]`; zero outside the frame.
pub(crate) fn cut(values: &[f32], [rows, cols]: [usize; 2], area: Area) -> Vec<f32> {
    let [height, width] = area.size();
    let mut cut = Vec::with_capacity(values.len() / (rows * cols).max(1) * height * width);
    for plane in values.chunks(rows * cols) {
        for row in area.top..area.bottom {
            let line = usize::try_from(row)
                .ok()
                .filter(|row| *row < rows)
                .map(|row| &plane[row * cols..][..cols]);
            let value = |col: isize| {
                line.zip(usize::try_from(col).ok())
                    .and_then(|(line, col)| line.get(col).copied())
            };
            cut.extend((area.left..area.right).map(|col| value(col).unwrap_or(0.0)));
        }
    }
    cut
}

/// The part of the photograph under an area.
pub(crate) fn patch(prepared: &Prepared, area: Area, input: &Input) -> RgbImage {
    prepared.patch(&area.window([input.size; 2]), 0, input)
}

/// How far to enlarge a picture so that its longer side comes near `wanted`; whole pixels only, so that each stays a square.
pub(crate) fn zoom_to([rows, cols]: [usize; 2], wanted: usize) -> usize {
    (wanted / rows.max(cols).max(1)).max(1)
}

/// A map laid over the photograph.
pub(crate) fn over(photograph: &Picture, map: &Picture) -> Picture {
    let mixed = photograph.rgba.iter().zip(&map.rgba);
    Picture {
        rgba: mixed
            .map(|(below, above)| {
                let value = f32::from(*below) * (1.0 - COVER) + f32::from(*above) * COVER;
                value.round() as u8
            })
            .collect(),
        ..*photograph
    }
}

/// Draws the border of an area onto a picture of the frame.
pub(crate) fn outline(picture: &mut Picture, area: Area) {
    let area = area.clipped([picture.height, picture.width]);
    for row in area.top..area.bottom {
        let on_edge = row == area.top || row == area.bottom - 1;
        let cols = (area.left..area.right)
            .filter(|col| on_edge || *col == area.left || *col == area.right - 1);
        for col in cols {
            let at = (row as usize * picture.width + col as usize) * 4;
            picture.rgba[at..at + 4].copy_from_slice(&OUTLINE);
        }
    }
}

/// Writes a picture as PNG.
///
/// # Errors
/// When the disk refuses.
pub(crate) fn write_png(path: &Path, picture: &Picture) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            &picture.rgba,
            picture.width as u32,
            picture.height as u32,
            ExtendedColorType::Rgba8,
        )
        .with_context(|| format!("{}: expected a picture that can be encoded", path.display()))?;
    output::file(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_keeps_what_is_inside_and_zeroes_what_is_not() {
        let values: Vec<f32> = (1..=6).map(|value| value as f32).collect();
        let area = Area {
            top: -1,
            left: 1,
            bottom: 1,
            right: 4,
        };
        assert_eq!(cut(&values, [2, 3], area), [0.0, 0.0, 0.0, 2.0, 3.0, 0.0]);
    }

    #[test]
    fn an_area_is_clipped_to_the_frame_and_may_become_empty() {
        let field = ReceptiveField {
            size: [7, 7],
            stride: [2, 2],
            offset: [-1, 0],
        };
        let area = Area::seen_by(field, [0, 3], [0, 3]);
        assert_eq!(area.corners(), [-1, 6, 6, 13]);
        assert_eq!(area.clipped([10, 10]).corners(), [0, 6, 6, 10]);
        assert_eq!(area.clipped([10, 4]).size(), [6, 0]);
        assert_eq!(
            area.clipped([10, 4]).drawable([10, 4]),
            Area::frame([10, 4])
        );
    }
}
