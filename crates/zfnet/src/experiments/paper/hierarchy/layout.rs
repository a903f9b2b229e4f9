//! Where everything lies on the poster, in millimetres: one layout for every format, natively and on the page.

use serde::{Deserialize, Serialize};

/// A2, upright.
const PAPER: [f64; 2] = [420.0, 594.0];
/// Nothing lies closer to the left and right edges, or to the top and bottom ones.
const MARGIN: [f64; 2] = [30.0, 32.0];
/// Tiles in a row of the last layer.
const TOP: f64 = 4.0;
/// How many times as many lie in a row of the layer below.
const GROWTH: f64 = 1.5;
/// Rows of tiles, from the last layer down.
const ROWS: [usize; 5] = [1, 1, 2, 2, 3];
/// Room for a band's name, and between two bands.
const NAME: f64 = 7.0;
const BETWEEN: f64 = 8.0;
/// Tiles of at least this side bear the number of their map, which takes so much room.
const NUMBERED: f64 = 20.0;
const NUMBER: f64 = 4.2;
/// The photograph's side, at most and at least; room above it.
const PHOTOGRAPH: [f64; 2] = [104.0, 60.0];
const ABOVE: f64 = 14.0;
/// The title's height and the room under its line.
const TITLE: f64 = 13.0;
const UNDER_TITLE: f64 = 15.0;

/// Black, not quite; and for what is less important.
const INK: [u8; 3] = [28, 28, 30];
const FAINT: [u8; 3] = [118, 116, 112];
/// Paper, not quite white.
const GROUND: [u8; 3] = [250, 249, 246];

/// A rectangle in millimetres, from the paper's top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rectangle {
    /// Distance from the left edge.
    pub left: f64,
    /// Distance from the top edge.
    pub top: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

/// Something on the paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Item {
    /// The picture of that number: 0 is the photograph, then come the tiles, band by band.
    Picture {
        /// Which one.
        number: usize,
        /// Where.
        at: Rectangle,
    },
    /// A line of text; it begins at `left`, and its letters stand on `baseline`.
    Text {
        /// What it says.
        text: String,
        /// Where it begins.
        left: f64,
        /// Where its letters stand.
        baseline: f64,
        /// Height of the type, in millimetres.
        size: f64,
        /// Whether it is bold.
        bold: bool,
        /// Red, green, blue.
        colour: [u8; 3],
    },
    /// A thin level line.
    Rule {
        /// Where it begins.
        left: f64,
        /// How far down it lies.
        top: f64,
        /// How long it is.
        width: f64,
        /// Red, green, blue.
        colour: [u8; 3],
    },
}

/// A poster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Width of the paper in millimetres.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Its colour.
    pub ground: [u8; 3],
    /// What lies on it; nothing covers anything else.
    pub items: Vec<Item>,
}

/// A layer's tiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Name of the layer.
    pub layer: String,
    /// Number of the map of each tile.
    pub maps: Vec<usize>,
}

/// What the poster says, in whatever language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Its title.
    pub title: String,
    /// A line for each band, from the first layer on.
    pub bands: Vec<String>,
    /// Lines beside the photograph.
    pub caption: Vec<String>,
}

/// How many tiles the band of the layer `at` of `count` has room for.
pub(super) fn room(at: usize, count: usize) -> usize {
    columns(at, count) * ROWS[(count - 1 - at).min(ROWS.len() - 1)]
}

/// How many tiles lie in a row of the band of the layer `at` of `count`.
pub fn columns(at: usize, count: usize) -> usize {
    (TOP * GROWTH.powi(count.saturating_sub(at + 1) as i32)).round() as usize
}

/// How many tiles of each band's size fill the width: more than it was made for where one row more has no room for all its
/// maps, and always more than in the band above.
fn fitting(bands: &[Band]) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..bands.len())
        .map(|at| columns(at, bands.len()))
        .collect();
    let mut above = 0;
    for (at, (band, columns)) in bands.iter().zip(&mut columns).enumerate().rev() {
        let rows = ROWS[(bands.len() - 1 - at).min(ROWS.len() - 1)] + 1;
        *columns = band.maps.len().div_ceil(rows).max(*columns).max(above + 1);
        above = *columns;
    }
    columns
}

/// A band's measures.
struct Measured {
    columns: usize,
    rows: usize,
    side: f64,
    gap: f64,
    /// Room below each row.
    below: f64,
}

impl Measured {
    fn of(band: &Band, columns: usize, shrink: f64) -> Self {
        let width = PAPER[0] - 2.0 * MARGIN[0];
        // Tiles fill the width; the gap is a twentieth of a tile.
        let side = width / (columns as f64 + 0.05 * (columns as f64 - 1.0)) * shrink;
        let gap = 0.05 * side;
        let rows = band.maps.len().div_ceil(columns);
        Self {
            // Where one row is not enough, all are equally long.
            columns: band.maps.len().div_ceil(rows.max(1)).max(1),
            rows,
            side,
            gap,
            below: if side >= NUMBERED { NUMBER } else { gap },
        }
    }

    fn height(&self) -> f64 {
        self.rows as f64 * (self.side + self.below) - self.below
            + if self.side >= NUMBERED { NUMBER } else { 0.0 }
    }
}

/// Lays out a poster: the last layer at the top, the first below, the photograph at the foot.
///
/// `bands` come from the first layer on, as in [`Hierarchy::bands`](super::Hierarchy::bands). Tiles shrink where they would not fit.
pub fn layout(bands: &[Band], words: &Words) -> Layout {
    let width = PAPER[0] - 2.0 * MARGIN[0];
    let head = MARGIN[1] + TITLE + UNDER_TITLE;
    let names = bands.len() as f64 * (NAME + BETWEEN);
    let free = PAPER[1] - MARGIN[1] - head - names - ABOVE + BETWEEN;
    let columns = fitting(bands);
    let measured = |shrink: f64| -> Vec<Measured> {
        let each = bands.iter().zip(&columns);
        each.map(|(band, columns)| Measured::of(band, *columns, shrink))
            .collect()
    };
    let height = |bands: &[Measured]| bands.iter().map(Measured::height).sum::<f64>();
    let smaller = (0..).map(|step| 0.97f64.powi(step));
    let mut smaller = smaller.map(measured);
    let fits = |bands: &Vec<Measured>| height(bands) + PHOTOGRAPH[1] <= free;
    // The tiles of any poster fit once they are small enough, or there is nothing left of them.
    let tiles = smaller.find(|bands| fits(bands) || bands.iter().all(|band| band.side < 0.1));
    let tiles = tiles.unwrap_or_default();
    let photograph = (free - height(&tiles)).clamp(PHOTOGRAPH[1], PHOTOGRAPH[0]);
    let mut items = vec![
        text(
            &words.title,
            MARGIN[0],
            MARGIN[1] + TITLE * 0.72,
            TITLE,
            true,
            INK,
        ),
        rule(MARGIN[1] + TITLE + 3.0, width),
    ];
    // What is left over goes between the bands.
    let slack = (free - height(&tiles) - photograph).max(0.0) / bands.len().max(1) as f64;
    let mut down = head;
    let mut first = 1 + bands.iter().map(|band| band.maps.len()).sum::<usize>();
    for ((at, band), measured) in bands.iter().enumerate().zip(&tiles).rev() {
        let name = words.bands.get(at).unwrap_or(&band.layer);
        items.push(text(name, MARGIN[0], down + 3.6, 4.4, true, INK));
        down += NAME;
        first -= band.maps.len();
        for (place, map) in band.maps.iter().enumerate() {
            let (row, col) = (place / measured.columns, place % measured.columns);
            let at = Rectangle {
                left: MARGIN[0] + col as f64 * (measured.side + measured.gap),
                top: down + row as f64 * (measured.side + measured.below),
                width: measured.side,
                height: measured.side,
            };
            items.push(Item::Picture {
                number: first + place,
                at,
            });
            if measured.side >= NUMBERED {
                let under = at.top + at.height + 2.9;
                items.push(text(&map.to_string(), at.left, under, 2.5, false, FAINT));
            }
        }
        down += measured.height() + BETWEEN + slack;
    }
    let foot = PAPER[1] - MARGIN[1];
    let top = foot - photograph;
    items.push(Item::Picture {
        number: 0,
        at: Rectangle {
            left: MARGIN[0],
            top,
            width: photograph,
            height: photograph,
        },
    });
    let beside = MARGIN[0] + photograph + 10.0;
    let lines = words.caption.len() as f64;
    for (at, line) in words.caption.iter().enumerate() {
        let baseline = foot - 1.0 - (lines - 1.0 - at as f64) * 6.4;
        let colour = if at == 0 { INK } else { FAINT };
        items.push(text(line, beside, baseline, 4.2, at == 0, colour));
    }
    Layout {
        width: PAPER[0],
        height: PAPER[1],
        ground: GROUND,
        items,
    }
}

fn text(text: &str, left: f64, baseline: f64, size: f64, bold: bool, colour: [u8; 3]) -> Item {
    Item::Text {
        text: text.to_owned(),
        left,
        baseline,
        size,
        bold,
        colour,
    }
}

fn rule(top: f64, width: f64) -> Item {
    Item::Rule {
        left: MARGIN[0],
        top,
        width,
        colour: INK,
    }
}
