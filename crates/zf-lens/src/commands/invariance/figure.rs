//! The curves, a row for each transformation as in figure 5 of the paper.

use image::RgbImage;
use image::imageops::{self, FilterType};
use zfnet::Prepared;
use zfnet::analysis::invariance::{Invariance, Transformation};
use zfnet::rendering::Picture;

use crate::figure::chart::{Chart, ceiling};
use crate::figure::{
    Anchor, COLOURS, Figure, GAP, MARGIN, NAME, NEAR, SMALL, WORDS, columns, percent, round,
};
use crate::lens::Lens;

/// Side of a transformed picture, and between two of them.
const SIDE: usize = 112;
const STRIP: usize = 3 * SIDE + 2 * NEAR;
/// Width and height of a chart's area, and room on its left for the axis.
const AREA: [usize; 2] = [340, 190];
const AXIS: usize = 60;
/// Room on the right for half of the last number.
const LAST: usize = 16;
const HOW: &str = "The picture is moved, enlarged and turned. Distance: how far a layer's answers move from those to the \
    picture as it is, as a multiple of their length, so that layers can be compared. It does not show what the features \
    tell apart.";

/// Draws the figure; without a classifier there is no probability.
pub(super) fn draw(
    lens: &Lens,
    prepared: &Prepared,
    found: &[Invariance],
) -> anyhow::Result<Picture> {
    let first = found.first();
    let charts = 1 + usize::from(first.is_some_and(|found| found.probability.is_some()));
    let (_, width) = columns(charts, AXIS + AREA[0]);
    let mut figure = Figure::new(STRIP + GAP + width + LAST);
    figure.open("How far features move with the picture", HOW);
    let left = |chart: usize| MARGIN + STRIP + GAP + chart * (AXIS + AREA[0] + GAP) + AXIS;
    let top = figure.bottom();
    figure.say("Distance", left(0), top, Anchor::Left, NAME);
    let class = first
        .and_then(|found| found.class)
        .map(|class| lens.class_name(class));
    if let Some(class) = class.filter(|_| charts > 1) {
        figure.tell(
            &format!("Probability of {class}"),
            left(1),
            top,
            AREA[0],
            NAME,
        );
    }
    let mut under = top + NAME.line();
    let layers = first.map_or(&[][..], |found| &found.layers);
    for (curve, colour) in layers.iter().zip(COLOURS.into_iter().cycle()) {
        under = figure.entry(colour, &curve.layer, left(0), under, AREA[0]);
    }
    // All distances on one scale, for the eye to compare.
    let relative = found.iter().flat_map(|found| &found.layers);
    let relative = relative.flat_map(|curve| curve.relative());
    let most = relative
        .filter(|value| value.is_finite())
        .fold(0f32, f32::max);
    let distances = [0.0, ceiling(f64::from(most))];
    for found in found {
        let top = figure.bottom() + GAP;
        let bottom = strip(lens, prepared, found, &mut figure, top)?;
        let ends = found.parameters.iter().copied().map(f64::from);
        let ends = ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| {
            [low.min(at), high.max(at)]
        });
        let chart = |at: usize, y: [f64; 2]| Chart {
            area: [left(at), top, left(at) + AREA[0], top + AREA[1]],
            x: ends,
            y,
        };
        let points = |values: &[f32]| -> Vec<[f64; 2]> {
            let points = found.parameters.iter().zip(values);
            points
                .map(|(x, y)| [f64::from(*x), f64::from(*y)])
                .collect()
        };
        let axis = |figure: &mut Figure, chart: &Chart| {
            let under = chart.marks(figure, round);
            let middle = (chart.area[0] + chart.area[2]) / 2;
            figure.say(
                unit(found.transformation),
                middle,
                under,
                Anchor::Middle,
                SMALL,
            );
        };
        let own = chart(0, distances);
        own.rows(&mut figure, round);
        for (curve, colour) in found.layers.iter().zip(COLOURS.into_iter().cycle()) {
            own.curve(&mut figure, &points(&curve.relative()), colour);
        }
        axis(&mut figure, &own);
        if let Some(probability) = &found.probability {
            let own = chart(1, [0.0, 1.0]);
            own.rows(&mut figure, |share| percent(share).replace(".0", ""));
            own.curve(&mut figure, &points(probability), COLOURS[5]);
            axis(&mut figure, &own);
        }
        figure.reach(bottom);
    }
    let made_with = "what comes in from outside has the mean colour";
    Ok(figure.close(lens, made_with))
}

/// Draws three of the pictures that went through the network, and gives the row below.
fn strip(
    lens: &Lens,
    prepared: &Prepared,
    found: &Invariance,
    figure: &mut Figure,
    top: usize,
) -> anyhow::Result<usize> {
    let kind = found.transformation;
    let name = match kind {
        Transformation::Translation => "Translation",
        Transformation::Scale => "Scale",
        Transformation::Rotation => "Rotation",
    };
    let below = figure.say(name, MARGIN, top, Anchor::Left, WORDS) + NEAR;
    let count = found.parameters.len();
    let mut bottom = below;
    for place in 0..3 {
        // A sixth, a half and five sixths of the way.
        let Some(parameter) = found.parameters.get(count * (2 * place + 1) / 6) else {
            continue;
        };
        let input = &lens.network().model.input;
        let planes = kind.apply(*parameter, prepared, input)?;
        let left = MARGIN + place * (SIDE + NEAR);
        bottom = figure.place(&small(&planes, input.size), left, below);
        let words = round(f64::from(*parameter));
        figure.say(&words, left + SIDE / 2, bottom, Anchor::Middle, SMALL);
    }
    Ok(bottom + SMALL.line())
}

/// Planes of red, green and blue from 0 to 255 as a small picture.
fn small(planes: &[f32], size: usize) -> Picture {
    let plane = size * size;
    let picture = RgbImage::from_fn(size as u32, size as u32, |x, y| {
        let at = y as usize * size + x as usize;
        image::Rgb([0, 1, 2].map(|channel| planes[channel * plane + at].round() as u8))
    });
    let side = SIDE as u32;
    Picture::from_rgb(&imageops::resize(
        &picture,
        side,
        side,
        FilterType::Triangle,
    ))
}

/// What the parameters count.
fn unit(kind: Transformation) -> &'static str {
    match kind {
        Transformation::Translation => "pixels down",
        Transformation::Scale => "times as large",
        Transformation::Rotation => "degrees counter-clockwise",
    }
}
