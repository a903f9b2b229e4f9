//! The figure: the photograph, the map's sum, its projection, the class's probability, and the most probable class.

use zfnet::Prepared;
use zfnet::analysis::covering::Fill;
use zfnet::analysis::occlusion::{Entry, Occlusion, Settings};
use zfnet::rendering::{self, Picture, Stretch, viridis};
use zfnet::view::View;

use crate::figure::{Anchor, Figure, GREY, NAME, NEAR, SMALL, columns, number, percent};
use crate::lens::Lens;
use crate::picture::{outline, zoom_to};

/// The side of each panel comes near this.
const SIDE: usize = 224;
const HOW: &str = "A square covers one place after the other, and the network looks at each. Every place of a panel \
    stands for the middle of the square. Dark: the square hides what the map, or the class, rests on. It does not show how \
    the network uses what is hidden.";

/// The smallest and the largest of the numbers that are known.
pub(super) fn range(values: &[f32]) -> (f32, f32) {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    (
        known().fold(f32::INFINITY, f32::min),
        known().fold(f32::NEG_INFINITY, f32::max),
    )
}

/// Draws the panels side by side with their names, scales and legend; without a classifier there are three.
pub(super) fn draw(
    lens: &Lens,
    prepared: &Prepared,
    found: &Occlusion,
    projection: &[f32],
) -> Picture {
    let settings = &found.settings;
    let legend = &found.legend();
    let frame = lens.frame();
    let values = lens.network().model.input.in_rgb_order(projection.to_vec());
    let (projected, white) = rendering::projection(&values, frame, Stretch::Quantile, None);
    let panel = |colour: &dyn Fn(usize) -> [u8; 4]| spread(found, settings, frame, colour);
    let heat = |values: &[f32]| {
        let (low, high) = range(values);
        panel(&|at| viridis(values[at], low, high))
    };
    let activity = found.activity();
    let map = format!("{} map {}", found.layer, found.map);
    let mut panels = vec![
        (
            photograph(prepared, frame, settings.size),
            "Photograph and square".to_owned(),
        ),
        (heat(&activity), format!("Sum of {map}")),
        (projected, format!("Projection of {map}")),
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
        let name = lens.class_name(class);
        panels.push((heat(&probability), format!("Probability of {name}")));
        panels.push((panel(&colour), "Most probable class".into()));
    }
    let zoom = zoom_to(frame, SIDE);
    let [_, side] = frame.map(|side| side * zoom);
    let (lefts, width) = columns(panels.len(), side);
    let mut figure = Figure::new(width);
    let title = format!("What a square of {0} × {0} pixels hides", settings.size);
    figure.open(&title, HOW);
    let (panels, names): (Vec<_>, Vec<_>) = panels.into_iter().unzip();
    let top = figure.heads(&names, &lefts, side, NAME) + NEAR;
    for (panel, left) in panels.iter().zip(&lefts) {
        figure.place(&panel.magnified(zoom), *left, top);
    }
    let below = figure.bottom() + NEAR;
    let mut scale = |at: usize, values: &[f32], whole: f32, written: &dyn Fn(f64) -> String| {
        let (low, high) = range(values);
        let ends = [low, high].map(|end| written(f64::from(end)));
        let under = figure.ramp([&ends[0], &ends[1]], lefts[at], below, side);
        let without = format!("without the square {}", written(f64::from(whole)));
        figure.tell(&without, lefts[at], under, side, SMALL);
    };
    scale(1, &activity, found.uncovered.activity, &number);
    if let Some((_, seen)) = classes {
        scale(3, &probability, seen.probability, &percent);
    }
    let grey = format!("grey is 0, white is {}", number(f64::from(white)));
    figure.say(&grey, lefts[2], below, Anchor::Left, SMALL);
    if classes.is_some() {
        let mut under = below;
        for (colour, text) in entries(lens, legend) {
            under = figure.entry(colour, &text, lefts[4], under, side);
        }
    }
    let fill = match settings.fill {
        Fill::Mean => "the mean colour".to_owned(),
        grey if grey == Fill::default() => "mid grey".to_owned(),
        Fill::Colour(colour) => format!(
            "red, green, blue {}",
            colour.map(|part| part.to_string()).join(", ")
        ),
    };
    let [rows, cols] = found.grid;
    let every = settings.stride;
    figure.close(
        lens,
        &format!("{rows} × {cols} places, {every} pixels apart, filled with {fill}"),
    )
}

/// What the colours of the last panel stand for; all that have none of their own are one entry.
fn entries(lens: &Lens, legend: &[Entry]) -> Vec<([u8; 3], String)> {
    let places = |count: usize| match count {
        1 => "1 place".into(),
        many => format!("{many} places"),
    };
    let (own, others): (Vec<&Entry>, Vec<&Entry>) =
        legend.iter().partition(|entry| entry.colour != GREY);
    let mut entries: Vec<_> = own
        .iter()
        .map(|entry| {
            let name = lens.class_name(entry.class);
            (entry.colour, format!("{name}, {}", places(entry.positions)))
        })
        .collect();
    if !others.is_empty() {
        let count = others.iter().map(|entry| entry.positions).sum();
        let text = format!("{} other classes, {}", others.len(), places(count));
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
