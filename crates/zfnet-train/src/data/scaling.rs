//! Cutting and scaling 8-bit pictures, and their planes.

use image::{RgbImage, imageops};

/// A rectangle of a picture, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Part {
    /// A whole picture.
    pub(super) fn whole(picture: &RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        Self {
            left: 0,
            top: 0,
            width,
            height,
        }
    }

    /// The largest square in the middle of a picture.
    pub(super) fn centre_square(picture: &RgbImage) -> Self {
        let (width, height) = picture.dimensions();
        let side = width.min(height);
        Self {
            left: (width - side) / 2,
            top: (height - side) / 2,
            width: side,
            height: side,
        }
    }
}

/// Scales a part of a picture as the engine does, to the last bit; a part that has the size already is copied.
///
/// `part` must lie inside the picture, and no side may be zero.
pub(super) fn scale(picture: &RgbImage, part: Part, width: u32, height: u32) -> RgbImage {
    let cut = imageops::crop_imm(picture, part.left, part.top, part.width, part.height);
    zfnet::pictures::image::scaled(&cut.to_image(), width, height)
}

/// Writes a part of a picture as planes of red, green and blue, from 0 to 255, mirrored if wanted.
///
/// # Shapes
/// `planes` is `[3, part.height, part.width]`.
pub(super) fn write_planes(picture: &RgbImage, part: Part, mirrored: bool, planes: &mut [f32]) {
    let (width, height) = (part.width as usize, part.height as usize);
    let stride = 3 * picture.width() as usize;
    let begin = part.top as usize * stride + 3 * part.left as usize;
    for (channel, plane) in planes.chunks_exact_mut(width * height).enumerate() {
        for (row, to) in plane.chunks_exact_mut(width).enumerate() {
            let from = &picture.as_raw()[begin + row * stride..][..3 * width];
            let values = from.iter().skip(channel).step_by(3).map(|&v| f32::from(v));
            match mirrored {
                true => to.iter_mut().rev().zip(values).for_each(|(to, v)| *to = v),
                false => to.iter_mut().zip(values).for_each(|(to, v)| *to = v),
            }
        }
    }
}
