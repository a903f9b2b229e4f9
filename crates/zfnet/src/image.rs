//! From the bytes of a photograph to the tensor that enters the network; the same numbers natively and in a browser.

use std::io::Cursor;

use burn::tensor::{Tensor, TensorData};
use image::error::{ImageError, LimitErrorKind};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

use crate::model::{Channels, Input};
use crate::network::Network;
use crate::window::Windows;
use crate::{Error, Result};

/// Longest side that is decoded.
pub const MAX_SIDE: u32 = 16_384;
/// Most pixels that are decoded: far above any camera, far below what exhausts a phone.
pub const MAX_PIXELS: u64 = 120_000_000;
/// Largest file that is looked at.
pub const MAX_BYTES: usize = 128 << 20;
/// Longer sides than this many times the shorter are cut before a picture is scaled.
const MAX_RATIO: u32 = 8;
/// What shows through transparent pixels: mid grey, close to the mean that is subtracted, so close to nothing.
const BEHIND_ALPHA: u32 = 128;

/// A decoded photograph: upright, opaque, 8 bits a channel.
#[derive(Debug, Clone)]
pub struct Photo {
    /// The pixels.
    pub rgb: RgbImage,
}

/// Which square of a photograph the network looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crop {
    /// The short side scaled to the model's wish and the centre cut out of that.
    Centre,
    /// A square in pixels of the upright photograph.
    Square {
        /// First column.
        left: u32,
        /// First row.
        top: u32,
        /// Side.
        size: u32,
    },
}

/// The square that enters the network, as a picture.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// `size` × `size` pixels.
    pub rgb: RgbImage,
    /// Where it lies in the photograph, as left, top, side.
    pub square: [u32; 3],
}

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
                    found: "bytes that begin like no picture".into(),
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

    /// The square that a network looks at by default, as left, top, side: its part of the short side, in the middle.
    pub fn centre(&self, input: &Input) -> [u32; 3] {
        let (width, height) = self.rgb.dimensions();
        let short = width.min(height);
        let part = u64::from(short) * input.size as u64 / input.resize_short_side.max(1) as u64;
        let side = (part as u32).clamp(1, short);
        [(width - side) / 2, (height - side) / 2, side]
    }

    /// Cuts out and scales the square that a network looks at.
    ///
    /// Scaling is bilinear with antialiasing (a triangle as wide as the reduction), on 8 bits. The square of
    /// [`Self::centre`] is the same as [`Crop::Centre`], to the last bit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a square that is empty or reaches outside the photograph.
    pub fn prepare(&self, input: &Input, crop: Crop) -> Result<Prepared> {
        let (width, height) = self.rgb.dimensions();
        let size = input.size as u32;
        let centre = self.centre(input);
        let [left, top, side] = match crop {
            Crop::Centre => centre,
            Crop::Square { left, top, size } => [left, top, size],
        };
        if [left, top, side] == centre {
            return Ok(Prepared {
                rgb: self.middle(input),
                square: centre,
            });
        }
        let fits = |from: u32, length: u32| from.checked_add(side).is_some_and(|end| end <= length);
        if side == 0 || !fits(left, width) || !fits(top, height) {
            return Err(Error::OutOfRange {
                subject: "crop".into(),
                expected: format!("a square inside {width}×{height} pixels"),
                found: format!("left {left}, top {top}, side {side}"),
            });
        }
        let cut = Self {
            rgb: imageops::crop_imm(&self.rgb, left, top, side, side).to_image(),
        };
        Ok(Prepared {
            rgb: cut.scaled(size, size),
            square: [left, top, side],
        })
    }

    /// Scales the short side to the model's wish and cuts the middle out of that, as the networks were trained.
    fn middle(&self, input: &Input) -> RgbImage {
        let (width, height) = self.rgb.dimensions();
        let size = input.size as u32;
        let short = width.min(height);
        // The middle of a ribbon needs none of its far ends, whose scaled pixels could fill the memory.
        let kept = |side: u32| side.min(short.saturating_mul(MAX_RATIO));
        let (left, top) = ((width - kept(width)) / 2, (height - kept(height)) / 2);
        let ribbon = Self {
            rgb: imageops::crop_imm(&self.rgb, left, top, kept(width), kept(height)).to_image(),
        };
        let scaled = |side: u32| {
            (u64::from(kept(side)) * input.resize_short_side as u64 / u64::from(short)) as u32
        };
        let whole = ribbon.scaled(scaled(width), scaled(height));
        let (left, top) = ((scaled(width) - size) / 2, (scaled(height) - size) / 2);
        imageops::crop_imm(&whole, left, top, size, size).to_image()
    }

    /// The photograph scaled so that its longer side has at most `long_side` pixels.
    pub fn preview(&self, long_side: u32) -> RgbImage {
        let (width, height) = self.rgb.dimensions();
        let longest = width.max(height);
        let target = long_side.clamp(1, longest);
        let scaled = |side: u32| {
            ((u64::from(side) * u64::from(target)).div_ceil(u64::from(longest)) as u32).max(1)
        };
        self.scaled(scaled(width), scaled(height))
    }

    fn scaled(&self, width: u32, height: u32) -> RgbImage {
        match self.rgb.dimensions() == (width, height) {
            true => self.rgb.clone(),
            false => imageops::resize(&self.rgb, width, height, FilterType::Triangle),
        }
    }
}

impl Prepared {
    /// The input tensor `[1, 3, size, size]` of a network: channels in its order, mean subtracted, scaled.
    ///
    /// # Errors
    /// [`Error::Architecture`] when the network does not take three channels.
    pub fn tensor(&self, network: &Network) -> Result<Tensor<4>> {
        let size = network.model.input.size;
        let mut planes = vec![0f32; 3 * size * size];
        for (at, pixel) in self.rgb.pixels().enumerate() {
            for channel in 0..3 {
                planes[channel * size * size + at] = f32::from(pixel.0[channel]);
            }
        }
        network.input_of(planes)
    }

    /// The part of the picture under one window; outside the picture, the mean colour.
    pub fn patch(&self, windows: &Windows, index: usize, input: &Input) -> RgbImage {
        let [top, left] = windows.origins[index];
        let mean: [u8; 3] = std::array::from_fn(|channel| {
            let source = match input.channels {
                Channels::Rgb => channel,
                Channels::Bgr => 2 - channel,
            };
            input
                .mean
                .get(source)
                .map_or(128.0, |m| m * 255.0 / input.range)
                .round() as u8
        });
        RgbImage::from_fn(
            windows.size[1] as u32,
            windows.size[0] as u32,
            |col, row| {
                let at = |origin: isize, offset: u32| u32::try_from(origin + offset as isize).ok();
                let pixel = at(left, col)
                    .zip(at(top, row))
                    .and_then(|(x, y)| self.rgb.get_pixel_checked(x, y));
                pixel.copied().unwrap_or(image::Rgb(mean))
            },
        )
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

impl Network {
    /// The input tensor of a batch of pictures: channels in the network's order, mean subtracted, scaled.
    ///
    /// # Shapes
    /// `planes` are whole pictures `[pictures, 3, size, size]`: planes of red, green and blue, from 0 to 255.
    ///
    /// # Errors
    /// [`Error::Architecture`] when the network does not take three channels, [`Error::OutOfRange`] when the numbers do not
    /// make whole pictures.
    pub fn input_of(&self, mut planes: Vec<f32>) -> Result<Tensor<4>> {
        let input = &self.model.input;
        let plane = input.size * input.size;
        if input.mean.len() != 3 {
            return Err(Error::Architecture {
                layer: self.plan[0].layer.name.clone(),
                expected: "three channels for a photograph".into(),
                found: format!("{} channels", input.mean.len()),
            });
        }
        if planes.is_empty() || !planes.len().is_multiple_of(3 * plane) {
            return Err(Error::OutOfRange {
                subject: "numbers of a batch of pictures".into(),
                expected: format!("a multiple of {}", 3 * plane),
                found: planes.len().to_string(),
            });
        }
        let pictures = planes.len() / (3 * plane);
        for picture in planes.chunks_mut(3 * plane) {
            if input.channels == Channels::Bgr {
                let (red, rest) = picture.split_at_mut(plane);
                red.swap_with_slice(&mut rest[plane..]); // blue comes first
            }
            for (channel, values) in picture.chunks_mut(plane).enumerate() {
                // With a mean for every pixel the mean for every channel does not apply.
                let mean = match self.mean {
                    Some(_) => 0.0,
                    None => input.mean[channel],
                };
                let deviation = input.std.get(channel).copied().unwrap_or(1.0);
                for value in values {
                    *value = (*value * (input.range / 255.0) - mean) / deviation;
                }
            }
        }
        let shape = [pictures, 3, input.size, input.size];
        let tensor = Tensor::<4>::from_data(TensorData::new(planes, shape), self.device());
        Ok(match &self.mean {
            Some(mean) => tensor - mean.clone().unsqueeze(),
            None => tensor,
        })
    }
}
