//! All maps of a layer on a sheet of A4: large tiles with their numbers.

use serde::Deserialize;
use zfnet::ReluRule;
use zfnet::pictures::rendering::{Picture, Stretch};
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use crate::context::{Context, rule_in_words, scale_in_words, stretch_in_words};
use crate::letters::{extent, wrapped};
use crate::numbers::number;
use crate::scene::{Anchor, Colour, INK, Item, Rectangle, Scene, Unit};
use crate::sheet::COARSE;

/// A4, upright, in millimetres as everything here.
const PAPER: [f64; 2] = [210.0, 297.0];
const EDGE: f64 = 11.0;
/// Height of the title's type, of what is below it, and of a map's number; its activation is a little smaller.
const TITLE: f64 = 4.6;
const WORDS: f64 = 2.9;
const NUMBER: f64 = 2.5;
const ACTIVATION: f64 = 2.2;
/// From one line of words to the next, as a multiple of its type.
const LINE: f64 = 1.4;
/// Between the words and the tiles.
const UNDER: f64 = 4.0;
/// Room for a number below its tile, and between tiles.
const LABEL: f64 = 3.4;
const GAP: f64 = 1.4;
/// As many tiles as this are side by side at least, and at most.
const FEWEST: usize = 4;
const MOST: usize = 64;
const FAINT: Colour = [98, 96, 92];
const BORDER: f64 = 0.17;

/// A layer's maps.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "MapsShown")]
pub struct Shown {
    /// Whose maps they are.
    pub layer: String,
    /// What the photograph is called.
    pub photograph: String,
    /// What they are ordered by, in words.
    pub order: String,
    /// In this order.
    pub tiles: Vec<Tile>,
    /// Whether all are on one scale.
    pub shared: bool,
    /// How they were projected; `None`, where the tiles are the maps themselves.
    pub projected: Option<Manner>,
}

/// How a unit was projected.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "MapsProjected")]
pub struct Manner {
    /// What let the projections through.
    pub rule: ReluRule,
    /// How their numbers became brightness.
    pub stretch: Stretch,
}

/// One map.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "MapsTile")]
pub struct Tile {
    /// Its number.
    pub map: usize,
    /// Its largest activation.
    pub activation: f32,
    /// What is shown of it; `None` for one that is silent, or has not come.
    pub picture: Option<Picture>,
}

/// The tiles, as large as one sheet has room for, and what they are.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    // Whether activations are among the words is known once the tiles have their size.
    let (_, top) = head(context, shown, true);
    let top = top + UNDER;
    // Tiles of one layer are alike.
    let aspect = shown.tiles.iter().find_map(|tile| {
        let picture = tile.picture.as_ref()?;
        Some(picture.width as f64 / picture.height.max(1) as f64)
    });
    let (columns, [width, height]) = arranged(shown.tiles.len(), aspect.unwrap_or(1.0), top);
    // On a sheet of many maps there is room for their numbers alone.
    let labels = shown.tiles.iter().map(label).collect::<Vec<_>>();
    let has_activations = labels.iter().all(|label| wide(label) <= width);
    let (mut items, _) = head(context, shown, has_activations);
    for (at, (tile, label)) in shown.tiles.iter().zip(labels).enumerate() {
        let [col, row] = [at % columns, at / columns].map(|place| place as f64);
        let at = Rectangle {
            left: EDGE + col * (width + GAP),
            top: top + row * (height + LABEL + GAP),
            width,
            height,
        };
        place(tile, at, &mut items);
        under(label, has_activations, at, &mut items);
    }
    Scene {
        width: PAPER[0],
        height: PAPER[1],
        unit: Unit::Millimetre,
        ground: [255; 3],
        items,
    }
}

/// What the sheet shows, in words, and the row below them.
fn head(context: &Context<'_>, shown: &Shown, has_activations: bool) -> (Vec<Item>, f64) {
    let words = context.words;
    let (layer, photo, count) = (&shown.layer, &shown.photograph, shown.tiles.len());
    let scale = scale_in_words(words, shown.shared);
    let (title, mut manner) = match shown.projected {
        None => (
            say!(
                words,
                "paperMaps",
                layer = layer,
                count = count,
                photo = photo
            ),
            vec![say!(words, "paperMapsScale").to_owned(), scale],
        ),
        Some(Manner { rule, stretch }) => {
            let rule = rule_in_words(words, rule);
            let stretch = stretch_in_words(words, stretch);
            let title = say!(
                words,
                "paperProjections",
                layer = layer,
                count = count,
                photo = photo
            );
            let grey = say!(words, "paperProjectionsScale").to_owned();
            (title, vec![grey, rule.to_owned(), scale, stretch])
        }
    };
    let number = match has_activations {
        true => say!(words, "paperActivations"),
        false => say!(words, "paperNumbers"),
    };
    let order = say!(words, "paperOrder", sort = shown.order);
    let mut legend = vec![number.to_owned(), order];
    let is_silent = |tile: &Tile| tile.activation == 0.0;
    if shown.tiles.iter().any(is_silent) {
        legend.push(say!(words, "paperSilent").to_owned());
    }
    let by = [context.network, context.device, "zf-lens"].map(str::to_owned);
    manner.extend(by);
    let [legend, manner] = [legend, manner].map(|lines| lines.join(" · "));
    let paragraphs = [
        (title, TITLE, true, INK),
        (legend, WORDS, false, FAINT),
        (manner, WORDS, false, FAINT),
    ];
    let room = PAPER[0] - 2.0 * EDGE;
    let (mut items, mut top) = (Vec::new(), EDGE);
    for (text, size, bold, colour) in paragraphs {
        for text in wrapped(&text, room / size, bold) {
            let at = [EDGE, top + size];
            items.push(Item::Text {
                text,
                at,
                anchor: Anchor::Left,
                size,
                bold,
                colour,
            });
            top += size * LINE;
        }
    }
    (items, top)
}

/// How many tiles are side by side, and their width and height: the largest of which all lie on one sheet below `top`.
fn arranged(count: usize, aspect: f64, top: f64) -> (usize, [f64; 2]) {
    let size = |columns: usize| {
        let width = (PAPER[0] - 2.0 * EDGE + GAP) / columns as f64 - GAP;
        [width, width / aspect]
    };
    let fits = |columns: &usize| {
        let rows = count.div_ceil(*columns) as f64;
        rows * (size(*columns)[1] + LABEL + GAP) <= PAPER[1] - EDGE - top
    };
    let columns = (FEWEST..MOST).find(fits).unwrap_or(MOST);
    (columns, size(columns))
}

/// A tile; one that is silent has a stroke.
fn place(tile: &Tile, at: Rectangle, items: &mut Vec<Item>) {
    let Rectangle {
        left,
        top,
        width,
        height,
    } = at;
    match &tile.picture {
        Some(picture) => items.push(Item::Picture {
            picture: picture.clone(),
            at,
            crisp: picture.width.max(picture.height) < COARSE,
        }),
        None => {
            let (right, bottom) = (left + width, top + height);
            let mut line = |points: Vec<[f64; 2]>| {
                items.push(Item::Line {
                    points,
                    width: BORDER,
                    colour: FAINT,
                });
            };
            line(vec![
                [left, top],
                [right, top],
                [right, bottom],
                [left, bottom],
                [left, top],
            ]);
            if tile.activation == 0.0 {
                let place = |x: f64, y: f64| [left + width * x, top + height * y];
                line(vec![place(0.4, 0.6), place(0.6, 0.4)]);
            }
        }
    }
}

/// The map's number, and its activation.
fn label(tile: &Tile) -> [String; 2] {
    [tile.map.to_string(), number(f64::from(tile.activation))]
}

fn wide([map, activation]: &[String; 2]) -> f64 {
    extent(map, true) * NUMBER + GAP / 2.0 + extent(activation, false) * ACTIVATION
}

/// Writes them below a tile.
fn under(
    [map, activation]: [String; 2],
    has_activation: bool,
    tile: Rectangle,
    items: &mut Vec<Item>,
) {
    let line = tile.top + tile.height + NUMBER;
    items.push(Item::Text {
        text: map,
        at: [tile.left, line],
        anchor: Anchor::Left,
        size: NUMBER,
        bold: true,
        colour: INK,
    });
    if has_activation {
        items.push(Item::Text {
            text: activation,
            at: [tile.left + tile.width, line],
            anchor: Anchor::Right,
            size: ACTIVATION,
            bold: false,
            colour: FAINT,
        });
    }
}
