//! What the features of a network look like at one moment of its training.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use pollster::block_on;
use serde::{Deserialize, Serialize};
use zfnet::geometry::view::View;
use zfnet::network::architecture::ReceptiveField;
use zfnet::pictures::rendering::{self, Picture};
use zfnet::{Network, Prepared, ReluRule, Targets, Unit, project, readback};
use zfnet_words::{Words, say};

use super::text::number;
use crate::{Error, Result};

/// Photographs that a snapshot projects on; more make the report heavy and teach nothing new.
const PHOTOS: usize = 3;
/// The mosaic of filters is magnified to about this many pixels a side.
const FILTERS_SIDE: usize = 300;

/// The features at one checkpoint: pictures ready to be shown, so that no weights need be kept for the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Passes over the training set so far.
    pub epoch: f64,
    /// PNG of the first layer's filters, each on its own scale.
    #[serde(with = "in_base64")]
    pub filters: Vec<u8>,
    /// The photographs that were looked at.
    pub photos: Vec<Photograph>,
    /// For each photograph, the strongest unit of each convolutional layer, projected.
    pub projections: Vec<Tile>,
}

/// The square of a photograph that entered the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photograph {
    /// Its pixels.
    #[serde(with = "in_base64")]
    pub png: Vec<u8>,
    /// Rows and columns.
    pub side: usize,
}

/// A projection, cropped to what its unit sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// Which of the snapshot's photographs it was made on.
    pub photo: usize,
    /// The unit's layer.
    pub layer: String,
    /// What the unit sees of the photograph, inside its frame: top, left, height, width.
    pub window: [usize; 4],
    /// Its pixels, zero at mid grey.
    #[serde(with = "in_base64")]
    pub png: Vec<u8>,
    /// The unit and its answer; snapshots of earlier versions do not say.
    #[serde(flatten)]
    pub strongest: Option<Strongest>,
}

/// A layer's strongest unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Strongest {
    /// Map, row, column.
    pub unit: [usize; 3],
    /// What it answers.
    pub activation: f32,
}

impl Tile {
    /// The unit and its answer, in words.
    pub(super) fn caption(&self, words: Words) -> String {
        let Some(Strongest { unit, activation }) = self.strongest else {
            return String::new();
        };
        let [map, row, col] = unit;
        match activation > 0.0 {
            true => {
                let activation = number(words, activation.into());
                say!(
                    words,
                    "reportUnit",
                    map = map,
                    row = row,
                    col = col,
                    activation = activation
                )
            }
            false => say!(words, "reportSilent").into(),
        }
    }
}

/// Looks at a network as it is now: its first layer's filters, and on each of the first three photographs the deconvnet
/// projection of the strongest unit of every convolutional layer.
///
/// # Errors
/// [`Error::Input`] when a photograph was prepared for another input size than the network's, or when the first layer
/// takes neither one nor three channels; [`Error::Engine`] when the device fails.
pub fn snapshot(network: &Network, photos: &[Prepared], epoch: f64) -> Result<Snapshot> {
    let mut seen = Vec::new();
    let mut projections = Vec::new();
    for (at, photo) in photos.iter().take(PHOTOS).enumerate() {
        let side = network.model.input.side()?;
        let (width, height) = photo.rgb.dimensions();
        if [width, height].map(|length| length as usize) != [side; 2] {
            return Err(Error::input(
                format!("photograph {} of a snapshot", at + 1),
                format!("{side}×{side} pixels, the network's input"),
                format!("{width}×{height}"),
            ));
        }
        seen.push(Photograph {
            png: rgb_png(&photo.rgb)?,
            side,
        });
        projections.extend(projected(network, photo, at)?);
    }
    Ok(Snapshot {
        epoch,
        filters: filters(network)?,
        photos: seen,
        projections,
    })
}

/// The first layer's filters, drawn.
fn filters(network: &Network) -> Result<Vec<u8>> {
    let first = network
        .convolutions()
        .first()
        .map(|name| (*name).to_string());
    let Some(first) = first else {
        return Err(Error::input(
            format!("network {}", network.model.name),
            "a convolutional layer, whose filters can be drawn",
            "none",
        ));
    };
    let filters = network.filters(&first)?;
    let shape @ [count, channels, rows, cols] = filters.dims();
    if channels != 3 && channels != 1 {
        return Err(Error::input(
            format!("filters of {first}"),
            "filters on one or three colour channels",
            format!("{channels} channels"),
        ));
    }
    let values: Vec<f32> = block_on(readback::floats(filters))?
        .chunks(channels * rows * cols)
        .flat_map(|filter| network.model.input.in_rgb_order(filter.to_vec()))
        .collect();
    let columns = (count as f64).sqrt().ceil() as usize;
    let zoom = (FILTERS_SIDE / (columns * (cols + 1)).max(1)).max(1);
    png(&rendering::filters(&values, shape, zoom))
}

/// The strongest unit of each convolutional layer on one photograph, projected.
fn projected(network: &Network, photo: &Prepared, at: usize) -> Result<Vec<Tile>> {
    let trace = network.forward(photo.tensor(network)?)?;
    let layers = network.convolutions();
    let answers = block_on(trace.strongest(0, &layers))?;
    let mut tiles = Vec::with_capacity(layers.len());
    for (layer, answers) in layers.iter().zip(answers) {
        // The first of equals, as everywhere.
        let strongest = answers.into_iter().reduce(|best, answer| {
            if answer.activation > best.activation {
                answer
            } else {
                best
            }
        });
        let Some(strongest) = strongest else { continue };
        let targets = Targets::Units((*layer).into(), vec![strongest.unit.into()]);
        let projections = project(network, &trace, 0, &targets, ReluRule::Deconvnet)?;
        let Unit { row, col, .. } = strongest.unit;
        let view = inside(network.layer(layer)?.field, [row, col], network.frame());
        let tile = block_on(projections.tiles(&[view]))?.swap_remove(0);
        let picture = tile.picture(&network.model.input);
        tiles.push(Tile {
            photo: at,
            layer: (*layer).into(),
            window: [
                view.top as usize,
                view.left as usize,
                view.height,
                view.width,
            ],
            png: png(&picture)?,
            strongest: Some(Strongest {
                unit: strongest.unit.into(),
                activation: strongest.activation,
            }),
        });
    }
    Ok(tiles)
}

/// What a unit sees inside the frame; a unit that sees padding only still gets a pixel to be drawn.
fn inside(field: ReceptiveField, unit: [usize; 2], frame: [usize; 2]) -> View {
    let seen = View::seen_by(field, unit, unit).clipped(frame);
    let first = |at: isize, axis: usize| at.min(frame[axis] as isize - 1);
    View {
        top: first(seen.top, 0),
        left: first(seen.left, 1),
        height: seen.height.max(1),
        width: seen.width.max(1),
    }
}

fn png(picture: &Picture) -> Result<Vec<u8>> {
    // Nothing that is drawn here is transparent.
    let rgb: Vec<u8> = picture
        .rgba
        .chunks(4)
        .flat_map(|pixel| &pixel[..3])
        .copied()
        .collect();
    encode(
        &rgb,
        picture.width as u32,
        picture.height as u32,
        ExtendedColorType::Rgb8,
    )
}

fn rgb_png(rgb: &RgbImage) -> Result<Vec<u8>> {
    encode(rgb, rgb.width(), rgb.height(), ExtendedColorType::Rgb8)
}

/// PNG bytes, packed hard: a report carries many of them.
pub(super) fn encode(
    pixels: &[u8],
    width: u32,
    height: u32,
    colour: ExtendedColorType,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
        .write_image(pixels, width, height, colour)
        .map_err(|error| {
            Error::input(
                "a picture of the report",
                "one that can be encoded as PNG",
                error.to_string(),
            )
        })?;
    Ok(bytes)
}

/// Pictures as base64, which is a quarter of a list of numbers.
mod in_base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
