//! A photograph's bytes to its pixels, or what is wrong with them.

use std::io::{Cursor, ErrorKind};

use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::error::{ImageError, ImageResult, LimitErrorKind};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, Limits, RgbImage};

use super::colour::{self, Meaning};
use super::{Photo, containers, jpeg};
use crate::kind::{self, Kind};
use crate::{Error, Result};

/// Longest side that is decoded.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels that are decoded: far above any camera, far below what exhausts a phone.
pub const MAX_PIXELS: u64 = 120_000_000;
/// Largest file that is looked at.
pub const MAX_BYTES: usize = 128 << 20;
/// What shows through transparent pixels: mid grey, close to the mean that is subtracted, so close to nothing.
const BEHIND_ALPHA: u32 = 128;
/// How far apart the values of a channel may lie in a picture that shows nothing.
const BLANK_WITHIN: u8 = 2;

impl Photo {
    /// Decodes JPEG, PNG, WebP, GIF (first frame) or BMP, turns it upright after its EXIF orientation, brings its colours to
    /// sRGB, flattens transparency onto mid grey and reduces 16 bits to 8.
    ///
    /// # Errors
    /// [`Error::ImageEmpty`], [`Error::ImageTooLarge`] (found out before anything is decoded), [`Error::ImageUnsupported`]
    /// for pictures that a browser may be able to read, [`Error::NotAnImage`], [`Error::ImageCutOff`] for files that end too
    /// early, [`Error::ImageDecode`] for what is damaged in another way.
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
        let (mut picture, orientation) = match kind::format(bytes) {
            Ok(ImageFormat::Jpeg) => {
                let jpeg::Decoded { picture, exif } = jpeg::decode(bytes)?;
                (picture, exif.and_then(Orientation::from_exif_chunk))
            }
            Ok(format) => decode_container(format, bytes).map_err(|error| match error {
                Error::ImageDecode { found } if containers::ends_early(format, bytes) => {
                    cut_off(format, found)
                }
                other => other,
            })?,
            Err(kind) if kind.is_picture() => {
                return Err(Error::ImageUnsupported {
                    kind,
                    found: kind.to_string(),
                });
            }
            Err(kind) => return Err(Error::NotAnImage { kind }),
        };
        picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
        Ok(Self {
            rgb: flatten(picture),
        })
    }

    /// Whether there is nothing in the picture: every pixel has the same colour, but for what a codec or a sensor adds.
    pub fn is_blank(&self) -> bool {
        is_blank(&self.rgb)
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

/// A picture whose container the decoders know, its colours those of sRGB, and its EXIF orientation.
fn decode_container(
    format: ImageFormat,
    bytes: &[u8],
) -> Result<(DynamicImage, Option<Orientation>)> {
    let bytes = match format {
        ImageFormat::Gif => containers::gif_with_room(bytes),
        _ => bytes.into(),
    };
    let from = |error| from_image(format, error);
    let mut decoder = decoder(format, &bytes).map_err(from)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    decoder.set_limits(limits).map_err(from)?;
    // Some programs write what introduces the block in a JPEG into other files, too.
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.and_then(|exif| {
        Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif))
    });
    let profile = decoder.icc_profile().ok().flatten().map(Meaning::Icc);
    let meaning = match format {
        ImageFormat::Png => profile.or_else(|| containers::png_gamma(&bytes)),
        ImageFormat::WebP => profile,
        _ => None,
    };
    let mut picture = DynamicImage::from_decoder(decoder).map_err(from)?;
    if format == ImageFormat::Bmp {
        picture = opaque_if_clear(picture);
    }
    Ok((colour::to_srgb(picture, meaning.as_ref()), orientation))
}

/// The decoder of one format; naming each keeps the library's JPEG decoder, which is not asked, out of the program.
fn decoder(format: ImageFormat, bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    let bytes = Cursor::new(bytes);
    Ok(match format {
        ImageFormat::Png => Box::new(PngDecoder::new(bytes)?),
        ImageFormat::WebP => Box::new(WebPDecoder::new(bytes)?),
        ImageFormat::Gif => Box::new(GifDecoder::new(bytes)?),
        _ => Box::new(BmpDecoder::new(bytes)?),
    })
}

/// A bitmap whose alpha is zero everywhere has none: programs leave the byte unused.
fn opaque_if_clear(picture: DynamicImage) -> DynamicImage {
    let is_clear = |rgba: &image::RgbaImage| rgba.pixels().all(|pixel| pixel.0[3] == 0);
    match picture {
        DynamicImage::ImageRgba8(rgba) if is_clear(&rgba) => {
            DynamicImage::ImageRgba8(rgba).into_rgb8().into()
        }
        other => other,
    }
}

pub(super) fn is_blank(picture: &RgbImage) -> bool {
    let (mut low, mut high) = ([u8::MAX; 3], [0; 3]);
    for pixel in picture.pixels() {
        for channel in 0..3 {
            low[channel] = low[channel].min(pixel.0[channel]);
            high[channel] = high[channel].max(pixel.0[channel]);
        }
    }
    low.iter()
        .zip(&high)
        .all(|(low, high)| high - low <= BLANK_WITHIN)
}

pub(super) fn check_size(width: u32, height: u32) -> Result<()> {
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
        let [red, green, blue, alpha] = from.0;
        to.0 = [red, green, blue];
        if alpha < 255 {
            let alpha = u32::from(alpha);
            let behind = BEHIND_ALPHA * (255 - alpha) + 127;
            to.0 =
                to.0.map(|value| ((u32::from(value) * alpha + behind) / 255) as u8);
        }
    }
    rgb
}

fn undecodable(error: &dyn std::fmt::Display) -> Error {
    Error::ImageDecode {
        found: error.to_string(),
    }
}

fn cut_off(format: ImageFormat, found: String) -> Error {
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        _ => "BMP",
    };
    Error::ImageCutOff {
        format: name,
        found,
    }
}

fn from_image(format: ImageFormat, error: ImageError) -> Error {
    match error {
        ImageError::Unsupported(e) => Error::ImageUnsupported {
            kind: Kind::Feature,
            found: e.to_string(),
        },
        ImageError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            cut_off(format, "the end of the file".into())
        }
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
