//! JPEG: its first picture, with the library's decoder kept to what it does right.

mod segments;

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

use self::segments::{Frame, Segments, cut_off, damaged, unsupported};
use super::colour::{self, Meaning, Pixels};
use super::decoding::check_size;
use crate::kind::Kind;
use crate::{Error, Result};

/// Behind every scan: ones, which are no code in any table, so that a decoder that needs more than has come fails.
/// (A zero makes FF a byte of the scan instead of a marker.)
const OVERRUN: [[u8; 2]; 32] = [[0xff, 0]; 32];

/// A decoded JPEG, not yet upright.
pub(super) struct Decoded<'a> {
    pub(super) picture: DynamicImage,
    /// The EXIF block, beginning with its byte order.
    pub(super) exif: Option<&'a [u8]>,
}

/// Decodes the first picture of a JPEG file, its colours those of sRGB.
///
/// # Errors
/// [`Error::ImageCutOff`], [`Error::ImageUnsupported`] for kinds of JPEG that are not decoded, [`Error::ImageTooLarge`],
/// [`Error::ImageDecode`].
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>> {
    let segments = segments::walk(bytes, OVERRUN.as_flattened())?;
    let Frame { width, height, .. } = segments.frame;
    check_size(width.into(), height.into())?;
    check_sampling(&segments)?;
    let transform = transform(&segments);
    let (format, samples) = samples(&segments.coded, transform).or_else(|error| {
        // Without something to stumble over, the decoder makes up what is missing.
        let bare = segments::walk(bytes, &[])?.coded;
        match samples(&bare, transform) {
            Ok(_) => Err(cut_off("a scan that ends too early")),
            Err(_) => Err(error),
        }
    })?;
    let (width, height) = (u32::from(width), u32::from(height));
    let meaning = segments.profile.map(Meaning::Icc);
    let picture = match format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, samples).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, samples).map(DynamicImage::from),
        PixelFormat::CMYK32 => {
            let inks = meaning
                .as_ref()
                .and_then(|meaning| colour::converted(meaning, Pixels::Cmyk, &samples));
            let rgb = inks.unwrap_or_else(|| without_profile(&samples));
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::from)
        }
        PixelFormat::L16 => return Err(unsupported(Kind::JpegDeep)),
    };
    let picture = picture.ok_or_else(|| damaged("pixels that do not fit its size"))?;
    let meaning = meaning.filter(|_| format != PixelFormat::CMYK32);
    Ok(Decoded {
        picture: colour::to_srgb(picture, meaning.as_ref()),
        exif: segments.exif,
    })
}

/// Refuses what the decoder would get wrong without a word, and what no decoder reads.
fn check_sampling(segments: &Segments<'_>) -> Result<()> {
    let Frame {
        components,
        is_progressive,
        ..
    } = &segments.frame;
    let most =
        |of: fn(&segments::FrameComponent) -> u8| components.iter().map(of).max().unwrap_or(1);
    let (across, down) = (most(|c| c.across), most(|c| c.down));
    // The decoder counts the blocks of a component alone wrongly when it is neither whole nor a single block a unit.
    let alone = *is_progressive || !segments.is_interleaved;
    let sound =
        |part: u8, most: u8| most.is_multiple_of(part) && (part == 1 || part == most || !alone);
    match components
        .iter()
        .all(|c| sound(c.across, across) && sound(c.down, down))
    {
        true => Ok(()),
        false => Err(unsupported(Kind::JpegSampling)),
    }
}

/// How the colours are stored, by the rules of libjpeg, which browsers share.
fn transform(segments: &Segments<'_>) -> ColorTransform {
    let ids: Vec<u8> = segments
        .frame
        .components
        .iter()
        .map(|component| component.id)
        .collect();
    match (ids.len(), segments.adobe) {
        (1, _) => ColorTransform::Grayscale,
        (3, _) if segments.is_jfif => ColorTransform::YCbCr,
        (3, Some(0)) => ColorTransform::RGB,
        (3, None) if ids == *b"RGB" => ColorTransform::RGB,
        (3, _) => ColorTransform::YCbCr,
        (_, None | Some(0)) => ColorTransform::CMYK,
        _ => ColorTransform::YCCK,
    }
}

fn samples(coded: &[u8], transform: ColorTransform) -> Result<(PixelFormat, Vec<u8>)> {
    let mut decoder = Decoder::new(coded);
    decoder.set_color_transform(transform);
    let samples = decoder.decode().map_err(from_decoder)?;
    let format = decoder.info().map(|info| info.pixel_format);
    Ok((format.ok_or_else(|| damaged("no header"))?, samples))
}

fn from_decoder(error: jpeg_decoder::Error) -> Error {
    use jpeg_decoder::UnsupportedFeature as Feature;
    match error {
        jpeg_decoder::Error::Unsupported(feature) => unsupported(match feature {
            Feature::Hierarchical => Kind::JpegHierarchical,
            Feature::ArithmeticEntropyCoding => Kind::JpegArithmetic,
            Feature::SamplePrecision(_) => Kind::JpegDeep,
            Feature::ComponentCount(_) => Kind::JpegComponents,
            Feature::DNL => Kind::JpegHeight,
            Feature::SubsamplingRatio | Feature::NonIntegerSubsamplingRatio => Kind::JpegSampling,
            Feature::ColorTransform(_) => Kind::Feature,
        }),
        jpeg_decoder::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            cut_off("the end of the file inside a scan")
        }
        other => damaged(other.to_string()),
    }
}

/// Ink to light, ink by ink, as browsers do without a profile.
fn without_profile(cmyk: &[u8]) -> Vec<u8> {
    let light = |ink: u8| u32::from(255 - ink);
    let (pixels, _) = cmyk.as_chunks::<4>();
    let rgb = pixels.iter().flat_map(|[c, m, y, k]| {
        [c, m, y].map(|ink| ((light(*ink) * light(*k) + 127) / 255) as u8)
    });
    rgb.collect()
}
