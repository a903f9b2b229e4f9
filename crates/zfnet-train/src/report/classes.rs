//! Which classes are known, and what the others are taken for.

use image::ExtendedColorType;
use maud::{Markup, html};

use super::framed;
use super::snapshot::encode;
use super::text::{counted, data_url, percent};

/// With more classes than this, the matrix is a picture of one pixel per pair.
const IN_CELLS: usize = 60;
/// Confusions told in words.
const TOLD: usize = 10;

/// Accuracy of each class, the commonest confusions in words, and the whole matrix.
pub(super) fn section(names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let total: u64 = confusion
        .iter()
        .flatten()
        .map(|count| u64::from(*count))
        .sum();
    if total == 0 {
        return Markup::default();
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
    let lead = format!(
        "{} of {} validation pictures are named right, {}; by class, the best known first.",
        counted(right),
        counted(total),
        percent(right as f64 / total as f64),
    );
    html! {
        (framed("classes", "Classes", &lead, accuracies(names, confusion)))
        (framed(
            "confusions",
            "Confusions",
            "Rows are what a picture shows, columns what it was taken for. Colour is the share of the row; the diagonal is \
             what was named right.",
            html! { (told(names, confusion)) (matrix) },
        ))
    }
}

/// A class's name, or its number where it has none.
fn name(names: &[String], class: usize) -> String {
    names
        .get(class)
        .cloned()
        .unwrap_or_else(|| format!("class {class}"))
}

fn sum(row: &[u32]) -> u64 {
    row.iter().map(|count| u64::from(*count)).sum()
}

fn accuracies(names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let known = confusion.iter().enumerate().filter_map(|(class, row)| {
        let (right, all) = (row.get(class).copied().unwrap_or(0), sum(row));
        (all > 0).then(|| (f64::from(right) / all as f64, class, right, all))
    });
    let mut known: Vec<_> = known.collect();
    // A stable sort: equals keep the order of the classes.
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    html! {
        ol.accuracies {
            @for (share, class, right, all) in known {
                li {
                    span { (name(names, class)) }
                    i style=(format!("--share:{share:.4}")) {}
                    b { (format!("{:.0}\u{202f}%", share * 100.0)) }
                    small { (right) " of " (counted(all)) }
                }
            }
        }
    }
}

/// The commonest confusions in words.
fn told(names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for (class, row) in confusion.iter().enumerate() {
        let wrong = row
            .iter()
            .enumerate()
            .filter(|(answer, count)| *answer != class && **count > 0);
        pairs.extend(wrong.map(|(answer, count)| (*count, class, answer)));
    }
    if pairs.is_empty() {
        return html! { p { "No picture was taken for anything else." } };
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    html! {
        ol.told {
            @for (count, class, answer) in pairs.into_iter().take(TOLD) {
                @let all = sum(&confusion[class]);
                @let verb = if count == 1 { "was" } else { "were" };
                li {
                    (count) " of " (counted(all)) " pictures of " b { (name(names, class)) } " " (verb) " taken for "
                    b { (name(names, answer)) } " " small { (percent(f64::from(count) / all as f64)) }
                }
            }
        }
    }
}

/// The matrix as a table that can be read cell by cell.
fn cells(names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let classes = confusion.len();
    html! {
        div.scroll { table.confusion style=(format!("--classes:{classes}")) {
            thead { tr {
                td {}
                @for class in 0..classes { th scope="col" { span { (name(names, class)) } } }
            } }
            tbody {
                @for (class, row) in confusion.iter().enumerate() {
                    tr {
                        th scope="row" { (name(names, class)) }
                        @for (answer, count) in row.iter().enumerate() {
                            (cell(names, class, answer, *count, sum(row).max(1)))
                        }
                    }
                }
            }
        } }
    }
}

/// How many of `all` pictures of a class were taken for another.
fn cell(names: &[String], class: usize, answer: usize, count: u32, all: u64) -> Markup {
    let right = (answer == class).then_some("right");
    if count == 0 {
        return html! { td class=[right] {} };
    }
    let share = f64::from(count) / all as f64;
    let [of, taken] = [class, answer].map(|class| name(names, class));
    let title = format!(
        "{of} taken for {taken}: {count} of {all}, {}",
        percent(share)
    );
    html! {
        td class=[right] style=(format!("--share:{share:.3}")) title=(title) { (count) }
    }
}

/// The matrix as a picture, viridis over the square root of the share, so that rare confusions show.
fn pixels(confusion: &[Vec<u32>]) -> Markup {
    let classes = confusion.len();
    let mut rgb = Vec::with_capacity(classes * classes * 3);
    for row in confusion {
        let all = sum(row).max(1) as f32;
        for answer in 0..classes {
            let share = row.get(answer).copied().unwrap_or(0) as f32 / all;
            rgb.extend_from_slice(
                &zfnet::pictures::rendering::viridis(share.sqrt(), 0.0, 1.0)[..3],
            );
        }
    }
    match encode(
        &rgb,
        classes as u32,
        classes as u32,
        ExtendedColorType::Rgb8,
    ) {
        Ok(png) => html! {
            img.pixels.matrix alt=(format!("Confusion matrix of {classes} classes")) src=(data_url(&png));
        },
        Err(error) => html! { p { (error.to_string()) } },
    }
}
