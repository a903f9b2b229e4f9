//! The curves, a row for each transformation as in figure 5 of the paper: the distance of each layer, and the probability; a
//! line for each photograph, and their mean.

use image::RgbImage;
use image::imageops::{self, FilterType};
use serde::Deserialize;
use zfnet::experiments::paper::invariance::{Curve, Invariance, Transformation};
use zfnet::network::model::Input;
use zfnet::pictures::rendering::Picture;
use zfnet::{Prepared, Result};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::Unread;
use super::pictures::letter;
use crate::axis::Axis;
use crate::chart::Chart;
use crate::context::Context;
use crate::numbers::{number, percent, round};
use crate::scene::{Anchor, Colour, INK, Scene};
use crate::sheet::{COLOURS, GAP, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS, columns};

/// Side of a transformed picture, and between two of them.
const SIDE: usize = 112;
const STRIP: usize = 3 * SIDE + 2 * NEAR;
/// Side of one that stands alone.
const ALONE: usize = 188;
/// Width and height of a chart's area, and room on its left for the axis.
const AREA: [usize; 2] = [300, 190];
const AXIS: usize = 60;
/// Room on the right for half of the last number.
const LAST: usize = 16;
/// What the mean is called beside the photographs' letters.
const MEAN: &str = "Ø";

/// A photograph, and its curves as far as they are known.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "InvariancePhotograph")]
pub struct Photograph {
    /// What it is called.
    pub name: String,
    /// Its curves, one for each transformation.
    pub found: Vec<Unread<Invariance>>,
}

/// A transformation's row.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "InvarianceRow")]
pub struct Row {
    /// What happens to the photographs.
    pub transformation: Transformation,
    /// A parameter that is marked.
    pub cursor: Option<f32>,
    /// What it makes of the first photograph.
    pub pictures: Vec<Moved>,
}

/// A photograph that was transformed.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "InvarianceMoved")]
pub struct Moved {
    /// How far.
    pub parameter: f32,
    /// What became of it.
    pub picture: Picture,
}

/// What is shown beside the curves, and which of them.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "InvarianceShown")]
pub struct Shown {
    /// The rows.
    pub rows: Vec<Row>,
    /// The layers, a chart each.
    pub layers: Vec<String>,
    /// Whether distances are multiples of the length of the original's features.
    pub relative: bool,
}

impl Row {
    /// Three of the pictures that went through the network beside what was found.
    ///
    /// # Errors
    /// Those of [`Transformation::apply`].
    pub fn of(found: &Invariance, prepared: &Prepared, input: &Input) -> Result<Self> {
        let kind = found.transformation;
        let count = found.parameters.len();
        // A sixth, a half and five sixths of the way.
        let places = (0..3).filter_map(|place| found.parameters.get(count * (2 * place + 1) / 6));
        let moved = places.map(|parameter| {
            let picture = Picture::from_rgb(&kind.drawn(*parameter, prepared, input)?);
            Ok(Moved {
                parameter: *parameter,
                picture,
            })
        });
        Ok(Self {
            transformation: kind,
            cursor: None,
            pictures: moved.collect::<Result<_>>()?,
        })
    }
}

/// What a chart shows of a photograph under a transformation.
#[derive(Debug, Clone, Copy)]
enum Quantity<'a> {
    Distance { layer: &'a str, relative: bool },
    Probability,
}

impl Quantity<'_> {
    /// Its numbers; `None` where there are none.
    fn of(self, found: &Invariance) -> Option<Vec<f32>> {
        match self {
            Self::Distance { layer, relative } => {
                let curve = found.layers.iter().find(|curve| curve.layer == layer)?;
                Some(match relative {
                    true => Curve::relative(curve),
                    false => curve.distance.clone(),
                })
            }
            Self::Probability => found.probability.clone(),
        }
    }
}

/// A row for each transformation; without a classifier there is no probability.
pub fn figure(context: &Context<'_>, photographs: &[Photograph], shown: &Shown) -> Scene {
    let words = context.words;
    let charts = charts(photographs, shown);
    let (_, width) = columns(charts.len(), AXIS + AREA[0]);
    let mut sheet = Sheet::new(STRIP + GAP + width + LAST);
    sheet.open(
        say!(words, "figureMovedTitle"),
        say!(words, "figureMovedText"),
    );
    let left = |chart: usize| MARGIN + STRIP + GAP + chart * (AXIS + AREA[0] + GAP) + AXIS;
    let top = sheet.bottom();
    let mut under = sheet.tell(measured(words, shown), MARGIN, top, STRIP, SMALL);
    if shown.rows.iter().any(|row| row.cursor.is_some()) {
        let letter = if photographs.len() > 1 { " A" } else { "" };
        let text = say!(words, "movePrinted", letter = letter);
        under = sheet.tell(&text, MARGIN, under, STRIP, SMALL);
    }
    sheet.reach(under);
    let mut under = top;
    for (colour, text) in legend(context, photographs) {
        let room = sheet.inner() + MARGIN - left(0);
        under = sheet.entry(colour, &text, left(0), under, room);
    }
    sheet.reach(under + NEAR);
    let lefts: Vec<usize> = (0..charts.len()).map(left).collect();
    let titles = charts
        .iter()
        .map(|chart| title(context, photographs, *chart));
    sheet.heads(&titles.collect::<Vec<_>>(), &lefts, AREA[0], NAME);
    for row in &shown.rows {
        let top = sheet.bottom() + GAP;
        let bottom = strip(words, row, &mut sheet, top);
        for (quantity, left) in charts.iter().zip(&lefts) {
            let found = under_it(photographs, row.transformation);
            let all = spans(photographs, shown, *quantity);
            draw(&mut sheet, words, *quantity, row, &found, all, [*left, top]);
        }
        sheet.reach(bottom);
    }
    let source = say!(words, "invarianceSource");
    let inner = sheet.inner();
    let under = sheet.tell(source, MARGIN, sheet.bottom() + NEAR, inner, SMALL);
    sheet.reach(under.saturating_sub(NEAR));
    sheet.close(context, say!(words, "figureMovedSettings"))
}

/// The layers that are shown, and the probability where somebody knows one.
fn charts<'a>(photographs: &[Photograph], shown: &'a Shown) -> Vec<Quantity<'a>> {
    let relative = shown.relative;
    let layers = shown.layers.iter();
    let mut charts: Vec<_> = layers
        .map(|layer| Quantity::Distance { layer, relative })
        .collect();
    let mut found = photographs.iter().flat_map(|photograph| &photograph.found);
    if found.any(|found| found.probability.is_some()) {
        charts.push(Quantity::Probability);
    }
    charts
}

/// Each photograph's curves under a transformation, where there are any.
fn under_it<'p>(
    photographs: &'p [Photograph],
    kind: Transformation,
) -> Vec<Option<&'p Invariance>> {
    let own = |photograph: &'p Photograph| {
        let mut found = photograph.found.iter();
        found.find(|found| found.transformation == kind)
    };
    photographs.iter().map(own).collect()
}

/// A quantity's axis. Relative distances share one, for the eye to compare; others have one for each layer.
fn spans(photographs: &[Photograph], shown: &Shown, quantity: Quantity<'_>) -> Axis {
    let relative = shown.relative;
    let together: Vec<Quantity<'_>> = match quantity {
        Quantity::Probability => return Axis::up_to(1.0),
        Quantity::Distance {
            relative: false, ..
        } => vec![quantity],
        Quantity::Distance { .. } => shown
            .layers
            .iter()
            .map(|layer| Quantity::Distance { layer, relative })
            .collect(),
    };
    let found = photographs.iter().flat_map(|photograph| &photograph.found);
    let values = found.flat_map(|found| together.iter().filter_map(move |one| one.of(found)));
    Axis::from_zero(values.flatten().map(f64::from))
}

fn measured(words: Words, shown: &Shown) -> &'static str {
    match shown.relative {
        true => say!(words, "moveRelativeText"),
        false => say!(words, "moveRawText"),
    }
}

/// What a chart shows.
fn title(context: &Context<'_>, photographs: &[Photograph], quantity: Quantity<'_>) -> String {
    let words = context.words;
    match quantity {
        Quantity::Distance { layer, .. } => say!(words, "moveDistance", layer = layer),
        Quantity::Probability => {
            let found = photographs.iter().flat_map(|photograph| &photograph.found);
            let mut classes: Vec<usize> = found.filter_map(|found| found.class).collect();
            classes.dedup();
            match classes[..] {
                [class] => {
                    let name = context.class_name(class);
                    say!(words, "probabilityOf", name = name)
                }
                _ => say!(words, "moveProbability").to_owned(),
            }
        }
    }
}

/// The photographs with their letters and classes, and the mean; a single one needs no letter.
fn legend(context: &Context<'_>, photographs: &[Photograph]) -> Vec<(Colour, String)> {
    let several = photographs.len() > 1;
    let mut entries: Vec<(Colour, String)> = Vec::new();
    for (at, (photograph, colour)) in photographs.iter().zip(colours()).enumerate() {
        let class = photograph.found.iter().find_map(|found| found.class);
        let letter = several.then(|| letter(at));
        let name = Some(photograph.name.clone()).filter(|name| !name.is_empty());
        let class = class.map(|class| match letter.is_some() || name.is_some() {
            true => format!("({})", context.class_name(class)),
            false => context.class_name(class),
        });
        let parts: Vec<String> = [letter, name, class].into_iter().flatten().collect();
        entries.push((colour, parts.join(" ")));
    }
    if several {
        entries.push((INK, format!("{MEAN} {}", say!(context.words, "moveMost"))));
    }
    entries.retain(|(_, text)| !text.is_empty());
    entries
}

fn colours() -> impl Iterator<Item = Colour> {
    COLOURS.into_iter().cycle()
}

/// Draws the photographs' lines of one quantity.
fn draw(
    sheet: &mut Sheet,
    words: Words,
    quantity: Quantity<'_>,
    row: &Row,
    found: &[Option<&Invariance>],
    y: Axis,
    [left, top]: [usize; 2],
) {
    let parameters = found.iter().flatten().map(|found| &found.parameters).next();
    let Some(parameters) = parameters else {
        return;
    };
    let ends = parameters.iter().copied().map(f64::from);
    let ends = ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| {
        [low.min(at), high.max(at)]
    });
    let chart = Chart {
        area: [left, top, left + AREA[0], top + AREA[1]],
        x: Axis::between(ends[0], ends[1]),
        y,
    };
    chart.rows(sheet, |value| match quantity {
        Quantity::Probability => percent(value).replace(".0", ""),
        Quantity::Distance { relative: true, .. } => round(value),
        Quantity::Distance { .. } if value == 0.0 => round(value),
        Quantity::Distance { .. } => number(value),
    });
    if let Some(cursor) = row.cursor {
        chart.cursor(sheet, f64::from(cursor));
    }
    let lines: Vec<Option<Vec<f32>>> = found
        .iter()
        .map(|found| found.and_then(|found| quantity.of(found)))
        .collect();
    let points = |values: &[f32]| -> Vec<[f64; 2]> {
        let points = parameters.iter().zip(values);
        points
            .map(|(x, y)| [f64::from(*x), f64::from(*y)])
            .collect()
    };
    for (line, colour) in lines.iter().zip(colours()) {
        if let Some(values) = line {
            chart.curve(sheet, &points(values), colour);
        }
    }
    if lines.len() > 1 {
        chart.curve(sheet, &points(&mean(&lines, parameters.len())), INK);
    }
    let under = chart.marks(sheet, round);
    let unit = unit(words, row.transformation);
    sheet.say(unit, left + AREA[0] / 2, under, Anchor::Middle, SMALL);
}

/// The mean of all lines; not a number where one of them has none.
fn mean(lines: &[Option<Vec<f32>>], count: usize) -> Vec<f32> {
    let at = |point: usize| {
        let values = lines.iter().map(|line| {
            let value = line.as_ref().and_then(|line| line.get(point));
            value.copied().unwrap_or(f32::NAN)
        });
        values.sum::<f32>() / lines.len() as f32
    };
    (0..count).map(at).collect()
}

/// Draws what the transformation is, and pictures of it; gives the row below.
fn strip(words: Words, row: &Row, sheet: &mut Sheet, top: usize) -> usize {
    let kind = row.transformation;
    let name = match kind {
        Transformation::Translation => say!(words, "movedTranslation"),
        Transformation::Scale => say!(words, "movedScale"),
        Transformation::Rotation => say!(words, "move-rotation"),
    };
    let below = sheet.say(name, MARGIN, top, Anchor::Left, WORDS) + NEAR;
    let side = if row.pictures.len() == 1 { ALONE } else { SIDE };
    let mut bottom = below;
    for (place, moved) in row.pictures.iter().enumerate() {
        let left = MARGIN + place * (SIDE + NEAR);
        bottom = sheet.fit(small(&moved.picture, side), left, below, side);
        let words = round(f64::from(moved.parameter));
        sheet.say(&words, left + side / 2, bottom, Anchor::Middle, SMALL);
    }
    bottom + SMALL.line()
}

/// A picture that is made smaller where it is larger.
fn small(picture: &Picture, side: usize) -> Picture {
    let longer = picture.width.max(picture.height);
    if longer <= side {
        return picture.clone();
    }
    let [width, height] = [picture.width, picture.height].map(|own| (own * side / longer).max(1));
    let rgb = picture
        .rgba
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    match RgbImage::from_raw(picture.width as u32, picture.height as u32, rgb.collect()) {
        Some(rgb) => Picture::from_rgb(&imageops::resize(
            &rgb,
            width as u32,
            height as u32,
            FilterType::Triangle,
        )),
        None => picture.clone(),
    }
}

/// What the parameters count.
fn unit(words: Words, kind: Transformation) -> &'static str {
    match kind {
        Transformation::Translation => say!(words, "movedPixels"),
        Transformation::Scale => say!(words, "moveAxis-scale"),
        Transformation::Rotation => say!(words, "movedDegrees"),
    }
}
