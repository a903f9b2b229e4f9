//! The paper's crops (section 3): "each RGB image was preprocessed by resizing the smallest dimension to 256, cropping the
//! center 256x256 region […] and then using 10 different sub-crops of size 224x224 (corners + center with(out) horizontal
//! flips)". Other sizes than 224 keep the proportion.

use image::RgbImage;

use super::scaling::{Part, scale, write_planes};

/// Which parts of a picture an evaluation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crops {
    /// The engine's own square, the one that is shown and classified elsewhere.
    One,
    /// The paper's ten: four corners (top left, top right, bottom left, bottom right) and the centre of the square inside,
    /// then the mirror images of the five.
    Ten,
}

impl Crops {
    /// How many pictures there are for a sample.
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Ten => 10,
        }
    }
}

/// Side of the square that crops of a size are cut from.
pub(super) fn outer_side(size: usize) -> usize {
    (size * 256 + 112) / 224
}

/// The four corners and the centre of a square.
pub(super) fn places(side: usize, size: usize) -> [Part; 5] {
    let (end, middle) = ((side - size) as u32, ((side - size) / 2) as u32);
    let part = |top, left| Part {
        left,
        top,
        width: size as u32,
        height: size as u32,
    };
    [
        part(0, 0),
        part(0, end),
        part(end, 0),
        part(end, end),
        part(middle, middle),
    ]
}

/// The square in the middle of a picture, scaled to the side that crops of a size are cut from.
pub(super) fn outer_square(picture: &RgbImage, size: usize) -> RgbImage {
    let side = outer_side(size) as u32;
    scale(picture, Part::centre_square(picture), side, side)
}

/// Writes the ten crops of a picture.
///
/// # Shapes
/// `planes` is `[10, 3, size, size]`.
pub(super) fn write_ten(picture: &RgbImage, size: usize, planes: &mut [f32]) {
    let square = outer_square(picture, size);
    let places = places(outer_side(size), size);
    let all = [false, true]
        .into_iter()
        .flat_map(|mirrored| places.map(|place| (place, mirrored)));
    for (crop, (place, mirrored)) in planes.chunks_exact_mut(3 * size * size).zip(all) {
        write_planes(&square, place, mirrored, crop);
    }
}
