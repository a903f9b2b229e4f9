//! The picture, what it is of, and how it was come by.

use zfnet::experiments::since::activation_maximisation::{Climb, Favourite, Settings, Target};
use zfnet::geometry::view::View;
use zfnet::pictures::rendering::Picture;

use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{MARGIN, NEAR, Sheet, WORDS, zoom_to};
use zfnet_words::say;

/// The longer side of the picture comes near this.
const SIDE: usize = 448;

/// The area of the picture that the target sees.
pub fn figure(
    context: &Context<'_>,
    target: &Target,
    climbed: &Climb,
    settings: &Settings,
    view: View,
) -> Scene {
    let words = context.words;
    let (start, end) = (&climbed.start, &climbed.end);
    let picture = cropped(end, view);
    let mut sheet = Sheet::new(picture.width.max(SIDE));
    let what = named(context, target);
    let title = say!(words, "figureMaximisedTitle", what = what);
    let how = say!(words, "figureMaximisedText");
    sheet.open(&title, how);
    let left = MARGIN + (sheet.inner() - picture.width) / 2;
    let top = sheet.bottom();
    let under = sheet.place(picture, left, top) + NEAR;
    let [from, to] = [start, end].map(|found| number(f64::from(found.answer)));
    let answer = say!(words, "figureMaximisedActivation", to = to, from = from);
    sheet.tell(&answer, MARGIN, under, sheet.inner(), WORDS);
    let Settings {
        rate,
        jitter,
        variation,
        decay,
        blur,
        seed,
        ..
    } = settings;
    let steps = end.step;
    let made_with = say!(
        words,
        "figureMaximisedSettings",
        steps = steps,
        rate = rate,
        jitter = jitter,
        variation = variation,
        decay = decay,
        blur = blur,
        seed = seed
    );
    sheet.close(context, &made_with)
}

fn named(context: &Context<'_>, target: &Target) -> String {
    let words = context.words;
    match target {
        Target::Class { class } => {
            let name = context.class_name(*class);
            say!(words, "figureMaximisedClass", name = name)
        }
        Target::Map { layer, map } => {
            say!(words, "figureMaximisedMap", map = map, layer = layer)
        }
        Target::Unit {
            layer,
            unit: [map, row, col],
        } => say!(
            words,
            "figureMaximisedUnit",
            row = row,
            col = col,
            map = map,
            layer = layer
        ),
    }
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
