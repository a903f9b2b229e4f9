//! Table 1 of the paper as bars: for each layer and part how often signs differ, how far that spreads, and what random positions give.

use zfnet::experiments::paper::correspondence::{
    Correspondence, LayerScores, Part, Score, Settings,
};

use crate::axis::Axis;
use crate::chart::Chart;
use crate::context::Context;
use crate::numbers::round;
use crate::scene::{Anchor, Colour, Scene};
use crate::sheet::{COLOURS, GAP, MARGIN, NAME, NEAR, SMALL, Sheet};
use zfnet_words::say;

/// Room for a part's two bars, a chart's height, and room on its left for the axis.
const PART: usize = 120;
const HEIGHT: usize = 260;
const AXIS: usize = 60;
/// A chart is at least so wide, for its name.
const NARROWEST: usize = 240;
/// Of its room, a bar takes so much.
const BAR: f64 = 0.34;
const RANDOM: Colour = [176, 174, 168];

/// A chart for each layer, all on one scale; `photographs` were compared.
pub fn figure(
    context: &Context<'_>,
    found: &Correspondence,
    parts: &[Part],
    settings: &Settings,
    photographs: usize,
) -> Scene {
    let words = context.words;
    let wide = (parts.len() * PART).max(NARROWEST);
    let column = AXIS + wide + GAP;
    let mut sheet = Sheet::new((found.layers.len() * column).saturating_sub(GAP));
    let title = say!(words, "figurePartsTitle");
    let how = say!(words, "figurePartsText");
    sheet.open(title, how);
    let [own, random] = [
        say!(words, "figurePartsOwn"),
        say!(words, "figurePartsRandom"),
    ];
    let under = sheet.bottom();
    let under = sheet.entry(COLOURS[0], own, MARGIN + AXIS, under, NARROWEST);
    let under = sheet.entry(RANDOM, random, MARGIN + AXIS, under, NARROWEST);
    sheet.reach(under + GAP);
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
    let top = sheet.bottom();
    for (at, layer) in found.layers.iter().enumerate() {
        let left = MARGIN + at * column + AXIS;
        let under = sheet.say(&layer.layer, left, top, Anchor::Left, NAME) + NEAR;
        let chart = Chart {
            area: [left, under, left + wide, under + HEIGHT],
            x: Axis::between(0.0, parts.len() as f64),
            y: Axis::from_zero([f64::from(most)].into_iter()),
        };
        bars(&mut sheet, &chart, layer, parts);
    }
    let count = settings.random;
    let made_with = say!(
        words,
        "figurePartsSettings",
        photographs = photographs,
        count = count
    );
    sheet.close(context, &made_with)
}

fn bars(sheet: &mut Sheet, chart: &Chart, layer: &LayerScores, parts: &[Part]) {
    chart.rows(sheet, round);
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
                chart.bar(sheet, ends, f64::from(score.mean), spread, colour);
            }
        }
        let column = left + at * room;
        let inner = room - NEAR;
        let under = sheet.tell(&part.name, column + NEAR, bottom + NEAR, inner, SMALL);
        if let Some(score) = layer.parts[at] {
            sheet.say(
                &format!("{:.3}", score.mean),
                column + NEAR,
                under,
                Anchor::Left,
                NAME,
            );
        }
    }
}
