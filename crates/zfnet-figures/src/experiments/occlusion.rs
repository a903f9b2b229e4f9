//! Figure 7 of the paper: the photograph, the map's sum, its projection, the class's probability, and the most probable class;
//! below, what the map answers to elsewhere.

use serde::Deserialize;
use zfnet::experiments::paper::occlusion::{Entry, Occlusion, Seen, Settings};
use zfnet::experiments::shared::covering::Fill;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{OTHER, Picture, viridis};
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use super::pictures::{Projected, colour_in_words, even, fill, on_frame, opaque, outline, pale};
use crate::context::Context;
use crate::numbers::{number, percent};
use crate::scene::{Colour, Scene};
use crate::sheet::{GAP, GREY, MARGIN, NAME, NEAR, SMALL, Sheet, columns, zoom_to};

/// The side of each panel comes near this.
const SIDE: usize = 224;
/// Side of a piece of photograph, and of its projection beside it.
const PIECE: usize = 109;
/// Distances between the places that come one after the other; those of a coarser one stand for the finer until these come.
const STEPS: [usize; 4] = [1, 2, 4, 8];

/// What is shown beside the numbers.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "OcclusionShown")]
pub struct Shown {
    /// What entered the network.
    pub photograph: Picture,
    /// Top and left of the square that stands on it; where nothing is said, its outline in the middle.
    pub square: Option<[usize; 2]>,
    /// What made the watched map answer, where that is known.
    pub projection: Option<Projected>,
    /// What made its strongest unit answer, in this picture and in others.
    pub elsewhere: Vec<Elsewhere>,
}

/// A map's strongest unit in a picture.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Elsewhere {
    /// What the picture is called.
    pub name: String,
    /// What made it answer.
    pub found: Projected,
}

/// The smallest and the largest of the numbers that are known.
pub fn range(values: &[f32]) -> (f32, f32) {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    (
        known().fold(f32::INFINITY, f32::min),
        known().fold(f32::NEG_INFINITY, f32::max),
    )
}

/// A quantity's scale: from nothing to what is seen without the square, or more where a square makes more of it.
#[derive(Debug, Clone, Copy)]
struct Scale {
    uncovered: f32,
    low: f32,
    high: f32,
    top: f32,
}

impl Scale {
    fn new(values: &[f32], uncovered: f32) -> Self {
        let (low, high) = range(values);
        Self {
            uncovered,
            low,
            high,
            top: uncovered.max(high),
        }
    }
}

/// The panels side by side with their names, scales and legend; without a classifier there are three.
pub fn figure(context: &Context<'_>, found: &Occlusion, shown: &Shown) -> Scene {
    let (settings, legend) = (&found.settings, &found.legend());
    let words = context.words;
    let frame = [shown.photograph.height, shown.photograph.width];
    let heat = |scale: Scale, of: &dyn Fn(Seen) -> Option<f32>| {
        spread(found, &shown.photograph, &|seen| match seen.and_then(of) {
            Some(value) => viridis(value, 0.0, scale.top),
            None => opaque(OTHER),
        })
    };
    let activity = Scale::new(&found.activity(), found.uncovered.activity);
    let (layer, map, size) = (&found.layer, found.map, settings.size);
    let projection = shown.projection.as_ref().filter(|one| one.activation > 0.0);
    let mut panels = vec![
        (
            photograph(shown, settings),
            say!(words, "figureOcclusionPhotograph").to_owned(),
        ),
        (
            heat(activity, &|seen| Some(seen.activity)),
            say!(words, "figureOcclusionSum", layer = layer, map = map),
        ),
        (
            match projection {
                Some(one) => on_frame(&one.projection, one.window, frame),
                None => even(OTHER, frame),
            },
            say!(words, "figureOcclusionProjection", layer = layer, map = map),
        ),
    ];
    let classes = found.class.zip(found.uncovered.class);
    let probability = classes.map(|(_, seen)| Scale::new(&found.probability(), seen.probability));
    if let Some(((class, _), scale)) = classes.zip(probability) {
        let name = context.class_name(class);
        let title = say!(words, "probabilityOf", name = name);
        panels.push((heat(scale, &|seen| Some(seen.class?.probability)), title));
        let title = say!(words, "occlusionE").to_owned();
        panels.push((labels(found, legend, &shown.photograph), title));
    }
    let zoom = zoom_to(frame, SIDE);
    let [_, side] = frame.map(|side| side * zoom);
    let (lefts, width) = columns(panels.len(), side);
    let mut sheet = Sheet::new(width);
    let title = say!(words, "figureOcclusionTitle", size = size);
    let how = say!(words, "figureOcclusionText");
    sheet.open(&title, how);
    let (panels, names): (Vec<_>, Vec<_>) = panels.into_iter().unzip();
    let top = sheet.heads(&names, &lefts, side, NAME) + NEAR;
    for (panel, left) in panels.iter().zip(&lefts) {
        sheet.place(panel.magnified(zoom), *left, top);
    }
    let below = sheet.bottom() + NEAR;
    let place = |at: usize| [lefts[at], below];
    scaled(&mut sheet, context, activity, &number, place(1), side);
    if let Some(scale) = probability {
        scaled(&mut sheet, context, scale, &percent, place(3), side);
    }
    let drawn = match (projection, &shown.projection) {
        (Some(one), _) => {
            let white = number(f64::from(one.scale));
            say!(words, "figureOcclusionGrey", white = white)
        }
        (None, Some(_)) => say!(words, "silentMap").to_owned(),
        (None, None) => String::new(),
    };
    sheet.tell(&drawn, lefts[2], below, side, SMALL);
    if classes.is_some() {
        let mut under = below;
        for (colour, text) in entries(context, legend) {
            under = sheet.entry(colour, &text, lefts[4], under, side);
        }
    }
    elsewhere(&mut sheet, context, &shown.elsewhere);
    sheet.close(context, &made_with(context, found, settings))
}

/// Draws a scale, a mark where the picture without a square is, and says from where to where the numbers go.
fn scaled(
    sheet: &mut Sheet,
    context: &Context<'_>,
    scale: Scale,
    written: &dyn Fn(f64) -> String,
    [left, top]: [usize; 2],
    side: usize,
) {
    let [uncovered, low, high, most] =
        [scale.uncovered, scale.low, scale.high, scale.top].map(|value| written(f64::from(value)));
    let under = sheet.ramp(["0", &most], left, top, side);
    if scale.top > 0.0 {
        sheet.mark(scale.uncovered / scale.top, left, top, side);
    }
    let text = say!(
        context.words,
        "occlusionRange",
        value = uncovered,
        low = low,
        high = high
    );
    sheet.tell(&text, left, under, side, SMALL);
}

/// Draws what the map's strongest unit answers to, a piece of photograph and its projection side by side.
fn elsewhere(sheet: &mut Sheet, context: &Context<'_>, all: &[Elsewhere]) {
    if all.is_empty() {
        return;
    }
    let width = 2 * PIECE + NEAR;
    let fit = ((sheet.inner() + GAP) / (width + GAP)).max(1);
    let title = say!(context.words, "occlusionElsewhere");
    let inner = sheet.inner();
    let under = sheet.tell(title, MARGIN, sheet.bottom() + GAP, inner, NAME);
    sheet.reach(under + NEAR);
    for row in all.chunks(fit) {
        let top = sheet.bottom();
        for (one, left) in row.iter().zip(columns(row.len(), width).0) {
            sheet.fit(one.found.patch.clone(), left, top, PIECE);
            let beside = left + PIECE + NEAR;
            let under = sheet.fit(one.found.projection.clone(), beside, top, PIECE) + NEAR;
            let text = format!("{} · {}", one.name, number(f64::from(one.found.activation)));
            sheet.tell(&text, left, under, width, SMALL);
        }
        sheet.reach(sheet.bottom() + NEAR);
    }
}

fn made_with(context: &Context<'_>, found: &Occlusion, settings: &Settings) -> String {
    let words = context.words;
    let fill = colour_in_words(words, settings.fill);
    let ([rows, cols], every) = (found.grid, settings.stride);
    let all = say!(
        words,
        "figureOcclusionSettings",
        rows = rows,
        cols = cols,
        every = every,
        fill = fill
    );
    let (done, total) = (found.seen.iter().flatten().count(), found.seen.len());
    match done < total {
        true => all + &say!(words, "figureSoFar", done = done, total = total),
        false => all,
    }
}

/// What the colours of the last panel stand for; all that have none of their own are one entry.
fn entries(context: &Context<'_>, legend: &[Entry]) -> Vec<(Colour, String)> {
    let words = context.words;
    let places = |count: usize| match count {
        1 => say!(words, "figureOcclusionPlace").to_owned(),
        many => say!(words, "figureOcclusionPlaces", many = many),
    };
    let (own, others): (Vec<&Entry>, Vec<&Entry>) =
        legend.iter().partition(|entry| entry.colour != GREY);
    let of_class = |entry: &Entry| {
        let (name, places) = (context.class_name(entry.class), places(entry.positions));
        (
            entry.colour,
            say!(words, "figureOcclusionEntry", name = name, places = places),
        )
    };
    let mut entries: Vec<_> = own.into_iter().map(of_class).collect();
    if !others.is_empty() {
        let places = places(others.iter().map(|entry| entry.positions).sum());
        let count = others.len();
        let text = say!(
            words,
            "figureOcclusionOthers",
            count = count,
            places = places
        );
        entries.push((GREY, text));
    }
    entries
}

/// The photograph with the square where it stands, or its outline in the middle, to show how large it is.
fn photograph(shown: &Shown, settings: &Settings) -> Picture {
    let mut picture = shown.photograph.clone();
    let size = settings.size;
    let middle = [picture.height, picture.width].map(|side| side.saturating_sub(size) / 2);
    let [top, left] = shown.square.unwrap_or(middle).map(|at| at as isize);
    let square = View {
        top,
        left,
        height: size,
        width: size,
    };
    if shown.square.is_some() {
        let colour = match settings.fill {
            Fill::Mean => OTHER,
            Fill::Colour(colour) => colour,
        };
        fill(&mut picture, square, colour);
    }
    outline(&mut picture, square);
    picture
}

/// The most probable class at each place, in the legend's colours.
fn labels(found: &Occlusion, legend: &[Entry], photograph: &Picture) -> Picture {
    spread(found, photograph, &|seen| {
        let label = seen.and_then(|seen| seen.class).map(|class| class.label);
        let entry = legend.iter().find(|entry| Some(entry.class) == label);
        opaque(entry.map_or(GREY, |entry| entry.colour))
    })
}

/// The photograph, pale, and on it for each position of the square the middle in its colour, as far as the next one's: at the
/// border, where no middle comes, nothing is said.
fn spread(
    found: &Occlusion,
    photograph: &Picture,
    colour: &dyn Fn(Option<Seen>) -> [u8; 4],
) -> Picture {
    let Settings { size, stride, .. } = found.settings;
    let stride = stride.max(1);
    let cell = |at: usize, count: usize| {
        let from_first = (at + stride / 2).checked_sub(size / 2)?;
        Some(from_first / stride).filter(|place| *place < count)
    };
    let [rows, cols] = found.grid;
    let places = (0..rows * cols).map(|at| colour(known(found, [at / cols, at % cols])));
    let places: Vec<[u8; 4]> = places.collect();
    let mut picture = pale(photograph);
    for (at, pixel) in picture.rgba.as_chunks_mut().0.iter_mut().enumerate() {
        let (row, col) = (at / photograph.width, at % photograph.width);
        if let Some((row, col)) = cell(row, rows).zip(cell(col, cols)) {
            *pixel = places[row * cols + col];
        }
    }
    picture
}

/// What is seen at a place of the grid, or at the coarser one that stands for it.
fn known(found: &Occlusion, [row, col]: [usize; 2]) -> Option<Seen> {
    let at = |step: usize| (row - row % step) * found.grid[1] + col - col % step;
    let mut steps = STEPS.into_iter();
    steps.find_map(|step| *found.seen.get(at(step))?)
}
