//! Figure 6 of the paper: networks side by side, their filters with what these are like, and the strongest maps of their first
//! layers.

use serde::Deserialize;
use zfnet::ReluRule;
use zfnet::experiments::paper::filters::{Filters, Settings, tiles};
use zfnet::experiments::paper::hierarchy::Hierarchy;
use zfnet::network::model::{Input, Model};
use zfnet::pictures::rendering::{self, Picture};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::pictures::framed;
use super::{Unread, filters};
use crate::context::{Context, rule_in_words};
use crate::numbers::percent;
use crate::scene::{Colour, Scene};
use crate::sheet::{MARGIN, NAME, NEAR, SMALL, Sheet, columns, zoom_to};

/// A panel's side comes near this.
const SIDE: usize = 480;
/// Between the tiles of a panel, and what lies there.
const BETWEEN: usize = 4;
const PAPER: [u8; 4] = [255; 4];
/// The frame of a dead filter.
const DEAD: Colour = [232, 89, 12];

/// The networks, and how they are drawn.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "FiltersShown")]
pub struct Shown {
    /// One or two networks.
    pub sides: Vec<Side>,
    /// Whether all filters of a network have one scale.
    pub shared: bool,
    /// Below which share of the median a filter is weak.
    pub weak_below: f64,
    /// What let the projections through.
    pub rule: ReluRule,
}

/// One of the networks.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "FiltersSide")]
pub struct Side {
    /// What it is called.
    pub network: String,
    /// What its filters are like.
    pub found: Unread<Filters>,
    /// The filters as they are drawn.
    pub bank: Vec<Picture>,
    /// What the pictures that it was trained with say of them, where that is known.
    pub training: Option<Training>,
    /// The strongest maps of its first layers.
    pub levels: Vec<Level>,
}

/// Which filters answered to none of the pictures that a network was trained with.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "FiltersTraining")]
pub struct Training {
    /// How many there were.
    pub pictures: usize,
    /// Of each filter.
    pub unanswered: Vec<bool>,
}

/// A layer's strongest maps.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "FiltersLevel")]
pub struct Level {
    /// The layer.
    pub layer: String,
    /// How many maps it has.
    pub maps: usize,
    /// Projections of the strongest.
    pub tiles: Vec<Picture>,
}

impl Side {
    /// A network's filters on one scale, and the strongest maps of its first layers.
    pub fn of(model: &Model, found: Filters, weights: &[f32], strongest: &Hierarchy) -> Self {
        let input = &model.input;
        let level = |level: &zfnet::experiments::paper::hierarchy::Level| Level {
            layer: level.layer.clone(),
            maps: level.maps,
            tiles: drawn(input, level),
        };
        Self {
            network: model.name.clone(),
            bank: tiles(input, weights, found.shape, true),
            found,
            training: None,
            levels: strongest.levels.iter().map(level).collect(),
        }
    }

    /// Whether a filter's weights are next to nothing, or its map answered to nothing in training.
    fn is_dead(&self, at: usize) -> bool {
        let unanswered = self.training.as_ref().map(|training| &training.unanswered);
        let unanswered = unanswered.and_then(|all| all.get(at)).copied();
        let weak = self.found.filters.get(at).map(|filter| filter.weak);
        weak.unwrap_or_default() || unanswered.unwrap_or_default()
    }

    /// The filters in a nearly square panel, dead ones framed.
    fn panel(&self) -> Picture {
        let columns = (self.bank.len() as f64).sqrt().ceil() as usize;
        let [_, _, rows, cols] = self.found.shape;
        let zoom = zoom_to([rows + 1, cols + 1], SIDE / columns.max(1));
        let tiles = self.bank.iter().enumerate().map(|(at, tile)| {
            let tile = tile.magnified(zoom);
            match self.is_dead(at) {
                true => framed(tile, zoom.div_ceil(2), DEAD),
                false => tile,
            }
        });
        rendering::mosaic(&tiles.collect::<Vec<_>>(), zoom.max(1), filters::GROUND)
    }

    /// What the filters amount to.
    fn lines(&self, words: Words, settings: Settings) -> Vec<String> {
        let mut lines = filters::in_words(words, &self.found, settings);
        if let (Some(training), Some((_, dead))) = (&self.training, lines.first_mut()) {
            let never = training.unanswered.iter().filter(|never| **never).count();
            let never = never as f64 / training.unanswered.len().max(1) as f64;
            *dead = say!(
                words,
                "filtersDeadText",
                weak = percent(self.found.mixture.weak),
                limit = percent(settings.weak_below),
                never = percent(never),
                pictures = training.pictures
            );
        }
        let lines = lines.into_iter();
        lines
            .map(|(name, line)| say!(words, "figureFiltersLine", name = name, line = line))
            .collect()
    }
}

/// The networks side by side; of one alone, what its filters amount to stands beside them, and its layers side by side.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let sides = &shown.sides;
    let is_alone = sides.len() < 2;
    let banks: Vec<Picture> = sides.iter().map(Side::panel).collect();
    let rows: Vec<Vec<Option<&Level>>> = match is_alone {
        true => {
            let rows = sides.iter().flat_map(|side| side.levels.chunks(2));
            rows.map(|row| row.iter().map(Some).collect()).collect()
        }
        false => {
            let most = sides.iter().map(|side| side.levels.len()).max();
            let row = |at| sides.iter().map(|side| side.levels.get(at)).collect();
            (0..most.unwrap_or(0)).map(row).collect()
        }
    };
    let drawn = rows
        .iter()
        .map(|row| row.iter().map(|level| level.map(strongest)));
    let drawn: Vec<Vec<Option<Picture>>> = drawn.map(Iterator::collect).collect();
    let panels = banks.iter().chain(drawn.iter().flatten().flatten());
    let side = panels.map(|panel| panel.width).max().unwrap_or(0).max(SIDE);
    let (lefts, width) = columns(sides.len().max(2), side);
    let mut sheet = Sheet::new(width);
    let scale = match shown.shared {
        true => say!(words, "figureFiltersShared"),
        false => say!(words, "figureFiltersOwn"),
    };
    let text = say!(words, "figureComparedText", scale = scale);
    match is_alone {
        true => sheet.open(say!(words, "figureComparedOne"), &text),
        false => {
            let text = say!(words, "figureComparedTextTwo", text = text);
            sheet.open(say!(words, "figureComparedTitle"), &text);
        }
    }
    let names: Vec<&str> = sides.iter().map(|side| side.network.as_str()).collect();
    sheet.heads(&names, &lefts, side, NAME);
    let shapes = sides
        .iter()
        .map(|side| filters_in_words(words, &side.found));
    let top = sheet.heads(&shapes.collect::<Vec<_>>(), &lefts, side, SMALL) + NEAR;
    for (bank, left) in banks.into_iter().zip(&lefts) {
        sheet.place(bank, *left, top);
    }
    let under = sheet.bottom() + NEAR;
    let settings = Settings {
        weak_below: shown.weak_below,
    };
    for (at, one) in sides.iter().enumerate() {
        let (left, mut under) = match is_alone {
            true => (lefts[1], top),
            false => (lefts[at], under),
        };
        for line in one.lines(words, settings) {
            under = sheet.tell(&line, left, under, side, SMALL);
        }
    }
    sheet.reach(sheet.bottom() + MARGIN);
    for (row, panels) in rows.iter().zip(drawn) {
        let said = row.iter().map(|level| level_in_words(words, *level));
        let top = sheet.heads(&said.collect::<Vec<_>>(), &lefts, side, SMALL) + NEAR;
        for (panel, left) in panels.into_iter().zip(&lefts) {
            if let Some(panel) = panel {
                sheet.place(panel, *left, top);
            }
        }
        sheet.reach(sheet.bottom() + MARGIN);
    }
    let rule = rule_in_words(words, shown.rule).to_lowercase();
    let made_with = say!(words, "figureComparedRule", rule = rule);
    sheet.close(context, &made_with)
}

/// The projections of a layer's strongest maps, side by side.
fn strongest(level: &Level) -> Picture {
    rendering::mosaic(&enlarged(&level.tiles), BETWEEN, PAPER)
}

/// All as large as they fit into a panel.
fn enlarged(tiles: &[Picture]) -> Vec<Picture> {
    let columns = (tiles.len() as f64).sqrt().ceil().max(1.0) as usize;
    let sizes = tiles.iter().map(|tile| tile.width.max(tile.height));
    let largest = sizes.max().unwrap_or(1);
    let zoom = zoom_to([largest; 2], SIDE / columns);
    tiles.iter().map(|tile| tile.magnified(zoom)).collect()
}

fn drawn(input: &Input, level: &zfnet::experiments::paper::hierarchy::Level) -> Vec<Picture> {
    let found = level.found.iter();
    found.map(|found| found.tile.picture(input)).collect()
}

fn filters_in_words(words: Words, filters: &Filters) -> String {
    let ([count, _, rows, cols], layer, stride) =
        (filters.shape, &filters.layer, filters.stride[0]);
    say!(
        words,
        "figureComparedFilters",
        layer = layer,
        count = count,
        rows = rows,
        cols = cols,
        stride = stride
    )
}

fn level_in_words(words: Words, level: Option<&Level>) -> String {
    let Some(level) = level else {
        return say!(words, "figureComparedNoLayer").to_owned();
    };
    let (layer, count, maps) = (&level.layer, level.tiles.len(), level.maps);
    say!(
        words,
        "figureComparedLevel",
        layer = layer,
        count = count,
        maps = maps
    )
}
