//! The table as bars: for each layer and part how often signs differ, how far that spreads, and what random positions give.

use zfnet::analysis::correspondence::{Correspondence, LayerScores, Part, Score, Settings};
use zfnet::rendering::Picture;

use crate::figure::chart::{Chart, ceiling};
use crate::figure::{Anchor, COLOURS, Figure, GAP, MARGIN, NAME, NEAR, SMALL, round};
use crate::lens::Lens;

/// Room for a part's two bars, a chart's height, and room on its left for the axis.
const PART: usize = 120;
const HEIGHT: usize = 260;
const AXIS: usize = 60;
/// A chart is at least so wide, for its name.
const NARROWEST: usize = 240;
/// Of its room, a bar takes so much.
const BAR: f64 = 0.34;
const RANDOM: [u8; 3] = [176, 174, 168];
const HOW: &str = "The same part is covered on every photograph. The bars are the share of a layer's units whose signs of \
    change differ between two photographs, the mean over all pairs, and the lines its standard deviation. Lower than at \
    random positions: the network has a notion of the part. It does not show which one.";

/// Draws a chart for each layer, all on one scale.
pub(super) fn draw(
    lens: &Lens,
    found: &Correspondence,
    parts: &[Part],
    settings: &Settings,
    photographs: usize,
) -> Picture {
    let wide = (parts.len() * PART).max(NARROWEST);
    let column = AXIS + wide + GAP;
    let mut figure = Figure::new((found.layers.len() * column).saturating_sub(GAP));
    figure.open("Does covering the same part do the same?", HOW);
    let under = figure.bottom();
    let under = figure.entry(COLOURS[0], "the part", MARGIN + AXIS, under, NARROWEST);
    let under = figure.entry(RANDOM, "random positions", MARGIN + AXIS, under, NARROWEST);
    figure.reach(under + GAP);
    let highest = |scores: &[Option<Score>]| {
        let ends = scores
            .iter()
            .flatten()
            .map(|score| score.mean + score.spread.unwrap_or_default());
        ends.fold(0f32, f32::max)
    };
    let layers = found.layers.iter();
    let most = layers.fold(0f32, |most, layer| {
        most.max(highest(&layer.parts)).max(highest(&layer.random))
    });
    let top = figure.bottom();
    for (at, layer) in found.layers.iter().enumerate() {
        let left = MARGIN + at * column + AXIS;
        let under = figure.say(&layer.layer, left, top, Anchor::Left, NAME) + NEAR;
        let chart = Chart {
            area: [left, under, left + wide, under + HEIGHT],
            x: [0.0, parts.len() as f64],
            y: [0.0, ceiling(f64::from(most))],
        };
        bars(&mut figure, &chart, layer, parts);
    }
    let count = settings.random;
    figure.close(
        lens,
        &format!("{photographs} photographs, {count} random positions each"),
    )
}

fn bars(figure: &mut Figure, chart: &Chart, layer: &LayerScores, parts: &[Part]) {
    chart.rows(figure, round);
    let [left, _, right, bottom] = chart.area;
    let room = (right - left) / parts.len().max(1);
    for (at, part) in parts.iter().enumerate() {
        let middle = at as f64 + 0.5;
        let pairs = [
            (layer.parts[at], [middle - BAR, middle], COLOURS[0]),
            (layer.random[at], [middle, middle + BAR], RANDOM),
        ];
        for (score, ends, colour) in pairs {
            if let Some(score) = score {
                let spread = score.spread.map(f64::from);
                chart.bar(figure, ends, f64::from(score.mean), spread, colour);
            }
        }
        let column = left + at * room;
        let inner = room - NEAR;
        let under = figure.tell(&part.name, column + NEAR, bottom + NEAR, inner, SMALL);
        if let Some(score) = layer.parts[at] {
            figure.say(
                &format!("{:.3}", score.mean),
                column + NEAR,
                under,
                Anchor::Left,
                NAME,
            );
        }
    }
}
