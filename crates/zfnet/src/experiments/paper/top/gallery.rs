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
    /// Names of the winners' files by number, of those that the gallery shows.
    pub names: BTreeMap<usize, String>,
    /// Whose the pictures are, where the gallery shows none but those that it gives a credit for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Credits>,
    /// The layers, from the first to the last of the network.
    pub layers: Vec<Layer>,
}

/// Whose the pictures of a gallery are, and why others are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credits {
    /// The licence of the sheets of patches, which is one that all their pictures allow.
    pub licence: Licence,
    /// Pictures that are shown.
    pub shown: Vec<Shown>,
    /// Winners that are not shown: their tiles on the sheets of patches are grey.
    pub withheld: Vec<Withheld>,
}

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// What it is called, as `CC BY 4.0`.
    pub name: String,
    /// Where its text stands.
    pub url: String,
}

/// Whose a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The picture, or the set that it is from.
    pub title: String,
    /// Who made it.
    pub by: String,
    /// What it may be used under.
    pub licence: Licence,
    /// Where it is from.
    pub source: String,
}

/// Winners under one credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The credit.
    pub credit: Credit,
    /// Numbers of the pictures.
    pub pictures: Vec<usize>,
}

/// Winners that are not shown for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// The reason.
    pub why: Why,
    /// Numbers of the pictures.
    pub pictures: Vec<usize>,
}

/// In a few words, why a picture is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
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
    /// Side of a tile, in pixels of the sheet of projections.
    pub tile: usize,
    /// The same of the sheet of patches; where nothing is said, as large as a projection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_tile: Option<usize>,
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
