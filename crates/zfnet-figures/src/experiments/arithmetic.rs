//! What the deconvnet's operations make of a few numbers: grids in rows, with every number in its cell.

use serde::Deserialize;
use zfnet::experiments::arithmetic::Grid;
use zfnet_typescript::TypeScript;
use zfnet_words::say;

use crate::context::Context;
use crate::numbers::brief;
use crate::scene::{Anchor, Colour, INK, Scene};
use crate::sheet::{CELL as NUMBER, GAP, MARGIN, NAME, NEAR, SMALL, Sheet};

/// Side of a cell.
const CELL: usize = 40;
/// Between two grids side by side.
const BETWEEN: usize = 48;
/// A narrow grid still needs room for its caption.
const NARROWEST: usize = 190;
/// The narrowest figure, for its words.
const WIDTH: usize = 720;
const POSITIVE: Colour = [164, 71, 10];
const NEGATIVE: Colour = [29, 99, 144];
const BORDER: Colour = [216, 210, 199];
/// Corners of what passes for a circle.
const CORNERS: usize = 32;

/// Lessons, each a row of grids after another.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "LearnShown")]
pub struct Shown {
    /// One after the other.
    pub lessons: Vec<Lesson>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "LearnLesson")]
pub struct Lesson {
    /// What it is about.
    pub title: String,
    /// Grids side by side, from the top.
    pub rows: Vec<Vec<Numbers>>,
}

/// A grid with its name.
#[derive(Debug, Clone, PartialEq, Deserialize, TypeScript)]
#[serde(rename = "LearnNumbers")]
pub struct Numbers {
    /// The letter that formulas have for it.
    pub letter: String,
    /// What it is.
    pub words: String,
    /// Its numbers.
    pub grid: Grid,
    /// Cells with a ring around their number, counted row by row.
    #[serde(default)]
    pub rings: Vec<usize>,
    /// The magnitude that has the strongest colour; `None`: the largest that there is.
    #[serde(default)]
    pub scale: Option<f32>,
}

/// The lessons, one below the other.
pub fn figure(context: &Context<'_>, shown: &Shown) -> Scene {
    let words = context.words;
    let rows = shown.lessons.iter().flat_map(|lesson| &lesson.rows);
    let widths = rows.map(|row| row.iter().map(|one| width(one) + BETWEEN).sum::<usize>());
    let widest = widths.max().unwrap_or(0).saturating_sub(BETWEEN);
    let mut sheet = Sheet::new(widest.max(WIDTH));
    sheet.open(say!(words, "learnTitle"), say!(words, "learnSaved"));
    for lesson in &shown.lessons {
        let inner = sheet.inner();
        let under = sheet.tell(&lesson.title, MARGIN, sheet.bottom() + GAP, inner, NAME);
        sheet.reach(under + NEAR);
        for row in &lesson.rows {
            side_by_side(&mut sheet, row);
        }
    }
    sheet.close(context, "")
}

fn width(numbers: &Numbers) -> usize {
    NARROWEST.max(numbers.grid.cols * CELL)
}

fn side_by_side(sheet: &mut Sheet, row: &[Numbers]) {
    let top = sheet.bottom();
    let mut left = MARGIN;
    let mut lefts = Vec::with_capacity(row.len());
    for one in row {
        let caption = format!("{} · {}", one.letter, one.words);
        let under = sheet.tell(&caption, left, top, width(one), SMALL);
        sheet.reach(under + NEAR);
        lefts.push(left);
        left += width(one) + BETWEEN;
    }
    let top = sheet.bottom();
    for (one, left) in row.iter().zip(lefts) {
        in_cells(sheet, one, [left, top]);
    }
    sheet.reach(sheet.bottom() + GAP);
}

fn in_cells(sheet: &mut Sheet, numbers: &Numbers, [left, top]: [usize; 2]) {
    let Grid { cols, values, .. } = &numbers.grid;
    let largest = values
        .iter()
        .fold(0f32, |most, value| most.max(value.abs()));
    let scale = numbers.scale.unwrap_or(largest);
    for (at, value) in values.iter().enumerate() {
        let cols = (*cols).max(1);
        let [x, y] = [left + at % cols * CELL, top + at / cols * CELL];
        sheet.fill([x, y], [CELL, CELL], mixed(*value, scale));
        let [x0, y0, x1, y1] = [x, y, x + CELL, y + CELL].map(|edge| edge as f64);
        let corners = vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]];
        sheet.line(corners, 1.0, BORDER);
        let middle = [x0 + x1, y0 + y1].map(|sum| sum / 2.0);
        if numbers.rings.contains(&at) {
            sheet.line(circle(middle, CELL as f64 / 2.0 - 3.0), 1.5, INK);
        }
        let above = (CELL - NUMBER.line()) / 2;
        let text = brief(f64::from(*value));
        sheet.say(&text, x + CELL / 2, y + above, Anchor::Middle, NUMBER);
    }
}

/// Between paper, for 0, and half of the full colour.
fn mixed(value: f32, scale: f32) -> Colour {
    let share = match scale > 0.0 {
        true => 0.5 * (value.abs() / scale).min(1.0),
        false => 0.0,
    };
    let full = if value < 0.0 { NEGATIVE } else { POSITIVE };
    full.map(|part| (255.0 + (f32::from(part) - 255.0) * share).round() as u8)
}

fn circle([x, y]: [f64; 2], radius: f64) -> Vec<[f64; 2]> {
    let corner = |at: usize| {
        let (sin, cos) = (at as f64 / CORNERS as f64 * std::f64::consts::TAU).sin_cos();
        [x + radius * cos, y + radius * sin]
    };
    (0..=CORNERS).map(corner).collect()
}
