//! `zf-lens inspect`: the architecture's table and graph, what follows from them, and a summary of the weights.

mod graph;
mod summary;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;
use zfnet::network::architecture::{Architecture, INPUT, Shape};
use zfnet::network::architectures;
use zfnet::network::plan::{Plan, PlannedLayer};
use zfnet_words::say;

use self::summary::LayerSummary;
use crate::failure::{Outcome, bad_input};
use crate::globals::Globals;
use crate::language::words;
use crate::lens::Lens;
use crate::options::count;
use crate::output::{self, padded};

/// Which network.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A named architecture, without weights
    #[arg(long, value_name = "NAME", value_parser = architectures::NAMES)]
    arch: Option<String>,
    /// Units of the hidden dense layers [default: as published]
    #[arg(long, value_name = "N", requires = "arch", value_parser = count)]
    dense: Option<usize>,
    /// Number of classes
    #[arg(long, value_name = "N", requires = "arch", default_value = "1000", value_parser = count)]
    classes: usize,
    /// The graph alone, in the language of Graphviz
    #[arg(long, conflicts_with = "json")]
    dot: bool,
}

/// What a photograph is to a named architecture.
const PHOTOGRAPH: Shape = [3, 224, 224];

pub(crate) fn run(arguments: &Arguments, globals: &Globals) -> anyhow::Result<Outcome> {
    if let Some(name) = &arguments.arch {
        let architecture = Architecture::named(name, arguments.dense, arguments.classes)
            .ok_or_else(|| {
                bad_input(
                    "--arch",
                    format!("one of {}", architectures::NAMES.join(", ")),
                    name,
                )
            })?;
        let plan = architecture.plan(PHOTOGRAPH)?;
        match (arguments.dot, globals.json) {
            (true, _) => output::line(&graph::dot(name, &plan))?,
            (false, true) => output::json(vec![described(name, &plan)], false)?,
            (false, false) => output::line(&table(name, &plan))?,
        }
        return Ok(Outcome::Done);
    }
    let lens = Lens::open(globals)?;
    let network = lens.network();
    let name = &network.model.name;
    if arguments.dot {
        output::line(&graph::dot(name, &network.plan))?;
        return Ok(Outcome::Done);
    }
    let layers = summary::of_network(&lens.loaded)?;
    if globals.json {
        let mut value = described(name, &network.plan);
        value["preprocessing"] = serde_json::to_value(&network.model.input)?;
        value["classes"] = serde_json::to_value(&network.model.classes)?;
        value["provenance"] = network.model.provenance.clone();
        value["weights"] = json!({
            "source": lens.loaded.source.to_string_lossy(),
            "files": lens.loaded.files,
            "layers": layers,
        });
        output::json(vec![value], false)?;
    } else {
        output::line(&format!(
            "{}\n\n{}",
            table(name, &network.plan),
            weights(&lens, &layers)
        ))?;
    }
    Ok(Outcome::Done)
}

fn described(name: &str, plan: &Plan) -> Value {
    let input = plan.input();
    let [_, rows, cols] = input;
    let layers = plan.iter().map(|planned| {
        let mut value = json!({
            "input": planned.input,
            "output": planned.output,
            "receptive_field": planned.field.told([rows, cols]),
            "parameters": planned.parameters,
            "multiply_adds": planned.multiply_adds,
        });
        // The row of the table itself: name, op, kernel, stride, …
        if let (Ok(Value::Object(row)), Value::Object(value)) =
            (serde_json::to_value(&planned.layer), &mut value)
        {
            value.extend(row);
        }
        value
    });
    json!({
        "name": name,
        "input": input,
        "layers": layers.collect::<Vec<_>>(),
        "edges": graph::edges(plan),
        "parameters": plan.iter().map(|planned| planned.parameters).sum::<usize>(),
        "multiply_adds": plan.iter().map(|planned| planned.multiply_adds).sum::<u64>(),
    })
}

fn table(name: &str, plan: &Plan) -> String {
    let [channels, rows, cols] = plan.input();
    let mut lines = vec![
        [
            say!(words(), "columnLayer"),
            say!(words(), "columnOperation"),
            say!(words(), "columnOutput"),
            say!(words(), "columnField"),
            say!(words(), "columnStride"),
            say!(words(), "columnOffset"),
            say!(words(), "columnParameters"),
            say!(words(), "columnMultiplyAdds"),
        ]
        .map(String::from),
    ];
    lines.extend(plan.iter().map(|planned| {
        let field = planned.field.told([rows, cols]);
        [
            planned.layer.name.clone(),
            planned.layer.op.name().into(),
            graph::shape(planned.output),
            pair(field.size),
            pair(field.stride),
            if field.offset[0] == field.offset[1] {
                field.offset[0].to_string()
            } else {
                format!("{},{}", field.offset[0], field.offset[1])
            },
            grouped(planned.parameters as u64),
            grouped(planned.multiply_adds),
        ]
    }));
    let total = |count: fn(&PlannedLayer) -> u64| grouped(plan.iter().map(count).sum());
    let mut last = [const { String::new() }; 8];
    last[0] = say!(words(), "columnTotal").into();
    last[6] = total(|planned| planned.parameters as u64);
    last[7] = total(|planned| planned.multiply_adds);
    lines.push(last);
    if let Some(rails) = graph::rails(plan) {
        let mut input = [const { String::new() }; 8];
        input[0] = INPUT.into();
        input[2] = graph::shape(plan.input());
        lines.insert(1, input);
        let blank = " ".repeat(rails[0].width());
        let rails = [&blank].into_iter().chain(&rails).chain([&blank]);
        for (line, rail) in lines.iter_mut().zip(rails) {
            line[0] = format!("{rail}  {}", line[0]);
        }
    }
    let title = say!(
        words(),
        "inspectTitle",
        name = name,
        channels = channels,
        rows = rows,
        cols = cols
    );
    format!("{title}\n\n{}", aligned(&lines, 2))
}

fn weights(lens: &Lens, layers: &[LayerSummary]) -> String {
    let head = [
        say!(words(), "columnFile"),
        say!(words(), "columnShard"),
        say!(words(), "columnBytes"),
        "SHA-256",
    ];
    let mut files = vec![head.map(String::from)];
    files.extend(lens.loaded.files.iter().map(|file| {
        [
            file.path.clone(),
            file.shard.name().into(),
            grouped(file.bytes),
            file.sha256.clone(),
        ]
    }));
    let mut lines = vec![
        [
            say!(words(), "columnLayer"),
            say!(words(), "columnShape"),
            say!(words(), "columnSmallest"),
            say!(words(), "columnLargest"),
            say!(words(), "columnRms"),
            say!(words(), "columnBias"),
            say!(words(), "columnDead"),
        ]
        .map(String::from),
    ];
    lines.extend(layers.iter().map(|layer| {
        [
            layer.layer.clone(),
            layer
                .shape
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("×"),
            format!("{:.4}", layer.min),
            format!("{:.4}", layer.max),
            format!("{:.4}", layer.rms),
            match (layer.bias_min, layer.bias_max) {
                (Some(from), Some(to)) => say!(
                    words(),
                    "fromTo",
                    from = format_args!("{from:.4}"),
                    to = format_args!("{to:.4}")
                ),
                _ => "–".into(),
            },
            layer.dead.len().to_string(),
        ]
    }));
    let classes = lens.network().model.classes.len();
    let source = say!(
        words(),
        "inspectSource",
        count = classes,
        path = output::shown(&lens.loaded.source)
    );
    format!(
        "{}\n\n{}\n\n{source}",
        aligned(&files, 4),
        aligned(&lines, 2)
    )
}

fn pair([rows, cols]: [usize; 2]) -> String {
    if rows == cols {
        rows.to_string()
    } else {
        format!("{rows}×{cols}")
    }
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Columns of equal width, the first `names` of them flush left, the rest flush right.
fn aligned<const N: usize>(lines: &[[String; N]], names: usize) -> String {
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let padded = lines.iter().map(|line| {
        let cells =
            line.iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| match column < names {
                    true => padded(cell, *width),
                    false => format!("{}{cell}", " ".repeat(width - cell.width())),
                });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    padded.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1000, 62_357_608].map(grouped),
            ["0", "999", "1,000", "62,357,608"]
        );
    }

    #[test]
    fn columns_line_up() {
        let lines = [
            ["a", "1"].map(String::from),
            ["long", "100"].map(String::from),
        ];
        assert_eq!(aligned(&lines, 1), "a       1\nlong  100");
    }
}
