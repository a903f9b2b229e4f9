//! A photograph's bytes to its pixels, or what is wrong with them.

use std::io::Cursor;

use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

use super::Photo;
use crate::{Error, Result, foreign};

/// Longest side that is decoded.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels that are decoded: far above any camera, far below what exhausts a phone.
pub const MAX_PIXELS: u64 = 120_000_000;
/// Largest file that is looked at.
pub const MAX_BYTES: usize = 128 << 20;
/// What shows through transparent pixels: mid grey, close to the mean that is subtracted, so close to nothing.
const BEHIND_ALPHA: u32 = 128;

impl Photo {
    /// Decodes JPEG, PNG, WebP, GIF (first frame) or BMP, turns it upright after its EXIF orientation, flattens
    /// transparency onto mid grey and reduces 16 bits to 8.
    ///
    /// # Errors
    /// [`Error::ImageEmpty`], [`Error::ImageTooLarge`] (found out before anything is decoded), [`Error::ImageUnsupported`]
    /// for pictures that a browser may be able to read, [`Error::ImageDecode`] for what is broken or no picture.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Err(Error::ImageEmpty {
                found: "no bytes".into(),
            });
        }
        if bytes.len() > MAX_BYTES {
            return Err(Error::ImageTooLarge {
                expected: format!("{MAX_BYTES} bytes"),
                found: format!("{} bytes", bytes.len()),
            });
        }
        let reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|e| undecodable(&e))?;
        let Some(format) = reader.format() else {
            return Err(match foreign_format(bytes) {
                Some(name) => Error::ImageUnsupported { found: name.into() },
                None => Error::ImageDecode {
                    found: foreign::kind(bytes)
                        .unwrap_or("bytes that begin like no picture")
                        .into(),
                },
            });
        };
        if format == image::ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
            return Err(Error::ImageDecode {
                found: "a JPEG that breaks off before its end".into(),
            });
        }
        let mut decoder = reader.into_decoder().map_err(from_image)?;
        let (width, height) = decoder.dimensions();
        check_size(width, height)?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_PIXELS * 8);
        decoder.set_limits(limits).map_err(from_image)?;
        let orientation = decoder
            .orientation()
            .unwrap_or(image::metadata::Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder).map_err(from_image)?;
        picture.apply_orientation(orientation);
        Ok(Self {
            rgb: flatten(picture),
        })
    }

    /// Takes pixels that somebody else has decoded, RGBA with 8 bits a channel.
    ///
    /// # Errors
    /// [`Error::ImageEmpty`], [`Error::ImageTooLarge`], or [`Error::ImageDecode`] when the bytes do not fit the size.
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Self> {
        check_size(width, height)?;
        let expected = width as usize * height as usize * 4;
        let pixels = image::RgbaImage::from_raw(width, height, rgba.to_vec())
            .filter(|_| rgba.len() == expected);
        match pixels {
            Some(pixels) => Ok(Self {
                rgb: flatten(DynamicImage::ImageRgba8(pixels)),
            }),
            None => Err(Error::ImageDecode {
                found: format!(
                    "{} bytes of RGBA where {width}×{height} pixels take {expected}",
                    rgba.len()
                ),
            }),
        }
    }
}

fn check_size(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::ImageEmpty {
            found: format!("{width}×{height} pixels"),
        });
    }
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::ImageTooLarge {
            expected: format!(
                "{MAX_SIDE} pixels a side and {} million in all",
                MAX_PIXELS / 1_000_000
            ),
            found: format!("{width}×{height}"),
        });
    }
    Ok(())
}

fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    let mut rgb = RgbImage::new(width, height);
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue]
            .map(|value| ((value * alpha + BEHIND_ALPHA * (255 - alpha) + 127) / 255) as u8);
    }
    rgb
}

/// Names pictures that are well formed but not decoded here, so that a browser can be asked.
fn foreign_format(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).filter(|box_| box_.starts_with(b"ftyp"));
    if let Some(brand) = brand {
        return Some(match &brand[4..] {
            b"avif" | b"avis" => "AVIF",
            b"heic" | b"heix" | b"mif1" | b"msf1" | b"hevc" => "HEIC",
            _ => "a picture or film in an ISO container",
        });
    }
    if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
        return Some("TIFF");
    }
    if bytes.starts_with(&[0xff, 0x0a]) || bytes.starts_with(b"\0\0\0\x0cJXL ") {
        return Some("JPEG XL");
    }
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    beginning.contains("<svg").then_some("SVG")
}

/// Whether an end marker follows the last scan; the decoder itself fills what is missing with grey and says nothing.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    match (last(0xda), last(0xd9)) {
        (Some(scan), Some(end)) => end > scan,
        _ => false,
    }
}

fn undecodable(error: &dyn std::fmt::Display) -> Error {
    Error::ImageDecode {
        found: error.to_string(),
    }
}

fn from_image(error: ImageError) -> Error {
    match error {
        ImageError::Unsupported(e) => Error::ImageUnsupported {
            found: e.to_string(),
        },
        ImageError::Limits(e) => match e.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                Error::ImageTooLarge {
                    expected: format!(
                        "{MAX_SIDE} pixels a side and {} million in all",
                        MAX_PIXELS / 1_000_000
                    ),
                    found: e.to_string(),
                }
            }
            _ => undecodable(&e),
        },
        other => undecodable(&other),
    }
}
