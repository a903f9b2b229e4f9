//! A scene as SVG: real text, pictures inside the file, its size on paper in its head.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::{self, FilterType as ResizeFilter};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use zfnet::pictures::rendering::Picture;
use zfnet::{Error, Result};

use crate::scene::{Anchor, Colour, Item, Rectangle, Scene, Unit};

/// Faces to draw words with, the one that words are measured in before what systems have.
const FACES: &str = "'Noto Sans SC', 'Source Sans 3', Helvetica, Arial, 'PingFang SC', 'Microsoft YaHei', sans-serif";

/// Pixels that a picture that blends gets for each millimetre, where it has not as many itself.
const FINENESS: f64 = 4.0;

/// Writes a scene.
///
/// # Errors
/// [`Error::OutOfRange`] for a picture without pixels.
pub fn svg(scene: &Scene) -> Result<String> {
    let mut file = head(scene);
    for item in scene.stacked() {
        write_item(&mut file, item, scene.unit)?;
    }
    file.push_str("</svg>\n");
    Ok(file)
}

/// Writes what lies on the pictures, without them and without the paper.
#[cfg(feature = "print")]
pub(crate) fn drawing(scene: &Scene) -> Result<String> {
    let mut file = opening(scene);
    for item in scene.above_pictures() {
        write_item(&mut file, item, scene.unit)?;
    }
    file.push_str("</svg>\n");
    Ok(file)
}

fn opening(scene: &Scene) -> String {
    let unit = match scene.unit {
        Unit::Pixel => "",
        Unit::Millimetre => "mm",
    };
    let [width, height] = [scene.width, scene.height].map(Short);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}{unit}\" height=\"{height}{unit}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FACES}\">\n"
    )
}

fn head(scene: &Scene) -> String {
    let [width, height] = [scene.width, scene.height].map(Short);
    let ground = Hex(scene.ground);
    let paper = format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>\n");
    opening(scene) + &paper
}

fn write_item(file: &mut String, item: &Item, unit: Unit) -> Result<()> {
    let line = match item {
        Item::Picture { picture, at, crisp } => {
            let fine = printed(picture, *at, *crisp, unit)?;
            let [left, top, width, height] = [at.left, at.top, at.width, at.height].map(Short);
            let crisp = if *crisp {
                " image-rendering=\"pixelated\""
            } else {
                ""
            };
            let data = STANDARD.encode(png(&fine)?);
            format!(
                "<image x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\"{crisp} \
                 href=\"data:image/png;base64,{data}\"/>"
            )
        }
        Item::Text {
            text,
            at,
            anchor,
            size,
            bold,
            colour,
        } => {
            let ([x, y], size) = (at.map(Short), Short(*size));
            let anchor = match anchor {
                Anchor::Left => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::Right => " text-anchor=\"end\"",
            };
            let weight = if *bold { " font-weight=\"bold\"" } else { "" };
            let (ink, text) = (Hex(*colour), Escaped(text));
            format!(
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight}{anchor} fill=\"{ink}\">{text}</text>"
            )
        }
        Item::Fill { at, colour } => {
            let [left, top, width, height] = [at.left, at.top, at.width, at.height].map(Short);
            let colour = Hex(*colour);
            format!(
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>"
            )
        }
        Item::Line {
            points,
            width,
            colour,
        } => {
            let (path, width, colour) = (path(points), Short(*width), Hex(*colour));
            format!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"round\" \
                 stroke-linejoin=\"round\"/>"
            )
        }
    };
    file.push_str(&line);
    file.push('\n');
    Ok(())
}

/// A line from point to point; one point is a stroke of no length, which round ends make a dot.
pub fn path(points: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for (at, [x, y]) in points.iter().enumerate() {
        let pen = if at == 0 { 'M' } else { 'L' };
        // Writing into a string cannot fail.
        let _ = write!(path, "{pen}{} {}", Short(*x), Short(*y));
    }
    if points.len() == 1 {
        path.push_str("h0");
    }
    path
}

/// A picture as it lies in a file: one that blends with pixels enough for paper.
pub(crate) fn printed(
    picture: &Picture,
    at: Rectangle,
    crisp: bool,
    unit: Unit,
) -> Result<RgbImage> {
    let density = match unit {
        Unit::Pixel => 1.0,
        Unit::Millimetre => FINENESS,
    };
    match crisp {
        true => rgb(picture),
        false => Ok(blended(rgb(picture)?, (at.width * density).ceil() as u32)),
    }
}

/// A picture without its opacity.
pub(crate) fn rgb(picture: &Picture) -> Result<RgbImage> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let pixels = picture.rgba.chunks_exact(4);
    let rgb = pixels
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let whole = RgbImage::from_raw(width, height, rgb).filter(|_| width * height > 0);
    let found = || format!("{width}×{height}");
    whole.ok_or_else(|| Error::refused("pixels of a picture in a figure", "at least 1", found()))
}

/// A picture with at least so many columns: programs that show a file enlarge small pictures in ways of their own, and a
/// tile of seven pixels would look different in each.
fn blended(picture: RgbImage, wanted: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    match width < wanted {
        true => imageops::resize(
            &picture,
            wanted,
            (height * wanted).div_ceil(width),
            ResizeFilter::CatmullRom,
        ),
        false => picture,
    }
}

fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    let (width, height) = picture.dimensions();
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
        .write_image(picture, width, height, ExtendedColorType::Rgb8)
        .map_err(|error| Error::Execution(format!("no PNG: {error}")))?;
    Ok(bytes)
}

/// A length in at most three decimals.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero makes nothing of minus nothing.
        let text = format!("{:.3}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        to.write_str(if text == "-0" { "0" } else { text })
    }
}

struct Hex(Colour);

impl fmt::Display for Hex {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(to, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Text that means nothing to XML; what XML cannot hold at all is left out.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => to.write_str("&amp;")?,
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                control if control.is_control() => (),
                other => to.write_char(other)?,
            }
        }
        Ok(())
    }
}
