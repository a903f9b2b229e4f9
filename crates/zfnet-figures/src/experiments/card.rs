//! The way of a photograph through the layers as one picture to post: 1200 × 630 pixels, the size that previews of links have.

use serde::Deserialize;
use zfnet::pictures::rendering::Picture;
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use super::pictures::even;
use crate::context::Context;
use crate::letters::extent;
use crate::scene::{Anchor, Colour, Item, Rectangle, Scene, Unit};
use crate::sheet::{COARSE, GREY, fitted};

const SIZE: [f64; 2] = [1200.0, 630.0];
/// Nothing but the strip at the top lies closer to an edge.
const EDGE: usize = 48;
const STRIP: f64 = 8.0;
/// Where the pictures begin.
const TOP: usize = 172;
/// Side of the photograph; of a projection and of the piece below it; between two of them.
const SIDE: usize = 296;
const TILE: usize = 144;
const GAP: usize = 13;
/// More layers than these have no room.
const MOST: usize = 5;
/// The line above the last words, and these.
const RULE: f64 = 536.0;
const FOOT: f64 = 586.0;

/// A dark room and a lamp: a card lies on pages of any colour.
const ROOM: Colour = [27, 24, 21];
const PAPER: Colour = [246, 242, 234];
const DIM: Colour = [185, 176, 162];
const LAMP: Colour = [240, 161, 96];
const FAINT: Colour = [58, 52, 45];

/// What is on a card.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "CardShown")]
pub struct Shown {
    /// What the network takes the photograph for.
    pub title: String,
    /// The part of it that the network sees.
    pub photograph: Option<Picture>,
    /// From the first layer to the last.
    pub prints: Vec<Print>,
}

/// What a layer has to show.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "CardPrint")]
pub struct Print {
    /// The layer.
    pub layer: String,
    /// The map, where it has maps.
    pub map: Option<usize>,
    /// What made it answer; `None` where it is silent.
    pub projection: Option<Picture>,
    /// The piece of the photograph.
    pub patch: Option<Picture>,
}

/// The photograph, and a projection of each layer above what excited it.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let mut card = Card(Vec::new());
    let inner = SIZE[0] - 2.0 * EDGE as f64;
    card.fill([0.0, 0.0], [SIZE[0], STRIP], LAMP);
    let edge = EDGE as f64;
    card.write(&shown.title, [edge, 92.0], inner, (50.0, true), PAPER);
    card.write(
        say!(words, "cardText"),
        [edge, 138.0],
        inner,
        (24.0, false),
        DIM,
    );
    card.place(shown.photograph.as_ref(), EDGE, TOP, SIDE);
    let (line, below) = ((TOP + SIDE + 34) as f64, (TOP + SIDE + 58) as f64);
    let photograph = say!(words, "cardPhoto");
    card.write(photograph, [edge, line], SIDE as f64, (21.0, true), PAPER);
    let prints = spread(&shown.prints);
    let first = SIZE[0] as usize - EDGE + GAP - prints.len() * (TILE + GAP);
    for (at, print) in prints.into_iter().enumerate() {
        let left = first + at * (TILE + GAP);
        card.place(print.projection.as_ref(), left, TOP, TILE);
        card.place(print.patch.as_ref(), left, TOP + SIDE - TILE, TILE);
        let (left, room) = (left as f64, TILE as f64);
        card.write(&print.layer, [left, line], room, (21.0, true), PAPER);
        if let Some(map) = print.map {
            let map = say!(words, "linkMap", map = map);
            card.write(&map, [left, below], room, (17.0, false), DIM);
        }
    }
    card.fill([edge, RULE], [inner, 1.0], FAINT);
    let name = "ZF Lens";
    card.write(name, [edge, FOOT], inner, (26.0, true), LAMP);
    let origin = format!("{} · {}", context.network, say!(words, "cardMethod"));
    let room = inner - 28.0 * extent(name, true);
    let end = edge + inner;
    card.write(&origin, [end, FOOT], room, (21.0, false), DIM);
    if let Some(Item::Text { anchor, .. }) = card.0.last_mut() {
        *anchor = Anchor::Right;
    }
    Scene {
        width: SIZE[0],
        height: SIZE[1],
        unit: Unit::Pixel,
        ground: ROOM,
        items: card.0,
    }
}

/// As many as there is room for, from the first to the last.
fn spread(all: &[Print]) -> Vec<&Print> {
    let (count, last) = (all.len().min(MOST), all.len().saturating_sub(1));
    let steps = count.saturating_sub(1).max(1);
    let at = |index: usize| (index * last + steps / 2) / steps;
    (0..count).map(|index| &all[at(index)]).collect()
}

/// A card under way.
struct Card(Vec<Item>);

impl Card {
    fn fill(&mut self, [left, top]: [f64; 2], [width, height]: [f64; 2], colour: Colour) {
        let at = Rectangle {
            left,
            top,
            width,
            height,
        };
        self.0.push(Item::Fill { at, colour });
    }

    /// A picture as large as a square has room for; one that is not there leaves it grey.
    fn place(&mut self, picture: Option<&Picture>, left: usize, top: usize, side: usize) {
        let picture = picture.cloned().unwrap_or_else(|| even(GREY, [1, 1]));
        self.0.push(Item::Picture {
            at: fitted(&picture, left, top, side),
            crisp: picture.width.max(picture.height) < COARSE,
            picture,
        });
    }

    /// One line; where there is too little room for it, smaller.
    fn write(
        &mut self,
        text: &str,
        at: [f64; 2],
        room: f64,
        (size, bold): (f64, bool),
        colour: Colour,
    ) {
        let size = size.min(room / extent(text, bold).max(1.0));
        self.0.push(Item::Text {
            text: text.to_owned(),
            at,
            anchor: Anchor::Left,
            size,
            bold,
            colour,
        });
    }
}
