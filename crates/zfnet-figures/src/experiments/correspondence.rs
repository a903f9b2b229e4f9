//! Table 1 of the paper: the photographs with their marked parts; and as bars, for each layer and part, how often signs differ,
//! how far that spreads, and what random positions give.

use serde::Deserialize;
use zfnet::experiments::paper::correspondence::{
    Correspondence, LayerScores, Score, Verdict, is_conclusive, pairs,
};
use zfnet::experiments::shared::covering::{Fill, Rectangle};
use zfnet::pictures::rendering::Picture;
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use super::pictures::{colour_in_words, letter};
use crate::axis::Axis;
use crate::chart::Chart;
use crate::context::Context;
use crate::numbers::round;
use crate::scene::{Anchor, Colour, INK, Rectangle as Place, Scene};
use crate::sheet::{GAP, LETTER, MARGIN, NAME, NEAR, SMALL, Sheet, columns, fitted};

/// Room for a part's two bars, a chart's height, and room on its left for the axis.
const PART: usize = 128;
const HEIGHT: usize = 260;
const AXIS: usize = 60;
/// A chart is at least so wide, for its name.
const NARROWEST: usize = 240;
/// A photograph's side.
const SIDE: usize = 160;
/// A letter's side.
const BADGE: usize = 18;
/// Of its room, a bar takes so much.
const BAR: f64 = 0.34;
const RANDOM: Colour = [176, 174, 168];
/// The parts' colours: apart from each other to every kind of eye, and dark letters can be read on all of them.
const PARTS: [Colour; 6] = [
    [230, 159, 0],
    [86, 180, 233],
    [47, 182, 138],
    [240, 228, 66],
    [217, 140, 186],
    [232, 116, 59],
];

/// What was compared.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "CorrespondenceShown")]
pub struct Shown {
    /// The photographs, in the order of the boxes.
    pub photographs: Vec<Marked>,
    /// What the parts are called.
    pub parts: Vec<String>,
    /// Random positions, and what they follow from.
    pub random: usize,
    /// See above.
    pub seed: u64,
    /// What parts are covered with.
    pub fill: Fill,
}

/// A photograph with a box for each part.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Marked {
    /// What it is called.
    pub name: String,
    /// What enters the network.
    pub picture: Picture,
    /// The parts, in its pixels.
    pub boxes: Vec<Rectangle>,
}

/// The photographs, and a chart for each layer, all on one scale.
pub fn figure(context: &Context<'_>, found: &Correspondence, shown: &Shown) -> Scene {
    let words = context.words;
    let parts = &shown.parts;
    let wide = (parts.len() * PART).max(NARROWEST);
    let column = AXIS + wide + GAP;
    let mut sheet = Sheet::new(
        (found.layers.len() * column)
            .saturating_sub(GAP)
            .max(AXIS + wide),
    );
    sheet.open(
        say!(words, "figurePartsTitle"),
        say!(words, "figurePartsText"),
    );
    photographs(&mut sheet, &shown.photographs);
    let random = say!(words, "correspondenceRandom");
    let under = sheet.entry(RANDOM, random, MARGIN + AXIS, sheet.bottom(), NARROWEST);
    sheet.reach(under + NEAR);
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
    sheet.reach(sheet.bottom() + GAP);
    let count = shown.photographs.len();
    for line in said(context, found, parts, count) {
        let inner = sheet.inner();
        let under = sheet.tell(&line, MARGIN, sheet.bottom(), inner, SMALL);
        sheet.reach(under);
    }
    let made_with = say!(
        words,
        "figurePartsSettings",
        photographs = count,
        count = shown.random,
        seed = shown.seed,
        fill = colour_in_words(words, shown.fill)
    );
    sheet.close(context, &made_with)
}

/// Draws the photographs with their parts.
fn photographs(sheet: &mut Sheet, all: &[Marked]) {
    let fit = ((sheet.inner() + GAP) / (SIDE + GAP)).max(1);
    for (row, marked) in all.chunks(fit).enumerate() {
        let top = sheet.bottom();
        for (at, (one, left)) in marked.iter().zip(columns(marked.len(), SIDE).0).enumerate() {
            let lies = fitted(&one.picture, left, top, SIDE);
            let scale = lies.width / one.picture.width.max(1) as f64;
            let under = sheet.fit(one.picture.clone(), left, top, SIDE) + NEAR / 2;
            for (part, own) in one.boxes.iter().enumerate() {
                let place = Place {
                    left: lies.left + own.left as f64 * scale,
                    top: lies.top + own.top as f64 * scale,
                    width: own.cols as f64 * scale,
                    height: own.rows as f64 * scale,
                };
                border(sheet, place, part);
                letter_beside(sheet, place, part, lies, &one.boxes);
            }
            let name = format!("{} · {}", row * fit + at + 1, one.name);
            sheet.tell(&name, left, under, SIDE, SMALL);
        }
        sheet.reach(sheet.bottom() + NEAR);
    }
}

/// A box in its part's colour, on a darker line that shows on light photographs.
fn border(sheet: &mut Sheet, place: Place, part: usize) {
    let [right, bottom] = [place.left + place.width, place.top + place.height];
    let around = [
        [place.left, place.top],
        [right, place.top],
        [right, bottom],
        [place.left, bottom],
        [place.left, place.top],
    ];
    for (width, colour) in [(3.5, INK), (1.8, colour_of(part))] {
        sheet.line(around.to_vec(), width, colour);
    }
}

/// A part's letter above its box, or below it where the other parts are above, so that it covers none of them.
fn letter_beside(sheet: &mut Sheet, place: Place, part: usize, lies: Place, all: &[Rectangle]) {
    let down = |one: &Rectangle| (2 * one.top + one.rows) as f64;
    let mean = all.iter().map(down).sum::<f64>() / all.len().max(1) as f64;
    let (above, below) = (
        place.top - BADGE as f64 - 3.0,
        place.top + place.height + 3.0,
    );
    let is_above = all.get(part).is_none_or(|own| down(own) <= mean);
    let has_room = [
        above >= lies.top,
        below + BADGE as f64 <= lies.top + lies.height,
    ];
    let top = match (is_above, has_room) {
        (true, [true, _]) | (false, [true, false]) => above,
        _ => below,
    };
    let left = place.left + (place.width - BADGE as f64) / 2.0;
    badge(sheet, part, [left, top].map(|at| at.max(0.0) as usize));
}

fn badge(sheet: &mut Sheet, part: usize, [left, top]: [usize; 2]) {
    sheet.fill([left, top], [BADGE, BADGE], colour_of(part));
    sheet.say(&letter(part), left + BADGE / 2, top, Anchor::Middle, LETTER);
}

fn colour_of(part: usize) -> Colour {
    PARTS[part % PARTS.len()]
}

fn bars(sheet: &mut Sheet, chart: &Chart, layer: &LayerScores, parts: &[String]) {
    chart.rows(sheet, round);
    let [left, _, right, bottom] = chart.area;
    let room = (right - left) / parts.len().max(1);
    let number = |score: Score| match score.spread {
        Some(spread) => format!("{:.3} ± {spread:.3}", score.mean),
        None => format!("{:.3}", score.mean),
    };
    for (at, name) in parts.iter().enumerate() {
        let middle = at as f64 + 0.5;
        let of = |scores: &[Option<Score>]| scores.get(at).copied().flatten();
        let [own, random] = [of(&layer.parts), of(&layer.random)];
        let pairs = [
            (own, [middle - BAR, middle], colour_of(at)),
            (random, [middle, middle + BAR], RANDOM),
        ];
        for (score, ends, colour) in pairs {
            if let Some(score) = score {
                let spread = score.spread.map(f64::from);
                chart.bar(sheet, ends, f64::from(score.mean), spread, colour);
            }
        }
        let column = left + at * room + NEAR;
        let inner = room - NEAR;
        badge(sheet, at, [column, bottom + NEAR]);
        let beside = column + BADGE + NEAR;
        let mut under = sheet.tell(name, beside, bottom + NEAR, inner - BADGE - NEAR, SMALL);
        under = under.max(bottom + NEAR + BADGE);
        if let Some(score) = own {
            under = sheet.say(&number(score), column, under, Anchor::Left, NAME);
        }
        if let Some(score) = random {
            sheet.say(&number(score), column, under, Anchor::Left, SMALL);
        }
    }
}

/// What the layers' scores say, part by part sorted into three kinds, and how much so many photographs can say.
fn said(
    context: &Context<'_>,
    found: &Correspondence,
    parts: &[String],
    photographs: usize,
) -> Vec<String> {
    let words = context.words;
    if !is_conclusive(photographs) {
        return vec![say!(words, "partsFewPairs").to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for layer in &found.layers {
        let Some(verdicts) = layer.verdicts(photographs) else {
            return lines;
        };
        let layer = &layer.layer;
        for verdict in [Verdict::Clearly, Verdict::Slightly, Verdict::NotLower] {
            let names = parts
                .iter()
                .zip(&verdicts)
                .filter(|(_, own)| **own == verdict);
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            if names.is_empty() {
                continue;
            }
            let parts = names.join(say!(words, "partsComma"));
            lines.push(match verdict {
                Verdict::Clearly => say!(words, "partsClearly", layer = layer, parts = parts),
                Verdict::Slightly => say!(words, "partsSlightly", layer = layer, parts = parts),
                Verdict::NotLower => say!(words, "partsNotLower", layer = layer, parts = parts),
            });
        }
    }
    lines.push(say!(
        words,
        "partsPairs",
        pairs = pairs(photographs),
        count = photographs
    ));
    lines
}
