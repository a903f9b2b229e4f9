//! A training as one HTML file that explains itself: curves, confusions, and what the features looked like on the way.
//!
//! The file needs no network and no second file, so that it can be mailed, archived and opened years later.

mod checkpoints;
mod classes;
mod curves;
mod recipe;
mod snapshot;
mod text;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

use std::path::PathBuf;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use zfnet_words::{Words, say};

pub use self::snapshot::{Photograph, Snapshot, Strongest, Tile, snapshot};
use self::text::{counted, duration, nats, number, percent};
use crate::metrics::Row;

/// The page's style, with the colours of the light table by day and by night: what all sections share, each section's own,
/// and what changes on narrow screens and on paper.
const STYLE: &str = concat!(
    include_str!("page.css"),
    include_str!("curves.css"),
    include_str!("checkpoints.css"),
    include_str!("classes.css"),
    include_str!("recipe.css"),
    include_str!("screens.css"),
);

/// What a report tells. Whatever is empty or absent is left out of it.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// Headline, usually the network's name.
    pub title: &'a str,
    /// The recipe as it took effect; objects may be nested.
    pub recipe: &'a serde_json::Value,
    /// The history, in the order of the steps.
    pub rows: &'a [Row],
    /// Names of the classes, in the order of the confusion matrix.
    pub classes: &'a [String],
    /// Validation pictures by their class and the first guess, `[true][predicted]`.
    pub confusion: Option<&'a [Vec<u32>]>,
    /// What the features looked like, in the order of the epochs.
    pub checkpoints: &'a [Snapshot],
    /// Files that could not be read, with the reason.
    pub skipped: &'a [(PathBuf, String)],
    /// The device in words.
    pub device: &'a str,
    /// The language that it is told in.
    pub words: Words,
}

/// The promise that the browser keeps: nothing is fetched and nothing runs.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// Draws the report of a training, finished or under way.
///
/// The numbers come from `content` alone; all text in it is escaped.
pub fn html(content: &Content) -> String {
    let (words, title) = (content.words, content.title);
    let page = html! {
        (DOCTYPE)
        html lang=(words.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (say!(words, "reportTitle", name = title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.over { (say!(words, "reportOver")) }
                    h1 { (title) }
                    (summary(content))
                }
                main {
                    (curves::section(words, content.rows, content.classes.len()))
                    (checkpoints::section(words, content.checkpoints))
                    @if let Some(confusion) = content.confusion {
                        (classes::section(words, content.classes, confusion))
                    }
                    (recipe::section(words, content.recipe))
                    (validations(words, content.rows))
                    (skipped(words, content.skipped))
                }
            }
        }
    };
    page.into_string()
}

/// One section with its heading and a line on how to read it.
fn framed(id: &str, heading: &str, lead: &str, body: Markup) -> Markup {
    html! {
        section id=(id) {
            h2 { (heading) }
            p.lead { (lead) }
            (body)
        }
    }
}

/// What one wants to know first.
fn summary(content: &Content) -> Markup {
    let words = content.words;
    let mut facts: Vec<(&str, String, String)> = Vec::new();
    if let Some((row, said)) = best(content.rows) {
        let when = say!(words, "reportBest", epoch = number(words, row.epoch));
        facts.push((say!(words, "reportTop1"), percent(words, said.top_1), when));
        facts.push((
            say!(words, "reportTop5"),
            percent(words, said.top_5),
            say!(words, "reportSameStep").into(),
        ));
    }
    if let Some(last) = content.rows.last() {
        let steps = say!(words, "reportSteps", steps = counted(last.step));
        facts.push((
            say!(words, "reportEpochs"),
            number(words, last.epoch),
            steps,
        ));
        let pictures = say!(words, "reportShown", pictures = counted(last.pictures));
        facts.push((
            say!(words, "reportTime"),
            duration(words, last.seconds),
            pictures,
        ));
        let mut speeds: Vec<f64> = content
            .rows
            .iter()
            .map(|row| row.pictures_per_second)
            .collect();
        speeds.sort_by(f64::total_cmp);
        let device = say!(words, "reportMedian", device = content.device);
        facts.push((
            say!(words, "reportSpeed"),
            number(words, speeds[speeds.len() / 2]),
            device,
        ));
    } else {
        facts.push((
            say!(words, "reportDevice"),
            content.device.to_owned(),
            say!(words, "reportNoStep").into(),
        ));
    }
    html! {
        dl.facts {
            @for (name, value, note) in &facts {
                div { dt { (name) } dd { b { (value) } " " small { (note) } } }
            }
        }
    }
}

/// The row whose weights answered best on the validation set; the first of equals.
fn best(rows: &[Row]) -> Option<(&Row, crate::metrics::Validation)> {
    let asked = rows.iter().filter_map(|row| Some((row, row.validation?)));
    asked.reduce(|best, row| {
        if row.1.top_1 > best.1.top_1 {
            row
        } else {
            best
        }
    })
}

/// Every validation in numbers, for those who want to read the curves off.
fn validations(words: Words, rows: &[Row]) -> Markup {
    let asked = || rows.iter().filter_map(|row| Some((row, row.validation?)));
    if asked().next().is_none() {
        return Markup::default();
    }
    let heads = [
        say!(words, "reportEpoch"),
        say!(words, "reportStep"),
        say!(words, "reportSize"),
        say!(words, "reportRate"),
        say!(words, "reportTrainingLoss"),
        say!(words, "reportValidationLoss"),
        say!(words, "reportTop1"),
        say!(words, "reportTop5"),
    ];
    let body = html! {
        details {
            summary { (say!(words, "reportShowTable")) }
            div.scroll { table.numbers {
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody {
                    @for (row, said) in asked() {
                        tr {
                            th scope="row" { (number(words, row.epoch)) }
                            td { (counted(row.step)) }
                            td { (row.size) }
                            td { (number(words, row.learning_rate)) }
                            td { (nats(words, row.loss)) }
                            td { (nats(words, said.loss)) }
                            td { (percent(words, said.top_1)) }
                            td { (percent(words, said.top_5)) }
                        }
                    }
                }
            } }
        }
    };
    framed(
        "numbers",
        say!(words, "reportNumbers"),
        say!(words, "reportNumbersText"),
        body,
    )
}

/// Which files were left out, and why.
fn skipped(words: Words, files: &[(PathBuf, String)]) -> Markup {
    if files.is_empty() {
        return Markup::default();
    }
    let lead = match files.len() {
        1 => say!(words, "reportSkippedOne").to_owned(),
        count => say!(words, "reportSkippedMany", count = counted(count as u64)),
    };
    let body = html! {
        div.scroll { table.skipped { tbody {
            @for (path, reason) in files {
                tr { th scope="row" { (path.display()) } td { (words.message(reason)) } }
            }
        } } }
    };
    framed("skipped", say!(words, "reportSkipped"), &lead, body)
}
