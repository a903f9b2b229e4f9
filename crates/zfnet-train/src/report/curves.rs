//! Loss, accuracy and learning rate over the epochs, as charts that stretch with the page.
//!
//! The plot is stretched, its strokes and the writing around it are not: what is written beside it is HTML, placed in
//! per cent, so that it stays readable on a telephone.

use maud::{Markup, html};
use zfnet_figures::axis::Axis;
use zfnet_figures::path;
use zfnet_words::{Words, say};

use super::framed;
use super::text::{counted, nats, number, percent};
use crate::metrics::Row;

/// Columns of a plot's own coordinates.
const WIDTH: f64 = 1000.0;
/// Rows of a plot's own coordinates.
const HEIGHT: f64 = 240.0;
/// Places along a chart that say their numbers when pointed at; more would be narrower than a pointer.
const READINGS: usize = 200;

/// One line of a chart.
struct Curve {
    name: fn(Words) -> &'static str,
    /// Class of the style.
    style: &'static str,
    value: fn(&Row) -> Option<f64>,
    write: fn(Words, f64) -> String,
    /// Points far apart are marked and joined; points at every row are only joined.
    marked: bool,
}

const TRAINING_LOSS: Curve = Curve {
    name: |words| say!(words, "reportTraining"),
    style: "training",
    value: |row| Some(row.loss),
    write: nats,
    marked: false,
};
const VALIDATION_LOSS: Curve = Curve {
    name: |words| say!(words, "reportValidation"),
    style: "validation",
    value: |row| row.validation.map(|said| said.loss),
    write: nats,
    marked: true,
};
const TRAINING_ACCURACY: Curve = Curve {
    name: |words| say!(words, "reportTraining"),
    style: "training",
    value: |row| Some(row.accuracy),
    write: percent,
    marked: false,
};
const TOP_1: Curve = Curve {
    name: |words| say!(words, "reportValidationTop1"),
    style: "validation",
    value: |row| row.validation.map(|said| said.top_1),
    write: percent,
    marked: true,
};
const TOP_5: Curve = Curve {
    name: |words| say!(words, "reportValidationTop5"),
    style: "five",
    value: |row| row.validation.map(|said| said.top_5),
    write: percent,
    marked: true,
};
const LEARNING_RATE: Curve = Curve {
    name: |words| say!(words, "reportRate"),
    style: "rate",
    value: |row| Some(row.learning_rate),
    write: number,
    marked: false,
};

/// What a chart shows.
struct Chart<'a> {
    title: &'a str,
    /// What goes up.
    quantity: &'a str,
    up: Axis,
    /// How a value is written beside the chart.
    write: fn(Words, f64) -> String,
    curves: &'a [Curve],
    /// What guessing would reach.
    chance: Option<f64>,
    /// Whether the picture sizes are named: once is enough for charts one under the other.
    sizes: bool,
}

/// The three charts, one under the other on one scale of epochs.
pub(super) fn section(words: Words, rows: &[Row], classes: usize) -> Markup {
    let Some(last) = rows.last() else {
        return Markup::default();
    };
    let along = Axis::up_to(last.epoch);
    let losses = rows
        .iter()
        .flat_map(|row| [Some(row.loss), row.validation.map(|said| said.loss)]);
    let rates: Vec<f64> = rows.iter().map(|row| row.learning_rate).collect();
    let charts = [
        Chart {
            title: say!(words, "reportLoss"),
            quantity: say!(words, "reportLossUnit"),
            up: Axis::from_zero(losses.flatten()),
            write: number,
            curves: &[TRAINING_LOSS, VALIDATION_LOSS],
            chance: None,
            sizes: true,
        },
        Chart {
            title: say!(words, "reportAccuracy"),
            quantity: say!(words, "reportAccuracyUnit"),
            up: Axis::up_to(1.0),
            write: |_, share| format!("{:.0}\u{202f}%", share * 100.0),
            curves: &[TRAINING_ACCURACY, TOP_1, TOP_5],
            chance: (classes > 1).then(|| 1.0 / classes as f64),
            sizes: false,
        },
        Chart {
            title: say!(words, "reportRateTitle"),
            quantity: say!(words, "reportRateUnit"),
            up: Axis::for_rates(&rates),
            write: number,
            curves: &[LEARNING_RATE],
            chance: None,
            sizes: false,
        },
    ];
    let shaded = match stages(rows).len() {
        1 => "",
        _ => say!(words, "reportCurvesShaded"),
    };
    let (means, point) = (
        say!(words, "reportCurvesText"),
        say!(words, "reportCurvesPoint"),
    );
    let lead = [means, shaded, point].concat();
    let charts = html! { @for chart in &charts { (chart.draw(words, rows, &along)) } };
    framed("curves", say!(words, "reportCurves"), &lead, charts)
}

/// A share of a plot's width or height as CSS writes it.
fn cent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

impl Chart<'_> {
    fn draw(&self, words: Words, rows: &[Row], along: &Axis) -> Markup {
        let Self {
            title,
            quantity,
            up,
            ..
        } = self;
        let has_values = |curve: &&Curve| rows.iter().any(|row| (curve.value)(row).is_some());
        let drawn: Vec<&Curve> = self.curves.iter().filter(has_values).collect();
        let chance = self.chance.and_then(|chance| up.place(chance));
        let stages = match stages(rows) {
            all if all.len() > 1 => all,
            _ => Vec::new(),
        };
        let name = say!(words, "reportChart", title = title);
        html! {
            figure.chart {
                figcaption {
                    h3 { (title) }
                    small { (quantity) }
                    ul { @for curve in &drawn { (key(words, rows, curve)) } }
                }
                div.plot {
                    svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(name) {
                        @for stage in stages.iter().skip(1).step_by(2) {
                            @let [left, right] = stage.ends(along);
                            rect.stage x=(tenth(left * WIDTH)) y="0" width=(tenth((right - left) * WIDTH)) height=(HEIGHT) {}
                        }
                        @for place in up.ticks().into_iter().filter_map(|value| up.place(value)) {
                            path.grid d=(across(place)) {}
                        }
                        @if let Some(place) = chance { path.chance d=(across(place)) {} }
                        @for curve in &drawn { (line(rows, along, up, curve)) }
                        (readings(words, rows, along, &drawn))
                    }
                    @for stage in stages.iter().filter(|_| self.sizes) {
                        @let [left, right] = stage.ends(along);
                        span.size style=(format!("left:{};width:{}", cent(left), cent(right - left))) { (say!(words, "reportPixels", size = stage.size)) }
                    }
                    @for value in up.ticks() {
                        span.y style=(format!("bottom:{}", cent(up.place(value).unwrap_or(0.0)))) { ((self.write)(words, value)) }
                    }
                    @for value in along.ticks() {
                        span.x style=(format!("left:{}", cent(along.place(value).unwrap_or(0.0)))) { (number(words, value)) }
                    }
                    @if let Some(place) = chance {
                        span.chance style=(format!("bottom:{}", cent(place))) { (say!(words, "reportChance")) }
                    }
                    span.along { (say!(words, "reportEpoch")) }
                }
            }
        }
    }
}

/// A number of a plot's own coordinates.
fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

/// A line across the plot.
fn across(place: f64) -> String {
    let y = (1.0 - place) * HEIGHT;
    path(&[[0.0, y], [WIDTH, y]])
}

/// A curve's name with its last value.
fn key(words: Words, rows: &[Row], curve: &Curve) -> Markup {
    let last = rows.iter().rev().find_map(curve.value);
    let last = last.map_or(String::new(), |last| (curve.write)(words, last));
    html! { li class=(curve.style) { ((curve.name)(words)) " " b { (last) } } }
}

/// A curve through every row that has a value, broken where it is no number.
fn line(rows: &[Row], along: &Axis, up: &Axis, curve: &Curve) -> Markup {
    let known = rows.iter().filter_map(|row| {
        let value = (curve.value)(row)?;
        Some(along.place(row.epoch).zip(up.place(value)))
    });
    let places = known.map(|place| place.map(|(x, y)| [x * WIDTH, (1.0 - y) * HEIGHT]));
    let places: Vec<Option<[f64; 2]>> = places.collect();
    let parts = places.split(Option::is_none);
    let parts = parts.map(|part| part.iter().copied().flatten().collect::<Vec<_>>());
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    let drawn: String = parts.iter().map(|part| path(part)).collect();
    let points = parts.concat();
    // A stroke of no length with round ends stays a round dot however the plot is stretched.
    let dots: String = points.iter().map(|point| path(&[*point])).collect();
    html! {
        path class=(format!("curve {}", curve.style)) d=(drawn) {}
        @if curve.marked || points.len() == 1 { path class=(format!("marks {}", curve.style)) d=(dots) {} }
    }
}

/// Invisible columns that say the numbers of their row when pointed at.
fn readings(words: Words, rows: &[Row], along: &Axis, curves: &[&Curve]) -> Markup {
    let every = rows.len().div_ceil(READINGS).max(1);
    let mut left = 0.0;
    let mut columns = Vec::new();
    for chunk in rows.chunks(every) {
        // A row that the validation set was asked at has the most to say.
        let asked = chunk.iter().rev().find(|row| row.validation.is_some());
        let (Some(row), Some(end)) = (asked.or(chunk.last()), chunk.last()) else {
            continue;
        };
        let right = along.place(end.epoch).unwrap_or(0.0) * WIDTH;
        columns.push((left, right, row));
        left = right;
    }
    let said = |row: &Row| {
        let each = curves.iter().filter_map(|curve| {
            let value = (curve.write)(words, (curve.value)(row)?);
            Some(format!("\n{} {value}", (curve.name)(words)))
        });
        let (epoch, step) = (number(words, row.epoch), counted(row.step));
        let row = say!(
            words,
            "reportReading",
            epoch = epoch,
            step = step,
            size = row.size
        );
        row + &each.collect::<String>()
    };
    html! {
        @for (left, right, row) in columns {
            rect.reading x=(tenth(left)) y="0" width=(tenth((right - left).max(0.0))) height=(HEIGHT) {
                title { (said(row)) }
            }
        }
    }
}

/// A stretch of one picture size.
struct Stage {
    /// First epoch and last.
    epochs: [f64; 2],
    /// Pixels.
    size: usize,
}

impl Stage {
    /// Where it begins and ends along a chart.
    fn ends(&self, along: &Axis) -> [f64; 2] {
        self.epochs.map(|epoch| along.place(epoch).unwrap_or(0.0))
    }
}

fn stages(rows: &[Row]) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for row in rows {
        let start = match stages.last_mut() {
            Some(stage) if stage.size == row.size => {
                stage.epochs[1] = row.epoch;
                continue;
            }
            Some(stage) => stage.epochs[1],
            None => 0.0,
        };
        stages.push(Stage {
            epochs: [start, row.epoch],
            size: row.size,
        });
    }
    stages
}
