//! The hierarchy of features in one picture (paper section 4): the strongest maps of each layer with the projection of
//! their strongest unit, from the first convolution to the last.
//!
//! Many small tiles at the bottom and few large ones at the top: a unit sees more of the picture with every layer.

mod record;

use image::imageops;
use serde::{Deserialize, Serialize};
use zfnet_typescript::TypeScript;

use crate::deconvnet::tile::{Tile, tiles};
use crate::error::demand;
use crate::experiments::shared::Listener;
use crate::geometry::view::View;
use crate::network::trace::{Answer, Trace};
use crate::pictures::image::Photo;
use crate::pictures::rendering::Picture;
use crate::{Error, Network, ReluRule, Result};

/// Layers that a poster has room for.
pub const LAYERS: usize = 5;
/// Tiles in a row of the last layer.
const TOP: f64 = 4.0;
/// How many times as many lie in a row of the layer below.
const GROWTH: f64 = 1.5;
/// Rows of tiles, from the last layer down.
const ROWS: [usize; 5] = [1, 1, 2, 2, 3];
/// Units that are projected between two reports.
const TOGETHER: usize = 16;
/// The photograph is not printed finer than this many pixels a side.
const FINEST: u32 = 1024;

/// Of which layers how many maps are shown, and under which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The layers, in the order of the network.
    pub layers: Vec<Chosen>,
    /// What a rectifier lets through on the way down.
    pub rule: ReluRule,
}

/// A layer, and how many of its maps are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Name of the layer.
    pub layer: String,
    /// Maps at most; silent ones are never shown.
    pub maps: usize,
}

impl Settings {
    /// What a poster shows: the convolutions, or [`LAYERS`] of them from the first to the last where there are more, each
    /// with so many maps, or with as many as its band was made for.
    pub fn poster(network: &Network, maps: Option<usize>) -> Self {
        let all = network.convolutions();
        let count = all.len().min(LAYERS);
        let spread = |at: usize| at * (all.len() - 1) / (count - 1).max(1);
        let chosen = (0..count).map(|at| Chosen {
            layer: all[spread(at)].to_owned(),
            maps: maps.unwrap_or_else(|| columns(at, count) * rows(at, count)),
        });
        Self {
            layers: chosen.collect(),
            rule: ReluRule::Deconvnet,
        }
    }
}

/// The part of a photograph (left, top, width, height) that the network looked at, as fine as it is printed.
pub fn photograph(photo: &Photo, [left, top, width, height]: [u32; 4]) -> Picture {
    let rgb = imageops::crop_imm(&photo.rgb, left, top, width, height).to_image();
    Picture::from_rgb(&Photo { rgb }.preview(FINEST))
}

/// How many tiles lie in a row of the layer `at` of `count`.
pub fn columns(at: usize, count: usize) -> usize {
    (TOP * GROWTH.powi(count.saturating_sub(at + 1) as i32)).round() as usize
}

/// How many rows of tiles the layer `at` of `count` has, where they are all there.
pub fn rows(at: usize, count: usize) -> usize {
    ROWS[count.saturating_sub(at + 1).min(ROWS.len() - 1)]
}

/// A layer's tiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
pub struct Band {
    /// Name of the layer.
    pub layer: String,
    /// Number of the map of each tile.
    pub maps: Vec<usize>,
}

/// The strongest maps of each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    /// The layers, in the order of the network; those not reached yet are empty.
    pub levels: Vec<Level>,
}

/// One layer's strongest maps.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The layer.
    pub layer: String,
    /// Rows and columns of what its tiles show.
    pub field: [usize; 2],
    /// Maps that it has.
    pub maps: usize,
    /// Those that are shown, the strongest first, of equals the first.
    pub found: Vec<Found>,
}

/// A map's strongest unit and what made it fire.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The unit, and how strongly it answers.
    pub answer: Answer,
    /// Its projection.
    pub tile: Tile,
}

/// How far a hierarchy has come.
#[derive(Debug)]
pub struct Part<'a> {
    /// Everything that is known so far, layer by layer from the first.
    pub so_far: &'a Hierarchy,
    /// What [`Hierarchy::bands`] will be in the end.
    pub bands: &'a [Band],
}

/// Projects the strongest unit of each layer's strongest maps, from the first layer to the last, and tells `listener` of
/// every few, counted in units.
///
/// `trace` is of the one picture that is looked at.
///
/// # Errors
/// [`Error::UnknownLayer`] for a layer that does not run, [`Error::OutOfRange`] for no layer or a trace of several pictures,
/// [`Error::Architecture`] for a layer that has no maps, or [`Error::Execution`].
pub async fn grow(
    network: &Network,
    trace: &Trace,
    settings: &Settings,
    mut listener: impl for<'a> Listener<Part<'a>>,
) -> Result<Hierarchy> {
    let (pictures, asked) = (trace.pictures(), settings.layers.len());
    demand(pictures == 1, "pictures of the trace", "1", pictures)?;
    demand(asked > 0, "layers of the hierarchy", "at least 1", asked)?;
    let names: Vec<&str> = settings
        .layers
        .iter()
        .map(|chosen| chosen.layer.as_str())
        .collect();
    let mut levels = Vec::with_capacity(names.len());
    for name in &names {
        let planned = network.layer(name)?;
        let [maps, rows, cols] = planned.output;
        if rows * cols == 1 {
            return Err(Error::Architecture {
                layer: (*name).into(),
                expected: "maps with more than one unit".into(),
                found: format!("{maps} maps of {rows}×{cols}"),
            });
        }
        levels.push(Level {
            layer: (*name).into(),
            field: View::size(planned.field, network.frame()),
            maps,
            found: Vec::new(),
        });
    }
    let answers = trace.strongest(0, &names).await?;
    let wanted: Vec<Vec<Answer>> = answers
        .into_iter()
        .zip(&settings.layers)
        .map(|(answers, chosen)| strongest(answers, chosen.maps))
        .collect();
    let total = wanted.iter().map(Vec::len).sum();
    let bands = names.iter().zip(&wanted);
    let bands = bands.filter(|(_, answers)| !answers.is_empty());
    let bands: Vec<Band> = bands
        .map(|(layer, answers)| Band {
            layer: (*layer).to_owned(),
            maps: answers.iter().map(|answer| answer.unit.map).collect(),
        })
        .collect();
    let mut found = Hierarchy { levels };
    let mut done = 0;
    for (at, answers) in wanted.iter().enumerate() {
        for answers in answers.chunks(TOGETHER) {
            let units: Vec<_> = answers.iter().map(|answer| answer.unit.into()).collect();
            let drawn = tiles(network, trace, 0, names[at], &units, settings.rule).await?;
            let fresh = answers.iter().zip(drawn);
            found.levels[at]
                .found
                .extend(fresh.map(|(answer, tile)| Found {
                    answer: *answer,
                    tile,
                }));
            done += answers.len();
            let part = Part {
                so_far: &found,
                bands: &bands,
            };
            if !listener.goes_on(done, total, part).await {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The strongest maps that answer at all, strongest first; of equals the first.
fn strongest(mut answers: Vec<Answer>, most: usize) -> Vec<Answer> {
    answers.retain(|answer| answer.activation > 0.0);
    answers.sort_by(|a, b| b.activation.total_cmp(&a.activation));
    answers.truncate(most);
    answers
}

impl Hierarchy {
    /// The bands of a poster, from the first layer to the last; layers in which nothing answers are left out.
    pub fn bands(&self) -> Vec<Band> {
        let levels = self.levels.iter().filter(|level| !level.found.is_empty());
        levels
            .map(|level| Band {
                layer: level.layer.clone(),
                maps: level
                    .found
                    .iter()
                    .map(|found| found.answer.unit.map)
                    .collect(),
            })
            .collect()
    }

    /// The projections in the order of [`Self::bands`], for a layout's pictures after the photograph.
    pub fn tiles(&self) -> impl Iterator<Item = &Tile> {
        let found = self.levels.iter().flat_map(|level| &level.found);
        found.map(|found| &found.tile)
    }
}
