//! Moving, enlarging and turning a picture.

use image::{Rgb, RgbImage};
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::network::model::Input;
use crate::pictures::image::Prepared;
use crate::{Error, Result};

/// What happens to the picture; everything turns and grows about its middle, and what comes in from outside has the mean
/// colour.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TypeScript,
)]
#[serde(rename_all = "lowercase")]
pub enum Transformation {
    /// Moved down by so many pixels of the input; up where negative. The paper moves vertically, too.
    Translation,
    /// Enlarged so many times.
    Scale,
    /// Turned counter-clockwise by so many degrees.
    Rotation,
}

impl Transformation {
    /// All of them, in the order of the figure's rows.
    pub const ALL: [Self; 3] = [Self::Translation, Self::Scale, Self::Rotation];

    /// The name used in options, files and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Scale => "scale",
            Self::Rotation => "rotation",
        }
    }

    /// The figure's range, −60 to 60 pixels, 1 to 1.8 times, 0 to 350 degrees; the steps, 5, 0.05 and 10, are ours.
    pub fn figure(self) -> Vec<f32> {
        match self {
            Self::Translation => (-12..=12).map(|step| (step * 5) as f32).collect(),
            Self::Scale => (20..=36).map(|step| step as f32 / 20.0).collect(),
            Self::Rotation => (0..36).map(|step| (step * 10) as f32).collect(),
        }
    }

    /// The parameter that leaves a picture as it is.
    pub fn identity(self) -> f32 {
        match self {
            Self::Scale => 1.0,
            Self::Translation | Self::Rotation => 0.0,
        }
    }

    /// The transformed picture as planes of red, green and blue, from 0 to 255, `[3, rows, cols]`; bilinear between pixels.
    ///
    /// The identity gives the picture's exact values.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a parameter that is not finite, or a scale that is not above 0.
    pub fn apply(self, parameter: f32, picture: &Prepared, input: &Input) -> Result<Vec<f32>> {
        if !parameter.is_finite() || (self == Self::Scale && parameter <= 0.0) {
            return Err(Error::refused(
                format!("parameter of a {}", self.name()),
                match self {
                    Self::Scale => "a number above 0",
                    Self::Translation | Self::Rotation => "a finite number",
                },
                parameter,
            ));
        }
        let (width, height) = picture.rgb.dimensions();
        let middle = [
            (f64::from(height) - 1.0) / 2.0,
            (f64::from(width) - 1.0) / 2.0,
        ];
        let parameter = f64::from(parameter);
        let (sine, cosine) = match self {
            Self::Rotation => parameter.to_radians().sin_cos(),
            Self::Translation | Self::Scale => (0.0, 1.0),
        };
        // Where the pixel at a row and column comes from.
        let source = |row: u32, col: u32| -> [f64; 2] {
            let [down, right] = [f64::from(row) - middle[0], f64::from(col) - middle[1]];
            let [down, right] = match self {
                Self::Translation => [down - parameter, right],
                Self::Scale => [down / parameter, right / parameter],
                Self::Rotation => [sine * right + cosine * down, cosine * right - sine * down],
            };
            [middle[0] + down, middle[1] + right]
        };
        let mean = input.mean_colour();
        let plane = width as usize * height as usize;
        let mut planes = vec![0f32; 3 * plane];
        for row in 0..height {
            for col in 0..width {
                let colour = between(picture, source(row, col), mean);
                let at = row as usize * width as usize + col as usize;
                for (channel, value) in colour.into_iter().enumerate() {
                    planes[channel * plane + at] = value as f32;
                }
            }
        }
        Ok(planes)
    }

    /// The transformed picture, its colours rounded to whole ones, to be looked at.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn drawn(self, parameter: f32, picture: &Prepared, input: &Input) -> Result<RgbImage> {
        let planes = self.apply(parameter, picture, input)?;
        let (width, height) = picture.rgb.dimensions();
        let plane = width as usize * height as usize;
        Ok(RgbImage::from_fn(width, height, |col, row| {
            let at = row as usize * width as usize + col as usize;
            Rgb([0, 1, 2].map(|channel| planes[channel * plane + at].round() as u8))
        }))
    }
}

/// The colour between pixels; beyond the picture's border lies the mean colour.
fn between(picture: &Prepared, [row, col]: [f64; 2], mean: [f64; 3]) -> [f64; 3] {
    let (top, left) = (row.floor(), col.floor());
    let (down, right) = (row - top, col - left);
    let mut colour = [0.0; 3];
    for (dy, dx, weight) in [
        (0.0, 0.0, (1.0 - down) * (1.0 - right)),
        (0.0, 1.0, (1.0 - down) * right),
        (1.0, 0.0, down * (1.0 - right)),
        (1.0, 1.0, down * right),
    ] {
        let [y, x] = [top + dy, left + dx];
        // The conversion saturates, so that a place far outside stays outside.
        let pixel = match y >= 0.0 && x >= 0.0 {
            true => picture.rgb.get_pixel_checked(x as u32, y as u32),
            false => None,
        };
        for (channel, value) in colour.iter_mut().enumerate() {
            *value += weight * pixel.map_or(mean[channel], |pixel| f64::from(pixel.0[channel]));
        }
    }
    colour
}
