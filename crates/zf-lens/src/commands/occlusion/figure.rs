//! The figure: the photograph, the map's sum, its projection, the class's probability, and the most probable class.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zfnet::Prepared;
use zfnet::analysis::occlusion::{Occlusion, Settings};
use zfnet::rendering::{self, Picture, Stretch, viridis};

use crate::commands::Lens;
use crate::picture::{PAPER, zoom_to};

/// The side of each panel comes near this.
const SIDE: usize = 224;
const GAP: usize = 8;
/// Colours that colour-blind readers can tell apart (Okabe & Ito 2008), for the most frequent classes.
const COLOURS: [[u8; 3]; 7] = [
    [0, 114, 178],
    [230, 159, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [213, 94, 0],
    [240, 228, 66],
];
/// All other classes.
const OTHER: [u8; 3] = [128, 128, 128];

/// A class that is the most probable somewhere, and the colour it is drawn in.
pub(super) struct Entry {
    class: usize,
    positions: usize,
    colour: [u8; 3],
}

impl Entry {
    pub(super) fn describe(&self, lens: &Lens) -> Value {
        let [red, green, blue] = self.colour;
        json!({
            "class": lens.class(self.class),
            "positions": self.positions,
            "colour": format!("#{red:02x}{green:02x}{blue:02x}"),
        })
    }
}

/// The classes of the last panel, the most frequent first.
pub(super) fn legend(found: &Occlusion) -> Vec<Entry> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for label in found.label().into_iter().flatten() {
        *counts.entry(label).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, positions)| std::cmp::Reverse(*positions));
    let colours = COLOURS.into_iter().chain(std::iter::repeat(OTHER));
    let entry = |((class, positions), colour)| Entry {
        class,
        positions,
        colour,
    };
    counts.into_iter().zip(colours).map(entry).collect()
}

/// Draws the panels side by side; without a classifier there are three.
pub(super) fn draw(
    lens: &Lens,
    prepared: &Prepared,
    found: &Occlusion,
    projection: &[f32],
    legend: &[Entry],
    settings: &Settings,
) -> Picture {
    let frame = lens.frame();
    let values = lens.network().model.input.in_rgb_order(projection.to_vec());
    let (projected, _) = rendering::projection(&values, frame, Stretch::Quantile, None);
    let panel = |colour: &dyn Fn(usize) -> [u8; 4]| spread(found, settings, frame, colour);
    let heat = |values: Vec<f32>| {
        let known = || values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = (
            known().fold(f32::MAX, f32::min),
            known().fold(f32::MIN, f32::max),
        );
        panel(&|at| viridis(values[at], low, high))
    };
    let mut panels = vec![
        Picture::from_rgb(&prepared.rgb),
        heat(found.activity()),
        projected,
    ];
    if found.class.is_some() {
        let labels = found.label();
        panels.push(heat(found.probability()));
        panels.push(panel(&|at| {
            let entry = legend.iter().find(|entry| Some(entry.class) == labels[at]);
            let [red, green, blue] = entry.map_or(OTHER, |entry| entry.colour);
            [red, green, blue, 255]
        }));
    }
    let zoom = zoom_to(frame, SIDE);
    let panels: Vec<Picture> = panels.iter().map(|panel| panel.magnified(zoom)).collect();
    rendering::grid(&panels, panels.len(), GAP, PAPER)
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
