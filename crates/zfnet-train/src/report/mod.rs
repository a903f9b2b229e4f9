//! A training as one HTML file that explains itself: curves, confusions, and what the features looked like on the way.
//!
//! The file needs no network and no second file, so that it can be mailed, archived and opened years later.

mod axis;
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

pub use self::snapshot::{Photograph, Snapshot, Tile, snapshot};
use self::text::{counted, duration, escape, nats, number, percent};
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
}

/// Draws the report of a training, finished or under way.
///
/// The numbers come from `content` alone; all text in it is escaped.
pub fn html(content: &Content) -> String {
    let title = escape(content.title);
    let sections = [
        curves::section(content.rows, content.classes.len()),
        checkpoints::section(content.checkpoints),
        content.confusion.map_or(String::new(), |confusion| {
            classes::section(content.classes, confusion)
        }),
        recipe::section(content.recipe),
        validations(content.rows),
        skipped(content.skipped),
    ]
    .concat();
    // The policy is a promise that the browser keeps: nothing is fetched and nothing runs.
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <title>{title}: training report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"over\">Training report</p>\n<h1>{title}</h1>\n{}</header>\n\
         <main>\n{sections}</main>\n</body>\n</html>\n",
        summary(content),
    )
}

/// One section with its heading and a line on how to read it.
fn framed(id: &str, heading: &str, lead: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\">\n<h2>{heading}</h2>\n<p class=\"lead\">{lead}</p>\n{body}</section>\n"
    )
}

/// What one wants to know first.
fn summary(content: &Content) -> String {
    let mut facts: Vec<(&str, String, String)> = Vec::new();
    if let Some((row, said)) = best(content.rows) {
        let when = format!("best, at epoch {}", number(row.epoch));
        facts.push(("top-1", percent(said.top_1), when));
        facts.push(("top-5", percent(said.top_5), "at the same step".into()));
    }
    if let Some(last) = content.rows.last() {
        let steps = format!("{} steps", counted(last.step));
        facts.push(("epochs", number(last.epoch), steps));
        let pictures = format!("{} pictures shown", counted(last.pictures));
        facts.push(("time", duration(last.seconds), pictures));
        let mut speeds: Vec<f64> = content
            .rows
            .iter()
            .map(|row| row.pictures_per_second)
            .collect();
        speeds.sort_by(f64::total_cmp);
        let device = format!("median, on {}", escape(content.device));
        facts.push((
            "pictures per second",
            number(speeds[speeds.len() / 2]),
            device,
        ));
    } else {
        facts.push((
            "device",
            escape(content.device),
            "no step has been reported yet".into(),
        ));
    }
    let facts: String = facts
        .iter()
        .map(|(name, value, note)| {
            format!("<div><dt>{name}</dt><dd><b>{value}</b> <small>{note}</small></dd></div>\n")
        })
        .collect();
    format!("<dl class=\"facts\">\n{facts}</dl>\n")
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
fn validations(rows: &[Row]) -> String {
    let lines: String = rows
        .iter()
        .filter_map(|row| Some((row, row.validation?)))
        .map(|(row, said)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                number(row.epoch),
                counted(row.step),
                row.size,
                number(row.learning_rate),
                nats(row.loss),
                nats(said.loss),
                percent(said.top_1),
                percent(said.top_5),
            )
        })
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let body = format!(
        "<details><summary>Show the table</summary>\n<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr>\
         <th scope=\"col\">epoch</th><th scope=\"col\">step</th><th scope=\"col\">size, px</th>\
         <th scope=\"col\">learning rate</th><th scope=\"col\">training loss</th>\
         <th scope=\"col\">validation loss</th><th scope=\"col\">top-1</th><th scope=\"col\">top-5</th>\
         </tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div></details>\n"
    );
    framed(
        "numbers",
        "Validations in numbers",
        "The same as the curves above, once for each time the validation set was asked.",
        &body,
    )
}

/// Which files were left out, and why.
fn skipped(files: &[(PathBuf, String)]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let lines: String = files
        .iter()
        .map(|(path, reason)| {
            let path = escape(&path.display().to_string());
            format!(
                "<tr><th scope=\"row\">{path}</th><td>{}</td></tr>\n",
                escape(reason)
            )
        })
        .collect();
    let (count, verb) = match files.len() {
        1 => ("1 file".to_string(), "was"),
        count => (format!("{} files", counted(count as u64)), "were"),
    };
    let lead = format!(
        "{count} could not be read and {verb} left out of the training and of every number above."
    );
    let body = format!(
        "<div class=\"scroll\"><table class=\"skipped\">\n<tbody>\n{lines}</tbody>\n</table></div>\n"
    );
    framed("skipped", "Skipped files", &lead, &body)
}
