//! From the bytes of a photograph to the tensor that enters the network; the same numbers natively and in a browser.

mod colour;
mod containers;
mod decoding;
mod jpeg;

use burn::tensor::{Tensor, TensorData};
use image::RgbImage;
use image::imageops::{self, FilterType};

pub use self::decoding::{MAX_BYTES, MAX_PIXELS, MAX_SIDE};
use crate::geometry::view::View;
pub use crate::kind::Kind;
use crate::network::Network;
use crate::network::model::{Channels, Input};
use crate::{Error, Result};

/// Longer sides than this many times the shorter are cut before a picture is scaled.
const MAX_RATIO: u32 = 8;
/// A picture with sides of a larger ratio than this is a panorama.
const PANORAMA: u32 = 6;

/// What red, green and blue are worth in grey (ITU-R BT.601), as in Pillow and torchvision.
pub const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// A decoded photograph: upright, opaque, 8 bits a channel.
#[derive(Debug, Clone)]
pub struct Photo {
    /// The pixels.
    pub rgb: RgbImage,
}

/// Which part of a photograph the network looks at: a square, or whatever ratio the network's input has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crop {
    /// The short side scaled to the model's wish and the centre cut out of that.
    Centre,
    /// A part in pixels of the upright photograph, as high as [`Input::height_of`] says.
    Part {
        /// First column.
        left: u32,
        /// First row.
        top: u32,
        /// Columns.
        width: u32,
    },
}

/// The part that enters the network, as a picture.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// As many pixels as the input has.
    pub rgb: RgbImage,
    /// Where it lies in the photograph, as left, top, width, height.
    pub part: [u32; 4],
}

impl Photo {
    /// What a network looks at by default, as left, top, width, height: its part of the largest that has its
    /// ratio, in the middle.
    pub fn centre(&self, input: &Input) -> [u32; 4] {
        let (width, height) = self.rgb.dimensions();
        let [rows, cols] = input.size.map(|length| length.max(1) as u64);
        let largest = u64::from(width).min(u64::from(height) * cols / rows);
        let part = largest * input.short_side() as u64 / input.resize_short_side.max(1) as u64;
        let part = (part as u32).clamp(1, width);
        let high = input.height_of(part).min(height);
        [(width - part) / 2, (height - high) / 2, part, high]
    }

    /// Cuts out and scales the part that a network looks at.
    ///
    /// [`scaled`] scales it. The part of [`Self::centre`] is the same as [`Crop::Centre`], to the last bit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a part that is empty or reaches outside the photograph.
    pub fn prepare(&self, input: &Input, crop: Crop) -> Result<Prepared> {
        let (width, height) = self.rgb.dimensions();
        let centre = self.centre(input);
        let part @ [left, top, across, down] = match crop {
            Crop::Centre => centre,
            Crop::Part { left, top, width } if [left, top, width] == centre[..3] => centre,
            Crop::Part { left, top, width } => [left, top, width, input.height_of(width)],
        };
        let [rows, cols] = input.size.map(|length| length as u32);
        if part == centre && rows == cols {
            let rgb = self.middle(input);
            return Ok(Prepared { rgb, part });
        }
        let fits = |from: u32, part: u32, length: u32| {
            from.checked_add(part).is_some_and(|end| end <= length)
        };
        if across == 0 || !fits(left, across, width) || !fits(top, down, height) {
            return Err(Error::refused(
                "crop",
                format!("a part inside {width}×{height} pixels"),
                format!("left {left}, top {top}, {across}×{down}"),
            ));
        }
        let cut = imageops::crop_imm(&self.rgb, left, top, across, down).to_image();
        let rgb = scaled(&cut, cols, rows);
        Ok(Prepared { rgb, part })
    }

    /// Scales the short side to the model's wish and cuts the middle square out of that, as the networks were trained.
    fn middle(&self, input: &Input) -> RgbImage {
        let size = input.short_side() as u32;
        let whole = self.with_short_side(input.resize_short_side as u32);
        let (left, top) = ((whole.width() - size) / 2, (whole.height() - size) / 2);
        imageops::crop_imm(&whole, left, top, size, size).to_image()
    }

    /// The photograph with a short side of so many pixels, at least one; of its long side, the eightfold is kept.
    pub fn with_short_side(&self, side: u32) -> RgbImage {
        let (width, height) = self.rgb.dimensions();
        let short = width.min(height);
        // The middle of a ribbon needs none of its far ends, whose scaled pixels could fill the memory.
        let kept = |side: u32| side.min(short.saturating_mul(MAX_RATIO));
        let (left, top) = ((width - kept(width)) / 2, (height - kept(height)) / 2);
        let ribbon = imageops::crop_imm(&self.rgb, left, top, kept(width), kept(height)).to_image();
        let length =
            |from: u32| (u64::from(kept(from)) * u64::from(side) / u64::from(short)) as u32;
        scaled(&ribbon, length(width), length(height))
    }

    /// The photograph scaled so that its longer side has at most `long_side` pixels; of a panorama, as many more as leave the
    /// shorter side a sixth of that.
    pub fn preview(&self, long_side: u32) -> RgbImage {
        let (width, height) = self.rgb.dimensions();
        let longest = width.max(height);
        let for_short =
            u64::from(long_side / PANORAMA) * u64::from(longest) / u64::from(width.min(height));
        let target = u64::from(long_side).max(for_short).clamp(1, longest.into());
        let length =
            |side: u32| ((u64::from(side) * target).div_ceil(u64::from(longest)) as u32).max(1);
        scaled(&self.rgb, length(width), length(height))
    }
}

/// A picture scaled to a width and a height, neither of them zero: bilinear with antialiasing (a triangle as wide as the
/// reduction), on 8 bits. Networks are trained and asked through this one scaler.
pub fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    match picture.dimensions() == (width, height) {
        true => picture.clone(),
        false => imageops::resize(picture, width, height, FilterType::Triangle),
    }
}

/// The grey of a picture's planes of red, green and blue.
fn grey(planes: &[f32]) -> Vec<f32> {
    let plane = planes.len() / 3;
    let at = |at: usize| (0..3).map(move |channel| LUMA[channel] * planes[channel * plane + at]);
    (0..plane).map(|place| at(place).sum()).collect()
}

impl Prepared {
    /// Whether there is nothing in the square; see [`Photo::is_blank`].
    pub fn is_blank(&self) -> bool {
        decoding::is_blank(&self.rgb)
    }

    /// The input tensor `[1, channels, rows, cols]` of a network: channels in its order, mean subtracted, scaled.
    ///
    /// # Errors
    /// As [`Network::input_of`].
    pub fn tensor(&self, network: &Network) -> Result<Tensor<4>> {
        let plane = network.frame().iter().product::<usize>();
        let mut planes = vec![0f32; 3 * plane];
        for (at, pixel) in self.rgb.pixels().enumerate() {
            for channel in 0..3 {
                planes[channel * plane + at] = f32::from(pixel.0[channel]);
            }
        }
        network.input_of(planes)
    }

    /// A part of the picture; outside the picture, the mean colour.
    pub fn patch(&self, view: View, input: &Input) -> RgbImage {
        let mean = input.mean_colour().map(|value| value.round() as u8);
        RgbImage::from_fn(view.width as u32, view.height as u32, |col, row| {
            let at = |origin: isize, offset: u32| u32::try_from(origin + offset as isize).ok();
            let pixel = at(view.left, col)
                .zip(at(view.top, row))
                .and_then(|(x, y)| self.rgb.get_pixel_checked(x, y));
            pixel.copied().unwrap_or(image::Rgb(mean))
        })
    }
}

impl Network {
    /// The input tensor of a batch of pictures: channels in the network's order, or one of their grey (see [`LUMA`]), mean
    /// subtracted, scaled.
    ///
    /// # Shapes
    /// `planes` are whole pictures `[pictures, 3, rows, cols]`: planes of red, green and blue, from 0 to 255.
    ///
    /// # Errors
    /// [`Error::Architecture`] when the network takes neither three channels nor one, [`Error::OutOfRange`] when the numbers do
    /// not make whole pictures.
    pub fn input_of(&self, mut planes: Vec<f32>) -> Result<Tensor<4>> {
        let input = &self.model.input;
        let [rows, cols] = input.size;
        let plane = rows * cols;
        let channels = input.mean.len();
        if !matches!(channels, 1 | 3) {
            return Err(Error::Architecture {
                layer: self.plan.first().layer.name.clone(),
                expected: "three channels for a photograph, or one for its grey".into(),
                found: format!("{channels} channels"),
            });
        }
        if planes.is_empty() || !planes.len().is_multiple_of(3 * plane) {
            return Err(Error::refused(
                "numbers of a batch of pictures",
                format!("a multiple of {}", 3 * plane),
                planes.len(),
            ));
        }
        let pictures = planes.len() / (3 * plane);
        if channels == 1 {
            planes = planes.chunks(3 * plane).flat_map(grey).collect();
        }
        for picture in planes.chunks_mut(channels * plane) {
            if channels == 3 && input.channels == Channels::Bgr {
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
        let shape = [pictures, channels, rows, cols];
        let tensor = Tensor::<4>::from_data(TensorData::new(planes, shape), self.device());
        Ok(match &self.mean {
            Some(mean) => tensor - mean.clone().unsqueeze(),
            None => tensor,
        })
    }
}
