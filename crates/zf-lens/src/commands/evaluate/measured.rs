//! Measurements as text, tables and pictures.

use std::iter;
use std::path::Path;

use unicode_width::UnicodeWidthStr;
use zfnet::pictures::rendering;
use zfnet_train::evaluation::Evaluated;
use zfnet_train::measures::Measures;
use zfnet_words::say;

use crate::csv;
use crate::figure::write_picture;
use crate::language::words;
use crate::output::{self, padded};

/// Side of a heat map's cell, in pixels.
const CELL: usize = 16;

/// How often the network was right.
pub(super) fn accuracy(evaluated: &Evaluated, crops: &str) -> String {
    let crops = match crops {
        "one" => say!(words(), "evaluateOneCrop"),
        _ => say!(words(), "evaluateTenCrops"),
    };
    let [top_1, top_5, loss] =
        ["top-1", "top-5", say!(words(), "evaluateLoss")].map(|name| padded(name, 5));
    format!(
        "{}, {crops}\n{top_1}  {:5.1} %\n{top_5}  {:5.1} %\n{loss}  {:7.3}",
        photographs(evaluated.pictures),
        evaluated.top_1 * 100.0,
        evaluated.top_5 * 100.0,
        evaluated.loss,
    )
}

/// A line for each class that has photographs: how many, how many of them right, and what the others were taken for.
pub(super) fn per_class(classes: &[String], evaluated: &Evaluated) -> String {
    let width = classes.iter().map(|name| name.width()).max().unwrap_or(0);
    let rows = classes
        .iter()
        .zip(evaluated.class_accuracy())
        .zip(&evaluated.confusion);
    let lines = rows
        .enumerate()
        .filter_map(|(class, ((name, accuracy), row))| {
            let pictures: u32 = row.iter().sum();
            let others = row
                .iter()
                .enumerate()
                .filter(|(other, count)| *other != class && **count > 0);
            let most = others.max_by_key(|(other, count)| (**count, std::cmp::Reverse(*other)));
            let mistaken = most.map_or(String::new(), |(other, count)| {
                format!("  {} {count}×", classes[other])
            });
            Some(format!(
                "{}  {pictures:6}  {:5.1} %{mistaken}",
                padded(name, width),
                accuracy? * 100.0
            ))
        });
    let title = format!(
        "{}  {}    top-1  {}",
        padded(say!(words(), "evaluateClass"), width),
        padded(say!(words(), "evaluatePhotos"), 6),
        say!(words(), "evaluateMistaken")
    );
    iter::once(title)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

fn photographs(count: usize) -> String {
    match count {
        1 => say!(words(), "onePhotograph").to_owned(),
        _ => say!(words(), "manyPhotographs", count = count),
    }
}

/// The three measures and the silent maps.
pub(super) fn pictures(measures: &Measures) -> String {
    let none = say!(words(), "none");
    let shown = |value: Option<f64>| value.map_or(none.into(), |value| format!("{value:.3}"));
    let filters = &measures.filters;
    let mut lines = vec![
        photographs(measures.photographs),
        say!(
            words(),
            "evaluateFilters",
            layer = format_args!("{:<6}", filters.layer),
            high = shown(filters.high_frequencies),
            negligible = filters.negligible.len(),
            count = filters.count
        ),
    ];
    lines.extend(measures.projections.iter().map(|projected| {
        say!(
            words(),
            "evaluateProjections",
            layer = format_args!("{:<6}", projected.layer),
            correlation = shown(projected.correlation),
            area = shown(projected.area),
            units = projected.units
        )
    }));
    let silent = measures
        .silent
        .iter()
        .map(|layer| format!("{} {}/{}", layer.layer, layer.silent.len(), layer.maps));
    let silent = silent.collect::<Vec<_>>().join(", ");
    lines.push(say!(words(), "evaluateSilent", layers = silent));
    lines.join("\n")
}

pub(super) fn is_png(path: &Path) -> bool {
    has_extension(path, "png")
}

pub(super) fn is_csv(path: &Path) -> bool {
    has_extension(path, "csv")
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// Writes a confusion matrix: a PNG shows the shares of each row, a CSV holds the counts.
///
/// # Errors
/// When the disk refuses.
pub(super) fn write_confusion(
    path: &Path,
    classes: &[String],
    confusion: &[Vec<u32>],
) -> anyhow::Result<()> {
    if is_csv(path) {
        return output::file(path, counts(classes, confusion).as_bytes());
    }
    let shares: Vec<f32> = confusion
        .iter()
        .flat_map(|row| {
            let pictures = row.iter().sum::<u32>().max(1) as f32;
            row.iter().map(move |count| *count as f32 / pictures)
        })
        .collect();
    let side = confusion.len();
    let picture = rendering::feature_map(&shares, [side, side], 0.0, 1.0);
    write_picture(path, picture.magnified(CELL))
}

/// A row for each true class, a column for each that was found in its place.
fn counts(classes: &[String], confusion: &[Vec<u32>]) -> String {
    let rows = classes.iter().zip(confusion).map(|(name, row)| {
        let counts = row.iter().map(ToString::to_string);
        iter::once(name.clone()).chain(counts).collect()
    });
    let header: Vec<_> = iter::once("true".to_owned())
        .chain(classes.iter().cloned())
        .collect();
    csv::table(&header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_names_with_commas_in_one_field() {
        let classes = ["cat".to_owned(), "big, \"wild\" cat".to_owned()];
        let text = counts(&classes, &[vec![3, 1], vec![0, 2]]);
        let wild = "\"big, \"\"wild\"\" cat\"";
        assert_eq!(text, format!("true,cat,{wild}\ncat,3,1\n{wild},0,2\n"));
    }

    #[test]
    fn a_class_says_what_it_was_mistaken_for_and_one_without_photographs_is_left_out() {
        let evaluated = Evaluated {
            pictures: 4,
            top_1: 0.5,
            top_5: 1.0,
            loss: 0.7,
            confusion: vec![vec![2, 1, 1], vec![0; 3], vec![0; 3]],
            skipped: Vec::new(),
        };
        let classes = ["cat", "dog", "bird"].map(String::from);
        let text = per_class(&classes, &evaluated);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[1], "cat        4   50.0 %  dog 1×");
    }
}
