//! Loss, accuracy and learning rate over the epochs, as charts that stretch with the page.
//!
//! The plot is stretched, its strokes and the writing around it are not: what is written beside it is HTML, placed in
//! per cent, so that it stays readable on a telephone.

use super::axis::Axis;
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
    name: &'static str,
    /// Class of the style.
    style: &'static str,
    value: fn(&Row) -> Option<f64>,
    write: fn(f64) -> String,
    /// Points far apart are marked and joined; points at every row are only joined.
    marked: bool,
}

const TRAINING_LOSS: Curve = Curve {
    name: "training",
    style: "training",
    value: |row| Some(row.loss),
    write: nats,
    marked: false,
};
const VALIDATION_LOSS: Curve = Curve {
    name: "validation",
    style: "validation",
    value: |row| row.validation.map(|said| said.loss),
    write: nats,
    marked: true,
};
const TRAINING_ACCURACY: Curve = Curve {
    name: "training",
    style: "training",
    value: |row| Some(row.accuracy),
    write: percent,
    marked: false,
};
const TOP_1: Curve = Curve {
    name: "validation, top-1",
    style: "validation",
    value: |row| row.validation.map(|said| said.top_1),
    write: percent,
    marked: true,
};
const TOP_5: Curve = Curve {
    name: "validation, top-5",
    style: "five",
    value: |row| row.validation.map(|said| said.top_5),
    write: percent,
    marked: true,
};
const LEARNING_RATE: Curve = Curve {
    name: "learning rate",
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
    write: fn(f64) -> String,
    curves: &'a [Curve],
    /// What guessing would reach.
    chance: Option<f64>,
    /// Whether the picture sizes are named: once is enough for charts one under the other.
    sizes: bool,
}

/// The three charts, one under the other on one scale of epochs.
pub(super) fn section(rows: &[Row], classes: usize) -> String {
    let Some(last) = rows.last() else {
        return String::new();
    };
    let along = Axis::up_to(last.epoch);
    let losses = rows
        .iter()
        .flat_map(|row| [Some(row.loss), row.validation.map(|said| said.loss)]);
    let rates: Vec<f64> = rows.iter().map(|row| row.learning_rate).collect();
    let charts = [
        Chart {
            title: "Loss",
            quantity: "cross entropy, nats",
            up: Axis::from_zero(losses.flatten()),
            write: number,
            curves: &[TRAINING_LOSS, VALIDATION_LOSS],
            chance: None,
            sizes: true,
        },
        Chart {
            title: "Accuracy",
            quantity: "share of pictures named right",
            up: Axis::up_to(1.0),
            write: |share| format!("{:.0}\u{202f}%", share * 100.0),
            curves: &[TRAINING_ACCURACY, TOP_1, TOP_5],
            chance: (classes > 1).then(|| 1.0 / classes as f64),
            sizes: false,
        },
        Chart {
            title: "Learning rate",
            quantity: "of each step",
            up: Axis::for_rates(&rates),
            write: number,
            curves: &[LEARNING_RATE],
            chance: None,
            sizes: false,
        },
    ];
    let charts: String = charts
        .iter()
        .map(|chart| chart.draw(rows, &along))
        .collect();
    let shaded = match stages(rows).len() {
        1 => "",
        _ => " Shading tells stretches of different picture size apart.",
    };
    let lead = format!(
        "Training numbers are means since the row before, on pictures as the recipe disturbs them; validation numbers are \
         of undisturbed pictures, and may be the better ones.{shaded} Point at a chart to read it."
    );
    framed("curves", "Curves", &lead, &charts)
}

impl Chart<'_> {
    fn draw(&self, rows: &[Row], along: &Axis) -> String {
        let Self {
            title,
            quantity,
            up,
            ..
        } = self;
        let has_values = |curve: &&Curve| rows.iter().any(|row| (curve.value)(row).is_some());
        let drawn: Vec<&Curve> = self.curves.iter().filter(has_values).collect();
        let (mut plot, mut beside) = self.frame(rows, along);
        if let Some(place) = self.chance.and_then(|chance| up.place(chance)) {
            plot += &format!(
                "<path class=\"chance\" d=\"M0 {:.1}H{WIDTH}\"/>\n",
                (1.0 - place) * HEIGHT
            );
            beside += &format!(
                "<span class=\"chance\" style=\"bottom:{:.2}%\">chance</span>\n",
                place * 100.0
            );
        }
        for curve in &drawn {
            plot += &line(rows, along, up, curve);
        }
        plot += &readings(rows, along, &drawn);
        let key: String = drawn.iter().map(|curve| key(rows, curve)).collect();
        format!(
            "<figure class=\"chart\">\n<figcaption><h3>{title}</h3><small>{quantity}</small><ul>{key}</ul></figcaption>\n\
             <div class=\"plot\">\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"{title} over the epochs\">\n{plot}</svg>\n{beside}<span class=\"along\">epoch</span>\n</div>\n</figure>\n"
        )
    }

    /// Shading, grid lines and what is written along the axes: what is stretched, and what is not.
    fn frame(&self, rows: &[Row], along: &Axis) -> (String, String) {
        let (mut plot, mut beside) = (String::new(), String::new());
        let stages = stages(rows);
        for (at, (start, end, size)) in stages.iter().enumerate() {
            let [left, right] = [*start, *end].map(|epoch| along.place(epoch).unwrap_or(0.0));
            if at % 2 == 1 {
                plot += &format!(
                    "<rect class=\"stage\" x=\"{:.1}\" y=\"0\" width=\"{:.1}\" height=\"{HEIGHT}\"/>\n",
                    left * WIDTH,
                    (right - left) * WIDTH,
                );
            }
            if self.sizes && stages.len() > 1 {
                let [left, width] = [left, right - left].map(|share| share * 100.0);
                beside += &format!(
                    "<span class=\"size\" style=\"left:{left:.2}%;width:{width:.2}%\">{size} px</span>\n"
                );
            }
        }
        for value in self.up.ticks() {
            let place = self.up.place(value).unwrap_or(0.0);
            plot += &format!(
                "<path class=\"grid\" d=\"M0 {:.1}H{WIDTH}\"/>\n",
                (1.0 - place) * HEIGHT
            );
            let written = (self.write)(value);
            beside += &format!(
                "<span class=\"y\" style=\"bottom:{:.2}%\">{written}</span>\n",
                place * 100.0
            );
        }
        for value in along.ticks() {
            let place = along.place(value).unwrap_or(0.0) * 100.0;
            beside += &format!(
                "<span class=\"x\" style=\"left:{place:.2}%\">{}</span>\n",
                number(value)
            );
        }
        (plot, beside)
    }
}

/// A curve's name with its last value.
fn key(rows: &[Row], curve: &Curve) -> String {
    let last = rows
        .iter()
        .rev()
        .find_map(curve.value)
        .map_or(String::new(), curve.write);
    format!(
        "<li class=\"{}\">{} <b>{last}</b></li>",
        curve.style, curve.name
    )
}

/// A curve through every row that has a value, broken where it is no number.
fn line(rows: &[Row], along: &Axis, up: &Axis, curve: &Curve) -> String {
    let mut path = String::new();
    let mut marks = String::new();
    let mut pen = 'M';
    for row in rows {
        let Some(value) = (curve.value)(row) else {
            continue;
        };
        let Some((x, y)) = along.place(row.epoch).zip(up.place(value)) else {
            pen = 'M';
            continue;
        };
        let (x, y) = (x * WIDTH, (1.0 - y) * HEIGHT);
        path += &format!("{pen}{x:.1} {y:.1}");
        // A stroke of no length with round ends stays a round dot however the plot is stretched.
        marks += &format!("M{x:.1} {y:.1}h0");
        pen = 'L';
    }
    let marks = match curve.marked || path.matches(['M', 'L']).count() == 1 {
        true => format!("<path class=\"marks {}\" d=\"{marks}\"/>\n", curve.style),
        false => String::new(),
    };
    format!(
        "<path class=\"curve {}\" d=\"{path}\"/>\n{marks}",
        curve.style
    )
}

/// Invisible columns that say the numbers of their row when pointed at.
fn readings(rows: &[Row], along: &Axis, curves: &[&Curve]) -> String {
    let every = rows.len().div_ceil(READINGS).max(1);
    let mut left = 0.0;
    let mut columns = String::new();
    for chunk in rows.chunks(every) {
        // A row that the validation set was asked at has the most to say.
        let asked = chunk.iter().rev().find(|row| row.validation.is_some());
        let (Some(row), Some(end)) = (asked.or(chunk.last()), chunk.last()) else {
            continue;
        };
        let right = along.place(end.epoch).unwrap_or(0.0) * WIDTH;
        let said: String = curves
            .iter()
            .filter_map(|curve| {
                Some(format!(
                    "\n{} {}",
                    curve.name,
                    (curve.write)((curve.value)(row)?)
                ))
            })
            .collect();
        columns += &format!(
            "<rect class=\"reading\" x=\"{left:.1}\" y=\"0\" width=\"{:.1}\" height=\"{HEIGHT}\"><title>epoch {}, step {}, {} px{said}</title></rect>\n",
            (right - left).max(0.0),
            number(row.epoch),
            counted(row.step),
            row.size,
        );
        left = right;
    }
    columns
}

/// Stretches of one picture size: first epoch, last epoch, pixels.
fn stages(rows: &[Row]) -> Vec<(f64, f64, usize)> {
    let mut stages: Vec<(f64, f64, usize)> = Vec::new();
    for row in rows {
        match stages.last_mut() {
            Some((_, end, size)) if *size == row.size => *end = row.epoch,
            Some((_, end, _)) => {
                let start = *end;
                stages.push((start, row.epoch, row.size));
            }
            None => stages.push((0.0, row.epoch, row.size)),
        }
    }
    stages
}
