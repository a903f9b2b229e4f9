//! Embedded colour profiles: numbers that mean another colour than in sRGB become those of sRGB, as browsers show them.

use image::{DynamicImage, RgbImage, RgbaImage};
use qcms::{CIE_xyY, CIE_xyYTRIPLE, DataType, Intent, Profile, Transform};

/// The header of a profile, and the signature in it.
const HEADER: usize = 128;
const SIGNATURE: (usize, &[u8]) = (36, b"acsp");
/// A profile that moves no colour by more than this is that of sRGB, and moves nothing.
const SRGB_WITHIN: u8 = 1;

/// How many colours are remembered while pixels are converted.
const LATELY: usize = 1 << 16;
/// White, red, green and blue of sRGB, x and y of each.
const SRGB_PRIMARIES: [f64; 8] = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];

/// How the pixels that a profile describes are stored, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pixels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    Cmyk,
}

impl Pixels {
    fn types(self) -> (DataType, DataType) {
        match self {
            Self::Grey => (DataType::Gray8, DataType::RGB8),
            Self::GreyAlpha => (DataType::GrayA8, DataType::RGBA8),
            Self::Rgb => (DataType::RGB8, DataType::RGB8),
            Self::Rgba => (DataType::RGBA8, DataType::RGBA8),
            Self::Cmyk => (DataType::CMYK, DataType::RGB8),
        }
    }

    /// The colour space of a profile that fits.
    fn space(self) -> &'static [u8] {
        match self {
            Self::Grey | Self::GreyAlpha => b"GRAY",
            Self::Rgb | Self::Rgba => b"RGB ",
            Self::Cmyk => b"CMYK",
        }
    }
}

/// What a file says its colours mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// The bytes of an ICC profile.
    Icc(Vec<u8>),
    /// What a PNG may say instead.
    Gamma(Gamma),
}

/// A power law, with the places of white, red, green and blue in the plane of colours (x and y of each).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gamma {
    pub(super) exponent: f32,
    /// Those of sRGB where nothing is said.
    pub(super) primaries: Option<[f64; 8]>,
}

impl Meaning {
    /// The colour space of the pixels that it is about.
    fn space(&self) -> Option<&[u8]> {
        match self {
            Self::Gamma(_) => Some(b"RGB "),
            Self::Icc(profile) => {
                let (at, signature) = SIGNATURE;
                let sound = profile.len() > HEADER && profile[at..].starts_with(signature);
                sound.then(|| &profile[16..20])
            }
        }
    }

    fn profile(&self) -> Option<Box<Profile>> {
        match self {
            // The library takes it for granted that a profile of inks has a table.
            Self::Icc(profile) if self.space() == Some(b"CMYK") && !has_table(profile) => None,
            Self::Icc(profile) => Profile::new_from_slice(profile, false),
            Self::Gamma(Gamma {
                exponent,
                primaries,
            }) => {
                let [white, red, green, blue] = [0, 2, 4, 6].map(|at| {
                    let places = primaries.unwrap_or(SRGB_PRIMARIES);
                    CIE_xyY {
                        x: places[at],
                        y: places[at + 1],
                        Y: 1.0,
                    }
                });
                let primaries = CIE_xyYTRIPLE { red, green, blue };
                Profile::new_rgb_with_gamma_set(white, primaries, *exponent, *exponent, *exponent)
            }
        }
    }
}

/// Whether a profile brings a table from its pixels to colours, of a kind that is read.
fn has_table(profile: &[u8]) -> bool {
    let (entries, _) = profile[HEADER..]
        .get(4..)
        .unwrap_or_default()
        .as_chunks::<12>();
    let table = entries
        .iter()
        .take(100)
        .find(|entry| entry.starts_with(b"A2B0"));
    let start =
        table.map(|entry| u32::from_be_bytes([entry[4], entry[5], entry[6], entry[7]]) as usize);
    let kind = start.and_then(|start| profile.get(start..)?.get(..4));
    matches!(kind, Some(b"mft1" | b"mft2"))
}

/// A picture in the colours of sRGB; what is missing, broken or not about such pixels changes nothing.
///
/// More than 8 bits a channel are rounded to 8 where something changes.
pub(super) fn to_srgb(picture: DynamicImage, meaning: Option<&Meaning>) -> DynamicImage {
    let Some(meaning) = meaning else {
        return picture;
    };
    let (width, height) = (picture.width(), picture.height());
    let is_grey = !picture.color().has_color() && meaning.space() == Some(b"GRAY");
    let has_alpha = picture.color().has_alpha();
    let (pixels, samples) = match (is_grey, has_alpha) {
        (true, false) => (Pixels::Grey, picture.to_luma8().into_raw()),
        (true, true) => (Pixels::GreyAlpha, picture.to_luma_alpha8().into_raw()),
        (false, false) => (Pixels::Rgb, picture.to_rgb8().into_raw()),
        (false, true) => (Pixels::Rgba, picture.to_rgba8().into_raw()),
    };
    let found = converted(meaning, pixels, &samples).and_then(|found| match has_alpha {
        true => RgbaImage::from_raw(width, height, found).map(DynamicImage::from),
        false => RgbImage::from_raw(width, height, found).map(DynamicImage::from),
    });
    found.unwrap_or(picture)
}

/// Pixels in the colours of sRGB, RGB or RGBA; nothing where nothing new is said, or nothing sound, or not about such pixels.
pub(super) fn converted(meaning: &Meaning, pixels: Pixels, samples: &[u8]) -> Option<Vec<u8>> {
    if meaning.space()? != pixels.space() {
        return None;
    }
    let profile = meaning.profile()?;
    let (from, to) = pixels.types();
    let transform =
        Transform::new_to(&profile, &Profile::new_sRGB(), from, to, Intent::Perceptual)?;
    if pixels != Pixels::Cmyk && is_srgb(&transform, pixels) {
        return None;
    }
    Some(convert(
        &transform,
        samples,
        from.bytes_per_pixel(),
        to.bytes_per_pixel(),
    ))
}

/// Converts pixel by pixel, and those that were converted lately not again: a photograph repeats its colours.
fn convert(transform: &Transform, samples: &[u8], from: usize, to: usize) -> Vec<u8> {
    let mut found = vec![0; samples.len() / from * to];
    let mut black = [0; 4];
    transform.convert(&[0; 4][..from], &mut black[..to]);
    let mut lately = vec![([0u8; 4], black); LATELY];
    for (pixel, found) in samples.chunks_exact(from).zip(found.chunks_exact_mut(to)) {
        let mut key = [0; 4];
        key[..from].copy_from_slice(pixel);
        let hash = u32::from_le_bytes(key).wrapping_mul(0x9e37_79b1) as usize >> 16;
        let known = &mut lately[hash % LATELY];
        if known.0 != key {
            known.0 = key;
            transform.convert(pixel, &mut known.1[..to]);
        }
        found.copy_from_slice(&known.1[..to]);
    }
    found
}

/// Whether a transform leaves a grid over all colours alone.
fn is_srgb(transform: &Transform, pixels: Pixels) -> bool {
    let levels = || (0..=255u8).step_by(15);
    let colours: Vec<[u8; 3]> = match pixels {
        Pixels::Grey | Pixels::GreyAlpha => (0..=255).map(|level| [level; 3]).collect(),
        _ => levels()
            .flat_map(|r| levels().flat_map(move |g| levels().map(move |b| [r, g, b])))
            .collect(),
    };
    let samples: Vec<u8> = colours
        .iter()
        .flat_map(|[r, g, b]| match pixels {
            Pixels::Grey => vec![*r],
            Pixels::GreyAlpha => vec![*r, 255],
            Pixels::Rgb | Pixels::Cmyk => vec![*r, *g, *b],
            Pixels::Rgba => vec![*r, *g, *b, 255],
        })
        .collect();
    let (from, to) = pixels.types();
    let mut found = vec![0; samples.len() / from.bytes_per_pixel() * to.bytes_per_pixel()];
    transform.convert(&samples, &mut found);
    let close = |a: &u8, b: &u8| a.abs_diff(*b) <= SRGB_WITHIN;
    let same =
        |(colour, found): (&[u8; 3], &[u8])| colour.iter().zip(found).all(|(a, b)| close(a, b));
    colours
        .iter()
        .zip(found.chunks(to.bytes_per_pixel()))
        .all(same)
}
