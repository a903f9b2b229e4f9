//! Which maps answer in a region: the photograph with its frame, and below it a row of projections for each layer.

use serde::Deserialize;
use zfnet::experiments::since::region::{Answering, Found};
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::Picture;
use zfnet_typescript::TypeScript;

use super::pictures::{even, outline};
use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{GAP, GREY, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns, zoom_to};
use zfnet_words::say;

/// The photograph's side comes near this.
const SIDE: usize = 224;
/// A tile's side.
const TILE: usize = 104;
/// The narrowest figure, in tiles.
const FEWEST: usize = 4;

/// What is shown beside the numbers.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "RegionShown")]
pub struct Shown {
    /// What entered the network.
    pub photograph: Picture,
    /// What made the strongest units answer, in the order of the layers and of what was found in each; `None` for one that has
    /// not come.
    pub projections: Vec<Option<Picture>>,
}

/// The photograph, and a row of projections for each layer.
pub fn figure(context: &Context<'_>, answering: &Answering, shown: &Shown) -> Scene {
    let words = context.words;
    let mut projections = shown.projections.iter();
    let most = answering.layers.iter().map(|level| level.found.len()).max();
    let (lefts, width) = columns(most.unwrap_or(0).max(FEWEST), TILE);
    let mut sheet = Sheet::new(width);
    let (title, how) = (say!(words, "regionTitle"), say!(words, "figureRegionText"));
    sheet.open(title, how);
    let region = answering.region;
    let mut photograph = shown.photograph.clone();
    let view = View {
        top: region.top as isize,
        left: region.left as isize,
        height: region.rows,
        width: region.cols,
    };
    outline(&mut photograph, view);
    let zoom = zoom_to([photograph.height, photograph.width], SIDE);
    sheet.place(photograph.magnified(zoom), MARGIN, sheet.bottom());
    for level in &answering.layers {
        let head = say!(
            words,
            "regionLayer",
            layer = level.layer,
            count = level.found.len(),
            maps = level.maps
        );
        let top = sheet.tell(&head, MARGIN, sheet.bottom() + GAP, width, NAME) + NEAR;
        if level.found.is_empty() {
            sheet.tell(say!(words, "regionNone"), MARGIN, top, width, WORDS);
        }
        for ((found, left), picture) in level.found.iter().zip(&lefts).zip(&mut projections) {
            let picture = picture.clone().unwrap_or_else(|| even(GREY, [1, 1]));
            let mut under = sheet.fit(picture, *left, top, TILE) + NEAR;
            for line in lines(context, found) {
                under = sheet.tell(&line, *left, under, TILE, SMALL);
            }
        }
    }
    let made_with = say!(
        words,
        "figureRegionFrame",
        left = region.left,
        top = region.top,
        cols = region.cols,
        rows = region.rows
    );
    sheet.close(context, &made_with)
}

/// The map, how it correlates with the frame, and what it answers inside and outside.
fn lines(context: &Context<'_>, found: &Found) -> [String; 3] {
    let (words, compared) = (context.words, found.compared);
    let [correlation, inside, outside] =
        [compared.correlation, compared.inside, compared.outside].map(number);
    [
        say!(words, "regionMap", map = found.strongest.unit.map),
        format!("r = {correlation}"),
        format!("{inside} : {outside}"),
    ]
}
