//! Figure 7 of the paper: the photograph, the map's sum, its projection, the class's probability, and the most probable class.

use zfnet::Prepared;
use zfnet::experiments::paper::occlusion::{Entry, Occlusion, Settings};
use zfnet::experiments::shared::covering::Fill;
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::{self, Picture, Stretch, viridis};

use super::outline;
use crate::context::Context;
use crate::numbers::{number, percent};
use crate::scene::{Colour, Scene};
use crate::sheet::{GREY, NAME, NEAR, SMALL, Sheet, columns, zoom_to};
use zfnet_words::say;

/// The side of each panel comes near this.
const SIDE: usize = 224;
/// The smallest and the largest of the numbers that are known.
pub fn range(values: &[f32]) -> (f32, f32) {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    (
        known().fold(f32::INFINITY, f32::min),
        known().fold(f32::NEG_INFINITY, f32::max),
    )
}

/// The panels side by side with their names, scales and legend; without a classifier there are three. `projection` is the
/// watched map's, planar, in the network's channels.
pub fn figure(
    context: &Context<'_>,
    prepared: &Prepared,
    found: &Occlusion,
    projection: &[f32],
) -> Scene {
    let (settings, legend) = (&found.settings, &found.legend());
    let (words, frame) = (context.words, context.frame());
    let values = context.model.input.in_rgb_order(projection.to_vec());
    let (projected, white) = rendering::projection(&values, frame, Stretch::Quantile, None);
    let panel = |colour: &dyn Fn(usize) -> [u8; 4]| spread(found, settings, frame, colour);
    let heat = |values: &[f32]| {
        let (low, high) = range(values);
        panel(&|at| viridis(values[at], low, high))
    };
    let activity = found.activity();
    let (layer, map, size) = (&found.layer, found.map, settings.size);
    let mut panels = vec![
        (
            photograph(prepared, frame, size),
            say!(words, "figureOcclusionPhotograph").to_owned(),
        ),
        (
            heat(&activity),
            say!(words, "figureOcclusionSum", layer = layer, map = map),
        ),
        (
            projected,
            say!(words, "figureOcclusionProjection", layer = layer, map = map),
        ),
    ];
    let classes = found.class.zip(found.uncovered.class);
    let probability = found.probability();
    if let Some((class, _)) = classes {
        let labels = found.label();
        let colour = |at: usize| {
            let entry = legend.iter().find(|entry| Some(entry.class) == labels[at]);
            let [red, green, blue] = entry.map_or(GREY, |entry| entry.colour);
            [red, green, blue, 255]
        };
        let name = context.class_name(class);
        let title = say!(words, "probabilityOf", name = name);
        panels.push((heat(&probability), title));
        let title = say!(words, "figureOcclusionClass").to_owned();
        panels.push((panel(&colour), title));
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
    let mut scale = |at: usize, values: &[f32], whole: f32, written: &dyn Fn(f64) -> String| {
        let (low, high) = range(values);
        let ends = [low, high].map(|end| written(f64::from(end)));
        let under = sheet.ramp([&ends[0], &ends[1]], lefts[at], below, side);
        let whole = written(f64::from(whole));
        let without = say!(words, "figureOcclusionWithout", whole = whole);
        sheet.tell(&without, lefts[at], under, side, SMALL);
    };
    scale(1, &activity, found.uncovered.activity, &number);
    if let Some((_, seen)) = classes {
        scale(3, &probability, seen.probability, &percent);
    }
    let white = number(f64::from(white));
    let grey = say!(words, "figureOcclusionGrey", white = white);
    sheet.tell(&grey, lefts[2], below, side, SMALL);
    if classes.is_some() {
        let mut under = below;
        for (colour, text) in entries(context, legend) {
            under = sheet.entry(colour, &text, lefts[4], under, side);
        }
    }
    sheet.close(context, &made_with(context, found, settings))
}

fn made_with(context: &Context<'_>, found: &Occlusion, settings: &Settings) -> String {
    let words = context.words;
    let fill = match settings.fill {
        Fill::Mean => say!(words, "colourMean").to_owned(),
        grey if grey == Fill::default() => say!(words, "colourMidGrey").to_owned(),
        Fill::Colour(colour) => {
            let colour = colour.map(|part| part.to_string()).join(", ");
            say!(words, "colourRgb", colour = colour)
        }
    };
    let ([rows, cols], every) = (found.grid, settings.stride);
    say!(
        words,
        "figureOcclusionSettings",
        rows = rows,
        cols = cols,
        every = every,
        fill = fill
    )
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

/// The photograph with the square's outline in the middle, to show how large it is.
fn photograph(prepared: &Prepared, [rows, cols]: [usize; 2], size: usize) -> Picture {
    let mut picture = Picture::from_rgb(&prepared.rgb);
    let [top, left] = [rows, cols].map(|side| (side.saturating_sub(size) / 2) as isize);
    let square = View {
        top,
        left,
        height: size,
        width: size,
    };
    outline(&mut picture, square);
    picture
}

/// A picture of the frame where each pixel has the colour of the position whose square has its middle nearest.
fn spread(
    found: &Occlusion,
    settings: &Settings,
    [height, width]: [usize; 2],
    colour: &dyn Fn(usize) -> [u8; 4],
) -> Picture {
    let nearest = |at: usize, count: usize| {
        let from_first = (at + settings.stride / 2).saturating_sub(settings.size / 2);
        (from_first / settings.stride).min(count - 1)
    };
    let [rows, cols] = found.grid;
    let place = |row, col| nearest(row, rows) * cols + nearest(col, cols);
    let pixels = (0..height).flat_map(|row| (0..width).map(move |col| (row, col)));
    Picture {
        width,
        height,
        rgba: pixels
            .flat_map(|(row, col)| colour(place(row, col)))
            .collect(),
    }
}
