//! Figures on their way into a file, in the format that its name ends in.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use zfnet::pictures::rendering::Picture;
use zfnet_figures::print::{pdf, raster};
use zfnet_figures::{Scene, svg};

use crate::output;

/// What lies between the pictures of a sheet.
pub(crate) const PAPER: [u8; 4] = [255, 255, 255, 255];

/// A figure's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Pixels
    Png,
    /// Vectors, real text, pictures inside
    Svg,
    /// One page to print
    Pdf,
}

impl Format {
    /// The format that a file's name ends in, if it is one of these.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        let all = [Self::Png, Self::Svg, Self::Pdf];
        all.into_iter().find(|format| format.ending() == ending)
    }

    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }
}

/// Writes a figure: SVG or PDF where the name ends so, else PNG.
///
/// # Errors
/// When it cannot be drawn, or the disk refuses.
pub(crate) fn write(path: &Path, scene: &Scene) -> anyhow::Result<()> {
    let format = Format::of(path).unwrap_or(Format::Png);
    output::file(path, &encoded(scene, format, scene.width as usize)?)
}

/// Writes a picture without words: SVG or PDF where the name ends so, else PNG.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_picture(path: &Path, picture: Picture) -> anyhow::Result<()> {
    match Format::of(path) {
        Some(Format::Svg | Format::Pdf) => write(path, &picture.into()),
        Some(Format::Png) | None => output::file(path, &png(&picture)?),
    }
}

/// A figure's file; as PNG it is so many pixels wide.
///
/// # Errors
/// When it cannot be drawn.
pub(crate) fn encoded(scene: &Scene, format: Format, width: usize) -> anyhow::Result<Vec<u8>> {
    match format {
        Format::Svg => Ok(svg(scene)?.into_bytes()),
        Format::Pdf => Ok(pdf(scene)?),
        Format::Png => png(&raster(scene, width)?),
    }
}

fn png(picture: &Picture) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = [picture.width, picture.height].map(|side| side as u32);
    PngEncoder::new(&mut bytes)
        .write_image(&picture.rgba, size[0], size[1], ExtendedColorType::Rgba8)
        .context("a picture that can be encoded")?;
    Ok(bytes)
}
