//! The picture, what it is of, and how it was come by.

use zfnet::experiments::since::activation_maximisation::{Climb, Method, Settings, Target};
use zfnet::pictures::rendering::Picture;

use crate::context::Context;
use crate::numbers::number;
use crate::scene::Scene;
use crate::sheet::{MARGIN, NEAR, Sheet, WORDS, zoom_to};
use zfnet_words::say;

/// The longer side of the picture comes near this.
const SIDE: usize = 448;

/// The part of the picture that the targets see; of a photograph that was accentuated, beside what it was.
pub fn figure(context: &Context<'_>, climbed: &Climb) -> Scene {
    let words = context.words;
    let (start, end) = (&climbed.start, &climbed.end);
    let zoom = zoom_to(climbed.view.shape(), SIDE);
    let shown = match climbed.settings.method {
        Method::Accentuate => vec![start, end],
        _ => vec![end],
    };
    let pictures: Vec<Picture> = shown
        .into_iter()
        .map(|one| one.picture(climbed.view).magnified(zoom))
        .collect();
    let width = pictures
        .iter()
        .map(|picture| picture.width + NEAR)
        .sum::<usize>()
        - NEAR;
    let mut sheet = Sheet::new(width.max(SIDE));
    let objective = &climbed.objective;
    let what = named(context, &objective.target);
    let title = say!(words, "figureMaximisedTitle", what = what);
    let how = say!(words, "figureMaximisedText");
    sheet.open(&title, how);
    let mut left = MARGIN + (sheet.inner() - width) / 2;
    let top = sheet.bottom();
    let mut under = top;
    for picture in pictures {
        let next = left + picture.width + NEAR;
        under = sheet.place(picture, left, top) + NEAR;
        left = next;
    }
    let [from, to] = [start, end].map(|found| number(f64::from(found.answer)));
    let answer = say!(words, "figureMaximisedActivation", to = to, from = from);
    let mut said = answer;
    if let (Some(second), Some(from), Some(to)) = (&objective.and, start.and, end.and) {
        let [from, to] = [from, to].map(|answer| number(f64::from(answer)));
        let what = named(context, &second.target);
        let weight = second.weight;
        let second = say!(
            words,
            "figureMaximisedSecond",
            what = what,
            weight = weight,
            to = to,
            from = from
        );
        said = format!("{said} {second}");
    }
    sheet.tell(&said, MARGIN, under, sheet.inner(), WORDS);
    sheet.close(context, &settings(context, climbed))
}

/// How it was made.
fn settings(context: &Context<'_>, climbed: &Climb) -> String {
    let words = context.words;
    let steps = climbed.end.step;
    let Settings {
        method,
        rate,
        jitter,
        variation,
        decay,
        blur,
        seed,
        crop,
        grain,
        near,
        ..
    } = climbed.settings;
    match method {
        Method::Pixels => say!(
            words,
            "figureMaximisedSettings",
            steps = steps,
            rate = rate,
            jitter = jitter,
            variation = variation,
            decay = decay,
            blur = blur,
            seed = seed
        ),
        Method::Maco => say!(
            words,
            "figureMaximisedMaco",
            steps = steps,
            rate = rate,
            crop = crop,
            grain = grain,
            jitter = jitter,
            seed = seed
        ),
        Method::Accentuate => say!(
            words,
            "figureMaximisedAccentuate",
            steps = steps,
            rate = rate,
            near = near,
            crop = crop,
            grain = grain,
            jitter = jitter,
            seed = seed
        ),
    }
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
