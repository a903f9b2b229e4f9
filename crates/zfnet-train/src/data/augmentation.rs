//! What happens to a training picture before the network sees it.

use image::RgbImage;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::crops::{outer_side, outer_square, places};
use super::mixing::Mixing;
use super::scaling::{Part, scale, write_planes};
use crate::{Error, Result};

/// Random parts of a picture that are tried before its middle is taken.
const TRIES: usize = 10;
/// Shares of red, green and blue in a pixel's lightness (ITU-R BT.601).
const LIGHTNESS: [f32; 3] = [0.299, 0.587, 0.114];

/// What happens to a training picture, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// The part that is cut out.
    pub cropping: Cropping,
    /// Whether every second picture, by chance, is mirrored.
    pub flip: bool,
    /// Random changes of colour.
    pub colour: Colour,
    /// Gaussian noise on every value; its deviation is drawn from zero to this for each picture, in units of a full white
    /// pixel's 255. The result is not clipped: clipped noise would not be zero on average.
    pub noise: f32,
    /// Pictures of a step mixed with each other, and their classes with them.
    #[serde(default)]
    pub mixing: Mixing,
}

/// The part of a picture that is cut out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cropping {
    /// One of the four corners or the centre of the square in the middle (paper section 3); with [`Augmentation::flip`] one
    /// of its ten crops.
    TenCrop,
    /// A part of random area and aspect, scaled to the input (Szegedy et al. 2014).
    Resized {
        /// Smallest and largest share of the picture's area.
        area: [f32; 2],
        /// Smallest and largest width by height; drawn so that two to one is as likely as one to two.
        aspect: [f32; 2],
    },
}

/// Random changes of colour: each factor is drawn from 1 − x to 1 + x, so 0 changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colour {
    /// Of all values.
    pub brightness: f32,
    /// Of the distance to the picture's mean lightness.
    pub contrast: f32,
    /// Of the distance to the pixel's own lightness.
    pub saturation: f32,
}

impl Augmentation {
    /// Checks the values.
    ///
    /// # Errors
    /// [`Error::Input`] naming the value.
    pub fn check(&self) -> Result<()> {
        let check = |right: bool, what: &str, expected: &str, found: String| match right {
            true => Ok(()),
            false => Err(Error::input(
                format!("augmentation: {what}"),
                expected,
                found,
            )),
        };
        if let Cropping::Resized { area, aspect } = self.cropping {
            let right = 0.0 < area[0] && area[0] <= area[1] && area[1] <= 1.0;
            let expected = "smallest and largest share, above 0 and up to 1";
            check(right, "area", expected, format!("{area:?}"))?;
            let right = 0.0 < aspect[0] && aspect[0] <= aspect[1] && aspect[1].is_finite();
            let expected = "smallest and largest width by height, above 0";
            check(right, "aspect", expected, format!("{aspect:?}"))?;
        }
        let colour = self.colour;
        for (what, value) in [
            ("brightness", colour.brightness),
            ("contrast", colour.contrast),
            ("saturation", colour.saturation),
        ] {
            let right = (0.0..=1.0).contains(&value);
            check(right, what, "from 0 to 1", value.to_string())?;
        }
        let right = self.noise >= 0.0 && self.noise.is_finite();
        check(right, "noise", "0 or more", self.noise.to_string())?;
        self.mixing.check()
    }

    /// Writes one random version of a picture. Whatever is switched off draws no random number.
    ///
    /// # Shapes
    /// `planes` is `[3, size, size]`, red, green and blue, from 0 to 255 (beyond it with noise).
    pub(super) fn write(
        &self,
        picture: &RgbImage,
        size: usize,
        random: &mut ChaCha8Rng,
        planes: &mut [f32],
    ) {
        let side = size as u32;
        let (cut, part) = match self.cropping {
            Cropping::TenCrop => {
                let square = outer_square(picture, size);
                let places = places(outer_side(size), size);
                (square, places[random.random_range(0..places.len())])
            }
            Cropping::Resized { area, aspect } => {
                let part = random_part(picture.dimensions(), area, aspect, random);
                let cut = scale(picture, part, side, side);
                let whole = Part::centre_square(&cut);
                (cut, whole)
            }
        };
        let mirrored = self.flip && random.random();
        write_planes(&cut, part, mirrored, planes);
        self.colour.change(planes, random);
        if self.noise > 0.0 {
            let deviation = random.random_range(0.0..=self.noise);
            add_noise(planes, deviation, random);
        }
    }
}

impl Colour {
    /// Changes brightness, then contrast, then saturation of planes; values leave 0 to 255 nowhere, as in a real photograph.
    fn change(&self, planes: &mut [f32], random: &mut ChaCha8Rng) {
        if *self == Self::default() {
            return;
        }
        let [brightness, contrast, saturation] = [self.brightness, self.contrast, self.saturation]
            .map(|x| match x > 0.0 {
                true => random.random_range(1.0 - x..=1.0 + x),
                false => 1.0,
            });
        let plane = planes.len() / 3;
        let (red, rest) = planes.split_at_mut(plane);
        let (green, blue) = rest.split_at_mut(plane);
        let lightness =
            |r: f32, g: f32, b: f32| LIGHTNESS[0] * r + LIGHTNESS[1] * g + LIGHTNESS[2] * b;
        let brighter = |value: f32| (value * brightness).min(255.0);
        let mut sum = 0.0;
        for ((r, g), b) in red.iter_mut().zip(&mut *green).zip(&mut *blue) {
            [*r, *g, *b] = [*r, *g, *b].map(brighter);
            sum += f64::from(lightness(*r, *g, *b));
        }
        let mean = (sum / plane as f64) as f32;
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let contrasted = [*r, *g, *b].map(|v| (mean + contrast * (v - mean)).clamp(0.0, 255.0));
            let own = lightness(contrasted[0], contrasted[1], contrasted[2]);
            [*r, *g, *b] = contrasted.map(|v| (own + saturation * (v - own)).clamp(0.0, 255.0));
        }
    }
}

/// A part of random area and aspect at a random place; the middle, as near to the wanted aspect as it goes, when none fits.
pub(super) fn random_part(
    (width, height): (u32, u32),
    area: [f32; 2],
    aspect: [f32; 2],
    random: &mut ChaCha8Rng,
) -> Part {
    let whole = width as f32 * height as f32;
    for _ in 0..TRIES {
        let area = whole * random.random_range(area[0]..=area[1]);
        let aspect = random.random_range(aspect[0].ln()..=aspect[1].ln()).exp();
        let wide = (area * aspect).sqrt().round() as u32;
        let high = (area / aspect).sqrt().round() as u32;
        if (1..=width).contains(&wide) && (1..=height).contains(&high) {
            return Part {
                left: random.random_range(0..=width - wide),
                top: random.random_range(0..=height - high),
                width: wide,
                height: high,
            };
        }
    }
    let ratio = (width as f32 / height as f32).clamp(aspect[0], aspect[1]);
    let wide = ((height as f32 * ratio).round() as u32).clamp(1, width);
    let high = ((width as f32 / ratio).round() as u32).clamp(1, height);
    Part {
        left: (width - wide) / 2,
        top: (height - high) / 2,
        width: wide,
        height: high,
    }
}

/// Adds Gaussian noise of a deviation to every value.
pub(super) fn add_noise(values: &mut [f32], deviation: f32, random: &mut ChaCha8Rng) {
    for value in values {
        let noise: f32 = StandardNormal.sample(random);
        *value += deviation * noise;
    }
}
