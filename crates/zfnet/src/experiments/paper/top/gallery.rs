//! The description of a gallery, `gallery.json`: who won, and where on which sheet each winner is drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geometry::view::View;

/// The format of the galleries that this program writes.
pub const FORMAT: &str = "zf-lens gallery 1";

/// What a folder of sheets shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gallery {
    /// See [`FORMAT`].
    pub format: String,
    /// Name of the network.
    pub network: String,
    /// SHA-256 of the file with the features, as in the network's manifest.
    pub features_sha256: String,
    /// The rule that the winners were projected with.
    pub rule: String,
    /// Pictures of a map, at most.
    pub count: usize,
    /// Pictures that were looked at.
    pub pictures: usize,
    /// Files that could not be read.
    pub skipped: usize,
    /// Names of the winners' files by number; empty where the gallery shows no picture.
    pub names: BTreeMap<usize, String>,
    /// The layers, from the first to the last of the network.
    pub layers: Vec<Layer>,
}

/// One layer of a gallery.
///
/// A sheet is made of equal square blocks, one for each map: map m is at column m mod `columns` and row m / `columns`. A
/// block is made of square tiles, in rows of [`Sheet::across`](super::Sheet::across) (three for nine), in the order of the
/// ranks. There are no gaps; tiles that nobody won are grey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Name of the layer.
    pub layer: String,
    /// Number of maps.
    pub maps: usize,
    /// Blocks in a row of the sheet.
    pub columns: usize,
    /// Side of a tile, in pixels of the sheet.
    pub tile: usize,
    /// Rows and columns that a tile shows, in pixels of the input.
    pub field: [usize; 2],
    /// File of the sheet of projections.
    pub projections: String,
    /// File of the sheet of patches, where there is one.
    pub patches: Option<String>,
    /// The winners of each map, the strongest first.
    pub top: Vec<Vec<Entry>>,
}

/// One winner of a map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number of the picture.
    pub picture: usize,
    /// Row of the unit.
    pub row: usize,
    /// Column of the unit.
    pub col: usize,
    /// What the unit answers.
    pub activation: f32,
    /// What its tile shows, in pixels of the input; may reach outside.
    pub window: View,
    /// The value of the projection that is drawn as full white.
    pub scale: f32,
}
