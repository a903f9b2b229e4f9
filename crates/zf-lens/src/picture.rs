//! From pictures to PNG files: enlarging them, laying one over the other, outlining parts.

use std::path::Path;

use anyhow::Context;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use zfnet::rendering::Picture;
use zfnet::view::View;

use crate::output;

/// What lies between the pictures of a sheet.
pub(crate) const PAPER: [u8; 4] = [255, 255, 255, 255];
/// Outlines a receptive field; a colour that both light and dark readers and colour-blind ones see on photographs.
const OUTLINE: [u8; 4] = [230, 159, 0, 255];
/// A map's share where it lies over a photograph.
const COVER: f32 = 0.6;

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

/// Draws the border of a part onto a picture of the frame.
pub(crate) fn outline(picture: &mut Picture, view: View) {
    let view = view.clipped([picture.height, picture.width]);
    let [top, left, bottom, right] = view.corners();
    for row in top..bottom {
        let on_edge = row == top || row == bottom - 1;
        let cols = { left..right }.filter(|col| on_edge || *col == left || *col == right - 1);
        for col in cols {
            let at = (row as usize * picture.width + col as usize) * 4;
            picture.rgba[at..at + 4].copy_from_slice(&OUTLINE);
        }
    }
}

/// A picture as a PNG file.
///
/// # Errors
/// When it has no pixels.
pub(crate) fn png(picture: &Picture) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width as u32, picture.height as u32);
    PngEncoder::new(&mut bytes)
        .write_image(&picture.rgba, width, height, ExtendedColorType::Rgba8)
        .context("expected a picture that can be encoded")?;
    Ok(bytes)
}

/// Writes a picture as PNG.
///
/// # Errors
/// As [`png`]; when the disk refuses.
pub(crate) fn write_png(path: &Path, picture: &Picture) -> anyhow::Result<()> {
    let bytes = png(picture).with_context(|| path.display().to_string())?;
    output::file(path, &bytes)
}
