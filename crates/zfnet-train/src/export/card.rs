//! The model card: what a weights file says about itself, for people.

use std::fmt::Write;

use serde_json::Value;
use zfnet::Model;
use zfnet::files::manifest::File;
use zfnet::files::weights::Precision;
use zfnet::network::architecture::{Conv, Dense, Op};
use zfnet::network::model::Channels;

use super::fidelity::Fidelity;
use super::precision_name;
use crate::evaluation::Evaluated;

/// Wrong answers to a class that a card names.
const ANSWERS: usize = 3;

/// What was measured for a card; every part may be missing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Measured<'a> {
    /// Accuracy of the network as it was given and as it is stored, and the command that measures the latter.
    pub accuracy: Option<(&'a Evaluated, &'a Evaluated, &'a str)>,
    /// How much the projections differ.
    pub fidelity: Option<&'a Fidelity>,
}

/// Writes a card in Markdown from a network's own description, its files and what was measured.
pub fn card(model: &Model, files: &[File], precision: Precision, measured: Measured<'_>) -> String {
    let mut text = format!("# {}\n\n", line(&model.name));
    let classes = match model.classes.len() {
        0 => "without names for its classes".into(),
        count => format!("{count} classes"),
    };
    let [rows, cols] = model.input.size;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "A convolutional network for photographs of {cols}×{rows} pixels, {classes}.\n"
    );
    let rows = [
        ("layers", layers(model)),
        ("parameters", parameters(model)),
        ("input", input(model)),
        ("stored as", precision_name(precision).to_uppercase()),
    ];
    table(
        &mut text,
        &["", ""],
        rows.map(|(key, value)| vec![key.to_owned(), value]),
    );
    let files = files.iter().map(|file| {
        let shard = file.shard.name().to_owned();
        vec![
            shard,
            format!("`{}`", file.path),
            file.bytes.to_string(),
            format!("`{}`", file.sha256),
        ]
    });
    text += "\n## Files\n\n";
    table(&mut text, &["shard", "file", "bytes", "SHA-256"], files);
    measurements(&mut text, measured);
    if let Some((_, stored, _)) = measured.accuracy {
        class_by_class(&mut text, model, stored);
    }
    if !model.classes.is_empty() {
        let names = model.classes.iter().map(|class| match &class.zh {
            Some(zh) => format!("{} {}", line(&class.en), line(zh)),
            None => line(&class.en),
        });
        let _ = writeln!(
            text,
            "\n## Classes\n\n{}.",
            names.collect::<Vec<_>>().join(", ")
        );
    }
    let mut entries = Vec::new();
    flatten(String::new(), &model.provenance, &mut entries);
    if !entries.is_empty() {
        text += "\n## Provenance\n\n";
        table(
            &mut text,
            &["", ""],
            entries.into_iter().map(|(key, value)| vec![key, value]),
        );
    }
    text
}

fn measurements(text: &mut String, measured: Measured<'_>) {
    if measured.accuracy.is_some() || measured.fidelity.is_some() {
        text.push_str("\n## Measured\n\n");
    }
    if let Some((given, stored, command)) = measured.accuracy {
        let _ = writeln!(
            text,
            "On {} photographs of the validation set, one centre crop each, by `{command}`:\n",
            stored.pictures
        );
        let percent = |name: &str, of: fn(&Evaluated) -> f64| {
            let [given, stored] = [given, stored].map(|evaluated| of(evaluated) * 100.0);
            let loss = format!("{:+.2}", stored - given);
            vec![
                name.to_owned(),
                format!("{given:.2} %"),
                format!("{stored:.2} %"),
                loss,
            ]
        };
        let entropy = vec![
            "cross entropy".into(),
            format!("{:.4}", given.loss),
            format!("{:.4}", stored.loss),
            format!("{:+.4}", stored.loss - given.loss),
        ];
        let rows = [
            percent("top-1", |e| e.top_1),
            percent("top-5", |e| e.top_5),
            entropy,
        ];
        table(text, &["", "as given", "as stored", "difference"], rows);
    }
    if let Some(fidelity) = measured.fidelity {
        let decibels =
            |value: Option<f64>| value.map_or("no difference".into(), |v| format!("{v:.1} dB"));
        let _ = writeln!(
            text,
            "\nProjections of the strongest {} units on {} photographs, {} in all, against the weights as given: PSNR {}, worst unit {}.",
            fidelity.layer,
            fidelity.photographs,
            fidelity.units,
            decibels(fidelity.psnr),
            decibels(fidelity.worst)
        );
    }
}

/// Accuracy of each class, the best known first, and what the others are most often taken for.
fn class_by_class(text: &mut String, model: &Model, evaluated: &Evaluated) {
    let name = |class: usize| match model.classes.get(class) {
        Some(name) => line(&name.en),
        None => format!("class {class}"),
    };
    text.push_str("\n### Class by class\n\n");
    let pictures = evaluated.class_pictures();
    let mut known: Vec<_> = { evaluated.class_accuracy().into_iter().enumerate() }
        .filter_map(|(class, share)| share.map(|share| (class, share)))
        .collect();
    // A stable sort: equals keep the order of the classes.
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rows = known.into_iter().map(|(class, share)| {
        let taken = confusions(&evaluated.confusion[class], class);
        let taken = { taken.into_iter().take(ANSWERS) }
            .map(|(answer, count)| format!("{} {count}", name(answer)));
        vec![
            name(class),
            pictures[class].to_string(),
            format!("{:.0} %", share * 100.0),
            taken.collect::<Vec<_>>().join(", "),
        ]
    });
    let titles = ["class", "photographs", "top-1", "taken for"];
    table(text, &titles, rows);
}

/// The wrong answers to a class's pictures with their counts, the commonest first.
fn confusions(row: &[u32], class: usize) -> Vec<(usize, u32)> {
    let answers = row.iter().copied().enumerate();
    let mut wrong: Vec<_> = answers
        .filter(|(answer, count)| *answer != class && *count > 0)
        .collect();
    wrong.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    wrong
}

/// Every layer with weights: maps, kernel and stride of a convolution, units of a dense one.
fn layers(model: &Model) -> String {
    let layers = model
        .architecture
        .layers
        .iter()
        .filter_map(|layer| match &layer.op {
            Op::Conv(Conv {
                out,
                kernel,
                stride,
                ..
            }) => Some(format!(
                "{} {out} maps {}×{}{}",
                layer.name,
                kernel[0],
                kernel[1],
                if stride[0] > 1 {
                    format!(" / {}", stride[0])
                } else {
                    String::new()
                }
            )),
            Op::Dense(Dense { out }) => Some(format!("{} {out}", layer.name)),
            _ => None,
        });
    layers.collect::<Vec<_>>().join(", ")
}

fn parameters(model: &Model) -> String {
    let count = model
        .plan()
        .map(|plan| plan.iter().map(|layer| layer.parameters).sum::<usize>());
    // A network that could be loaded has a plan.
    count.map_or("unknown".into(), |count| count.to_string())
}

fn input(model: &Model) -> String {
    let input = &model.input;
    let order = match input.channels {
        Channels::Rgb => "RGB",
        Channels::Bgr => "BGR",
    };
    let mut text = format!(
        "short side to {} (bilinear with antialiasing), centre {cols}×{rows}, {order} 0…{} minus {:?}",
        input.resize_short_side,
        input.range,
        input.mean,
        rows = input.size[0],
        cols = input.size[1],
    );
    if input.std.iter().any(|deviation| *deviation != 1.0) {
        let _ = write!(text, " over {:?}", input.std);
    }
    text
}

/// Free-form JSON as rows: nested keys with dots between them, lists of plain values in one row.
fn flatten(key: String, value: &Value, rows: &mut Vec<(String, String)>) {
    let below = |name: &str| match key.is_empty() {
        true => name.to_owned(),
        false => format!("{key}.{name}"),
    };
    match value {
        Value::Null => {}
        Value::Object(entries) => {
            for (name, value) in entries {
                flatten(below(name), value, rows);
            }
        }
        Value::Array(values) if values.iter().any(|v| v.is_object() || v.is_array()) => {
            for (at, value) in values.iter().enumerate() {
                flatten(below(&at.to_string()), value, rows);
            }
        }
        Value::Array(values) => {
            let shown: Vec<String> = values.iter().map(plain).collect();
            rows.push((key, shown.join(", ")));
        }
        value => rows.push((key, plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Writes a table; cells are kept on one line.
fn table(text: &mut String, titles: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let _ = writeln!(text, "| {} |", titles.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(titles.len()));
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| line(cell).replace('|', "\\|"))
            .collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// Text without line breaks.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
