//! Numbers to pictures: feature maps, signed projections, filters, mosaics. Everything comes out as RGBA.

use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::{Error, Result};

/// An RGBA picture, 8 bits a channel, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TypeScript)]
#[serde(try_from = "Pixels")]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width · height · 4` bytes.
    pub rgba: Vec<u8>,
}

/// A picture as it is handed over, with as many bytes as somebody gave it.
#[derive(Deserialize, TypeScript)]
#[serde(rename = "Picture")]
struct Pixels {
    width: usize,
    height: usize,
    #[serde(with = "serde_bytes")]
    rgba: Vec<u8>,
}

impl TryFrom<Pixels> for Picture {
    type Error = Error;

    fn try_from(
        Pixels {
            width,
            height,
            rgba,
        }: Pixels,
    ) -> Result<Self> {
        let bytes = width.checked_mul(height).and_then(|all| all.checked_mul(4));
        match bytes == Some(rgba.len()) {
            true => Ok(Self {
                width,
                height,
                rgba,
            }),
            false => Err(Error::refused(
                "picture",
                format!("four bytes for each of {width}×{height} pixels"),
                format!("{} bytes", rgba.len()),
            )),
        }
    }
}

/// How the magnitude of a projection becomes brightness. All of them keep zero, or the middle, at grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "lowercase")]
pub enum Stretch {
    /// Symmetric about mid grey; the 99.5 % quantile of the magnitude is full black or white.
    #[default]
    Quantile,
    /// From the smallest to the largest value; zero lies wherever it falls.
    MinMax,
    /// A logistic curve that puts plus and minus the quantile at 0.99 and 0.01 (Mahendran & Vedaldi 2016).
    Sigmoid,
}

/// The share of pixels that a stretch does not clip.
const QUANTILE: f64 = 0.995;

/// The magnitude below which 99.5 % of the values lie.
pub fn magnitude(values: &[f32]) -> f32 {
    let mut magnitudes: Vec<f32> = values.iter().map(|v| v.abs()).collect();
    if magnitudes.is_empty() {
        return 0.0;
    }
    let at = ((magnitudes.len() - 1) as f64 * QUANTILE).round() as usize;
    *magnitudes.select_nth_unstable_by(at, f32::total_cmp).1
}

/// The value that [`projection`] draws as full white.
pub fn white(values: &[f32], stretch: Stretch, shared: Option<f32>) -> f32 {
    match (stretch, shared) {
        (_, Some(scale)) => scale,
        (Stretch::MinMax, None) => values.iter().copied().fold(f32::MIN, f32::max),
        (Stretch::Quantile | Stretch::Sigmoid, None) => magnitude(values),
    }
}

/// Draws a signed projection, planar `[channels, rows, cols]` (one channel comes out grey), about mid grey, and returns the value drawn as full white.
///
/// `shared` puts several projections on one scale; without it, each gets its own.
pub fn projection(
    values: &[f32],
    [rows, cols]: [usize; 2],
    stretch: Stretch,
    shared: Option<f32>,
) -> (Picture, f32) {
    let plane = rows * cols;
    let ends = |(low, high): (f32, f32), value: &f32| (low.min(*value), high.max(*value));
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), ends);
    let white = white(values, stretch, shared);
    let least = white.max(f32::MIN_POSITIVE);
    let about_grey = |value: f32| 0.5 + 0.5 * value / least;
    let rgba = match stretch {
        _ if white == 0.0 && shared.is_none() && high <= low => paint(values, plane, |_| 0.5),
        Stretch::MinMax if shared.is_none() => {
            let range = (high - low).max(f32::MIN_POSITIVE);
            paint(values, plane, |value| (value - low) / range)
        }
        Stretch::Quantile | Stretch::MinMax => paint(values, plane, about_grey),
        Stretch::Sigmoid => paint(values, plane, |value| {
            1.0 / (1.0 + 99f32.powf(-value / least))
        }),
    };
    let picture = Picture {
        width: cols,
        height: rows,
        rgba,
    };
    (picture, white)
}

/// The pixels of planar values, of which one channel comes out grey.
fn paint(values: &[f32], plane: usize, shade: impl Fn(f32) -> f32) -> Vec<u8> {
    let channels = (values.len() / plane.max(1)).max(1);
    let mut rgba = vec![255; plane * 4];
    for channel in 0..3 {
        let values = &values[channel % channels * plane..][..plane];
        for (pixel, value) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(values) {
            pixel[channel] = byte(shade(*value));
        }
    }
    rgba
}

/// Draws a feature map in viridis, dark where the value is `low` and bright where it is `high`.
pub fn feature_map(values: &[f32], [rows, cols]: [usize; 2], low: f32, high: f32) -> Picture {
    let rgba = values.iter().flat_map(|v| viridis(*v, low, high)).collect();
    Picture {
        width: cols,
        height: rows,
        rgba,
    }
}

/// Colours of things that are told apart, for readers of every colour vision (Okabe & Ito 2008).
pub const PALETTE: [[u8; 3]; 7] = [
    [0, 114, 178],
    [230, 159, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [213, 94, 0],
    [240, 228, 66],
];
/// What has no colour of its own.
pub const OTHER: [u8; 3] = [128; 3];

/// A colour of viridis, which keeps its order for colour-blind readers and in grey print.
pub fn viridis(value: f32, low: f32, high: f32) -> [u8; 4] {
    let at = if high > low {
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let colour = colorous::VIRIDIS.eval_continuous(f64::from(at));
    [colour.r, colour.g, colour.b, 255]
}

/// Draws filters `[filters, 3, rows, cols]` each on its own symmetric scale, as a mosaic magnified by `zoom`.
pub fn filters(values: &[f32], [count, channels, rows, cols]: [usize; 4], zoom: usize) -> Picture {
    let plane = rows * cols;
    let tiles = values.chunks(channels * plane).take(count).map(|filter| {
        let planes: Vec<f32> = (0..3)
            .flat_map(|channel| {
                filter[(channel % channels) * plane..][..plane]
                    .iter()
                    .copied()
            })
            .collect();
        let largest = planes.iter().fold(0f32, |most, v| most.max(v.abs()));
        projection(&planes, [rows, cols], Stretch::Quantile, Some(largest))
            .0
            .magnified(zoom)
    });
    mosaic(
        &tiles.collect::<Vec<_>>(),
        zoom.max(1),
        [128, 128, 128, 255],
    )
}

/// Lays pictures out in rows that make a nearly square whole, `gap` pixels of `ground` between and around them.
///
/// Each is centred in a cell as large as the largest.
pub fn mosaic(tiles: &[Picture], gap: usize, ground: [u8; 4]) -> Picture {
    let columns = (tiles.len() as f64).sqrt().ceil() as usize;
    grid(tiles, columns.max(1), gap, ground)
}

/// Lays pictures out in rows of `columns`.
pub fn grid(tiles: &[Picture], columns: usize, gap: usize, ground: [u8; 4]) -> Picture {
    let cell = tiles.iter().fold([0, 0], |cell, tile| {
        [tile.height.max(cell[0]), tile.width.max(cell[1])]
    });
    let rows = tiles.len().div_ceil(columns.max(1));
    let (height, width) = (
        rows * (cell[0] + gap) + gap,
        columns * (cell[1] + gap) + gap,
    );
    let mut whole = Picture {
        width,
        height,
        rgba: ground.repeat(width * height),
    };
    for (at, tile) in tiles.iter().enumerate() {
        let top = gap + (at / columns) * (cell[0] + gap) + (cell[0] - tile.height) / 2;
        let left = gap + (at % columns) * (cell[1] + gap) + (cell[1] - tile.width) / 2;
        whole.paste(tile, top, left);
    }
    whole
}

impl Picture {
    /// From an RGB picture.
    pub fn from_rgb(rgb: &image::RgbImage) -> Self {
        let rgba = rgb
            .pixels()
            .flat_map(|p| [p.0[0], p.0[1], p.0[2], 255])
            .collect();
        Self {
            width: rgb.width() as usize,
            height: rgb.height() as usize,
            rgba,
        }
    }

    /// Every pixel as a square of `zoom` by `zoom`.
    pub fn magnified(&self, zoom: usize) -> Self {
        let zoom = zoom.max(1);
        let (width, height) = (self.width * zoom, self.height * zoom);
        let mut rgba = Vec::with_capacity(width * height * 4);
        for row in 0..height {
            for col in 0..width {
                let at = ((row / zoom) * self.width + col / zoom) * 4;
                rgba.extend_from_slice(&self.rgba[at..at + 4]);
            }
        }
        Self {
            width,
            height,
            rgba,
        }
    }

    /// Copies `tile` onto this picture, which must have room for it.
    pub fn paste(&mut self, tile: &Self, top: usize, left: usize) {
        for (row, line) in tile.rgba.chunks(tile.width * 4).enumerate() {
            let start = ((top + row) * self.width + left) * 4;
            self.rgba[start..start + line.len()].copy_from_slice(line);
        }
    }
}

fn byte(shade: f32) -> u8 {
    // What is left of a half is cut off: to round is a call in WebAssembly.
    (shade.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
