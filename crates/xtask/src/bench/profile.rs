//! `cargo xtask bench --profile`: each layer's share of a forward pass, and of a unit's way down.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::figure::Figure;
use crate::process;
use crate::workspace::Workspace;

/// What stands for the whole way.
const ALL: &str = "all";
/// The ways, as `crates/zfnet/benches/profile.rs` names them, and their headings.
const WAYS: [(&str, &str); 2] = [
    ("up", "a forward pass"),
    ("down", "a unit of conv5 to pixels"),
];

/// A line of the benchmark.
#[derive(Deserialize)]
struct Line {
    way: String,
    layers: String,
    /// Nothing of a whole way.
    operation: Option<String>,
    /// Maps, rows and columns that it gives.
    shape: Option<[usize; 3]>,
    /// Where they are known.
    multiply_adds: Option<u64>,
    times_ns: Vec<f64>,
}

/// A line with its times as one.
struct Row {
    line: Line,
    figure: Figure,
}

/// Runs the profile and prints it; its figures by way and layers.
pub(super) fn profile(workspace: &Workspace, quick: bool) -> Result<BTreeMap<String, Figure>> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["bench", "--profile", "dev", "--bench", "profile"]);
    if quick {
        cargo.args(["--", "--quick"]);
    }
    let rows = read(&process::output(&mut cargo)?)?;
    for (way, heading) in WAYS {
        println!();
        for line in told(&rows, way, heading) {
            println!("{line}");
        }
    }
    let named = |row: Row| (format!("{}/{}", row.line.way, row.line.layers), row.figure);
    Ok(rows.into_iter().map(named).collect())
}

fn read(printed: &str) -> Result<Vec<Row>> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    let rows = lines.map(|line| {
        let line: Line = serde_json::from_str(line).context("a line of the profile")?;
        let figure = Figure::of(&line.times_ns).context("a line of the profile without times")?;
        Ok(Row { line, figure })
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    ensure!(!rows.is_empty(), "expected lines of a profile, found none");
    Ok(rows)
}

/// One way as lines of a table, and each operation's share of it.
fn told(rows: &[Row], way: &str, heading: &str) -> Vec<String> {
    let rows = || rows.iter().filter(|row| row.line.way == way);
    let (whole, parts): (Vec<_>, Vec<_>) = rows().partition(|row| row.line.layers == ALL);
    let sum: f64 = parts.iter().map(|row| row.figure.median_ns).sum();
    let mut lines: Vec<String> = { whole.iter() }
        .map(|row| format!("{heading:26}{}", row.figure))
        .collect();
    let mut operations = BTreeMap::<&str, f64>::new();
    for Row { line, figure } in &parts {
        let shape = line.shape.map(|shape| shape.map(|side| side.to_string()));
        let rate = line.multiply_adds.filter(|count| *count > 0);
        let rate = rate.map(|count| format!("  {:.1} GMAC/s", count as f64 / figure.median_ns));
        lines.push(format!(
            "  {:24}{:40}{:5.1} %  {}{}",
            line.layers,
            figure.to_string(),
            100.0 * figure.median_ns / sum,
            shape.map_or_else(String::new, |shape| shape.join("×")),
            rate.unwrap_or_default(),
        ));
        let operation = line.operation.as_deref().unwrap_or_default();
        *operations.entry(operation).or_default() += figure.median_ns;
    }
    let mut operations: Vec<_> = operations.into_iter().collect();
    operations.sort_by(|a, b| b.1.total_cmp(&a.1));
    let shares = operations.iter();
    let shares = shares.map(|(name, time)| format!("{name} {:.1} %", 100.0 * time / sum));
    lines.push(format!("  {}", shares.collect::<Vec<_>>().join(", ")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_layers_and_each_operations_share() {
        let printed = [
            r#"{"way":"up","layers":"all","times_ns":[4100.0]}"#,
            r#"{"way":"up","layers":"conv1","operation":"conv","shape":[2,3,4],"multiply_adds":6000,"times_ns":[3000.0]}"#,
            r#"{"way":"up","layers":"relu1","operation":"relu","shape":[2,3,4],"multiply_adds":0,"times_ns":[500.0]}"#,
            r#"{"way":"up","layers":"relu2","operation":"relu","shape":[2,3,4],"multiply_adds":0,"times_ns":[500.0]}"#,
            r#"{"way":"down","layers":"relu1, conv1","operation":"conv","shape":[1,8,8],"times_ns":[70.0]}"#,
        ];
        let rows = read(&printed.join("\n")).expect("lines");
        let lines = told(&rows, "up", "a forward pass");
        assert_eq!(lines.len(), 5);
        assert!(lines[0].starts_with("a forward pass") && lines[0].contains("4.10 µs"));
        assert!(
            lines[1].contains("75.0 %  2×3×4  2.0 GMAC/s"),
            "{}",
            lines[1]
        );
        assert!(lines[2].ends_with("12.5 %  2×3×4"), "{}", lines[2]);
        assert_eq!(lines[4], "  conv 75.0 %, relu 25.0 %");
        assert!(read("nothing").is_err());
    }
}
