//! Figure 4 of the paper: a row for each map, a column for each checkpoint, with the epochs on top; and how far each layer moved.

use serde::Deserialize;
use zfnet::ReluRule;
use zfnet::network::architecture::Op;
use zfnet::network::model::Model;
use zfnet::pictures::rendering::{Picture, Stretch};
use zfnet_typescript::TypeScript;
use zfnet_words::{Words, say};

use super::pictures::{Projected, even};
use crate::axis::Axis;
use crate::chart::Chart;
use crate::context::{Context, rule_in_words, stretch_in_words};
use crate::numbers::number;
use crate::scene::{Anchor, Colour, INK, Scene};
use crate::sheet::{COLOURS, GAP, GREY, MARGIN, NAME, NEAR, SMALL, Sheet, WORDS};

/// Between two tiles.
const BETWEEN: usize = 4;
/// Between the rows of two layers.
const LAYER_GAP: usize = 20;
/// Room for a row's name.
const NAMED: usize = 64;
/// The figure is at least so wide, for its words.
const NARROWEST: usize = 420;
/// Side of a print of a map that stands alone, and of one in a film.
const PRINT: usize = 160;
const STILL: usize = 320;
/// A chart is at least so wide, and so high; room on its left for the axis.
const CHART: [usize; 2] = [480, 240];
const AXIS: usize = 76;
/// Room for a layer's name in the legend.
const ENTRY: usize = 96;

/// What a training made of some maps.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TrainingShown")]
pub struct Shown {
    /// The checkpoints.
    pub epochs: Vec<f64>,
    /// Of each map a small tile for each of them.
    pub rows: Vec<Row>,
    /// One map large, with the pieces of photograph and the numbers.
    pub map: Option<Followed>,
    /// What let the projections through.
    pub rule: ReluRule,
    /// How they are drawn.
    pub stretch: Stretch,
    /// Whether those of a map are on one scale.
    pub shared: bool,
    /// How far each layer moved.
    pub moved: Vec<Moved>,
    /// Whether that is drawn in decades.
    pub logarithmic: bool,
    /// A layer that could not move at first.
    pub held: Option<Held>,
}

/// One map's tiles, a checkpoint after the other.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TrainingRow")]
pub struct Row {
    /// Name of the layer.
    pub layer: String,
    /// Number of the map.
    pub map: usize,
    /// As they are drawn, one for each epoch.
    pub tiles: Vec<Picture>,
}

/// One map's strongest unit at each checkpoint.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Followed {
    /// Name of the layer.
    pub layer: String,
    /// Number of the map.
    pub map: usize,
    /// What made it answer; `None` where that has not come.
    pub stages: Vec<Option<Projected>>,
}

/// How far each layer moved since the checkpoint before.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TrainingMoved")]
pub struct Moved {
    /// Of what.
    pub of: Of,
    /// A line for each layer.
    pub layers: Vec<Line>,
}

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TypeScript)]
#[serde(rename = "TrainingMovedOf", rename_all = "lowercase")]
pub enum Of {
    /// The weights.
    Weights,
    /// The answers to the photograph.
    Answers,
}

/// A layer's shares.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TrainingLine")]
pub struct Line {
    /// The layer.
    pub layer: String,
    /// One for each checkpoint, where it is known.
    pub values: Vec<Option<f64>>,
}

/// A layer that the recipe kept still at first.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
pub struct Held {
    /// The layer.
    pub layer: String,
    /// Until which epoch.
    pub until: f64,
    /// Whether its filters had been found in the pictures beforehand.
    pub found: bool,
}

impl Held {
    /// As the recipe of a network tells it; `None` where every layer could move from the beginning.
    pub fn of(model: &Model) -> Option<Self> {
        let recipe = &model.provenance["recipe"];
        let until = recipe["hold_first"].as_f64().filter(|epoch| *epoch > 0.0)?;
        let mut layers = model.architecture.layers.iter();
        let first = layers.find(|layer| matches!(layer.op, Op::Conv(_)))?;
        Some(Self {
            layer: first.name.clone(),
            until,
            found: !recipe["initialisation"]["k_means"].is_null(),
        })
    }

    fn holds(&self, layer: &str, epoch: f64) -> bool {
        self.layer == layer && epoch <= self.until
    }
}

/// The tiles of all rows, a map's prints, and the curves.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let tiles = shown.rows.iter().flat_map(|row| &row.tiles);
    let small = tiles.fold(0, |most, tile| most.max(tile.width));
    let cell = shown.map.as_ref().map_or(small, |_| PRINT);
    let count = shown.epochs.len();
    let strip = NAMED + (count * (cell + BETWEEN)).saturating_sub(BETWEEN);
    let charts = shown.moved.len() * (CHART[0] + GAP);
    let mut sheet = Sheet::new(NARROWEST.max(strip).max(charts.saturating_sub(GAP)));
    let title = say!(words, "figureTrainedTitle");
    let how = say!(words, "figureTrainedText");
    sheet.open(title, how);
    heads(&mut sheet, words, &shown.epochs, cell);
    rows(&mut sheet, words, &shown.rows, cell);
    if let Some(map) = &shown.map {
        prints(&mut sheet, words, map);
    }
    moved(&mut sheet, words, shown);
    sheet.close(context, &made_with(words, shown))
}

/// A checkpoint of a map alone, one picture of a film.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "TrainingStill")]
pub struct Still {
    /// What the map is called.
    pub title: String,
    /// When it was.
    pub epoch: f64,
    /// What it saw then.
    pub found: Projected,
}

/// A picture of a film; all of one film are equally large.
pub fn still(context: &Context<'_>, still: &Still) -> Scene {
    let words = context.words;
    let mut sheet = Sheet::new(2 * STILL + NEAR);
    let inner = sheet.inner();
    let top = sheet.tell(&still.title, MARGIN, MARGIN, inner, NAME) + NEAR;
    let found = &still.found;
    let answers = found.activation > 0.0;
    let projection = match answers {
        true => found.projection.clone(),
        false => even(GREY, [1, 1]),
    };
    sheet.fit(projection, MARGIN, top, STILL);
    let below = sheet.fit(found.patch.clone(), MARGIN + STILL + NEAR, top, STILL) + NEAR;
    let activation = match answers {
        true => number(f64::from(found.activation)),
        false => say!(words, "silentOption").to_owned(),
    };
    let text = say!(
        words,
        "figureTrainedStill",
        epoch = epoch_in_words(still.epoch),
        activation = activation
    );
    sheet.tell(&text, MARGIN, below, inner, WORDS);
    sheet.close(context, "")
}

/// The left edge of a checkpoint's column.
fn column(at: usize, cell: usize) -> usize {
    MARGIN + NAMED + at * (cell + BETWEEN)
}

fn heads(sheet: &mut Sheet, words: Words, epochs: &[f64], cell: usize) {
    let head = sheet.bottom();
    let epoch = say!(words, "epoch");
    sheet.say(epoch, MARGIN, head, Anchor::Left, SMALL);
    for (at, epoch) in epochs.iter().enumerate() {
        let middle = column(at, cell) + cell / 2;
        sheet.say(&epoch_in_words(*epoch), middle, head, Anchor::Middle, SMALL);
    }
    sheet.reach(sheet.bottom() + NEAR);
}

fn rows(sheet: &mut Sheet, words: Words, rows: &[Row], cell: usize) {
    let mut top = sheet.bottom();
    let mut above: Option<&str> = None;
    for row in rows {
        if above.is_some_and(|layer| layer != row.layer) {
            top += LAYER_GAP - BETWEEN;
        }
        above = Some(&row.layer);
        named(sheet, words, &row.layer, row.map, top);
        let height = row.tiles.iter().map(|tile| tile.height).max().unwrap_or(0);
        for (at, tile) in row.tiles.iter().enumerate() {
            let (down, indent) = (height - tile.height, cell - tile.width);
            sheet.place(tile.clone(), column(at, cell) + indent / 2, top + down / 2);
        }
        sheet.reach(top + height);
        top = sheet.bottom() + BETWEEN;
    }
}

fn named(sheet: &mut Sheet, words: Words, layer: &str, map: usize, top: usize) {
    let below = sheet.say(layer, MARGIN, top, Anchor::Left, NAME);
    let map = say!(words, "regionMap", map = map);
    sheet.say(&map, MARGIN, below, Anchor::Left, SMALL);
}

/// Draws what made the map answer above the piece of photograph, and says how strongly.
fn prints(sheet: &mut Sheet, words: Words, map: &Followed) {
    let top = sheet.bottom();
    named(sheet, words, &map.layer, map.map, top);
    for (at, stage) in map.stages.iter().enumerate() {
        let Some(stage) = stage else { continue };
        let left = column(at, PRINT);
        let answers = stage.activation > 0.0;
        if answers {
            sheet.fit(stage.projection.clone(), left, top, PRINT);
        }
        let below = top + PRINT + BETWEEN;
        let mut under = sheet.fit(stage.patch.clone(), left, below, PRINT) + NEAR / 2;
        let lines = match answers {
            true => vec![
                number(f64::from(stage.activation)),
                format!("±{}", number(f64::from(stage.scale))),
            ],
            false => vec![say!(words, "silentOption").to_owned()],
        };
        for line in lines {
            under = sheet.say(&line, left + PRINT / 2, under, Anchor::Middle, SMALL);
        }
    }
    let text = say!(words, "printText");
    let inner = sheet.inner();
    let under = sheet.tell(text, MARGIN, sheet.bottom() + NEAR, inner, SMALL);
    sheet.reach(under);
}

/// Draws how far each layer moved.
fn moved(sheet: &mut Sheet, words: Words, shown: &Shown) {
    let Some(first) = shown.moved.first() else {
        return;
    };
    let top = sheet.bottom() + GAP;
    let mut is_below = false;
    for (at, moved) in shown.moved.iter().enumerate() {
        let left = MARGIN + at * (CHART[0] + GAP);
        let title = match moved.of {
            Of::Weights => say!(words, "moved-weights"),
            Of::Answers => say!(words, "moved-answers"),
        };
        let heading = shown.held.as_ref().map_or(0, |_| SMALL.line());
        let under = sheet.say(title, left, top, Anchor::Left, NAME) + 2 * NEAR + heading;
        is_below |= curves(sheet, words, shown, moved, [left, under]);
    }
    let entries = first.layers.iter().zip(colours());
    let fit = (sheet.inner() / ENTRY).max(1);
    let entries: Vec<_> = entries.collect();
    for row in entries.chunks(fit) {
        let top = sheet.bottom() + NEAR;
        for (at, (line, colour)) in row.iter().enumerate() {
            sheet.entry(*colour, &line.layer, MARGIN + at * ENTRY, top, ENTRY - NEAR);
        }
    }
    let mut lines: Vec<String> = Vec::new();
    lines.extend(shown.held.as_ref().map(|held| {
        let (layer, epoch) = (&held.layer, epoch_in_words(held.until));
        match held.found {
            true => say!(words, "curvesHeldFound", layer = layer, epoch = epoch),
            false => say!(words, "curvesHeld", layer = layer, epoch = epoch),
        }
    }));
    lines.extend(is_below.then(|| say!(words, "curvesBelow").to_owned()));
    for line in lines {
        let inner = sheet.inner();
        let under = sheet.tell(&line, MARGIN, sheet.bottom(), inner, SMALL);
        sheet.reach(under);
    }
}

/// Draws a line for each layer; whether some of it lies below the scale.
fn curves(
    sheet: &mut Sheet,
    words: Words,
    shown: &Shown,
    moved: &Moved,
    [left, top]: [usize; 2],
) -> bool {
    let epochs = &shown.epochs;
    let ends = [epochs.first(), epochs.last()].map(|end| end.copied().unwrap_or(1.0));
    let chart = Chart {
        area: [left + AXIS, top, left + CHART[0], top + CHART[1]],
        x: match ends[0] > 0.0 {
            true => Axis::logarithmic(ends[0], ends[1]),
            false => Axis::between(ends[0], ends[1]),
        },
        y: axis(shown, moved),
    };
    if let Some(held) = shown.held.as_ref().filter(|_| epochs.len() > 1) {
        chart.band(sheet, ends[0], held.until);
        let text = say!(words, "curvesHeldShort", layer = held.layer);
        let above = top - SMALL.line();
        sheet.say(&text, chart.area[0], above, Anchor::Left, SMALL);
    }
    chart.rows(sheet, |share| format!("{} %", number(100.0 * share)));
    let marks = epochs.iter().map(|epoch| (*epoch, epoch_in_words(*epoch)));
    let under = chart.named(sheet, &marks.collect::<Vec<_>>());
    let middle = (chart.area[0] + chart.area[2]) / 2;
    let epoch = say!(words, "epoch");
    sheet.say(epoch, middle, under, Anchor::Middle, SMALL);
    let mut is_below = false;
    for (line, colour) in moved.layers.iter().zip(colours()) {
        let known = epochs.iter().zip(&line.values);
        let known = known.filter_map(|(epoch, value)| Some([*epoch, (*value)?]));
        let (drawn, below): (Vec<_>, Vec<_>) =
            known.partition(|[_, value]| !shown.logarithmic || *value >= chart.y.low());
        is_below |= !below.is_empty();
        chart.curve(sheet, &drawn, colour);
        for [epoch, _] in below {
            chart.below(sheet, epoch, colour);
        }
    }
    is_below
}

/// What holds all shares but the rounding of a layer that could not move.
fn axis(shown: &Shown, moved: &Moved) -> Axis {
    let held = |layer: &str, epoch: f64| {
        let held = shown.held.as_ref();
        held.is_some_and(|held| held.holds(layer, epoch))
    };
    let values = moved.layers.iter().flat_map(|line| {
        let known = shown.epochs.iter().zip(&line.values);
        known.filter_map(|(epoch, value)| value.filter(|_| !held(&line.layer, *epoch)))
    });
    match shown.logarithmic {
        true => Axis::around(values),
        false => Axis::from_zero(values),
    }
}

/// As many as the paper's network has layers with weights.
fn colours() -> impl Iterator<Item = Colour> {
    COLOURS.into_iter().chain([INK]).cycle()
}

fn made_with(words: Words, shown: &Shown) -> String {
    let scale = match shown.shared {
        true => say!(words, "figureTrainedCommon"),
        false => say!(words, "figureTrainedOwn"),
    };
    let rule = rule_in_words(words, shown.rule);
    let stretch = stretch_in_words(words, shown.stretch);
    format!("{rule} · {scale} · {stretch}")
}

/// An epoch as people say it: no more than two decimals.
pub fn epoch_in_words(epoch: f64) -> String {
    let text = format!("{epoch:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_have_no_more_digits_than_needed() {
        assert_eq!(
            [64.0, 0.5, 10.0, 16.0 / 3.0, 0.0].map(epoch_in_words),
            ["64", "0.5", "10", "5.33", "0"]
        );
    }
}
