//! What a picture's container says beside its pixels, where the decoders do not look or see it otherwise than browsers do.

use std::borrow::Cow;

use image::ImageFormat;

use super::colour::{Gamma, Meaning};

const PNG_SIGNATURE: usize = 8;
/// From which gamma, in hundred-thousandths, on both sides of sRGB's own it is that.
const SRGB_GAMMA: u32 = 45_455;

/// The chunks of a PNG, as name and data, as far as they are there.
fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(PNG_SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let name = after.get(..4)?;
        let data = after.get(4..length.checked_add(4)?)?;
        rest = after.get(length + 8..).unwrap_or_default();
        Some((name, data))
    })
}

/// What the colours of a PNG mean, if it has a gamma and neither names sRGB nor brings a profile.
pub(super) fn png_gamma(bytes: &[u8]) -> Option<Meaning> {
    let header: Vec<_> = png_chunks(bytes)
        .take_while(|(name, _)| *name != b"IDAT")
        .collect();
    let chunk = |wanted: &[u8; 4]| {
        header
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, data)| *data)
    };
    if chunk(b"sRGB")
        .or(chunk(b"iCCP"))
        .or(chunk(b"cICP"))
        .is_some()
    {
        return None;
    }
    let numbers = |data: &[u8]| -> Vec<u32> {
        data.as_chunks()
            .0
            .iter()
            .map(|b| u32::from_be_bytes(*b))
            .collect()
    };
    let gamma = *numbers(chunk(b"gAMA")?).first()?;
    let primaries: Option<[f64; 8]> = chunk(b"cHRM").and_then(|data| {
        let numbers: Vec<f64> = numbers(data).iter().map(|n| f64::from(*n) / 1e5).collect();
        numbers.try_into().ok()
    });
    let says_something = gamma > 0 && (primaries.is_some() || gamma != SRGB_GAMMA);
    says_something.then(|| {
        Meaning::Gamma(Gamma {
            exponent: 1e5 / gamma as f32,
            primaries,
        })
    })
}

/// A GIF whose screen is at least as large as its first frame needs, as browsers draw it.
pub(super) fn gif_with_room(bytes: &[u8]) -> Cow<'_, [u8]> {
    let number = |at: usize| {
        bytes
            .get(at..at + 2)
            .map(|b| u16::from_le_bytes([b[0], b[1]]))
    };
    let side = |screen: usize, from: usize, length: usize| {
        let needed = number(from)?.saturating_add(number(length)?);
        Some((number(screen)?, needed))
    };
    let Some(frame) = gif_first_frame(bytes) else {
        return bytes.into();
    };
    let (Some((width, needs_width)), Some((height, needs_height))) =
        (side(6, frame + 1, frame + 5), side(8, frame + 3, frame + 7))
    else {
        return bytes.into();
    };
    if width >= needs_width && height >= needs_height {
        return bytes.into();
    }
    let mut grown = bytes.to_vec();
    grown[6..8].copy_from_slice(&width.max(needs_width).to_le_bytes());
    grown[8..10].copy_from_slice(&height.max(needs_height).to_le_bytes());
    grown.into()
}

/// Where the description of a GIF's first frame begins.
fn gif_first_frame(bytes: &[u8]) -> Option<usize> {
    let table = |packed: u8| {
        if packed & 0x80 == 0 {
            0
        } else {
            3 << ((packed & 7) + 1)
        }
    };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            0x2c => return Some(at),
            0x21 => {
                at += 2;
                loop {
                    let length = usize::from(*bytes.get(at)?);
                    at += 1 + length;
                    if length == 0 {
                        break;
                    }
                }
            }
            _ => return None,
        }
    }
}

/// Whether a file that could not be decoded ends before its container says it should.
pub(super) fn ends_early(format: ImageFormat, bytes: &[u8]) -> bool {
    match format {
        ImageFormat::Png => !png_chunks(bytes).any(|(name, _)| name == b"IEND"),
        ImageFormat::WebP => {
            let length = bytes
                .get(4..8)
                .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            length.is_none_or(|length| bytes.len() < length as usize + 8)
        }
        _ => false,
    }
}
