//! The curves, a row for each transformation as in figure 5 of the paper.

use image::RgbImage;
use image::imageops::{self, FilterType};
use zfnet::experiments::paper::invariance::{Invariance, Transformation};
use zfnet::pictures::rendering::Picture;
use zfnet::{Prepared, Result};

use crate::axis::Axis;
use crate::chart::Chart;
use crate::context::Context;
use crate::numbers::{percent, round};
use crate::scene::{Anchor, Scene};
use crate::sheet::{COLOURS, GAP, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns};
use zfnet_words::{Words, say};

/// Side of a transformed picture, and between two of them.
const SIDE: usize = 112;
const STRIP: usize = 3 * SIDE + 2 * NEAR;
/// Width and height of a chart's area, and room on its left for the axis.
const AREA: [usize; 2] = [340, 190];
const AXIS: usize = 60;
/// Room on the right for half of the last number.
const LAST: usize = 16;

/// A row for each transformation; without a classifier there is no probability.
///
/// # Errors
/// Those of [`Transformation::apply`].
pub fn figure(context: &Context<'_>, prepared: &Prepared, found: &[Invariance]) -> Result<Scene> {
    let words = context.words;
    let first = found.first();
    let charts = 1 + usize::from(first.is_some_and(|found| found.probability.is_some()));
    let (_, width) = columns(charts, AXIS + AREA[0]);
    let mut sheet = Sheet::new(STRIP + GAP + width + LAST);
    let title = say!(words, "figureMovedTitle");
    let how = say!(words, "figureMovedText");
    sheet.open(title, how);
    let left = |chart: usize| MARGIN + STRIP + GAP + chart * (AXIS + AREA[0] + GAP) + AXIS;
    let top = sheet.bottom();
    let distance = say!(words, "figureMovedDistance");
    sheet.say(distance, left(0), top, Anchor::Left, NAME);
    let class = first
        .and_then(|found| found.class)
        .map(|class| context.class_name(class));
    if let Some(class) = class.filter(|_| charts > 1) {
        let probability = say!(words, "probabilityOf", name = class);
        sheet.tell(&probability, left(1), top, AREA[0], NAME);
    }
    let mut under = top + NAME.line();
    let layers = first.map_or(&[][..], |found| &found.layers);
    for (curve, colour) in layers.iter().zip(COLOURS.into_iter().cycle()) {
        under = sheet.entry(colour, &curve.layer, left(0), under, AREA[0]);
    }
    // All distances on one scale, for the eye to compare.
    let relative = found.iter().flat_map(|found| &found.layers);
    let relative = relative.flat_map(|curve| curve.relative());
    let most = relative
        .filter(|value| value.is_finite())
        .fold(0f32, f32::max);
    let distances = Axis::from_zero([f64::from(most)].into_iter());
    for found in found {
        let top = sheet.bottom() + GAP;
        let bottom = strip(context, prepared, found, &mut sheet, top)?;
        let ends = found.parameters.iter().copied().map(f64::from);
        let ends = ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| {
            [low.min(at), high.max(at)]
        });
        let chart = |at: usize, y: Axis| Chart {
            area: [left(at), top, left(at) + AREA[0], top + AREA[1]],
            x: Axis::between(ends[0], ends[1]),
            y,
        };
        let points = |values: &[f32]| -> Vec<[f64; 2]> {
            let points = found.parameters.iter().zip(values);
            points
                .map(|(x, y)| [f64::from(*x), f64::from(*y)])
                .collect()
        };
        let axis = |sheet: &mut Sheet, chart: &Chart| {
            let under = chart.marks(sheet, round);
            let middle = (chart.area[0] + chart.area[2]) / 2;
            let unit = unit(words, found.transformation);
            sheet.say(unit, middle, under, Anchor::Middle, SMALL);
        };
        let own = chart(0, distances.clone());
        own.rows(&mut sheet, round);
        for (curve, colour) in found.layers.iter().zip(COLOURS.into_iter().cycle()) {
            own.curve(&mut sheet, &points(&curve.relative()), colour);
        }
        axis(&mut sheet, &own);
        if let Some(probability) = &found.probability {
            let own = chart(1, Axis::up_to(1.0));
            own.rows(&mut sheet, |share| percent(share).replace(".0", ""));
            own.curve(&mut sheet, &points(probability), COLOURS[5]);
            axis(&mut sheet, &own);
        }
        sheet.reach(bottom);
    }
    let made_with = say!(words, "figureMovedSettings");
    Ok(sheet.close(context, made_with))
}

/// Draws three of the pictures that went through the network, and gives the row below.
fn strip(
    context: &Context<'_>,
    prepared: &Prepared,
    found: &Invariance,
    sheet: &mut Sheet,
    top: usize,
) -> Result<usize> {
    let (words, kind) = (context.words, found.transformation);
    let name = match kind {
        Transformation::Translation => say!(words, "movedTranslation"),
        Transformation::Scale => say!(words, "movedScale"),
        Transformation::Rotation => say!(words, "movedRotation"),
    };
    let below = sheet.say(name, MARGIN, top, Anchor::Left, WORDS) + NEAR;
    let count = found.parameters.len();
    let mut bottom = below;
    for place in 0..3 {
        // A sixth, a half and five sixths of the way.
        let Some(parameter) = found.parameters.get(count * (2 * place + 1) / 6) else {
            continue;
        };
        let input = &context.model.input;
        let planes = kind.apply(*parameter, prepared, input)?;
        let left = MARGIN + place * (SIDE + NEAR);
        bottom = sheet.place(small(&planes, input.size), left, below);
        let words = round(f64::from(*parameter));
        sheet.say(&words, left + SIDE / 2, bottom, Anchor::Middle, SMALL);
    }
    Ok(bottom + SMALL.line())
}

/// Planes of red, green and blue from 0 to 255 as a small picture.
fn small(planes: &[f32], [rows, cols]: [usize; 2]) -> Picture {
    let plane = rows * cols;
    let picture = RgbImage::from_fn(cols as u32, rows as u32, |x, y| {
        let at = y as usize * cols + x as usize;
        image::Rgb([0, 1, 2].map(|channel| planes[channel * plane + at].round() as u8))
    });
    let [width, height] = [cols, rows].map(|length| (SIDE * length / rows.max(cols)).max(1) as u32);
    Picture::from_rgb(&imageops::resize(
        &picture,
        width,
        height,
        FilterType::Triangle,
    ))
}

/// What the parameters count.
fn unit(words: Words, kind: Transformation) -> &'static str {
    match kind {
        Transformation::Translation => say!(words, "movedPixels"),
        Transformation::Scale => say!(words, "movedTimes"),
        Transformation::Rotation => say!(words, "movedDegrees"),
    }
}
