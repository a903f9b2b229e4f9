//! Which classes are known, and what the others are taken for.

use image::ExtendedColorType;

use super::framed;
use super::snapshot::encode;
use super::text::{counted, data_url, escape, percent};

/// With more classes than this, the matrix is a picture of one pixel per pair.
const IN_CELLS: usize = 60;
/// Confusions told in words.
const TOLD: usize = 10;

/// Accuracy of each class, the commonest confusions in words, and the whole matrix.
pub(super) fn section(names: &[String], confusion: &[Vec<u32>]) -> String {
    let total: u64 = confusion
        .iter()
        .flatten()
        .map(|count| u64::from(*count))
        .sum();
    if total == 0 {
        return String::new();
    }
    let right: u64 = confusion
        .iter()
        .enumerate()
        .map(|(at, row)| u64::from(row.get(at).copied().unwrap_or(0)))
        .sum();
    let matrix = match confusion.len() {
        ..=IN_CELLS => cells(names, confusion),
        _ => pixels(confusion),
    };
    [
        framed(
            "classes",
            "Classes",
            &format!(
                "{} of {} validation pictures are named right, {}; by class, the best known first.",
                counted(right),
                counted(total),
                percent(right as f64 / total as f64),
            ),
            &accuracies(names, confusion),
        ),
        framed(
            "confusions",
            "Confusions",
            "Rows are what a picture shows, columns what it was taken for. Colour is the share of the row; the diagonal is \
             what was named right.",
            &format!("{}{matrix}", told(names, confusion)),
        ),
    ]
    .concat()
}

/// A class's name, or its number where it has none.
fn name(names: &[String], class: usize) -> String {
    names
        .get(class)
        .map_or_else(|| format!("class {class}"), |name| escape(name))
}

fn sum(row: &[u32]) -> u64 {
    row.iter().map(|count| u64::from(*count)).sum()
}

fn accuracies(names: &[String], confusion: &[Vec<u32>]) -> String {
    let mut lines: Vec<(f64, String)> = confusion
        .iter()
        .enumerate()
        .filter_map(|(class, row)| {
            let (right, all) = (row.get(class).copied().unwrap_or(0), sum(row));
            (all > 0).then(|| {
                let share = f64::from(right) / all as f64;
                let line = format!(
                    "<li><span>{}</span><i style=\"--share:{share:.4}\"></i><b>{:.0}\u{202f}%</b><small>{right} of {}</small></li>\n",
                    name(names, class),
                    share * 100.0,
                    counted(all),
                );
                (share, line)
            })
        })
        .collect();
    // A stable sort: equals keep the order of the classes.
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lines: String = lines.into_iter().map(|line| line.1).collect();
    format!("<ol class=\"accuracies\">\n{lines}</ol>\n")
}

/// The commonest confusions in words.
fn told(names: &[String], confusion: &[Vec<u32>]) -> String {
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for (class, row) in confusion.iter().enumerate() {
        let wrong = row
            .iter()
            .enumerate()
            .filter(|(answer, count)| *answer != class && **count > 0);
        pairs.extend(wrong.map(|(answer, count)| (*count, class, answer)));
    }
    if pairs.is_empty() {
        return "<p>No picture was taken for anything else.</p>\n".into();
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let lines: String = pairs
        .iter()
        .take(TOLD)
        .map(|(count, class, answer)| {
            let all = sum(&confusion[*class]);
            let verb = if *count == 1 { "was" } else { "were" };
            format!(
                "<li>{count} of {} pictures of <b>{}</b> {verb} taken for <b>{}</b> <small>{}</small></li>\n",
                counted(all),
                name(names, *class),
                name(names, *answer),
                percent(f64::from(*count) / all as f64),
            )
        })
        .collect();
    format!("<ol class=\"told\">\n{lines}</ol>\n")
}

/// The matrix as a table that can be read cell by cell.
fn cells(names: &[String], confusion: &[Vec<u32>]) -> String {
    let classes = confusion.len();
    let heads: String = (0..classes)
        .map(|class| format!("<th scope=\"col\"><span>{}</span></th>", name(names, class)))
        .collect();
    let mut lines = String::new();
    for (class, row) in confusion.iter().enumerate() {
        let all = sum(row).max(1);
        lines += &format!("<tr><th scope=\"row\">{}</th>", name(names, class));
        for (answer, count) in row.iter().enumerate() {
            let right = if answer == class {
                " class=\"right\""
            } else {
                ""
            };
            lines += &match count {
                0 => format!("<td{right}></td>"),
                count => {
                    let share = f64::from(*count) / all as f64;
                    format!(
                        "<td{right} style=\"--share:{share:.3}\" title=\"{} taken for {}: {count} of {all}, {}\">{count}</td>",
                        name(names, class),
                        name(names, answer),
                        percent(share),
                    )
                }
            };
        }
        lines += "</tr>\n";
    }
    format!(
        "<div class=\"scroll\"><table class=\"confusion\" style=\"--classes:{classes}\">\n<thead><tr><td></td>{heads}</tr></thead>\n\
         <tbody>\n{lines}</tbody>\n</table></div>\n"
    )
}

/// The matrix as a picture, viridis over the square root of the share, so that rare confusions show.
fn pixels(confusion: &[Vec<u32>]) -> String {
    let classes = confusion.len();
    let mut rgb = Vec::with_capacity(classes * classes * 3);
    for row in confusion {
        let all = sum(row).max(1) as f32;
        for answer in 0..classes {
            let share = row.get(answer).copied().unwrap_or(0) as f32 / all;
            rgb.extend_from_slice(&zfnet::rendering::viridis(share.sqrt(), 0.0, 1.0)[..3]);
        }
    }
    match encode(
        &rgb,
        classes as u32,
        classes as u32,
        ExtendedColorType::Rgb8,
    ) {
        Ok(png) => format!(
            "<img class=\"pixels matrix\" alt=\"Confusion matrix of {classes} classes\" src=\"{}\">\n",
            data_url(&png)
        ),
        Err(error) => format!("<p>{}</p>\n", escape(&error.to_string())),
    }
}
