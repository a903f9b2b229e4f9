//! The poster as pixels, where no program is at hand that draws SVG.

use image::imageops;
use image::{Rgb, RgbImage};

use super::layout::{Item, Layout};
use super::lettering::lines;
use super::print::{opaque, scaled};
use super::svg::picture;
use crate::pictures::rendering::Picture;
use crate::{Error, Result};

/// Widest poster that is drawn.
pub const WIDEST: usize = 10_000;
/// Thickness of the pen, as a share of the type's height: regular, bold.
const PEN: [f64; 2] = [0.075, 0.125];

/// Draws a layout so many pixels wide; `pictures` are the photograph and the tiles. Text is drawn with a pen of even
/// thickness, in the Latin alphabet without accents.
///
/// # Errors
/// [`Error::OutOfRange`] for a width of 0 or above [`WIDEST`], or when the layout has more pictures than are given.
pub fn raster(layout: &Layout, pictures: &[Picture], width: usize) -> Result<Picture> {
    if !(1..=WIDEST).contains(&width) {
        return Err(Error::refused(
            "pixels of a poster's width",
            format!("1 to {WIDEST}"),
            width,
        ));
    }
    let scale = width as f64 / layout.width;
    let pixel = |at: f64| (at * scale).round() as i64;
    let height = pixel(layout.height).max(1) as u32;
    let mut canvas = RgbImage::from_pixel(width as u32, height, Rgb(layout.ground));
    for item in &layout.items {
        match item {
            Item::Picture { number, at } => {
                let [left, top] = [pixel(at.left), pixel(at.top)];
                // Both edges are rounded, so that neighbours keep their distance.
                let [wide, high] = [
                    pixel(at.left + at.width) - left,
                    pixel(at.top + at.height) - top,
                ];
                let drawn = opaque(picture(pictures, *number)?);
                if wide > 0 && high > 0 && drawn.width() > 0 && drawn.height() > 0 {
                    let drawn = scaled(&drawn, wide as u32, high as u32);
                    imageops::replace(&mut canvas, &drawn, left, top);
                }
            }
            Item::Text {
                text,
                left,
                baseline,
                size,
                bold,
                colour,
            } => {
                let at = [left * scale, baseline * scale];
                write(&mut canvas, text, at, size * scale, *bold, *colour);
            }
            Item::Rule {
                left,
                top,
                width,
                colour,
            } => {
                let (first, last) = (pixel(*left), pixel(left + width));
                let thick = pixel(0.3).max(1);
                for y in pixel(*top)..pixel(*top) + thick {
                    for x in first..last {
                        mix(&mut canvas, [x, y], *colour, 1.0);
                    }
                }
            }
        }
    }
    Ok(Picture::from_rgb(&canvas))
}

/// Writes a line of text that begins at `left` and stands on `baseline`, with type of `size`; all in pixels. What lies
/// outside the canvas is left out.
pub fn write(
    canvas: &mut RgbImage,
    text: &str,
    [left, baseline]: [f64; 2],
    size: f64,
    bold: bool,
    colour: [u8; 3],
) {
    let pen = PEN[usize::from(bold)] * size / 2.0;
    // A letter's edge, not its pen's middle, stands where the text begins.
    let at = |[right, up]: [f64; 2]| [left + right * size + pen, baseline - up * size];
    for [from, to] in lines(text) {
        stroke(canvas, at(from), at(to), pen, colour);
    }
}

/// Draws a stroke with round ends, `pen` to each side, between two places right and down from the top left; in pixels. What
/// lies outside the canvas is left out.
pub fn stroke(canvas: &mut RgbImage, from: [f64; 2], to: [f64; 2], pen: f64, colour: [u8; 3]) {
    let reach = pen + 1.0;
    let range = |axis: usize| {
        let (low, high) = (
            from[axis].min(to[axis]) - reach,
            from[axis].max(to[axis]) + reach,
        );
        low.floor() as i64..=high.ceil() as i64
    };
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    for y in range(1) {
        for x in range(0) {
            let apart = [x as f64 + 0.5 - from[0], y as f64 + 0.5 - from[1]];
            let share = match length > 0.0 {
                true => ((apart[0] * along[0] + apart[1] * along[1]) / length).clamp(0.0, 1.0),
                false => 0.0,
            };
            let distance = (apart[0] - share * along[0]).hypot(apart[1] - share * along[1]);
            mix(
                canvas,
                [x, y],
                colour,
                (pen + 0.5 - distance).clamp(0.0, 1.0),
            );
        }
    }
}

/// Covers a share of a pixel. Strokes that meet may both cover its edge, which darkens a letter's joints by very little.
fn mix(canvas: &mut RgbImage, [x, y]: [i64; 2], colour: [u8; 3], share: f64) {
    let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
    if let Some(pixel) = place.and_then(|(x, y)| canvas.get_pixel_mut_checked(x, y)) {
        for (below, above) in pixel.0.iter_mut().zip(colour) {
            let (low, high) = (f64::from(*below), f64::from(above));
            *below = (low + (high - low) * share).round() as u8;
        }
    }
}
