//! The poster of a network's layers: a band of tiles for each, the last at the top, the photograph at the foot.

use serde::{Deserialize, Serialize};
use zfnet::experiments::paper::hierarchy::{Band, Hierarchy, Level, columns, rows};
use zfnet::pictures::rendering::Picture;
use zfnet::{Error, ReluRule, Result};
use zfnet_typescript::TypeScript;

use crate::context::{Context, rule_in_words};
use crate::scene::{Anchor, Colour, INK, Item, Rectangle, Scene, Unit};
use zfnet_words::say;

/// A2, upright.
const PAPER: [f64; 2] = [420.0, 594.0];
/// Nothing lies closer to the left and right edges, or to the top and bottom ones.
const MARGIN: [f64; 2] = [30.0, 32.0];
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

/// A thin line's thickness.
const RULE: f64 = 0.3;

/// For what is less important.
const FAINT: Colour = [118, 116, 112];
/// Paper, not quite white.
const GROUND: Colour = [250, 249, 246];

/// What the poster says, in whatever language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TypeScript)]
#[serde(rename = "PosterWords")]
pub struct Words {
    /// Its title.
    pub title: String,
    /// A line for each band, from the first layer on.
    pub bands: Vec<String>,
    /// Lines beside the photograph.
    pub caption: Vec<String>,
}

impl Words {
    /// What the command line's poster says: of which network, by which rule, and what the network takes the photograph for,
    /// with the class's share.
    pub fn new(
        context: &Context<'_>,
        found: &Hierarchy,
        rule: ReluRule,
        said: Option<(usize, f32)>,
        title: Option<&str>,
    ) -> Self {
        let words = context.words;
        let title = title.map(str::to_owned);
        let shown = found.levels.iter().filter(|level| !level.found.is_empty());
        let bands = shown.map(|level| {
            let Level {
                layer,
                maps,
                field: [rows, cols],
                ..
            } = level;
            let count = level.found.len();
            say!(
                words,
                "posterBand",
                layer = layer,
                count = count,
                maps = maps,
                rows = rows,
                cols = cols
            )
        });
        let bands = bands.collect();
        let mut caption = vec![context.network.to_owned()];
        caption.extend(said.map(|(class, share)| {
            let (name, share) = (context.class_name(class), share * 100.0);
            say!(
                words,
                "posterSays",
                name = name,
                share = format_args!("{share:.0}")
            )
        }));
        caption.extend([
            say!(
                words,
                "hierarchyCaption1",
                rule = rule_in_words(words, rule).to_lowercase()
            ),
            say!(words, "hierarchyCaption2").to_owned(),
            say!(words, "hierarchyCaption3").to_owned(),
        ]);
        Self {
            title: title.unwrap_or_else(|| say!(words, "hierarchyTitle").to_owned()),
            bands,
            caption,
        }
    }
}

/// How many tiles of each band's size fill the width: more than it was made for where one row more has no room for all its
/// maps, and always more than in the band above.
fn fitting(bands: &[Band]) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..bands.len())
        .map(|at| columns(at, bands.len()))
        .collect();
    let mut above = 0;
    for (at, (band, columns)) in bands.iter().zip(&mut columns).enumerate().rev() {
        let rows = rows(at, bands.len()) + 1;
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
/// `bands` come from the first layer on, as in [`Hierarchy::bands`](zfnet::experiments::paper::hierarchy::Hierarchy::bands);
/// `pictures` are the photograph and the tiles, band by band. Tiles shrink where they would not fit.
///
/// # Errors
/// [`Error::OutOfRange`] when there are fewer pictures than tiles and a photograph.
pub fn poster(bands: &[Band], words: &Words, mut pictures: Vec<Picture>) -> Result<Scene> {
    let needed = 1 + bands.iter().map(|band| band.maps.len()).sum::<usize>();
    if pictures.len() < needed {
        return Err(Error::refused(
            "pictures of the poster",
            format!("at least {needed}"),
            pictures.len(),
        ));
    }
    let head = MARGIN[1] + TITLE + UNDER_TITLE;
    let names = bands.len() as f64 * (NAME + BETWEEN);
    let free = PAPER[1] - MARGIN[1] - head - names - ABOVE + BETWEEN;
    let measured = measured(bands, free - PHOTOGRAPH[1]);
    let height = measured.iter().map(Measured::height).sum::<f64>();
    let photograph = (free - height).clamp(PHOTOGRAPH[1], PHOTOGRAPH[0]);
    // What is left over goes between the bands.
    let slack = (free - height - photograph).max(0.0) / bands.len().max(1) as f64;
    let mut items = heading(&words.title);
    let mut down = head;
    pictures.truncate(needed);
    for ((at, band), measured) in bands.iter().enumerate().zip(&measured).rev() {
        let name = words.bands.get(at).unwrap_or(&band.layer);
        items.push(text(name, [MARGIN[0], down + 3.6], 4.4, true, INK));
        down += NAME;
        let drawn = pictures.split_off(pictures.len() - band.maps.len());
        items.extend(tiles(band, measured, down, drawn));
        down += measured.height() + BETWEEN + slack;
    }
    items.extend(foot(&words.caption, pictures.pop(), photograph));
    Ok(Scene {
        width: PAPER[0],
        height: PAPER[1],
        unit: Unit::Millimetre,
        ground: GROUND,
        items,
    })
}

/// The bands' measures, as large as their tiles can be within a height: those of any poster fit once they are small enough,
/// or there is nothing left of them.
fn measured(bands: &[Band], room: f64) -> Vec<Measured> {
    let columns = fitting(bands);
    let mut smaller = (0..).map(|step| {
        let each = bands.iter().zip(&columns);
        each.map(|(band, columns)| Measured::of(band, *columns, 0.97f64.powi(step)))
            .collect::<Vec<_>>()
    });
    let fits = |bands: &[Measured]| bands.iter().map(Measured::height).sum::<f64>() <= room;
    let found = smaller.find(|bands| fits(bands) || bands.iter().all(|band| band.side < 0.1));
    found.unwrap_or_default()
}

/// The title, and the line under it.
fn heading(title: &str) -> Vec<Item> {
    let line = Rectangle {
        left: MARGIN[0],
        top: MARGIN[1] + TITLE + 3.0,
        width: PAPER[0] - 2.0 * MARGIN[0],
        height: RULE,
    };
    let stands = [MARGIN[0], MARGIN[1] + TITLE * 0.72];
    vec![
        text(title, stands, TITLE, true, INK),
        Item::Fill {
            at: line,
            colour: INK,
        },
    ]
}

/// A band's tiles from `top` on, with the numbers of their maps where there is room for them.
fn tiles(band: &Band, measured: &Measured, top: f64, pictures: Vec<Picture>) -> Vec<Item> {
    let mut items = Vec::new();
    for ((place, map), picture) in band.maps.iter().enumerate().zip(pictures) {
        let (row, col) = (place / measured.columns, place % measured.columns);
        let at = Rectangle {
            left: MARGIN[0] + col as f64 * (measured.side + measured.gap),
            top: top + row as f64 * (measured.side + measured.below),
            width: measured.side,
            height: measured.side,
        };
        items.push(smooth(picture, at));
        if measured.side >= NUMBERED {
            let under = at.top + at.height + 2.9;
            items.push(text(&map.to_string(), [at.left, under], 2.5, false, FAINT));
        }
    }
    items
}

/// The photograph, `side` millimetres wide and high or within that, and the caption beside it.
fn foot(caption: &[String], photograph: Option<Picture>, side: f64) -> Vec<Item> {
    let bottom = PAPER[1] - MARGIN[1];
    let at = Rectangle {
        left: MARGIN[0],
        top: bottom - side,
        width: side,
        height: side,
    };
    let mut items: Vec<_> = { photograph.into_iter() }
        .map(|picture| smooth(picture, at))
        .collect();
    let beside = MARGIN[0] + side + 10.0;
    let lines = caption.len() as f64;
    for (at, line) in caption.iter().enumerate() {
        let baseline = bottom - 1.0 - (lines - 1.0 - at as f64) * 6.4;
        let colour = if at == 0 { INK } else { FAINT };
        items.push(text(line, [beside, baseline], 4.2, at == 0, colour));
    }
    items
}

/// A picture in the middle of a place, as large as it fits there.
fn smooth(picture: Picture, place: Rectangle) -> Item {
    let [width, height] = [picture.width, picture.height].map(|length| length as f64);
    let scale = (place.width / width).min(place.height / height);
    let at = Rectangle {
        left: place.left + (place.width - width * scale) / 2.0,
        top: place.top + (place.height - height * scale) / 2.0,
        width: width * scale,
        height: height * scale,
    };
    Item::Picture {
        picture,
        at,
        crisp: false,
    }
}

fn text(text: &str, at: [f64; 2], size: f64, bold: bool, colour: Colour) -> Item {
    Item::Text {
        text: text.to_owned(),
        at,
        anchor: Anchor::Left,
        size,
        bold,
        colour,
    }
}
