//! Pictures on their way into a file: fine enough for paper, as PNG, as text.

use image::codecs::png::{CompressionType, FilterType as Filter, PngEncoder};
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

use crate::pictures::rendering::Picture;
use crate::{Error, Photo, Result};

/// Pixels that a picture gets for each millimetre, where it has not as many itself.
const FINENESS: f64 = 4.0;
/// The photograph is not printed finer than this many pixels a side.
const FINEST: u32 = 1024;

/// The square of a photograph (left, top, side) that the network looked at, as fine as it is printed.
pub fn photograph(photo: &Photo, [left, top, side]: [u32; 3]) -> Picture {
    let rgb = imageops::crop_imm(&photo.rgb, left, top, side, side).to_image();
    Picture::from_rgb(&Photo { rgb }.preview(FINEST))
}

/// The picture without its opacity.
pub(super) fn opaque(picture: &Picture) -> RgbImage {
    RgbImage::from_fn(picture.width as u32, picture.height as u32, |x, y| {
        let at = (y as usize * picture.width + x as usize) * 4;
        Rgb([0, 1, 2].map(|channel| picture.rgba[at + channel]))
    })
}

/// The picture in just that size, smoothly.
pub(super) fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    match picture.dimensions() == (width, height) {
        true => picture.clone(),
        false => imageops::resize(picture, width, height, FilterType::CatmullRom),
    }
}

/// A PNG of the picture, with pixels enough to be printed `wide` millimetres wide: programs that show a file enlarge small
/// pictures in ways of their own, and a tile of seven pixels would look different in each.
///
/// # Errors
/// [`Error::OutOfRange`] for a picture without pixels.
pub(super) fn png(picture: &Picture, wide: f64) -> Result<Vec<u8>> {
    if picture.width * picture.height == 0 {
        return Err(Error::refused(
            "pixels of a picture on a poster",
            "at least 1",
            format!("{}×{}", picture.width, picture.height),
        ));
    }
    let picture = opaque(picture);
    let (width, height) = picture.dimensions();
    let wanted = (wide * FINENESS).ceil() as u32;
    let fine = match width < wanted {
        true => scaled(&picture, wanted, (height * wanted).div_ceil(width)),
        false => picture,
    };
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, Filter::Adaptive)
        .write_image(
            fine.as_raw(),
            fine.width(),
            fine.height(),
            ExtendedColorType::Rgb8,
        )
        .map_err(|error| Error::Execution(format!("no PNG: {error}")))?;
    Ok(bytes)
}

/// Bytes in base 64 (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            match digit <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base_64_is_that_of_the_rfc() {
        let cases = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        assert_eq!(cases.map(|case| base64(case.as_bytes())), expected);
        assert_eq!(base64(&[0xff, 0xef, 0xbe]), "/+++");
    }
}
