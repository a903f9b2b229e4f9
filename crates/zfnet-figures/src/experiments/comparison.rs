//! Figure 6 of the paper: two networks side by side, their filters and the strongest maps of their first two layers.

use zfnet::experiments::paper::filters::Filters;
use zfnet::experiments::paper::hierarchy::Hierarchy;
use zfnet::network::model::Model;
use zfnet::pictures::rendering::{self, Picture};

use super::filters;
use crate::context::Context;
use crate::numbers::percent;
use crate::scene::Scene;
use crate::sheet::{MARGIN, NAME, NEAR, SMALL, Sheet, columns, zoom_to};
use zfnet_words::{Words, say};

/// A panel's side comes near this.
const SIDE: usize = 480;
/// Between the tiles of a panel, and what lies there.
const BETWEEN: usize = 4;
const PAPER: [u8; 4] = [255; 4];

/// One of the networks.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What it says of itself.
    pub model: &'a Model,
    /// What its filters are like.
    pub filters: &'a Filters,
    /// The filters themselves.
    pub weights: &'a [f32],
    /// The strongest maps of its first layers.
    pub found: &'a Hierarchy,
}

/// The networks side by side; `rule` is what let the projections through.
pub fn figure(context: &Context<'_>, sides: [Side<'_>; 2], rule: &str) -> Scene {
    let words = context.words;
    let rows: Vec<[Picture; 2]> = (0..3)
        .map(|row| match row {
            0 => sides.each_ref().map(bank),
            row => sides.each_ref().map(|side| tiles(side, row - 1)),
        })
        .collect();
    let panels = rows.iter().flatten();
    let side = panels.map(|panel| panel.width).max().unwrap_or(0).max(SIDE);
    let (lefts, width) = columns(sides.len(), side);
    let mut sheet = Sheet::new(width);
    let title = say!(words, "figureComparedTitle");
    let how = say!(words, "figureComparedText");
    sheet.open(title, how);
    let names = sides.map(|side| side.model.name.clone());
    sheet.heads(&names, &lefts, side, NAME);
    for (at, row) in rows.into_iter().enumerate() {
        let words = sides.each_ref().map(|side| match at {
            0 => filters_in_words(words, side.filters),
            at => level_in_words(words, side.found, at - 1),
        });
        let top = sheet.heads(&words, &lefts, side, SMALL) + NEAR;
        for (panel, left) in row.into_iter().zip(&lefts) {
            sheet.place(panel, *left, top);
        }
        sheet.reach(sheet.bottom() + MARGIN);
    }
    let made_with = say!(words, "figureComparedRule", rule = rule);
    sheet.close(context, &made_with)
}

fn bank(side: &Side<'_>) -> Picture {
    let shape @ [count, _, rows, cols] = side.filters.shape;
    let columns = (count as f64).sqrt().ceil() as usize;
    let zoom = zoom_to([rows + 1, cols + 1], SIDE / columns.max(1));
    filters::bank(&side.model.input, side.weights, shape, true, zoom)
}

/// The projections of a layer's strongest maps.
fn tiles(side: &Side<'_>, at: usize) -> Picture {
    let tiles: Vec<Picture> = match side.found.levels.get(at) {
        Some(level) => {
            let columns = (level.found.len() as f64).sqrt().ceil().max(1.0) as usize;
            let zoom = zoom_to(level.field, SIDE / columns);
            let tiles = level.found.iter();
            let drawn = tiles.map(|found| found.tile.picture(&side.model.input).magnified(zoom));
            drawn.collect()
        }
        None => Vec::new(),
    };
    rendering::mosaic(&tiles, BETWEEN, PAPER)
}

fn filters_in_words(words: Words, filters: &Filters) -> String {
    let ([count, _, rows, cols], layer, stride) =
        (filters.shape, &filters.layer, filters.stride[0]);
    let dead = percent(filters.mixture.weak);
    say!(
        words,
        "figureComparedFilters",
        layer = layer,
        count = count,
        rows = rows,
        cols = cols,
        stride = stride,
        dead = dead
    )
}

fn level_in_words(words: Words, found: &Hierarchy, at: usize) -> String {
    let Some(level) = found.levels.get(at) else {
        return say!(words, "figureComparedNoLayer").to_owned();
    };
    let (layer, count, maps) = (&level.layer, level.found.len(), level.maps);
    say!(
        words,
        "figureComparedLevel",
        layer = layer,
        count = count,
        maps = maps
    )
}
