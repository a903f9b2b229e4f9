//! The picture, what it is of, and how it was come by.

use zfnet::analysis::favourite::{Climb, Favourite, Settings, Target};
use zfnet::rendering::Picture;
use zfnet::view::View;

use crate::figure::{Figure, MARGIN, NEAR, WORDS, number};
use crate::lens::Lens;
use crate::picture::zoom_to;

/// The longer side of the picture comes near this.
const SIDE: usize = 448;
const HOW: &str = "A picture changed along the derivative, kept near natural ones. What one sees depends on how it is \
    kept there as much as on the network.";

/// Draws the area of the picture that the target sees.
pub(super) fn draw(
    lens: &Lens,
    target: &Target,
    climbed: &Climb,
    settings: &Settings,
    view: View,
) -> Picture {
    let (start, end) = (&climbed.start, &climbed.end);
    let picture = cropped(end, view);
    let mut figure = Figure::new(picture.width.max(SIDE));
    let what = match target {
        Target::Class { class } => lens.class_name(*class),
        Target::Map { layer, map } => format!("map {map} of {layer}"),
        Target::Unit {
            layer,
            unit: [map, row, col],
        } => format!("row {row}, column {col} of map {map} of {layer}"),
    };
    figure.open(&format!("What excites {what} most"), HOW);
    let (left, top) = (
        MARGIN + (figure.inner() - picture.width) / 2,
        figure.bottom(),
    );
    let under = figure.place(&picture, left, top) + NEAR;
    let [from, to] = [start, end].map(|found| number(f64::from(found.answer)));
    let answer = format!("Its activation is {to}; at the start it was {from}.");
    figure.tell(&answer, MARGIN, under, figure.inner(), WORDS);
    let Settings {
        rate,
        jitter,
        variation,
        decay,
        blur,
        seed,
        ..
    } = settings;
    let made_with = format!(
        "{} steps of {rate}, jitter {jitter}, variation {variation}, decay {decay}, blur {blur}, seed {seed}",
        end.step
    );
    figure.close(lens, &made_with)
}

fn cropped(found: &Favourite, view: View) -> Picture {
    let whole = found.picture();
    let [rows, cols] = view.shape();
    let mut part = Picture {
        width: cols,
        height: rows,
        rgba: Vec::with_capacity(rows * cols * 4),
    };
    for row in 0..rows {
        let start = ((view.top as usize + row) * whole.width + view.left as usize) * 4;
        part.rgba
            .extend_from_slice(&whole.rgba[start..start + cols * 4]);
    }
    part.magnified(zoom_to([rows, cols], SIDE))
}
