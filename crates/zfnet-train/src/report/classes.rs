//! Which classes are known, and what the others are taken for.

use image::ExtendedColorType;
use maud::{Markup, PreEscaped, html};
use zfnet_words::{Words, say};

use super::framed;
use super::snapshot::encode;
use super::text::{counted, data_url, percent};

/// With more classes than this, the matrix is a picture of one pixel per pair.
const IN_CELLS: usize = 60;
/// Confusions told in words.
const TOLD: usize = 10;

/// Accuracy of each class, the commonest confusions in words, and the whole matrix.
pub(super) fn section(words: Words, names: &[String], confusion: &[Vec<u32>]) -> Markup {
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
        ..=IN_CELLS => cells(words, names, confusion),
        _ => pixels(words, confusion),
    };
    let share = percent(words, right as f64 / total as f64);
    let (right, all) = (counted(right), counted(total));
    let lead = say!(
        words,
        "reportClassesText",
        right = right,
        all = all,
        share = share
    );
    html! {
        (framed("classes", say!(words, "reportClasses"), &lead, accuracies(words, names, confusion)))
        (framed(
            "confusions",
            say!(words, "reportConfusions"),
            say!(words, "reportConfusionsText"),
            html! { (told(words, names, confusion)) (matrix) },
        ))
    }
}

/// A class's name, or its number where it has none.
fn name(words: Words, names: &[String], class: usize) -> String {
    names
        .get(class)
        .cloned()
        .unwrap_or_else(|| say!(words, "classUnnamed", index = class))
}

fn sum(row: &[u32]) -> u64 {
    row.iter().map(|count| u64::from(*count)).sum()
}

fn accuracies(words: Words, names: &[String], confusion: &[Vec<u32>]) -> Markup {
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
                    span { (name(words, names, class)) }
                    i style=(format!("--share:{share:.4}")) {}
                    b { (format!("{:.0}\u{202f}%", share * 100.0)) }
                    small { (say!(words, "reportOfAll", right = right, all = counted(all))) }
                }
            }
        }
    }
}

/// The commonest confusions in words.
fn told(words: Words, names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for (class, row) in confusion.iter().enumerate() {
        let wrong = row
            .iter()
            .enumerate()
            .filter(|(answer, count)| *answer != class && **count > 0);
        pairs.extend(wrong.map(|(answer, count)| (*count, class, answer)));
    }
    if pairs.is_empty() {
        return html! { p { (say!(words, "reportNoConfusion")) } };
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    html! {
        ol.told {
            @for (count, class, answer) in pairs.into_iter().take(TOLD) {
                @let all = sum(&confusion[class]);
                @let [of, taken] = [class, answer].map(|class| html! { b { (name(words, names, class)) } }.into_string());
                @let share = percent(words, f64::from(count) / all as f64);
                li {
                    (PreEscaped(match count {
                        1 => say!(words, "reportTakenOne", all = counted(all), class = of, answer = taken),
                        _ => say!(words, "reportTakenMany", count = count, all = counted(all), class = of, answer = taken),
                    }))
                    " " small { (share) }
                }
            }
        }
    }
}

/// The matrix as a table that can be read cell by cell.
fn cells(words: Words, names: &[String], confusion: &[Vec<u32>]) -> Markup {
    let classes = confusion.len();
    html! {
        div.scroll { table.confusion style=(format!("--classes:{classes}")) {
            thead { tr {
                td {}
                @for class in 0..classes { th scope="col" { span { (name(words, names, class)) } } }
            } }
            tbody {
                @for (class, row) in confusion.iter().enumerate() {
                    tr {
                        th scope="row" { (name(words, names, class)) }
                        @for (answer, count) in row.iter().enumerate() {
                            (cell(words, names, [class, answer], *count, sum(row).max(1)))
                        }
                    }
                }
            }
        } }
    }
}

/// How many of `all` pictures of a class were taken for another.
fn cell(
    words: Words,
    names: &[String],
    [class, answer]: [usize; 2],
    count: u32,
    all: u64,
) -> Markup {
    let right = (answer == class).then_some("right");
    if count == 0 {
        return html! { td class=[right] {} };
    }
    let share = f64::from(count) / all as f64;
    let [of, taken] = [class, answer].map(|class| name(words, names, class));
    let shown = percent(words, share);
    let title = say!(
        words,
        "reportTaken",
        class = of,
        answer = taken,
        count = count,
        all = all,
        share = shown
    );
    html! {
        td class=[right] style=(format!("--share:{share:.3}")) title=(title) { (count) }
    }
}

/// The matrix as a picture, viridis over the square root of the share, so that rare confusions show.
fn pixels(words: Words, confusion: &[Vec<u32>]) -> Markup {
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
            img.pixels.matrix alt=(say!(words, "reportMatrix", classes = classes)) src=(data_url(&png));
        },
        Err(error) => html! { p { (words.message(&error.to_string())) } },
    }
}
